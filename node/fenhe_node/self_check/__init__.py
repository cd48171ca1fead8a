"""What this node stores read again and healed from its hubs."""
