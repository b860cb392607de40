"""The hub's side of the log: what is on its way to the disk, and what is shown when it is there.

Events come by ranges: `Journal.advance` shows a room up to a number, whoever has appended that,
this server or another one on the same log. Its own commit has the events at hand, which is the
quick way; whatever does not continue what was shown is read from the log.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Collection, Coroutine, Iterator, Sequence
from time import monotonic
from typing import Protocol

from msgspec import Struct

from hubbub.domain.commands import Write
from hubbub.domain.errors import BadMessage, ChatError, LogUnavailable, RateLimited, ShuttingDown
from hubbub.domain.events import AnyEvent
from hubbub.domain.kinds import are_messages, are_unhurried, changes_members, is_audited
from hubbub.domain.names import RoomName
from hubbub.domain.replies import Ack, Refused
from hubbub.domain.state import RoomFacts
from hubbub.hub.attendance import Attendance
from hubbub.hub.pages import weigh
from hubbub.hub.ports import Draft, Entry, LeaseLost, Log, RoomMovedOn, Row, Settled, Unneeded
from hubbub.hub.resending import nonce_in
from hubbub.hub.room import Floor, HubRoom
from hubbub.hub.rooms import Rooms
from hubbub.hub.session import Session
from hubbub.hub.settings import HubSettings
from hubbub.hub.stallgate import StallGate
from hubbub.hub.stats import Stats
from hubbub.hub.turns import Turns

RETRY_SECONDS = 1.0  # before events that are missing are asked for again
FROZEN_SECONDS = 1.0  # in which a new name is on disk, if the disk is well
GAP_SECONDS = 0.02  # for which another server may tell of what is missing, before it is read
REST = 6  # times as long as it took to show the last events, others' events gather,
MAX_REST_SECONDS = 0.020  # and at most so long: nobody notices it
MANY_READERS = 100  # live in a room, from whom on reactions and joins gather before they are shown,
READER_PAUSE_SECONDS = 0.0001  # for each of them: twenty times as long as it takes to write to it
MAX_PAUSE_SECONDS = 0.1  # so that a thousand people who react at once do not keep texts waiting
MOST_LET_IN = 16  # people at once, who are told who is here: some milliseconds
READ_EVENTS = 512  # of a room's log at once, when it is far ahead of what was shown


class Pending(Struct, frozen=True, gc=True):
    """A write on its way to the log: who waits for the ack. ``weight``: see `weigh`.

    ``number``: of all writes of this server, in their order.
    """

    journal: Journal
    number: int
    session: Session
    room: HubRoom
    command: Write
    weight: int

    def __call__(self, outcome: Settled) -> None:
        self.journal.answer(self, outcome)


class Barrier(Protocol):
    """Waits until what is on its way is shown. ``over``: it waits no more."""

    @property
    def over(self) -> bool: ...

    def happened(self) -> None: ...


class Others(Protocol):
    """What is asked where other servers write to the log: `hubbub.hub.whereabouts.Whereabouts`."""

    def doubt(self, room: HubRoom) -> None: ...

    def vacated(self, room: HubRoom, inside: Sequence[Attendance]) -> None: ...

    async def verify(self, room: HubRoom) -> None: ...

    def in_the_way(self, room: HubRoom, events: Sequence[AnyEvent]) -> HubRoom | None: ...

    def same(self, room: HubRoom, id: int | None) -> HubRoom: ...

    async def know(self, name: RoomName) -> HubRoom | None: ...

    async def reach(self, room: HubRoom, seq: int) -> None: ...

    async def missing(
        self, room: HubRoom, upto: int, events: Sequence[AnyEvent]
    ) -> Sequence[AnyEvent] | None: ...


class Late:
    """A room whose log is ahead of what was shown, and has to be shown up to ``upto``.

    ``held``: outcomes in it, of which nobody is told before the events are shown. ``over``: it is.
    ``timer``: until then the log is not read, as what is missing may be told of by another server;
    ``gathers``: nothing is, but events gather; ``unhurried``: only such as wait for others.
    ``at_hand``: those that have come meanwhile.
    """

    __slots__ = ("at_hand", "gathers", "held", "over", "timer", "unhurried", "upto")

    def __init__(self, upto: int) -> None:
        self.upto = upto
        self.over = asyncio.Event()
        self.held: list[Settled] = []
        self.at_hand: dict[int, AnyEvent] = {}
        self.timer: asyncio.TimerHandle | None = None
        self.gathers = False
        self.unhurried = False

    def take(self, upto: int, events: Sequence[AnyEvent]) -> None:
        """The log has the room up to that, with these events."""
        self.upto = max(self.upto, upto)
        if self.timer is not None:
            for event in events:
                self.at_hand[event.seq] = event

    @property
    def gathered(self) -> Collection[AnyEvent]:
        """What waits to be shown."""
        return self.at_hand.values()

    def end_at(self, head: int) -> None:
        """There is nothing more to come, whatever was told of it."""
        self.upto = head
        self.held = [
            Unneeded(one.entry, head=head) if type(one) is Unneeded else one for one in self.held
        ]

    def behind(self, head: int) -> list[AnyEvent]:
        """The events at hand that continue ``head``."""
        found = []
        while (event := self.at_hand.get(head + 1)) is not None:
            found.append(event)
            head += 1
        return found


class Journal:
    """Appends what sessions write, shows what is on disk, and knows how much is on its way.

    ``woken`` is told of sessions that may go on, ``appended`` of the events that this server has
    appended, ``caught_up`` of rooms whose log was ahead and is shown by now, ``shown`` of events
    that may change more than what is read in a room, with what held there before, ``refused`` of
    rooms that did not get a write. ``floor``: see `HubRoom.publish`. ``whereabouts``: where other
    servers write to the log, looks why a room's log does not go on. ``first_room`` is the key of
    the one that is made without anybody.
    """

    def __init__(
        self,
        log: Log,
        settings: HubSettings,
        gate: StallGate,
        stats: Stats,
        rooms: Rooms,
        *,
        first_room: str,
        woken: Callable[[Session], None],
        appended: Callable[[HubRoom, Sequence[AnyEvent]], None] | None,
        caught_up: Callable[[HubRoom], None],
        shown: Callable[[HubRoom, Sequence[AnyEvent], RoomFacts], None],
        refused: Callable[[HubRoom], None],
        spawn: Callable[[Coroutine[None, None, None]], None],
        turns: Turns,
        floor: Floor,
        whereabouts: Others | None = None,
        monotonic: Callable[[], float] = monotonic,
        gap_seconds: float = GAP_SECONDS,
    ) -> None:
        self._log = log
        self._settings = settings
        self._gate = gate
        self._stats = stats
        self._rooms = rooms
        self._first_room = first_room
        self._woken = woken
        self._appended = appended
        self._caught_up = caught_up
        self._shown = shown
        self._refused = refused
        self._spawn = spawn
        self._turns = turns
        self._floor = floor
        self._whereabouts = whereabouts
        self._pending: dict[int, None] = {}  # their numbers
        self._number = 0
        self._bytes = 0
        self._waiting: dict[Session, None] = {}
        self._answered: dict[Session, None] = {}
        self._late: dict[HubRoom, Late] = {}
        self._monotonic = monotonic
        self._gap_seconds = gap_seconds
        self._calm_at = 0.0
        self._barriers: deque[tuple[int, Barrier]] = deque()
        self._idle: asyncio.Event | None = None  # while somebody waits for it
        self.healthy = True
        self.fenced: Callable[[], None] = _not_among_others
        """Is called when the log takes nothing from this server any more."""
        log.listen(self._hear)

    @property
    def full(self) -> bool:
        """Whether writes have to wait, so that the queue to the disk stays bounded."""
        return (
            len(self._pending) >= self._settings.queue_events
            or self._bytes >= self._settings.queue_bytes
        )

    @property
    def pending(self) -> int:
        """Writes of sessions that are on their way to the disk."""
        return len(self._pending)

    def wait_for_room(self, session: Session) -> None:
        """``session`` has a write that must wait until the journal is no longer full."""
        self._waiting[session] = None

    def submit(
        self,
        session: Session,
        room: HubRoom,
        command: Write,
        event: AnyEvent,
        also: tuple[Row, ...] = (),
    ) -> None:
        """Sends the ``event`` that ``command`` asks for to the log, and ``also`` with it.

        The ack or the refusal goes to ``session``.
        """
        self.check_not_frozen(room)
        session.in_flight += 1
        room.writes_coming += 1
        self._number += 1
        self._pending[self._number] = None
        weight = weigh(event)
        self._bytes += weight
        nonce = None if command.nonce is None else nonce_in(room, command.nonce)
        done = Pending(self, self._number, session, room, command, weight)
        self._log.append(room.draft(event, nonce=nonce, done=done, also=also))

    def check_not_frozen(self, room: HubRoom) -> None:
        """Raises `RateLimited` while the room's new name is on its way to the log."""
        if room.frozen:
            raise RateLimited(
                f"{room.name} is getting another name just now. Please try again in a moment.",
                retry_after=FROZEN_SECONDS,
            )

    async def idle(self) -> None:
        """Returns when no session's write is on its way any more."""
        if self._pending:
            self._idle = self._idle or asyncio.Event()
            await self._idle.wait()

    def when_answered(self, barrier: Barrier) -> None:
        """Tells it when every write is shown and answered that is on its way now."""
        while self._barriers and self._barriers[0][1].over:  # while the disk stands still
            self._barriers.popleft()
        self._barriers.append((self._number, barrier))

    def advance(self, room: HubRoom, upto: int, events: Sequence[AnyEvent] = ()) -> None:
        """Shows the events of ``room`` up to ``upto``, all of which are on disk.

        ``events``: the last of them, consecutive, as far as they are at hand. Where they do not
        continue what was shown, the log is read first. What was shown before is left out.
        """
        late = self._late.get(room)
        if late is not None:
            late.take(upto, events)
            whole = late.upto == room.head + len(late.behind(room.head))
            waits = late.unhurried and are_unhurried(events) and _others_come(room, late.gathered)
            if late.timer is not None and whole and not waits:
                self._end_wait(room)
        elif upto > room.head:
            at_hand = events and events[0].seq <= room.head + 1 and events[-1].seq == upto
            if at_hand and not (self._whereabouts and self._whereabouts.in_the_way(room, events)):
                new = events[room.head + 1 - events[0].seq :]
                if are_unhurried(new) and _others_come(room, new) and (seconds := _pause(room)):
                    self._wait(room, upto, new, seconds, gathers=True)
                    self._late[room].unhurried = True
                else:
                    self._publish(room, new)
            elif events and not at_hand and self._whereabouts:
                self._wait(room, upto, events, self._gap_seconds)
            else:
                self._fall_late(room, upto)

    def hear(self, room: HubRoom, upto: int, events: Sequence[AnyEvent] = ()) -> None:
        """As `advance`, for what another server has appended.

        On a busy loop that gathers for a moment, as what is written here does: to deliver the
        events of two servers at once costs hardly more than to deliver those of one.
        """
        late = self._late.get(room)
        if late is not None and late.gathers and not late.unhurried:
            late.take(upto, events)
        elif late is None and events and upto > room.head and events[-1].seq == upto:
            seconds = self._calm_at - self._monotonic()
            if seconds > 0:
                self._wait(room, upto, events, seconds, gathers=True)
            else:
                self.advance(room, upto, events)
        else:
            self.advance(room, upto, events)

    def _hear(self, settled: Sequence[Settled]) -> None:
        """One transaction is on disk, or refused."""
        error = settled[-1].error
        # What the log has decided otherwise (a name is taken, say) it has answered all the same.
        self.healthy = type(error) not in (LogUnavailable, ShuttingDown, LeaseLost)
        if type(error) is LeaseLost:
            self.fenced()
        with self._turns.batch():
            self._take(settled)

    def _take(self, settled: Sequence[Settled]) -> None:
        """Shows what is on disk, calls back with the outcomes, lets sessions go on that wait."""
        batches: dict[HubRoom, list[AnyEvent]] = {}
        heads: dict[HubRoom, int] = {}  # of rooms where another server has appended what is true
        for outcome in settled:
            event, entry = outcome.event, outcome.entry
            if type(outcome.error) is RoomMovedOn:
                self._doubt(entry)
            if event is not None and type(entry) is Draft:
                done = entry.done
                if type(done) is Pending:
                    room = done.room
                elif (found := self._rooms.get(entry.room.key)) is not None:
                    room = found
                else:
                    continue  # the room was forgotten meanwhile
                if room.id is None and not self._rooms.identify(room, outcome.room_id):
                    assert self._whereabouts is not None
                    room = self._whereabouts.same(room, outcome.room_id)
                elif outcome.room_id not in (None, room.id):
                    continue  # it is in one that has had the name since: the next look shows it
                if type(done) is Pending and not outcome.duplicate:
                    room.note_said(done.session, event)
                events = batches.setdefault(room, [])
                behind = events[-1].seq if events else room.head
                if event.seq <= behind:  # it was sent again
                    if not _was_shown(room, event):
                        self._log.doubt()
                elif not events or event.seq == behind + 1:
                    # Ahead of what was shown if another server has written between, or what was
                    # reported as refused was saved.
                    events.append(event)
                elif (late := self._late.get(room)) is not None:
                    late.take(event.seq, ())
                else:
                    self._fall_late(room, event.seq)
            elif type(outcome) is Unneeded:
                unchanged = self._rooms.get(outcome.entry.room.key)  # type: ignore[union-attr]
                if unchanged is not None:
                    heads[unchanged] = outcome.head
        for room, events in batches.items():
            if events:
                self.advance(room, events[-1].seq, events)
                if self._appended is not None:
                    self._appended(room, events)
        for room, head in heads.items():
            self.advance(room, head)
        if self._late:
            settled = self._hold_back(settled)
        for outcome in settled:
            done = outcome.entry.done
            if type(done) is Pending:  # nearly always: that saves a call
                self.answer(done, outcome)
            elif done is not None:
                done(outcome)
        if self._idle is not None and not self._pending:
            self._idle.set()
            self._idle = None
        if self._barriers:
            self._tell_barriers()
        answered, self._answered = self._answered, {}
        for session in answered:
            self._woken(session)
        # Resume at half the limit (hysteresis), so that waiting sessions are admitted in batches.
        few = len(self._pending) * 2 <= self._settings.queue_events
        if self._waiting and few and not self.full:
            waiting, self._waiting = self._waiting, {}
            for session in waiting:
                self._woken(session)

    def _tell_barriers(self) -> None:
        """What gathers in one room is answered behind what is said in others meanwhile."""
        first = next(iter(self._pending), self._number + 1)
        while self._barriers and self._barriers[0][0] < first:
            self._barriers.popleft()[1].happened()

    def answer(self, pending: Pending, outcome: Settled) -> None:
        """Tells a session what has become of its write."""
        session, command = pending.session, pending.command
        self._answered[session] = None
        session.in_flight -= 1
        pending.room.writes_coming -= 1
        del self._pending[pending.number]
        self._bytes -= pending.weight
        if outcome.duplicate:
            self._stats.duplicates += 1
        if outcome.error is not None:
            self._refused(pending.room)
        if session.ended:
            return
        room, event, error = pending.room.name, outcome.event, outcome.error
        if outcome.duplicate and type(event) is not type(outcome.entry.event):  # type: ignore[union-attr]
            event, error = None, BadMessage("This nonce was used before, for something else.")
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
        elif error is not None:
            self._stats.refused_by_log += 1
            self._stats.refusals[error.code] += 1
            session.outlet.reply(Refused.of(error, command.id, room=room, nonce=command.nonce))

    def _publish(self, room: HubRoom, events: Sequence[AnyEvent]) -> None:
        if self._whereabouts is None:
            self._show_all(room, events)
            return
        began = self._monotonic()
        self._show_all(room, events)
        now = self._monotonic()
        self._calm_at = now + min(REST * (now - began), MAX_REST_SECONDS)

    def _show_all(self, room: HubRoom, events: Sequence[AnyEvent]) -> None:
        self._stats.events += len(events)
        self._stats.batches += 1
        if are_messages(events):
            self._show(room, events)
        else:  # who is put out by one of them is given none behind it
            for piece in _pieces(events):
                self._show(room, piece)

    def _show(self, room: HubRoom, events: Sequence[AnyEvent]) -> None:
        facts = room.state.facts
        with self._gate:
            self._stats.deliveries += room.publish(events, self._floor)
        if room.keeps_members or not are_messages(events):
            self._shown(room, events, facts)

    # Rooms whose log is ahead of what was shown

    def _doubt(self, entry: Entry) -> None:
        """The room that ``entry`` was meant for is not where it was."""
        id = entry.room_id if type(entry) is Draft else None
        room = self._rooms.with_id(id)
        if room is not None and self._whereabouts is not None:
            self._whereabouts.doubt(room)

    def failed_over(self) -> None:
        """The log may have lost what it has told, as far as that is not shown yet.

        So it is told of nothing that waits for that, and what there is comes with the next look.
        """
        error = LogUnavailable("Nobody knows whether this is saved. Please try again.")
        for room, late in self._late.items():
            late.upto = room.head
            late.at_hand.clear()
            late.held = [Settled(one.entry, error=error) for one in late.held]

    async def caught_up_with(self, room: HubRoom) -> None:
        """Returns when all that is known to be in the log of ``room`` is shown."""
        while (late := self._late.get(room)) is not None:
            await late.over.wait()

    def _wait(
        self,
        room: HubRoom,
        upto: int,
        events: Sequence[AnyEvent],
        seconds: float,
        *,
        gathers: bool = False,
    ) -> None:
        """Shows ``events`` after so many seconds at most, with what comes until then."""
        late = self._late[room] = Late(upto)
        late.timer = asyncio.get_running_loop().call_later(seconds, self._waited, room)
        late.gathers = gathers
        late.take(upto, events)

    def _waited(self, room: HubRoom) -> None:
        """Nothing has come that would have ended the wait."""
        with self._turns.batch():
            self._end_wait(room)

    def _end_wait(self, room: HubRoom) -> None:
        """Shows what is at hand; if something is missing, the log is read."""
        late = self._late[room]
        assert late.timer is not None
        late.timer.cancel()
        late.timer = None
        events = late.behind(room.head)
        late.at_hand.clear()
        others = self._whereabouts
        if events and not room.gone and not (others and others.in_the_way(room, events)):
            self._publish(room, events)
        if room.head < late.upto and not room.gone:
            late.gathers = False
            self._spawn(self._read_on(room))
        else:
            self._be_over(room, late)
            if late.held:
                self._take(late.held)

    def _fall_late(self, room: HubRoom, upto: int) -> None:
        self._late[room] = Late(upto)
        self._spawn(self._read_on(room))

    def _hold_back(self, settled: Sequence[Settled]) -> list[Settled]:
        """Keeps the outcomes in late rooms for later; returns the others."""
        others: list[Settled] = []
        for outcome in settled:
            entry = outcome.entry
            room = self._rooms.get(entry.room.key) if type(entry) is Draft else None
            late = self._late.get(room) if room is not None else None
            (others if late is None else late.held).append(outcome)
        return others

    async def _read_on(self, room: HubRoom) -> None:
        """Shows what the log of ``room`` has; until then nobody is shown a hole, nor answered."""
        late = self._late[room]
        while room.head < late.upto and not room.gone:
            before, upto = (room.head, room.id), min(late.upto, room.head + READ_EVENTS)
            try:
                events: Sequence[AnyEvent] | None
                events = await self._log.read(room.which, room.head, upto)
                if self._whereabouts is not None:
                    events = await self._whereabouts.missing(room, late.upto, events)
            except ChatError:
                events = []
            if events is None:
                late.end_at(room.head)
            elif events:
                self._publish(room, events)
            elif (room.head, room.id) == before and not room.gone:
                await asyncio.sleep(RETRY_SECONDS)
        self._be_over(room, late)
        if not room.gone:
            self._caught_up(room)
        if late.held and self._appended is not None:
            self._appended(room, ())
        self._take(late.held)

    def _be_over(self, room: HubRoom, late: Late) -> None:
        """Nobody waits any more for what was missing."""
        del self._late[room]
        late.over.set()


def _pause(room: HubRoom) -> float:
    """Seconds for which reactions may gather: none where it takes a moment to show each of them."""
    readers = sum(map(len, room.live.values()))
    return 0.0 if readers < MANY_READERS else min(MAX_PAUSE_SECONDS, readers * READER_PAUSE_SECONDS)


def _others_come(room: HubRoom, gathered: Collection[AnyEvent]) -> bool:
    """Whether it is worth while to wait, if people have come: while others are on their way."""
    joins = sum(map(changes_members, gathered))
    return not joins or joins < min(room.coming, MOST_LET_IN)


def _was_shown(room: HubRoom, event: AnyEvent) -> bool:
    """Whether it is what was shown under its number, as far as that is at hand."""
    known = room.recent(event.seq - 1, event.seq)
    return not known or known[0].at == event.at


def _not_among_others() -> None:
    """Where there is one server."""


def _pieces(events: Sequence[AnyEvent]) -> Iterator[Sequence[AnyEvent]]:
    """``events`` in pieces, each of which ends where something may have changed who may what."""
    start = 0
    for end, event in enumerate(events, 1):
        if is_audited(event) or end == len(events):
            yield events[start:end]
            start = end
