"""A unit's file becomes records. Start at `file`."""
