"""What is unread stays so until it was seen, is told wherever one looks, and keys lead there."""

from __future__ import annotations

import pytest
from textual import events

from hubbub.client import Entered, ReadElsewhere
from hubbub.client.me import Me
from hubbub.client.segment import Segment
from hubbub.domain.events import Joined, Said
from hubbub.domain.ids import user_id
from hubbub.terminal.full.model.ignored import Ignored
from hubbub.terminal.full.model.lines import Look
from hubbub.terminal.full.model.news import elsewhere, here
from hubbub.terminal.full.model.room import Room
from hubbub.terminal.full.model.rooms import News, Rooms
from hubbub.terminal.full.model.unread import Unread
from hubbub.terminal.full.model.window import Window
from hubbub.terminal.full.widgets.sidebars import RoomList
from tests.terminal.full.conftest import Client, Starts
from tests.terminal.full.fake import FakeServer


async def away_from_tea(client: Client, server: FakeServer) -> None:
    """94 lines are said in tea, two of which speak of ada, who looks at General."""
    await client.make("tea")
    await client.sees("Welcome to room tea!")
    await client.press("alt+1")
    for number in range(1, 95):
        named = "@ada: " if number in (40, 80) else ""
        server.say("ben", f"{named}cup {number}.", "tea")
    await client.sees("94 new, 2 mention you in another room · Alt+A: next")


async def test_entering_a_room_tells_what_is_new_and_only_what_is_seen_is_forgotten(
    start: Starts, server: FakeServer
) -> None:
    async with start() as client:
        await away_from_tea(client, server)
        await client.press("alt+a")
        await client.sees("new, 1 mentions you · Alt+U: first new · Alt+M: next mention")
        await client.sees("ben: cup 94.")
        left = client.room.unread.texts
        assert 60 < left < 80, "those on the screen are not new any more, those above them are"
        await client.press("alt+1", "alt+2")
        await client.sees(f"{left} new, 1 mentions you · Alt+U")
        assert client.chat.marks.get("tea", 0) <= 1


async def test_reading_on_from_the_first_new_line_reads_what_was_in_view(
    start: Starts, server: FakeServer
) -> None:
    async with start() as client:
        await away_from_tea(client, server)
        await client.press("alt+2", "alt+u")
        await client.sees("new since you left")
        await client.sees("ben: cup 1.")
        await client.until(lambda: 30 < client.room.unread.texts < 50)  # both ends were seen
        await client.press("pagedown")
        await client.until(lambda: client.room.unread.mentions == 0)
        assert 2 < client.chat.marks["tea"] < 90
        for _ in range(4):
            await client.press("pagedown")
        await client.until(lambda: not client.room.unread.texts)
        await client.until(lambda: client.chat.marks["tea"] == len(server.events("tea")))
        await client.sees_no("mention you")


async def test_a_key_goes_from_mention_to_mention_and_reads_nothing_that_is_jumped_over(
    start: Starts, server: FakeServer
) -> None:
    async with start() as client:
        await away_from_tea(client, server)
        await client.make("cake")
        await client.sees("Welcome to room cake!")
        await client.press("alt+m")
        await client.sees("ben: @ada: cup 40.")
        await client.press("alt+m")
        await client.sees("ben: @ada: cup 80.")
        await client.sees("new · Alt+U")  # what was jumped to is seen
        assert 30 < client.room.unread.texts < 60
        await client.press("alt+m")
        await client.sees("There is no mention of you that you have not seen.")


async def test_the_person_may_say_that_all_is_read(start: Starts, server: FakeServer) -> None:
    async with start() as client:
        await away_from_tea(client, server)
        await client.press("alt+2")
        await client.sees("you · Alt+U")
        await client.press("escape")
        await client.sees("All here is read.")
        assert client.chat.marks["tea"] == len(server.events("tea"))
        await client.press("alt+1")
        server.say("ben", "one more", "tea")
        await client.sees("1 new in another room")
        await client.send("/read all")
        await client.sees("All in all rooms is read.")
        await client.until(lambda: client.conversation.rooms.elsewhere() == News(0, 0, 0))


