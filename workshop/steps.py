"""Which steps there are, and how a learner may call them."""

from difflib import get_close_matches
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
STATE_DIR = ROOT / ".workshop"


def all_steps() -> list[Path]:
    """Return all step directories, in the course's order."""
    return sorted(ROOT.glob("step_[0-9][0-9]_*"))


def find_step(name: str) -> Path:
    """Find a step by what a learner calls it.

    That is a number (`5`, `05`), a topic (`channels`) or a directory (`step_05_channels/`).
    Raises LookupError, with a message in Russian, for anything else.
    """
    wanted = name.rstrip("/").lower()
    names = {}
    for step in all_steps():
        _, number, topic = step.name.split("_", 2)
        called = (step.name, f"{number}_{topic}", topic, number, str(int(number)))
        names.update(dict.fromkeys(called, step))
    if wanted in names:
        return names[wanted]
    known = "\n".join(f"  {step.name}" for step in all_steps())
    close = get_close_matches(wanted, names, 1)
    perhaps = f" Может быть, {close[0]}?" if close else ""
    raise LookupError(f"Нет шага «{name}».{perhaps} Есть такие:\n{known}")


def lesson_path(step: Path) -> Path:
    """Return the lesson that ends with a step: today each stage has one."""
    return step.parent / "docs_ru" / f"{step.name.removeprefix('step_')}.md"


def uses_redis(step: Path) -> bool:
    """Tell whether a step needs a Redis server: its requirements say so."""
    requirements = (step / "requirements.txt").read_text(encoding="utf-8")
    return any(line.startswith("redis") for line in requirements.splitlines())
