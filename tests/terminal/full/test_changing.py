"""Messages are changed, taken back, reacted to and pinned, with keys and by typing."""

from __future__ import annotations

import pytest

from hubbub.client import Change, Does, Said
from hubbub.client.me import Me
from hubbub.domain import commands as ask
from hubbub.domain.errors import NotAllowed
from hubbub.domain.events import Edited, Event, Quote, Reacted, Redacted
from hubbub.domain.files import File
from hubbub.domain.ids import user_id
from hubbub.domain.names import RoomName
from hubbub.domain.reactions import Reaction
from hubbub.domain.replies import Ack
from hubbub.domain.rules import Role
from hubbub.terminal.full.model.below import runs_below, who_reacts
from hubbub.terminal.full.model.commands import VOCABULARY, as_typed
from hubbub.terminal.full.model.lines import Look, event_rows
from hubbub.terminal.full.model.rows import Row
from hubbub.terminal.full.model.timeline import Timeline
from hubbub.terminal.full.model.window import Window
from hubbub.terminal.full.screens.confirm import Confirm
from hubbub.terminal.full.screens.messages import MessageList, VersionsScreen
from hubbub.terminal.full.screens.reacting import Reacting
from tests.terminal.full.conftest import Starts
from tests.terminal.full.fake import FakeCache, FakeServer

GENERAL = RoomName.parse("General")


def edit(target: int, text: str) -> Change:
    return Change(does=Does.EDIT, target=target, text=text)


def reaction(target: int, emoji: str = "👍", *, on: bool = True) -> Change:
    return Change(does=Does.REACT, target=target, emoji=emoji, on=on)


def taken_back(target: int) -> Change:
    return Change(does=Does.REDACT, target=target)


def pinned(target: int, *, on: bool = True) -> Change:
    return Change(does=Does.PIN, target=target, on=on)


# What is shown


async def test_what_becomes_of_messages_is_shown_in_their_places(
    start: Starts, server: FakeServer
) -> None:
    first = server.say("ben", "tee?")
    server.say("eve", "What?", reply_to=first.seq)
    async with start() as client:
        await client.sees("ben: tee?")
        server.change("ben", edit(first.seq, "tea?"))
        await client.sees("ben: tea? (edited)")
        await client.sees("╭ ben: tea?")
        for by in ("ada", "eve"):
            server.change(by, reaction(first.seq))
        server.change("eve", reaction(first.seq, "🍵"))
        server.change("eve", pinned(first.seq))
        await client.sees("╰ [👍 2]  🍵 1 · 1 reply · pinned")
        server.change("ada", reaction(first.seq, on=False))
        await client.sees("╰ 👍 1  🍵 1 · 1 reply · pinned")
        server.change("ben", taken_back(first.seq))
        await client.sees("ben: (taken back by ben)")
        await client.sees_no("tea?")
        await client.sees("╭ ben: (This message was taken away.)")
        await client.sees_no("🍵")


def test_who_reacts_fits_into_one_row() -> None:
    people = [f"guest{number}" for number in range(30)]
    ids = [user_id(number) for number in range(30)]
    one = Reaction("👍", people, ids)
    many = [one, *(Reaction(emoji, ["ben"], [user_id(1)]) for emoji in "🍵🍰🎉👀🙏")]
    runs = runs_below(many, Me("guest2", user_id(2)), ["2 replies"], 32)
    assert "".join(run.text for run in runs) == "[👍 30]  🍵 1  +4 · 2 replies"
    assert runs_below([], Me("ada"), [], 30) == []
    assert who_reacts([one]) == [f"👍 {', '.join(people[:10])} and 20 others"]


def test_a_message_shows_its_files_and_nothing_in_place_of_its_text() -> None:
    files = (File("f1", "cake.png", 1_400_000, "image/png", "A cake"), File("f2", "a.txt", 5, "x"))
    said = Said(1, 1_690_729_200_000, "ada", "", files=files)
    rows = [row.plain for row in event_rows(said, Look(compact=True))]
    assert [row[6:] if row[0].isdigit() else row for row in rows] == [
        "ada: 📎 cake.png (1.3 MiB): A cake",
        "│ 📎 a.txt (5 B)",
    ]


