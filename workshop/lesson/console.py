"""What is typed into a terminal, and the few commands of it that make a project's files."""

import posixpath
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from workshop.lesson.project import counts, read_files, read_patterns
from workshop.lesson.reading import Block

PROJECT = "my_project"
WORKSHOP = "django-celery-workshop"
HOME = "/home"
START = f"{HOME}/{PROJECT}"

SHELL = "$ "
INTERRUPT = "^C"
OUTPUT = ""
# How the check of a lesson is called.
CHECK = "python3 -m workshop check "
# What is typed into redis-cli or Python stands behind the prompt of these programs.
PROGRAM = re.compile(r">>> |[\w.]+:\d+> ")


@dataclass
class Turn:
    """One line that is typed (or none, if output goes on) and the lines expected after it."""

    prompt: str
    typed: str
    line_number: int
    expected: list[str]


def terminal_number(block: Block) -> str:
    """Return the number of the terminal that a block belongs to."""
    return block.words[0].removeprefix("terminal=")


def read_turns(block: Block) -> Iterator[Turn]:
    """Read what is typed in a block, with the lines expected after each."""
    turns: list[Turn] = []
    for number, line in enumerate(block.lines or [""]):
        prompt = _prompt(line)
        if prompt or not turns:
            turns.append(Turn(prompt, line.removeprefix(prompt), number, []))
        if not prompt:
            turns[-1].expected.append(line)
    yield from turns


def files_after(
    block: Block, files: Mapping[str, str], directories: dict[str, str], workshop: Path
) -> dict[str, str]:
    """Do what the commands `touch`, `cp`, `rm` and `cd` of a block do to the project's files.

    Takes the block, the files (path: text), the current directory of each terminal (which is
    changed) and the directory that holds the steps. Returns the files that count. Any other
    command is taken for one that makes none.
    """
    before = {f"{START}/{path}": text for path, text in files.items()}
    home = dict(before)
    number = terminal_number(block)
    for turn in read_turns(block):
        if turn.prompt == SHELL:
            directory = directories.get(number, HOME)
            directories[number] = _do(turn.typed, directory, home, workshop)
    if home == before:
        return dict(files)
    made = {path.removeprefix(f"{START}/"): home[path] for path in _below(home, START)}
    patterns = read_patterns(made.get(".gitignore", ""))
    return {path: text for path, text in made.items() if counts(path, patterns)}


def _prompt(line: str) -> str:
    if line == INTERRUPT:
        return INTERRUPT
    if line.startswith(SHELL):
        return SHELL
    program = PROGRAM.match(line)
    return program[0] if program else OUTPUT


def _do(line: str, directory: str, home: dict[str, str], workshop: Path) -> str:
    """Do one command in a home (path: text). Returns the directory after it."""
    name, _, rest = line.partition(" ")
    if name not in ("cd", "cp", "rm", "touch"):
        return directory
    words = [word for word in rest.split() if not word.startswith("-")]
    paths = [_resolve(directory, word) for word in words]
    if name == "cd":
        return paths[0] if paths else HOME
    if name == "touch":
        for path in paths:
            home.setdefault(path, "")
    elif name == "rm":
        for path in paths:
            for file in _below(home, path):
                del home[file]
    else:
        _copy(words, paths, home, workshop)
    return directory


def _copy(words: list[str], paths: list[str], home: dict[str, str], workshop: Path) -> None:
    *sources, target = paths
    is_directory = (
        words[-1].endswith("/")
        or target == START
        or any(path.startswith(f"{target}/") for path in home)
    )
    for word, source in zip(words, sources, strict=False):
        # «.» at the end means what is in the directory.
        inside = is_directory and not word.endswith("/.")
        base = posixpath.join(target, posixpath.basename(source)) if inside else target
        available = home | _step_files(source, workshop)
        for path in _below(available, source):
            home[base + path.removeprefix(source)] = available[path]


def _step_files(path: str, workshop: Path) -> dict[str, str]:
    """The files of the step that a path leads to, in the learner's copy of the workshop."""
    top = f"{HOME}/{WORKSHOP}/"
    if not path.startswith(top):
        return {}
    step = path.removeprefix(top).split("/")[0]
    return {f"{top}{step}/{name}": text for name, text in read_files(workshop / step).items()}


def _below(files: Iterable[str], path: str) -> list[str]:
    """The paths of the file or of all files in the directory that a path names."""
    return [file for file in files if file == path or file.startswith(f"{path}/")]


def _resolve(directory: str, word: str) -> str:
    return posixpath.normpath(posixpath.join(directory, re.sub(r"^~(?=/|$)", HOME, word)))
