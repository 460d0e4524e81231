"""Which steps there are, and how a learner may call them."""

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
    for step in all_steps():
        _, number, topic = step.name.split("_", 2)
        if wanted in (step.name, f"{number}_{topic}", topic, number, str(int(number))):
            return step
    known = "\n".join(f"  {step.name}" for step in all_steps())
    raise LookupError(f"Нет шага «{name}». Есть такие:\n{known}")


def uses_redis(step: Path) -> bool:
    """Tell whether a step needs a Redis server: its requirements say so."""
    requirements = (step / "requirements.txt").read_text(encoding="utf-8")
    return any(line.startswith("redis") for line in requirements.splitlines())
