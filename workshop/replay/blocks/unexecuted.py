"""Blocks that are not executed: for another system, or only to read. They are counted."""

from workshop.lesson.reading import Block
from workshop.replay.learner import Learner


def run(block: Block, learner: Learner) -> None:
    """Do nothing."""
