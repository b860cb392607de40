"""The old server, as the one that was started by it sees it."""

from __future__ import annotations

import os
import socket
import sys
from collections.abc import MutableMapping
from contextlib import suppress

from hubbub.server.activation import MOST, NotOurs, listening
from hubbub.server.handover.channel import GO, MAIN, READY, SERVING, STOP, VARIABLE, Channel

MAIN_SECONDS = 10.0  # for the old server's last word


class NotNeeded(Exception):
    """The old server was told to end meanwhile."""


class Predecessor:
    """``sockets``: to listen on. ``returning``: its last clients are back after so many seconds.

    ``line``: to the process that was started first, if that is one which has to stay.
    """

    def __init__(
        self,
        channel: Channel,
        sockets: list[socket.socket],
        stderr: int,
        line: socket.socket | None = None,
    ) -> None:
        self._channel = channel
        self.line = line
        self._stderr = stderr
        self.sockets = sockets
        self.returning = 0.0

    @classmethod
    def of(cls, environment: MutableMapping[str, str]) -> Predecessor | None:
        """The server that has started this one to take over; None: nobody has. Raises `NotOurs`."""
        value = environment.pop(VARIABLE, "")
        if not value:
            return None
        try:
            inherited = [int(one) for one in value.split(",")]
            for one in inherited:
                os.set_inheritable(one, False)
            fd, stderr, *line = inherited
            sock = socket.socket(fileno=fd)
            _, fds, _, _ = socket.recv_fds(sock, 1, MOST)
        except (ValueError, OverflowError, OSError):
            raise NotOurs(
                None,
                f"The environment has {VARIABLE}, which only a server sets that hands over, and "
                "which is not from one. Take it out of the environment.",
            ) from None
        return cls(
            Channel(sock),
            [listening(one) for one in fds],
            stderr,
            socket.socket(fileno=line[0]) if line else None,
        )

    def wait(self) -> None:
        """Says that this server could serve, and returns when it is to. Raises `NotNeeded`.

        If the old server was killed, it is to: whoever has started a new one wants a server.
        """
        # What was said until now went to the old server, which tells why this one is not ready.
        sys.stderr.flush()
        os.dup2(self._stderr, 2)
        os.close(self._stderr)
        self._channel.say(READY)
        heard = self._channel.wait()
        if heard == STOP or (not heard and self._nobody_waits()):
            raise NotNeeded
        word, _, seconds = heard.partition(" ")
        if word == GO:  # else it was killed
            with suppress(ValueError):
                self.returning = float(seconds)

    def _nobody_waits(self) -> bool:
        """Whether the process that was started first was killed: its end is that of the service."""
        if self.line is None:
            return False
        self.line.setblocking(False)
        try:
            return not self.line.recv(1)
        except OSError:
            return False

    async def leave(self) -> None:
        """Says that this server serves, and returns when the old one knows."""
        import asyncio

        self._channel.say(SERVING)
        with suppress(TimeoutError):
            async with asyncio.timeout(MAIN_SECONDS):
                while (await self._channel.hear()) not in ("", MAIN):
                    pass
        self._channel.close()
