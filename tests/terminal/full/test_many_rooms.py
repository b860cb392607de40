"""Ten thousand rooms: a part of a name finds each of them, and nothing takes long."""

from __future__ import annotations

import pytest

from hubbub.terminal.full import finding
from hubbub.terminal.full.screens import welcome
from tests.many_rooms import MANY, names
from tests.terminal.full.conftest import Starts
from tests.terminal.full.fake import FakeServer


@pytest.fixture
def server() -> FakeServer:
    server = FakeServer()
    server.rooms.update({name: [] for name in names()})
    return server


async def test_the_first_questions_find_a_room_that_was_not_fetched(
    start: Starts, server: FakeServer
) -> None:
    async with start(user=None, room=None, size=(80, 24)) as client:
        await client.press(*"ada", "enter")
        await client.sees(f"Available rooms: {MANY:,} (type to find one)")
        await client.sees("9,800 more rooms: type to find one.")
        await client.press(*"room99")
        await client.sees("There are more rooms like that: type on.")
        await client.press("7")
        await client.sees("room9970")
        await client.sees_no("type on")
        await client.press("ctrl+u", *"xAnA")
        await client.sees("  Xanadu (0 users)")
        await client.press("tab", "enter")
        await client.sees("Welcome to room Xanadu!")


async def test_a_small_screen_has_space_for_the_question(start: Starts, server: FakeServer) -> None:
    async with start(user=None, room=None, size=(40, 10)) as client:
        await client.press(*"ada", "enter")
        await client.sees("Available rooms: 10,000 (type to find…")
        await client.press(*"room99")
        await client.sees("  room990 (0 users)")
        rows = [row.strip() for row in client.rows() if row and "F1" not in row]
        assert rows[-2:] == ["Which room?", "room99"]


async def test_who_types_on_is_not_asked_for(start: Starts, server: FakeServer) -> None:
    async with start(user=None, room=None) as client:
        await client.press(*"ada", "enter")
        await client.sees("more rooms")
        await client.press(*"xanadu")
        await client.sees("  Xanadu (0 users)")
        await client.until(lambda: "rooms xanadu None" in server.asked)
    asked = [one for one in server.asked if one.startswith("rooms ")]
    assert len(asked) < len("xanadu")


async def test_the_name_of_a_room_to_join_is_found_on_the_server(
    start: Starts, server: FakeServer
) -> None:
    async with start() as client:
        await client.write("/join xan")
        await client.sees("  Xanadu")
        await client.press("tab", "enter")
        await client.sees("Welcome to room Xanadu!")
        assert [room.name for room in client.conversation.rooms] == ["General", "Xanadu"]


async def test_the_busiest_rooms_are_offered_before_a_letter_is_typed(
    start: Starts, server: FakeServer
) -> None:
    async with start() as client:
        await client.write("/join ")
        await client.sees("  room3")


async def test_the_list_of_rooms_is_asked_for_while_somebody_looks_at_it(
    start: Starts, server: FakeServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(welcome, "REFRESH_SECONDS", 0.01)
    async with start(user=None, room=None) as client:
        await client.press(*"ada", "enter")
        await client.until(lambda: server.asked.count("rooms") > 2)
        await client.press(*"General", "enter")
        await client.sees("Welcome to room General!")
        asked = server.asked.count("rooms")
        await client.pilot.pause(0.1)
        assert server.asked.count("rooms") == asked


async def test_what_was_sent_or_given_up_is_offered_no_more(
    start: Starts, server: FakeServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(finding, "PAUSE_SECONDS", 3600.0)
    async with start() as client:

        def looks() -> bool:
            return client.app.finding._looking is not None

        for word, key in (("xan", "escape"), ("xan", "ctrl+u"), ("General", "enter")):
            await client.write(f"/join {word}")
            assert looks()
            await client.press(key)
            assert not looks()
            await client.press("ctrl+u")
        await client.press("ctrl+k")
        await client.until(looks)
        await client.press("escape")
        await client.until(lambda: not looks())


async def test_rooms_are_listed_page_by_page(start: Starts, server: FakeServer) -> None:
    async with start(size=(100, 60)) as client:
        await client.send("/rooms room999")
        await client.sees("  room9990 (0 users)")
        assert "More:" not in client.screen()
        await client.send("/rooms")
        await client.sees("are 10,000 rooms.")
        await client.sees("  room48 (0 users)")
        await client.send("/rooms more")
        await client.sees("  room98 (0 users)")
        await client.send("/rooms beer")
        await client.sees("There is no other room like that.")
        await client.send("/rooms " + "a" * 101)
        await client.sees("No room's name has more than 100 characters.")
