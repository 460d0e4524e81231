"""Ports of this machine."""

import errno
import random
import socket

# Below those of outgoing connections: one of these could take a port before its server does.
FREE = range(20_000, 32_000)
LOOPBACK = ((socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1"))


def free_port() -> int:
    """Return the number of a TCP port that is free on the loopback interface now."""
    while is_taken(port := random.choice(FREE)):
        pass
    return port


def is_taken(port: int) -> bool:
    """Tell whether anything listens where a browser looks for localhost and this port.

    Raises PermissionError if only root may listen there.
    """
    for family, host in LOOPBACK:
        try:
            with socket.socket(family) as sock:
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                sock.bind((host, port))
        except PermissionError:
            raise
        except OSError as error:
            # Any other error: the machine has no such address.
            if error.errno == errno.EADDRINUSE:
                return True
    return False
