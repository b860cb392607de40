"""An encrypted connection: a protocol to the socket's transport, a transport to what is inside.

asyncio and uvloop have such a thing, `loop.start_tls`, that does not fit here: it keeps a buffer of
256 KiB for each connection, reads in portions of that size, and cannot end one direction only, so
that who has sent everything would not hear the answer. Here what is written is encrypted into the
socket's own buffer at once, so that its limits, and the back-pressure, are those of a plain
connection.
"""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from typing import Any, cast

from hubbub.server.portions import PORTION_BYTES, Portions, hand_over

# Filled and handed over in one step, as the buffer in `hubbub.server.portions`.
_plain = memoryview(bytearray(PORTION_BYTES))

MOST_RECORDS = 64
"""Of which one portion is made. Each takes a microsecond, even if there is only a byte in it."""

_OVER = asyncio.BaseProtocol()


class Encrypted(Portions, asyncio.Transport):
    """One connection over TLS whose handshake is done, the server's side of it.

    ``inside`` is the protocol that the plain bytes are for. ``outgoing`` is empty between two steps
    of the loop, and may so be shared by all connections of one loop.
    """

    __slots__ = (
        "_closing",
        "_ended",
        "_incoming",
        "_outgoing",
        "_paused",
        "_protocol",
        "_ssl",
        "_transport",
        "_unread",
    )

    def __init__(
        self,
        transport: asyncio.Transport,
        connection: ssl.SSLObject,
        incoming: ssl.MemoryBIO,
        outgoing: ssl.MemoryBIO,
        inside: asyncio.BaseProtocol,
    ) -> None:
        self._transport = transport
        self._ssl = connection
        self._incoming = incoming
        self._outgoing = outgoing
        self._protocol = inside
        self._paused = False  # what is inside takes no bytes now
        self._unread = False  # there may be bytes that it has not got
        self._ended = False  # the client sends no more
        self._closing = False  # nor do we

    # To the socket's transport: a protocol

    def received(self, data: bytes) -> None:
        if self._closing or self._ended:
            return
        self._incoming.write(data)
        self.read()

    def eof_received(self) -> bool:
        # Without a close_notify somebody else may have cut it: what was being said is not whole.
        return self._ended and not self._closing

    def connection_lost(self, exc: Exception | None) -> None:
        self._closing = True
        protocol, self._protocol = self._protocol, _OVER
        protocol.connection_lost(exc)

    def pause_writing(self) -> None:
        self._protocol.pause_writing()

    def resume_writing(self) -> None:
        self._protocol.resume_writing()

    # To what is inside: a transport

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        if name == "ssl_object":
            return self._ssl
        if name == "sslcontext":
            return self._ssl.context
        return self._transport.get_extra_info(name, default)

    def set_protocol(self, protocol: asyncio.BaseProtocol) -> None:
        self._protocol = protocol

    def get_protocol(self) -> asyncio.BaseProtocol:
        return self._protocol

    def is_closing(self) -> bool:
        return self._closing or self._transport.is_closing()

    def is_reading(self) -> bool:
        return not self._paused and not self.is_closing()

    def pause_reading(self) -> None:
        if not self._paused and not self.is_closing():
            self._paused = True
            self._transport.pause_reading()

    def resume_reading(self) -> None:
        if self._paused and not self.is_closing():
            self._paused = False
            if self._unread:
                # Later, as from a socket: whoever asks may be in the middle of something.
                asyncio.get_running_loop().call_soon(self._read_on)
            else:
                self._transport.resume_reading()

    def set_write_buffer_limits(self, high: int | None = None, low: int | None = None) -> None:
        self._transport.set_write_buffer_limits(high, low)

    def get_write_buffer_limits(self) -> tuple[int, int]:
        return self._transport.get_write_buffer_limits()

    def get_write_buffer_size(self) -> int:
        """In bytes as they are sent, encrypted."""
        return self._transport.get_write_buffer_size()

    def write(self, data: bytes | bytearray | memoryview) -> None:
        if not data or self._closing:
            return
        try:
            sent = self._ssl.write(data)
            while sent < len(data):  # a record takes 16 KiB
                sent += self._ssl.write(memoryview(data)[sent:])
        except ssl.SSLError:
            self._outgoing.read()
            self.abort()
        else:
            self._transport.write(self._outgoing.read())

    def writelines(self, list_of_data: Any) -> None:
        self.write(b"".join(list_of_data))

    def can_write_eof(self) -> bool:
        return self._transport.can_write_eof()

    def write_eof(self) -> None:
        """Says close_notify and ends our side. What still comes is read, and thrown away."""
        self._say_close()
        if self._transport.can_write_eof() and not self._transport.is_closing():
            self._transport.write_eof()

    def close(self) -> None:
        self._say_close()
        self._transport.close()

    def abort(self) -> None:
        self._closing = True
        self._transport.abort()

    # What comes

    def read(self) -> None:
        """Hands over a portion of what came, as a socket would; more of it with a later step."""
        self._unread = True
        if not self._ended and (data := self._decrypt()):
            hand_over(cast(Portions, self._protocol), data)
        if not self._unread or self._paused or self.is_closing():
            return
        if self._ended:
            self._unread = False
            if not cast(asyncio.Protocol, self._protocol).eof_received():
                self.close()
        else:
            self._transport.pause_reading()
            asyncio.get_running_loop().call_soon(self._read_on)

    def _read_on(self) -> None:
        """The next portion of what is there; then the socket is read from again."""
        if self._paused or self.is_closing():
            return
        try:
            self.read()
        except Exception as error:  # noqa: BLE001 - a fault of ours ends one connection, not all
            asyncio.get_running_loop().call_exception_handler(
                {"message": "A connection failed", "exception": error, "protocol": self._protocol}
            )
            self.abort()
        if not self._unread and self.is_reading():
            self._transport.resume_reading()

    def _decrypt(self) -> bytes:
        """The next portion; ``_unread`` tells from then on whether there may be more."""
        filled = 0
        try:
            for _ in range(MOST_RECORDS):
                room = _plain[filled:] if filled else _plain
                # Its type says bytes, which it returns when it is given no buffer.
                count = cast(int, self._ssl.read(PORTION_BYTES - filled, room))
                if not count:
                    self._ended = True
                    break
                filled += count
                if not self._incoming.pending and not self._ssl.pending():
                    self._unread = False  # asked in vain, it raises an error, which takes longer
                    break
                if filled == PORTION_BYTES:
                    break
        except ssl.SSLWantReadError:
            self._unread = False
        except ssl.SSLError:
            # What came before it is good, but the other side is none that we could go on with.
            self._fail()
        self._flush()
        return bytes(_plain[:filled])

    def _fail(self) -> None:
        """Ends the connection, with the alert that tells the client why."""
        self._flush()
        self._closing = True
        self._unread = False
        self._transport.close()

    def _say_close(self) -> None:
        if self._closing:
            return
        self._closing = True
        with contextlib.suppress(ssl.SSLError):  # it would wait for the client's close_notify
            self._ssl.unwrap()
        self._flush()

    def _flush(self) -> None:
        if self._outgoing.pending:
            data = self._outgoing.read()
            if not self._transport.is_closing():
                self._transport.write(data)
