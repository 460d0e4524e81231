"""Walks through a lesson: finds the kind of each block and lets that kind do its work."""

from workshop.lesson import files as file_change
from workshop.lesson import tree
from workshop.replay.blocks import browser, console, unexecuted
from workshop.replay.blocks import files as whole_file

KINDS = (whole_file, file_change, console, browser, tree, unexecuted)


def kind_of(block):
    """Return the module of a block's kind. Raises LessonError if there is none."""
    for kind in KINDS:
        if kind.takes(block):
            return kind
    info = " ".join([block.language, *block.words]) or "(без вида)"
    raise block.error(f"неизвестный вид блока: {info}")


def walk(learner):
    """Do what all blocks of the learner's lesson say, in order.

    Returns the pairs of a block that was not executed and the reason. Raises LessonError if
    a block is of no known kind (before anything runs), can't be done or brings something else.
    """
    kinds = [kind_of(block) for block in learner.blocks]
    for block, kind in zip(learner.blocks, kinds, strict=True):
        kind.run(block, learner)
    for block, _ in learner.pending:
        raise block.error("урок не показал ответ на этот запрос")
    return [
        (block, unexecuted.reason(block))
        for block, kind in zip(learner.blocks, kinds, strict=True)
        if kind is unexecuted
    ]
