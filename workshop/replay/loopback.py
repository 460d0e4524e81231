"""Brings up the loopback interface of a new network, then runs a command as an ordinary user.

A module that is only run: `python -m workshop.replay.loopback COMMAND …`.
"""

import fcntl
import os
import socket
import struct
import sys

# A learner is not root, and Celery warns those who are.
BECOME_USER = ("unshare", "--user", "--map-user=1000", "--map-group=1000")
SIOCSIFFLAGS = 0x8914
IFF_UP = 0x1


def main(command):
    """Bring up the interface and become the command."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        fcntl.ioctl(sock, SIOCSIFFLAGS, struct.pack("16sh14x", b"lo", IFF_UP))
    os.execvp(BECOME_USER[0], [*BECOME_USER, *command])


if __name__ == "__main__":
    main(sys.argv[1:])
