"""Ctrl-C, SIGTERM and a closed terminal: whatever wants a runner to end."""

import signal
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
