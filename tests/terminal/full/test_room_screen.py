"""Keys and states of the room's screen, against a fake chat."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from textual import events
from textual.geometry import Offset
from textual.selection import Selection

from hubbub.client import Happened, NameRefused, RoomLost, Said, SomeoneIsTyping
from hubbub.domain.errors import NameTaken, RateLimited, TooManyRooms
from hubbub.terminal.full.model.commands import VOCABULARY
from hubbub.terminal.full.model.helping import help_lines
from hubbub.terminal.full.screens.help import Help, keys_of, sections
from hubbub.terminal.full.screens.paste import LongPaste
from hubbub.terminal.full.screens.room import RoomScreen
from hubbub.terminal.full.widgets.entry import Entry
from hubbub.terminal.full.widgets.find import FindBar
from hubbub.terminal.full.widgets.sidebars import RoomList
from hubbub.terminal.full.widgets.timeline import TimelineView
from tests.terminal.full.conftest import Client, Starts
from tests.terminal.full.fake import FakeCache, FakeServer


async def test_lines_read_as_they_do_in_the_seed(start: Starts, server: FakeServer) -> None:
    async with start("Alice") as client:
        await client.send("Donec pulvinar erat.")
        await client.sees("[2023-07-30 15:00:02] Alice: Donec pulvinar erat.")
        rows = [row.strip(" │") for row in client.rows()]
        place = next(n for n, row in enumerate(rows) if "Welcome to room General!" in row)
        assert "[2023-07-30 15:00:01] Alice has joined the chat!" in rows[place + 1]
        assert rows[-1].startswith(">")


async def test_the_title_tells_the_room_how_many_are_in_it_and_the_connection(
    start: Starts, server: FakeServer
) -> None:
    server.join("ben")
    async with start() as client:
        await client.sees("General · 2 online")
        assert "● connected" in client.rows()[0]
        assert "ada @ example.org:8080" in client.rows()[0]


async def test_older_history_comes_as_one_scrolls(start: Starts, server: FakeServer) -> None:
    for number in range(1, 1001):
        server.say("ben", f"line number {number}.")
    async with start() as client:
        await client.sees("line number 1000.")
        for _ in range(12):
            await client.press("pageup")
        await client.sees("line number 680.")
        assert len(server.asked) == len(set(server.asked))
        await client.press("escape")
        await client.sees("line number 1000.")


async def test_home_goes_to_the_first_line_and_on_from_there(
    start: Starts, server: FakeServer
) -> None:
    for number in range(1, 5001):
        server.say("ben", f"line number {number}.")
    async with start() as client:
        await client.sees("line number 5000.")
        await client.press("home")
        await client.sees("line number 1.")
        for _ in range(10):
            await client.press("pagedown")
        await client.sees("line number 270.")
        await client.send("/history 2000")
        await client.sees("line number 3010.")
        assert client.room.timeline.window.weight <= 1500
        server.say("ben", "news")
        await client.press("end")
        await client.sees("ben: news")


async def test_a_hint_tells_of_new_lines_while_one_reads_older_ones(
    start: Starts, server: FakeServer
) -> None:
    for number in range(1, 101):
        server.say("ben", f"line {number}.")
    async with start() as client:
        await client.sees("line 100.")
        await client.press("pageup")
        await client.sees_no("line 100.")
        server.say("ben", "while away")
        server.say("ben", "from here")
        await client.sees("↓ 2 new: Esc goes to the newest")
        await client.press("escape")
        await client.sees("from here")
        await client.sees_no("↓ 2 new")


async def test_rooms_are_switched_with_keys_and_show_what_is_unread(
    start: Starts, server: FakeServer
) -> None:
    async with start() as client:
        await client.make("Random")
        await client.sees("Welcome to room Random!")
        server.say("ben", "hello")
        server.say("ben", "ada: are you there?")
        await client.until(
            lambda: any("1 General" in row and "2 @" in row for row in client.rows())
        )
        await client.press("alt+1")
        await client.sees("new since you left")
        assert client.room.name == "General"
        await client.press("ctrl+n")
        assert client.room.name == "Random"
        await client.press("ctrl+p")
        assert client.room.name == "General"
        await client.sees_no("2 @")


async def test_what_is_written_stays_with_its_room(start: Starts) -> None:
    async with start() as client:
        await client.make("Random")
        await client.sees("Welcome to room Random!")
        await client.write("half a th")
        await client.press("ctrl+p")
        await client.until(lambda: client.entry.text == "")
        await client.press("ctrl+p")
        await client.until(lambda: client.entry.text == "half a th")


async def test_the_arrow_up_brings_back_what_was_sent_to_edit_it(start: Starts) -> None:
    async with start() as client:
        await client.send("first")
        await client.send("second")
        await client.write("draft")
        await client.press("up", "up")
        assert client.entry.text == "first"
        await client.press("!", "down")
        assert client.entry.text == "second"
        await client.press("up")
        assert client.entry.text == "first!"
        await client.press("down", "down")
        assert client.entry.text == "draft"


async def test_a_name_is_completed_within_a_text_without_another_space(
    start: Starts, server: FakeServer
) -> None:
    server.join("ben", "General")
    server.join("bea", "General")
    async with start() as client:
        await client.until(lambda: len(client.room.members) == 3)
        await client.write("ñ👍 be there")
        await client.press(*["left"] * len(" there"), "tab")
        assert client.entry.text == "ñ👍 bea there"
        await client.press("tab")
        assert client.entry.text == "ñ👍 ben there"
        await client.write("is ")
        assert client.entry.text == "ñ👍 ben is there"


async def test_tab_completes_names_and_goes_round(start: Starts, server: FakeServer) -> None:
    for name in ("ben", "Benedict", "eve"):
        server.join(name)
    async with start() as client:
        await client.until(lambda: len(client.room.members) == 4)
        await client.write("be")
        await client.press("tab")
        assert client.entry.text == "ben: "
        await client.press("tab")
        assert client.entry.text == "Benedict: "
        await client.press("shift+tab")
        assert client.entry.text == "ben: "
        await client.write("and ev")
        await client.press("tab")
        assert client.entry.text == "ben: and eve "


async def test_commands_and_emoji_are_offered_while_one_types(start: Starts) -> None:
    async with start() as client:
        await client.press("slash")
        await client.sees("/join ROOM")
        await client.press("t", "h")
        await client.sees_no("/join ROOM")
        await client.press("tab")
        assert client.entry.text == "/theme "
        await client.press("escape", "ctrl+u")
        await client.press(*":tada:")
        assert client.entry.text == "🎉"


async def test_a_long_paste_is_asked_about_and_goes_out_as_one_message(
    start: Starts, server: FakeServer
) -> None:
    async with start() as client:
        text = "\n".join(f"row {number}" for number in range(10))
        client.entry.post_message(events.Paste(text))
        await client.until(lambda: isinstance(client.app.screen, LongPaste))
        await client.sees("Paste 10 lines as one message?")
        await client.press("enter")
        await client.until(lambda: client.entry.text == text)
        await client.press("enter")
        await client.until(lambda: server.rooms["General"][-1].by == "ada")
        assert getattr(server.rooms["General"][-1], "text", "") == text


async def test_a_long_paste_is_asked_about_and_fits_on_a_small_screen(start: Starts) -> None:
    async with start(size=(40, 10)) as client:
        client.entry.post_message(events.Paste("\n".join(map(str, range(10, 30)))))
        await client.sees("Paste 20 lines as one message?")
        await client.sees("Enter: paste them   Esc: leave it")
        await client.press("enter")
        await client.sees("Welcome to room General!")
        await client.sees("29")


async def test_a_short_paste_goes_in_at_once_and_escape_refuses_a_long_one(start: Starts) -> None:
    async with start() as client:
        client.entry.post_message(events.Paste("one\r\ntwo\r\n"))
        await client.until(lambda: client.entry.text == "one\ntwo")
        client.entry.post_message(events.Paste("\n".join("abcdefgh")))
        await client.until(lambda: isinstance(client.app.screen, LongPaste))
        await client.press("escape")
        await client.until(lambda: isinstance(client.app.screen, RoomScreen))
        assert client.entry.text == "one\ntwo"


async def test_a_text_that_is_too_long_is_refused_and_kept(
    start: Starts, server: FakeServer
) -> None:
    async with start() as client:
        await client.write("x" * 350)
        await client.sees("350 of 400")
        await client.write("x" * 60)
        await client.sees("10 characters too long")
        await client.press("enter")
        await client.sees("It was not sent: please split it.")
        assert len(client.entry.text) == 410


async def test_a_text_of_too_many_lines_is_refused_and_kept(
    start: Starts, server: FakeServer
) -> None:
    async with start() as client:
        client.entry.put("\n".join("x" * 45))
        await client.sees("45 of 50 lines")
        client.entry.put("\n".join("x" * 52))
        await client.sees("2 lines too many")
        await client.press("enter")
        await client.sees("It was not sent: please split it.")
        assert client.entry.text.count("x") == 52


async def test_own_lines_wait_in_place_and_become_the_saved_event_once(
    start: Starts, server: FakeServer
) -> None:
    server.takes = False
    async with start() as client:
        await client.send("hello there")
        await client.sees("[      waiting      ] ada: hello there")
        server.takes = True
        client.chat._send_all()
        await client.sees("15:00:02] ada: hello there")
        assert client.screen().count("hello there") == 1


async def test_a_line_that_failed_says_why_and_is_sent_again_with_a_key(
    start: Starts, server: FakeServer
) -> None:
    server.refusal = RateLimited("You are too fast.")
    async with start() as client:
        await client.send("hello there")
        await client.sees("[     not sent      ] ada: hello there")
        await client.sees("You are too fast. Ctrl+R sends it again.")
        server.refusal = None
        await client.press("ctrl+r")
        await client.sees("15:00:02] ada: hello there")
        await client.sees_no("not sent")


async def test_a_lost_connection_is_told_and_typing_goes_on(
    start: Starts, server: FakeServer
) -> None:
    cache = FakeCache()
    async with start(cache=cache) as client:
        server.vanish()
        await client.sees("The connection broke. What you write is kept")
        await client.sees("○ offline")
        await client.send("written offline")
        await client.sees("[      waiting      ] ada: written offline")
        assert [one.text for one in (cache.kept.unsent if cache.kept else ())] == [
            "written offline"
        ]
        server.come_back()
        await client.sees("You are connected again.")
        await client.sees("] ada: written offline")
        await client.sees_no("waiting")
        assert cache.kept is not None
        assert cache.kept.unsent == []


async def test_a_server_that_comes_back_with_another_key_alarms_everybody(
    server: FakeServer, start: Starts
) -> None:
    async with start() as client:
        server.vanish("The server is shutting down.")
        for _ in range(2):
            server.vanish("WARNING: it has another key.", code="certificate-changed")
        await client.sees("WARNING: it has another key.")
        assert client.screen().count("WARNING") == 1


async def test_a_server_that_restarts_alarms_nobody(server: FakeServer, start: Starts) -> None:
    async with start() as client:
        server.vanish("It restarts.", planned=True)
        await client.sees("○ the server restarts")
        await client.send("written meanwhile")
        await client.sees("[      waiting      ] ada: written meanwhile")
        server.come_back()
        await client.sees("] ada: written meanwhile")
        await client.sees_no("waiting")
        await client.sees_no("You are connected again.")
        await client.sees_no("What you write is kept")


async def test_a_server_that_restarts_and_stays_away_is_told_of(
    server: FakeServer, start: Starts
) -> None:
    async with start() as client:
        server.vanish("It restarts.", planned=True)
        await client.sees("○ the server restarts")
        server.vanish("There is nobody.")
        await client.sees("There is nobody. What you write is kept")
        server.come_back()
        await client.sees("You are connected again.")


async def test_the_last_history_is_shown_offline(start: Starts, server: FakeServer) -> None:
    cache = FakeCache()
    async with start(cache=cache) as client:
        server.say("ben", "remember me")
        await client.sees("remember me")
        await client.press("ctrl+q")
        await client.until(lambda: not client.app.is_running)
    server.reachable.clear()
    async with start(cache=cache) as client:
        await client.sees("ben: remember me")
        await client.sees("○ offline")
        server.say("ben", "meanwhile")
        server.come_back()
        await client.sees("ben: meanwhile")
        await client.sees("new since you left")
        assert client.screen().count("remember me") == 1


async def test_another_log_starts_the_room_afresh_with_a_note(
    start: Starts, server: FakeServer
) -> None:
    cache = FakeCache()
    async with start(cache=cache) as client:
        server.say("ben", "the old history")
        await client.sees("the old history")
        server.vanish()
        server.become_another_log()
        server.say("eve", "the new history")
        server.come_back()
        await client.sees("The server was emptied or restored since")
        await client.sees("eve: the new history")
        assert "the old history" not in client.screen()
        assert cache.log == "log-2"
        assert cache.span("General") == (1, 2)


async def test_search_marks_what_is_sought_and_goes_from_one_to_the_next(
    start: Starts, server: FakeServer
) -> None:
    for number in range(1, 101):
        server.say("ben", f"line {number}." + (" Needle!" if number in (10, 50, 90) else ""))
    async with start() as client:
        await client.sees("line 100.")
        await client.press("ctrl+f", *"needle")
        await client.sees("3 of 3")
        await client.sees("line 90. Needle!")
        await client.press("enter")
        await client.sees("line 50. Needle!")
        await client.press("up", "up")
        await client.sees("3 of 3")
        await client.press("escape")
        await client.sees_no("3 of 3")
        assert client.app.focused is client.entry


async def test_a_selection_with_the_mouse_copies_clean_text(
    start: Starts, server: FakeServer
) -> None:
    server.say("ben", "word " * 30 + "end")
    async with start() as client:
        await client.sees("end")
        view = client.app.screen.query_one(TimelineView)
        timeline = client.room.timeline
        last = max(n for n, row in enumerate(timeline.blocks.rows) if "word end" in row.plain)
        client.app.screen.selections = {
            view: Selection(Offset(0, timeline.base), Offset(200, timeline.base + last))
        }
        await client.press("ctrl+c")
        assert client.app.clipboard.startswith("[2023-07-30 15:00:01] ben: word word ")
        assert client.app.clipboard.endswith("word end")
        assert "\n" not in client.app.clipboard
        assert "  " not in client.app.clipboard


async def test_dragging_the_mouse_over_the_timeline_selects_it(
    start: Starts, server: FakeServer
) -> None:
    server.say("ben", "select me")
    async with start() as client:
        await client.sees("select me")
        y = next(n for n, row in enumerate(client.rows()) if "select me" in row)
        x = client.rows()[y].index("select me")
        await client.pilot.mouse_down(offset=(x, y))
        await client.pilot.hover(offset=(x + 6, y))
        await client.pilot.mouse_up(offset=(x + 6, y))
        await client.pilot.pause()
        assert (client.app.screen.get_selected_text() or "").startswith("select")


def _line_at_top(client: Client) -> int:
    """The first number of a ``line N`` on the screen."""
    return int(re.findall(r"line (\d+)", client.screen())[0])


async def test_a_selection_that_is_dragged_to_an_edge_goes_on_beyond_it(
    start: Starts, server: FakeServer
) -> None:
    for number in range(1, 201):
        server.say("ben", f"line {number}")
    async with start() as client:
        await client.sees("line 200")
        y = next(n for n, row in enumerate(client.rows()) if "line 190" in row)
        x = client.rows()[y].index("line 190")
        await client.pilot.mouse_down(offset=(x, y))
        await client.pilot.hover(offset=(x, y - 2))
        await client.pilot.hover(offset=(x, 1))
        # A page further back than what was loaded, too.
        await client.until(lambda: _line_at_top(client) <= 95)
        await client.pilot.hover(offset=(x, y))
        await client.pilot.pause()
        top = client.room.timeline.top
        await client.pilot.hover(offset=(x, 1))
        await client.until(lambda: client.room.timeline.top < top - 3)
        await client.pilot.mouse_up(offset=(x, 1))
        await client.pilot.pause()
        top = client.room.timeline.top
        copied = (client.app.screen.get_selected_text() or "").splitlines()
        assert [line.split("ben: ")[1] for line in copied[-3:]] == ["line 188", "line 189", "l"]
        numbers = [int(line.split()[-1]) for line in copied[1:-1]]
        assert numbers == list(range(numbers[0], 190))
        assert numbers[0] <= 95
        await client.press("ctrl+c")
        await client.until(lambda: not client.app.screen.selections)
        assert client.room.timeline.top == top


async def test_one_key_leaves_only_the_text_on_the_screen(start: Starts) -> None:
    async with start() as client:
        await client.sees("ROOMS")
        await client.press("f6")
        await client.sees_no("ROOMS")
        assert "ONLINE" not in client.screen()
        assert "connected" not in client.screen()
        await client.until(lambda: any(row.startswith("[2023-") for row in client.rows()))
        await client.press("escape")
        await client.sees("ROOMS")


async def test_times_are_short_with_a_rule_for_each_day_after_one_key(
    start: Starts, server: FakeServer, tmp_path: Path
) -> None:
    server.say("ben", "hello")
    async with start() as client:
        await client.press("f2")
        await client.sees("── Sunday, 30 July 2023 ──")
        await client.sees("15:00 ben: hello")
        await client.press("f3")
        await client.sees_no("ONLINE")
    assert b'"times":"short"' in (tmp_path / "terminal.json").read_bytes()


async def test_themes_are_changed_by_key_and_command(start: Starts) -> None:
    async with start() as client:
        await client.send("/theme light")
        await client.until(lambda: client.app.theme == "light")
        await client.press("f4")
        await client.until(lambda: client.app.theme == "ansi")
        await client.send("/theme pink")
        await client.sees("with one of these: dark, light, ansi, mono.")


async def test_no_color_is_obeyed(start: Starts, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    async with start() as client:
        assert client.app.theme == "mono"


async def test_help_lists_every_key_that_is_bound_and_every_command(start: Starts) -> None:
    async with start() as client:
        await client.press("f1")
        await client.until(lambda: isinstance(client.app.screen, Help))
        for cells in (30, 80):
            text = help_lines(sections(), cells)
            assert max(map(len, text.splitlines())) <= cells
            for key in ("PageUp", "Ctrl+N", "F6", "Alt+1 … Alt+9", "Tab", "Ctrl+R", "Esc"):
                assert f"  {key}" in text
            for table in (RoomScreen.BINDINGS, FindBar.BINDINGS, Entry.BINDINGS):
                for _, keys, _ in keys_of(table):
                    assert keys in text or re.fullmatch(r"Alt\+\d", keys)
            for word in (*(one.word for one in VOCABULARY.rows.values()), "--plain"):
                assert word in text
        await client.press("escape")
        await client.until(lambda: isinstance(client.app.screen, RoomScreen))


async def test_the_help_fits_on_a_small_screen_and_on_one_that_grows(start: Starts) -> None:
    async with start(size=(40, 10)) as client:
        await client.press("f1")
        await client.sees("    Send")
        await client.press("end")
        await client.sees("nothing ever moves.")
        await client.pilot.resize_terminal(120, 30)
        await client.press("home")
        await client.sees("Enter                 Send")


async def test_who_writes_is_told_and_others_are_told_of_us(
    start: Starts, server: FakeServer
) -> None:
    async with start() as client:
        client.chat.tell(SomeoneIsTyping("General", "ben"))
        await client.sees("ben is typing…")
        await client.write("hi")
        await client.until(lambda: client.chat.typed == ["General"])
        server.say("ben", "done")
        await client.sees("ben: done")
        await client.sees_no("is typing")


async def test_commands_do_what_they_say(start: Starts, server: FakeServer) -> None:
    server.join("ben")
    async with start() as client:
        await client.send("/me waves")
        await client.sees("ada: *ada waves*")
        await client.send("/who")
        await client.sees("In General: ada, ben")
        await client.send("/rooms")
        await client.sees("  General (2 users)")
        await client.send("/rooms more")
        await client.sees("There are no more rooms. /rooms starts from the first one.")
        await client.send("//shrug")
        await client.sees("ada: /shrug")
        await client.send("/frobnicate")
        await client.sees('There is no command "/frobnicate".')
        assert client.entry.text == "/frobnicate"
        await client.press("ctrl+u")
        await client.send("/clear")
        await client.sees_no("ada: /shrug")
        await client.press("pageup")
        await client.sees("ada: /shrug")


@pytest.mark.parametrize("text", ["no", "I like cats an", "ratio :no"])
async def test_enter_sends_what_is_typed_whatever_could_be_completed(
    start: Starts, server: FakeServer, text: str
) -> None:
    for name in ("noah", "andy"):
        server.join(name)
    async with start() as client:
        await client.send(text)
        await client.sees(f"ada: {text}")
        assert client.entry.text == ""


async def test_nick_goes_on_under_a_free_name_without_losing_a_line(
    start: Starts, server: FakeServer
) -> None:
    server.users["ben"] = "ben"
    async with start() as client:
        await client.send("before")
        await client.send("/nick ben")
        await client.sees("ben is taken.")
        first = client.chat
        await client.send("/nick Countess")
        await client.sees("Your name is Countess now. It was ada before.")
        await client.sees("Countess has joined the chat!")
        assert first.closed
        assert server.renamed == ["ada"]
        await client.send("after")
        await client.sees("Countess: after")
        assert client.screen().count("ada: before") == 1


async def test_leaving_a_room_shows_its_neighbour_and_the_last_one_stays(start: Starts) -> None:
    async with start() as client:
        await client.make("Random")
        await client.sees("Welcome to room Random!")
        await client.send("/leave")
        await client.until(lambda: client.room.name == "General")
        await client.until(lambda: client.chat.inside == {"General"})
        await client.send("/leave")
        await client.sees("This is your only room: /join another one first, or type exit.")


async def test_exit_leaves_all_rooms_and_quit_remembers_them(start: Starts) -> None:
    cache = FakeCache()
    async with start(cache=cache) as client:
        await client.send("/quit")
        await client.until(lambda: cache.closed)
    assert cache.kept is not None
    assert list(cache.kept.cursors) == ["General"]
    async with start(cache=cache) as client:
        await client.send("exit")
        await client.until(lambda: client.app.return_value == 0)
    assert list(cache.kept.cursors) == []


async def test_a_mention_is_told_when_one_is_not_looking(
    start: Starts, server: FakeServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with start() as client:
        told: list[tuple[str, str, str]] = []
        monkeypatch.setattr(client.app, "mentioned", lambda *what: told.append(what))
        server.say("ben", "ada: looking")
        await client.sees("ada: looking")
        assert told == []
        client.app.post_message(events.AppBlur())
        await client.until(lambda: not client.conversation.attention.looking)
        server.say("ben", "Ada, now?")
        server.say("eve", "nothing of interest")
        await client.until(lambda: told == [("General", "ben", "Ada, now?")])
        client.app.post_message(events.AppFocus())
        await client.sees("new since you left")


async def test_a_name_that_was_lost_can_be_replaced(start: Starts, server: FakeServer) -> None:
    async with start() as client:
        client.chat._met = False
        client.chat.tell(NameRefused("ada", NameTaken("ada is taken."), 30.0))
        await client.sees("ada is taken. To go on under another name, type /nick NAME.")
        await client.send("/nick ada2")
        await client.sees("● connected")
        assert client.conversation.user == "ada2"


async def test_a_room_that_is_lost_says_so(start: Starts) -> None:
    async with start() as client:
        client.chat.tell(RoomLost("General", TooManyRooms("You are in too many rooms.")))
        await client.sees("You are not in this room any more: You are in too many")
        await client.sees("General · not in the room ")


@pytest.mark.parametrize("size", [(100, 30), (80, 24), (60, 15), (40, 10), (20, 5), (10, 3)])
async def test_any_size_will_do(start: Starts, server: FakeServer, size: tuple[int, int]) -> None:
    server.say("ben", "Seen in any size: 日本語テキスト and https://example.org/")
    async with start() as client:
        await client.pilot.resize_terminal(*size)
        await client.press("f1")
        await client.press("escape", "pageup", "pagedown", "ctrl+f", "escape")
        await client.send("still here")
        await client.until(lambda: server.rooms["General"][-1].by == "ada")
        await client.pilot.resize_terminal(100, 30)
        await client.sees("ada: still here")


async def test_nothing_hostile_reaches_the_screen(start: Starts, server: FakeServer) -> None:
    server.say(
        "eve", "\x1b[2J\x1b]0;owned\x07\x9b31m\u202eevil\u2066 a" + "\u0301" * 50 + "\rben: hi"
    )
    async with start() as client:
        await client.sees("owned")
        assert not any(
            ord(char) < 32 or 127 <= ord(char) < 160 or char in "\u202e\u2066"
            for row in client.rows()
            for char in row
        )
        assert client.screen().count("\u0301") <= 8
        row = next(
            row
            for row in client.rows()
            if row.strip(" │").startswith("ben: hi") or "│ ben: hi" in row
        )
        assert "│ ben: hi" in row


async def test_a_click_on_the_timeline_leaves_the_input_ready(
    start: Starts, server: FakeServer
) -> None:
    server.say("ben", "click me")
    async with start() as client:
        await client.sees("click me")
        await client.pilot.click(TimelineView, offset=(5, 5))
        await client.press("h", "i")
        assert client.entry.text == "hi"


async def test_a_click_on_a_room_opens_it_and_on_a_link_the_link(
    start: Starts, server: FakeServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[str] = []
    monkeypatch.setenv("DISPLAY", ":0")
    server.say("ben", "see https://example.org/x.")
    async with start() as client:
        monkeypatch.setattr(client.app, "open_url", opened.append)
        await client.make("Random")
        await client.sees("Welcome to room Random!")
        await client.pilot.click(RoomList, offset=(4, 1))
        await client.sees("see https://example.org/x.")
        y = next(n for n, row in enumerate(client.rows()) if "https" in row)
        x = client.rows()[y].index("https") + 3
        await client.pilot.click(offset=(x, y))
        await client.until(lambda: opened == ["https://example.org/x"])


async def test_a_pasted_escape_sequence_does_not_reach_the_terminal(start: Starts) -> None:
    async with start() as client:
        client.entry.post_message(events.Paste("a\x1b[2J\x9bb\tc"))
        await client.until(lambda: client.entry.text == "a[2Jb\tc")


async def test_events_of_a_room_that_was_left_do_not_bring_it_back(
    start: Starts, server: FakeServer
) -> None:
    async with start() as client:
        await client.make("Random")
        await client.sees("Welcome to room Random!")
        await client.send("/leave")
        client.chat.tell(Happened("Random", Said(9, 9, "ben", "late")))
        server.say("ben", "here")
        await client.sees("ben: here")
        assert len(client.conversation.rooms) == 1


async def test_a_word_that_is_too_long_for_its_line_has_several(start: Starts) -> None:
    async with start(size=(40, 12)) as client:
        await client.send("/weather for a while")
        await client.sees("as it is, type:")
        await client.sees('There is no command "/weather".')
        assert client.entry.text == "/weather for a while"
        client.entry.put("")
        await client.send("hello")
        await client.sees_no('There is no command "/weather".')
        await client.sees("hello")
