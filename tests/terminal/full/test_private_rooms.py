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
        await client.sees("You are not in this room any more")
    assert rooms_of(open_cache(), "ada") == []


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