async def test_what_comes_while_one_reads_older_lines_is_read_when_it_comes_into_view(
    start: Starts, server: FakeServer
) -> None:
    for number in range(100):
        server.say("ben", f"line {number}.")
    async with start() as client:
        await client.sees("line 99.")
        await client.press("pageup")
        server.say("ben", "while away")
        await client.sees("↓ 1 new: Esc goes to the newest")
        marks = dict(client.chat.marks)
        assert marks["General"] < len(server.events("General"))
        await client.press("escape")
        await client.sees("while away")
        await client.until(lambda: client.chat.marks["General"] == len(server.events("General")))


async def test_what_comes_while_the_window_is_not_looked_at_is_told_when_it_is_again(
    start: Starts, server: FakeServer
) -> None:
    async with start() as client:
        client.app.post_message(events.AppBlur())
        await client.until(lambda: not client.conversation.attention.looking)
        for number in range(100):
            server.say("ben", f"line {number}.")
        await client.sees("line 99.")
        client.app.post_message(events.AppFocus())
        await client.until(lambda: client.conversation.attention.looking)
        await client.sees("new · Alt+U: first new")
        await client.until(lambda: 60 < client.room.unread.texts < 100)
        await client.press("alt+u")
        await client.sees("new since you left")
        await client.sees("line 0.")


async def test_what_the_server_says_was_read_is_believed_at_the_start(
    start: Starts, server: FakeServer
) -> None:
    async with start() as client:
        for number in range(60):
            server.say("ben", f"line {number}.")
        await client.sees("line 59.")
        client.chat.tell(Entered("General", ("ada",), 61, 61, True, 11, 50, 3))
        await client.pilot.pause()
        assert client.room.unread.texts == 0  # this run has seen them: it knows better
        assert client.chat.marks["General"] == 61
    room = Room("General")
    room.unread.guess(61)
    assert room.unread.count(61, 11, 50, 3, 61)
    assert (room.unread.read, room.unread.texts, room.unread.mentions) == (11, 50, 3)


@pytest.mark.parametrize("cells", [40, 50])
async def test_where_there_is_no_list_of_rooms_the_title_tells_what_is_unread(
    start: Starts, server: FakeServer, cells: int
) -> None:
    async with start(size=(cells, 12)) as client:
        await client.make("tea")
        await client.press("alt+1")
        server.say("ben", "@ada hello", "tea")
        await client.until(lambda: "1 new @" in client.rows()[0])
        await client.sees("Alt+A")
        await client.press("alt+a")
        await client.sees("@ada hello")
        await client.until(lambda: "new" not in client.rows()[0])


async def test_rooms_out_of_view_are_told_of_at_the_edges_and_the_list_stays_where_it_was(
    start: Starts, server: FakeServer
) -> None:
    async with start(size=(80, 20)) as client:
        for number in range(2, 41):
            await client.conversation.join(f"room-{number:02}")
        await client.press("alt+1")
        await client.until(lambda: " 1 General" in client.rows()[2])
        server.say("ben", "@ada hello", "room-30")
        await client.sees("↓ 1 new @")
        listed = client.app.screen.query_one(RoomList)
        listed.scroll_lines(100)
        server.say("ben", "hello", "General")
        server.say("ben", "hello", "room-02")
        await client.sees("↑ 1 new")
        await client.sees("40 room-40")
        await client.press("alt+a")
        assert client.room.name == "room-30"
        await client.until(lambda: "30 room-30" in client.screen())


