"""A node's home brought back, or its log ended and begun anew. Start at `from_mirror`."""
