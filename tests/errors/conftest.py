"""A project for each row of the catalogue; all share one Redis."""

import os
from functools import partial

import pytest
import redis

from workshop.check.inside.chromium import HOW_TO_INSTALL, find_browser
from workshop.lesson.project import copy_step
from workshop.processes.private_redis import start_redis
from workshop.replay.tabs import Tabs
from workshop.steps import find_step

from ..conftest import Process
from .running import Project


@pytest.fixture(scope="session")
def redis_url(tmp_path_factory):
    directory = tmp_path_factory.mktemp("redis")
    server, url = start_redis(lambda command: Process(command, cwd=directory), directory)
    # By the name that a learner's settings have.
    yield url.replace("127.0.0.1", "localhost")
    server.kill_all()


@pytest.fixture(scope="session")
def tabs():
    if not find_browser():
        pytest.skip(HOW_TO_INSTALL)
    tabs = Tabs(dict(os.environ))
    yield tabs
    tabs.end()


@pytest.fixture
def make_project(tmp_path, start, redis_url, request):
    """Copy a step; its Redis is empty."""

    def make_project(step, name):
        directory = tmp_path / name / "my_project"
        copy_step(find_step(step), directory, tests=True)
        with redis.Redis.from_url(redis_url) as client:
            client.flushall()
        return Project(directory, redis_url, start, partial(request.getfixturevalue, "tabs"))

    return make_project
