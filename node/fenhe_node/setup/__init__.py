"""A unit's first hour: what is done, what is next, what is missing, and the doing of each step."""