def test_a_window_has_messages_as_they_are_now() -> None:
    """Each amendment counts once, whatever was loaded when it came."""
    ada, ben = user_id(1), user_id(2)
    window = Window(30)
    events: list[Event] = [
        Said(1, 1, "ada", "hi", by_id=ada),
        Said(2, 2, "ben", "ho", 1, Quote("ada", "hi", ada), by_id=ben),
    ]
    window.add(events)
    assert window.replies(1) == 1
    live: list[Event] = [
        Edited(3, 3, "ada", 1, "hello", by_id=ada),
        Said(4, 4, "ben", "ha", 1, Quote("ada", "hello", ada), by_id=ben),
        Reacted(5, 5, "ben", 4, emoji="👍", by_id=ben),
    ]
    window.add(live)
    assert window.amend(live) == {1, 2, 4}
    assert window.amend(live) == {1}  # it has a reply; all else is there already
    assert [getattr(event, "text", "") for event in window.events] == ["hello", "ho", "ha"]
    assert window.events[1].quote == Quote("ada", "hello", ada)  # type: ignore[attr-defined]
    window.amend([Redacted(6, 6, "ben", 2, by_id=ben)])
    assert window.replies(1) == 1


def test_a_storm_of_reactions_lays_one_line_out_once(monkeypatch: pytest.MonkeyPatch) -> None:
    timeline = Timeline()
    timeline.resize(60, 20)
    timeline.add([Said(1, 1, "ada", "hi"), Said(2, 2, "ben", "ho")])
    laid: list[int] = []
    replace = timeline.blocks.replace

    def counted(number: int, block: list[Row], top: int) -> None:
        laid.append(number)
        replace(number, block, top)

    monkeypatch.setattr(timeline.blocks, "replace", counted)
    timeline.add([Reacted(seq, seq, f"guest{seq}", 1, emoji="👍") for seq in range(3, 203)])
    assert laid == [0]
    assert any("👍 200" in row.plain for row in timeline.blocks.rows)


@pytest.mark.parametrize("text", ["hi", "/help", "//x", "exit", "/usr/bin", "/say hi", "// TODO"])
def test_what_is_put_into_the_input_to_be_changed_says_the_same(text: str) -> None:
    asked = VOCABULARY.read(as_typed(text))
    assert getattr(asked, "text", None) == text


# Keys


async def test_the_arrow_up_changes_what_one_said_last(start: Starts, server: FakeServer) -> None:
    async with start() as client:
        await client.send("tee?")
        await client.sees("ada: tee?")
        server.say("ben", "what?")
        await client.sees("ben: what?")
        await client.press("up")
        await client.sees("Change your message: tee?")
        assert client.entry.text == "tee?"
        await client.press("escape")
        await client.sees_no("Change your message")
        assert client.entry.text == ""
        await client.press("up", *["backspace"] * 3, "a", "?", "enter")
        await client.sees("ada: ta? (edited)")
        await client.sees_no("Change your message")
        assert client.entry.text == ""
        assert isinstance(server.events("General")[-1], Edited)


async def test_the_arrow_up_brings_a_command_back_that_was_typed_last(start: Starts) -> None:
    async with start() as client:
        await client.send("hi")
        await client.send("/topic")
        await client.sees("has no topic")
        await client.press("up")
        assert client.entry.text == "/topic"
        await client.sees_no("Change your message")


