"""An amended text is shown and quoted as it is now, from memory as from the log."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from hubbub.domain import commands as ask
from hubbub.domain.events import AnyEvent, Edited, Event, Said
from hubbub.domain.names import RoomName, UserName
from hubbub.domain.replies import Page
from hubbub.hub.access import ANYBODY
from hubbub.hub.ports import Draft
from tests.amending import edited
from tests.hub.chat import Chat, Person

GENERAL = RoomName.parse("General")


def amend(chat: Chat, target: int, text: str) -> None:
    chat.log.append(Draft(GENERAL, edited(target, text)))
    chat.commit()


def forget(chat: Chat) -> None:
    chat.hub.rooms["general"].forget()


def talk(chat: Chat) -> Person:
    """Ada says 2 and answers it with 3; both are amended by 4 to 6."""
    ada = chat.enter("ada", "General").say("one")
    chat.commit()
    ada.say("why?", reply_to=2)
    chat.commit()
    for target, text in ((2, "two"), (3, "how?"), (2, "three")):
        amend(chat, target, text)
    return ada


def shown(events: Sequence[Event]) -> list[tuple[int, str, int | None, str | None]]:
    """Number, text, last amendment and quote of the messages among ``events``."""
    return [
        (event.seq, event.text, event.rev, event.quote.text if event.quote else None)
        for event in events
        if isinstance(event, Said)
    ]


@pytest.mark.parametrize("forgotten", [False, True])
async def test_the_timeline_shows_texts_as_they_are_now(chat: Chat, forgotten: bool) -> None:
    talk(chat)
    if forgotten:
        forget(chat)
    page = await chat.hub.timeline(ANYBODY, GENERAL, limit=9)
    assert shown(page.events) == [(2, "three", 6, None), (3, "how?", 5, "three")]
    page = await chat.hub.timeline(ANYBODY, GENERAL, before=3, limit=1)
    assert shown(page.events) == [(2, "three", 6, None)]


@pytest.mark.parametrize("forgotten", [False, True])
async def test_the_log_tells_what_is_said_now_and_nothing_of_what_was_said_before(
    chat: Chat, forgotten: bool
) -> None:
    ada = talk(chat)
    if forgotten:
        forget(chat)
    ada.send(ask.History(room=GENERAL, limit=9))
    await chat.quiet()
    assert [event.seq for event in ada.last(Page).events] == [*range(1, 7)]
    assert shown(ada.last(Page).events) == [(2, "three", 6, None), (3, "how?", 5, "three")]
    edits = [event for event in ada.last(Page).events if isinstance(event, Edited)]
    assert [(event.target, event.text) for event in edits] == [
        (2, "three"),
        (3, "how?"),
        (2, "three"),
    ]


async def test_a_reply_whose_target_is_not_in_memory_is_quoting_the_amended_text(
    chat: Chat,
) -> None:
    ada = chat.enter("ada", "General").say("one")
    chat.commit()
    forget(chat)
    ada.say("why?", reply_to=2)
    await chat.quiet()
    chat.commit()
    amend(chat, 2, "two")
    ada.send(ask.History(room=GENERAL, limit=2))
    assert shown(ada.last(Page).events) == [(3, "why?", None, "two")]


async def test_a_reply_to_a_text_that_is_amended_while_it_is_saved_quotes_it_as_amended(
    chat: Chat,
) -> None:
    ada = chat.enter("ada", "General").say("one")
    chat.commit()
    chat.log.append(Draft(GENERAL, edited(2, "two")))
    ada.say("same batch", reply_to=2)
    chat.commit()
    assert shown(ada.shown())[-1] == (4, "same batch", None, "two")
    chat.log.append(Draft(GENERAL, edited(2, "three")))
    ada.say("next batch", reply_to=2)
    chat.commit(1)
    chat.commit(1)
    assert shown(ada.shown())[-1] == (6, "next batch", None, "three")


@pytest.mark.parametrize("forgotten", [False, True])
async def test_an_answer_quotes_the_text_as_it_is_now(chat: Chat, forgotten: bool) -> None:
    ada = talk(chat)
    to_ada = ask.SayTo(room=GENERAL, text="by name", to=UserName.parse("ada"))
    for say, quote in (
        (ask.Say(room=GENERAL, text="by number", reply_to=2), "three"),
        (to_ada, "how?"),
    ):
        if forgotten:
            forget(chat)
        ben = chat.enter("ben").send(ask.Join(room=GENERAL))
        chat.commit()
        if forgotten:
            forget(chat)
        ben.send(say)
        await chat.quiet()
        chat.commit()
        assert shown(ada.shown())[-1][1:] == (say.text, None, quote)
        ben.bye()
        chat.commit()


async def test_who_comes_in_is_shown_quotes_as_they_are_now(chat: Chat) -> None:
    ada = chat.enter("ada", "General").say("one")
    chat.commit()
    ada.say("why?", reply_to=2)
    chat.commit()
    for name, quote in (("ben", "one"), ("eve", "two")):
        if name == "eve":
            amend(chat, 2, "two")
        person = chat.enter(name).join()
        chat.commit()
        assert (3, "why?", None, quote) in shown(person.shown())


async def test_the_past_on_disk_is_shown_with_quotes_as_they_are_now(chat: Chat) -> None:
    """What was read for one is not given to the next when a text in it was amended meanwhile."""
    ada = chat.enter("ada", "General").say("one")
    chat.commit()
    ada.say("why?", reply_to=2)
    for number in range(200):
        ada.say(f"filler {number}")
    chat.commit()
    for name, quote in (("ben", "one"), ("eve", "one"), ("cyd", "two")):
        if name == "cyd":
            amend(chat, 2, "two")
        forget(chat)
        person = chat.enter(name)
        person.join(after=0)
        chat.commit()
        await chat.quiet()
        assert (3, "why?", None, quote) in shown(person.shown())


async def test_who_catches_up_comes_on_while_texts_are_amended_all_the_time(
    chat: Chat, monkeypatch: pytest.MonkeyPatch
) -> None:
    ada = chat.enter("ada", "General").say("one")
    chat.commit()
    ada.say("why?", reply_to=2)
    for number in range(300):
        ada.say(f"filler {number}")
    chat.commit()
    forget(chat)
    read, reads = chat.log.read, 0

    async def amended_meanwhile(room: str, after: int, upto: int) -> list[AnyEvent]:
        nonlocal reads
        found = await read(room, after, upto)
        if after == 0 and reads < 20:
            reads += 1
            amend(chat, 2, f"edit {reads}")
        return found

    monkeypatch.setattr(chat.log, "read", amended_meanwhile)
    ben = chat.enter("ben")
    ben.join(after=0)
    chat.commit()
    await chat.quiet()
    assert reads == 1
    seqs = [event.seq for event in ben.shown()]
    assert seqs == [*range(1, chat.hub.rooms["general"].head + 1)]
