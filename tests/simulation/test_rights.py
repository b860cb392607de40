"""Random lives with accounts: roles, bans, renamings, kicks, private rooms, crashes.

After each step rights by the log (`tests.simulation.rights`) and rights as enforced are the same,
and nobody has been given anything of a room that was not theirs to read.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Iterable
from random import Random
from typing import Any, ClassVar

import pytest

from hubbub.domain import commands as ask
from hubbub.domain import replies as told
from hubbub.domain.events import PutInQueue, Said, Settled
from hubbub.domain.names import RoomName, UserName
from hubbub.domain.replies import Reply
from hubbub.domain.rights import Action
from hubbub.domain.rules import Newcomers, Role, RoomAccess, Speakers, Status
from hubbub.hub.room import HubRoom
from hubbub.hub.session import User
from hubbub.hub.settings import HubSettings
from tests.hub.chat import Chat, Person
from tests.hub.people import SECRET, settle
from tests.simulation.rights import RANKS, RightsByLog, Somebody, at_head

LIVES = 2000 if os.environ.get("HUBBUB_LONG") else 60
STEPS = 60
SETTINGS = HubSettings(rate_limit=0, hold_seconds=60, leave_grace_seconds=5, history_on_join=5)
ACCOUNTS = ("root", "ada", "ben", "cleo")
GUESTS = ("eve", "gus")
ROOMS = ("Lab", "Den", "Attic")
DIRECTORY = "/server"
BEGINNINGS: tuple[dict[str, dict[str, Any]], ...] = (
    {},
    {"Lab": {"newcomers": Newcomers.HELD}},
    {"Lab": {"newcomers": Newcomers.CAREFUL}, "Den": {"access": RoomAccess.MEMBERS}},
)
"""Rooms that ada owns, and all accounts are in; and what holds there."""
ACTIONS = {
    "read": Action.READ,
    "speak": Action.SPEAK,
    "kick": Action.KICK,
    "ban": Action.BAN,
    "rules": Action.RULES,
    "invite": Action.INVITE,
}


class Watched(Person):
    """Somebody of whom it is looked at what they are given, at the moment when they are."""

    life: Life

    def _hear(self, reply: Reply) -> None:
        super()._hear(reply)
        self.life.given(self, reply)


class Life:
    """One life, from a seed."""

    def __init__(self, seed: int) -> None:
        self.dice = Random(seed)
        self.people: list[Watched] = []
        self.said = 0
        self.steps: list[str] = []

    # The server

    async def start(self, disk: Any = None, seconds: float = 0.0) -> None:
        """A server over what is on disk."""
        self.chat = Chat(SETTINGS, disk=disk)
        self.chat.seconds = seconds
        await self.chat.start()

    async def crash(self) -> None:
        """What was not committed is lost, and so are all connections."""
        await self.chat.crash()
        self.people = []
        await self.start(self.chat.log.disk, self.chat.seconds)

    async def live(self) -> None:
        """Begins with some accounts, and lives."""
        await self.start()
        for name in ACCOUNTS:
            person = self.connect().hello(name)
            await settle(self.chat)
            person.send(ask.Register(password=SECRET))
            await settle(self.chat)
        code = self.chat.hub.owner_code
        assert code is not None
        self.people[0].send(ask.Own(code=code))
        await settle(self.chat)
        ada, *others = self.people[1:]
        for room, rules in self.dice.choice(BEGINNINGS).items():
            for person in (ada, *others):
                person.send(ask.Join(room=RoomName.parse(room)))
                await settle(self.chat)
            ada.send(ask.SetRules(room=RoomName.parse(room), **rules))
            await settle(self.chat)
        for _ in range(STEPS):
            step = self.dice.choice(self.STEPS)
            self.steps.append(step.__name__)
            await step(self)
            if self.dice.random() < 0.6:
                await settle(self.chat)
            elif self.chat.log.waiting:
                self.chat.commit(self.dice.randint(1, self.chat.log.waiting))
            await self.chat.quiet()
            self.check()
        await settle(self.chat)
        self.check()
        await self.chat.crash()

    # The people

    def connect(self) -> Watched:
        person = Watched(self.chat, "192.0.2.1", resumable=True)
        person.life = self
        self.people.append(person)
        return person

    def someone(self) -> Watched | None:
        here = [one for one in self.people if one.open and not one.hung_up and one.session.user]
        return self.dice.choice(here) if here else None

    def name(self) -> UserName:
        users = [str(one.session.user.name) for one in self.people if one.session.user]
        return UserName.parse(self.dice.choice([*users, *ACCOUNTS, *GUESTS]))

    def room(self) -> RoomName:
        there = [str(one.name) for one in self.chat.hub.rooms]
        return RoomName.parse(self.dice.choice([*there, *ROOMS]))

    async def arrive(self) -> None:
        directory = self.chat.hub.access.directory
        accounts = [str(one.name) for one in directory.state.members.values()]
        name = UserName.parse(self.dice.choice([*accounts, *GUESTS]))
        known = self.chat.hub.access.account(name) is not None
        self.connect().send(ask.Hello(user=name, password=SECRET if known else None))

    async def vanish(self) -> None:
        if (person := self.someone()) is not None:
            person.lose_connection()

    async def say_bye(self) -> None:
        if (person := self.someone()) is not None:
            person.bye()

    async def stall(self) -> None:
        if (person := self.someone()) is not None:
            (person.read_on if person.session.stalled else person.stop_reading)()

    async def wait(self) -> None:
        self.chat.pass_time(self.dice.choice([1, 10, 100]))

    async def break_down(self) -> None:
        if self.dice.random() < 0.5:
            await self.crash()
        elif self.chat.log.waiting:
            self.chat.fail(1)

    async def ask(self, make: Callable[[Life], ask.Command]) -> None:
        if (person := self.someone()) is not None:
            person.send(make(self))

    async def decide(self) -> None:
        """Somebody decides what waits."""
        for person in self.people:
            user = person.session.user
            for room in self.chat.hub.rooms if person.open and user is not None else ():
                if room.waiting and self.chat.hub.access.may(user, Action.AUDIT, room):
                    item, approve = self.dice.choice(room.waiting).seq, self.dice.random() < 0.7
                    person.send(ask.Settle(room=room.name, item=item, approve=approve))

    def check(self) -> None:
        """Rights by the log are those that are enforced, for everybody who is here."""
        hub, now = self.chat.hub, self.chat.hub.clock()
        directory = self.rights(hub.access.directory)
        users = {one.session.user for one in self.people if one.open and one.session.user}
        for room in (one for one in hub.rooms if one.head):  # others are about to be made
            rights = self.rights(room)
            members = {key: one.id for key, one in room.state.members.items()}
            assert members == rights.members, self.steps
            for user in users:
                who = self.somebody(user, directory)
                enforced = {
                    name: hub.access.may(user, action, room) for name, action in ACTIONS.items()
                }
                assert enforced == rights.may(who, now), (room.name, user.name, self.steps)
            assert [item.seq for item in room.waiting] == self.waiting(room), self.steps
        said = [
            event.text
            for events in self.chat.log.disk.events.values()
            for event in events
            if isinstance(event, Said)
        ]
        assert len(said) == len(set(said)), self.steps  # what waited is said once
        for user in users:
            assert user.account == (user.id in directory.members.values()), self.steps
        for person in self.people:
            if not person.open or person.session.ended or person.session.user is None:
                continue
            who = self.somebody(person.session.user, directory)
            for room in person.session.rooms:  # who is in a room may read it
                assert self.rights(room).reads(who, now), (room.name, who, self.steps)
            assert not directory.banned(who, now), self.steps

    def waiting(self, room: HubRoom) -> list[int]:
        """What waits for who moderates ``room``, by the events of its queue that were shown."""
        queue = room.queue
        if queue is None:
            return []
        events = self.chat.log.disk.events.get(queue.name.key, [])[: queue.head]
        settled = {event.queued for event in events if isinstance(event, Settled)}
        put = [event.seq for event in events if isinstance(event, PutInQueue)]
        return [seq for seq in put if seq not in settled]

    def rights(self, room: HubRoom, head: int | None = None) -> RightsByLog:
        """By the events of ``room`` that the server has shown, or the first ``head``."""
        events = self.chat.log.disk.events.get(room.name.key, [])
        shown = room.head if head is None else head
        return at_head(events, shown, directory=room is self.chat.hub.access.directory)

    @staticmethod
    def somebody(user: User, directory: RightsByLog) -> Somebody:
        account = user.id in directory.members.values()
        rank = directory.roles.get(user.id or "", 0) if account else 0
        return Somebody(user.id, str(user.name), account, rank, directory.apart(user.id))

    def given(self, person: Watched, reply: Reply) -> None:
        """``person`` is given ``reply`` just now: nothing of a room that they may not read."""
        user = person.session.user
        named: list[str] = []
        if isinstance(
            reply, told.Events | told.Page | told.Members | told.SomeoneTyping | told.Presence
        ):
            named = [reply.room]
        elif isinstance(reply, told.Found):
            named = [one.room for one in reply.results]
        elif isinstance(reply, told.RoomList):
            named = [one.name for one in reply.rooms if one.head or one.users or one.unread]
        elif isinstance(reply, told.QueueList):
            named = [reply.room]
        if isinstance(reply, told.QueueList) or (
            isinstance(reply, told.RoomStanding) and reply.standing.waiting
        ):
            moderated = self.chat.hub.rooms[RoomName.recall(reply.room).key]
            who = self.somebody(user, self.rights(self.chat.hub.access.directory))  # type: ignore[arg-type]
            assert self.rights(moderated).rank(who) >= RANKS["moderator"], (reply, self.steps)
        for name in named if user is not None else ():
            room = self.chat.hub.rooms.get(RoomName.recall(name).key)
            assert room is not None, (name, reply, self.steps)
            if room is self.chat.hub.access.directory:
                assert self.rights(room).roles.get(user.id or "", 0) >= RANKS["moderator"]  # type: ignore[union-attr]
                continue
            who = self.somebody(user, self.rights(self.chat.hub.access.directory))  # type: ignore[arg-type]
            # Of what is given at once, each as of the event before it.
            last = (
                max((one.seq for one in reply.events), default=0)
                if isinstance(reply, told.Events)
                else 0
            )
            rights = self.rights(room, max(room.head, last - 1))
            assert rights.reads(who, self.chat.hub.clock()), (name, who, reply, self.steps)

    def words(self) -> str:
        self.said += 1
        return f"text {self.said} needle"

    STEPS: ClassVar[list[Callable[[Life], Any]]] = []


def step(times: int, make: Callable[[Life], ask.Command]) -> None:
    """``make`` gives a command that somebody sends, ``times`` as often as others."""

    async def run(life: Life) -> None:
        await life.ask(make)

    run.__name__ = make(_EXAMPLE).__class__.__name__
    Life.STEPS += [run] * times


class _Example(Life):
    """For the names of the steps."""

    def __init__(self) -> None:
        super().__init__(0)

    def room(self) -> RoomName:
        return RoomName.parse("Lab")

    def name(self) -> UserName:
        return UserName.parse("ada")


_EXAMPLE = _Example()
Life.STEPS += [Life.arrive] * 8 + [Life.vanish] * 2
Life.STEPS += [Life.say_bye, Life.stall, Life.wait, Life.wait, Life.break_down]
Life.STEPS += [Life.decide] * 8
step(10, lambda life: ask.Join(room=life.room(), owns=life.dice.random() < 0.5))
step(2, lambda life: ask.Leave(room=life.room(), for_good=life.dice.random() < 0.7))
step(8, lambda life: ask.Say(room=life.room(), text=life.words(), outside=life.dice.random() < 0.3))
step(1, lambda life: ask.Typing(room=life.room()))
step(2, lambda life: ask.History(room=life.room()))
step(2, lambda life: ask.Search(query="needle"))
step(2, lambda life: ask.Rooms())
step(1, lambda life: ask.Who(room=life.room()))
step(3, lambda life: ask.Kick(room=life.room(), user=life.name()))
step(
    3,
    lambda life: ask.Ban(
        room=life.room(), user=life.name(), seconds=life.dice.choice([None, 5, 50])
    ),
)
step(
    1, lambda life: ask.Ban(room=life.room(), pattern="g?s*", seconds=life.dice.choice([None, 50]))
)
step(2, lambda life: ask.Unban(room=life.room(), user=str(life.name())))
step(1, lambda life: ask.Unban(room=life.room(), user="g?s*"))
step(
    2,
    lambda life: ask.Exempt(room=life.room(), user=life.name(), on=life.dice.random() < 0.7),
)
step(
    1,
    lambda life: ask.Exempt(room=life.room(), pattern="gu*", on=life.dice.random() < 0.5),
)
step(
    2,
    lambda life: ask.Mute(room=life.room(), user=life.name(), seconds=life.dice.choice([None, 5])),
)
step(1, lambda life: ask.Unmute(room=life.room(), user=life.name()))
step(3, lambda life: ask.Invite(room=life.room(), user=life.name()))
step(
    3,
    lambda life: ask.GiveRole(
        room=life.room(), user=life.name(), role=life.dice.choice(list(Role))
    ),
)
step(
    5,
    lambda life: ask.SetRules(
        room=life.room(),
        access=life.dice.choice([None, RoomAccess.OPEN, RoomAccess.MEMBERS, RoomAccess.UNLISTED]),
        speak=life.dice.choice([None, *Speakers]),
        guests=life.dice.choice([None, True, False]),
        archived=life.dice.choice([None, None, False, True]),
    ),
)
step(
    2,
    lambda life: ask.SetRules(
        room=life.room(), newcomers=life.dice.choice([*Newcomers, Newcomers.HELD])
    ),
)
step(3, lambda life: ask.Knock(room=life.room(), text=life.words()))
step(2, lambda life: ask.Report(room=life.room(), user=life.name()))
step(1, lambda life: ask.Queue(room=life.room()))
step(
    1,
    lambda life: ask.Settle(
        room=life.room(), item=life.dice.randint(1, 6), approve=life.dice.random() < 0.7
    ),
)
step(
    2,
    lambda life: ask.SetFilter(
        room=RoomName.parse(life.dice.choice([life.room(), DIRECTORY])),
        pattern=life.dice.choice(["*1 needle", "/[23] needle/"]),
        on=life.dice.random() < 0.5,
    ),
)
step(2, lambda life: ask.EndInvitation(room=life.room(), user=life.name()))
step(2, lambda life: ask.RenameRoom(room=life.room(), name=RoomName.parse(life.dice.choice(ROOMS))))
step(1, lambda life: ask.Delete(room=life.room()))
step(
    2, lambda life: ask.Rename(user=UserName.parse(life.dice.choice(["Zoe", "Yan", *ACCOUNTS[1:]])))
)
step(2, lambda life: ask.SetProfile(status=life.dice.choice([*Status])))
step(3, lambda life: ask.Block(user=life.name(), on=life.dice.random() < 0.7))
step(1, lambda life: ask.Whois(user=life.name()))
step(3, lambda life: ask.Direct(users=(life.name(),)))
step(1, lambda life: ask.Kick(room=RoomName.parse(DIRECTORY), user=life.name()))
step(1, lambda life: ask.Ban(room=RoomName.parse(DIRECTORY), user=life.name(), seconds=20))
step(1, lambda life: ask.Unban(room=RoomName.parse(DIRECTORY), user=str(life.name())))
step(
    1,
    lambda life: ask.GiveRole(
        room=RoomName.parse(DIRECTORY),
        user=life.name(),
        role=life.dice.choice([Role.MODERATOR, Role.MEMBER]),
    ),
)


def _live(seeds: Iterable[int]) -> None:
    for seed in seeds:
        try:
            asyncio.run(Life(seed).live())
        except Exception as error:
            raise AssertionError(f"in the life {seed}") from error


@pytest.mark.parametrize("batch", range(4))
def test_rights_are_those_of_the_log_and_nobody_is_given_what_is_not_theirs(batch: int) -> None:
    _live(range(batch * LIVES // 4, (batch + 1) * LIVES // 4))


@pytest.mark.parametrize(
    "what, instead",
    [
        ("access.Access.ban_of", lambda *_: None),
        ("presence.Presence.expelled", lambda *_: None),
    ],
)
def test_the_simulation_notices_what_is_not_ones_own(
    what: str, instead: Callable[..., Any]
) -> None:
    """A server that does not look at bans, or goes on giving to who was put out, is found out."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(f"hubbub.hub.{what}", instead)
        with pytest.raises(AssertionError):
            _live(range(200))
