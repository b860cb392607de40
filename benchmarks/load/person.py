"""Somebody who joins a room and takes the time until all that is to be shown has come."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TypeVar

from websockets.client import ClientProtocol
from websockets.frames import Frame, Opcode
from websockets.uri import parse_uri

from benchmarks.errors import Failed
from hubbub.domain.commands import Bye, Command, Hello, Join
from hubbub.domain.names import RoomName, UserName
from hubbub.domain.replies import Events, Refused, Reply, RoomJoined, Welcome
from hubbub.wire.json import decode_reply, encode

ANSWER_SECONDS = 10.0
CHUNK = 1 << 20

R = TypeVar("R", bound=Reply)


@contextmanager
def _connected(port: int) -> Iterator[socket.socket]:
    with socket.create_connection(("127.0.0.1", port), timeout=ANSWER_SECONDS) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        try:
            yield connection
        except TimeoutError:
            raise Failed(f"the server did not answer for {ANSWER_SECONDS:g} s") from None


def join_by_line(port: int, name: str, room: str) -> float:
    """Milliseconds from the room's name to the line that says that ``name`` has joined."""
    with _connected(port) as connection:
        connection.sendall(f"{name}\n".encode())
        _read_until(connection, f"  {room} (".encode())
        began = time.perf_counter()
        connection.sendall(f"{room}\n".encode())
        _read_until(connection, f"{name} has joined the chat!\n".encode())
        took = time.perf_counter() - began
        connection.sendall(b"exit\n")
        while connection.recv(CHUNK):
            pass
    return took * 1000


def _read_until(connection: socket.socket, words: bytes) -> None:
    heard = b""
    while words not in heard:
        data = connection.recv(CHUNK)
        if not data:
            raise Failed(f"the server closed instead of saying {words.decode()!r}")
        heard += data


def join_by_websocket(port: int, name: str, room: str) -> float:
    """Milliseconds from the command to the room's newest event."""
    with _connected(port) as connection:
        replies = _Replies(connection, port)
        replies.send(Hello(user=UserName.parse(name)))
        replies.until(Welcome)
        began = time.perf_counter()
        replies.send(Join(room=RoomName.parse(room)))
        head = replies.until(RoomJoined).head
        while replies.until(Events).events[-1].seq < head:
            pass
        took = time.perf_counter() - began
        replies.send(Bye())
        while connection.recv(CHUNK):
            pass
    return took * 1000


class _Replies:
    """The JSON protocol over a socket that blocks: a client's thread would cost time of its own."""

    def __init__(self, connection: socket.socket, port: int) -> None:
        self._connection = connection
        self._protocol = ClientProtocol(parse_uri(f"ws://127.0.0.1:{port}/ws"), max_size=None)
        self._waiting: list[Reply] = []
        self._protocol.send_request(self._protocol.connect())
        self._flush()
        while not self._protocol.events_received():
            self._receive()
        if self._protocol.handshake_exc is not None:
            raise Failed(f"no WebSocket: {self._protocol.handshake_exc}")

    def send(self, command: Command) -> None:
        self._protocol.send_text(encode(command))
        self._flush()

    def until(self, kind: type[R]) -> R:
        """The next reply of ``kind``; those before it are dropped."""
        while True:
            while self._waiting:
                reply = self._waiting.pop(0)
                if isinstance(reply, kind):
                    return reply
                if isinstance(reply, Refused):
                    raise Failed(f"the server refused: {reply.message}")
            self._receive()
            for event in self._protocol.events_received():
                if isinstance(event, Frame) and event.opcode is Opcode.TEXT:
                    self._waiting.append(decode_reply(bytes(event.data)))

    def _receive(self) -> None:
        data = self._connection.recv(CHUNK)
        if not data:
            raise Failed("the server closed before its answer was complete")
        self._protocol.receive_data(data)
        self._flush()

    def _flush(self) -> None:
        for data in self._protocol.data_to_send():
            if data:
                self._connection.sendall(data)
