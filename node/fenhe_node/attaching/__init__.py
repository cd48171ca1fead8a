"""Photos and documents of the unit: judged, cleaned, kept under their hash, named by records."""
