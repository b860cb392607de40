"""What waits for who moderates: reports, held texts, knocks; and rules for newcomers."""

from __future__ import annotations

import pytest

from hubbub.client.updates import StandingChanged
from hubbub.domain import commands as ask
from hubbub.domain.directory import DIRECTORY
from hubbub.domain.errors import Filtered, Held
from hubbub.domain.names import RoomName, UserName
from hubbub.domain.replies import QueueList, Standing
from hubbub.domain.rules import HistoryFor, Newcomers, Queued, QueueItem, Role
from hubbub.terminal.full.screens.queue import QueueScreen
from hubbub.terminal.full.screens.room import RoomScreen
from tests.terminal.full.conftest import Client, Starts
from tests.terminal.full.fake import START, FakeServer
from tests.terminal.full.test_accounts import type_in
from tests.terminal.full.test_people import owned_by_ada, pick

GENERAL = RoomName.parse("General")
BEN, EVE = UserName.parse("ben"), UserName.parse("eve")
KNOCK = QueueItem(seq=4, kind=Queued.KNOCK, at=START, by="ben", text="I am from the club")
HELD = QueueItem(seq=5, kind=Queued.HELD, at=START, by="eve", text="hello all")


def reported(about: int) -> QueueItem:
    return QueueItem(
        seq=6,
        kind=Queued.REPORT,
        at=START,
        by="ben",
        text="buy now",
        about=about,
        user="eve",
        reason="spam",
    )


def waits(server: FakeServer, *items: QueueItem) -> None:
    server.answers[ask.Queue] = QueueList(room="General", items=items)
    server.stands("General", waiting=len(items))


async def on_queue(client: Client) -> None:
    await client.until(lambda: isinstance(client.app.screen, QueueScreen))


# The queue


async def test_how_much_waits_is_shown_and_decided_by_keys(
    start: Starts, server: FakeServer
) -> None:
    owned_by_ada(server)
    async with start(size=(80, 24)) as client:
        waits(server, KNOCK, HELD)
        await client.sees("General · 1 online · !2 in the queue")
        await client.until(
            lambda: any(row.split()[:3] == ["1", "General", "!2"] for row in client.rows())
        )
        await client.press("f8")
        await client.sees("ben wants to come in")
        await client.sees("I am from the club")
        await client.sees("eve, a newcomer, wants to say")
        server.done.clear()
        waits(server, HELD)
        await client.press("A")  # as the panel writes it
        await client.until(lambda: ask.Settle(room=GENERAL, item=4, approve=True) in server.done)
        await client.sees_no("I am from the club")
        await on_queue(client)
        waits(server)
        await client.press("r")
        await client.until(lambda: ask.Settle(room=GENERAL, item=5) in server.done)
        await client.sees("Nothing waits in General.")
        await client.sees_no("in the queue")


async def test_one_goes_from_a_report_to_the_message_and_mutes_who_said_it(
    start: Starts, server: FakeServer
) -> None:
    owned_by_ada(server)
    said = server.say("eve", "buy now: the whole text")
    for number in range(60):
        server.say("ben", f"line {number}")
    async with start() as client:
        waits(server, KNOCK, reported(said.seq))
        await client.press("f5")
        await pick(client, "what waits")
        await client.sees("ben has reported a message of eve: spam")
        await client.press("g")  # of the knock, which is about no message
        await client.sees("There is no message to go to.")
        await client.press("down", "m")
        await client.sees("Mute eve")
        await type_in(client, "2h")
        await client.press("enter")
        await client.until(lambda: ask.Mute(room=GENERAL, user=EVE, seconds=7200) in server.done)
        await on_queue(client)
        await client.press("enter")
        await client.sees("eve: buy now: the whole text")


async def test_the_typed_commands_decide_and_report(start: Starts, server: FakeServer) -> None:
    owned_by_ada(server)
    async with start() as client:
        for typed, command in (
            ("/approve 4", ask.Settle(room=GENERAL, item=4, approve=True)),
            ("/refuse #5", ask.Settle(room=GENERAL, item=5)),
            ("/report eve spam", ask.Report(room=GENERAL, user=EVE, reason="spam")),
            ("/past since", ask.SetRules(room=GENERAL, history=HistoryFor.SINCE)),
            ("/newcomers held", ask.SetRules(room=GENERAL, newcomers=Newcomers.HELD)),
            ("/filter spam*", ask.SetFilter(room=GENERAL, pattern="spam*")),
            ("/server unfilter spam*", ask.SetFilter(room=DIRECTORY, pattern="spam*", on=False)),
            ("/uninvite ben", ask.EndInvitation(room=GENERAL, user=BEN)),
        ):
            server.done.clear()
            await client.send(typed)
            await client.until(lambda: server.done)
            assert server.done == [command]


async def test_a_marked_message_is_reported_with_a_reason(
    start: Starts, server: FakeServer
) -> None:
    async with start() as client:
        said = server.say("eve", "buy now!")
        server.say("eve", "and again")
        await client.sees("and again")
        await client.press("alt+r", "up", "f7")
        await pick(client, "report this")
        await client.sees("What is bad about it?")
        await type_in(client, "spam")
        await client.sees("Who moderates this room is told.")
        assert server.done == [ask.Report(room=GENERAL, seq=said.seq, reason="spam")]


