"""How far one has read: told to the server seldom, and to the program when it was elsewhere."""

from __future__ import annotations

import asyncio

from hubbub.client import Chat, Entered, ReadElsewhere, connect
from hubbub.client.reading import PAUSE_SECONDS, Reading
from hubbub.domain.commands import Read
from hubbub.domain.errors import NotInRoom
from hubbub.domain.names import RoomName
from hubbub.domain.replies import ReadUpTo, Refused
from tests.client.scripted import ScriptedServer
from tests.patience import PATIENCE_SECONDS

GENERAL, TEA = RoomName.parse("General"), RoomName.parse("tea")


def asked(reading: Reading, now: float) -> list[tuple[str, int]]:
    """What goes to the server now."""
    found = []
    while (command := reading.next(now)) is not None:
        assert isinstance(command[0], Read)
        found.append((str(command[0].room), command[0].seq))
    return found


def test_the_server_is_told_of_the_newest_now_and_then() -> None:
    reading = Reading()
    reading.supported = True
    for seq in (1, 2, 3):
        reading.read(GENERAL, seq)
    reading.read(TEA, 9)
    assert asked(reading, 0.0) == [("General", 3), ("tea", 9)]
    assert reading.due(0.0) is None
    for seq in (4, 5, 2):
        reading.read(GENERAL, seq)
    assert asked(reading, 1.0) == []
    assert reading.due(1.0) == PAUSE_SECONDS
    assert asked(reading, PAUSE_SECONDS) == [("General", 5)]
    reading.read(GENERAL, 5)
    assert reading.due(9.0) is None


def test_a_server_that_knows_nothing_of_it_is_told_nothing() -> None:
    reading = Reading()
    reading.read(GENERAL, 1)
    assert reading.due(0.0) is None
    assert asked(reading, 0.0) == []


def test_what_was_not_taken_is_told_again() -> None:
    reading = Reading()
    reading.supported = True
    reading.read(GENERAL, 3)
    command = reading.next(0.0)
    assert command is not None
    assert command[1](Refused(code=NotInRoom.code, message="?"), 0.1) == ()
    reading.read(GENERAL, 3)
    assert asked(reading, PAUSE_SECONDS) == [("General", 3)]
    reading.disconnected()
    reading.read(GENERAL, 3)
    command = reading.next(PAUSE_SECONDS)
    assert command is not None
    assert command[1](ReadUpTo(room="General", seq=3), 9.0) == ()
    reading.read(GENERAL, 3)
    assert asked(reading, 99.0) == []


def test_another_log_is_read_from_its_beginning() -> None:
    reading = Reading()
    reading.supported = True
    reading.read(GENERAL, 9)
    assert asked(reading, 0.0) == [("General", 9)]
    reading.forget(GENERAL.key)
    reading.read(GENERAL, 1)
    assert asked(reading, PAUSE_SECONDS) == [("General", 1)]


async def read_elsewhere(chat: Chat) -> ReadElsewhere:
    async with asyncio.timeout(PATIENCE_SECONDS):
        async for update in chat:
            if isinstance(update, ReadElsewhere):
                return update
    raise AssertionError("the chat has ended")


async def test_what_is_read_on_one_connection_is_told_on_the_others(
    server: ScriptedServer,
) -> None:
    async with connect(server.address, user="ada") as phone:
        await phone.join("General")
        async with connect(server.address, user="ada", resume=phone.resume()) as laptop:
            entered = await laptop.join("General")
            assert isinstance(entered, Entered)
            server.model.say("General", "ben", "hi")
            laptop.read("General", 2)
            assert await read_elsewhere(phone) == ReadElsewhere("General", 2, 0, 0)


async def test_texts_are_searched_for(server: ScriptedServer) -> None:
    async with connect(server.address, user="ada") as chat:
        server.model.say("tea", "ben", "oolong or assam")
        found = await chat.search("ASSAM from:ben")
        assert [(one.room, one.seq, one.excerpt) for one in found.results] == [
            ("tea", 1, ["oolong or ", "assam", ""])
        ]
