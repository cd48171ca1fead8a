"""A log read and verified: once for a mirror (`visit`), in passing (`verify`, `prove`)."""
