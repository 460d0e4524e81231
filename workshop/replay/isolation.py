"""A network of its own for each lesson, in which an ordinary user types.

So the literal ports of the lessons can be used side by side.
"""

import fcntl
import os
import shutil
import socket
import struct
import subprocess
import sys

from workshop.replay import services
from workshop.steps import ROOT

OWN_NETWORK = (
    *("unshare", "--user", "--map-root-user", "--net"),
    # A process namespace, too: whatever a lesson starts dies with it, and nothing else is seen.
    *("--pid", "--fork", "--kill-child", "--mount-proc"),
)
# A learner is not root, and Celery warns those who are.
BECOME_USER = ("unshare", "--user", "--map-user=1000", "--map-group=1000")
SIOCSIFFLAGS = 0x8914
IFF_UP = 0x1
WITH_SERVICES = "--services"


def is_possible() -> bool:
    """Tell whether this system lets this user make network namespaces."""
    return bool(shutil.which("unshare")) and _try(isolated(["true"])).returncode == 0


def why_no_services() -> str:
    """Say in Russian why no lesson can have systemd here, "" if it can."""
    return _try(isolated(["true"], with_services=True)).stdout.strip()


def isolated(command: list[str], *, with_services: bool = False) -> list[str]:
    """Return the command that runs this command in a network of its own.

    With services it finds what systemd's user manager needs.
    """
    options = [WITH_SERVICES] if with_services else []
    return [*OWN_NETWORK, sys.executable, "-m", "workshop.replay.isolation", *options, *command]


def main(command: list[str]) -> None:
    """Inside the new network, as its root: bring up loopback, become a user and the command."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        fcntl.ioctl(sock, SIOCSIFFLAGS, struct.pack("16sh14x", b"lo", IFF_UP))
    if command[0] == WITH_SERVICES:
        del command[0]
        try:
            services.prepare()
        except services.NoServices as error:
            print(error)
            return
    os.execvp(BECOME_USER[0], [*BECOME_USER, *command])


def _try(command: list[str]) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        command, cwd=ROOT, capture_output=True, stdin=subprocess.DEVNULL, text=True
    )


if __name__ == "__main__":
    main(sys.argv[1:])
