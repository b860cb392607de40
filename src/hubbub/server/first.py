"""A connection whose protocol is not known yet: reads the first bytes and hands it over."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, cast

from hubbub.server.line import LineConnection
from hubbub.wire.detect import Protocol, could_be_other, detect
from hubbub.wire.line.codec import GREETING
from hubbub.wire.line.lines import MIN_SEGMENT_CHARS

if TYPE_CHECKING:
    from hubbub.server.listener import Listener

GREET_SECONDS = 1.0  # silence after which a client is asked for a name
PAUSE_SECONDS = 0.25  # silence after which an unfinished first line is one
LONG_PAUSE_SECONDS = 2.0  # the same, when it looks like the beginning of another protocol

NOT_SPOKEN = {
    Protocol.IRC: b"ERROR :This server does not speak IRC yet. Connect with netcat, telnet, "
    b"a browser, or: python client.py\r\n",
    # RFC 8446, 6: alert(21), version 3.1, length 2, fatal(2) handshake_failure(40)
    Protocol.TLS: b"\x15\x03\x01\x00\x02\x02\x28",
    Protocol.SSH: b"This server does not speak SSH.\r\n",
}
"""What is answered in protocols that are told from others but not served."""


class FirstBytes(asyncio.Protocol):
    """Listens until `hubbub.wire.detect` knows the protocol, or time or bytes run out."""

    __slots__ = ("_data", "_deadline", "_listener", "_segment", "_timer", "_transport")

    def __init__(self, listener: Listener) -> None:
        self._listener = listener
        self._data = b""
        self._segment = False  # whether it may be a client that ends no line
        self._timer: asyncio.TimerHandle | None = None
        self._deadline: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        wrong = self._listener.admit(self._transport)
        if wrong is not None:
            self._transport.write(wrong.encode() + b"\n")
            self._transport.close()
            return
        loop = self._listener.loop
        self._timer = loop.call_later(GREET_SECONDS, self._greet)
        self._deadline = loop.call_later(self._listener.options.name_seconds, self._too_slow)

    def data_received(self, data: bytes) -> None:
        if self._transport.is_closing():
            return
        if not self._data and self._deadline is not None:
            self._deadline.cancel()
            options = self._listener.options
            seconds = min(options.first_bytes_seconds, options.name_seconds)
            self._deadline = self._listener.loop.call_later(seconds, self._too_slow)
        self._data += data
        if len(data.decode(errors="replace").strip()) >= MIN_SEGMENT_CHARS:
            self._segment = True  # characters that come one by one are typed
        protocol = detect(self._data)
        if protocol is not None:
            self._hand_over(protocol)
            return
        self._cancel(self._timer)
        other = could_be_other(self._data)
        pause = LONG_PAUSE_SECONDS if other else PAUSE_SECONDS
        self._timer = self._listener.loop.call_later(pause, self._paused)

    def eof_received(self) -> bool:
        if self._data and not self._transport.is_closing():
            return bool(self._hand_over(Protocol.LINE).eof_received())
        return False

    def connection_lost(self, exc: Exception | None) -> None:
        self._cancel(self._timer)
        self._cancel(self._deadline)
        self._listener.gone(self._transport)

    def _greet(self) -> None:
        self._transport.write(GREETING.encode() + b"\n")

    def _paused(self) -> None:
        if self._segment:
            connection = self._hand_over(Protocol.LINE)
            assert isinstance(connection, LineConnection)
            connection.pause()

    def _too_slow(self) -> None:
        self._transport.write(b"That took too long. Please connect again.\n")
        self._transport.close()

    def _hand_over(self, protocol: Protocol) -> asyncio.Protocol:
        self._cancel(self._timer)
        self._cancel(self._deadline)
        data, self._data = self._data, b""
        if protocol in NOT_SPOKEN:
            self._transport.write(NOT_SPOKEN[protocol])
            self._transport.close()
            return self
        return self._listener.serve(self._transport, protocol, data)

    @staticmethod
    def _cancel(timer: asyncio.TimerHandle | None) -> None:
        if timer is not None:
            timer.cancel()
