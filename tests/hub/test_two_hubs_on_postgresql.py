"""Two hubs over one PostgreSQL, with real clocks and a bus that loses, doubles and delays.

`test_two_hubs` stops the log and the clocks where it wants to look, which a database does not do;
here nobody knows what comes first, and only what is promised in the end is looked at.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

import pytest

from hubbub.domain import commands as ask
from hubbub.domain import replies as told
from hubbub.domain.events import PutInQueue
from hubbub.domain.names import RoomName, UserName
from hubbub.domain.queues import PREFIX
from hubbub.hub.hub import Hub
from hubbub.hub.ports import Ephemeral, Wake
from hubbub.storage.postgresql.log import PostgresLog
from tests.hub.chat import Person
from tests.hub.members import PASSWORD
from tests.hub.test_two_hubs import End, Line
from tests.passwords import CheapPasswords
from tests.server.serving import eventually, make_hub

MOST_SECONDS = 0.05  # that a message of the bus takes
ROUNDS = 8
LAB = RoomName.parse("Lab")


class HostileEnd(End):
    """Of four messages one is lost, and one comes twice; each takes its own time."""

    def __init__(self, line: Line, chance: random.Random) -> None:
        super().__init__(line)
        self._chance = chance

    def publish(self, message: Wake | Ephemeral) -> None:
        loop = asyncio.get_running_loop()
        for other in self._line.ends:
            for _ in range(self._chance.choice((0, 1, 1, 2)) if other is not self else 0):
                loop.call_later(self._chance.uniform(0, MOST_SECONDS), other._heard, message)


class Real:
    """A hub that runs: as much of a `tests.hub.chat.Chat` as a `Person` needs."""

    def __init__(self, hub: Hub) -> None:
        self.hub = hub
        self.words = 0
        self.lost_words = 0

    def connect(self) -> Person:
        return Person(self, "192.0.2.1", resumable=True)  # type: ignore[arg-type]


@asynccontextmanager
async def two(url: str, seed: int = 0) -> AsyncIterator[tuple[Real, Real]]:
    line, chance = Line(), random.Random(seed)
    async with AsyncExitStack() as stack:
        made: list[Real] = []
        for _ in range(2):
            log = await PostgresLog.open(url, durability="process")
            stack.push_async_callback(log.close)
            end = HostileEnd(line, chance)
            line.ends.append(end)
            hub = make_hub(log=log, bus=end, passwords=CheapPasswords())
            await hub.start()
            running = asyncio.ensure_future(hub.run())
            stack.push_async_callback(_end, running)
            made.append(Real(hub))
        yield made[0], made[1]


async def _end(running: asyncio.Task[None]) -> None:
    running.cancel()
    await asyncio.wait([running])


async def heard(person: Person, kind: type[told.Reply], *commands: ask.Command) -> told.Reply:
    """The answer of that kind, or the refusal, to what is asked."""
    before = len(person.received)
    person.send(*commands)
    found: list[told.Reply] = []

    def answered() -> bool:
        found[:] = [one for one in person.received[before:] if isinstance(one, kind | told.Refused)]
        return bool(found)

    await eventually(answered)
    return found[0]


async def comes(hub: Real, name: str, *rooms: str, account: bool = False) -> Person:
    person = hub.connect()
    answer = await heard(person, told.Welcome, ask.Hello(user=UserName.parse(name)))
    assert isinstance(answer, told.Welcome), answer
    if account:
        await heard(person, told.Welcome, ask.Register(password=PASSWORD))
    for room in rooms:
        joined = await heard(person, told.RoomJoined, ask.Join(room=RoomName.parse(room)))
        assert isinstance(joined, told.RoomJoined), joined
    return person


@pytest.mark.parametrize("seed", [1, 2, 3])
async def test_both_show_one_log_whatever_the_bus_does(database: str, seed: int) -> None:
    async with two(database, seed) as (one, other):
        ada, ben = await comes(one, "ada", "General"), await comes(other, "ben", "General")
        eve = await comes(other, "eve")
        for number in range(30):
            ada.say(f"ada {number}", nonce=f"a{number}")
            ben.say(f"ben {number}", nonce=f"b{number}")
            (eve.leave if number % 4 == 3 else eve.join)()
            if number % 3 == 0:
                await asyncio.sleep(0.01)
        await eventually(lambda: all(len(person.all(told.Ack)) == 30 for person in (ada, ben)))
        await heard(eve, told.Pong, ask.Ping())
        head = await one.hub.log.head("general")
        await eventually(lambda: one.hub.rooms["general"].head == head)
        await eventually(lambda: other.hub.rooms["general"].head == head)
        log = await one.hub.log.read("general", 0, head)
        await eventually(lambda: ada.shown()[-1].seq == ben.shown()[-1].seq == head)
        assert [event.seq for event in log] == list(range(1, head + 1))
        for person in (ada, ben):
            mine = person.shown()
            assert mine == log[-len(mine) :]
        assert one.hub.rooms["general"].names() == other.hub.rooms["general"].names()


async def test_what_is_reported_while_the_room_is_renamed_is_in_its_queue(database: str) -> None:
    async with two(database) as (one, other):
        ada = await comes(one, "ada", account=True)
        await heard(ada, told.RoomJoined, ask.Join(room=LAB))
        for number in range(ROUNDS):
            room, name = RoomName.parse(f"Lab{number}"), RoomName.parse(f"Cellar{number}")
            await heard(ada, told.RoomJoined, ask.Join(room=room))
            ben = await comes(other, f"ben{number}", f"Lab{number}")
            await heard(ada, told.Ack, ask.Say(room=room, text=f"you fool {number}"))
            await eventually(lambda: bool(said_to(ben)))  # noqa: B023 - awaited at once
            report = ask.Report(room=room, user=UserName.parse("ada"))
            renamed, done = await asyncio.gather(
                heard(ada, told.Ack, ask.RenameRoom(room=room, name=name)),
                heard(ben, told.Done, report),
            )
            assert isinstance(renamed, told.Ack), renamed
            if isinstance(done, told.Refused):  # in the middle of it: then the next one is taken
                assert done.code == "log-unavailable", done
                done = await heard(ben, told.Done, ask.Report(room=name, user=report.user))
            assert isinstance(done, told.Done), done
        keys = set((await one.hub.log.keys()).values())
        queues = {key for key in keys if key.startswith(PREFIX) and key != PREFIX}
        assert queues == {f"{PREFIX}cellar{number}" for number in range(ROUNDS)}
        for number in range(ROUNDS):
            (item,) = await one.hub.log.read(f"{PREFIX}cellar{number}", 0, 9)
            assert isinstance(item, PutInQueue)
            assert item.text == f"you fool {number}"


def said_to(person: Person) -> list[str]:
    return [word for word in person.news() if "you fool" in word]


async def test_a_name_is_one_guests_and_the_other_hears_of_a_free_one(database: str) -> None:
    async with two(database) as hubs:
        for number in range(ROUNDS):
            hello = ask.Hello(user=UserName.parse(f"ada{number}x"))
            people = [hub.connect() for hub in hubs]
            answers = await asyncio.gather(*(heard(one, told.Welcome, hello) for one in people))
            refused = [one for one in answers if isinstance(one, told.Refused)]
            assert [one.code for one in refused] == ["name-taken"]
            assert refused[0].suggestion == f"ada{number}x2"
            loser = people[answers.index(refused[0])]
            again = ask.Hello(user=UserName.parse(refused[0].suggestion or ""))
            assert isinstance(await heard(loser, told.Welcome, again), told.Welcome)
