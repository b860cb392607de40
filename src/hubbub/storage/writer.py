"""Group commit: saves the entries that have gathered in one transaction, and tells the loop.

It has a thread, because a disk may take its time. What is little, comes alone, and need not wait
for the disk is saved in place, on the loop's thread: to wake another one takes longer.
"""

from __future__ import annotations

import asyncio
import math
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from functools import partial
from queue import SimpleQueue
from threading import Thread
from time import monotonic, sleep
from typing import Protocol, TypeVar

from msgspec import Struct

from hubbub.domain.errors import BadMessage, ShuttingDown
from hubbub.hub.ports import Draft, Entry, Settled
from hubbub.storage.engine import BUSY_SECONDS
from hubbub.storage.errors import is_locked, is_storage_failure, may_be_whole, refusal
from hubbub.storage.transaction import Transactions
from hubbub.storage.trouble import OnError, Trouble

MAX_GROUP_ENTRIES = 1000  # some 10 ms of work: the first in a group waits for the last
MAX_GROUP_CHARS = 1024 * 1024  # of text, at most 4 MiB in UTF-8: bounds memory and latency
REST = 2  # times as long as it took to tell of the last group, entries gather on a busy loop;
REST_OF_SHARED = 6  # where other servers tell of theirs meanwhile, and each write carries more
MAX_BATCH_DELAY_SECONDS = 0.010  # a busy loop lets entries gather for so long; nobody notices it
IDLE_SECONDS = 0.005  # after such a pause the next entry is expected to be alone
MAX_IN_PLACE_ENTRIES = 8  # the loop stands still for them: less than it takes to deliver them
SLOW_SECONDS = 0.010  # an in-place commit that takes longer: not even the page cache is quick now
BACKOFF_SECONDS = 60.0  # after a slow one, all commits are left to the thread for so long
LOCKED_SECONDS = 0.010  # between two attempts while another program has the database locked
CLEAR_SECONDS = 0.1  # likewise, while somebody reads what is to be cleared; it costs nearly nothing

Listener = Callable[[Sequence[Settled]], None]
Measured = Callable[[float, int], None]
"""Is told how many seconds a commit took, from its first entry on, and how many it saved."""
T = TypeVar("T")


class Group(Struct, frozen=True):
    """The entries of one transaction. ``chars``: of their texts. ``last``: nothing comes after.
    ``since``: when the first of them came.
    """

    entries: list[Entry]
    chars: int
    last: bool
    since: float


class Given(Struct, frozen=True):
    """What the thread is given at once; ``entries``: None for nothing any more."""

    entries: list[Entry] | None
    since: float = 0.0


class _NotInPlace(Exception):
    """Nothing was saved, and to save it takes a while: another program is writing, or a defect."""


class Connection(Protocol):
    """What a transaction is made on; the writer's thread lets go of it at the end."""

    def release(self) -> None:
        """Gives it back, and rolls back what was not committed."""
        ...


class Tidying(Protocol):
    """Care for what the database writes besides: SQLite's write-ahead log. May raise its errors."""

    def grew(self, entries: int, chars: int) -> None:
        """A group was saved."""
        ...

    def is_due(self, *, pause: bool) -> bool:
        """Whether it is time to empty it; ``pause``: nothing waits to be saved now."""
        ...

    def empty(self) -> None:
        """Moves what is in it into the database."""
        ...

    def clear(self) -> bool:
        """Takes out of it what was deleted; whether that was possible."""
        ...

    def cover(self) -> None:
        """Overwrites what a failed COMMIT may have left behind in it."""
        ...