async def test_words_and_invitations_are_taken_back_from_the_list(
    start: Starts, server: FakeServer
) -> None:
    owned_by_ada(server)
    async with start() as client:
        await client.send("/filter")
        await client.sees("spam*: may not be said")
        await pick(client, "spam")
        await client.until(lambda: server.done)
        assert server.done == [ask.SetFilter(room=GENERAL, pattern="spam*", on=False)]
        server.done.clear()
        await client.send("/bans")
        await client.sees("ben: invited")
        await pick(client, "invited")
        await client.until(lambda: server.done)
        assert server.done == [ask.EndInvitation(room=GENERAL, user=BEN)]


async def test_the_settings_of_a_room_have_the_rules_for_newcomers(
    start: Starts, server: FakeServer
) -> None:
    owned_by_ada(server)
    async with start() as client:
        await client.press("f5")
        await pick(client, "settings")
        await client.sees("Settings of General")
        await pick(client, "hold newcomers")
        await client.until(lambda: server.done)
        assert server.done == [ask.SetRules(room=GENERAL, newcomers=Newcomers.HELD)]
        server.stands("General", newcomers=Newcomers.HELD, history=HistoryFor.SINCE, newcomer=True)
        await client.send("/rules")
        await client.sees("The first message of a newcomer waits")
        await client.sees("Who comes in reads only what is said since then.")
        await client.sees("You are a newcomer here.")


# Texts that wait, or may not be said


async def test_a_held_text_is_shown_as_such_and_never_sent_again(
    start: Starts, server: FakeServer
) -> None:
    async with start() as client:
        server.refusal = Held("A moderator looks at your first message before others see it.")
        await client.send("hello all")
        await client.sees("A moderator looks at your first message")
        await client.sees("held")
        assert "Ctrl+R" not in client.screen()
        await client.press("ctrl+r")
        await client.sees("There is nothing to send again.")
        server.refusal = None
        server.say("ada", "hello all")
        await client.sees_no("A moderator looks at")
        assert client.screen().count("hello all") == 1
        server.refusal = Held("A moderator looks at your first message before others see it.")
        await client.send("once more")
        await client.sees("A moderator looks at")
        await client.send("/discard")
        await client.sees_no("once more")


async def test_a_text_with_a_forbidden_word_comes_back_to_be_changed(
    start: Starts, server: FakeServer
) -> None:
    async with start() as client:
        said = server.say("ben", "what is it?")
        await client.sees("what is it?")
        server.refusal = Filtered("A word in this may not be said in General.")
        server.takes = False
        await client.press("alt+r", "enter")
        await client.send("it is spam")
        server.takes = True
        client.chat._send_all()
        await client.sees("A word in this may not be said in General.")
        assert client.entry.text == "it is spam"
        assert client.room.own == []
        server.refusal = None
        await client.press("backspace", "backspace", "backspace", "backspace")
        await client.send("tea")
        await client.sees("it is tea")
        sent = server.events("General")[-1]
        assert getattr(sent, "reply_to", None) == said.seq


async def test_what_was_written_meanwhile_is_kept_behind_it(
    start: Starts, server: FakeServer
) -> None:
    async with start() as client:
        server.takes = False
        await client.send("spam")
        await client.write("next")
        server.refusal = Filtered("A word in this may not be said in General.")
        server.takes = True
        client.chat._send_all()
        await client.sees("A word in this may not be said")
        assert client.entry.text == "spam\nnext"


# A server that sends anything


@pytest.mark.parametrize("size", [(40, 12), (80, 24)])
async def test_a_queue_of_anything_leaves_the_screen_whole(
    start: Starts, server: FakeServer, size: tuple[int, int]
) -> None:
    owned_by_ada(server)
    wild = "\x1b[2J\x07\u202e" + "x" * 50_000 + "\n" * 1000
    items = [
        QueueItem(
            seq=2**53 - 1,
            kind=kind,
            at=2**53 - 1,
            by="\x1b]0;b\x07" * 20,
            text=wild,
            about=2**53 - 1,
            user="\x9b31m",
            reason=wild,
        )
        for kind in Queued
    ] * 50
    async with start(size=size) as client:
        server.answers[ask.Queue] = QueueList(room="General", items=items)
        client.chat.tell(StandingChanged("General", Standing(role=Role.OWNER, waiting=2**53 - 1)))
        await client.until(lambda: client.room.standing.waiting)
        await client.press("f8")
        await on_queue(client)
        await client.sees("Esc closes" if size[0] > 60 else "A approves")
        shown = client.screen()
        assert not set(shown) & {"\x1b", "\x07", "\u202e", "\x9b"}
        assert all(len(row) <= size[0] for row in shown.splitlines())
        await client.press("m")
        await client.until(lambda: not isinstance(client.app.screen, QueueScreen))
        while not isinstance(client.app.screen, RoomScreen):
            await client.press("escape")
        await client.send("/rules")
        await client.sees("Everybody may speak.")
