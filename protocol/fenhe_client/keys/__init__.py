"""Keys and root documents: kept, changed, signed elsewhere, believed. Start at `own_keys`."""
