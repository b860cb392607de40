"""A connection that speaks the JSON protocol over a WebSocket (RFC 6455)."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence

from websockets.frames import CloseCode, Frame, Opcode
from websockets.http11 import Request
from websockets.protocol import OPEN, SERVER, Protocol

from hubbub.domain.commands import Bye, Command
from hubbub.domain.errors import BadMessage, ChatError, LineTooLong
from hubbub.domain.events import AnyEvent
from hubbub.domain.names import RoomName
from hubbub.domain.replies import Events, Goodbye, Refused, Reply
from hubbub.server.clear import in_the_clear
from hubbub.server.connection import Connection
from hubbub.server.context import Context
from hubbub.server.handshake import Handshake
from hubbub.server.ircsocket import SUBPROTOCOLS, TEXT, IrcSocket, is_for_irc, subprotocol_of
from hubbub.wire.json import decode_command, encode
from hubbub.wire.json.envelope import Envelope, envelope

HEARD_LIMITS = 2
"""A frame over the limit is refused in words up to so many times its size; one beyond that closes
the connection with 1009 (RFC 6455, 7.4.1), as it cannot be kept until its ``id`` is known."""
SLICE_BYTES = 512  # given to the codec at once: a flood of tiny frames takes turns, too

_quiet = logging.getLogger("hubbub.websocket")
_quiet.addHandler(logging.NullHandler())
_quiet.propagate = False


def frame(data: bytes) -> bytes:
    """A whole message as one unmasked text frame (RFC 6455, 5.2)."""
    return Frame(Opcode.TEXT, data).serialize(mask=False)


class FrameFormat:
    """Events as frames: the same bytes for every WebSocket, as no extension is negotiated."""

    __slots__ = ()
    echoes = True

    def events(self, room: RoomName, events: Sequence[AnyEvent], *, past: bool = False) -> bytes:
        """One ``events`` frame."""
        return frame(encode(Events(room=room, events=events)))

    def differ(self, events: Sequence[AnyEvent]) -> None:
        """All are shown the same."""
        return

    def notice(self, notice: Reply) -> bytes:
        """One frame."""
        return frame(encode(notice))


class JsonConnection(Connection):
    """The web page, the terminal client, bots."""

    __slots__ = (
        "_backlog",
        "_closed",
        "_format",
        "_heard",
        "_opened",
        "_parts",
        "_pinged",
        "_refused",
        "_start",
        "_ws",
    )

    resumable = True
    protocol = "websocket"

    def __init__(self, context: Context, format: FrameFormat) -> None:
        super().__init__(context)
        self._format = format
        self._ws: Protocol = Handshake(max_size=self._most_bytes, logger=_quiet)
        self._opened = False
        self._closed = False
        self._backlog = b""
        self._start = 0
        # One object for all of them: a part of one byte would take fifty as an object of its own.
        self._parts: bytearray | None = None
        self._heard = context.loop.time()
        self._pinged = False
        self._refused = Envelope()

    @property
    def format(self) -> FrameFormat:
        return self._format

    @property
    def _most_bytes(self) -> int:
        return HEARD_LIMITS * self.context.options.line_bytes

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        self.context.admission.begins_chat(transport)
        self.context.heartbeat.add(self)

    def connection_lost(self, exc: Exception | None) -> None:
        self.context.heartbeat.discard(self)
        super().connection_lost(exc)

    def eof_received(self) -> bool:
        # After a close frame the client may go; what it sent before that is done all the same.
        if self._ws.close_rcvd is not None:
            return True
        if self._opened:
            self._ws.receive_eof()
            self._send()
        return False

    def left_deliberately(self) -> bool:
        # 1000 is a program's "done"; 1001 is a tab that navigates and may be back at once.
        closed = self._ws.close_rcvd
        return closed is not None and closed.code == CloseCode.NORMAL_CLOSURE

    # Bytes in

    def take(self, data: bytes) -> None:
        self._heard = self.context.loop.time()
        self._pinged = False
        self._backlog = self._backlog[self._start :] + data if self._backlog else data
        self._start = 0

    def next_command(self) -> Command | None:
        if not self._ws.events:
            self._parse()
        command = None
        if self._ws.events:
            event = self._ws.events.pop(0)
            assert isinstance(event, Frame)
            command = self._frame(event)
        # A close frame of ours comes after the answers to what was sent before theirs.
        if self._ws.state is OPEN or (command is None and not self._ws.events):
            self._send()
        return command

    def has_more(self) -> bool:
        return bool(self._ws.events) or self._start < len(self._backlog)

    def _parse(self) -> None:
        """Gives the codec the next slice of what came in."""
        if self._start >= len(self._backlog) or self._transport.is_closing():
            self._backlog, self._start = b"", 0
            return
        end = self._start + SLICE_BYTES
        if not self._opened:
            # Line by line: no frame is to be read before its handshake is answered.
            end = self._backlog.find(b"\n", self._start, end) + 1 or end
        piece, self._start = self._backlog[self._start : end], end
        self._ws.receive_data(piece)
        if not self._opened and self._ws.events:
            self._answer_handshake()

    def _frame(self, frame: Frame) -> Command | None:
        if frame.opcode is Opcode.TEXT:
            if frame.fin:
                return self._message(bytes(frame.data))
            self._parts = bytearray(frame.data)
        elif frame.opcode is Opcode.CONT and self._parts is not None:
            self._parts += frame.data
            if frame.fin:
                data, self._parts = bytes(self._parts), None
                return self._message(data)
        elif frame.opcode is Opcode.BINARY:
            self._parts = None
            self._refused = Envelope()
            raise BadMessage("Send text frames; binary ones mean nothing here.")
        elif frame.opcode is Opcode.CLOSE and self.left_deliberately():
            return Bye()
        return None

    def _message(self, data: bytes) -> Command | None:
        limit = self.context.options.line_bytes
        try:
            if len(data) > limit:
                raise LineTooLong(
                    f"This message has {len(data):,} bytes on its way to the server, which takes "
                    f"{limit:,}. Nothing was done: please send less at once."
                )
            return decode_command(data)
        except ChatError as error:
            # RFC 6455, 8.1: text that is not UTF-8 fails the connection; bad JSON does not.
            if isinstance(error, (BadMessage, LineTooLong)) and not _is_utf8(data):
                self._ws.fail(CloseCode.INVALID_DATA, "text frames are UTF-8")
                self._send()
                return None
            self._refused = envelope(data)
            raise

    def _answer_handshake(self) -> None:
        assert isinstance(self._ws, Handshake)
        request = self._ws.events.pop(0)
        assert isinstance(request, Request)
        fields, context = request.headers.get_all, self.context
        asker = context.askers.asks(self._transport, fields, chats=True)
        # Who chats is the client of the handshake, also where it is a proxy that makes connections.
        self.session.client = asker.client
        port = context.admission.origin(self._transport).server[1]
        refusal = asker.refusal or context.origin_policy.websocket(fields, port, asker.said)
        if not asker.said.secure:
            refusal = refusal or in_the_clear(context, self._transport)
        refusal = refusal or context.askers.may_chat(self._transport)
        self._ws.chosen = subprotocol_of(request.headers)
        self._ws.send_response(self._ws.answer(request, refusal))
        self._opened = self._ws.state is OPEN
        self._send()
        if self._opened and (self._ws.chosen is not None or is_for_irc(request.path)):
            self._leave_to_irc(self._ws.chosen, asker.said.address)
        elif self._opened:
            # What the handshake kept is of no use any more, and there are thousands of these.
            self._ws = Protocol(SERVER, max_size=self._most_bytes, logger=_quiet)

    def _leave_to_irc(self, subprotocol: str | None, address: str) -> None:
        """What follows is IRC, and the connection another one's."""
        rest, self._backlog = self._backlog[self._start :], b""
        self._start = 0
        self._cancel_name_timer()
        self.context.heartbeat.discard(self)
        self.context.hub.end(self.session, deliberate=True)
        if self._paused:
            self._read_on()
        opcode = SUBPROTOCOLS[subprotocol or TEXT]
        IrcSocket(self.context, self._transport, opcode, address).begin(rest)

    # Bytes out

    def encode(self, reply: Reply) -> bytes:
        # RFC 6455, 5.5.1: no more data frames after a close frame. Ours goes out in `_send`.
        if not self._opened or self._closed or (type(reply) is Goodbye and self._ws.close_rcvd):
            return b""
        return frame(encode(reply))

    def refuse(self, error: ChatError) -> None:
        self.context.hub.counts.refuse(error.code)
        self.reply(Refused.of(error, self._refused.id, nonce=self._refused.nonce))

    def close(self) -> None:
        if self._opened and self._ws.state is OPEN:
            # 1001 (RFC 6455, 7.4.1): "a server going down"; clients come back after it.
            leaving = self.context.closing
            self._ws.send_close(CloseCode.GOING_AWAY if leaving else CloseCode.NORMAL_CLOSURE)
        self._send()
        super().close()

    def stood_still(self, seconds: float) -> None:
        """The server was suspended for so long; this was no silence of the client."""
        self._heard += seconds

    def beat(self, now: float) -> None:
        """Pings a client that was silent for long; aborts one that does not answer.

        One that we do not read from, or that has not taken all we wrote, is slow, not silent.
        """
        options = self.context.options
        unread = self._paused or self.has_more()
        if unread or self._transport.get_write_buffer_size() > 0:
            self._heard = now
        elif now - self._heard > options.idle_seconds:
            self._transport.abort()
        elif now - self._heard > options.ping_seconds and self._opened and not self._pinged:
            self._pinged = True
            self._ws.send_ping(b"")
            self._send()

    def _send(self) -> None:
        """Writes what the codec has to say; when it is at its end, so is the session."""
        self._closed = self._opened and self._ws.state is not OPEN
        for data in self._ws.data_to_send():
            if data:
                self._transport.write(data)
            else:
                self.context.hub.end(self.session, deliberate=self.left_deliberately())
                super().close()


def _is_utf8(data: bytes) -> bool:
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True
