"""A network that is late, delivers in pieces, stops for a while, and loses connections.

A connection has two ends, each an `asyncio.Transport` with its own protocol. What one end writes
waits in its own buffer, then in the kernel's, which outlives a killed process; from there it goes
to the other end in pieces, in order, after a while.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from random import Random
from typing import Any

from hubbub.server.portions import Portions, hand_over
from tests.simulation.virtual_loop import VirtualLoop

Speaker = asyncio.Protocol | Portions

KERNEL_BYTES = 400  # small, so that short lives fill it


class Network:
    """Makes connections. ``slow`` is the longest time in seconds that a piece takes."""

    def __init__(self, loop: VirtualLoop, dice: Random) -> None:
        self.loop = loop
        self.dice = dice
        self.slow = 0.05
        self.links: list[Link] = []

    def connect(self, client: asyncio.Protocol) -> Link | None:
        """Connects ``client`` to whoever listens; None when nobody does."""
        server = self.loop.listening
        if server is None:
            return None
        protocol = server.factory()
        assert isinstance(protocol, Speaker)
        link = Link(self, client, protocol)
        self.links.append(link)
        link.client.begin()
        link.server.begin()
        return link

    def kill_the_server(self) -> None:
        """Its process is gone: what the kernel had still arrives, and then a reset."""
        self.loop.listening = None
        for link in self.open_links():
            link.server.die()

    def open_links(self) -> list[Link]:
        """Those that an end still believes in."""
        self.links = [link for link in self.links if link.client.alive or link.server.alive]
        return list(self.links)

    def delay(self) -> float:
        """How long a piece takes."""
        return self.dice.random() * self.slow


class Link:
    """One connection."""

    def __init__(self, network: Network, client: asyncio.Protocol, server: Speaker) -> None:
        self.network = network
        self.client = End(network, client)
        self.server = End(network, server)
        self.client.peer, self.server.peer = self.server, self.client

    def cut(self, *, client_after: float, server_after: float, arrives: bool) -> None:
        """The line is dead; each end finds out for itself. ``arrives``: what went up gets there."""
        self.server.lose_what_comes()
        if not arrives:
            self.client.lose_what_comes()
        loop = self.network.loop
        loop.call_later(client_after, self.client.lost, ConnectionResetError("cut"))
        loop.call_later(server_after, self.server.lost, ConnectionResetError("cut"))

    def stop(self, seconds: float) -> None:
        """Nothing gets through for so long; nothing is lost."""
        until = self.network.loop.now + seconds
        for end in (self.client, self.server):
            end.stopped_until = max(end.stopped_until, until)


class End(asyncio.Transport):
    """One side of a connection, as its protocol sees it."""

    peer: End

    def __init__(self, network: Network, protocol: Speaker) -> None:
        super().__init__()
        self.network = network
        self.alive = True
        self.stopped_until = 0.0
        self._protocol = protocol
        self._unsent = bytearray()
        self._high, self._low = 65536, 16384
        self._full = False
        self._reads = True
        self._flowing = False
        self._begun = False
        self._closing = False
        self._ends = False  # an end of file goes behind what is unsent
        self._ended = False
        self._void = False
        self._resets = False

    def begin(self) -> None:
        """Tells the protocol."""
        self._protocol.connection_made(self)

    # asyncio.Transport

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        return ("192.0.2.1", 4711) if name in ("peername", "sockname") else default

    def set_protocol(self, protocol: asyncio.BaseProtocol) -> None:
        assert isinstance(protocol, Speaker)
        self._protocol = protocol

    def get_protocol(self) -> asyncio.BaseProtocol:
        return self._protocol

    def is_closing(self) -> bool:
        return self._closing or not self.alive

    def is_reading(self) -> bool:
        return self._reads

    def pause_reading(self) -> None:
        self._reads = False

    def resume_reading(self) -> None:
        self._reads = True
        self.peer.flow()

    def set_write_buffer_limits(self, high: int | None = None, low: int | None = None) -> None:
        self._high = 65536 if high is None else high
        self._low = self._high // 4 if low is None else low

    def get_write_buffer_size(self) -> int:
        return max(0, len(self._unsent) - KERNEL_BYTES)

    def write(self, data: bytes | bytearray | memoryview[Any]) -> None:
        if not self.alive or self._ends:
            return
        if not self._void:
            self._unsent += data
            self.flow()
        if not self._full and self.get_write_buffer_size() > self._high:
            self._full = True
            self._protocol.pause_writing()

    def writelines(self, list_of_data: Iterable[bytes | bytearray | memoryview[Any]]) -> None:
        self.write(b"".join(list_of_data))

    def can_write_eof(self) -> bool:
        return True

    def write_eof(self) -> None:
        self._ends = True
        self.flow()

    def close(self) -> None:
        if not self._closing and self.alive:
            self._closing = True
            self._ends = True
            self.flow()
            self._maybe_gone()

    def abort(self) -> None:
        if self.alive:
            self._unsent.clear()
            self._resets = True
            self.network.loop.call_soon(self.lost, None)
            self.network.loop.call_later(self.network.delay(), self.peer.reset)

    # What the network does

    def die(self) -> None:
        """The process is gone: its buffer is lost, the kernel's is not."""
        if self.alive:
            self.alive = False
            del self._unsent[KERNEL_BYTES:]
            self._resets = True
            self.flow()

    def reset(self) -> None:
        """The other side is gone without a goodbye."""
        self.lost(ConnectionResetError("reset by peer"))

    def lose_what_comes(self) -> None:
        """What is written from now on, and what is unsent, goes nowhere."""
        self._void = True
        self._unsent.clear()

    def lost(self, error: Exception | None) -> None:
        """The connection is over for this side."""
        if self.alive:
            self.alive = False
            self._closing = True
            self._protocol.connection_lost(error)
            if not self._void:
                self.network.loop.call_later(self.network.delay(), self.peer.reset)

    def flow(self) -> None:
        """Lets the next piece go, if there is anything to go."""
        more = self._unsent or (self._ends and not self._ended) or self._resets
        if more and not self._flowing and self.peer.alive and self.peer._reads:
            self._flowing = True
            wait = max(0.0, self.stopped_until - self.network.loop.now)
            self.network.loop.call_later(wait + self.network.delay(), self._arrive)

    def _arrive(self) -> None:
        self._flowing = False
        peer = self.peer
        if not peer.alive or not peer._reads or self.stopped_until > self.network.loop.now:
            self.flow()
            return
        if self._unsent:
            size = min(len(self._unsent), KERNEL_BYTES)
            # What is sent first is whole: of a name in pieces, with pauses, the server makes names.
            if self._begun and self.network.dice.random() < 0.4:
                size = self.network.dice.randint(1, size)
            self._begun = True
            piece = bytes(self._unsent[:size])
            del self._unsent[:size]
            hand_over(peer._protocol, piece)
            if self._full and self.alive and self.get_write_buffer_size() <= self._low:
                self._full = False
                self._protocol.resume_writing()
        elif self._resets:
            self._resets = False
            peer.reset()
            return
        elif self._ends and not self._ended:
            self._ended = True
            if not peer._protocol.eof_received():
                peer.close()
            self._maybe_gone()
            peer._maybe_gone()
        self.flow()

    def _maybe_gone(self) -> None:
        """Closed, and all that was written is out: the protocol is told."""
        if self._closing and self.alive and (self._ended or self._void):
            self.network.loop.call_soon(self.lost, None)
