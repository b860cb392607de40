"""Two servers over one log, with a bus between them that loses, doubles and reorders.

Each life has a seed. The people are at one server or the other, in the same rooms; what each of
them is shown has to be the log, without a hole, and in the end both servers have to know the same.
"""

from __future__ import annotations

import asyncio
import itertools
import time
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from random import Random
from typing import Any, cast

from hubbub.domain import replies as told
from hubbub.domain.events import UNSEQUENCED, AnyEvent, Joined, Kicked, Left, Said, Trimmed
from hubbub.domain.names import RoomName, UserName
from hubbub.domain.state import RoomState
from hubbub.hub.hub import Hub
from hubbub.hub.ports import Draft, Entry, Ephemeral, Log, Message, Settled, Wake
from hubbub.hub.settings import HubSettings
from tests.hub.chat import NOON, Chat, Person
from tests.passwords import CheapPasswords
from tests.patience import PATIENCE_SECONDS
from tests.simulation.promises import promise

ROOMS = [RoomName.parse(name) for name in ("General", "Kitchen", "Attic")]
SETTINGS = HubSettings(
    rate_limit=0, leave_grace_seconds=2.0, hold_seconds=6.0, silent_room_seconds=0
)
TRIMMING = 0.2  # of all lives
DAY_MS = 86_400_000
ROUNDS = 30  # of the loop: by then what was begun is done, as far as no disk is waited for


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


class Bus:
    """What one server has told the other, until it is heard, doubled or lost."""

    def __init__(self) -> None:
        self.other: Bus
        self._heard: Callable[[Message], None] = lambda _: None
        self.arrived: list[Message] = []

    def publish(self, message: Wake | Ephemeral) -> None:
        self.other.arrived.append(message)

    def listen(self, heard: Callable[[Message], None]) -> None:
        self._heard = heard

    def stats(self) -> Mapping[str, float]:
        return {}

    async def run(self, key: bytes) -> None:
        """It carries what it is told to."""

    def carry(self, dice: Random) -> None:
        """One message arrives, or does not, or does so twice; not always the oldest."""
        if not self.arrived:
            return
        place = dice.randrange(len(self.arrived)) if dice.random() < 0.3 else 0
        chance = dice.random()
        wake = self.arrived[place] if chance < 0.15 else self.arrived.pop(place)
        if chance < 0.8:
            self._heard(wake)


class Node:
    """One server: what `tests.hub.chat.Person` needs of it, and what its people know."""

    def __init__(
        self,
        shared: SharedLog,
        bus: Bus,
        first_id: int,
        clock: Callable[[], float],
        now: Callable[[], float],
        settings: HubSettings = SETTINGS,
    ) -> None:
        self.bus = bus
        self.words = self.lost_words = 0
        self.log = LogEnd(shared)
        self.hub = Hub(
            cast("Log", self.log),
            settings=settings,
            clock=lambda: int(now()),
            monotonic=clock,
            ids=itertools.count(first_id).__next__,
            bus=bus,
            passwords=CheapPasswords(),
        )
        self.feeder: asyncio.Task[None] | None = None

    async def start(self, save: Callable[[], Awaitable[None]]) -> None:
        """Starts the hub, which waits for the disk: ``save`` returns when that has taken all."""
        starting = asyncio.get_running_loop().create_task(self.hub.start())
        while not starting.done():
            await save()
            await asyncio.sleep(0)
        await starting
        self.feeder = asyncio.get_running_loop().create_task(self.hub.catchup.run())


