"""```text red: promises that are broken, as `check` has just shown."""

import re

from workshop.lesson.promises import MARK, promises_of
from workshop.lesson.reading import Block
from workshop.replay.learner import Learner

# `check` wraps its lines.
WRAPPED = re.compile(r"\n  (?=\S)")


def run(block: Block, learner: Learner) -> None:
    """Compare what the block names with the promises of the step that `check` has shown."""
    if not learner.checked:
        return
    lines = WRAPPED.sub(" ", learner.checked).splitlines()
    promises = set(promises_of(learner.step).values())
    shown = {line.removeprefix(MARK) for line in lines if line.startswith(MARK)} & promises
    named = {line.removeprefix(MARK) for line in block.lines}
    for title in sorted(shown - named):
        raise block.error(f"`check` показал красным, а здесь не названо: {title}")
    for title in sorted(named - shown):
        raise block.error(f"`check` не показал красным: {title}")
