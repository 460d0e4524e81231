"""```text tree: the files that the learner should have now."""

from workshop.lesson.reading import Block
from workshop.lesson.tree import compare
from workshop.replay.learner import Learner


def run(block: Block, learner: Learner) -> None:
    """Compare the tree with the project."""
    compare(block, learner.project)
