"""How long `python3 -m workshop` takes to notice that `.venv` is up to date.

Prints the median of the command's check, as a ratio to the bare start of the same Python, so
that the figure means the same on every machine. Run it with: python3 bench/startup.py
"""

import statistics
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
RUNS = 15
CHECK = "from workshop import bootstrap; bootstrap.ensure_environment()"


def seconds(code):
    """Return the median wall time, in seconds, of a Python that runs this code."""
    times = []
    for _ in range(RUNS):
        started = time.perf_counter()
        subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True)
        times.append(time.perf_counter() - started)
    return statistics.median(times)


if __name__ == "__main__":
    bare, check = seconds("pass"), seconds(CHECK)
    print(f"bare Python {bare:.3f} s, with the check {check:.3f} s, ratio {check / bare:.1f}")
