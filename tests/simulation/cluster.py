"""Lives of several servers on one log, and of people who chat, moderate, rename and have accounts.

Between the servers is a bus that loses, doubles, delays and reorders. In memory servers are killed,
stand still for longer than their lease and go on, stop in order and begin anew; the database is
away, saves without an answer, and fails over to a standby that was behind. Each life has a seed.
The people ask whichever server for whatever they like; most of it is refused. In the end all
servers know what the log adds up to, the members of rooms are those who are there, and nobody was
ever shown anything that is not theirs: see `tests.simulation.views`.
"""

from __future__ import annotations

import asyncio
import itertools
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from random import Random
from typing import Any, cast

import pytest

from hubbub.domain import commands as ask
from hubbub.domain import replies as told
from hubbub.domain.commands import Command
from hubbub.domain.directory import DIRECTORY, is_directory
from hubbub.domain.events import UNSEQUENCED, Kicked
from hubbub.domain.names import RoomName, UserName
from hubbub.domain.rules import Role, RoomAccess
from hubbub.hub import catchup, forgetting, journal, presence, retention, silence, whereabouts
from hubbub.hub.hub import Hub
from hubbub.hub.ports import Draft, Ephemeral, Log, Message, Missed, Wake
from hubbub.hub.settings import HubSettings
from hubbub.hub.whereabouts import Whereabouts
from tests.hub.chat import NOON, Chat, Person
from tests.hub.members import OTHER, PASSWORD
from tests.passwords import CheapPasswords
from tests.patience import PATIENCE_SECONDS
from tests.simulation.logs import Database, Far, LogEnd, OneOfSeveral, SharedLog
from tests.simulation.promises import promise
from tests.simulation.views import Logs, Past, View, check_log
from tests.simulation.virtual_loop import VirtualLoop

NAMES = ("General", "Kitchen", "Attic", "Cellar", "Lab", "Den")
SETTINGS = HubSettings(
    rate_limit=0,
    leave_grace_seconds=2.0,
    hold_seconds=6.0,
    lease_seconds=6.0,
    silent_room_seconds=20.0,
    sessions_per_address=0,
    client_rooms_per_day=0,
)
DAY_MS = 86_400_000
AGAIN = 0.08  # of what people do: a guest takes another name on the same connection
STEP_SECONDS = 1.5  # of time that passes, until the servers look: less than a third of a lease
STILL_SECONDS = 3 * SETTINGS.lease_seconds + SETTINGS.hold_seconds  # then all is as it will be
ROUNDS = 30  # of the loop: by then what was begun is done, as far as no disk is waited for
MOST_PEOPLE = 14
MOST_ROUNDS = 300  # in which all has to settle
TRIMMING, FAULTS, FAILOVERS, MOVED = 0.2, 0.7, 0.1, 0.1  # of all lives
STOPPED_SECONDS = (1.0, 5.0, 20.0)  # for which a server stands still


def small_limits(patch: pytest.MonkeyPatch) -> None:
    """Few events are many, and nobody waits for long."""
    patch.setattr(catchup, "RETRY_SECONDS", 0.001)
    patch.setattr(journal, "READ_EVENTS", 3)
    patch.setattr(journal, "RETRY_SECONDS", 0.001)
    patch.setattr(forgetting, "RETRY_SECONDS", 0.001)
    patch.setattr(presence, "RETRY_SECONDS", 0.5)
    patch.setattr(retention, "MIN_PAUSE_SECONDS", 0.0)
    patch.setattr(retention, "PAUSE_RATIO", 0.0)
    patch.setattr(retention, "LOOKED_AT", 5)
    patch.setattr(retention, "DELETED_AT_ONCE", 3)
    patch.setattr(silence, "LOOK_SECONDS", 2.0)
    patch.setattr(whereabouts, "MOST_READ", 12)


def live(seed: int, hubs: int = 3, *, again: bool = True) -> None:
    """The life of that seed, in memory and in virtual time; raises `Broken`.

    ``again``: guests take other names on the same connection.
    """
    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        life = Life(seed, hubs)
        life.again = AGAIN if again else 0.0
        runner.run(life.live())


