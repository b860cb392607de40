"""People who only listen, and go where they are sent: how long each is away, and how often."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import InvalidMessage

from tests.cluster.talkers import ComeBackLater, Talker
from tests.faults.people import LOST, MAX_FRAME


@dataclass
class Listener(Talker):
    """Says nothing, and connects again when the server has told it to.

    ``told``: after how many seconds, each time. ``away``: how long that took, from the last frame
    of the one server to the room at another one. ``failures``: why an attempt to connect or to
    come in has failed.
    """

    window: int = 0
    pause: float = 0.0
    told: list[float] = field(default_factory=list)
    away: list[float] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)
    inside: bool = False
    _parted: float | None = None

    async def live(self) -> None:
        """Until ``talking`` is false and one more frame has come."""
        while self.talking:
            try:
                async with connect(
                    self.url, max_size=MAX_FRAME, compression=None, open_timeout=None
                ) as socket:
                    await self._enter(socket)
                    await self._chat(socket)
                    return
            except _Sent as sent:
                await asyncio.sleep(sent.seconds)
            except (*LOST, ComeBackLater) as error:
                if not _greeted(error):
                    self.failures.append(repr(error))
                await asyncio.sleep(0.05)
            finally:
                self.inside = False

    async def _enter(self, socket: ClientConnection) -> None:
        await super()._enter(socket)
        self.inside = True
        if self._parted is not None:
            self.away.append(time.monotonic() - self._parted)
            self._parted = None
        async with self.progress:
            self.progress.notify_all()

    async def _hear(self, socket: ClientConnection, frame: dict[str, Any]) -> None:
        if frame["type"] == "bye":
            self._parted = time.monotonic()
            self.told.append(frame["reconnect"])
            raise _Sent(frame["reconnect"])
        await super()._hear(socket, frame)

    async def is_inside(self) -> None:
        """Waits until it is in the room, and has nothing to catch up before that."""
        async with self.progress:
            await self.progress.wait_for(lambda: self.inside)


def _greeted(error: Exception) -> bool:
    """Whether the server has asked for a name, as it does those who connect and say nothing.

    So it is when this process has so much to do that it begins to speak a second late.
    """
    cause = getattr(error.__cause__, "__cause__", None)
    return isinstance(error, InvalidMessage) and str(cause) == "line without CRLF"


class _Sent(Exception):
    """A server has sent it elsewhere, after so many seconds."""

    def __init__(self, seconds: float) -> None:
        super().__init__(seconds)
        self.seconds = seconds


async def all_inside(crowd: Sequence[Listener]) -> None:
    """Waits until all are in their room."""
    for one in crowd:
        await one.is_inside()
