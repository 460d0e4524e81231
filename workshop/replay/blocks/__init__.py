"""One module for each kind of block, with the name that `lesson.reading.kind_of` gives it.

Each has `run(block, learner)`, which does what the block says and raises LessonError if it
can't or if something else comes.
"""
