"""Ports of this computer that are free, and stay so."""

from __future__ import annotations

import random
import socket

LOOPBACK = "127.0.0.1"
EVERYWHERE = "0.0.0.0"  # noqa: S104 - only in a network namespace of its own

# Below those that the system gives to connections by itself (32768 and up on Linux): a server that
# was killed finds its port free when it is started again.
FIRST, LAST = 20_000, 32_000


def free_ports(count: int) -> list[int]:
    """So many ports on which nothing listens."""
    found: set[int] = set()
    while len(found) < count:
        port = random.randint(FIRST, LAST)  # noqa: S311 - no secret
        with socket.socket() as trial:
            try:
                trial.bind((LOOPBACK, port))
            except OSError:
                continue
        found.add(port)
    return list(found)
