"""Next day: the name was free, and the server has forgotten us; all that is unread is there."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec
import pytest

from hubbub.client import Chat, Entered, Happened, Mark, Resume, connect
from hubbub.client.cache import Cache
from hubbub.client.marks import MOST, Marks
from hubbub.client.reading import Reading
from hubbub.domain import commands as ask
from hubbub.domain.commands import Join, Read
from hubbub.domain.events import Left
from hubbub.domain.names import RoomName
from hubbub.domain.replies import RoomInfo
from tests.client.cache.talk import SERVER
from tests.client.scripted import ScriptedServer
from tests.process import ServerProcess

GENERAL = RoomName.parse("General")


@pytest.fixture
def process(tmp_path: Path) -> Iterator[ServerProcess]:
    with ServerProcess(tmp_path / "data", "--rate-limit", "0") as process:
        yield process


async def entered(chat: Chat) -> Entered:
    async for update in chat:
        if isinstance(update, Entered):
            return update
    raise AssertionError("the chat has ended")


async def take(chat: Chat, upto: int) -> None:
    async for update in chat:
        if isinstance(update, Happened) and update.event.seq == upto:
            return


def of(rooms: Sequence[RoomInfo], name: str) -> tuple[int | None, int | None, int | None]:
    (room,) = [room for room in rooms if room.name == name]
    return room.read, room.unread, room.mentions


async def test_after_a_clean_end_what_was_said_meanwhile_is_unread(
    process: ServerProcess, tmp_path: Path
) -> None:
    where = f"127.0.0.1:{process.port}"
    async with connect(where, user="ben") as ben:
        await ben.join("General")
        await ben.join("Kitchen")
        async with connect(where, user="ada") as ada:
            await ada.join("General")
            seen = (await ben.say("General", "the last one that she reads")).seq
            await take(ada, seen)
            ada.read("General", seen)
            await ada.join("Kitchen")
            await ada.leave("Kitchen")
            await ada.ping()
            kept = ada.resume()
        assert kept.marks["General"].seq == seen
        assert kept.marks["General"].at is not None
        # Somebody else had the name, and has gone.
        async with connect(where, user="ada") as other:
            await other.join("General")
        await ben.say("General", "good morning")
        await ben.say("General", "ada, are you there?")
        await ben.say("Kitchen", "coffee, ada?")
        for resume in (kept, msgspec.json.decode(msgspec.json.encode(kept), type=Resume)):
            async with connect(where, resume=resume) as ada:
                came = await entered(ada)
                assert (came.read, came.unread, came.mentions) == (seen, 2, 1)
                await ada.ping()
                rooms = await ada.rooms()
                assert of(rooms, "General") == (seen, 2, 1)
                assert of(rooms, "Kitchen")[1:] == (1, 1), "she is not in it at the moment"


async def test_more_than_a_join_shows_is_counted_and_nothing_that_was_read(
    process: ServerProcess,
) -> None:
    where = f"127.0.0.1:{process.port}"
    async with connect(where, user="ben") as ben:
        await ben.join("General")
        async with connect(where, user="ada") as ada:
            await ada.join("General")
            await take(ada, 2)
            ada.read("General", 2)
            kept = ada.resume()
        async with connect(where, resume=kept) as ada:
            assert (await entered(ada)).unread == 0
            kept = ada.resume()
        for number in range(150):
            ben.send("General", f"text {number}")
        await ben.drain()
        # As a client has it that keeps no history: it is shown the last hundred events.
        async with connect(where, user="ada", resume=Resume(marks=kept.marks)) as ada:
            assert (await ada.join("General")).unread == 150


async def test_who_uses_another_name_next_day_has_the_marks_all_the_same(
    server: ScriptedServer,
) -> None:
    kept = Resume(user="ada", marks={"General": Mark(1, server.model.start)})
    server.model.say("General", "ben", "hello")
    async with connect(server.address, user="ada2", resume=kept) as ada:
        await ada.join("General")
        first, second = [one for one in server.commands if isinstance(one, (Read, Join))]
        assert isinstance(first, Read)
        assert isinstance(second, Join)
        assert (first.seq, first.at) == (1, server.model.start)


async def test_a_server_that_still_knows_us_is_not_told_again(server: ScriptedServer) -> None:
    async with connect(server.address, user="ada") as ada:
        await ada.join("General")
        await take(ada, 1)
        ada.read("General", 1)
        await server.until_it_got(Read)
        server.cut()
        assert (await entered(ada)).again
        assert len(server.got(Read)) == 1


async def test_an_older_server_is_told_nothing_that_it_does_not_know(
    server: ScriptedServer,
) -> None:
    server.model.features = ("read",)
    kept = Resume(user="ada", marks={"General": Mark(1, 5)})
    async with connect(server.address, resume=kept) as ada:
        await ada.join("General")
        await ada.ping()
        assert not server.got(Read)


async def test_marks_that_were_not_answered_are_told_on_the_next_connection(
    server: ScriptedServer,
) -> None:
    server.model.say("General", "ben", "hello")
    server.model.say("tea", "ben", "hello")
    start = server.model.start
    kept = Resume(user="ada", marks={"General": Mark(1, start), "tea": Mark(1, start)})
    server.on_reply = lambda reply: [] if reply.re is not None and reply.re > 0 else None  # type: ignore[operator]
    async with connect(server.address, resume=kept) as ada:
        await server.until_it_got(ask.Read, 2)
        server.on_reply = lambda _: None
        server.cut()
        await server.until_it_got(ask.Read, 4)
        await ada.ping()


def test_a_mark_learns_its_time_from_the_events_that_come() -> None:
    marks = Marks({"General": Mark(3)})
    marks.learn(GENERAL.key, [Left(4, 40, "ben")])
    assert marks.all() == {"General": Mark(3)}
    marks.learn(GENERAL.key, [Left(2, 20, "ben"), Left(3, 30, "ben"), Left(4, 40, "ben")])
    assert marks.all() == {"General": Mark(3, 30)}


def test_a_mark_never_goes_back_and_there_are_not_too_many() -> None:
    reading = Reading(Marks({"General": Mark(3, 30)}))
    reading.server_marker(GENERAL, 2)
    assert reading.marks.all() == {"General": Mark(3, 30)}
    reading.server_marker(GENERAL, 4)
    assert reading.marks.all() == {"General": Mark(4)}
    for number in range(MOST):
        reading.read(RoomName.parse(f"room{number}"), 1, 5)
    assert len(reading.marks.all()) == MOST
    assert "General" not in reading.marks.all()


# The cache


def test_marks_outlive_the_end_of_a_run(tmp_path: Path) -> None:
    with Cache.open(SERVER, tmp_path) as cache:
        cache.keep_resume(Resume(user="ada", log="log-1", marks={"tea": Mark(3, 30)}))
        cache.keep_mark("ada", "General", Mark(12, 120))
        cache.keep_mark("ada", "general", Mark(7, 70))  # another client was slower
        cache.keep_mark("Ben", "General", Mark(1, 10))
        cache.keep_last_room("ada", "tea")
    with Cache.open(SERVER, tmp_path) as cache:
        kept = cache.resume("Ada")
        assert kept is not None
        assert kept.marks == {"tea": Mark(3, 30), "General": Mark(12, 120)}
        assert (cache.last_room("ADA"), cache.last_room("ben")) == ("tea", None)
        ben = cache.resume("ben")
        assert ben is not None
        assert ben.marks == {"General": Mark(1, 10)}


def test_a_mark_without_a_time_has_that_of_the_event_in_the_cache(tmp_path: Path) -> None:
    with Cache.open(SERVER, tmp_path) as cache:
        cache.add("General", [Left(1, 10, "ben"), Left(2, 20, "ben"), Left(3, 30, "ben")])
        cache.keep_mark("ada", "General", Mark(2))
        cache.keep_mark("ada", "tea", Mark(2))
        kept = cache.resume("ada")
        assert kept is not None
        assert kept.marks == {"General": Mark(2, 20), "tea": Mark(2)}


def test_a_room_with_another_history_has_no_mark(tmp_path: Path) -> None:
    with Cache.open(SERVER, tmp_path) as cache:
        cache.log = "log-1"
        cache.keep_mark("ada", "General", Mark(2, 20))
        cache.keep_mark("ada", "tea", Mark(2, 20))
        cache.reset("General")
        kept = cache.resume("ada")
        assert kept is not None
        assert kept.marks == {"tea": Mark(2, 20)}
        cache.keep_mark("ada", "General", Mark(1, 10))
        cache.log = "log-2"
        assert cache.resume("ada") is None


def test_marks_survive_a_file_that_cannot_be_used_any_more(tmp_path: Path) -> None:
    cache = Cache.open(SERVER, tmp_path)
    cache.keep_mark("ada", "General", Mark(2, 20))
    cache._give_up(OSError("the disk is gone"))
    cache.keep_mark("ada", "tea", Mark(3, 30))
    kept = cache.resume("ada")
    assert kept is not None
    assert kept.marks == {"General": Mark(2, 20), "tea": Mark(3, 30)}
    cache.close()
    with Cache.open(SERVER, tmp_path) as again:
        kept = again.resume("ada")
        assert kept is not None
        assert kept.marks == {"General": Mark(2, 20), "tea": Mark(3, 30)}
