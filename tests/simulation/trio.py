"""Three servers over one log, and people who chat, moderate, rename, delete and have accounts.

Between the servers is a bus that loses, doubles and reorders. Each life has a seed. The people ask
whichever server for whatever they like; most of it is refused. In the end all servers know what the
log adds up to, and nobody was ever shown anything that is not theirs: what came between a join and
the end of it is of one log, without a hole, and of one that they may read.
"""

from __future__ import annotations

import asyncio
import itertools
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from random import Random
from typing import Any, cast

from hubbub.domain import commands as ask
from hubbub.domain import replies as told
from hubbub.domain.commands import Command
from hubbub.domain.directory import DIRECTORY
from hubbub.domain.events import (
    AnyEvent,
    DirectBegun,
    Invited,
    Registered,
    RoleGiven,
    Said,
    Trimmed,
)
from hubbub.domain.ids import UserId
from hubbub.domain.names import RoomName, UserName
from hubbub.domain.rules import KEEPS_MEMBERS, Role, RoomAccess
from hubbub.domain.state import RoomState
from hubbub.hub.settings import HubSettings
from hubbub.hub.whereabouts import Whereabouts
from tests.hub.chat import NOON, Chat, Person
from tests.hub.members import OTHER, PASSWORD
from tests.patience import PATIENCE_SECONDS
from tests.simulation.pair import DAY_MS, ROUNDS, Bus, Node, SharedLog
from tests.simulation.promises import promise

NODES = 3
NAMES = ("General", "Kitchen", "Attic", "Cellar", "Lab", "Den")
SETTINGS = HubSettings(
    rate_limit=0,
    leave_grace_seconds=2.0,
    hold_seconds=6.0,
    silent_room_seconds=20.0,
    sessions_per_address=0,
    client_rooms_per_day=0,
)
TRIMMING = 0.2  # of all lives
MOST_PEOPLE = 14


class Net(Bus):
    """A bus with several others at its ends."""

    def __init__(self) -> None:
        super().__init__()
        self.others: list[Net] = []

    def publish(self, message: Any) -> None:
        for other in self.others:
            other.arrived.append(message)


class Visitor(Person):
    """A connection; ``account``: the name under which it has logged in, or will."""

    account: str | None = None
    word: str = PASSWORD


