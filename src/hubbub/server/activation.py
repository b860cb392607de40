"""The listening sockets that a service manager has opened for us (sd_listen_fds(3)).

They stay open while the server is restarted, so nobody is refused meanwhile, and the port may be
one below 1024.
"""

from __future__ import annotations

import os
import socket
from collections.abc import MutableMapping

FIRST = 3  # SD_LISTEN_FDS_START
MOST = 64  # sockets that are given
MOST_DIGITS = 10  # of their number
VARIABLES = ("LISTEN_FDS", "LISTEN_PID", "LISTEN_FDNAMES", "LISTEN_PIDFDID")


class NotOurs(OSError):
    """A descriptor that was given is no socket to accept connections on. The text is for people."""


def given(environment: MutableMapping[str, str]) -> list[socket.socket]:
    """The sockets; none if there are none for us. Raises `NotOurs`.

    The variables are taken out of ``environment``: programs that we start have other descriptors.
    """
    count, pid, *_ = (environment.pop(name, "") for name in VARIABLES)
    if pid != str(os.getpid()) or not count.isdecimal():
        return []
    most = int(count) if len(count) < MOST_DIGITS else MOST
    return [listening(fd) for fd in range(FIRST, FIRST + min(most, MOST))]


def listening(fd: int) -> socket.socket:
    """The socket with this descriptor. Raises `NotOurs`."""
    try:
        os.set_inheritable(fd, False)
        found = socket.socket(fileno=fd)
        stream = found.type == socket.SOCK_STREAM
        listens = stream and found.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN)
    except OSError as error:
        raise NotOurs(error.errno, f"Descriptor {fd}, which was given, is no socket.") from None
    if not listens:
        found.close()
        raise NotOurs(
            None,
            f"The socket that was given as descriptor {fd} accepts no connections: in a unit of "
            "systemd, say ListenStream= and Accept=no.",
        )
    found.setblocking(False)
    return found
