"""HTTP out, trusting nothing of what answers. Start at `fetch`."""
