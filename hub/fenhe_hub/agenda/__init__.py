"""What is known of each log, and whom to visit next: `planner` decides, `visits` remembers."""