class Writer:
    """Saves entries in the order in which they come.

    Each group is one transaction: what came while the last one was on its way to the disk. So a
    quiet room waits for nothing, and a busy one shares each fsync. ``in_place``: a commit waits
    for no disk, so that the loop may do it. ``on_error`` is told, on the loop, why entries were
    refused: once for each new reason until something is saved again.

    The connection and all that uses it is the thread's, or the loop's while the thread has
    nothing to do; which is so when it has dealt with all that it was given.
    """

    def __init__(
        self,
        connection: Connection,
        transactions: Transactions,
        wal: Tidying,
        *,
        loop: asyncio.AbstractEventLoop,
        on_error: OnError,
        in_place: bool = False,
        clears: bool = False,
        rest: float = REST,
    ) -> None:
        """``rest``: how many times as long as it took to tell of a group the next one gathers.

        ``clears``: what is in the write-ahead log was written by another process, which may
        have been killed before it took what it had deleted out of that file.
        """
        self._connection = connection
        self._transactions = transactions
        self._transactions.emptied = clears
        self._wal = wal
        self._loop = loop
        self._trouble = Trouble(
            lambda error: self._tell(on_error, error), "What is said is saved again."
        )
        # By itself: what is said is saved nevertheless, and each text would end it.
        self._untidy = Trouble(
            lambda error: self._tell(on_error, error), "The write-ahead log is emptied again."
        )
        self._listener: Listener = _tell_nobody
        self._arrived: list[Entry] = []
        self._since: float | None = None  # when the first of those came
        self._measured: Measured | None = None
        self._telling = False
        self._clears_again = False
        self._rest = rest
        self._batch_until = 0.0
        self._idle_from = 0.0
        self._in_place_from = 0.0 if in_place else math.inf
        self._given = 0  # to the thread
        self._dealt_with = 0  # by the thread, which alone writes this and the next four
        self._taken = 0
        self._left: deque[Entry] = deque()
        self._left_since = 0.0
        self._ending = False
        self._queue: SimpleQueue[Given] = SimpleQueue()
        self._closed = False
        self._ended: asyncio.Future[None] = loop.create_future()
        # A disk that never answers must not keep the process from ending.
        self._thread = Thread(target=self._run, name="hubbub-writer", daemon=True)
        self._thread.start()
        if clears:
            self._give(Given([]))

    def listen(self, settled: Listener) -> None:
        """Says who is told of outcomes."""
        self._listener = settled

    def measure(self, committed: Measured) -> None:
        """Says who is told, on the loop, of each commit."""
        self._measured = committed

    def erase(self, erased: Callable[[Mapping[int, str]], None]) -> None:
        """See `Transactions.erased`."""
        self._transactions.erased = erased

    def fence(self, node: str) -> None:
        """See `Transactions.fence`."""
        self._transactions.fence(node)

    def append(self, entry: Entry) -> None:
        """Queues ``entry``. After `close` it is refused, in its turn."""
        if self._closed:
            self._ended.add_done_callback(lambda _: self._turn_away(entry))
            return
        self._arrived.append(entry)
        if len(self._arrived) > 1 or self._telling:
            return  # whoever hands over what waits takes this one along
        now = self._since = monotonic()
        if now < self._batch_until:
            self._loop.call_later(self._batch_until - now, self._hand_over)
        elif now < self._idle_from:
            # What one turn of the loop brings goes over at once: to wake the thread costs more than
            # an entry, and a group that starts with the first one would be nearly always alone.
            self._loop.call_soon(self._hand_over)
        elif now < self._in_place_from or self._dealt_with < self._given:
            self._hand_over()
        else:
            self._loop.call_soon(self._save_in_place)  # with what else this turn brings

    @property
    def unclear(self) -> bool:
        """Whether the thread has ended before all that was taken off the disk could be cleared."""
        return self._transactions.emptied

    async def close(self) -> None:
        """Saves all that is queued and ends the thread."""
        if not self._closed:
            self._closed = True
            self._hand_over()
            self._give(Given(None))
        await asyncio.shield(self._ended)
        self._thread.join()

    def _deliver(self, since: float, settled: Sequence[Settled]) -> None:
        """Tells the listener; the next entries gather for twice as long as that kept the loop busy.

        To tell a large room of two messages costs hardly more than to tell it of one. So a loop
        that is busy with telling does it for a third of the time, and a quiet one waits for
        nothing.
        """
        began = monotonic()  # the loop's time may stand still for a whole turn
        if self._measured is not None:
            self._measured(began - since, len(settled))
        self._listener(settled)
        if not self._telling:
            self._telling = True
            self._loop.call_soon(self._told, began)  # by then all of it is written, too

    def _told(self, began: float) -> None:
        self._telling = False
        now = monotonic()
        delay = min(self._rest * (now - began), MAX_BATCH_DELAY_SECONDS)
        self._batch_until = now + delay
        if self._arrived:
            if self._since is None:
                self._since = began  # while it was told: not exactly when
            self._loop.call_later(delay, self._hand_over)

    def _hand_over(self) -> None:
        if self._arrived:
            now = monotonic()
            arrived, self._arrived = self._arrived, []
            since, self._since = self._since, None
            self._give(Given(arrived, now if since is None else since))
            self._idle_from = now + IDLE_SECONDS

    def _give(self, given: Given) -> None:
        """Hands entries, maybe none, to the thread."""
        self._given += 1
        self._queue.put(given)

    def _save_in_place(self) -> None:
        """Saves the entries that have arrived on the loop's thread, if there are only a few."""
        arrived = self._arrived
        if len(arrived) > MAX_IN_PLACE_ENTRIES or self._dealt_with < self._given:
            self._hand_over()
            return
        if not arrived:
            return  # handed over meanwhile
        began = monotonic()
        try:
            settled = self._settle(arrived, in_place=True)
        except _NotInPlace:
            self._hand_over()
            return
        self._arrived = []
        since, self._since = self._since, None
        now = monotonic()
        self._idle_from = now + IDLE_SECONDS
        if now - began > SLOW_SECONDS:
            self._in_place_from = now + BACKOFF_SECONDS
        self._wal.grew(len(arrived), sum(map(_chars, arrived)))
        if self._wal.is_due(pause=True) or self._transactions.emptied:
            self._give(Given([]))
        self._deliver(began if since is None else since, settled)

    def _clear_in(self, seconds: float) -> None:
        """Comes back to what could not be cleared: maybe nobody says anything for hours."""
        if not self._clears_again:
            self._clears_again = True
            self._loop.call_later(seconds, self._clear_now)

    def _clear_now(self) -> None:
        self._clears_again = False
        if not self._closed:
            self._give(Given([]))

    def _turn_away(self, entry: Entry) -> None:
        error = ShuttingDown("The server is stopping, so this was not saved. Please come back.")
        self._listener([Settled(entry, error=error)])

    # On the thread:

    def _run(self) -> None:
        last = False
        while not last:
            group = self._gather()
            if group.entries:
                self._tell(partial(self._deliver, group.since), self._settle(group.entries))
            self._tidy(group)
            if not self._left:
                self._dealt_with = self._taken
            last = group.last
        with suppress(Exception):
            self._connection.release()
        self._tell(self._ended.set_result, None)

    def _gather(self) -> Group:
        """Returns the entries that wait, within the limits; blocks until there is one."""
        entries: list[Entry] = []
        chars = 0
        since = self._left_since
        while True:
            while self._left:
                entry = self._left.popleft()
                entries.append(entry)
                chars += _chars(entry)
                if len(entries) >= MAX_GROUP_ENTRIES or chars >= MAX_GROUP_CHARS:
                    return Group(entries, chars, last=False, since=since)
            if self._ending or (self._taken > self._dealt_with and self._queue.empty()):
                return Group(entries, chars, last=self._ending, since=since)
            given = self._queue.get()
            self._taken += 1
            if given.entries is None:
                self._ending = True
            else:
                self._left.extend(given.entries)
                self._left_since = given.since
                if not entries:
                    since = given.since

    def _settle(self, entries: Sequence[Entry], *, in_place: bool = False) -> list[Settled]:
        """Saves ``entries`` and returns the outcomes; ``in_place`` may raise `_NotInPlace`."""
        try:
            settled = (self._transactions.commit if in_place else self._commit)(entries)
        except Exception as error:  # whatever it is, the writer must live
            if in_place and (is_locked(error) or not is_storage_failure(error)):
                raise _NotInPlace from error
            if len(entries) == 1 or is_storage_failure(error):
                return self._refuse(entries, error)
            # One entry cannot be saved, and no other should suffer: halving finds it quickly.
            middle = len(entries) // 2
            return self._settle(entries[:middle]) + self._settle(entries[middle:])
        self._trouble.ended()
        return settled

    def _commit(self, entries: Sequence[Entry]) -> list[Settled]:
        """Tries until no other program is writing to the database, or for `BUSY_SECONDS`."""
        until = monotonic() + BUSY_SECONDS
        while True:
            try:
                return self._transactions.commit(entries)
            except Exception as error:
                if not is_locked(error) or monotonic() >= until:
                    raise
            sleep(LOCKED_SECONDS)

    def _refuse(self, entries: Sequence[Entry], error: Exception) -> list[Settled]:
        refused = refusal(error)
        if not isinstance(refused, BadMessage):  # which lies with who has sent it
            self._trouble.met(error)
        if may_be_whole(error):
            # It fails if the disk still does; what it wrote before that is enough.
            with suppress(Exception):
                self._wal.cover()
        return [Settled(entry, error=refused) for entry in entries]

    def _tidy(self, group: Group) -> None:
        try:
            if group.entries:
                self._wal.grew(len(group.entries), group.chars)
            if self._transactions.emptied and self._wal.clear():
                self._transactions.emptied = False
            if self._wal.is_due(pause=self._queue.empty()):
                self._wal.empty()
        except Exception as error:  # noqa: BLE001 - nothing is lost, so nobody is refused
            self._untidy.met(error)
        else:
            if not self._transactions.emptied:
                self._untidy.ended()
        if self._transactions.emptied:
            self._tell(self._clear_in, CLEAR_SECONDS)

    def _tell(self, callback: Callable[[T], object], value: T) -> None:
        try:
            self._loop.call_soon_threadsafe(callback, value)
        except RuntimeError:
            return  # The loop ended without closing the log: nobody is left to be told.


def _chars(entry: Entry) -> int:
    return len(getattr(entry.event, "text", "")) if isinstance(entry, Draft) else 0


def _tell_nobody(settled: Sequence[Settled]) -> None:
    """The listener before `listen` is called."""
