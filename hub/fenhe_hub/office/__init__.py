"""What the staff of the hub do, and who of them may. Start at `acting.Office`, then `roles`."""
