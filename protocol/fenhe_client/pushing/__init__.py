"""What a publisher sends to a mirror by itself. Start at `push`."""
