"""Ctrl-C, SIGTERM and a closed terminal: whatever wants a runner to end."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

INTERRUPTS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def interrupt_once() -> None:
    """Turn the first of these signals into a KeyboardInterrupt.

    Another one would only disturb the stopping that the first one has begun.
    """

    def interrupt(number: int, frame: FrameType | None) -> None:
        for number in INTERRUPTS:
            signal.signal(number, lambda number, frame: None)
        raise KeyboardInterrupt

    for number in INTERRUPTS:
        signal.signal(number, interrupt)


@contextmanager
def held() -> Iterator[None]:
    """Let none of these signals interrupt the block; the first that comes does so after it."""
    # Only the main thread is interrupted.
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    came: list[int] = []
    handlers = {
        number: signal.signal(number, lambda number, frame: came.append(number))
        for number in INTERRUPTS
    }
    try:
        yield
    finally:
        for number, handler in handlers.items():
            signal.signal(number, handler)
        if came:
            signal.raise_signal(came[0])
