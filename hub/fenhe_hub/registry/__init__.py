"""Who is enrolled, by what right, and which hubs stand above this one. Start at `enrolled`."""
