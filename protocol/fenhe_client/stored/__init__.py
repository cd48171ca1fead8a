"""What lies on this disk, and how it gets there durably. Start at `files`."""
