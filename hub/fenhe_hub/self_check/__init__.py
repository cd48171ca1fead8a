"""What this hub stores read again and healed from nodes and other hubs."""
