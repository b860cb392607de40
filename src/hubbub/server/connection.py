"""The base of all chat connections: commands in, bytes out, with bounded buffers."""

from __future__ import annotations

import asyncio
import hashlib
import logging
from collections.abc import Collection, Sequence
from contextlib import suppress
from typing import cast

from hubbub.domain.commands import Command
from hubbub.domain.errors import ChatError, InternalError
from hubbub.domain.events import AnyEvent
from hubbub.domain.names import RoomName
from hubbub.domain.replies import Goodbye, Refused, Reply, Welcome
from hubbub.hub.ports import Format, Pipe
from hubbub.hub.session import Session
from hubbub.hub.share import Share
from hubbub.server.context import Context
from hubbub.server.numbering import told
from hubbub.server.portions import Portions

MAX_REFUSALS = 100  # refusals of one connection before it has to pause
RESTING = -1_000_000_000  # more refusals than there can be in a pause
PENALTY_SECONDS = 1.0  # length of the pause: a flood of invalid input must cost the sender more
CLOSE_SECONDS = 5.0  # until a closing connection is aborted if the client takes no more bytes
MOST_CLOSE_SECONDS = 60.0  # the same, while the client takes some

logger = logging.getLogger(__name__)


class Connection(Portions):
    """One client's socket; the hub's `Outlet`. Subclasses know the wire.

    The transport buffers what is written, up to its high-water mark and one batch more; then the
    session stalls, and catches up from the log when the buffer has drained. A client whose
    commands cannot be taken now is not read from. Commands are taken in turns (see
    `hubbub.hub.turns`), so that no client waits for another one's.
    """

    __slots__ = (
        "_name_timer",
        "_paused",
        "_refusals",
        "_transport",
        "context",
        "queued",
        "session",
    )

    resumable = False
    patient = False
    protocol = "line"
    ahead = 0.0  # all that a turn has begun is done by then, or waits for the log

    def __init__(self, context: Context) -> None:
        self.context = context
        self.queued = False
        self._paused = False
        self._refusals = 0  # below zero: it has to pause
        self._name_timer: asyncio.TimerHandle | None = None

    @property
    def share(self) -> Share:
        """See `hubbub.hub.turns.Taker`."""
        return self.session.share

    # For subclasses to implement

    @property
    def format(self) -> Format:
        """The format of events on this connection."""
        raise NotImplementedError

    def next_command(self) -> Command | None:
        """The next command of the input, or None. Raises `ChatError` for an invalid one."""
        raise NotImplementedError

    def has_more(self) -> bool:
        """Whether there is more input although `next_command` returned None to yield its turn."""
        return False

    def encode(self, reply: Reply) -> bytes:
        """The bytes of an answer."""
        raise NotImplementedError

    def take(self, data: bytes) -> None:
        """Adds received bytes to the input."""
        raise NotImplementedError

    # asyncio's protocol, by `Portions`

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        options = self.context.options
        self._transport.set_write_buffer_limits(high=options.outbox_bytes)
        client = self.context.admission.client_of(transport)
        self.session: Session = self.context.hub.connect(self, client)
        self._name_timer = self.context.loop.call_later(options.name_seconds, self._no_name)
        if logger.isEnabledFor(logging.DEBUG):
            told_of = {"protocol": self.protocol, "client": client.key}
            with self.context.ids.named(self):
                logger.debug("A connection begins", extra=told_of)

    def received(self, data: bytes) -> None:
        if self.session.ended:
            return  # read all the same: what is left unread makes the system reset the connection
        self.take(data)
        if self.session.blocked or self.session.stalled or self._resting:
            self._pause_reading()
            return
        self.pump()
        if self.queued:
            # What comes meanwhile stays with the kernel: reading it would take time from others.
            self._pause_reading()

    def connection_lost(self, exc: Exception | None) -> None:
        self._cancel_name_timer()
        if logger.isEnabledFor(logging.DEBUG):
            with self.context.ids.named(self):
                logger.debug("A connection ends", extra={"protocol": self.protocol})
        self.context.ids.gone(self)
        self.context.admission.gone(self._transport)
        self.context.hub.end(self.session, deliberate=self.left_deliberately())

    def left_deliberately(self) -> bool:
        """Whether the user closed the connection, as opposed to a lost one."""
        return False

    def pause_writing(self) -> None:
        self.context.hub.stall(self.session)

    def resume_writing(self) -> None:
        self.context.hub.unstall(self.session)
        self.pump()

    # Outlet

    @property
    def pipe(self) -> Pipe:
        return self._transport

    def read_when_gone(self, room: RoomName) -> int | None:
        return 0 if self.resumable else None

    @property
    def tells_labels(self) -> bool:
        return False

    def show(self, room: RoomName, events: Sequence[AnyEvent], own: Collection[int]) -> bytes:
        return self.format.events(room, events)

    @property
    def certificate(self) -> str | None:
        """The SHA-256 of the client's certificate, in hexadecimal digits."""
        connection = self._transport.get_extra_info("ssl_object")
        shown = None if connection is None else connection.getpeercert(binary_form=True)
        return hashlib.sha256(shown).hexdigest() if shown else None

    def reply(self, reply: Reply) -> None:
        if type(reply) is Refused:
            self._refusals += 1
        elif type(reply) is Welcome:
            self._cancel_name_timer()
            self.context.admission.named(self._transport)
        data = self.encode(reply)
        if data:
            self._transport.write(data)

    def ready(self) -> None:
        self.pump()

    def close(self) -> None:
        self._cancel_name_timer()
        self._transport.close()
        self._wait_for_the_end(self.context.loop.time() + MOST_CLOSE_SECONDS)

    def _wait_for_the_end(self, deadline: float) -> None:
        """Aborts the connection when the client has stopped taking its last bytes."""
        loop, transport = self.context.loop, self._transport
        before = transport.get_write_buffer_size()

        def look() -> None:
            taking = transport.get_write_buffer_size() < before
            if taking and loop.time() < deadline and not self.context.closing:
                self._wait_for_the_end(deadline)
            else:
                transport.abort()

        # Reuses the name's timer, which is cancelled when the connection ends.
        self._name_timer = loop.call_later(CLOSE_SECONDS, look)

    # Commands

    def pump(self) -> None:
        """Hands commands to the hub for as long as the session takes them, when it is its turn."""
        if not self._resting:
            self.context.hub.turns.take(self)

    def turn(self, until: float) -> bool:
        """See `hubbub.hub.turns.Taker`."""
        session = self.session
        if session.ended or self._resting:
            return False  # who is gone needs no answer
        try:
            more = self._take_commands(session, until)
        except Exception as error:  # noqa: BLE001 - a fault of ours ends one connection, not all
            self._failed(error)
            return False
        if self._refusals >= MAX_REFUSALS:
            self._rest()
            return False
        if more:
            self._pause_reading()
        elif self._paused and not session.blocked and not session.stalled:
            self._read_on()
        return more

    def _failed(self, error: Exception) -> None:
        """Tells the log, and the client with what it is found there; and ends the connection."""
        self.context.tallies.faults[self.protocol] += 1
        with self.context.ids.named(self) as id:
            self.context.loop.call_exception_handler(
                {"message": "A connection failed", "exception": error, "protocol": self}
            )
        with suppress(Exception):  # it may be the telling that fails, or the end
            self.reply(Refused.of(InternalError(told(id))))
            self.context.hub.end(self.session, deliberate=False)
        self._transport.close()
        self._wait_for_the_end(self.context.loop.time() + MOST_CLOSE_SECONDS)

    def _take_commands(self, session: Session, until: float) -> bool:
        """Hands over commands until the time is up; whether there may be more."""
        hub, stopwatch = self.context.hub, self.context.hub.turns.stopwatch
        while not session.blocked and not session.stalled:
            try:
                command = self.next_command()
            except ChatError as error:
                self.refuse(error)
            else:
                if command is not None:
                    hub.handle(session, command)
                elif not self.has_more():
                    return False
            if self._refusals >= MAX_REFUSALS:
                return False
            if stopwatch() >= until:
                return True
        if session.ended and self._paused and not self._transport.is_closing():
            self._read_on()  # to throw away what comes: see `received`
        return False

    def refuse(self, error: ChatError) -> None:
        """Tells why what came in was no command."""
        self.context.hub.counts.refuse(error.code)
        self.reply(Refused.of(error))

    def _pause_reading(self) -> None:
        if not self._paused and not self._transport.is_closing():
            self._paused = True
            self._transport.pause_reading()

    def _read_on(self) -> None:
        self._paused = False
        self._transport.resume_reading()

    @property
    def _resting(self) -> bool:
        return self._refusals < 0

    def _rest(self) -> None:
        self._refusals = RESTING
        self._pause_reading()
        self.context.loop.call_later(PENALTY_SECONDS, self._rested)

    def _rested(self) -> None:
        self._refusals = 0
        if not self._transport.is_closing():
            self.pump()

    # The time for a name

    def _no_name(self, seconds: float | None = None) -> None:
        self._name_timer = None
        seconds = seconds or self.context.options.name_seconds
        self.reply(
            Goodbye(
                reason="too-slow",
                message=f"No name came within {seconds:g} s. Please connect again.",
            )
        )
        self.close()

    def _cancel_name_timer(self) -> None:
        if self._name_timer is not None:
            self._name_timer.cancel()
            self._name_timer = None