class Trio:
    """Three nodes and their people, for one life."""

    def __init__(
        self, seed: int, log: Any, save: Callable[[], Awaitable[None]], *, threads: bool = False
    ) -> None:
        """As `tests.simulation.pair.Pair`."""
        self.seed = seed
        self.dice = Random(seed)
        self.seconds = 0.0
        self.days = 0
        self.trims = Random(-2 - seed).random() < TRIMMING
        self.started = False
        self.books = SharedLog(log)
        self._save = save
        self._threads = threads
        nets = [Net() for _ in range(NODES)]
        for net in nets:
            net.others = [other for other in nets if other is not net]
        self.nodes = [
            Node(
                self.books,
                net,
                1 + 1_000_000 * number,
                lambda: self.seconds,
                lambda: self.now,
                settings=SETTINGS,
            )
            for number, net in enumerate(nets)
        ]
        self.people: list[Visitor] = []
        self.said: dict[str, str] = {}
        self.codes: list[tuple[str, str]] = []
        """The rooms and codes of tickets, each good for one use."""
        self._looking: list[asyncio.Task[None]] = []
        self._numbers = itertools.count(1)

    @property
    def now(self) -> float:
        """The time of day, in ms."""
        return NOON + self.seconds * 1000 + self.days * DAY_MS

    @property
    def _logs(self) -> dict[int, list[AnyEvent]]:
        """All that was ever appended, by the rooms' ids; what was forgotten has no names."""
        disk = self.books.log.disk
        return {disk.ids[key]: events for key, events in disk.events.items()}

    async def live(self, steps: int = 150) -> None:
        """Lives; raises `Broken` for a promise that was not kept."""
        try:
            for node in self.nodes:
                await node.start(self._save)
            self.started = True
            for _ in range(steps):
                self._step()
                if self.trims and self.dice.random() < 0.06:
                    self._days_pass()
                for _ in range(self.dice.choice([0, 0, 1, 3])):
                    await asyncio.sleep(0)
                if self.dice.random() < 0.25:
                    await self._save()
                if self.dice.random() < 0.05:
                    await self._follow(self.dice.choice(self.nodes))
            await self._settle()
            await self._check()
        finally:
            for node in self.nodes:
                if node.feeder is not None:
                    node.feeder.cancel()
                for task in (*node.hub.tasks, *self._looking):
                    task.cancel()

    # What happens

    def _step(self) -> None:
        dice = self.dice
        node = dice.choice(self.nodes)
        chance = dice.random()
        open = [one for one in self.people if one.open and not one.hung_up]
        person = dice.choice(open) if open else None
        if person is None or (chance < 0.06 and len(open) < MOST_PEOPLE):
            self._connect(node, f"p{next(self._numbers)}")
        elif chance < 0.12:
            self._come_back(node)
        elif chance < 0.27:
            self._join(person)
        elif chance < 0.5:
            self._say(person)
        elif chance < 0.54:
            person.lose_connection()
        elif chance < 0.61:
            self.seconds += dice.choice([0.1, 1.0, 3.0, 15.0])
            for one in self.nodes:
                one.hub.tick()
        elif chance < 0.64:
            (person.read_on if person.session.stalled else person.stop_reading)()
        elif chance < 0.84:
            self._command(person)
        else:
            cast("Net", node.bus).carry(dice)

    def _connect(self, node: Node, name: str, word: str | None = None) -> None:
        person = Visitor(cast("Chat", node), "192.0.2.1", resumable=True)
        person.account = name
        self.people.append(person)
        person.send(ask.Hello(user=UserName.parse(name), password=word))

    def _come_back(self, node: Node) -> None:
        """Somebody with an account logs in, maybe beside where they are."""
        known = [one for one in self.people if any(w.account for w in one.all(told.Welcome))]
        if known:
            person = self.dice.choice(known)
            welcome = person.last(told.Welcome)
            other = Visitor(cast("Chat", node), "192.0.2.1", resumable=True)
            self.people.append(other)
            token = welcome.token if self.dice.random() < 0.5 else None
            word = self.dice.choice([PASSWORD, PASSWORD, OTHER]) if token is None else None
            other.send(ask.Hello(user=UserName.parse(welcome.user), password=word, token=token))

    def _room(self) -> RoomName:
        return RoomName.parse(self.dice.choice(NAMES))

    def _send(self, person: Person, *commands: Command) -> None:
        if person.session.user is not None:
            person.send(*commands)

    def _join(self, person: Visitor) -> None:
        name = self._room()
        if self.codes and self.dice.random() < 0.2:
            room, code = self.dice.choice(self.codes)
            self._send(person, ask.Join(room=RoomName.parse(room), invite=code))
            return
        after = None
        if self.dice.random() < 0.3:  # what the client knows of it, from wherever it was
            seen = [e for one in self.people for e in one.shown(str(name)) if one is person]
            after = seen[-1] if seen else None
        if after is None:
            self._send(person, ask.Join(room=name))
        else:
            self._send(person, ask.Join(room=name, after=after.seq, after_at=after.at))

    def _say(self, person: Person) -> None:
        room = self._room()
        here = [one.name for one in person.session.rooms]
        if here and self.dice.random() < 0.8:
            room = self.dice.choice(here)
        if person.session.user is not None:
            nonce = f"n{next(self._numbers)}"
            self.said[nonce] = f"{person.session.user.name} says {nonce}"
            for _ in range(self.dice.choice([1, 1, 1, 2])):  # a resend changes nothing
                person.say(self.said[nonce], str(room), nonce=nonce)

    def _command(self, person: Visitor) -> None:
        dice, room = self.dice, self._room()
        here = [one.name for one in person.session.rooms]
        if here and dice.random() < 0.85:
            room = dice.choice(here)
        who = dice.choice(self.people).session.user
        other = UserName.parse("nobody") if who is None else who.name
        nonce = f"c{next(self._numbers)}"
        commands: list[Callable[[], Command]] = [
            lambda: ask.Register(password=PASSWORD),
            lambda: ask.Register(password=PASSWORD),
            lambda: ask.Register(password=PASSWORD),
            lambda: ask.SetRules(
                room=room,
                access=dice.choice([RoomAccess.MEMBERS, RoomAccess.MEMBERS, RoomAccess.OPEN]),
                nonce=nonce,
            ),
            lambda: ask.SetRules(room=room, guests=dice.random() < 0.5),
            lambda: ask.Invite(room=room, user=other, nonce=nonce),
            lambda: ask.Kick(room=room, user=other, nonce=nonce),
            lambda: ask.Mute(room=room, user=other, seconds=5),
            lambda: ask.Ban(room=room, user=other, nonce=nonce),
            lambda: ask.GiveRole(
                room=room, user=other, role=dice.choice([Role.OWNER, Role.MODERATOR, Role.MEMBER])
            ),
            lambda: ask.RenameRoom(room=room, name=self._room(), nonce=nonce),
            lambda: ask.RenameRoom(room=room, name=self._room(), nonce=nonce),
            lambda: ask.Delete(room=room),
            lambda: ask.Delete(room=room),
            lambda: ask.Leave(room=room),
            lambda: ask.MakeTicket(room=room),
            lambda: ask.Direct(users=(other,)),
            lambda: ask.Knock(room=room),
            lambda: ask.Rename(user=UserName.parse(f"q{next(self._numbers)}")),
            lambda: ask.ChangePassword(
                old=dice.choice([PASSWORD, OTHER]), new=dice.choice([PASSWORD, OTHER])
            ),
            ask.Revoke,
            lambda: ask.CloseAccount(password=PASSWORD, empty=dice.random() < 0.3),
            lambda: ask.Own(code=cast("Any", person.chat).hub.owner_code or "x"),
            lambda: ask.Kick(room=DIRECTORY, user=other),
            lambda: ask.Ban(room=DIRECTORY, user=other, seconds=5),
            lambda: ask.History(room=room, before=None),
            ask.Rooms,
        ]
        self._send(person, dice.choice(commands)())
        given = person.all(told.TicketGiven)
        if given:
            self.codes.append((str(given[-1].room), given[-1].code))

    def _days_pass(self) -> None:
        self.days += self.dice.choice([0, 2, 2])
        for node in self.dice.choice([self.nodes, self.nodes[:1], self.nodes[1:]]):
            retention = node.hub.retention
            retention.days = lambda room: 1  # type: ignore[method-assign]
            retention._since = node.hub.clock() - node.hub.monotonic() * 1000  # no jump
            looking = asyncio.get_running_loop().create_task(_look(node))
            self._looking.append(looking)

    async def _follow(self, node: Node) -> None:
        following, whereabouts = node.hub.following, node.hub.whereabouts
        assert following is not None
        assert isinstance(whereabouts, Whereabouts)
        await following.look()
        await whereabouts.check()

    async def _settle(self) -> None:
        """Nothing happens any more; what was lost on the bus is asked for."""
        for person in self.people:
            if person.session.stalled and person.open:
                person.read_on()
        heads: list[object] = []
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
            before = heads
            heads = [
                (room.name, room.head) for node in self.nodes for room in node.hub.rooms.everything
            ]
            looked = all(looking.done() for looking in self._looking)
            if looked and before == heads and not self._busy() and not self.books.log.waiting:
                return
        raise AssertionError(f"it never settles: {heads}, busy: {self._busy()}")

    def _busy(self) -> list[str]:
        return [
            f"{person.session.user and person.session.user.name}"
            for person in self.people
            if person.open and not person.session.ended
            if person.session.blocked
            or any(room.cursor(person.session) != -1 for room in person.session.rooms)
        ]

    # What is promised

    async def _check(self) -> None:
        records = {one.name.key: one for one in await self.books.log.rooms()}
        members: dict[str, dict[str, object]] = {}
        for one in await self.books.log.members():
            members.setdefault(one.room.key, {})[one.member.name.key] = one.member
        for number, node in enumerate(self.nodes):
            rooms = {room.name.key: room for room in node.hub.rooms.everything if room.head}
            there = {key for key, one in records.items() if one.state.head}
            promise(rooms.keys() == there, "other rooms", number, sorted(rooms), sorted(there))
            for key, room in rooms.items():
                known = records[key]
                promise(room.id == known.id, "another room of that name", number, room.name)
                promise(room.head == known.state.head, "a server is behind", number, room.name)
                same = (room.state.at, room.state.facts) == (known.state.at, known.state.facts)
                promise(same, "other facts", number, room.name, room.state, known.state)
                inside = room.state.members
                promise(
                    inside == members.get(key, {}),
                    "other members",
                    number,
                    room.name,
                    inside,
                    members.get(key, {}),
                    self._logs.get(room.id or 0, [])[-8:],
                )
            accounts = {one.id for one in members.get(DIRECTORY.key, {}).values()}  # type: ignore[attr-defined]
            promise(node.hub.access._accounts.keys() == accounts, "other accounts", number)
        for events in self._logs.values():
            self._check_log(events)
        for person in self.people:
            self._check_view(person)

    def _check_log(self, events: Sequence[AnyEvent]) -> None:
        seqs = [event.seq for event in events]
        promise(seqs == [*range(1, len(events) + 1)], "a hole in a log", seqs)
        texts: set[str] = set()
        used: set[str] = set()
        owner: UserId | None = None
        for event in events:
            match event:
                case Said(text=text):
                    promise(not text or text not in texts, "said twice", event)
                    texts.add(text)
                case Invited(ticket=str(ticket)) | Registered(ticket=str(ticket)):
                    promise(ticket not in used, "a ticket for one was used twice", event)
                    used.add(ticket)
                case DirectBegun():
                    promise(event.seq == 1, "begun twice", event)
                case RoleGiven(role=Role.OWNER, user_id=user_id, by_id=by_id) if user_id == by_id:
                    promise(owner in (None, user_id), "two became owners by themselves", event)
                    owner = user_id
                case _:
                    pass

    def _check_view(self, person: Visitor) -> None:
        """Each stay in a room is one log, from where it began, which is for this person."""
        stays: dict[str, Stay] = {}
        for reply in person.received:
            match reply:
                case told.RoomJoined(room=room, after=after):
                    stays[_key(room)] = Stay(self._logs, after)
                case told.RoomMoved(room=room, name=name):
                    if _key(room) in stays:
                        stays[_key(name)] = stays.pop(_key(room))
                case told.RoomLeft(room=room) | told.RoomDeleted(room=room):
                    stays.pop(_key(room), None)
                case told.Events(room=room, events=events):
                    promise(_key(room) in stays, "shown outside of a stay", person.account, reply)
                    for event in events:
                        stays[_key(room)].take(event, self._id_of(person))
                case told.Ack(room=room, seq=seq, nonce=str(nonce)) if nonce in self.said:
                    text = self.said[nonce]
                    found = [
                        one
                        for events in self._logs.values()
                        for one in events[seq - 1 : seq]
                        if isinstance(one, Said) and one.text in ("", text)
                    ]
                    promise(bool(found), "acknowledged, and not there", reply)
                case _:
                    pass
        if person.open and not person.session.ended and not person.hung_up:
            for here in person.session.rooms:
                stay = stays.get(here.name.key)
                promise(stay is not None, "in a room without having joined", here.name)
                assert stay is not None
                behind = "not up to date in the end"
                promise(stay.cursor == here.head, behind, person.account, here.name, stay.cursor)
                promise(here.id in stay.logs, "in another room", here.name)

    def _id_of(self, person: Visitor) -> UserId | None:
        welcomes = person.all(told.Welcome)
        return welcomes[-1].user_id if welcomes else None


