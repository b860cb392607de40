"""A backup is restored while one is away, and others go on beyond where one was: it is noticed."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from hubbub.client import (
    Chat,
    ChatError,
    Entered,
    Happened,
    Resume,
    RoomLost,
    RoomReset,
    Said,
    Update,
    connect,
)
from hubbub.client.cache import Cache
from hubbub.client.membership import Membership
from hubbub.client.rooms import Rooms
from hubbub.domain import commands as ask
from hubbub.domain.errors import BadCursor
from hubbub.domain.names import RoomName
from hubbub.domain.replies import Ack, Reply, RoomJoined, Standing
from hubbub.domain.rules import RoomAccess
from tests.client.scripted import ScriptedServer
from tests.patience import PATIENCE_SECONDS
from tests.process import ServerProcess

BACKUP, SEEN, NOW = 7, 12, 19


async def take(chat: Chat, upto: int) -> list[str]:
    """Takes updates up to the event ``upto``: the texts, and what else was told of the room."""
    told: list[str] = []
    async for update in chat:
        match update:
            case RoomReset():
                told.append("reset")
            case Entered(again=again):
                told.append("back" if again else "entered")
            case Happened(event=event):
                told.append(event.text if isinstance(event, Said) else f"{event.by} joined")
                if event.seq == upto:
                    break
    return told


def talk(server: ScriptedServer, upto: int, word: str) -> None:
    events = server.model.room("General").events
    while len(events) < upto:
        server.model.say("General", "ben", f"{word} {len(events) + 1}")


def names(word: str, first: int, last: int) -> list[str]:
    return [f"{word} {seq}" for seq in range(first, last + 1)]


@pytest.mark.parametrize("features", [("stamps",), ()], ids=["now", "an older server"])
async def test_who_comes_back_is_shown_the_room_as_it_is(
    server: ScriptedServer, features: tuple[str, ...]
) -> None:
    server.model.features = features
    async with connect(server.address, user="ada") as ada:
        await ada.join("General")
        talk(server, SEEN, "old")
        await take(ada, SEEN)
        await server.stop()
        server.model.restore(BACKUP)
        talk(server, NOW - 1, "new")
        await server.start()
        told = await take(ada, NOW)
        if features:
            expected = ["ada joined", *names("old", 2, BACKUP), *names("new", 8, 18), "ada joined"]
            assert told == ["reset", "entered", *expected]
        else:
            assert told == ["back", *names("new", 13, 18), "ada joined"], "as it always was"


async def test_the_next_run_is_shown_it_too(server: ScriptedServer) -> None:
    async with connect(server.address, user="ada") as ada:
        await ada.join("General")
        talk(server, SEEN, "old")
        await take(ada, SEEN)
        kept = ada.resume()
    assert kept.cursors == {"General": SEEN}
    assert kept.stamps == {"General": server.model.room("General").events[SEEN - 1].at}
    await server.stop()
    server.model.restore(BACKUP)
    talk(server, NOW, "new")
    await server.start()
    async with connect(server.address, resume=kept) as ada:
        assert (await take(ada, NOW))[:2] == ["reset", "entered"]
        assert ada.resume().cursors == {"General": NOW}


async def test_a_cursor_without_a_time_learns_it_when_nothing_was_missed(
    server: ScriptedServer,
) -> None:
    server.model.room("General").members["ada"] = "ada"
    talk(server, 3, "old")
    old = Resume(user="ada", cursors={"General": 3})
    async with connect(server.address, resume=old) as ada:
        async for update in ada:
            if isinstance(update, Entered):
                break
        assert ada.resume().stamps == {"General": server.model.room("General").events[2].at}


async def test_a_line_that_waits_is_sent_once_into_the_room_as_it_is(
    server: ScriptedServer,
) -> None:
    async with connect(server.address, user="ada") as ada:
        await ada.join("General")
        talk(server, SEEN, "old")
        await take(ada, SEEN)
        server.on_reply = lambda reply: [] if isinstance(reply, Ack) else None
        ada.send("General", "saved, and lost with the rest")
        await server.until_it_got(ask.Say)
        await server.stop()
        waiting = ada.send("General", "waiting")
        server.model.restore(BACKUP)
        talk(server, NOW, "new")
        server.on_reply = lambda _: None
        await server.start()
        await waiting.saved()
        assert server.model.texts()[-2:] == ["saved, and lost with the rest", "waiting"]
        assert not ada.unsent


async def test_a_join_with_a_cursor_of_another_history_begins_afresh(
    server: ScriptedServer,
) -> None:
    talk(server, SEEN, "new")
    async with connect(server.address, user="ada") as ada:
        entered = await ada.join("General", after=SEEN, after_at=5)
        assert entered.after == 0
        assert (await take(ada, SEEN))[:2] == ["reset", "entered"]


async def test_a_mark_of_another_history_is_let_go(server: ScriptedServer) -> None:
    def refusal(reply: Reply) -> None:
        codes.append(getattr(reply, "code", ""))

    codes: list[str] = []
    async with connect(server.address, user="ada") as ada:
        await ada.join("General")
        talk(server, SEEN, "old")
        await take(ada, SEEN)
        ada.read("General", SEEN)
        await server.until_it_got(ask.Read)
        (read,) = server.got(ask.Read)
        assert isinstance(read, ask.Read)
        assert read.at == server.model.room("General").events[SEEN - 1].at
        server.on_reply = refusal
        talk(server, SEEN + 1, "old")
        await take(ada, SEEN + 1)
        server.model.room("General").events[SEEN] = Said(SEEN + 1, 5, "ben", "new")
        ada.read("General", SEEN + 1)
        await server.until(lambda: BadCursor.code in codes)
        await ada.ping()


@pytest.fixture
def process(tmp_path: Path) -> Iterator[ServerProcess]:
    with ServerProcess(tmp_path / "data", "--rate-limit", "0") as process:
        yield process


async def test_a_copied_data_folder_is_noticed_by_library_and_cache(
    process: ServerProcess, tmp_path: Path
) -> None:
    """A whole server, its data folder copied away and put back with `cp`, as people do."""
    where = f"127.0.0.1:{process.port}"
    async with connect(where, user="ada") as ada, connect(where, user="ben") as ben:
        with Cache.open(ada.address, tmp_path / "cache") as cache:
            await ada.join("General")
            await ben.join("General")
            for seq in range(3, SEEN + 1):
                await ben.say("General", f"old {seq}")
                if seq == BACKUP:
                    process.stop()
                    shutil.copytree(process.data, tmp_path / "backup")
                    process.start()
            async for update in ada:
                if isinstance(update, Happened):
                    cache.add(update.room, [update.event])
                    if update.event.seq == SEEN:
                        break
            cache.keep_resume(ada.resume())
            process.kill()
    shutil.rmtree(process.data)
    shutil.copytree(tmp_path / "backup", process.data)
    process.start()
    async with connect(where, user="eve") as eve:
        await eve.join("General")
        while (await eve.say("General", "new")).seq < NOW:
            pass
        with Cache.open(eve.address, tmp_path / "cache") as cache:
            kept = cache.resume("ada")
            assert kept is not None
            assert kept.cursors == {"General": SEEN}
            async with connect(where, resume=kept) as ada:
                async for update in ada:
                    if isinstance(update, RoomReset):
                        cache.forget(update.room)
                    elif isinstance(update, Happened):
                        cache.add(update.room, [update.event])
                        if update.event.seq == NOW:
                            break
            known = cache.page("General", before=None, limit=100).events
        page = await eve.history("General", after=0, limit=NOW)
    assert known == list(page.events)
    assert [event.seq for event in known] == list(range(1, NOW + 1))


SECRET = "correct horse battery staple"


@pytest.mark.parametrize("access", [RoomAccess.MEMBERS, RoomAccess.OPEN])
async def test_a_private_room_that_is_gone_is_not_made_anew_as_an_open_one(
    process: ServerProcess, tmp_path: Path, access: RoomAccess
) -> None:
    """And what waited to be said in it is said to nobody; an open one is as it always was."""
    where = f"127.0.0.1:{process.port}"
    async with connect(where) as ada:
        await ada.hello("ada", password=SECRET, register=True)
        process.stop()
        shutil.copytree(process.data, tmp_path / "backup")
        process.start()
        await ada.join("Diary")
        await ada.do(ask.SetRules(room=RoomName.parse("Diary"), access=access))
        await ada.say("Diary", "dear diary")
        process.kill()
        shutil.rmtree(process.data)
        shutil.copytree(tmp_path / "backup", process.data)
        waiting = ada.send("Diary", "for nobody else")
        told = asyncio.create_task(first(ada, RoomLost, RoomReset))
        process.start()
        update = await asyncio.wait_for(told, PATIENCE_SECONDS)
        if access is RoomAccess.MEMBERS:
            assert isinstance(update, RoomLost)
            with pytest.raises(ChatError):
                await waiting.saved()
            rooms = [room.name for room in await ada.rooms()]
            assert "Diary" not in rooms
        else:
            assert isinstance(update, RoomReset)
            await waiting.saved()


def test_a_private_room_of_another_log_is_not_made_anew_either() -> None:
    rooms = Rooms()
    membership = Membership(rooms, lambda _: False, lambda *_: None, lambda *_: None)
    for name, access in ("Tea", RoomAccess.OPEN), ("Diary", RoomAccess.MEMBERS):
        membership.join(RoomName.parse(name), 3, 5)
        room = rooms.get(name)
        assert room is not None
        standing = Standing(access=access)
        room.joined(RoomJoined(room=name, users=["ada"], head=3, after=3, standing=standing))
    reset, lost = membership.another_log()
    assert isinstance(reset, RoomReset)
    assert reset.room == "Tea"
    assert isinstance(lost, RoomLost)
    assert (lost.room, lost.forget) == ("Diary", True)
    assert [room.shown for room in rooms] == ["Tea"]


async def first(chat: Chat, *kinds: type[Update]) -> Update:
    async for update in chat:
        if isinstance(update, kinds):
            return update
    raise AssertionError("it ended")
