"""```text tree: the files that the learner should have now."""

from workshop.lesson.tree import compare


def run(block, learner):
    """Compare the tree with the project."""
    compare(block, learner.project)
