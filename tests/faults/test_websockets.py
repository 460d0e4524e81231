"""Open pages go on getting jokes, whatever other clients, Redis or the group do."""

import asyncio
import json
import time

import pytest
import websockets
from websockets.asyncio.client import connect

from ..conftest import wait_until

BIG_JOKE = "Очень длинная шутка. " * 40


@pytest.fixture
def stack(start_stack):
    return start_stack("channels")


@pytest.fixture
def site(stack):
    return stack.start_site()


@pytest.fixture
def send_joke(stack):
    """Send a joke to the group, just as the task does, from a process with the step's settings."""


def open_page(site, **options):
    """Connect as a page of the site does."""
    return connect(
        f"ws://127.0.0.1:{site.port}/ws/jokes/", origin=site.url, proxy=None, **options
    )


def members(stack):
    return stack.redis.client.zcard("asgi:group:jokes")


def broadcast(stack, text):
    """Do what the task's `group_send` does: one message for the server's channel."""
