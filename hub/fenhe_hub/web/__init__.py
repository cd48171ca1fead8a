"""HTTP in: `fed`, the mirror, what units fetch for themselves, health. Start at `app.make_app`."""
