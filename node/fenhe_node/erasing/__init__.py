"""Records gone for good: by hand (`for_good`), or by the unit's rule (`retention`)."""
