"""Does the same for several things at once, with processes that a guard watches."""

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from workshop.processes.guard import Guard
from workshop.processes.signals import interrupt_once

Item = TypeVar("Item")
Result = TypeVar("Result")


def side_by_side(
    guard: Guard, work: Callable[[Item], Result], items: Iterable[Item], limit: int
) -> list[Result]:
    """Do some work for each item, for at most `limit` of them at the same time.

    Returns the results in the order of the items. Raises what the work raises, and
    KeyboardInterrupt after a signal; then all that the guard has started is stopped.
    """
    interrupt_once()
    with ThreadPoolExecutor(limit) as pool:
        try:
            return list(pool.map(work, items))
        except KeyboardInterrupt:
            print("Прервано, останавливаю начатое.", flush=True)
            raise
        finally:
            pool.shutdown(wait=False, cancel_futures=True)
            guard.stop()
