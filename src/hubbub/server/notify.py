"""Tells the service manager how the server is: systemd's notifications (sd_notify(3)).

The protocol is one datagram of ``NAME=value`` lines to the Unix socket that ``NOTIFY_SOCKET``
names. So it needs no library: systemd-python has to be compiled, and sdnotify does no more.
"""

from __future__ import annotations

import logging
import os
import socket
import time
from collections.abc import MutableMapping

logger = logging.getLogger(__name__)

ADDRESS = "NOTIFY_SOCKET"
MOST_DIGITS = 19  # of microseconds
WATCHDOG = ("WATCHDOG_USEC", "WATCHDOG_PID")
SEND_SECONDS = 1.0  # a manager that does not listen must not stop the server


class Notifier:
    """Sends notifications; does nothing where nobody has asked for them."""

    def __init__(self, address: str = "", watchdog_seconds: float | None = None) -> None:
        self._address = address
        self.watchdog_seconds = watchdog_seconds

    @classmethod
    def of(cls, environment: MutableMapping[str, str]) -> Notifier:
        """By what the service manager has put into ``environment``.

        ``WATCHDOG_PID`` is taken out: the server that takes over has another number.
        """
        microseconds, pid = (environment.get(name, "") for name in WATCHDOG)
        meant = not pid or pid == str(os.getpid())
        environment.pop("WATCHDOG_PID", None)
        if not meant:
            environment.pop("WATCHDOG_USEC", None)
        told = microseconds.isdecimal() and len(microseconds) < MOST_DIGITS
        seconds = int(microseconds) / 1_000_000 if told and meant else 0.0
        return cls(environment.get(ADDRESS, ""), seconds or None)

    @property
    def wanted(self) -> bool:
        """Whether there is a service manager that listens."""
        return bool(self._address)

    def ready(self, status: str) -> None:
        """The server serves."""
        self._send("READY=1", f"STATUS={status}")

    def reloading(self, status: str) -> None:
        """The server is handing over; `ready` follows."""
        now = time.clock_gettime_ns(time.CLOCK_MONOTONIC) // 1000 if self.wanted else 0
        self._send("RELOADING=1", f"MONOTONIC_USEC={now}", f"STATUS={status}")

    def stopping(self, status: str) -> None:
        """The server ends."""
        self._send("STOPPING=1", f"STATUS={status}")

    def main(self, pid: int) -> None:
        """The process ``pid`` is the server from now on."""
        self._send(f"MAINPID={pid}")

    def alive(self) -> None:
        """For the watchdog."""
        self._send("WATCHDOG=1")

    def _send(self, *lines: str) -> None:
        if not self._address:
            return
        # "@": a name in the abstract namespace of Linux, which begins with a zero byte.
        address = "\0" + self._address[1:] if self._address[0] == "@" else self._address
        data = "\n".join(line.replace("\n", " ") for line in lines).encode()
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sock:
                sock.settimeout(SEND_SECONDS)
                sock.connect(address)
                sock.sendall(data)
        except OSError as error:
            logger.warning("The service manager cannot be told %s: %s", lines[0], error)
