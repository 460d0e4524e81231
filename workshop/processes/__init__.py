"""Starts, watches, shows and stops processes; knows nothing of what they are."""
