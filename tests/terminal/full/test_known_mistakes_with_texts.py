"""Mistakes with texts that change which other clients in terminals were known for, tried here.

Each names the reports it comes from; see also the file of this name in tests/hub.
"""

from __future__ import annotations

import pytest

from hubbub.domain.events import Edited, Said
from hubbub.terminal.full.model.typed import Typed
from tests.terminal.full.conftest import Starts
from tests.terminal.full.fake import FakeServer
from tests.terminal.full.test_changing import edit, reaction, taken_back


async def test_a_text_of_several_lines_is_changed_as_one(start: Starts, server: FakeServer) -> None:
    """keith/edit-weechat#11, poljar/weechat-matrix#44: each line became a message."""
    async with start() as client:
        await client.write("one")
        await client.press("alt+enter")
        await client.write("two")
        await client.press("enter")
        await client.sees("two")
        await client.press("up")
        assert client.entry.text == "one\ntwo"
        await client.press("ctrl+end", "!", "enter")
        await client.sees("(edited)")
        texts = [one.text for one in server.events("General") if isinstance(one, Said | Edited)]
        assert texts == ["one\ntwo", "one\ntwo!"]


async def test_a_change_goes_to_ones_own_message_whoever_spoke_last(
    start: Starts, server: FakeServer
) -> None:
    """deltachat/deltachat-desktop#5713; and of the room one is in, and no other one."""
    async with start() as client:
        await client.send("tee?")
        await client.sees("ada: tee?")
        await client.make("tea")
        await client.send("in tea")
        await client.sees("ada: in tea")
        server.say("ben", "what?", "tea")
        await client.press("up")
        assert client.entry.text == "in tea"
        await client.press("x", "alt+1")
        assert client.entry.text == ""
        await client.press("up")
        assert client.entry.text == "tee?"
        assert client.room.edits is not None
        server.change("ben", taken_back(client.room.edits.seq), "tea")
        await client.press("x", "enter")
        await client.sees("ada: tee?x (edited)")
        await client.press("alt+2")
        await client.sees("what?")


async def test_a_change_that_is_being_written_stays_whatever_comes_meanwhile(
    start: Starts, server: FakeServer
) -> None:
    """cinnyapp/cinny#2750: what was typed went back with each message of others."""
    async with start() as client:
        await client.send("message")
        await client.sees("ada: message")
        await client.press("up", *", edited", "left")
        said = server.say("ben", "something else")
        server.change("ben", reaction(said.seq - 1))
        await client.sees("ben: something else")
        assert client.entry.text == "message, edited"
        await client.press("X")
        assert client.entry.text == "message, editeXd"


async def test_what_a_moderator_took_back_does_not_come_back_from_what_was_typed(
    start: Starts, server: FakeServer
) -> None:
    """Ours: what the input brings back outlived the message."""
    async with start() as client:
        for text in ("first", "the word is xyzzy"):
            await client.send(text)
            await client.sees(f"ada: {text}")
        said = [one for one in server.events("General") if isinstance(one, Said)][-1]
        server.change("ben", taken_back(said.seq))
        await client.sees("(taken back by ben)")
        await client.send("/topic")
        for text in ("/topic", "first", "first"):
            await client.press("up")
            assert client.entry.text == text


async def test_a_mention_that_is_there_no_more_leads_nowhere(
    start: Starts, server: FakeServer
) -> None:
    """zulip/zulip#14544, GetStream/stream-chat-js#1045: it counted on."""
    async with start() as client:
        await client.make("tea")
        await client.sees("Welcome to room tea!")
        await client.press("alt+1")
        one, two, three = (server.say("ben", text, "tea") for text in ("@ada 1", "@ada 2", "3"))
        await client.sees("3 new, 2 mention you in another room")
        server.change("ben", edit(one.seq, "never mind"), "tea")
        server.change("ben", edit(three.seq, "@ada 3"), "tea")
        await client.sees("3 new, 1 mentions you in another room")
        server.change("ben", taken_back(two.seq), "tea")
        await client.sees("3 new in another room")
        server.change("eve", reaction(three.seq), "tea")  # SableClient/Sable#216: counts as nothing
        server.say("ben", "4", "tea")
        await client.sees("4 new in another room")


@pytest.mark.parametrize("looking", [False, True])
def test_what_was_taken_back_goes_from_what_was_typed_and_nothing_else_does(looking: bool) -> None:
    typed = Typed()
    for text in ("one", "/edit two", "two ", "three"):
        typed.sent(text)
    for seq, text in ((1, "one"), (2, "two"), (3, ""), (4, "three")):
        typed.said("General", seq, text)
    typed.said("General", 1, "two")  # a change of the first one
    typed.taken_back("tea", 4)
    typed.taken_back("General", 3)
    assert typed.last == "three"
    if looking:
        assert typed.older("a draft") == "three"
    typed.taken_back("General", 2)
    assert typed.older("a draft" if not looking else "three") == "three"
    assert typed.older("three") == "/edit two"
    assert typed.older("/edit two") == "one"
    assert typed.older("one") is None
