"""Environments that are ready at once: what they hold is linked to the packages of this one."""

import re
import sys
import venv
from collections.abc import Iterable
from importlib.metadata import Distribution, distribution
from pathlib import Path

from packaging.requirements import Requirement

from workshop.bootstrap import STAMP, fingerprint

NAMED = re.compile(r"^[\w.-]+", re.MULTILINE)
SCRIPT = """\
#!{python}
import sys
from {module} import {name}
sys.exit({function}())
"""


def make_for_project(project: Path) -> None:
    """Make a project's `venv`, as `pip install -r requirements.txt` would fill it."""
    directory = project / "venv"
    venv.create(directory, symlinks=True)
    python = directory / "bin" / "python"
    (packages,) = directory.glob("lib/python*/site-packages")
    named = NAMED.findall((project / "requirements.txt").read_text(encoding="utf-8"))
    for package in _with_their_needs(["pip", *named]):
        for name in {file.parts[0] for file in package.files or ()} - {"..", "__pycache__"}:
            if not (packages / name).exists():
                (packages / name).symlink_to(Path(str(package.locate_file(name))))
        for script in package.entry_points.select(group="console_scripts"):
            path = directory / "bin" / script.name
            module, function = script.value.split(":")
            name = function.partition(".")[0]
            script_text = SCRIPT.format(
                python=python, module=module, name=name, function=function
            )
            path.write_text(script_text)
            path.chmod(0o755)


def make_for_workshop(root: Path) -> None:
    """Make the `.venv` of a copy of the workshop: this one's."""
    directory = root / ".venv"
    directory.mkdir()
    for path in Path(sys.prefix).iterdir():
        if path.name != STAMP.name:
            (directory / path.name).symlink_to(path)
    (directory / STAMP.name).write_text(fingerprint(root))


def _with_their_needs(names: Iterable[str]) -> list[Distribution]:
    """Return these packages and those that they need, as far as they are installed here."""
    found: dict[str, Distribution] = {}
    wanted = list(names)
    while wanted:
        name = re.sub(r"[-_.]+", "-", wanted.pop()).lower()
        if name not in found:
            found[name] = distribution(name)
            needs = map(Requirement, found[name].requires or ())
            wanted += [
                need.name
                for need in needs
                if not need.marker or need.marker.evaluate({"extra": ""})
            ]
    return list(found.values())
