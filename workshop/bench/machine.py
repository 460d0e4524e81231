"""The machine that was measured, in a line of Russian."""

import os
import platform
import re
import subprocess
from contextlib import suppress
from pathlib import Path

import psutil

from workshop.wording import counted

LOOK_SECONDS = 0.5
# The part of the processor that others use.
BUSY = 0.25
CPU_NAME = re.compile(r"^(?:model name|Model)\s*:\s*(.+)$", re.MULTILINE)


def describe() -> str:
    """Return the processor, its cores, the memory, the system and the Python."""
    cores = counted(_cores(), "ядро", "ядра", "ядер")
    memory = psutil.virtual_memory().total / 2**30
    return (
        f"{_processor()}, {cores}, {memory:.0f} ГБ памяти, {_system()}, "
        f"Python {platform.python_version()}"
    )


def is_busy() -> bool:
    """Tell whether others use so much of the machine that figures would mean little."""
    return psutil.cpu_percent(LOOK_SECONDS) > 100 * BUSY


def _cores() -> int:
    # Not all of them may be this process's.
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _processor() -> str:
    with suppress(OSError):
        if found := CPU_NAME.search(Path("/proc/cpuinfo").read_text(encoding="utf-8")):
            return found[1].strip()
    with suppress(OSError, subprocess.CalledProcessError):
        command = ["sysctl", "-n", "machdep.cpu.brand_string"]
        return subprocess.check_output(command, text=True).strip()
    return platform.machine()


def _system() -> str:
    with suppress(OSError):
        return platform.freedesktop_os_release()["PRETTY_NAME"]
    return platform.platform(terse=True)
