"""```python file and ```diff: what the learner types into files."""

from workshop.lesson.files import apply, parts
from workshop.lesson.reading import Block
from workshop.replay.learner import Learner


def run(block: Block, learner: Learner) -> None:
    """Write the files, as the learner does in an editor."""
    for part in parts(block):
        learner.write(block, part.path, apply(block, part, learner.read(block, part.path)))
