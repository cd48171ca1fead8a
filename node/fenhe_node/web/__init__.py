"""HTTP in: the feed's files with their access rule, the unit's pages, health. Start at `app`."""
