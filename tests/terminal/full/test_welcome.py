"""The first questions, against a fake chat."""

from __future__ import annotations

import pytest
from textual import events
from textual.widgets import Input

from hubbub.client import Left, Said
from hubbub.terminal.full.screens.room import RoomScreen
from tests.terminal.full.conftest import Client, Starts
from tests.terminal.full.fake import FakeCache, FakeServer


def field(client: Client, name: str) -> Input:
    return client.app.screen.query_one(f"#{name}", Input)


async def test_it_asks_for_the_name_shows_the_rooms_and_asks_for_one(
    start: Starts, server: FakeServer
) -> None:
    server.join("ben")
    server.join("eve")
    async with start(None, None) as client:
        await client.sees("What is your name?")
        await client.press(*"ada", "enter")
        await client.sees("Available rooms:")
        await client.sees("  General (2 users)")
        await client.sees("Which room?")
        await client.press(*"ge", "tab")
        await client.until(lambda: field(client, "room").value == "General")
        await client.press("enter")
        await client.sees("Welcome to room General!")
        await client.sees("ada has joined the chat!")


async def test_it_offers_the_last_name_and_goes_to_the_room_that_was_on_the_screen_last(
    start: Starts, server: FakeServer
) -> None:
    cache = FakeCache()
    async with start("ada", "Random", cache=cache) as client:
        for room in ("Tea", "Cake"):
            await client.make(room)
            await client.sees(f"Welcome to room {room}!")
            server.say("ben", f"about {room}", room)
            await client.sees(f"about {room}")
        server.say("ben", "about chance", "Random")
        await client.press("alt+2", "ctrl+q")
        await client.until(lambda: cache.closed)
    server.say("ben", "ada, more tea?", "Random")
    async with start(None, None, cache=cache) as client:
        await client.until(lambda: field(client, "name").value == "ada")
        await client.press("enter")
        await client.until(lambda: isinstance(client.app.screen, RoomScreen))
        assert client.room.name == "Tea"
        await client.sees("new, 1 mentions you in another room · Alt+A: next")


async def test_who_has_left_all_rooms_is_asked_for_one(start: Starts, server: FakeServer) -> None:
    cache = FakeCache()
    async with start("ada", "General", cache=cache) as client:
        await client.send("exit")
        await client.until(lambda: cache.closed)
    async with start(None, None, cache=cache) as client:
        await client.until(lambda: field(client, "name").value == "ada")
        await client.press("enter")
        await client.sees("Which room?")
        await client.press("enter")
        await client.until(lambda: isinstance(client.app.screen, RoomScreen))
        assert client.room.name == "General"


async def test_a_name_that_is_taken_says_so_and_suggests_another(
    start: Starts, server: FakeServer
) -> None:
    server.users["ben"] = "ben"
    async with start(None, None) as client:
        await client.press(*"ben", "enter")
        await client.sees("ben is taken.")
        await client.until(lambda: field(client, "name").value == "ben2")
        await client.press("enter")
        await client.sees("Which room?")
        assert client.conversation.user == "ben2"


async def test_a_name_or_a_room_that_cannot_be_says_why(start: Starts) -> None:
    async with start(None, None) as client:
        await client.press(*"a b", "enter")
        await client.sees("A name cannot have a space")
        await client.press("ctrl+a", "delete", "delete", "delete", *"ada", "enter")
        await client.sees("Which room?")
        await client.press(*"a,b", "enter")
        await client.sees("There is no room a,b yet. Which one?")
        await client.sees("Create # a-b")
        await client.press("enter")
        await client.sees("Welcome to room a-b!")
        await client.sees("Made as a-b: this room is new.")


