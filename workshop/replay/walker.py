"""Walks through a lesson: lets the kind of each block do its work."""

from workshop.lesson.reading import Block, kind_of, why_unexecuted
from workshop.replay.blocks import (
    browser,
    console,
    files,
    promises,
    tab,
    tab_console,
    tree,
    unexecuted,
)
from workshop.replay.learner import Learner

KINDS = {
    "files": files,
    "console": console,
    "browser": browser,
    "tab": tab,
    "tab_console": tab_console,
    "tree": tree,
    "promises": promises,
    "unexecuted": unexecuted,
}


def walk(learner: Learner) -> list[tuple[Block, str]]:
    """Do what all blocks of the learner's lesson say, in order.

    Returns the pairs of a block that was not executed and the reason. Raises LessonError if
    a block is of no known kind (before anything runs), can't be done or brings something else.
    """
    kinds = [KINDS[kind_of(block)] for block in learner.blocks]
    for block, kind in zip(learner.blocks, kinds, strict=True):
        kind.run(block, learner)
    for block, _ in learner.pending:
        raise block.error("урок не показал ответ на этот запрос")
    reasons = [(block, why_unexecuted(block)) for block in learner.blocks]
    return [(block, reason) for block, reason in reasons if reason]