class Bus:
    """What the others have told one server, until it is heard, doubled or lost."""

    def __init__(self, all: list[Bus]) -> None:
        self._all = all
        self._heard: Callable[[Message], None] = lambda _: None
        self.arrived: list[Message] = []
        all.append(self)

    def publish(self, message: Wake | Ephemeral) -> None:
        for other in self._all:
            if other is not self:
                other.arrived.append(message)

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
        message = self.arrived[place] if chance < 0.15 else self.arrived.pop(place)
        if chance < 0.8:
            self._heard(message)
        elif chance < 0.83:
            self._heard(Missed())

    def leave(self) -> None:
        """The server is gone."""
        self._all.remove(self)


class Server:
    """One server: what `tests.hub.chat.Person` needs of it."""

    def __init__(
        self, life: Life, log: Any, *, bus: Bus | None, first_id: int, skew: float = 0.0
    ) -> None:
        """``skew``: by so many ms its clock goes wrong."""
        self.bus = bus
        self.words = self.lost_words = 0
        self.log = log
        self.asleep = False
        self.looking: list[asyncio.Task[None]] = []
        """For what is old."""
        self.hub = Hub(
            cast("Log", log),
            settings=life.settings,
            clock=lambda: int(life.now + skew),
            monotonic=lambda: life.seconds,
            ids=itertools.count(first_id).__next__,
            bus=bus,
            passwords=CheapPasswords(),
        )
        self._feeder: asyncio.Task[None] | None = None

    async def start(self, save: Callable[[], Awaitable[None]]) -> None:
        """Starts the hub, which waits for the disk: ``save`` returns when that has taken all."""
        starting = asyncio.get_running_loop().create_task(self.hub.start())
        while not starting.done():
            await save()
            await asyncio.sleep(0)
        await starting
        self._feeder = asyncio.get_running_loop().create_task(self.hub.catchup.run())

    def end(self) -> None:
        """Nothing is done here any more."""
        if self._feeder is not None:
            self._feeder.cancel()
        for task in (*self.hub.tasks, *self.looking):
            task.cancel()
        if self.bus is not None:
            self.bus.leave()


class Visitor(Person):
    """A connection."""

    @property
    def server(self) -> Server:
        return cast("Server", self.chat)

    @property
    def welcome(self) -> told.Welcome | None:
        welcomes = self.all(told.Welcome)
        return welcomes[-1] if welcomes else None

    @property
    def is_here(self) -> bool:
        return self.open and not self.session.ended and not self.hung_up


