"""The writer thread: takes all that has gathered, saves it in one transaction, tells the loop."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from queue import SimpleQueue
from threading import Thread
from time import monotonic
from typing import TypeVar

from msgspec import Struct
from sqlalchemy import Dialect

from hubbub.domain.errors import ShuttingDown
from hubbub.hub.ports import Draft, Entry, Settled
from hubbub.storage.engine import WritingConnection
from hubbub.storage.errors import is_the_stores, may_be_whole, refusal
from hubbub.storage.transaction import Transactions
from hubbub.storage.trouble import OnError, Trouble
from hubbub.storage.wal import Wal

MAX_GROUP_ENTRIES = 1000  # some 10 ms of work: the first in a group waits for the last
MAX_REST_SECONDS = 0.010  # for which a busy loop lets entries gather; nobody notices so little
QUIET_SECONDS = 0.005  # without an entry, after which the next one is taken to be alone
MAX_GROUP_CHARS = 1024 * 1024  # of text, at most 4 MiB in UTF-8: bounds memory and the wait

Listener = Callable[[Sequence[Settled]], None]
T = TypeVar("T")


class Group(Struct, frozen=True):
    """What one transaction is to save. ``chars``: of text. ``last``: nothing comes after it."""

    entries: list[Entry]
    chars: int
    last: bool


class Writer:
    """Saves entries in the order in which they come.

    Each group is one transaction: what came while the last one was on its way to the disk. So a
    quiet room waits for nothing, and a busy one shares each fsync. ``on_error`` is told, on the
    loop, why entries were refused: once for each new reason until something is saved again.
    """

    def __init__(
        self,
        connection: WritingConnection,
        dialect: Dialect,
        *,
        loop: asyncio.AbstractEventLoop,
        on_error: OnError,
    ) -> None:
        self._connection = connection
        self._transactions = Transactions(connection, dialect)
        self._wal = Wal(connection, dialect)
        self._loop = loop
        self._trouble = Trouble(lambda error: self._tell(on_error, error))
        self._listener: Listener = _tell_nobody
        self._arrived: list[Entry] = []
        self._telling = False
        self._rests_until = 0.0
        self._quiet_from = 0.0
        self._queue: SimpleQueue[list[Entry] | None] = SimpleQueue()
        self._left: deque[Entry] = deque()  # the thread's own, as is the next
        self._ending = False
        self._closed = False
        self._ended: asyncio.Future[None] = loop.create_future()
        # A disk that never answers must not keep the process from ending.
        self._thread = Thread(target=self._run, name="hubbub-writer", daemon=True)
        self._thread.start()

    def listen(self, settled: Listener) -> None:
        """Says who is told of outcomes."""
        self._listener = settled

    def append(self, entry: Entry) -> None:
        """Queues ``entry``. After `close` it is refused, in its turn."""
        if self._closed:
            self._ended.add_done_callback(lambda _: self._turn_away(entry))
            return
        self._arrived.append(entry)
        if len(self._arrived) > 1 or self._telling:
            return  # whoever hands over what waits takes this one along
        now = monotonic()
        if now < self._rests_until:
            self._loop.call_later(self._rests_until - now, self._hand_over)
        elif now < self._quiet_from:
            # What one turn of the loop brings goes over at once: to wake the thread costs more than
            # an entry, and a group that starts with the first one would be nearly always alone.
            self._loop.call_soon(self._hand_over)
        else:
            self._hand_over()

    async def close(self) -> None:
        """Saves all that is queued and ends the thread."""
        if not self._closed:
            self._closed = True
            self._hand_over()
            self._queue.put(None)
        await asyncio.shield(self._ended)
        self._thread.join()

    def _deliver(self, settled: Sequence[Settled]) -> None:
        """Tells the listener, and gathers for twice as long as that has kept the loop busy.

        To tell a large room of two messages costs hardly more than to tell it of one. So a loop
        that is busy with telling does it for a third of the time, and a quiet one waits for
        nothing.
        """
        began = monotonic()  # the loop's time may stand still for a whole turn
        self._listener(settled)
        if not self._telling:
            self._telling = True
            self._loop.call_soon(self._told, began)  # by then all of it is written, too

    def _told(self, began: float) -> None:
        self._telling = False
        now = monotonic()
        rest = min(2 * (now - began), MAX_REST_SECONDS)
        self._rests_until = now + rest
        if self._arrived:
            self._loop.call_later(rest, self._hand_over)

    def _hand_over(self) -> None:
        if self._arrived:
            arrived, self._arrived = self._arrived, []
            self._queue.put(arrived)
            self._quiet_from = monotonic() + QUIET_SECONDS

    def _turn_away(self, entry: Entry) -> None:
        error = ShuttingDown("The server is stopping, so this was not saved. Please come back.")
        self._listener([Settled(entry, error=error)])

    # On the thread:

    def _run(self) -> None:
        last = False
        while not last:
            group = self._gather()
            if group.entries:
                self._tell(self._deliver, self._settle(group.entries))
                self._tidy(group)
            last = group.last
        with suppress(Exception):
            self._connection.let_go()
        self._tell(self._ended.set_result, None)

    def _gather(self) -> Group:
        """All that waits, within the limits; only for the first entry it waits itself."""
        entries: list[Entry] = []
        chars = 0
        while True:
            while self._left:
                entry = self._left.popleft()
                entries.append(entry)
                if isinstance(entry, Draft):
                    chars += len(getattr(entry.event, "text", ""))
                if len(entries) >= MAX_GROUP_ENTRIES or chars >= MAX_GROUP_CHARS:
                    return Group(entries, chars, last=False)
            if self._ending or (entries and self._queue.empty()):
                return Group(entries, chars, last=self._ending)
            arrived = self._queue.get()
            if arrived is None:
                self._ending = True
            else:
                self._left.extend(arrived)

    def _settle(self, entries: Sequence[Entry]) -> list[Settled]:
        """Saves ``entries`` and returns the outcomes."""
        try:
            settled = self._transactions.commit(entries)
        except Exception as error:  # noqa: BLE001 - whatever it is, the writer must live
            if len(entries) == 1 or is_the_stores(error):
                return self._refuse(entries, error)
            # One entry cannot be saved, and no other should suffer: halving finds it quickly.
            middle = len(entries) // 2
            return self._settle(entries[:middle]) + self._settle(entries[middle:])
        self._trouble.ended()
        return settled

    def _refuse(self, entries: Sequence[Entry], error: Exception) -> list[Settled]:
        self._trouble.met(error)
        if may_be_whole(error):
            # It fails if the disk still does; what it wrote before that is enough.
            with suppress(Exception):
                self._wal.cover()
        refused = refusal(error)
        return [Settled(entry, error=refused) for entry in entries]

    def _tidy(self, group: Group) -> None:
        try:
            self._wal.grew(len(group.entries), group.chars, pause=self._queue.empty())
        except Exception as error:  # noqa: BLE001 - nothing is lost, so nobody is refused
            self._trouble.met(error)

    def _tell(self, callback: Callable[[T], object], value: T) -> None:
        try:
            self._loop.call_soon_threadsafe(callback, value)
        except RuntimeError:
            return  # The loop ended without closing the log: nobody is left to be told.


def _tell_nobody(settled: Sequence[Settled]) -> None:
    """Until somebody listens."""