async def test_a_new_name_makes_a_room_when_that_is_said(start: Starts, server: FakeServer) -> None:
    async with start(None, None) as client:
        await client.press(*"ada", "enter")
        await client.sees("Which room?")
        await client.press(*"Brandnew", "enter")
        await client.sees("There is no room Brandnew yet.")
        assert "Brandnew" not in server.rooms
        await client.press("escape")
        await client.sees("Which room?")
        await client.press("enter")
        await client.sees("Create # Brandnew")
        await client.press("enter")
        await client.sees("Welcome to room Brandnew!")
        await client.sees("Made as Brandnew: this room is new.")


async def test_the_first_room_of_a_server_is_made_without_a_question(
    start: Starts, server: FakeServer
) -> None:
    server.rooms.clear()
    async with start(None, None) as client:
        await client.press(*"ada", "enter")
        await client.sees("There are no rooms yet.")
        await client.press("enter")
        await client.sees("Welcome to room General!")


async def test_what_is_typed_of_a_room_finds_it_and_makes_no_other(
    start: Starts, server: FakeServer
) -> None:
    server.rooms["team-lambda"] = []
    async with start(None, None) as client:
        await client.press(*"ada", "enter")
        await client.sees("Which room?")
        await client.press(*"lam", "enter")
        await client.sees("There is no room lam yet. Which one?")
        await client.sees("Create # lam")
        await client.press("enter")
        await client.sees("Welcome to room team-lambda!")
        assert "lam" not in server.rooms


async def test_without_a_server_it_waits_and_goes_on_when_there_is_one(
    start: Starts, server: FakeServer
) -> None:
    server.reachable.clear()
    async with start(None, None) as client:
        await client.press(*"ada", "enter")
        await client.sees("Waiting for the server.")
        server.come_back()
        await client.sees("Which room?")


async def test_escape_ends_it(start: Starts) -> None:
    async with start(None, None) as client:
        await client.press("escape")
        await client.until(lambda: client.app.return_value == 0)


async def test_another_user_gets_neither_the_rooms_nor_the_lines_of_the_last_one(
    start: Starts, server: FakeServer
) -> None:
    cache = FakeCache()
    async with start("ada", "Secret", cache=cache) as client:
        server.takes = False
        await client.send("of ada")
        await client.press("ctrl+q")
        await client.until(lambda: cache.closed)
    server.takes = True
    async with start("ben", "General", cache=cache) as client:
        await client.sees("Welcome to room General!")
        assert len(client.conversation.rooms) == 1
        assert not any("of ada" in str(event) for event in server.events("Secret"))
        assert not isinstance(server.events("General")[-1], Left)


async def test_it_fits_into_40_by_10(start: Starts, server: FakeServer) -> None:
    for number in range(20):
        server.join("ben", f"Room{number}")
    async with start(None, None, size=(40, 10)) as client:
        await client.press(*"ada", "enter")
        await client.sees("Which room?")
        await client.press(*"Room1")
        await client.until(lambda: "Room1" in client.rows()[-1] or "Room1" in client.screen())
        await client.press("enter")
        await client.sees("Welcome to room Room1!")


async def test_of_many_rooms_those_are_shown_that_fit_what_is_typed(
    start: Starts, server: FakeServer
) -> None:
    for number in range(500):
        server.say("ben", "hi", f"Room-{number:03}")
    async with start(user=None, room=None, size=(80, 20)) as client:
        await client.press(*"ada", "enter")
        await client.sees("Available rooms: 501 (type to find one)")
        assert "Room-347" not in client.screen()
        await client.press(*"room-34")
        await client.sees("Room-340")
        await client.press("7")
        await client.sees("Room-347")
        await client.press("backspace", "9")
        await client.sees_no("Room-347")
        await client.sees("Room-349")
        await client.press("tab", "enter")
        await client.until(lambda: client.conversation.rooms.current is not None)
        assert client.room.name == "Room-349"


async def test_tab_completes_a_part_of_a_name(start: Starts, server: FakeServer) -> None:
    server.rooms.update({"team-lambda": [], "lambs": []})
    async with start(None, None) as client:
        await client.press(*"ada", "enter")
        await client.sees("team-lambda")
        await client.press(*"lam")
        for name in ("lambs", "team-lambda", "lambs"):  # what begins with it comes first
            await client.press("tab")
            assert field(client, "room").value == name
        await client.press("ctrl+u", *"xyz", "tab")
        await client.sees('No room has "xyz" in its name.')


