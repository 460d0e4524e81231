"""```python file and ```diff: what the learner types into files."""

from workshop.lesson.files import apply, parts


def run(block, learner):
    """Write the files, as the learner does in an editor."""
    for part in parts(block):
        learner.write(block, part.path, apply(block, part, learner.read(part.path)))