async def test_what_was_written_before_comes_back_behind_a_change(
    start: Starts, server: FakeServer
) -> None:
    async with start() as client:
        await client.send("tee?")
        await client.sees("ada: tee?")
        await client.write("half a thou")
        await client.press("alt+r", "ctrl+e")
        await client.sees("Change your message: tee?")
        await client.press("end", "!", "enter")
        await client.sees("ada: tee?! (edited)")
        assert client.entry.text == "half a thou"
        await client.press("alt+r", "ctrl+e", "x", "escape")
        assert client.entry.text == "half a thou"
        assert client.conversation.drafts == {"General": "half a thou"}
        await client.press("alt+r", "ctrl+e")
        assert client.conversation.drafts == {"General": "half a thou"}
        server.change("ben", taken_back(2))
        await client.sees("The message that you were changing was taken back.")
        assert client.entry.text == "half a thou"


async def test_a_message_is_taken_back_when_the_person_says_so(
    start: Starts, server: FakeServer
) -> None:
    async with start() as client:
        await client.send("oops")
        await client.sees("ada: oops")
        await client.press("alt+r", "delete")
        await client.until(lambda: isinstance(client.app.screen, Confirm))
        await client.sees("Take this message back?")
        await client.press("escape")
        await client.sees("ada: oops")
        await client.press("alt+r", "delete")
        await client.until(lambda: isinstance(client.app.screen, Confirm))
        await client.press("enter")
        await client.sees("ada: (taken back by ada)")
        await client.press("alt+r", "ctrl+e")
        await client.sees("This message was taken back.")


async def test_a_reaction_is_chosen_by_name_and_the_last_ones_come_first(
    start: Starts, server: FakeServer
) -> None:
    server.say("ben", "cake?")
    async with start() as client:
        await client.sees("ben: cake?")
        await client.press("alt+r", "ctrl+r")
        await client.until(lambda: isinstance(client.app.screen, Reacting))
        await client.press(*"party")
        await client.sees("party")
        await client.press("enter")
        await client.sees("╰ [")
        chosen = server.events("General")[-1]
        assert isinstance(chosen, Reacted)
        await client.press("alt+r", "ctrl+r")
        await client.until(lambda: isinstance(client.app.screen, Reacting))
        await client.sees("yours: Enter takes it back")
        await client.press("enter")
        await client.sees_no("╰ [")
        assert client.app.preferences.emoji == [chosen.emoji]


async def test_only_what_one_may_do_is_offered(start: Starts, server: FakeServer) -> None:
    server.say("ben", "mine")
    async with start(size=(120, 30)) as client:
        await client.sees("ben: mine")
        await client.press("alt+r")
        await client.sees("Ctrl+R reacts")
        assert "Ctrl+E" not in client.screen()
        assert "Del" not in client.screen()
        await client.press("ctrl+e")
        await client.sees("Only its author may change a message.")
        await client.press("alt+r", "ctrl+p")
        await client.sees("may pin a message")
        await client.press("alt+r", "delete")
        await client.sees("may take back what others have said")
        await client.press("alt+r", "f7")
        await client.sees("React to it…")
        await client.sees("Mention ben")
        assert "Pin it" not in client.screen()
        await client.press("escape")
        server.stands("General", role=Role.MODERATOR, owned=True)
        await client.press("alt+r", "f7")
        await client.sees("Pin it to the room")
        await client.sees("Take it back…")
        await client.press("escape")
        server.stands("General", muted=True, role=Role.MEMBER)
        await client.press("alt+r", "ctrl+r")
        await client.sees("You are muted")


async def test_moderators_pin_and_all_find_the_pins(start: Starts, server: FakeServer) -> None:
    said = server.say("ben", "the rules: be kind")
    for number in range(40):
        server.say("eve", f"line {number}")
    server.stands("General", role=Role.MODERATOR, owned=True)
    async with start() as client:
        await client.send("/pins")
        await client.sees("Nothing is pinned in this room.")
        await client.send("/pin ben")
        await client.until(lambda: client.room.standing.pins == (said.seq,))
        await client.send("/pins")
        await client.until(lambda: isinstance(client.app.screen, MessageList))
        await client.sees("ben: the rules: be kind")
        await client.press("enter")
        await client.sees("╰ pinned")
        await client.send("/unpin ben")
        await client.until(lambda: client.room.standing.pins == ())
        await client.press("alt+r", "ctrl+p")
        await client.until(lambda: len(client.room.standing.pins) == 1)


