"""Visits: many at once (`rounds`), one from the lock to the verdict (`sync`)."""
