"""Rooms are found by any part of their names, and none is made by accident."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace

import pytest
from textual import events

from hubbub.client import Entered
from hubbub.domain.replies import RoomInfo
from hubbub.domain.rules import RoomAccess
from hubbub.terminal.full import finding
from hubbub.terminal.full.model.apart import shortened
from hubbub.terminal.full.model.display import width
from hubbub.terminal.full.model.rooms import Rooms
from hubbub.terminal.full.model.switching import RoomChoice, choices
from hubbub.terminal.full.screens.picker import Picker
from hubbub.terminal.full.screens.room import RoomScreen
from hubbub.terminal.full.screens.switcher import Switcher
from tests.terminal.full.conftest import Client, Starts
from tests.terminal.full.fake import FakeServer

GREEK = [
    *("alpha", "beta", "gamma", "delta", "epsilon", "zeta", "eta", "theta", "iota", "kappa"),
    *("lambda", "mu", "nu", "xi", "omicron", "pi", "rho", "sigma", "tau", "upsilon", "phi"),
    *("chi", "psi", "omega", "last", "extra"),
]


async def picks(client: Client) -> None:
    await client.until(lambda: isinstance(client.app.screen, Picker))


def names(typed: str, *rooms: str, mine: tuple[str, ...] = ()) -> list[str]:
    ours = Rooms()
    for name in mine:
        ours.add(name)
    found = choices(typed, ours, [RoomInfo(name, 1, 1) for name in rooms])
    return [f"+{one.name}" if one.made else one.name for one in found]


def test_a_slip_of_the_keyboard_finds_the_room() -> None:
    assert names("Projct", "Project", "General") == ["Project", "+Projct"]
    assert names("Projct", "Project", "Projct-2") == ["Projct-2", "+Projct"]
    assert names("tae", "tea", mine=("tea",)) == ["tea", "+tae"]


async def test_enter_takes_the_first_room_that_fits(start: Starts, server: FakeServer) -> None:
    server.rooms["team-lambda"] = []
    async with start() as client:
        await client.press("ctrl+k", *"lam")
        await client.sees("team-lambda")
        await client.sees("Create # lam")
        await client.press("enter")
        await client.sees("Welcome to room team-lambda!")
        assert set(server.rooms) == {"General", "team-lambda"}


async def test_who_types_and_presses_enter_quickly_makes_no_room_either(
    start: Starts, server: FakeServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(finding, "PAUSE_SECONDS", 3600.0)
    server.rooms.update({f"room-{number}": [] for number in range(300)})
    server.rooms["team-lambda"] = []
    async with start() as client:
        await client.press("ctrl+k", *"lam", "enter")
        await client.sees("There are rooms like that.")
        await client.press("enter")
        await client.sees("Welcome to room team-lambda!")
        assert "lam" not in server.rooms


async def test_the_row_that_one_has_moved_to_stays_when_a_better_one_is_found(
    start: Starts, server: FakeServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(finding, "PAUSE_SECONDS", 3600.0)
    server.rooms.update({f"room-{number}": [] for number in range(300)})
    server.rooms["oom-7-later"] = []  # not among those that are told without being asked for
    async with start() as client:
        await client.app.finding.refresh()
        await client.press("ctrl+k", *"oom-7")
        await client.sees("room-70")
        await client.press("down")
        monkeypatch.setattr(finding, "PAUSE_SECONDS", 0.0)
        picker = client.app.screen
        assert isinstance(picker, Picker)
        picker.looked_for("oom-7")
        await client.sees("oom-7-later")
        await client.press("enter")
        await client.sees("Welcome to room room-70!")


async def test_rooms_that_come_late_are_before_the_row_that_makes_one(
    start: Starts, server: FakeServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.rooms["team-lambda"] = []
    found = asyncio.Event()

    async def later(_: float) -> None:
        await found.wait()

    async with start() as client:
        monkeypatch.setattr(finding, "asyncio", SimpleNamespace(sleep=later))
        conversation = client.conversation
        taken: list[RoomChoice | None] = []
        switcher = Switcher(conversation.rooms, finding.Finding(conversation))
        client.app.push_screen(switcher, taken.append)
        await picks(client)
        await client.press(*"lam")
        await client.sees("Create # lam")
        await client.sees_no("team-lambda")
        found.set()
        await client.sees("team-lambda")
        await client.press("enter")
        await client.until(lambda: taken)
        assert [one and one.name for one in taken] == ["team-lambda"]


async def test_enter_comes_after_the_letters_that_arrive_with_it(
    start: Starts, server: FakeServer
) -> None:
    """Over a slow line several keys arrive at once."""
    server.rooms["team-lambda"] = []
    async with start() as client:
        await client.press("ctrl+k")
        await client.sees("team-lambda")
        for key in ("l", "a", "m", "enter"):
            client.app.post_message(events.Key(key, key if len(key) == 1 else None))
        await client.sees("Welcome to room team-lambda!")
        assert set(server.rooms) == {"General", "team-lambda"}


async def test_a_new_room_is_a_row_of_its_own(start: Starts, server: FakeServer) -> None:
    server.rooms["team-lambda"] = []
    async with start() as client:
        await client.press("ctrl+k", *"lam")
        await client.sees("team-lambda")
        await client.press("up", "down", "down", "enter")
        await client.sees("Made as lam: this room is new.")


async def test_a_name_that_cannot_be_is_made_as_the_nearest_one(
    start: Starts, server: FakeServer
) -> None:
    async with start() as client:
        await client.send("/join Project Apollo")
        await client.sees("There is no room Project Apollo yet. Which one?")
        await client.sees("Create # Project-Apollo")
        await client.press("enter")
        await client.sees("Made as Project-Apollo: this room is new.")


async def test_who_is_asked_about_a_room_and_types_on_makes_no_other(
    start: Starts, server: FakeServer
) -> None:
    async with start() as client:
        await client.send("/join Other")
        await client.sees("Create # Other")
        await client.press(*"hello", "enter")
        await client.sees("Enter once more makes the room Otherhello. Esc makes none.")
        await client.press("escape")
        assert list(server.rooms) == ["General"]


async def test_escape_makes_nothing_and_what_is_written_stays(
    start: Starts, server: FakeServer
) -> None:
    async with start() as client:
        await client.write("half a th")
        await client.press("ctrl+k", *"zzz", "escape")
        await client.until(lambda: isinstance(client.app.screen, RoomScreen))
        assert client.entry.text == "half a th"
        assert list(server.rooms) == ["General"]


async def test_a_number_is_that_of_the_list(start: Starts, server: FakeServer) -> None:
    async with start() as client:
        for room in ("tea", "cake"):
            await client.make(room)
            await client.sees(f"Welcome to room {room}!")
        await client.send("/j 2")
        await client.until(lambda: client.room.name == "tea")
        await client.send("/j 7")
        await client.sees("There is no room 7 yet. Which one?")
        await client.press("escape")
        assert "7" not in server.rooms


async def test_a_room_without_a_connection_is_asked_about_too(
    start: Starts, server: FakeServer
) -> None:
    async with start() as client:
        server.vanish()
        await client.send("/join lam")
        await client.sees("Create # lam")
        await client.press("enter")
        await client.until(lambda: client.room.name == "lam")
        server.come_back()
        await client.sees("Made as lam: this room is new.")


def test_the_words_of_a_name_are_found_whatever_is_between_them() -> None:
    rooms = ("team-lambda", "Teamwork", "lambda-team", "General")
    assert names("team lambda", *rooms)[:2] == ["team-lambda", "lambda-team"]
    assert names("teamlambda", *rooms) == ["team-lambda", "+teamlambda"]
    assert names("TEAM", *rooms) == ["team-lambda", "Teamwork", "lambda-team", "+TEAM"]
    assert names("general", *rooms) == ["General"]
    assert names("xyz", *rooms) == ["+xyz"]
    assert names("xdg", "xd-general") == ["xd-general", "+xdg"]
    assert names("", *rooms, mine=("tea",)) == ["tea", *rooms]


def test_exactly_that_name_comes_first_and_is_not_to_be_made() -> None:
    assert names("room9", "room99", "room9", "room90") == ["room9", "room99", "room90"]


@pytest.mark.parametrize("cells", [8, 10, 14, 17, 24])
def test_names_that_begin_and_end_alike_are_told_apart(cells: int) -> None:
    groups = [f"student-project-group-{letter}-2024" for letter in GREEK]
    others = ["General", "日本語の長い名前の部屋-1", "日本語の長い名前の部屋-2"]
    short = shortened([*groups, *others], cells)
    assert len(set(short.values())) == len(short)
    assert all(width(one) <= cells for one in short.values())
    assert short["General"] == "General"


async def test_the_list_of_rooms_uses_the_width_that_there_is(
    start: Starts, server: FakeServer
) -> None:
    groups = [f"student-project-group-{letter}-2024" for letter in GREEK]
    server.rooms.update({name: [] for name in groups})
    async with start(size=(200, 60)) as client:
        for name in groups:
            await client.conversation.join(name)
        await client.until(lambda: all(name in client.screen() for name in groups))
        await client.pilot.resize_terminal(60, 40)
        await client.until(lambda: client.rows()[2][:21].strip().startswith("1 General"))
        await client.until(lambda: groups[0] not in client.screen())
        listed = [row[3:17] for row in client.rows()[3:29]]
        assert len(set(listed)) == len(groups)


async def test_a_class_that_came_in_leaves_no_empty_screen(
    start: Starts, server: FakeServer
) -> None:
    for number in range(40):
        server.say("ben", f"line {number}.")
    for number in range(300):
        server.join(f"student-{number:03}")
    async with start() as client:
        await client.sees("and 299 others joined")
        await client.sees("ben: line 39.")


async def test_the_menu_of_a_room_and_of_a_member_is_reached_by_key(
    start: Starts, server: FakeServer
) -> None:
    for name in ("ben", "eve"):
        server.join(name)
    async with start() as client:
        await client.until(lambda: len(client.room.members) == 3)
        await client.press("f5")
        await client.sees("Leave this room")
        await client.press(*"who is", "enter")
        await client.sees("In General: ada, ben, eve")
        await client.press("f5", *"copy", "enter")
        await client.sees("Copied: http://example.org:8080/#/General")
        assert client.app.clipboard == "http://example.org:8080/#/General"
        await client.press("f7", *"ev", "enter")
        await client.sees("Message eve")
        await client.press(*"mention", "enter")
        await client.until(lambda: client.entry.text == "@eve ")
        await client.press("f7")
        await picks(client)
        await client.press("escape")
        await client.until(lambda: isinstance(client.app.screen, RoomScreen))


async def test_a_room_that_was_made_by_mistake_can_be_deleted(
    start: Starts, server: FakeServer
) -> None:
    async with start() as client:
        await client.send("/delete")
        await client.sees("This is your only room: /join another one first.")
        await client.make("lam")
        await client.sees("Welcome to room lam!")
        await client.press("f5", *"delete", "enter")
        await client.sees("lam is deleted.")
        assert client.room.name == "General"
        assert list(server.rooms) == ["General"]
        await client.make("tea")
        await client.sees("Welcome to room tea!")
        await client.send("hello")
        await client.sees("ada: hello")
        await client.send("/delete")
        await client.sees("Something was said in tea: it stays.")
        await client.press("f5")
        await client.sees("Leave this room")
        assert "Delete this room" not in client.screen()


async def test_who_makes_a_room_without_meaning_to_is_told(
    start: Starts, server: FakeServer
) -> None:
    async with start() as client:
        tea = await client.conversation.join("tea")
        client.chat.tell(Entered("tea", ("ada",), 1, 1, new=True))
        await client.sees("Made as tea: this room is new.")
        assert not tea.made


def test_a_direct_conversation_whose_other_people_are_gone_has_no_name_to_show() -> None:
    gone = RoomInfo("@x1", 1, 9, access=RoomAccess.DIRECT)
    (found,) = choices("", Rooms(), [gone])
    assert (found.label, found.note) == ("a conversation", "direct conversation")
    assert Rooms().label("@x1") == "a conversation"
