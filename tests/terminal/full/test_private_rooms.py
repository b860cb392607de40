"""Rooms that only members read, and the cache that two people of one computer share."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from hubbub.client import Address
from hubbub.client.cache import Cache
from hubbub.domain.errors import Forbidden, NotInRoom
from hubbub.domain.ids import UserId
from hubbub.domain.rules import RoomAccess
from tests.terminal.full.conftest import Starts
from tests.terminal.full.fake import FakeServer
from tests.terminal.full.test_accounts import type_in

SECRET = "correct horse battery"
OpenCache = Callable[[], Cache]


@pytest.fixture
def open_cache(tmp_path: Path) -> Iterator[OpenCache]:
    opened: list[Cache] = []

    def open() -> Cache:
        opened.append(Cache.open(Address(host="example.org"), tmp_path / "caches"))
        return opened[-1]

    yield open
    for cache in opened:
        cache.close()


@pytest.fixture
def server(server: FakeServer) -> FakeServer:
    server.ids.update(ada=UserId("u1"), ben=UserId("u2"))
    server.stands("Club", access=RoomAccess.MEMBERS)
    server.say("eve", "the secret", "Club")
    return server


def rooms_of(cache: Cache, user: str) -> list[str]:
    """The rooms that a client finds, which begins as ``user``."""
    with cache:
        cache.resume(user)
        return sorted(cache.rooms())


async def test_a_private_room_is_kept_for_its_own_user_only(
    start: Starts, open_cache: OpenCache
) -> None:
    async with start(cache=open_cache()) as client:
        await client.send("/join Club")
        await client.sees("eve: the secret")
    assert rooms_of(open_cache(), "ben") == ["General"]
    async with start("ben", cache=open_cache()) as client:
        assert client.conversation.cache.page("Club", limit=10).empty
    assert rooms_of(open_cache(), "ada") == ["Club", "General"]


@pytest.mark.parametrize("access", [RoomAccess.LOCKED, RoomAccess.MEMBERS])
async def test_a_room_that_becomes_private_is_nobody_elses_any_more(
    start: Starts, server: FakeServer, open_cache: OpenCache, access: RoomAccess
) -> None:
    async with start(cache=open_cache()) as client:
        server.stands("General", access=access)
        server.say("eve", "among us")
        await client.sees("eve: among us")
    assert rooms_of(open_cache(), "ben") == []
    assert rooms_of(open_cache(), "ada") == ["General"]


async def test_who_is_put_out_of_a_private_room_keeps_nothing_of_it(
    start: Starts, open_cache: OpenCache
) -> None:
    async with start(room="Club", cache=open_cache()) as client:
        await client.sees("eve: the secret")
        client.chat.lose("Club", NotInRoom("You were put out of Club."), forget=True)
        await client.sees("You were put out of Club.")
        await client.sees_no("any more")  # which it says already
    assert rooms_of(open_cache(), "ada") == []


async def test_rooms_where_one_is_a_member_are_listed_also_on_a_new_computer(
    start: Starts, server: FakeServer
) -> None:
    server.stands("Other", access=RoomAccess.MEMBERS)  # to which she is invited
    server.stands("@ben", access=RoomAccess.DIRECT, people=["ben"])
    server.rooms = {"Club": server.events("Club"), "Other": [], "@ben": [], "General": []}
    server.read = {"Club": 0, "@ben": 0, "General": 0}
    server.passwords["ada"] = SECRET
    async with start(password=SECRET) as client:
        await client.until(lambda: len(client.conversation.rooms) == 3)
        names = [room.name for room in client.conversation.rooms]
        assert names == ["Club", "General", "@ben"]
        await client.sees("1 Club")
        assert client.room.name == "General"


async def test_who_leaves_a_private_room_keeps_nothing_of_it(
    start: Starts, open_cache: OpenCache
) -> None:
    async with start(cache=open_cache()) as client:
        await client.send("/join Club")
        await client.sees("eve: the secret")
        await client.send("/leave")
        await client.sees_no("eve: the secret")
    assert rooms_of(open_cache(), "ada") == ["General"]


async def test_a_device_that_is_logged_out_keeps_nothing_private(
    start: Starts, server: FakeServer, open_cache: OpenCache
) -> None:
    server.passwords["ada"] = SECRET
    async with start(cache=open_cache(), password=SECRET) as client:
        await client.send("/join Club")
        await client.sees("eve: the secret")
        client.chat.log_out("You were logged out on another device.")
        await client.sees("The password of ada")
    assert rooms_of(open_cache(), "ada") == ["General"]


@pytest.mark.parametrize("banned", [False, True])
async def test_a_device_that_was_logged_out_meanwhile_keeps_nothing_private(
    start: Starts, server: FakeServer, open_cache: OpenCache, banned: bool
) -> None:
    server.passwords["ada"] = SECRET
    async with start(cache=open_cache(), password=SECRET) as client:
        await client.send("/join Club")
        await client.sees("eve: the secret")
    server.refuses = Forbidden("You are banned from this server.") if banned else None
    async with start(room=None, cache=open_cache()) as client:
        await client.sees("banned" if banned else "The password of ada")
    assert rooms_of(open_cache(), "ada") == ["General"]


async def test_a_renamed_room_keeps_what_is_known_of_it(
    start: Starts, open_cache: OpenCache
) -> None:
    async with start(room="Club", cache=open_cache()) as client:
        await client.sees("eve: the secret")
        client.chat.move("Club", "Cellar")
        await client.sees("1 Cellar")
        await client.until(lambda: not client.conversation.cache.page("Cellar", limit=9).empty)
    assert rooms_of(open_cache(), "ada") == ["Cellar"]
    assert rooms_of(open_cache(), "ben") == []


async def test_a_renamed_account_keeps_its_rooms_and_the_freed_name_has_none(
    start: Starts, server: FakeServer, open_cache: OpenCache
) -> None:
    server.passwords["ada"] = SECRET
    async with start(room="Club", cache=open_cache(), password=SECRET) as client:
        await client.sees("eve: the secret")
        await client.send("/nick Lovelace")
        await client.sees("Your name is Lovelace now.")
    assert rooms_of(open_cache(), "Lovelace") == ["Club"]
    with open_cache() as cache:
        assert cache.token("Lovelace") == "t"
        assert cache.token("ada") is None
    assert rooms_of(open_cache(), "ada") == []


async def test_a_room_that_is_found_by_its_former_name_keeps_what_is_known_of_it(
    start: Starts, server: FakeServer, open_cache: OpenCache
) -> None:
    server.say("eve", "an old text", "Lab")
    async with start(cache=open_cache()) as client:
        await client.send("/join Lab")
        await client.sees("eve: an old text")
        await client.send("/alerts off")
        await client.sees("Nothing in this room alerts you.")
        await client.send("/leave")
        await client.sees_no("eve: an old text")
    server.rooms["Cellar"] = server.rooms.pop("Lab")
    server.former["lab"] = "Cellar"
    async with start(cache=open_cache()) as client:
        await client.send("/join Lab")
        await client.until(lambda: client.room.name == "Cellar")
        assert client.conversation.cache.span("Cellar") is not None
        assert client.conversation.cache.span("Lab") is None
        assert client.app.quiet.level("Cellar") == "off"


async def test_who_logs_in_as_somebody_else_is_shown_nothing_of_a_private_room(
    start: Starts, server: FakeServer, open_cache: OpenCache
) -> None:
    server.passwords["ben"] = SECRET
    async with start(room="Club", cache=open_cache()) as client:
        await client.sees("eve: the secret")
        server.invites["Club"] = "for ada alone"
        await client.send("/login ben")
        await client.sees("The password of ben")
        await type_in(client, SECRET)
        await client.until(lambda: client.conversation.user == "ben")
        await client.sees("Go to a room")
        await client.press("escape")
        await client.sees_no("Club")
        assert "the secret" not in client.screen()
        assert not [room.name for room in client.conversation.rooms]


async def test_another_person_of_the_same_name_is_shown_nothing_of_a_private_room(
    start: Starts, server: FakeServer, open_cache: OpenCache
) -> None:
    async with start(room="Club", cache=open_cache()) as client:
        await client.sees("eve: the secret")
        await client.write("half a draft")
    server.ids["ada"] = UserId("u9")  # the name was freed, and is somebody else's
    server.invites["Club"] = "for the first ada alone"
    async with start(room=None, cache=open_cache()) as client:
        await client.sees("Which room?")
        await client.until(lambda: client.conversation.rooms.get("Club") is None)
        await type_in(client, "General")
        await client.sees("General · 1 online")
        assert "half" not in client.screen()
        assert "the secret" not in client.screen()
        assert "Club" not in client.screen()