class Stay:
    """Between a join and the end of it. ``logs``: of which room this may be."""

    def __init__(self, logs: dict[int, list[AnyEvent]], after: int) -> None:
        self._all = logs
        self.logs = set(logs)
        self.cursor = after

    def take(self, event: AnyEvent, viewer: UserId | None) -> None:
        """The next event that was shown."""
        self.logs = {id for id in self.logs if _same(self._all[id], event)}
        promise(bool(self.logs), "shown, and in no log that it could be", event)
        if event.seq != self.cursor + 1:
            # What is gone is left out, maybe before it is told.
            floor = max((one.floor for id in self.logs for one in _trims(self._all[id])), default=0)
            promise(self.cursor < event.seq <= floor + 1, "a hole or a repeat", event, self.cursor)
        self.cursor = event.seq
        if len(self.logs) == 1:
            (id,) = self.logs
            promise(_may_read(self._all[id], event.seq, viewer), "not for them", event, viewer)


def _key(name: str) -> str:
    return RoomName.recall(name).key


def _same(log: Sequence[AnyEvent], event: AnyEvent) -> bool:
    if not 0 < event.seq <= len(log):
        return False
    known = log[event.seq - 1]
    if type(known) is not type(event) or known.at != event.at or known.by_id != event.by_id:
        return False
    return not isinstance(known, Said) or known.text in ("", getattr(event, "text", ""))


def _trims(log: Sequence[AnyEvent]) -> Iterator[Trimmed]:
    return (one for one in log if isinstance(one, Trimmed))


def _may_read(log: Sequence[AnyEvent], seq: int, viewer: UserId | None) -> bool:
    """Whether there was a moment, after the event ``seq``, in which ``viewer`` might read it."""
    state = RoomState()
    for event in log:
        before = state.facts.access not in KEEPS_MEMBERS or _is_in(state, viewer)
        state.apply(event)
        if event.seq == seq and before:
            return True
        if event.seq >= seq and (state.facts.access not in KEEPS_MEMBERS or _is_in(state, viewer)):
            return True
    return False


def _is_in(state: RoomState, viewer: UserId | None) -> bool:
    return any(member.id == viewer for member in state.members.values())


async def _look(node: Node) -> None:
    await node.hub.retention.look()
