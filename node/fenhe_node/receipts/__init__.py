"""Proof of when a hub or a witness held a record. Start at `earliest`."""
