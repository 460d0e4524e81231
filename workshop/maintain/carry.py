"""`carry`: the change of a step goes forward through all later ones, by three-way merges.

What was carried is remembered in `.workshop/carried/` until the next commit. So a step may be
changed and carried again: the base of the second merge is what the first one has carried.
"""

import re
import sys
from argparse import Namespace
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from workshop import steps
from workshop.lesson.project import read_text, write_text
from workshop.maintain import git
from workshop.maintain.transfer import Unclear, transfer

CONFLICT = re.compile(r"^<<<<<<< .*?^>>>>>>> [^\n]*\n?", re.MULTILINE | re.DOTALL)


@dataclass
class Merge:
    """What becomes of a file of a later step: three texts (None: no file), and what hinders."""

    path: str
    ours: str | None
    theirs: str | None
    text: str | None
    conflict: str = ""

    @property
    def is_left_out(self) -> bool:
        """Tell whether the later step lacks a file that has changed before."""
        return self.ours is None and self.text is None and self.theirs is not None


def main(arguments: Namespace) -> int:
    """Carry a change and name every file that was written, left out or has a conflict.

    Takes the parsed arguments: step (a path), since (a commit), write_conflicts. Returns the
    exit status: 0, or 1 if there are conflicts; then nothing is written, unless that is wanted.
    """
    try:
        commit = git.resolve(arguments.since)
    except git.GitError:
        print(f"There is no commit {arguments.since}.", file=sys.stderr)
        return 1
    memory = steps.STATE_DIR / "carried" / commit / arguments.step.name
    merges = plan(arguments.step, commit, memory)
    conflicts = [merge for merge in merges if merge.conflict]
    for merge in merges:
        if merge.is_left_out:
            print(f"left out {merge.path}: this step does not have it")
        if merge.conflict:
            print(f"CONFLICT in {merge.path}\n{merge.conflict}")
    if conflicts and not arguments.write_conflicts:
        print("Nothing was written. --write-conflicts puts the conflicts into the files.")
        return 1
    written = [merge for merge in merges if merge.text != merge.ours]
    for merge in written:
        write_text(steps.ROOT / merge.path, merge.text)
        write_text(memory / merge.path, merge.theirs)
        verb = "wrote" if merge.text is not None else "deleted"
        print(f"{verb} {merge.path}{' WITH CONFLICT MARKERS' if merge.conflict else ''}")
    if not written:
        print(f"Nothing was written: later steps have what changed in {arguments.step.name}.")
    return 1 if conflicts else 0


def plan(step: Path, commit: str, memory: Path) -> list[Merge]:
    """Merge the change of a step with each later step, without writing anything.

    Takes the step, the commit with which its change begins, and the directory with what
    was carried since then. Returns a Merge for each changed file and each later step.
    """
    changed = {path.partition("/")[2] for path in git.changed_files(step.name, commit)}
    carried = (path.relative_to(memory) for path in memory.rglob("*") if path.is_file())
    changed |= {path.as_posix().partition("/")[2] for path in carried}
    later = [later.name for later in steps.all_steps() if later > step]
    return [
        _plan(step.name, name, after, commit, memory)
        for name in sorted(changed)
        for after in later
    ]


def _plan(step: str, name: str, later: str, commit: str, memory: Path) -> Merge:
    path = f"{later}/{name}"
    theirs, ours = read_text(steps.ROOT / step / name), read_text(steps.ROOT / path)
    base = read_text(memory / path)
    # Whoever has taken the carried change back wants to carry it anew.
    if base is None or ours == git.show(commit, path):
        base = git.show(commit, f"{step}/{name}")
    if theirs in (base, ours):
        return Merge(path, ours, theirs, text=ours)
    if ours == base:
        return Merge(path, ours, theirs, text=theirs)
    if ours is None:
        return Merge(path, ours, theirs, text=None)
    if theirs is None:
        conflict = f"{step} has deleted it, but here it is another one\n"
        return Merge(path, ours, theirs, ours, conflict)
    try:
        names = (path, "before", f"{step}/{name}")
        text, is_conflict = git.merge((ours, base or "", theirs), names)
    except git.GitError as error:
        return Merge(path, ours, theirs, ours, f"{error}\n")
    if is_conflict:
        # To git, changes of neighbouring lines are a conflict.
        with suppress(Unclear):
            return Merge(path, ours, theirs, transfer(base, theirs, ours))
    return Merge(path, ours, theirs, text, _conflicts(text) if is_conflict else "")


def _conflicts(text: str) -> str:
    """Return the conflicts in a merged text, each under the number of its line."""
    shown = []
    for conflict in CONFLICT.finditer(text):
        line = text.count("\n", 0, conflict.start()) + 1
        shown.append(f"line {line}:\n{conflict[0]}")
    return "".join(shown)
