"""A client of IRC on a real socket: says lines, and reads up to the one that it wants."""

from __future__ import annotations

import asyncio
import ssl
from base64 import b64encode

from tests.server.serving import LineClient, Server


class IrcClient:
    """``read``: all that came so far."""

    def __init__(self, client: LineClient) -> None:
        self._client = client
        self._pings = 0
        self.read: list[str] = []

    @classmethod
    async def connect(cls, server: Server, tls: ssl.SSLContext | None = None) -> IrcClient:
        """A connection that has said nothing yet."""
        if tls is None:
            return cls(await server.line())
        opened = await asyncio.open_connection(
            *server.address, ssl=tls, server_hostname="localhost"
        )
        client = LineClient(*opened)
        server.clients.append(client)
        return cls(client)

    @classmethod
    async def come(cls, server: Server, nick: str, caps: str = "") -> IrcClient:
        """Somebody who is registered, as a guest, and has read the greeting."""
        client = await cls.connect(server)
        if caps:
            client.says(f"CAP REQ :{caps}")
        client.says(f"NICK {nick}", f"USER {nick} 0 * :{nick.title()}")
        if caps:
            client.says("CAP END")
        await client.until(" 422 ")
        return client

    def says(self, *lines: str) -> None:
        """Sends lines."""
        self._client.send("".join(f"{line}\r\n" for line in lines))

    def sends(self, data: bytes) -> None:
        """Sends bytes as they are."""
        self._client.send(data)

    async def line(self) -> str:
        """The next line; "" at the end."""
        line = await self._client.line()
        self.read.append(line)
        return line

    async def until(self, part: str) -> list[str]:
        """The lines up to the one in which ``part`` is."""
        lines: list[str] = []
        while not lines or part not in lines[-1]:
            lines.append(await self.line())
            assert lines[-1], f"the connection ended before {part!r}: {lines}"
        return lines

    async def hears(self) -> list[str]:
        """All that was there to be read: a barrier."""
        self._pings += 1
        self.says(f"PING barrier-{self._pings}")
        return (await self.until(f"barrier-{self._pings}"))[:-1]

    async def asks(self, *lines: str) -> list[str]:
        """Sends lines, and returns all that is read then."""
        self.says(*lines)
        return await self.hears()

    async def log_in(self, name: str, password: str, mechanism: str = "PLAIN") -> list[str]:
        """By SASL PLAIN; what is read then, up to the outcome."""
        self.says(f"AUTHENTICATE {mechanism}")
        await self.until("AUTHENTICATE +")
        self.says(f"AUTHENTICATE {plain(name, password)}")
        return await self.until(" 90")

    def close(self) -> None:
        """Is gone."""
        self._client.close()


def plain(name: str, password: str, authzid: str = "") -> str:
    """What SASL PLAIN says."""
    return b64encode(f"{authzid}\0{name}\0{password}".encode()).decode()
