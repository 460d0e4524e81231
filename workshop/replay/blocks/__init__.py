"""One module for each kind of block.

Each has `takes(block)`, which tells whether a block is of this kind, and `run(block, learner)`,
which does what the block says and raises LessonError if it can't or if something else comes.
"""
