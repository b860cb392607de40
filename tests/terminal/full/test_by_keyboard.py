"""What one does without a mouse: copy, links, ignoring, alerts, times, and what the title tells."""

from __future__ import annotations

from pathlib import Path

import pytest

from hubbub.domain.events import FORMER_MEMBER, Said
from hubbub.terminal.full.model.ignored import Ignored
from hubbub.terminal.full.model.lines import Look
from hubbub.terminal.full.model.people import people
from hubbub.terminal.full.model.rows import Role
from hubbub.terminal.full.model.timeline import Timeline
from hubbub.terminal.full.preferences import load
from hubbub.terminal.full.screens.links import Links
from hubbub.terminal.full.screens.results import Results
from hubbub.terminal.full.screens.room import RoomScreen
from hubbub.terminal.full.windowtitle import WindowTitle, words
from tests.terminal.full.conftest import Client, Starts
from tests.terminal.full.fake import FakeServer

SIZES = pytest.mark.parametrize("size", [(40, 12), (60, 20), (80, 24), (200, 60)])


def clipboard(client: Client, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    copied: list[str] = []
    monkeypatch.setattr(client.app, "copy_to_clipboard", copied.append)
    return copied


@SIZES
async def test_a_message_is_copied_as_it_was_written(
    start: Starts, server: FakeServer, size: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    text = "a *long* one " * 9 + "\n  its second line, see https://example.org/tea"
    server.say("ben", text)
    for number in range(30):
        server.join(f"guest{number}")
    async with start(size=size) as client:
        copied = clipboard(client, monkeypatch)
        await client.press("alt+r")  # the newest, if none is on the screen
        await client.sees("Reply to ben")
        await client.sees("^C" if size[0] < 200 else "Ctrl+C copies")
        await client.press("ctrl+c")
        await client.sees("The message is copied.")
        assert copied == [text]
        assert client.room.answers is None


@SIZES
async def test_a_link_is_opened_or_copied_from_a_list(
    start: Starts, server: FakeServer, size: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    long = "https://example.org/" + "very/long/" * 9
    server.say("ben", f"see {long} for it.")
    server.say("eve", "or https://example.org/b, and that is all")
    server.say("ben", f"{long}, as I said")
    async with start(size=size) as client:
        copied, opened = clipboard(client, monkeypatch), list[str]()
        monkeypatch.setattr(client.app, "open_link", opened.append)
        await client.press("ctrl+o")
        await client.until(lambda: isinstance(client.app.screen, Links))
        await client.sees("Enter opens · C copies · Esc closes")
        await client.press("down", "c")
        await client.sees("The link is copied.")
        await client.press("ctrl+o", "enter")
        await client.until(lambda: opened)
        assert (copied, opened) == (["https://example.org/b"], [long])


async def test_the_only_link_of_a_marked_message_is_opened_at_once(
    start: Starts, server: FakeServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.say("ben", "old: https://example.org/old")
    server.say("ben", "see https://example.org/new")
    server.say("eve", "nothing")
    async with start() as client:
        opened: list[str] = []
        monkeypatch.setattr(client.app, "open_link", opened.append)
        await client.press("alt+r", "ctrl+o")
        await client.sees("There is no link here.")
        await client.press("alt+r", "up", "ctrl+o")
        await client.until(lambda: opened == ["https://example.org/new"])


async def test_whom_one_ignores_is_neither_seen_nor_counted_nor_heard(
    start: Starts, server: FakeServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.say("eve", "buy pancakes")
    async with start() as client:
        told: list[str] = []
        monkeypatch.setattr(client.app, "mentioned", lambda *what: told.append(what[2]))
        await client.sees("buy pancakes")
        await client.send("/ignore Eve")
        await client.sees("What Eve writes is hidden now. /unignore Eve shows it.")
        await client.sees_no("buy pancakes")
        client.conversation.look(False)
        server.say("eve", "@ada more pancakes")
        server.say("ben", "@ada hello", reply_to=1)
        await client.sees("@ada hello")
        assert "pancakes" not in client.screen()
        assert (client.room.unread.texts, told) == (1, ["@ada hello"])
        client.conversation.look(True)
        await client.send("/ignore")
        await client.sees("You ignore Eve.")
    async with start("cleo") as client:  # on the same computer, later
        await client.sees("@ada hello")
        assert "pancakes" not in client.screen()
        await client.send("/unignore EVE")
        await client.sees("more pancakes")
        await client.send("/unignore eve")
        await client.sees("You do not ignore eve.")
        await client.send("/ignore cleo")
        await client.sees("You cannot ignore yourself.")
        await client.send("/ignore evee")
        await client.sees("Nobody of that name was seen so far.")


async def test_each_room_has_its_own_alerts(
    start: Starts, server: FakeServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with start() as client:
        alerts: list[str] = []
        monkeypatch.setattr(client.app._alerts, "_alert", lambda _, text: alerts.append(text))
        client.conversation.look(False)
        server.say("ben", "one")
        server.say("ben", "@ada two")
        await client.until(lambda: alerts == ["@ada two"])
        client.conversation.look(True)
        await client.send("/alerts all")
        await client.sees("Every message in this room alerts you.")
        client.conversation.look(False)
        server.say("ben", "three")
        await client.until(lambda: alerts[1:] == ["three"])
        client.conversation.look(True)
        await client.send("/alerts off")
        await client.sees("Nothing in this room alerts you.")
        client.conversation.look(False)
        server.say("ben", "@ada four")
        await client.sees("@ada four")
        client.conversation.look(True)
        await client.send("/alerts loud")
        await client.sees("with one of these: all, mentions, off.")
        assert alerts[2:] == []
    kept = load(tmp_path / "terminal.json")
    assert [dict(here.alerts) for here in kept.servers.values()] == [{"general": "off"}]


@pytest.mark.parametrize(
    "columns, short", [(40, True), (60, True), (99, True), (100, False), (200, False)]
)
async def test_times_are_short_where_it_is_narrow(
    start: Starts, server: FakeServer, columns: int, short: bool
) -> None:
    server.say("ben", "hello")
    async with start(size=(columns, 20)) as client:
        await client.sees("15:00 ben: hello" if short else "[2023-07-30 15:00:01] ben: hello")
        assert ("── Sunday, 30 July 2023 ──" in client.screen()) is short
        await client.press("f2")
        await client.sees_no(" 15:00 ben" if short else "[2023")
        await client.send("/times auto")
        await client.until(lambda: ("[2023" in client.screen()) is not short)


async def test_times_change_with_the_width(start: Starts, server: FakeServer) -> None:
    server.say("ben", "hello")
    async with start(size=(120, 20)) as client:
        await client.sees("[2023-07-30")
        await client.pilot.resize_terminal(60, 20)
        await client.sees_no("[2023-07-30")
        await client.pilot.resize_terminal(120, 20)
        await client.sees("[2023-07-30")


@SIZES
async def test_a_result_that_is_opened_stands_out_until_one_goes_on(
    start: Starts, server: FakeServer, size: tuple[int, int]
) -> None:
    server.say("ben", "Pancakes for all")
    for number in range(60):
        server.say("ben", f"line {number}")
    async with start(size=size) as client:
        await client.send("/search pancakes")
        await client.until(lambda: isinstance(client.app.screen, Results))
        await client.sees("Enter goes there · Esc closes")
        await client.press("enter")
        await client.until(lambda: isinstance(client.app.screen, RoomScreen))
        await client.sees("Pancakes for all")
        timeline = client.room.timeline
        marked = [r for row in timeline.blocks.rows for r in row.runs if r.role is Role.MATCH]
        assert [run.text for run in marked] == ["Pancakes"]
        assert timeline.chosen == 1
        await client.press("escape")
        await client.sees("line 59")
        await client.until(lambda: timeline.chosen is None)
        assert not any(r.role is Role.MATCH for row in timeline.blocks.rows for r in row.runs)


@SIZES
async def test_many_results_leave_their_keys_on_the_screen(
    start: Starts, server: FakeServer, size: tuple[int, int]
) -> None:
    for number in range(40):
        server.say("ben", f"tea {number} " + "and so on " * 20)
    async with start(size=size) as client:
        await client.send("/search tea")
        await client.sees("Enter goes there · Esc closes")
        assert "tea · more: /search more" in client.screen()


async def test_finding_in_a_room_goes_on_in_all_rooms(start: Starts, server: FakeServer) -> None:
    server.say("ben", "hello")
    async with start(size=(60, 20)) as client:
        await client.press("ctrl+f")
        await client.sees("/search")
        await client.pilot.press(*"tea")
        await client.sees("Not here. Ctrl+F: all rooms")
        await client.press("ctrl+f")
        await client.sees("Nothing was found.")


@pytest.mark.parametrize("size", [(40, 12), (60, 20), (100, 30)])
async def test_f1_is_told_from_the_first_question_on_and_helps_with_it(
    start: Starts, size: tuple[int, int]
) -> None:
    async with start(None, None, size=size) as client:
        await client.sees("F1 helps")
        await client.press("f1")
        await client.sees("Your name:")
        await client.press("escape")
        await client.press(*"ada", "enter")
        await client.sees("Which room?")
        await client.sees("F1 helps")
        await client.press("f1")
        await client.sees("The room:")
        await client.press("escape", "enter")
        await client.sees("F1 help")
        await client.press("f1")
        await client.sees("Writing:")


async def test_completion_offers_who_is_there_before_who_has_left(
    start: Starts, server: FakeServer
) -> None:
    for name in ("eda", "edgar", "edith"):
        server.join(name)
    server.say("eda", "bye")
    server.leave("eda")
    server.say("edith", "hello")
    async with start() as client:
        await client.sees("edith: hello")
        await client.write("ed")
        for name in ("edith: ", "edgar: ", "eda: "):
            await client.press("tab")
            assert client.entry.text == name


def test_who_spoke_last_is_offered_first() -> None:
    timeline = Timeline()
    timeline.add([Said(1, 0, "ben", "a"), Said(2, 0, "eve", "b"), Said(3, 0, "gone", "c")])
    timeline.add([Said(4, 0, FORMER_MEMBER, "nobody to be spoken to")])
    assert people(["ada", "ben", "eve"], timeline) == ["eve", "ben", "ada", "gone"]


async def test_our_own_words_about_us_are_no_mention(start: Starts, server: FakeServer) -> None:
    async with start() as client:
        client.conversation.look(False)
        await client.send("/me waves")
        await client.sees("ada: *ada waves*")
        runs = [run for row in client.room.timeline.blocks.rows for run in row.runs]
        assert not any(run.role is Role.MENTION for run in runs)
        assert client.room.unread.mentions == 0


def test_a_title_says_what_is_unread_and_nothing_that_a_terminal_obeys() -> None:
    assert words("General", 0, 0) == "General – Hubbub"
    assert words("General", 1200, 2) == "(1,200, @2) General – Hubbub"
    assert words(None, 0, 0) == "Hubbub"
    assert "\x1b" not in words("a\x1b]2;x\ab", 3, 0)


def test_the_title_of_before_comes_back() -> None:
    written: list[str] = []
    title = WindowTitle(written.append, {})
    title.end()
    assert written == []
    title.show("(3) General – Hubbub")
    title.show("(3) General – Hubbub")
    title.end()
    title.end()
    assert written == [
        "\x1b[22;0t\x1b]2;(3) General – Hubbub\x1b\\",
        "\x1b]2;Hubbub\x1b\\",
        "\x1b[23;0t",
    ]
    WindowTitle(written.append, {"TERM": "linux"}).show("x")
    assert len(written) == 3


async def test_the_title_follows_what_is_unread(start: Starts, server: FakeServer) -> None:
    async with start() as client:
        told: list[str] = []
        client.app._alerts._title = WindowTitle(told.append, {})
        tea = await client.conversation.join("tea")
        client.conversation.open(client.conversation.rooms.get("General") or tea)
        server.say("ben", "hello", room="tea")
        server.say("ben", "@ada hello", room="tea")
        await client.until(lambda: told and "(2, @1) General – Hubbub" in told[-1])
        await client.press("alt+2")
        await client.until(lambda: "tea – Hubbub" in told[-1])


def test_an_ignored_persons_lines_are_known_by_the_key_of_the_name() -> None:
    text = Said(1, 0, "EVE", "hello")
    assert Look(ignored=Ignored(frozenset({"eve"}))).hides(text)
    assert not Look().hides(text)
