"""What was pushed and no visit has taken in yet. Start at `log`."""