@pytest.mark.parametrize(
    "columns, keys",
    [
        (100, "Enter goes on · Tab completes · Esc ends"),
        (40, "F1 helps · Tab completes · Esc ends"),
        (30, "F1 · Tab · Esc ends"),
    ],
)
async def test_how_to_end_is_told_at_any_width(start: Starts, columns: int, keys: str) -> None:
    async with start(None, None, size=(columns, 10)) as client:
        await client.sees("F1 helps")
        await client.sees("Esc ends")
        await client.press(*"ada", "enter")
        await client.sees(keys)


async def test_what_is_typed_while_an_answer_is_on_its_way_is_for_the_next_question(
    start: Starts, server: FakeServer
) -> None:
    server.rooms["Random"] = []
    async with start(None, None) as client:
        server.answering.clear()
        await client.press(*"ada", "enter", "enter", *"Ram", "backspace", *"ndo")
        server.answering.set()
        await client.until(lambda: field(client, "room").value == "Rando")
        server.answering.clear()
        await client.press(*"m", "enter", *"hi!", "enter", *"all")
        server.answering.set()
        await client.sees("Welcome to room Random!")
        await client.until(lambda: client.entry.text == "hi!\nall")
        assert client.room.name == "Random"
        assert not any(isinstance(one, Said) for one in server.rooms["Random"])  # not unseen


async def test_all_answers_may_be_typed_before_the_first_question_is_done(
    start: Starts, server: FakeServer
) -> None:
    server.rooms["Random"] = []
    async with start(None, None) as client:
        server.answering.clear()
        await client.press(*"ada", "enter", *"Random", "enter", *"hi")
        server.answering.set()
        await client.sees("Welcome to room Random!")
        await client.until(lambda: client.entry.text == "hi")
        assert client.room.name == "Random"


async def test_what_is_typed_behind_an_answer_that_is_refused_goes_nowhere(
    start: Starts, server: FakeServer
) -> None:
    server.users["ben"] = "ben"
    async with start(None, None) as client:
        server.answering.clear()
        await client.press(*"ben", "enter", *"Random")
        server.answering.set()
        await client.sees("ben is taken.")
        await client.until(lambda: field(client, "name").has_focus)
        assert field(client, "name").value == "ben2"
        await client.press("enter")
        await client.sees("Which room?")
        assert field(client, "room").value == ""


async def test_what_is_typed_on_the_way_to_a_room_is_written_there(
    start: Starts, server: FakeServer
) -> None:
    server.rooms["Random"] = []
    async with start() as client:
        server.answering.clear()
        await client.send("/join Random")
        await client.press(*"hi ")
        server.answering.set()
        await client.until(lambda: client.room.name == "Random")
        await client.press(*"all")
        await client.until(lambda: client.entry.text == "hi all")
        await client.press("alt+1")
        await client.until(lambda: client.room.name == "General")
        await client.until(lambda: client.entry.text == "")


async def test_keys_that_come_all_at_once_are_parted_at_enter(
    start: Starts, server: FakeServer
) -> None:
    server.rooms["Random"] = []
    async with start(None, None, size=(30, 8)) as client:
        for char in "ada\rRand":
            key = "enter" if char == "\r" else char
            client.app.post_message(events.Key(key, char))
        await client.until(lambda: field(client, "room").value == "Rand")
        assert field(client, "name").value == "ada"
        await client.sees("Rand")  # the field is in view on the smallest screen
        await client.sees("Esc ends")


async def test_a_name_that_is_pasted_is_there_once(start: Starts) -> None:
    async with start(None, None) as client:
        field(client, "name").post_message(events.Paste("ada"))
        await client.until(lambda: field(client, "name").value)
        await client.pilot.pause()
        assert field(client, "name").value == "ada"
