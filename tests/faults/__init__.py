"""Faults on real servers. The docstring of each test is its promise; `full` ones are slow."""
