"""A network of its own for each lesson, so that literal ports can be used side by side.

Run as a module, inside such a network: brings up its loopback interface and goes on as an
ordinary user, since a learner is not root and Celery warns those who are.
"""

import fcntl
import os
import shutil
import socket
import struct
import subprocess
import sys

# In another process namespace too: whatever a lesson starts dies with it.
OUTER = ("unshare", "--user", "--map-root-user", "--net", "--pid", "--fork", "--kill-child")
INNER = ("unshare", "--user", "--map-user=1000", "--map-group=1000")
SIOCSIFFLAGS = 0x8914
IFF_UP = 0x1


def is_possible():
    """Tell whether this system lets this user make network namespaces."""
    if not shutil.which("unshare"):
        return False
    result = subprocess.run(enter(["true"]), capture_output=True, stdin=subprocess.DEVNULL)
    return result.returncode == 0


def enter(command):
    """Return the command that runs this command in a network of its own."""
    return [*OUTER, sys.executable, "-m", "workshop.replay.namespace", *command]


def main(command):
    """Bring up the loopback interface and become the command."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        request = struct.pack("16sh14x", b"lo", IFF_UP)
        fcntl.ioctl(sock, SIOCSIFFLAGS, request)
    os.execvp(INNER[0], [*INNER, *command])


if __name__ == "__main__":
    main(sys.argv[1:])
