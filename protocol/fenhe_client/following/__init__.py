"""A hub's own log followed from a cursor. Start at `follow`."""
