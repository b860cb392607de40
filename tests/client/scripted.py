"""The model server behind a real WebSocket, with the faults of a network to order."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from socket import socket
from typing import Self

from websockets.asyncio.server import Server, ServerConnection, serve
from websockets.exceptions import ConnectionClosed

from hubbub.domain.commands import Bye, Command
from hubbub.domain.replies import Goodbye, Reply
from hubbub.wire.json import decode_command, encode
from tests.client.model import ModelServer, Peer


class ScriptedServer:
    """``commands`` are all that came. ``on_reply`` may change what goes out; None is let through.

    ``deaf`` makes it read commands without doing them, as a server does that is about to die.
    """

    def __init__(self, model: ModelServer | None = None) -> None:
        self.model = model or ModelServer()
        self.model.told = self._told
        self.port = 0
        self.deaf = False
        self.commands: list[Command] = []
        self.on_reply: Callable[[Reply], list[Reply] | None] = lambda _: None
        self._server: Server | None = None
        self._sockets: dict[Peer, ServerConnection] = {}
        self._unread: list[ServerConnection] = []
        self._something_to_say: dict[Peer, asyncio.Event] = {}
        self._waiting: list[tuple[Callable[[], bool], asyncio.Future[None]]] = []

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.port}"

    @property
    def listening(self) -> socket:
        """The socket that it listens on."""
        assert self._server is not None
        return self._server.sockets[0]

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    async def start(self) -> None:
        """Listens, on the same port as before."""
        self._server = await serve(self._talk, "127.0.0.1", self.port, compression=None)
        self.port = self._server.sockets[0].getsockname()[1]

    async def restart(self, reconnect: float) -> None:
        """Ends all connections, and expects the clients back in so many seconds."""
        for peer, connection in list(self._sockets.items()):
            goodbye = Goodbye(reason="restarting", message="It restarts.", reconnect=reconnect)
            await connection.send(encode(goodbye), text=True)
            self.model.lose(peer)
            await connection.close(1001)

    async def stop(self, *, politely: bool = False) -> None:
        """Stops; ``politely`` says goodbye to all."""
        assert self._server is not None
        for peer in list(self._sockets):
            if politely:
                goodbye = Goodbye(reason="shutting-down", message="The server is shutting down.")
                await self._sockets[peer].send(encode(goodbye), text=True)
        if not politely:
            self.cut()
        self._server.close()
        await self._server.wait_closed()

    def cut(self) -> None:
        """All connections are gone, without a word."""
        for peer, connection in list(self._sockets.items()):
            self.model.lose(peer)
            connection.transport.abort()
        for connection in self._unread:
            connection.transport.abort()

    def stop_listening_to_anyone(self) -> None:
        """The connections of now are dead, but nobody is told."""
        for connection in self._sockets.values():
            connection.transport.pause_reading()
            self._unread.append(connection)

    async def send_raw(self, frame: str) -> None:
        """Sends something to everyone that may not be of the protocol."""
        for connection in self._sockets.values():
            await connection.send(frame)

    async def until(self, condition: Callable[[], bool]) -> None:
        """Returns when ``condition`` holds; it is looked at whenever something came or went."""
        if not condition():
            future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            self._waiting.append((condition, future))
            await future

    async def until_it_got(self, kind: type[Command], count: int = 1) -> None:
        """Returns when that many commands of that kind have come."""
        await self.until(lambda: len(self.got(kind)) >= count)

    def got(self, kind: type[Command]) -> list[Command]:
        return [command for command in self.commands if isinstance(command, kind)]

    async def _talk(self, socket: ServerConnection) -> None:
        peer = self.model.connect()
        self._sockets[peer] = socket
        self._something_to_say[peer] = asyncio.Event()
        writer = asyncio.create_task(self._write(peer, socket))
        self._look()
        try:
            async for frame in socket:
                assert isinstance(frame, str), "text frames are the protocol's"
                command = decode_command(frame.encode())
                self.commands.append(command)
                if not self.deaf:
                    self.model.receive(peer, command)
                self._look()
                if isinstance(command, Bye) and not self.deaf:
                    await writer
                    return
        except ConnectionClosed:
            pass
        finally:
            writer.cancel()
            self.model.lose(peer)
            del self._sockets[peer], self._something_to_say[peer]
            self._look()

    async def _write(self, peer: Peer, socket: ServerConnection) -> None:
        event = self._something_to_say[peer]
        while True:
            await event.wait()
            event.clear()
            while peer.out:
                reply = peer.out.popleft()
                changed = self.on_reply(reply)
                for one in [reply] if changed is None else changed:
                    await socket.send(encode(one), text=True)
                    self._look()
                    if isinstance(one, Goodbye):
                        return

    def _told(self, peer: Peer) -> None:
        if peer in self._something_to_say:
            self._something_to_say[peer].set()

    def _look(self) -> None:
        for condition, future in list(self._waiting):
            if condition():
                self._waiting.remove((condition, future))
                if not future.done():
                    future.set_result(None)
