"""The packages that `pip install` finds during a replay: wheels of the pinned versions."""

import fcntl
import hashlib
import shutil
import subprocess
import sys

from workshop.lesson.errors import quote
from workshop.steps import ROOT, STATE_DIR

DIRECTORY = STATE_DIR / "wheels"
REQUIREMENTS = ROOT / "requirements.txt"
STAMP = "requirements.sha256"


class NoWheels(Exception):
    """The wheels could not be fetched; the message says why, in Russian."""


def fill() -> None:
    """Fetch the wheels with the machine's own pip, if requirements.txt is another one.

    Raises NoWheels if pip fails.
    """
    wanted = hashlib.sha256(REQUIREMENTS.read_bytes() + sys.version.encode()).hexdigest()
    STATE_DIR.mkdir(exist_ok=True)
    with open(STATE_DIR / "wheels.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        stamp = DIRECTORY / STAMP
        if stamp.exists() and stamp.read_text() == wanted:
            return
        print(
            "Готовлю пакеты для pip install: один раз для этого requirements.txt.", flush=True
        )
        shutil.rmtree(DIRECTORY, ignore_errors=True)
        _fetch()
        stamp.write_text(wanted)


def _fetch() -> None:
    # The list is complete and pinned, so there is nothing to resolve.
    pip = [
        sys.executable,
        "-m",
        "pip",
        "wheel",
        "--no-deps",
        "--no-input",
        "--progress-bar=off",
    ]
    result = subprocess.run(
        [*pip, f"--wheel-dir={DIRECTORY}", "-r", str(REQUIREMENTS)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    if result.returncode != 0:
        lines = result.stdout.splitlines()[-15:]
        raise NoWheels(quote("Не удалось получить пакеты для pip install:", lines))