class Pair:
    """Two nodes and their people, for one life."""

    def __init__(
        self,
        seed: int,
        log: Any,
        save: Callable[[], Awaitable[None]],
        *,
        threads: bool = False,
        second: Any = None,
    ) -> None:
        """``save`` returns when all that was appended to ``log`` is settled. ``threads``: the log
        is read in some, for which only time helps to wait. ``second``: the same log as the second
        server has it open; without one, both append to ``log``.
        """
        self.dice = Random(seed)
        self.seconds = 0.0
        self.days = 0
        self.trims = Random(-2 - seed).random() < TRIMMING
        """Whether days pass now and then, and what is old goes."""
        self.started = False
        self.shared = SharedLog(log)
        self.ends = (self.shared, self.shared if second is None else SharedLog(second))
        self._save = save
        self._threads = threads
        one, other = Bus(), Bus()
        one.other, other.other = other, one
        self.nodes = [
            Node(end, bus, first, lambda: self.seconds, lambda: self.now)
            for end, bus, first in zip(self.ends, (one, other), (1, 100_000), strict=True)
        ]
        self.people: list[Person] = []
        self.said: dict[str, str] = {}
        self._numbers = itertools.count(1)

    @property
    def now(self) -> float:
        """The time of day, in ms."""
        return NOON + self.seconds * 1000 + self.days * DAY_MS

    async def live(self, steps: int = 120) -> None:
        """Lives; raises `Broken` for a promise that was not kept."""
        for node in self.nodes:
            await node.start(self._save)
        self.started = True
        try:
            await self._save()
            for _ in range(steps):
                self._step()
                if self.trims and self.dice.random() < 0.06:
                    await self._days_pass()
                for _ in range(self.dice.choice([0, 0, 1, 3])):
                    await asyncio.sleep(0)
                if self.dice.random() < 0.2:
                    await self._save()
                if self.dice.random() < 0.05:
                    await self._follow(self.dice.choice(self.nodes))
            await self._settle()
            await self._check()
        finally:
            for node in self.nodes:
                if node.feeder is not None:
                    node.feeder.cancel()
                for task in node.hub.tasks:
                    task.cancel()

    def _step(self) -> None:
        dice = self.dice
        node = dice.choice(self.nodes)
        person = dice.choice(self.people) if self.people else None
        room = dice.choice(ROOMS)
        chance = dice.random()
        if person is None or chance < 0.08:
            self._connect(node, f"p{next(self._numbers)}", None)
        elif chance < 0.14 and not person.open:
            self._connect(cast("Node", person.chat), self._name(person), person.token)
        elif chance < 0.3:
            self._send(person, "join", room)
        elif chance < 0.34:
            self._send(person, "leave", room)
        elif chance < 0.6:
            self._say(person, room)
        elif chance < 0.64 and person.open:
            person.lose_connection()
        elif chance < 0.67:
            self._kick(node, room)
        elif chance < 0.72:
            self.seconds += dice.choice([0.1, 1.0, 3.0])
            for one in self.nodes:
                one.hub.tick()
        elif chance < 0.76 and person.open:
            (person.read_on if person.session.stalled else person.stop_reading)()
        else:
            node.bus.carry(dice)

    async def _days_pass(self) -> None:
        """What was said is old by now, and one of the servers finds it, or both do.

        The other one may be behind: it takes what the room adds up to from the log.
        """
        self.days += self.dice.choice([0, 2, 2])
        for node in self.dice.choice([self.nodes, self.nodes[:1], self.nodes[1:]]):
            retention = node.hub.retention
            retention.days = lambda room: 1  # type: ignore[method-assign]
            retention._since = node.hub.clock() - node.hub.monotonic() * 1000  # no jump
            node.hub.spawn(self._look(node.hub))

    async def _look(self, hub: Hub) -> None:
        await hub.retention.look()

    def _connect(self, node: Node, name: str, token: str | None) -> None:
        person = Person(cast("Chat", node), "192.0.2.1", resumable=True)
        self.people.append(person.hello(name, token))

    def _name(self, person: Person) -> str:
        welcomes = person.all(told.Welcome)
        return welcomes[-1].user if welcomes else f"p{next(self._numbers)}"

    def _send(self, person: Person, what: str, room: RoomName) -> None:
        if person.open and person.session.user is not None:
            getattr(person, what)(str(room))

    def _say(self, person: Person, room: RoomName) -> None:
        if person.open and person.session.user is not None:
            nonce = f"n{next(self._numbers)}"
            self.said[nonce] = f"{person.session.user.name} says {nonce}"
            for _ in range(self.dice.choice([1, 1, 1, 2])):  # a resend changes nothing
                person.say(self.said[nonce], str(room), nonce=nonce)

    def _kick(self, node: Node, room: RoomName) -> None:
        """Somebody at ``node`` puts out who is in the room, as far as is known there."""
        known = node.hub.rooms.get(room.key)
        if known is not None and known.state.members:
            member = self.dice.choice(sorted(known.state.members.items()))[1]
            event = Kicked(UNSEQUENCED, NOON, "mod", member.name, user_id=member.id)
            node.hub.log.append(Draft(room, event))

    async def _follow(self, node: Node) -> None:
        following = node.hub.following
        assert following is not None
        await following.look()

    async def _settle(self) -> None:
        """Nothing happens any more; what was lost on the bus is asked for."""
        for person in self.people:
            if person.session.stalled and person.open:
                person.read_on()
        heads: list[int] = []
        deadline = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < deadline:
            self.seconds += 1.5
            for node in self.nodes:
                node.hub.tick()
            await self._save()
            for node in self.nodes:
                await self._follow(node)
            for _ in range(ROUNDS):
                await asyncio.sleep(0.0005 if self._threads else 0)
            await self._save()
            before, heads = heads, [room.head for node in self.nodes for room in node.hub.rooms]
            if before == heads and self.seconds > SETTINGS.hold_seconds and not self._busy():
                return
        raise AssertionError(f"it never settles: {heads}, busy: {self._busy()}")

    def _busy(self) -> bool:
        return any(
            person.session.blocked
            or any(room.cursor(person.session) != -1 for room in person.session.rooms)
            for person in self.people
            if person.open
        )

    async def _check(self) -> None:
        for name in ROOMS:
            rooms = [room for node in self.nodes if (room := node.hub.rooms.get(name.key))]
            if not rooms:
                continue
            head = max(room.head for room in rooms)
            floor = max(room.floor for room in rooms)
            log = await self.shared.log.read(name.key, floor, head + 1)
            seqs = [event.seq for event in log]
            there = list(range(floor + 1, head + 1))
            promise(seqs == there, "nobody was told of what is in the log", name, head, seqs)
            state: RoomState = rooms[0].state
            if not floor:
                state = RoomState()
                for event in log:
                    state.apply(event)
            for room in rooms:
                promise(room.head == head, "a server is behind", name)
                known = room.state
                promise(known.members == state.members, "others are members", name, known, state)
                same = (known.at, known.facts) == (state.at, state.facts)
                promise(same, "other facts", name, known, state)
            if not floor:
                self._check_log(name, log)
            for person in self.people:
                self._check_view(person, name, log)

    def _check_log(self, name: RoomName, log: Sequence[AnyEvent]) -> None:
        inside: set[str] = set()
        texts: set[str] = set()
        for event in log:
            match event:
                case Joined(by=by):
                    promise(by not in inside, "joined twice", name, event)
                    inside.add(by)
                case Left(by=by):
                    inside.discard(by)
                case Kicked(user=user):
                    inside.discard(UserName.recall(user).key)
                case Said(text=text):
                    promise(text not in texts, "said twice", name, event)
                    texts.add(text)

    def _check_view(self, person: Person, name: RoomName, log: Sequence[AnyEvent]) -> None:
        """What was shown is the log from where each join began, and acks tell of what is there.

        Who was behind when old events went goes on at what is left.
        """
        cursor, by_seq = 0, {event.seq: event for event in log}
        first = log[0].seq if log else 1
        floors = {one.floor for one in self._shown(name, log) if isinstance(one, Trimmed)}
        for reply in person.received:
            match reply:
                case told.RoomJoined(room=room, after=after) if room == name:
                    cursor = after
                case told.Events(room=room, events=events) if room == name:
                    for event in events:
                        follows = event.seq == cursor + 1
                        left = event.seq > cursor and event.seq - 1 in floors
                        promise(follows or left, "a hole or a repeat", person, event)
                        known = event.seq < first or event == by_seq[event.seq]
                        promise(known, "shown, and not in the log", event)
                        cursor = event.seq
                case told.Ack(room=room, seq=seq, nonce=nonce) if room == name and nonce:
                    text = getattr(by_seq.get(seq), "text", None)
                    known = seq < first or text == self.said[nonce]
                    promise(known, "acknowledged, and not there", reply)
        here = next((one for one in person.session.rooms if one.name.key == name.key), None)
        if person.open and here is not None:
            head = log[-1].seq if log else 0
            promise(cursor == head, "not up to date in the end", person, name, cursor)

    def _shown(self, name: RoomName, log: Sequence[AnyEvent]) -> Iterator[AnyEvent]:
        """What anybody was shown of a room, and what is in its log."""
        yield from log
        for person in self.people:
            for reply in person.received:
                if isinstance(reply, told.Events) and reply.room == name:
                    yield from reply.events
