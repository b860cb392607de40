"""The log as each of several servers has it: far away, at times away, and one that may go back."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from functools import partial
from inspect import iscoroutinefunction
from random import Random
from typing import Any

from hubbub.domain.errors import LogUnavailable
from hubbub.domain.events import AnyEvent
from hubbub.hub.ports import Entry, Settled, Shown
from tests.memorylog.log import Disk, MemoryLog

UNKNOWN = 0.02  # of all commits: saved, and the answer is lost
FAILS = 0.04  # of all commits: an entry is not saved


class Database:
    """The disk that all servers have in common, and what becomes of it."""

    def __init__(self, dice: Random) -> None:
        self.dice = dice
        self.disk = Disk()
        self.failovers = 0
        self.fails = False
        """Whether commits fail now and then."""
        self.first_id = self.disk.id
        self.before: dict[int, list[AnyEvent]] = {}
        """The logs as they were before the failover, if there was one: as `logs`."""
        self._standby: dict[str, object] | None = None

    @property
    def origin(self) -> str:
        """Which run of it this is: see `hubbub.hub.ports.Log.origin`."""
        return f"run {self.failovers}"

    @property
    def logs(self) -> dict[int, list[AnyEvent]]:
        """All that was ever appended, by the rooms' ids; what was forgotten has no names."""
        return {self.disk.ids[key]: events for key, events in self.disk.events.items()}

    def copy(self) -> None:
        """A standby has all that there is by now."""
        self._standby = self.disk.copy()

    def fail_over(self) -> None:
        """The standby is the database from now on: what was saved since the copy is lost."""
        if self._standby is not None and not self.failovers:
            self.before = {id: list(events) for id, events in self.logs.items()}
            seconds = self.disk.seconds
            vars(self.disk).update(self._standby)
            self.disk.seconds = seconds
            self.failovers = 1

    def raise_generation(self) -> None:
        """It lacks what was shown: it is another log."""
        self.disk.id += " anew"


class OneOfSeveral(MemoryLog):
    """The log as one server writes it.

    Saves nothing while it is ``away``, and after a failover not before it was compared with what
    the server has shown.
    """

    def __init__(self, database: Database) -> None:
        super().__init__(disk=database.disk)
        self.away = False
        self._database = database
        self._first_id = database.disk.id
        self.origin = database.origin

    @property
    def id(self) -> str:
        return self._first_id

    @property
    def cut(self) -> bool:
        """Whether nothing can be read or saved just now."""
        return self.away or self.origin != self._database.origin

    def commit(self, limit: int | None = None) -> None:
        dice = self._database.dice
        if self.cut:
            self.fail_next(self.waiting if limit is None else min(limit, self.waiting))
        elif self._database.fails and dice.random() < UNKNOWN:
            self.lose_answers(self.waiting if limit is None else min(limit, self.waiting))
        elif self._database.fails and dice.random() < FAILS:
            self.fail_next(1)
        super().commit(limit)

    def die(self) -> None:
        """The server was killed: some of what was on its way is saved yet, and it hears nothing."""
        group = self._queue[: self._database.dice.randint(0, self.waiting)]
        self._queue.clear()
        if not self.cut:
            for entry in group:
                self._settle(entry)

    async def holds(self, shown: Callable[[], Sequence[Shown]]) -> bool:
        if self.away:
            return True
        if self.origin != self._database.origin and self.id == self.disk.id:
            if not all(map(self._has, shown())):
                self._database.raise_generation()
            else:
                self.origin = self._database.origin
        return self.id == self.disk.id

    def _has(self, shown: Shown) -> bool:
        key = self._key_of(shown.room_id)
        events = self.disk.events.get(key, [])[: shown.seq]
        return len(events) == shown.seq and events[-1].at == shown.at

    def _check_readable(self) -> None:
        if self.cut:
            raise LogUnavailable("The database is away.")


class Far:
    """A log to which each reading takes some turns of the loop, on the way there and back.

    ``awake`` is cleared while the process of the server stands still.
    """

    def __init__(self, log: OneOfSeveral, dice: Random) -> None:
        self.log = log
        self.awake = asyncio.Event()
        self.awake.set()
        self._dice = dice

    def __getattr__(self, name: str) -> Any:
        found = getattr(self.log, name)
        if iscoroutinefunction(found):
            found = partial(self._read, found)
            setattr(self, name, found)
        return found

    async def _read(self, read: Callable[..., Any], *words: Any, **more: Any) -> Any:
        await self._take_turns()
        found = await read(*words, **more)
        await self._take_turns()
        return found

    async def _take_turns(self) -> None:
        for _ in range(self._dice.choice((0, 0, 1, 4))):
            await asyncio.sleep(0)
        await self.awake.wait()


class SharedLog:
    """One log on which several servers are: each hears of the outcomes of its own entries."""

    def __init__(self, log: Any) -> None:
        self.log = log
        self.settled = asyncio.Event()
        self.settled.set()
        self._owners: dict[int, tuple[Entry, LogEnd]] = {}
        log.listen(self._hear)

    def append(self, entry: Entry, end: LogEnd) -> None:
        """Appends for the server at ``end``."""
        self._owners[id(entry)] = entry, end
        self.settled.clear()
        self.log.append(entry)

    def _hear(self, outcomes: Sequence[Settled]) -> None:
        by_end: dict[LogEnd, list[Settled]] = {}
        for outcome in outcomes:
            _, end = self._owners.pop(id(outcome.entry))
            by_end.setdefault(end, []).append(outcome)
        for end, theirs in by_end.items():
            end.heard(theirs)
        if not self._owners:
            self.settled.set()


class LogEnd:
    """The log as one of the servers has it."""

    def __init__(self, shared: SharedLog) -> None:
        self._shared = shared
        self.heard: Callable[[Sequence[Settled]], None] = lambda _: None

    def __getattr__(self, name: str) -> Any:
        return getattr(self._shared.log, name)

    def listen(self, settled: Callable[[Sequence[Settled]], None]) -> None:
        self.heard = settled

    def append(self, entry: Entry) -> None:
        self._shared.append(entry, self)

    def fence(self, node: str) -> None:
        """What speaks for a node is refused if that is dead; the rest is of both."""