class Life:
    """Some servers and their people, for one life."""

    def __init__(self, seed: int, hubs: int = 3, logs: Sequence[SharedLog] = ()) -> None:
        """``logs``: the real log as each server has it open; without them it is in memory."""
        self.dice = dice = Random(seed)
        self.seconds = 0.0
        self.days = 0
        self.trims, self.faults, self.fails_over, self.moved = (
            dice.random() < chance for chance in (TRIMMING, FAULTS, FAILOVERS, MOVED)
        )
        self.hubs = hubs
        self.again, self._more_dice = AGAIN, Random(seed + 1)
        self.logs = logs
        # Of a deleted room nobody could tell any more what was in it.
        self.settings = replace(SETTINGS, silent_room_seconds=0) if logs else SETTINGS
        self.database = Database(dice)
        self.servers: list[Server] = []
        self.people: list[Visitor] = []
        self.said: dict[str, str] = {}
        self.codes: list[tuple[str, str]] = []
        """The rooms and codes of tickets, each good for one use."""
        self._numbers = itertools.count(1)
        self._buses: list[Bus] = []
        self._started = 0
        self._wakes: dict[Server, tuple[float, bool]] = {}
        """When those go on that stand still, and whether the log had known of them until then."""

    @property
    def now(self) -> float:
        """The time of day, in ms."""
        return NOON + self.seconds * 1000 + self.days * DAY_MS

    @property
    def running(self) -> list[Server]:
        return [one for one in self.servers if not one.asleep]

    async def live(self, steps: int = 150) -> None:
        """Lives; raises `Broken` for a promise that was not kept."""
        try:
            if self.moved and not self.logs:
                await self._live_alone()
            for _ in range(self.hubs):
                await self._add()
            self.database.fails = True
            for _ in range(steps):
                await self._step()
                if self.trims and self.dice.random() < 0.06:
                    self._days_pass()
                for _ in range(self.dice.choice([0, 0, 1, 3])):
                    await asyncio.sleep(0)
                if self.dice.random() < 0.25:
                    await self._save()
                if self.dice.random() < 0.05:
                    await self._follow(self.dice.choice(self.running))
            await self._settle()
            await self._check()
        finally:
            for server in self.servers:
                server.end()

    async def _live_alone(self) -> None:
        """Before there were several servers there was one, which was killed."""
        log = OneOfSeveral(self.database)
        alone = Server(self, Far(log, self.dice), bus=None, first_id=1)
        self.servers.append(alone)
        await alone.start(self._save)
        for _ in range(30):
            await self._meet(alone)
            await asyncio.sleep(0)
            if self.dice.random() < 0.4:
                await self._save()
        self._kill(alone)

    # Servers come and go

    async def _add(self) -> None:
        self._started += 1
        first_id = 1_000_000 * self._started
        if self.logs:
            log: Any = LogEnd(self.logs[len(self.servers) % len(self.logs)])
        else:
            log = Far(OneOfSeveral(self.database), self.dice)
        skew = 0.0 if self.logs else self.dice.choice([0.0, 0.0, 0.0, -90_000.0, 120_000.0])
        server = Server(self, log, bus=Bus(self._buses), first_id=first_id, skew=skew)
        self.servers.append(server)
        fails, self.database.fails = self.database.fails, False
        await server.start(self._save)
        self.database.fails = fails

    def _kill(self, server: Server) -> None:
        """As kill -9 does: nobody hears of it."""
        for person in self.people:
            if person.server is server:
                person.open = False
        server.log.log.die()
        self._remove(server)

    def _remove(self, server: Server) -> None:
        server.end()
        self.servers.remove(server)
        self._wakes.pop(server, None)

    async def _stop(self, server: Server) -> None:
        """It stops in order, and another one may take its place."""
        closing = asyncio.get_running_loop().create_task(
            server.hub.close(lambda count: [1.0] * count)
        )
        server.log.log.away = False
        while not closing.done():
            server.log.log.commit()
            await asyncio.sleep(0.001)
        await closing
        server.log.log.commit()
        self._kill(server)

    def _sleep(self, server: Server) -> None:
        """The process stands still, as by SIGSTOP; who is connected to it may lose patience."""
        server.asleep = True
        server.log.awake.clear()
        until = self.seconds + self.dice.choice(STOPPED_SECONDS)
        self._wakes[server] = until, self._is_known(server)

    def _is_known(self, server: Server) -> bool:
        assert server.hub.node is not None
        return server.hub.node.id in self.database.disk.nodes

    async def _wake(self, server: Server) -> None:
        """The process goes on; if others have taken over, it saves nothing any more."""
        _, known = self._wakes.pop(server)
        dead = known and not self._is_known(server)
        # It may begin all the same if it has not heard that it had, and nobody is there.
        anew = all(one.user is None for one in server.hub.sessions)
        server.asleep = False
        server.log.awake.set()
        before = self._lengths()
        for person in self.people:
            if person.server is server and person.is_here:
                self._send(person, ask.Join(room=self._room()))
        for _ in range(3):
            server.hub.tick()
            for _ in range(ROUNDS):
                await asyncio.sleep(0)
            server.log.log.commit()
        if dead and not (anew and self._is_known(server)):
            promise(self._lengths() == before, "a dead server has saved something", before)

    def _lengths(self) -> dict[str, int]:
        return {key: len(events) for key, events in self.database.disk.events.items()}

    async def _look_after_servers(self) -> None:
        """Those wake up that have slept, and there are as many as there should be."""
        for server, (when, _) in list(self._wakes.items()):
            if self.seconds >= when:
                await self._wake(server)
        for server in self.running:
            if server.hub.lost.is_set():  # its process begins anew
                self._kill(server)
        while not self.running or (len(self.servers) < self.hubs and self.dice.random() < 0.2):
            self._heal()
            await self._add()

    def _heal(self) -> None:
        for server in self.running:
            server.log.log.away = False

    async def _fault(self) -> None:
        dice, server = self.dice, self.dice.choice(self.running)
        chance = dice.random()
        if chance < 0.3:
            others = dice.choice([self.running, [server]])
            for one in others:
                one.log.log.away = not one.log.log.away
        elif self.fails_over and chance < 0.45:
            self.database.copy()
        elif self.fails_over and chance < 0.55:
            self.database.fail_over()
        elif len(self.running) < 2:
            self._heal()
        elif chance < 0.7:
            self._kill(server)
        elif chance < 0.9:
            self._sleep(server)
        else:
            await self._stop(server)

    # What happens

    async def _step(self) -> None:
        dice = self.dice
        if self.logs:
            if dice.random() < 0.07:
                await self._pass(dice.choice([0.1, 1.0, 3.0]))
                return
        else:
            await self._look_after_servers()
            if self.faults and dice.random() < 0.05:
                await self._fault()
                return
            if dice.random() < 0.07:
                await self._pass(dice.choice([0.1, 1.0, 3.0, 15.0]))
                return
        server = dice.choice(self.running)
        chance = dice.random()
        if chance < 0.2:
            cast("Bus", server.bus).carry(dice)
        else:
            await self._meet(server)

    async def _meet(self, server: Server) -> None:
        """Somebody does something, and anybody who comes does so to ``server``."""
        dice, chance = self.dice, self.dice.random()
        here = [one for one in self.people if one.is_here and not one.server.asleep]
        person = dice.choice(here) if here else None
        if person is not None and self._more_dice.random() < self.again:
            self._become(person)
            return
        if person is None or (chance < 0.06 and len(here) < MOST_PEOPLE):
            self._connect(server, f"p{next(self._numbers)}")
        elif chance < 0.15:
            self._come_back(server)
        elif chance < 0.33:
            self._join(person)
        elif chance < 0.62:
            self._say(person)
        elif chance < 0.67:
            person.lose_connection()
        elif chance < 0.68:
            person.bye()
        elif chance < 0.71:
            (person.read_on if person.session.stalled else person.stop_reading)()
        elif chance < 0.73:
            self._kick(server)
        else:
            self._command(person)

    async def _pass(self, seconds: float) -> None:
        """Time passes, and the servers look what is due."""
        while seconds > 0:
            step = min(seconds, STEP_SECONDS)
            seconds -= step
            self.seconds += step
            self.database.disk.seconds = self.seconds
            for one in self.running:
                one.hub.tick()
            if not self.logs:
                await asyncio.sleep(step)
                if self.dice.random() < 0.7:
                    await self._save()

    async def _save(self) -> None:
        """What was appended is on disk, or refused."""
        if self.logs:
            for log in self.logs:
                await log.settled.wait()
            await asyncio.sleep(0)
            return
        for server in self.running:
            log = server.log.log
            while log.waiting:
                log.commit(self.dice.randint(1, log.waiting))

    def _connect(self, server: Server, name: str, *more: Command, **proof: Any) -> None:
        line = not proof and self.dice.random() < 0.1
        person = Visitor(cast("Chat", server), "192.0.2.1", resumable=not line)
        self.people.append(person)
        person.send(ask.Hello(user=UserName.parse(name), **proof), *more)

    def _come_back(self, server: Server) -> None:
        """Somebody comes back, maybe beside where they are, or under another name."""
        dice, known = self.dice, [one for one in self.people if one.welcome and one.resumable]
        if not known:
            return
        person = dice.choice(known)
        welcome = cast("told.Welcome", person.welcome)
        word = dice.choice([PASSWORD, PASSWORD, OTHER])
        if person.is_here and not person.server.asleep and dice.random() < 0.5:
            person.lose_connection()
        if welcome.account and dice.random() < 0.5:
            self._connect(server, welcome.user, password=word)
        elif not welcome.account and welcome.token and dice.random() < 0.2:
            former = ask.Formerly(user=UserName.parse(welcome.user), token=welcome.token)
            self._connect(server, f"q{next(self._numbers)}", former)
        else:
            self._connect(server, welcome.user, token=welcome.token)

    def _become(self, person: Visitor) -> None:
        """Takes another name, which may be an account's or a guest's, and comes in again."""
        dice, welcome = self._more_dice, person.welcome
        known = [one.welcome for one in self.people if one.welcome]
        if welcome is None or not known:
            return
        other, chance = dice.choice(known), dice.random()
        proof: dict[str, Any] = {}
        name = f"q{next(self._numbers)}"
        if chance < 0.4:
            name, proof = other.user, {"password": dice.choice([PASSWORD, PASSWORD, OTHER])}
        elif chance < 0.5 and other.token:
            name, proof = other.user, {"token": other.token}
        elif chance < 0.55:
            name = welcome.user.upper()
        rooms = person.session.rooms
        self._send(person, ask.Hello(user=UserName.parse(name), again=True, **proof))
        for room in rooms:
            if dice.random() < 0.8:
                seen = person.shown(str(room.name))
                after: dict[str, Any] = (
                    {"after": seen[-1].seq, "after_at": seen[-1].at} if seen else {}
                )
                self._send(person, ask.Join(room=room.name, **after))

    def _room(self) -> RoomName:
        return RoomName.parse(self.dice.choice(NAMES))

    def _send(self, person: Visitor, *commands: Command) -> None:
        if person.session.user is not None:
            person.send(*commands)

    def _join(self, person: Visitor) -> None:
        name = self._room()
        if self.codes and self.dice.random() < 0.2:
            room, code = self.dice.choice(self.codes)
            self._send(person, ask.Join(room=RoomName.parse(room), invite=code))
            return
        seen = person.shown(str(name)) if self.dice.random() < 0.3 else []
        if seen:  # what the client knows of it
            self._send(person, ask.Join(room=name, after=seen[-1].seq, after_at=seen[-1].at))
        else:
            self._send(person, ask.Join(room=name))

    def _say(self, person: Visitor) -> None:
        room = self._room()
        here = [one.name for one in person.session.rooms]
        if here and self.dice.random() < 0.8:
            room = self.dice.choice(here)
        if person.session.user is not None:
            nonce = f"n{next(self._numbers)}"
            self.said[nonce] = f"{person.session.user.name} says {nonce}"
            for _ in range(self.dice.choice([1, 1, 1, 2])):  # a resend changes nothing
                person.say(self.said[nonce], str(room), nonce=nonce)

    def _kick(self, server: Server) -> None:
        """Somebody puts out who is in a room, as far as is known at ``server``."""
        known = server.hub.rooms.get(self._room().key)
        if known is not None and known.id is not None and known.state.members:
            member = self.dice.choice(sorted(known.state.members.items()))[1]
            event = Kicked(UNSEQUENCED, int(self.now), "mod", member.name, user_id=member.id)
            server.log.append(Draft(known.name, event, room_id=known.id))

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
            lambda: ask.Unban(room=room, user=str(other), nonce=nonce),
            lambda: ask.GiveRole(
                room=room, user=other, role=dice.choice([Role.OWNER, Role.MODERATOR, Role.MEMBER])
            ),
            lambda: ask.RenameRoom(room=room, name=self._room(), nonce=nonce),
            lambda: ask.RenameRoom(room=room, name=self._room(), nonce=nonce),
            lambda: ask.Leave(room=room),
            lambda: ask.Leave(room=room),
            lambda: ask.Read(room=room, seq=dice.randint(1, 5)),
            lambda: ask.MakeTicket(room=room),
            lambda: ask.Direct(users=(other,)),
            lambda: ask.Knock(room=room),
            lambda: ask.Rename(user=UserName.parse(f"q{next(self._numbers)}")),
            lambda: ask.ChangePassword(
                old=dice.choice([PASSWORD, OTHER]), new=dice.choice([PASSWORD, OTHER])
            ),
            ask.Revoke,
            lambda: ask.CloseAccount(password=PASSWORD, empty=dice.random() < 0.3),
            lambda: ask.Own(code=person.server.hub.owner_code or "x"),
            lambda: ask.Kick(room=DIRECTORY, user=other),
            lambda: ask.Ban(room=DIRECTORY, user=other, seconds=5),
            lambda: ask.History(room=room, before=None),
            ask.Rooms,
        ]
        if not self.logs:
            commands += [lambda: ask.Delete(room=room)] * 2
        self._send(person, dice.choice(commands)())
        given = person.all(told.TicketGiven)
        if given:
            self.codes.append((str(given[-1].room), given[-1].code))

    def _days_pass(self) -> None:
        """What was said is old by now, and some of the servers find it.

        Others may be behind: they take what the room adds up to from the log.
        """
        self.days += self.dice.choice([0, 2, 2])
        for server in self.dice.choice([self.running, self.running[:1], self.running[1:]]):
            retention = server.hub.retention
            retention.days = lambda room: 1  # type: ignore[method-assign]
            retention._since = server.hub.clock() - server.hub.monotonic() * 1000  # no jump
            server.looking.append(asyncio.get_running_loop().create_task(_look(server)))

    async def _follow(self, server: Server) -> None:
        following, whereabouts = server.hub.following, server.hub.whereabouts
        assert following is not None
        assert isinstance(whereabouts, Whereabouts)
        await following.look()
        await whereabouts.check()

    async def _settle(self) -> None:
        """Nothing happens any more; what was lost on the bus is asked for."""
        self.database.fails = False
        heads: list[object] = []
        began, deadline = self.seconds, time.monotonic() + PATIENCE_SECONDS
        for round in itertools.count():
            if not self.logs:
                for server in self.servers:
                    server.log.log.away = False
                await self._look_after_servers()
                while len(self.servers) < self.hubs:
                    await self._add()
            for person in self.people:
                if person.session.stalled and person.is_here:
                    person.read_on()
            await self._pass(STEP_SECONDS)
            await self._save()
            for server in self.running:
                await self._follow(server)
            for _ in range(ROUNDS):
                await asyncio.sleep(0.0005 if self.logs else 0)
            await self._save()
            before, heads = heads, self._heads()
            looked = all(looking.done() for one in self.servers for looking in one.looking)
            still = self.seconds - began > STILL_SECONDS and not self._wakes
            if looked and still and before == heads and not self._busy():
                return
            late = time.monotonic() > deadline if self.logs else round > MOST_ROUNDS
            assert not late, f"it never settles: {heads}, busy: {self._busy()}"
        raise AssertionError

    def _heads(self) -> list[object]:
        rooms = [room for server in self.servers for room in server.hub.rooms.everything]
        waiting = [] if self.logs else [server.log.log.waiting for server in self.servers]
        return [*((room.name, room.head) for room in rooms), *waiting]

    def _busy(self) -> list[str]:
        return [
            f"{person.session.user and person.session.user.name}"
            for person in self.people
            if person.is_here
            if person.session.blocked
            or any(room.cursor(person.session) != -1 for room in person.session.rooms)
        ]

    # What is promised

    async def _check(self) -> None:
        log = self.servers[0].log
        records = {one.name.key: one for one in await log.rooms()}
        members: dict[str, dict[str, Any]] = {key: {} for key in records}
        for one in await log.members():
            members[one.room.key][one.member.name.key] = one.member
        logs = await self._logs()
        for number, server in enumerate(self.servers):
            rooms = {room.name.key: room for room in server.hub.rooms.everything if room.head}
            there = {key for key, one in records.items() if one.state.head}
            promise(rooms.keys() == there, "other rooms", number, sorted(rooms), sorted(there))
            for key, room in rooms.items():
                known = records[key]
                promise(room.id == known.id, "another room of that name", number, room.name)
                promise(room.head == known.state.head, "a server is behind", number, room.name)
                same = (room.state.at, room.state.facts) == (known.state.at, known.state.facts)
                promise(same, "other facts", number, room.name, room.state, known.state)
                inside = room.state.members
                promise(inside == members[key], "other members", number, key, inside, members[key])
            accounts = {one.id for one in members.get(DIRECTORY.key, {}).values()}
            promise(server.hub.access._accounts.keys() == accounts, "other accounts", number)
        self._check_presence(members)
        for past in logs.values():
            check_log(past)
        for person in self.people:
            self._check_view(person, logs)

    async def _logs(self) -> Logs:
        if not self.logs:
            return {id: Past(events) for id, events in self.database.logs.items()}
        log = self.servers[0].log
        return {
            one.id: Past(await log.read(one.id, one.state.facts.floor, one.state.head))
            for one in await log.rooms()
        }

    def _check_presence(self, members: Mapping[str, Mapping[str, Any]]) -> None:
        """Who is in a room is a member; the others are none, where members do not stay."""
        for key, inside in members.items():
            room = self.servers[0].hub.rooms.get(key)
            if room is None or is_directory(room.name) or not room.listable:
                continue
            here = {
                person.session.user.name.key
                for person in self.people
                if person.is_here and person.session.user
                if any(one.name.key == key for one in person.session.rooms)
            }
            promise(here <= inside.keys(), "here, and no member", key, here, inside)
            if not room.keeps_members:
                promise(here == inside.keys(), "a member, and not here", key, here, inside)

    def _check_view(self, person: Visitor, logs: Logs) -> None:
        welcome = person.welcome
        if welcome is not None and welcome.log == self.database.first_id:
            # What a failover has lost was shown; a server that has lost nothing goes on.
            before = {-id: Past(events) for id, events in self.database.before.items()}
            logs = {**logs, **before}
        view = View(logs, self.said, welcome.user_id if welcome else None)
        for reply in person.received:
            view.take(reply)
        for here in person.session.rooms if person.is_here else ():
            stay = view.stays.get(here.name.key)
            promise(stay is not None, "in a room without having joined", here.name)
            assert stay is not None
            promise(stay.cursor == here.head, "not up to date in the end", here.name, stay.cursor)
            promise(bool({here.id, -(here.id or 0)} & stay.ids), "in another room", here.name)


async def _look(server: Server) -> None:
    await server.hub.retention.look()
