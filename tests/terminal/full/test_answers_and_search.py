"""Answers with what they answer, the search over all rooms, and what is unread elsewhere."""

from __future__ import annotations

from hubbub.client import Entered, ReadElsewhere, Said
from hubbub.client.me import Me
from hubbub.terminal.full.model.room import Room
from hubbub.terminal.full.screens.results import Results
from hubbub.terminal.full.screens.room import RoomScreen
from tests.terminal.full.conftest import Starts
from tests.terminal.full.fake import FakeServer


async def test_an_answer_shows_what_it_answers(start: Starts, server: FakeServer) -> None:
    server.say("ben", "Tea or coffee?")
    async with start() as client:
        await client.sees("ben: Tea or coffee?")
        await client.send("/reply BEN Tea, please.")
        await client.sees("ada: Tea, please.")
        rows = [row.strip("│ ") for row in client.rows()]
        place = next(n for n, row in enumerate(rows) if "ada: Tea, please." in row)
        assert "╭ ben: Tea or coffee?" in rows[place - 1]
        (answer,) = [e for e in server.events("General") if isinstance(e, Said) and e.reply_to]
        assert answer.reply_to == 1
        await client.send("/reply eve Hello?")
        await client.sees("Nobody called eve has said anything here lately.")
        await client.send("/reply ben")
        await client.sees("Whom do you answer, and what do you say? Type: /reply NAME TEXT")


async def test_a_text_that_is_found_is_opened_in_its_place(
    start: Starts, server: FakeServer
) -> None:
    server.say("eve", "a needle", "attic")
    for number in range(500):
        server.say("eve", f"hay {number}.", "attic")
    async with start() as client:
        await client.send("/search needle")
        await client.until(lambda: isinstance(client.app.screen, Results))
        await client.sees("eve: a needle")
        await client.press("enter")
        await client.until(lambda: isinstance(client.app.screen, RoomScreen))
        await client.until(lambda: client.room.name == "attic")
        await client.sees("eve: a needle")


async def test_a_search_goes_on_and_ends(start: Starts, server: FakeServer) -> None:
    for number in range(30):
        server.say("ben", f"tea {number:02}")
    async with start() as client:
        for query, first, more in (("tea", "tea 29", True), ("more", "tea 09", False)):
            await client.send(f"/search {query}")
            await client.until(lambda: isinstance(client.app.screen, Results))
            await client.sees(first)
            assert ("more: /search more" in client.screen()) is more
            await client.press("escape")
            await client.until(lambda: isinstance(client.app.screen, RoomScreen))
        await client.send("/search more")
        await client.sees("There are no more results.")
        await client.send("/search coffee")
        await client.sees("Nothing was found.")


async def test_what_is_looked_at_is_told_to_the_server(start: Starts, server: FakeServer) -> None:
    async with start() as client:
        server.say("ben", "hello")
        await client.sees("ben: hello")
        await client.until(lambda: client.chat.marks.get("General") == 2)
        client.conversation.look(False)
        server.say("ben", "are you there?")
        await client.sees("are you there?")
        assert client.chat.marks["General"] == 2
        client.conversation.look(True)
        await client.until(lambda: client.chat.marks["General"] == 3)


async def test_a_room_that_one_does_not_look_at_has_the_servers_counts(
    start: Starts, server: FakeServer
) -> None:
    async with start() as client:
        tea = await client.conversation.join("tea")
        client.conversation.open(client.conversation.rooms.get("General") or tea)
        client.chat.tell(Entered("tea", ("ada",), 40, 40, True, 1, 12, 3))
        await client.until(lambda: (tea.unread.texts, tea.unread.mentions) == (12, 3))
        client.chat.tell(ReadElsewhere("tea", 30, 2, 1))
        await client.until(lambda: (tea.unread.texts, tea.unread.mentions) == (2, 1))


def test_what_the_server_has_counted_is_not_counted_again() -> None:
    room = Room("tea")
    room.unread.count(head=3, read=1, texts=2, named=0, shown=0)
    events = [Said(seq, 0, "ben", "hi") for seq in (2, 3, 4)]
    room.take(events, Me("ada"), known=0, looking=False)
    assert room.unread.texts == 3
    room.unread.elsewhere(2, 9, 9)
    assert (room.unread.read, room.unread.texts) == (2, 9)
    room.unread.elsewhere(1, 0, 0)
    assert room.unread.texts == 9


async def test_a_key_marks_what_to_answer(start: Starts, server: FakeServer) -> None:
    server.say("ben", "Tea or coffee?")
    server.join("eve")
    server.say("eve", "Or cake?")
    async with start() as client:
        await client.sees("eve: Or cake?")
        await client.press("alt+up")
        await client.sees("Reply to eve: Or cake?")
        await client.press("up")
        await client.sees("Reply to ben: Tea or coffee?")
        await client.press("up", "down", "down", "alt+r", "enter")
        await client.sees("Esc: no answer")
        await client.write("Tea, *please*.")
        await client.sees("Reply to ben: Tea or coffee?")
        await client.press("enter")
        await client.sees("ada: Tea, *please*.")
        await client.sees_no("Reply to")
        rows = [row.strip("│ ") for row in client.rows()]
        place = next(n for n, row in enumerate(rows) if "ada: Tea, *please*." in row)
        assert rows[place - 1].endswith("╭ ben: Tea or coffee?")
        answers = [e for e in server.events("General") if isinstance(e, Said) and e.reply_to]
        assert [answer.reply_to for answer in answers] == [1]


async def test_what_is_answered_stays_with_its_room_until_it_is_given_up(
    start: Starts, server: FakeServer
) -> None:
    server.say("ben", "Tea or coffee?")
    async with start() as client:
        await client.sees("Tea or coffee?")
        tea = await client.conversation.join("tea")
        await client.sees("tea ·")
        await client.press("alt+r")
        await client.sees("There is no message here yet.")
        await client.press("alt+1", "alt+r", "T")  # who goes on writing means what is marked
        await client.sees("> T")
        await client.sees("Reply to ben: Tea or coffee?")
        client.conversation.open(tea)
        await client.sees_no("Reply to")
        await client.press("alt+1")
        await client.sees("Reply to ben: Tea or coffee?")
        await client.press("escape")
        await client.sees_no("Reply to")
        await client.press("alt+r", "escape", "enter")
        await client.sees("ada: T")
        assert isinstance(said := server.events("General")[-1], Said)
        assert said.reply_to is None


async def test_what_is_marked_stays_in_view_while_others_talk(
    start: Starts, server: FakeServer
) -> None:
    for number in range(300):
        server.say("ben", f"line {number}.")
    async with start() as client:
        await client.sees("line 299.")
        await client.press("alt+up", *["pageup"] * 12)
        await client.sees("Reply to ben: line 179.")
        for number in range(300, 400):
            server.say("ben", f"line {number}.")
        await client.until(lambda: client.room.shown >= 400)
        assert "] ben: line 179." in client.screen()
        await client.press("enter")
        await client.sees("line 399.")
        await client.sees("Reply to ben: line 179.")
