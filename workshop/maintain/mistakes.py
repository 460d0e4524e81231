"""`mistakes`: makes each mistake of `tests/mistakes.py`; does `check` explain it?"""

import signal
import subprocess
import sys
import tempfile
import time
from argparse import Namespace
from concurrent.futures import ThreadPoolExecutor
from importlib import import_module
from pathlib import Path

from workshop import steps
from workshop.lesson.project import copy_step

SIDE_BY_SIDE = 2


def main(arguments: Namespace) -> int:
    """Make the mistakes and name those to which `check` does not say what it should.

    Takes the parsed arguments: names (a mistake's name has to begin with one of them, if there
    are any). Returns the exit status: 0 if all sentences came.
    """
    started = time.monotonic()
    table = import_module("tests.mistakes").MISTAKES
    names = [name for name in table if name.startswith(tuple(arguments.names or [""]))]
    if not names:
        print("No mistake has such a name.", file=sys.stderr)
        return 1
    silent = []
    with ThreadPoolExecutor(SIDE_BY_SIDE) as pool:
        for name, said in zip(names, pool.map(explanation, names), strict=True):
            if table[name].sentence not in said:
                silent.append(name)
                print(f"{name}: «{table[name].sentence}» did not come:\n  {said}", flush=True)
    came = len(names) - len(silent)
    print(f"{came} of {len(names)} mistakes explained, {time.monotonic() - started:.0f} s.")
    return 1 if silent else 0


def explanation(name: str) -> str:
    """Make a mistake in a copy of its step. Returns what `check` says to it, in one line."""
    mistake = import_module("tests.mistakes").MISTAKES[name]
    step = steps.find_step(name[:2])
    with tempfile.TemporaryDirectory() as directory:
        project = Path(directory) / "my_project"
        copy_step(step, project, tests=False)
        for edit in mistake.edits:
            edit(project)
        command = [sys.executable, "-m", "workshop", "check", name[:2], "--dir", str(project)]
        with subprocess.Popen(
            [*command, "--", "-x"],
            cwd=steps.ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        ) as check:
            said = _until_explained(check)
    return " ".join(" ".join(said).split())


def _until_explained(check: "subprocess.Popen[str]") -> list[str]:
    """Read the output of a check, but not that of the promises which are kept.

    When the first that is not kept has been explained, the check is interrupted.
    """
    said: list[str] = []
    assert check.stdout
    for line in check.stdout:
        if said and said[-1].startswith("    ") and not line.startswith("    "):
            check.send_signal(signal.SIGINT)
            break
        if not line.startswith(("✓", "Проверяю")) and (said or not line.startswith("  ")):
            said.append(line)
    check.stdout.read()
    return said
