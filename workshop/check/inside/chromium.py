"""Chromium without a window; imports nothing of the workshop."""

import asyncio
import shutil
import threading
from collections.abc import Coroutine
from typing import Any, TypeVar

BROWSERS = ("chromium-headless-shell", "chromium", "google-chrome", "chrome")
HOW_TO_INSTALL = "нет ни chromium, ни google-chrome (apt install chromium)"

Value = TypeVar("Value")


def find_browser() -> str | None:
    """Return the path of the machine's Chromium or Google Chrome, None without them.

    Where there is one that never has a window, it is taken: it starts in a third of the
    processor time, and takes none while its pages are silent.
    """
    return next(filter(None, map(shutil.which, BROWSERS)), None)


class Loop:
    """A thread in which Playwright runs beside its callers.

    In the thread of a Django test, its loop would keep Django from the database; and it waits
    without an end for a page that says nothing.
    """

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()

    def run(self, coroutine: Coroutine[Any, Any, Value], seconds: float | None = None) -> Value:
        """Run a coroutine. Returns its value; raises TimeoutError after the seconds."""
        future = asyncio.run_coroutine_threadsafe(coroutine, self._loop)
        try:
            return future.result(seconds)
        finally:
            future.cancel()

    def end(self) -> None:
        """End the thread."""
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()
