"""IRC in a WebSocket (https://ircv3.net/specs/extensions/websocket): a frame for each line.

A layer around the connection of IRC: what is inside sees a transport of lines.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence

from websockets.datastructures import Headers
from websockets.frames import CloseCode, Frame, Opcode
from websockets.headers import parse_subprotocol
from websockets.protocol import OPEN, SERVER, Protocol

from hubbub.server.context import Context
from hubbub.server.portions import Portions

TEXT, BINARY = "text.ircv3.net", "binary.ircv3.net"
SUBPROTOCOLS = {TEXT: Opcode.TEXT, BINARY: Opcode.BINARY}
PATH = "/irc"
"""Where IRC is spoken also by who names no subprotocol."""

MAX_FRAME_BYTES = 16 * 1024  # of a message with its tags; a longer one closes the connection
SLICE_BYTES = 512  # given to the codec at once: a flood of tiny frames lets others go between

_quiet = logging.getLogger("hubbub.websocket")


def subprotocol_of(headers: Headers) -> str | None:
    """The subprotocol of IRC that a client prefers; None if it asks for none of them."""
    for value in headers.get_all("Sec-WebSocket-Protocol"):
        for name in parse_subprotocol(value):
            if name in SUBPROTOCOLS:
                return name
    return None


def is_for_irc(target: str) -> bool:
    """Whether a request is for the path that is IRC's."""
    return target.partition("?")[0].endswith(PATH)


class LineTransport(asyncio.Transport):
    """The inside of the WebSocket: lines are written, and go out as frames."""

    def __init__(self, socket: IrcSocket, outside: asyncio.Transport) -> None:
        super().__init__()
        self._socket = socket
        self._outside = outside
        for name in (
            "abort",
            "get_extra_info",
            "get_write_buffer_size",
            "is_closing",
            "pause_reading",
            "resume_reading",
            "set_write_buffer_limits",
        ):
            setattr(self, name, getattr(outside, name))

    def write(self, data: bytes | bytearray | memoryview) -> None:
        """Sends each line of ``data`` as a message."""
        self._socket.send(bytes(data).split(b"\r\n"))

    def close(self) -> None:
        """Closes the WebSocket, and then the connection."""
        self._socket.say_goodbye()
        self._outside.close()


class IrcSocket(Portions):
    """A WebSocket after its handshake, with a connection of IRC inside."""

    __slots__ = (
        "_address",
        "_backlog",
        "_context",
        "_inside",
        "_is_text",
        "_opcode",
        "_parts",
        "_transport",
        "_ws",
    )

    def __init__(
        self, context: Context, transport: asyncio.Transport, opcode: Opcode, address: str
    ) -> None:
        """``opcode``: of the frames that are sent. ``address``: of who has made the handshake."""
        self._context = context
        self._transport = transport
        self._opcode = opcode
        self._address = address
        self._ws = Protocol(SERVER, max_size=MAX_FRAME_BYTES, logger=_quiet)
        self._parts: list[bytes] = []
        self._is_text = False  # the message of which those are
        self._backlog = b""
        from hubbub.server.irc import IrcConnection, host_of  # see `hubbub.server.wires._irc`

        self._inside = IrcConnection(context, host_of(context))

    def begin(self, data: bytes) -> None:
        """Has the connection from now on; ``data``: what came behind the handshake."""
        lines = LineTransport(self, self._transport)
        self._transport.set_protocol(self)
        self._context.admission.moved(self._transport, lines)
        self._inside.connection_made(lines)
        self._inside.comes_from(self._address)
        self.received(data)

    # asyncio's protocol, by `Portions`

    def received(self, data: bytes) -> None:
        self._backlog += data
        if len(self._backlog) <= SLICE_BYTES:
            self._take()
        else:
            self._transport.pause_reading()
            self._take_slices()

    def _take_slices(self) -> None:
        self._take()
        if self._transport.is_closing():
            return
        if self._backlog:
            self._context.loop.call_soon(self._take_slices)
        elif not self._inside.waits:
            self._transport.resume_reading()

    def _take(self) -> None:
        data, self._backlog = self._backlog[:SLICE_BYTES], self._backlog[SLICE_BYTES:]
        self._ws.receive_data(data)
        messages = [one for frame in self._ws.events_received() if (one := self._message(frame))]
        if messages:
            self._inside.received(b"\n".join([*messages, b""]))
        self._write()

    def _message(self, event: object) -> bytes | None:
        """The message that is complete with a frame; None if none is."""
        assert isinstance(event, Frame)
        if event.opcode not in (Opcode.TEXT, Opcode.BINARY, Opcode.CONT):
            return None
        if event.opcode is not Opcode.CONT:
            self._is_text = event.opcode is Opcode.TEXT
        self._parts.append(bytes(event.data))
        if not event.fin:
            return None
        message, self._parts = b"".join(self._parts), []
        if self._is_text and not _is_utf8(message):
            # RFC 6455, 8.1: text that is not UTF-8 fails the connection.
            self._ws.fail(CloseCode.INVALID_DATA, "text frames are UTF-8")
            return None
        return message

    def eof_received(self) -> bool:
        self._ws.receive_eof()
        return self._inside.eof_received()

    def connection_lost(self, exc: Exception | None) -> None:
        self._inside.connection_lost(exc)

    def pause_writing(self) -> None:
        self._inside.pause_writing()

    def resume_writing(self) -> None:
        self._inside.resume_writing()

    # Bytes out

    def send(self, lines: Sequence[bytes]) -> None:
        """Sends each of ``lines``, which have no end, in a frame of its own."""
        if self._ws.state is OPEN and self._ws.close_rcvd is None:
            frames = (Frame(self._opcode, line).serialize(mask=False) for line in lines if line)
            self._transport.write(b"".join(frames))

    def say_goodbye(self) -> None:
        """Sends the close frame, if it was not sent."""
        if self._ws.state is OPEN:
            leaving = self._context.closing
            self._ws.send_close(CloseCode.GOING_AWAY if leaving else CloseCode.NORMAL_CLOSURE)
        self._write()

    def _write(self) -> None:
        for data in self._ws.data_to_send():
            if data:
                self._transport.write(data)
            else:
                self._inside.eof_received()  # which ends the connection when all is done


def _is_utf8(data: bytes) -> bool:
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True
