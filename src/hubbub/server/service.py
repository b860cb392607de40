"""The server as a service: who has started it, who watches it, and who takes over from it."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import socket
from collections.abc import Sequence

from hubbub.server.handover.channel import Channel
from hubbub.server.handover.predecessor import Predecessor
from hubbub.server.handover.successor import NotStarted, Successor
from hubbub.server.notify import Notifier

logger = logging.getLogger(__name__)

CAN_HAND_OVER = hasattr(signal, "SIGUSR2") and hasattr(socket, "send_fds")
"""Not on Windows, where sockets cannot be sent to another process so."""


class Service:
    """One run of the server, from its start to its end or to a hand-over.

    ``sockets``: those to listen on, from the service manager or from the server before this one;
    none: the settings tell where. ``handed_over``: there was a server before this one.
    ``comes_back``: this process has served before, and the one that was to take over has failed.
    ``successor``: the one that takes over, when it is ready; ``expects``: the last client is back
    then after so many seconds. ``line``: to the process that was started first, if that is to
    stay; ``ours``: the end of it that is for this process, if it was started first itself.
    """

    def __init__(
        self,
        notify: Notifier | None = None,
        sockets: Sequence[socket.socket] = (),
        predecessor: Predecessor | None = None,
        *,
        returning: float = 0.0,
        activated: bool = False,
        hands_over: bool = False,
    ) -> None:
        """``returning``: clients of the server before this one are back after so many seconds.

        ``activated``: the sockets are from the service manager.
        """
        self.notify = notify or Notifier()
        self.sockets = list(sockets)
        self.returning = returning
        self.hands_over = hands_over and CAN_HAND_OVER
        self.successor: Successor | None = None
        self.expects = 0.0
        self.handed_over = predecessor is not None
        self.comes_back = False
        self.activated = activated
        self._predecessor = predecessor
        self.line = None if predecessor is None else predecessor.line
        self.ours: socket.socket | None = None
        self._theirs: socket.socket | None = None
        self.anew = False
        """Whether the server begins anew in this process, as others have taken over from it."""
        self._asked = asyncio.Event()
        self._starting = False
        self._ended = False
        self._status = "Serving"

    @property
    def handing_over(self) -> bool:
        """Whether the server ends because another one takes over."""
        return self.successor is not None and not self._ended

    def ask(self) -> None:
        """Somebody wants a new server in this one's place (SIGUSR2)."""
        if self._starting:
            logger.warning("A new server is being started already")
        else:
            self._asked.set()

    def end(self) -> None:
        """Somebody wants this server to end (SIGTERM): there is no hand-over any more."""
        self._ended = True

    async def run(self, stop: asyncio.Event, sockets: Sequence[socket.socket], status: str) -> None:
        """Tells who has to know that the server serves; then starts a new one when asked to.

        Sets ``stop`` when that is ready to take over. ``sockets``: copies of those that are
        listened on. ``status``: a sentence for the service manager.
        """
        self._status = status
        if self._predecessor is not None:
            await self._predecessor.leave()
        self.notify.ready(status)
        async with asyncio.TaskGroup() as group:
            if self.line is not None:
                group.create_task(self._kept(self.line, stop))
            if self.notify.watchdog_seconds is not None:
                group.create_task(self._watched(self.notify.watchdog_seconds))
            await self._until_ready(sockets)
            stop.set()

    def again(self) -> Service:
        """The service that goes on in this process when the server that was to take over failed."""
        service = Service(
            self.notify, self.sockets, returning=self.expects, hands_over=self.hands_over
        )
        service.line, service.ours, service._theirs = self.line, self.ours, self._theirs
        service.comes_back = True
        return service

    def begin_anew(self) -> None:
        """Other servers on the same log have taken over from this one, which stood still."""
        self.anew = True

    @property
    def goes_on(self) -> bool:
        """Whether the sockets are kept for another run of a server, here or in another process."""
        return self.handing_over or (self.anew and not self._ended)

    def over(self) -> None:
        """The process that was started first is told that the server has ended as it should."""
        if self.line is not None:
            Channel(self.line).say("end 0")

    def stopping(self) -> None:
        """The server ends, or hands over."""
        if not self.handing_over:
            self.notify.stopping("Saving what is on its way")

    async def _until_ready(self, sockets: Sequence[socket.socket]) -> None:
        while True:
            await self._asked.wait()
            self._starting = True
            self.notify.reloading("Starting the server that takes over")
            try:
                self.successor = await Successor.start(sockets, self._line_of_successor())
            except NotStarted as why:
                logger.error("The new server did not start, so this one goes on: %s", why)
                self.notify.ready(self._status)
            else:
                return
            self._asked.clear()
            self._starting = False

    def _line_of_successor(self) -> socket.socket | None:
        """What leads to the process that was started first: to this one, if that is to stay."""
        if self.line is not None or self.notify.wanted:
            return self.line
        if self._theirs is None:
            self.ours, self._theirs = socket.socketpair()
        return self._theirs

    async def _kept(self, line: socket.socket, stop: asyncio.Event) -> None:
        """The process that was started first is told that this one is the server; it may end."""
        channel = Channel(line)
        channel.say(f"now {os.getpid()}")
        if await channel.hear() == "":
            logger.error("The process that was started first was killed, so the server ends")
            self.end()
            stop.set()

    async def _watched(self, seconds: float) -> None:
        """Tells the watchdog that the loop turns, twice as often as it has to hear of it."""
        while True:
            self.notify.alive()
            await asyncio.sleep(seconds / 2)
