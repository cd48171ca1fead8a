"""A hub brought back, and an index made again from nothing. Start at `from_others`."""
