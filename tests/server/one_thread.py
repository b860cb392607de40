"""A WebSocket over TLS that one thread reads and writes.

OpenSSL lets no two threads use one connection at the same time, and Python before 3.14 does not
keep them apart (https://github.com/openssl/openssl/issues/20446, python/cpython#134698). The
blocking client of websockets reads in a thread of its own: on a busy machine, what it had written
meanwhile, as the opening request, was never sent.
"""

from __future__ import annotations

import ssl
from typing import Self

from websockets.client import ClientProtocol
from websockets.exceptions import ConnectionClosed
from websockets.frames import Frame, Opcode
from websockets.http11 import Response
from websockets.uri import parse_uri


class OneThread:
    """Opened on ``connection``. Raises `websockets.exceptions.InvalidStatus` if it is refused."""

    def __init__(self, connection: ssl.SSLSocket, url: str, headers: dict[str, str]) -> None:
        self._connection = connection
        self._protocol = ClientProtocol(parse_uri(url))
        self._ended = False
        try:
            request = self._protocol.connect()
            request.headers.update(headers)
            self._protocol.send_request(request)
            self._flush()
            response = self._next()
            if self._protocol.handshake_exc is not None:
                raise self._protocol.handshake_exc
            assert isinstance(response, Response)
        except BaseException:
            connection.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def send(self, text: str) -> None:
        """One message."""
        self._protocol.send_text(text.encode())
        self._flush()

    def recv(self) -> str:
        """The next message. Raises `websockets.exceptions.ConnectionClosed` at the end."""
        while True:
            frame = self._next()
            if isinstance(frame, Frame) and frame.opcode is Opcode.TEXT:
                assert frame.fin, "the server cuts no message"
                return bytes(frame.data).decode()

    def close(self) -> None:
        """Says that it is over, and hears the server say so."""
        try:
            if not self._ended:
                self._protocol.send_close(1000)
                self._flush()
                while True:
                    self._next()
        except (ConnectionClosed, OSError):
            pass
        finally:
            self._connection.close()

    def _next(self) -> object:
        """The next event of the protocol."""
        while not (events := self._protocol.events):
            if self._ended:
                raise self._protocol.handshake_exc or self._protocol.close_exc
            data = self._connection.recv(65536)
            if data:
                self._protocol.receive_data(data)
            else:
                self._ended = True
                self._protocol.receive_eof()
            self._flush()
        return events.pop(0)

    def _flush(self) -> None:
        for data in self._protocol.data_to_send():
            if data:  # else the end of this side, which TLS says when it is closed
                self._connection.sendall(data)
