"""From the record store to signed leaves. Start at `publish`."""
