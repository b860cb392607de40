"""Answers that clients do not take: how much is kept for them, and who is cut off."""

from __future__ import annotations

import asyncio

from hubbub.hub.clients import Client

UNSENT_BYTES = 16 * 1024 * 1024
"""Of answers that one client may leave untaken, over all its connections. Beyond that, each new
request cuts off the connection that takes its answer the slowest. A page of long texts has 2 MiB,
and a client may have four hundred connections."""

SLOW_SECONDS = 1.0
"""An answer must have waited for so long before its pace counts: a connection that has only just
asked is not cut off. While there is no other, the new request is told to wait."""


class Unsent:
    """The bytes of one connection's answers that its peer has not taken yet."""

    def __init__(
        self,
        all_unsent: AllUnsent,
        client: Client,
        transport: asyncio.Transport,
        loop: asyncio.AbstractEventLoop,
        *,
        stuck_seconds: float,
    ) -> None:
        """A peer that takes nothing for ``stuck_seconds`` is cut off."""
        self._all = all_unsent
        self._client = client
        self._transport = transport
        self._loop = loop
        self._stuck_seconds = stuck_seconds
        self._left = 0
        self._timer: asyncio.TimerHandle | None = None
        self.waits_since = 0.0
        """When ``_left`` bytes were left to take, in the loop's time."""

    def answered(self) -> None:
        """There is one more answer to take."""
        self._look()
        if self._timer is None:
            self._watch(None)

    def belongs_to(self, client: Client) -> None:
        """What the connection takes from now on is an answer to ``client``."""
        if client is not self._client:
            self.taken()
            self._client = client

    def taken(self) -> None:
        """The transport's buffer is nearly empty."""
        self._all.set(self._client, self, 0)

    def end(self) -> None:
        """The connection is over."""
        if self._timer is not None:
            self._timer.cancel()
        self.taken()

    def count(self) -> int:
        """The bytes that wait now."""
        size = self._transport.get_write_buffer_size()
        self._all.set(self._client, self, size)
        return size

    def pace(self, now: float) -> float:
        """The bytes a second that the peer takes; negative if there are ever more."""
        return (self._left - self.count()) / (now - self.waits_since)

    def give_way(self) -> None:
        """Cuts the connection off, with what was not taken."""
        self.taken()
        self._transport.abort()

    def _look(self) -> int:
        self._left = self.count()
        self.waits_since = self._loop.time()
        return self._left

    def _watch(self, before: int | None) -> None:
        """Cuts off a peer that takes nothing: `Transport.close` would wait for it for ever."""
        self._timer = None
        size = self._look()
        if before is not None and size >= before:
            self._transport.abort()
        elif size:
            self._timer = self._loop.call_later(self._stuck_seconds, self._watch, size)


class AllUnsent:
    """What all connections have not taken, by client."""

    def __init__(self) -> None:
        self.by_client: dict[Client, dict[Unsent, int]] = {}

    def set(self, client: Client, connection: Unsent, size: int) -> None:
        """``connection`` of ``client`` has ``size`` bytes to take."""
        sizes = self.by_client
        if size:
            sizes.setdefault(client, {})[connection] = size
        elif sizes.get(client, {}).pop(connection, 0) and not sizes[client]:
            del sizes[client]

    def make_way(self, client: Client, now: float) -> bool:
        """Whether ``client`` may be given another answer; cuts off its slowest if need be.

        Behind one address there may be many people. One who takes no answers must not keep the
        others from theirs.
        """
        unsent = self.by_client.get(client, {})
        if sum(unsent.values()) <= UNSENT_BYTES:
            return True
        for connection in list(unsent):
            connection.count()
        over = sum(unsent.values()) - UNSENT_BYTES
        slow = (one for one in unsent if now - one.waits_since >= SLOW_SECONDS)
        for connection in sorted(slow, key=lambda one: one.pace(now)):
            if over <= 0:
                break
            over -= unsent[connection]
            connection.give_way()
        return over <= 0
