"""Keeps a chat connected: connects, introduces us, reads and writes, and reconnects."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import sys
from collections.abc import Awaitable, Callable

from hubbub.client.address import Address
from hubbub.client.backoff import Backoff
from hubbub.client.connection import Connection
from hubbub.client.errors import (
    CertificateChanged,
    ConnectionLost,
    UnknownCertificate,
    Unreachable,
)
from hubbub.client.greeting import NOTHING, Greeting, LetOut, NotWelcome, Proof, raise_goodbye
from hubbub.client.inbox import Inbox
from hubbub.client.patience import MOST_ASKED_SECONDS
from hubbub.client.pending import Pending
from hubbub.client.protocol import Protocol
from hubbub.client.trust import Trust
from hubbub.client.updates import Disconnected, NameRefused
from hubbub.client.watch import Watch
from hubbub.domain.errors import ChatError
from hubbub.domain.names import UserName
from hubbub.domain.replies import Events

LOST = "lost"  # the code of a loss of which the server has said nothing

log = logging.getLogger("hubbub.client")


class Session:
    """Runs the connections of one chat, one after the other.

    ``persistent``: the first connection is retried, as later ones are. ``welcomed`` is called on
    each connection when the server has accepted our name.
    """

    def __init__(
        self,
        address: Address,
        protocol: Protocol,
        inbox: Inbox,
        *,
        backoff: Backoff,
        clock: Callable[[], float],
        persistent: bool,
        trust: Trust,
    ) -> None:
        self._address = address
        self._trust = trust
        self._protocol = protocol
        self._inbox = inbox
        self._backoff = backoff
        self._clock = clock
        self.persistent = persistent
        self._greeting = Greeting(protocol)
        protocol.renamed = self._greeting.assume
        self._ending = False
        self.logged_out = False
        self._attempt = 0
        self.welcomed: Callable[[], None] = lambda: None
        self._changed = asyncio.Event()
        self._hurried = asyncio.Event()
        self._watch = Watch(clock, self._hurried)
        self._connection: Connection | None = None

    # Requests of the program

    def introduce(self, name: UserName, proof: Proof = NOTHING) -> Pending[str]:
        """Asks for ``name``; the result is the name as the server writes it."""
        known = self._greeting.ask(name, proof)
        self.hurry()
        return known

    def assume(self, name: UserName, proof: Proof = NOTHING) -> None:
        """Uses ``name`` on every connection, without waiting for the server's answer."""
        self._greeting.assume(name, proof)

    @property
    def has_name(self) -> bool:
        """Whether there is a name to introduce us with."""
        return self._greeting.has_name

    def hurry(self) -> None:
        """Ends the pause before the next attempt; on a connection, checks whether it is dead."""
        self._hurried.set()

    def wake(self) -> None:
        """Looks for commands to send."""
        self._changed.set()

    def give_up(self, error: Exception) -> None:
        """Rejects a name that was asked for."""
        self._greeting.give_up(error)

    def end(self) -> None:
        """Says goodbye and ends."""
        self._ending = True
        self._protocol.goodbye()
        self.wake()

    def abandon(self) -> None:
        """Closes the connection without waiting for the server."""
        if self._connection is not None:
            self._connection.abandon()

    # The connections

    async def run(self, connection: Connection | None = None) -> None:
        """Uses ``connection``, then others, until `end` or until it is cancelled."""
        while not self._ending:
            if self.logged_out and connection is None:
                await self._greeting.next_ask()
            fresh = connection is None and self._greeting.asked
            # A `hurry` from here on causes one more attempt without a pause.
            self._hurried.clear()
            try:
                if connection is None:
                    connection = await Connection.open(self._address, self._trust)
                self._connection = connection
                await self._use(connection)
            except (Unreachable, ConnectionLost) as lost:
                self._protocol.disconnected()
                # Not reported: a connection that was lost while the person chose another name.
                if fresh or not self._greeting.asked:
                    await self._wait_after_loss(lost)
            except NotWelcome as refused:
                await self._wait_after_refusal(refused)
            except LetOut as refused:
                self._log_out(refused.error)
            finally:
                # `abandon` is for one that is just being closed, too.
                if connection is not None:
                    await connection.close()
                self._connection = connection = None

    async def _use(self, connection: Connection) -> None:
        """Uses one connection until it is lost; raises `ConnectionLost`."""
        welcome = await self._greeting.exchange(connection)
        began = self._clock()
        self.persistent = True
        self.logged_out = False
        self._attempt = 0
        for update in self._protocol.connected(welcome, began):
            self._inbox.put(update)
        self.welcomed()
        self._watch.begin()
        lost: ConnectionLost | LetOut | None = None
        me = asyncio.current_task()
        asked_to_end = me.cancelling() if me else 0
        try:
            async with asyncio.TaskGroup() as tasks:
                for work in (self._read, self._write, self._watch.watch):
                    tasks.create_task(_not_at_once(work, connection))
        except* (ConnectionLost, LetOut) as losses:
            lost = _which(losses)
            # Before Python 3.11.5 the group leaves its own cancellation of this task pending, and
            # the next `asyncio.timeout` would take it for one from outside.
            while sys.version_info < (3, 11, 5) and me and me.cancelling() > asked_to_end:
                me.uncancel()
        finally:
            self._backoff.connected_for(self._clock() - began)
        if lost is not None:
            raise lost

    async def _read(self, connection: Connection) -> None:
        while True:
            reply = await connection.receive()
            raise_goodbye(reply)
            self._watch.heard(expecting=self._protocol.expecting)
            if isinstance(reply, Events) and not await self._inbox.admits(self._expects):
                self._protocol.rooms.shed(reply)
                continue
            for update in self._protocol.receive(reply, self._clock()):
                self._inbox.put(update)
            if not self._protocol.expecting:
                self._watch.heard(expecting=False)
            self.wake()

    async def _write(self, connection: Connection) -> None:
        while True:
            self._changed.clear()
            commands = self._protocol.commands(self._clock())
            for command in commands:
                self._watch.asked()
                await connection.send(command)
            if commands:
                self._inbox.nudge()
            due = self._protocol.due(self._clock())
            await _wait(self._changed, None if due is None else due - self._clock())

    def _expects(self) -> bool:
        return self._protocol.expecting

    # Between two connections

    def _log_out(self, error: ChatError) -> None:
        self.logged_out = True
        self._greeting.forget()
        self._greeting.give_up(error)
        self._inbox.put(self._protocol.logged_out(error))
        log.warning("The server has logged us out: %s", error.message)

    async def _wait_after_loss(self, lost: Unreachable | ConnectionLost) -> None:
        if self._ending or (self.logged_out and not self._greeting.asked):
            return
        if isinstance(lost, (CertificateChanged, UnknownCertificate)):
            self._greeting.give_up(lost)  # a person has to decide that
        if not self.persistent:
            self._greeting.give_up(Unreachable(str(lost)))
            await self._greeting.next_ask()
            return
        hurried = self._watch.was_hurried()
        planned = self._backoff.planned(getattr(lost, "reconnect", None))
        pause = 0.0 if hurried else self._backoff.pause() if planned is None else planned
        self._attempt += 1
        self._inbox.put(
            Disconnected(str(lost), lost.code, pause, self._attempt, planned is not None)
        )
        await self._pause(pause)

    async def _wait_after_refusal(self, refused: NotWelcome) -> None:
        # At least our own pause: a server may say "now" each time.
        pause = max(self._backoff.pause(), refused.error.retry_after or 0.0)
        pause = min(pause, MOST_ASKED_SECONDS)
        self._inbox.put(NameRefused(refused.name, refused.error, pause))
        await self._pause(pause)

    async def _pause(self, seconds: float) -> None:
        await _wait(self._hurried, seconds)


async def _not_at_once(
    work: Callable[[Connection], Awaitable[None]], connection: Connection
) -> None:
    # An eager task runs before the group has all its tasks. If it failed then, the next
    # `create_task` would fail, too, and the group would report that as an error of its own.
    await asyncio.sleep(0)
    await work(connection)


def _which(losses: BaseExceptionGroup[ConnectionLost | LetOut]) -> ConnectionLost | LetOut:
    """Why a connection has ended: if the server has said so, that, else how it broke."""
    found = [one for one in losses.exceptions if isinstance(one, ConnectionLost | LetOut)]
    said = [one for one in found if isinstance(one, LetOut) or one.code != LOST]
    return next((one for one in said if isinstance(one, LetOut)), (said or found)[0])


async def _wait(event: asyncio.Event, seconds: float | None) -> None:
    """Waits for ``event``, at most so many seconds; None: without a limit."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(None if seconds is None else max(0.0, seconds)):
            await event.wait()