async def test_the_conversation_and_the_former_versions_of_a_message_are_shown(
    start: Starts, server: FakeServer
) -> None:
    async with start() as client:
        await client.send("tee?")
        await client.sees("ada: tee?")
        seq = server.events("General")[-1].seq
        server.say("ben", "what is that?", reply_to=seq)
        server.say("eve", "hello")
        await client.sees("╰ 1 reply")
        await client.press("alt+r", "right")
        await client.sees("It answers nothing, and nobody has answered it.")
        await client.press("alt+r", "up", "up", "right")
        await client.until(lambda: isinstance(client.app.screen, MessageList))
        await client.sees("ben: what is that?")
        await client.press("escape")
        await client.press("alt+r", "up", "up", "ctrl+v")
        await client.sees("There are no former versions of it that you may see.")
        server.change("ada", edit(seq, "tea?"))
        await client.sees("tea? (edited)")
        await client.press("alt+r", "up", "up", "ctrl+v")
        await client.until(lambda: isinstance(client.app.screen, VersionsScreen))
        await client.sees("tee?")


# What is typed


async def test_what_is_typed_is_done_to_the_newest_message(
    start: Starts, server: FakeServer
) -> None:
    async with start() as client:
        await client.send("one")
        await client.sees("ada: one")
        server.say("ben", "two")
        await client.sees("ben: two")
        await client.send("/edit uno")
        await client.sees("ada: uno (edited)")
        await client.send("/react :+1:")
        await client.sees("╰ [👍 1]")
        await client.send("/react ada 🎉")
        await client.sees("╰ [🎉 1]")
        await client.send("/unreact :+1:")
        await client.sees_no("👍")
        await client.send("/undo")
        await client.sees("ada: (taken back by ada)")
        await client.send("/react hm")
        await client.sees("no emoji")
        # What is not loaded is for the server to know.
        server.answers[ask.Redact] = Ack(room="General", seq=1, at=0)
        await client.send("/undo")
        await client.until(lambda: server.done)
        assert server.done == [ask.Redact(room=GENERAL)]
        server.refusals[ask.Redact] = NotAllowed("You have said nothing here.")
        await client.send("/undo")
        await client.sees("You have said nothing here.")


# Without a connection


async def test_a_change_made_offline_shows_at_once_and_is_sent_once_there_is_a_connection(
    start: Starts, server: FakeServer
) -> None:
    async with start() as client:
        await client.send("tee?")
        await client.sees("ada: tee?")
        server.say("ben", "cake")
        await client.sees("ben: cake")
        server.vanish()
        await client.press("up", *["backspace"] * 4, *"tea?", "enter")
        await client.sees("ada: tea? (edited)")
        await client.sees("╰ waiting")
        await client.send("/react ben 🎉")
        await client.sees("╰ [🎉 1] · waiting")
        server.come_back()
        await client.sees_no("waiting")
        await client.sees("ada: tea? (edited)")
        kinds = [type(event) for event in server.events("General")]
        assert (kinds.count(Edited), kinds.count(Reacted)) == (1, 1)


async def test_a_change_whose_message_is_gone_is_refused_in_words_with_what_was_written(
    start: Starts, server: FakeServer
) -> None:
    cache = FakeCache()
    async with start(cache=cache) as client:
        await client.send("tee?")
        await client.sees("ada: tee?")
        seq = server.events("General")[-1].seq
        server.vanish()
        await client.press("up", "!", "enter")
        await client.sees("waiting")
        await client.press("ctrl+q")
    server.events("General").append(Redacted(seq + 1, 9, "ben", seq, author="ada"))
    server.reachable.set()
    async with start(cache=cache, size=(140, 30)) as client:
        await client.sees("Your change of a message was not saved: That message was taken back.")
        await client.sees("What you wrote: tee?!")
        await client.sees("(taken back by ben)")
        assert not client.conversation.unsent
