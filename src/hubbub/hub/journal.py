"""The hub's side of the log: what is on its way to the disk, and what is shown when it is there."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Sequence

from msgspec import Struct

from hubbub.domain.commands import Say
from hubbub.domain.errors import ChatError
from hubbub.domain.events import AnyEvent, Said
from hubbub.domain.replies import Ack, Refused
from hubbub.hub.pages import weigh
from hubbub.hub.ports import Draft, Log, Settled
from hubbub.hub.room import HubRoom
from hubbub.hub.session import Session, StallGate
from hubbub.hub.settings import HubSettings
from hubbub.hub.stats import Stats
from hubbub.hub.turns import Turns

RETRY_SECONDS = 1.0  # before events that are missing are asked for again


class Spoken(Struct, frozen=True, gc=True):
    """The context of a text on its way: who waits for the ack. ``weight``: see `weigh`."""

    session: Session
    room: HubRoom
    command: Say
    weight: int


class Journal:
    """Appends texts, publishes what has settled, and knows how much is on its way.

    Each draft's context has a ``room``: the texts' own (`Spoken`) and those of others, which are
    told of all settled entries that are no texts. ``woken`` is told of sessions that may go on,
    ``mended`` of rooms whose log had more events than it told of, ``emptied`` of rooms where nobody
    is and which did not get the text that was said from outside. ``first_room`` is the key of the
    one that is made without anybody.
    """

    def __init__(
        self,
        log: Log,
        settings: HubSettings,
        gate: StallGate,
        stats: Stats,
        *,
        first_room: str,
        others: Callable[[Settled], None],
        woken: Callable[[Session], None],
        mended: Callable[[HubRoom], None],
        emptied: Callable[[HubRoom], None],
        spawn: Callable[[Coroutine[None, None, None]], None],
        turns: Turns,
    ) -> None:
        self._log = log
        self._settings = settings
        self._gate = gate
        self._stats = stats
        self._first_room = first_room
        self._others = others
        self._woken = woken
        self._mended = mended
        self._emptied = emptied
        self._spawn = spawn
        self._turns = turns
        self._texts = 0
        self._bytes = 0
        self._crowd: dict[Session, None] = {}
        self._late: dict[HubRoom, list[Settled]] = {}
        self._idle: asyncio.Event | None = None  # while somebody waits for it
        self.healthy = True
        log.listen(self._hear)

    @property
    def full(self) -> bool:
        """Whether texts have to wait, so that what is on its way stays bounded."""
        return (
            self._texts >= self._settings.queue_events or self._bytes >= self._settings.queue_bytes
        )

    @property
    def texts(self) -> int:
        """Texts on their way to the disk."""
        return self._texts

    def wait_for_room(self, session: Session) -> None:
        """``session`` has a text that must wait until the journal is no longer full."""
        self._crowd[session] = None

    def say(self, session: Session, room: HubRoom, command: Say, event: Said) -> None:
        """Sends a text to the log; the ack or the refusal goes to ``session``."""
        user = session.user
        assert user is not None
        session.in_flight += 1
        room.texts_coming += 1
        self._texts += 1
        weight = weigh(event)
        self._bytes += weight
        nonce = command.nonce
        if nonce is not None:
            # The log knows a nonce again in any room, and its event there is none of this room's.
            nonce = f"{room.name.key} {nonce}"
        self._log.append(
            Draft(
                room.name,
                event,
                nonce=nonce,
                context=Spoken(session, room, command, weight),
            )
        )

    async def idle(self) -> None:
        """Returns when no text is on its way any more."""
        if self._texts:
            self._idle = self._idle or asyncio.Event()
            await self._idle.wait()

    def _hear(self, settled: Sequence[Settled]) -> None:
        """One transaction is on disk, or refused."""
        self.healthy = settled[-1].error is None
        with self._turns.batch():
            self._settle(settled)

    def _settle(self, settled: Sequence[Settled]) -> None:
        """Shows what is on disk, answers, lets those go on who wait."""
        batches: dict[HubRoom, list[AnyEvent]] = {}
        for outcome in settled:
            event, entry = outcome.event, outcome.entry
            if event is not None and type(entry) is Draft:
                room: HubRoom = entry.context.room
                events = batches.setdefault(room, [])
                ahead = event.seq - room.state.head - len(events)
                if ahead == 1:
                    events.append(event)
                elif ahead > 1 and room not in self._late:
                    # The log has more than it told of: what it reported as refused was saved.
                    self._late[room] = []
                    self._spawn(self._mend(room))
        if self._late:
            settled = self._hold_back(settled)
        for room, events in batches.items():
            if events and room not in self._late:
                self._publish(room, events)
        touched: dict[Session, None] = {}
        for outcome in settled:
            entry = outcome.entry
            if type(entry) is Draft and type(entry.context) is Spoken:
                self._answer(entry.context, outcome)
                touched[entry.context.session] = None
            else:
                self._others(outcome)
        if self._idle is not None and not self._texts:
            self._idle.set()
            self._idle = None
        for session in touched:
            self._woken(session)
        # Half: so that a crowd is let in by groups, not one by one at the brim.
        if self._crowd and self._texts * 2 <= self._settings.queue_events and not self.full:
            crowd, self._crowd = self._crowd, {}
            for session in crowd:
                self._woken(session)

    def _answer(self, spoken: Spoken, outcome: Settled) -> None:
        session, command = spoken.session, spoken.command
        session.in_flight -= 1
        spoken.room.texts_coming -= 1
        self._texts -= 1
        self._bytes -= spoken.weight
        if outcome.duplicate:
            self._stats.duplicates += 1
        if outcome.error is not None and spoken.room.unused:
            self._emptied(spoken.room)
        if session.ended:
            return
        room, event = spoken.room.name, outcome.event
        if event is not None:
            new = event.seq == 1 and room.key != self._first_room
            session.outlet.reply(
                Ack(
                    re=command.id,
                    room=room,
                    seq=event.seq,
                    at=event.at,
                    nonce=command.nonce,
                    new=new,
                )
            )
        elif outcome.error is not None:
            self._stats.refused_by_log += 1
            session.outlet.reply(
                Refused.of(outcome.error, command.id, room=room, nonce=command.nonce)
            )

    def _publish(self, room: HubRoom, events: list[AnyEvent]) -> None:
        with self._gate:
            self._stats.deliveries += room.publish(events)
        self._stats.events += len(events)
        self._stats.batches += 1

    # Rooms whose log has more than it told of

    def _hold_back(self, settled: Sequence[Settled]) -> list[Settled]:
        """Keeps the outcomes in late rooms for later; returns the others."""
        others: list[Settled] = []
        for outcome in settled:
            entry = outcome.entry
            late = self._late.get(entry.context.room) if type(entry) is Draft else None
            (others if late is None else late).append(outcome)
        return others

    async def _mend(self, room: HubRoom) -> None:
        """Reads what the room's log has; until then nobody is shown a hole, nor answered."""
        missing = await self._missing(room)
        while not missing:
            await asyncio.sleep(RETRY_SECONDS)
            missing = await self._missing(room)
        self._publish(room, missing)
        self._mended(room)
        self._settle(self._late.pop(room))

    async def _missing(self, room: HubRoom) -> list[AnyEvent]:
        upto = max(outcome.event.seq for outcome in self._late[room] if outcome.event)
        try:
            return await self._log.read(room.name.key, room.head, upto)
        except ChatError:
            return []