async def test_a_mention_in_the_room_on_the_screen_rings_when_nobody_is_there(
    start: Starts, server: FakeServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with start() as client:
        told: list[str] = []
        monkeypatch.setattr(client.app, "mentioned", lambda *what: told.append(what[2]))
        now = client.conversation.clock()
        monkeypatch.setattr(client.conversation, "clock", lambda: now)
        server.say("ben", "@ada one")
        await client.sees("@ada one")
        now += 61.0  # without a key, on a terminal that says nothing of its focus
        server.say("ben", "@ada two")
        await client.sees("@ada two")
        assert told == ["@ada two"]
        await client.press("x")
        server.say("ben", "@ada three")
        await client.sees("@ada three")
        now += 61.0
        client.app.post_message(events.AppFocus())  # this one does: it is looked at
        await client.until(lambda: client.conversation.attention.focus_reported)
        server.say("ben", "@ada four")
        await client.sees("@ada four")
        assert told == ["@ada two"]


def said(seq: int, by: str = "ben", text: str = "hi") -> Said:
    return Said(seq, seq, by, text)


def test_only_what_follows_what_was_read_is_read_by_looking() -> None:
    window = Window()
    window.add([said(seq, text="@ada" if seq == 8 else "hi") for seq in range(1, 11)])
    unread = Unread()
    assert unread.count(10, 4, 6, 1, 10)
    look = Look(me=Me("ada"))
    assert not unread.see(window, 7, 9, look)
    assert unread.see(window, 3, 6, look)
    assert (unread.read, unread.texts, unread.mentions) == (9, 1, 0)
    assert unread.see(window, 10, 10, look)
    assert (unread.read, unread.texts) == (10, 0)


def test_what_was_on_the_screen_counts_no_more_whatever_is_unread_before_it() -> None:
    window = Window()
    window.add([said(seq, text="@ada" if seq in (6, 8, 9) else "hi") for seq in range(1, 11)])
    unread, look = Unread(), Look(me=Me("ada"))
    unread.count(10, 2, 8, 3, 10)
    for _ in range(2):
        assert not unread.see(window, 7, 8, look)
        assert (unread.read, unread.texts, unread.mentions) == (2, 6, 2)
    unread.elsewhere(4, 6, 3)  # the server knows of the marker only
    assert (unread.read, unread.texts, unread.mentions) == (4, 4, 2)
    assert unread.see(window, 4, 6, look)
    assert (unread.read, unread.texts, unread.mentions) == (8, 2, 1)
    assert unread.see(window, 10, 10, look) is False
    assert unread.see(window, 9, 9, look)
    assert (unread.read, unread.texts, unread.mentions) == (10, 0, 0)


def test_who_comes_and_goes_between_and_who_is_ignored_hides_nothing() -> None:
    window = Window()
    window.add(
        [said(1), *(Joined(seq, seq, "eve") for seq in range(2, 6)), said(6, "eve"), said(7)]
    )
    unread = Unread()
    unread.count(7, 1, 2, 0, 7)
    look = Look(me=Me("ada"), ignored=Ignored(frozenset({"eve"})))
    assert unread.see(window, 7, 7, look)
    assert unread.texts == 0


def test_more_than_the_server_counts_are_not_counted_down_from_there() -> None:
    window = Window(5000)
    window.add([said(seq) for seq in range(1, 1301)])
    unread = Unread()
    unread.count(1300, 0, 1000, 0, 1300)
    unread.see(window, 1, 50, Look(me=Me("ada")))
    assert (unread.read, unread.texts) == (50, 1000)
    assert here(unread, 80).startswith("999+ new · Alt+U: first new")


def test_words_fit_where_they_are_said() -> None:
    unread = Unread()
    unread.texts, unread.mentions = 94, 2
    for cells in range(10, 120):
        assert len(here(unread, cells)) <= max(cells, 11)
        assert len(elsewhere(News(94, 3, 2), cells)) <= max(cells, 12)
    assert here(unread, 78).endswith("Esc: all read")
    assert elsewhere(News(0, 0, 0), 78) == ""


def test_the_next_room_is_one_where_we_are_spoken_of_then_the_next_in_the_list() -> None:
    rooms = Rooms()
    for name in ("a", "b", "c", "d"):
        rooms.add(name)
    one, two, three, four = rooms
    rooms.open(two)
    one.unread.add(named=False)
    four.unread.add(named=False)
    assert rooms.next_unread() is four
    one.unread.add(named=True)
    assert rooms.next_unread() is one
    assert rooms.next_unread(mentions=True) is one
    assert rooms.elsewhere() == News(3, 2, 1)
    assert rooms.by_interest() == [one, four, three, two]


def test_what_is_ones_own_goes_by_the_id_and_not_by_the_name() -> None:
    me = Me("ada", user_id(1))
    room = Room("tea")
    room.take([Said(1, 0, "ada", "hi", by_id=user_id(2))], me, known=0, looking=False)
    assert room.unread.texts == 1, "by somebody who had the name before"
    room.take([Said(2, 0, "eve", "hi", by_id=user_id(1))], me, known=0, looking=False)
    assert room.unread.texts == 1, "by oneself, under another name"


def test_whom_one_ignores_is_not_counted_in_a_room_that_was_never_on_the_screen() -> None:
    room = Rooms(lambda: Ignored(frozenset({"eve"}))).add("tea")
    kept = [said(1), said(2, "eve", "@ada"), said(3, "ben", "@ada")]
    room.show_kept(Segment(1, 3, kept), Me("ada"), 0)
    room.take([said(4, "Eve", "@ada"), said(5)], Me("ada"), known=3, looking=False)
    assert (room.unread.texts, room.unread.mentions) == (3, 1)


async def test_the_server_counts_whom_one_ignores_and_the_client_counts_again(
    start: Starts, server: FakeServer
) -> None:
    async with start() as client:
        await client.make("tea")
        await client.press("alt+1")
        for number in range(300):
            server.say("eve" if number % 3 else "ben", f"@ada: {number}.", "tea")
        tea = client.conversation.rooms.get("tea")
        assert tea is not None
        await client.until(lambda: tea.unread.texts == 300)
        await client.send("/ignore eve")
        await client.until(lambda: (tea.unread.texts, tea.unread.mentions) == (100, 100))
        await client.sees("100 new, 100 mention you")
        head = len(server.events("tea"))
        client.chat.tell(ReadElsewhere("tea", head - 30, 30, 30))  # the page has read some
        await client.until(lambda: (tea.unread.texts, tea.unread.mentions) == (10, 10))
        client.chat.tell(Entered("tea", ("ada",), head, head, True, head - 30, 30, 30))
        server.say("ben", "and now", "tea")
        await client.until(lambda: (tea.unread.texts, tea.unread.mentions) == (11, 10))
        await client.send("/unignore eve")
        await client.until(lambda: (tea.unread.texts, tea.unread.mentions) == (31, 30))


async def test_where_only_whom_one_ignores_has_spoken_nothing_is_new(
    start: Starts, server: FakeServer
) -> None:
    async with start() as client:
        await client.make("tea")
        await client.press("alt+1")
        await client.send("/ignore eve")
        server.say("eve", "@ada hello", "tea")
        client.chat.tell(Entered("tea", ("ada",), len(server.events("tea")), 1, True, 1, 1, 1))
        tea = client.conversation.rooms.get("tea")
        assert tea is not None
        await client.until(lambda: tea.unread.counted == 2 and tea.unread.texts == 0)
        await client.press("alt+2")
        await client.sees("Welcome to room tea!")
        assert tea.timeline.marker is None


def test_what_is_counted_again_is_what_was_not_seen() -> None:
    unread = Unread()
    assert unread.count(5, 0, 4, 2, 5)
    unread.see_text(2, named=True)
    texts = [said(1, "eve"), said(2, "ben", "@ada"), said(3), Joined(4, 0, "cy"), said(5, "ada")]
    unread.recount(texts, Look(me=Me("ada"), ignored=Ignored(frozenset({"eve"}))))
    assert (unread.texts, unread.mentions) == (1, 0)


def test_what_was_moved_in_from_elsewhere_is_no_news() -> None:
    room = Room("tea")
    moved = [Said(seq, 0, "ben", "@ada", moved=True) for seq in range(1, 5)]
    assert room.take(moved, Me("ada"), known=0, looking=False) is None
    assert (room.unread.texts, room.unread.mentions) == (0, 0)
    assert room.take([Said(5, 0, "ben", "@ada")], Me("ada"), known=0, looking=False) is not None
    kept = Room("cake")
    kept.show_kept(Segment(1, 4, moved), Me("ada"), 0)
    assert kept.unread.texts == 0
