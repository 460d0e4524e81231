"""Blocks that are not executed: for another system, or only to read. They are counted."""


def run(block, learner):
    """Do nothing."""
