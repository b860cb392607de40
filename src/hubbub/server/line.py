"""A connection that speaks the plain line protocol."""

from __future__ import annotations

import asyncio

from hubbub.domain.commands import Command
from hubbub.domain.errors import ChatError
from hubbub.domain.replies import DirectRoom, Reply
from hubbub.server.connection import Connection
from hubbub.server.context import Context
from hubbub.wire.line import LineFormat, LineWire
from hubbub.wire.line.codec import Stage
from hubbub.wire.line.lines import LineReader

PAUSE_SECONDS = 0.25  # silence that ends the line of a client that sends no line ends


class LineConnection(Connection):
    """netcat, telnet, a bare socket. The name is held while the connection lasts, no longer."""

    __slots__ = ("_pause_timer", "_wire")

    def __init__(self, context: Context, formats: tuple[LineFormat, LineFormat]) -> None:
        super().__init__(context)
        self._wire = LineWire(formats, LineReader(context.options.line_bytes))
        self._pause_timer: asyncio.TimerHandle | None = None

    @property
    def format(self) -> LineFormat:
        return self._wire.format

    def take(self, data: bytes) -> None:
        if self._pause_timer is not None:
            self._cancel_pause()
        self._wire.receive(data)
        reader = self._wire.reader
        if (reader.segments or self._wire.stage is Stage.NAME) and reader.partial:
            loop = self.context.loop
            self._pause_timer = loop.call_later(PAUSE_SECONDS, self.pause)

    def pause(self) -> None:
        """The client has paused, which may end its line."""
        self._cancel_pause()
        self._wire.pause()
        self.pump()

    def next_command(self) -> Command | None:
        return self._wire.next_command()

    def encode(self, reply: Reply) -> bytes:
        if type(reply) is DirectRoom:  # which asks for something, also when it answers nothing
            self.context.loop.call_soon(self.pump)
        return self._wire.reply(reply)

    def refuse(self, error: ChatError) -> None:
        super().refuse(error)
        if self._wire.over:
            self.context.hub.end(self.session, deliberate=True)
            self.close()

    def eof_received(self) -> bool:
        # `printf … | nc` ends its side at once: what it sent is done before the connection ends.
        self._wire.end()
        self.pump()
        return True

    def connection_lost(self, exc: Exception | None) -> None:
        self._cancel_pause()
        super().connection_lost(exc)

    def _cancel_pause(self) -> None:
        if self._pause_timer is not None:
            self._pause_timer.cancel()
            self._pause_timer = None
