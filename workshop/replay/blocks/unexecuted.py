"""Blocks that are not executed: for another system, or only to read. They are counted."""


def takes(block):
    """Tell whether the block is not to be executed."""
    return reason(block) is not None


def reason(block):
    """Say in Russian why a block is not executed; None if it is."""
    if block.words == ["read"]:
        return "только для чтения"
    if block.language == "mermaid" and not block.words:
        return "схема"
    if block.language == "console" and [word[:3] for word in block.words] == ["os="]:
        return f"для другой системы: {block.words[0].removeprefix('os=')}"
    return None


def run(block, learner):
    """Do nothing."""
