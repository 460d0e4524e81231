"""```python file: a whole file; its path stands last in the paragraph above."""


def takes(block):
    """Tell whether the block is a whole file."""
    return block.words == ["file"]


def run(block, learner):
    """Write the file, as the learner does in an editor."""
    if not block.code_spans or not block.introduction.endswith(":"):
        raise block.error("абзац перед файлом должен кончаться его путём в `` и двоеточием")
    path = learner.path(block, block.code_spans[-1])
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(block.content, encoding="utf-8")
