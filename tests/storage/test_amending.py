"""Messages are edited, reacted to, pinned and taken back, in every log."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from hubbub.domain import forms
from hubbub.domain.errors import BadMessage, TooMany
from hubbub.domain.events import (
    AnyEvent,
    Edited,
    Pinned,
    Quote,
    Reacted,
    Redacted,
    Said,
    Trimmed,
)
from hubbub.domain.files import File
from hubbub.domain.forms import NOT_REACTED, REACTED_ALREADY
from hubbub.domain.names import UserName
from hubbub.domain.projection import requoted
from hubbub.domain.quotes import TEXT_GONE
from hubbub.domain.reactions import MAX_KINDS, Reaction, Redaction
from hubbub.domain.state import NO_SUCH_MESSAGE, TAKEN_BACK
from hubbub.domain.unfinished import unfinished
from hubbub.hub.ports import Draft, Passage, Settled
from hubbub.storage import reader
from hubbub.storage.rows import event_of
from tests.storage.conftest import OpenLog
from tests.storage.talk import ADA, BEN, EVE, GENERAL, IDS, KITCHEN, NOON, Talk, joined, said

PICTURE = File("f1", "sunset.png", 5000, "image/png", alt="a sunset")


def edit(target: int, text: str, nonce: str | None = None) -> Draft:
    return Draft(GENERAL, Edited(0, NOON + 1, ADA, target, text, by_id=IDS[ADA]), nonce=nonce)


def redact(target: int, by: UserName = ADA, nonce: str | None = None) -> Draft:
    event = Redacted(0, NOON + 2, by, target, author=ADA, author_id=IDS[ADA], by_id=IDS[by])
    return Draft(GENERAL, event, nonce=nonce)


def react(target: int, emoji: str, by: UserName = BEN, *, on: bool = True) -> Draft:
    return Draft(GENERAL, Reacted(0, NOON, by, target, emoji=emoji, on=on, by_id=IDS[by]))


def pin(target: int, *, on: bool = True) -> Draft:
    return Draft(GENERAL, Pinned(0, NOON, BEN, target=target, on=on, by_id=IDS[BEN]))


def with_file(text: str, reply_to: int | None = None) -> Draft:
    draft = said(text, reply_to=reply_to)
    return Draft(GENERAL, replace(draft.event, files=(PICTURE,)))


def refused(settled: Settled) -> str | None:
    assert settled.error is None or type(settled.error) is BadMessage
    return None if settled.error is None else str(settled.error)


async def page(talk: Talk) -> dict[int, AnyEvent]:
    lines = await talk.log.timeline(GENERAL.key, Passage(0, 100, 50))
    return {event.seq: event for event in lines.events}


async def message(talk: Talk, seq: int) -> Said:
    (found,) = await talk.log.messages(GENERAL.key, [seq])
    assert isinstance(found, Said)
    return found


async def test_a_message_has_the_reactions_that_were_not_taken_off(talk: Talk) -> None:
    await talk.settle(said("one"), react(1, "👍"), react(1, "👍", EVE), react(1, "🎉", EVE))
    await talk.settle(react(1, "🎉", EVE, on=False))
    found = (await page(talk))[1]
    assert isinstance(found, Said)
    assert found.reactions == (Reaction("👍", [BEN, EVE], [IDS[BEN], IDS[EVE]]),)
    assert (found.text, found.rev, found.edited_at) == ("one", 5, None)
    assert await talk.log.messages(GENERAL.key, [1]) == [found]
    assert (await talk.all())[0] == found


async def test_a_reaction_that_changes_nothing_is_no_event(talk: Talk) -> None:
    settled = await talk.settle(
        *(
            said("one"),
            react(1, "👍"),
            react(1, "👍"),
            react(1, "👍", EVE),
            react(1, "🎉", on=False),
        )
    )
    assert [refused(one) for one in settled] == [None, None, REACTED_ALREADY, None, NOT_REACTED]
    settled = await talk.settle(
        *(react(1, "👍"), react(1, "👍", on=False), react(1, "👍", on=False), react(1, "👍"))
    )
    assert [refused(one) for one in settled] == [REACTED_ALREADY, None, NOT_REACTED, None]
    assert [event.seq for event in await talk.all()] == [1, 2, 3, 4, 5]


async def test_a_message_is_changed_so_often_and_no_more_but_it_can_be_taken_back(
    talk: Talk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(forms, "MAX_AMENDMENTS", 3)
    await talk.settle(said("one"), edit(1, "two"), react(1, "👍"), edit(1, "three"))
    refusals = await talk.settle(edit(1, "four"), react(1, "🎉"), pin(1))
    assert [type(one.error) for one in refusals] == [TooMany, TooMany, type(None)]
    settled = await talk.settle(react(1, "👍", on=False), said("other"), redact(1))
    assert [one.error for one in settled] == [None] * 3
    (other,) = await talk.settle(edit(7, "another"))
    assert other.error is None


async def test_what_is_moved_in_is_taken_as_it_was(talk: Talk) -> None:
    """Two who reacted may be one account here."""
    room = unfinished("Kitchen")
    drafts = [said("one"), react(1, "👍"), react(1, "👍"), react(1, "🎉", on=False)]
    settled = await talk.settle(*(replace(draft, room=room) for draft in drafts))
    assert [one.error for one in settled] == [None] * 4


async def test_the_log_takes_no_more_kinds_of_emoji_than_may_be(talk: Talk) -> None:
    kinds = [chr(ord("😀") + number) for number in range(MAX_KINDS)]
    settled = await talk.settle(said("one"), *(react(1, one) for one in kinds), react(1, "🎉"))
    assert [type(one.error) for one in settled[-2:]] == [type(None), TooMany]
    one_more, known = await talk.settle(react(1, "🎉", EVE), react(1, kinds[0], EVE))
    assert (type(one_more.error), known.error) == (TooMany, None)
    freed = await talk.settle(react(1, kinds[1], on=False), react(1, "🎉"))
    assert [one.error for one in freed] == [None, None]


async def test_a_quote_of_a_message_whose_text_was_edited_away_has_no_name_of_a_file(
    talk: Talk,
) -> None:
    live = await talk.settle(with_file("Look!"), said("why?", reply_to=1), edit(1, ""))
    assert live[-1].event is not None
    fresh = (await page(talk))[2]
    assert isinstance(fresh, Said)
    assert fresh.quote == Quote(ADA, TEXT_GONE, IDS[ADA])
    before = replace(fresh, quote=Quote(ADA, "Look!", IDS[ADA]))
    assert requoted(before, live[-1].event) == fresh


async def test_a_reaction_in_the_log_tells_of_what_and_how_many_there_were_then(
    talk: Talk,
) -> None:
    await talk.settle(said("one"), react(1, "👍"), react(1, "👍", EVE))
    await talk.settle(react(1, "👍", on=False), pin(1))
    found = (await talk.all())[1:]
    quote = Quote(ADA, "one", IDS[ADA])
    assert [getattr(event, "quote", None) for event in found] == [quote] * 4
    assert [event.count for event in found if isinstance(event, Reacted)] == [1, 2, 1]
    alone = await talk.log.read(GENERAL.key, 2, 3)
    assert alone == found[1:2]
    assert (await page(talk))[5] == found[3]


async def test_what_was_taken_back_is_nowhere_in_the_log(talk: Talk) -> None:
    await talk.settle(said("hello"), with_file("secret", reply_to=1), edit(2, "secret again"))
    await talk.settle(said("why?", BEN, reply_to=2), react(2, "👍"), pin(2), redact(2, EVE))
    found = await talk.all()
    assert "secret" not in repr(found)
    assert "sunset" not in repr(found)
    expected = replace(
        Said(2, NOON + 1, ADA, "", 1, Quote(ADA, "hello", IDS[ADA]), by_id=IDS[ADA]),
        rev=7,
        redacted=Redaction(NOON + 6, EVE, IDS[EVE]),
    )
    assert found[1] == expected
    assert await message(talk, 2) == expected
    assert (await page(talk))[2] == replace(expected, replies=1)
    reply = found[3]
    assert isinstance(reply, Said)
    assert reply.quote == Quote(ADA, "", IDS[ADA])
    versions = await talk.log.versions(GENERAL.key, 2)
    assert [(event.seq, getattr(event, "text", None)) for event in versions] == [(2, ""), (3, "")]


async def test_of_all_edits_of_a_message_a_page_reads_the_text_of_the_last(
    talk: Talk, monkeypatch: pytest.MonkeyPatch
) -> None:
    await talk.settle(said("one"), said("why?", reply_to=1))
    await talk.settle(*(edit(1, f"text {number}") for number in range(50)), edit(2, "how?"))
    read: list[str] = []

    def noted(*row: object) -> AnyEvent:
        read.append(str(row[5]))
        return event_of(*row)  # type: ignore[arg-type]

    monkeypatch.setattr(reader, "event_of", noted)
    found = await page(talk)
    assert [getattr(one, "text", None) for one in found.values()] == ["text 49", "how?"]
    assert found[2].quote == Quote(ADA, "text 49", IDS[ADA])  # type: ignore[union-attr]
    assert not {f"text {number}" for number in range(49)} & set(read)
    last = (await talk.all())[2:]
    assert {getattr(one, "text", None) for one in last} == {"text 49", "how?"}


async def test_the_versions_of_a_message_are_as_they_were_said(talk: Talk) -> None:
    await talk.settle(said("one"), said("two"), edit(1, "uno"), react(1, "👍"), edit(2, "due"))
    await talk.settle(edit(1, "un"), joined(EVE))
    versions = await talk.log.versions(GENERAL.key, 1)
    assert versions == [
        Said(1, NOON, ADA, "one", by_id=IDS[ADA]),
        Edited(3, NOON + 2, ADA, 1, "uno", by_id=IDS[ADA]),
        Edited(6, NOON + 5, ADA, 1, "un", by_id=IDS[ADA]),
    ]
    for none in (3, 7, 8):
        assert await talk.log.versions(GENERAL.key, none) == []
    assert await talk.log.versions(KITCHEN.key, 1) == []


async def test_messages_are_found_by_their_numbers_in_the_order_of_the_log(talk: Talk) -> None:
    await talk.settle(said("one"), joined(EVE), said("three", reply_to=1), edit(1, "uno"))
    found = await talk.log.messages(GENERAL.key, [3, 2, 9, 1, 4])
    assert [(event.seq, getattr(event, "text", "")) for event in found] == [
        (1, "uno"),
        (3, "three"),
    ]
    assert getattr(found[1], "quote", None) == Quote(ADA, "uno", IDS[ADA])
    assert await talk.log.messages(GENERAL.key, []) == []
    assert await talk.log.messages("attic", [1]) == []


async def test_what_is_no_message_or_was_taken_back_is_neither_amended_nor_pinned(
    talk: Talk,
) -> None:
    await talk.settle(joined(), said("two"), said("three"), edit(3, "3"), redact(3))
    await talk.settle(said("elsewhere", room=KITCHEN), said("elsewhere", room=KITCHEN))
    for make in (redact, pin):
        for target, why in ((1, NO_SUCH_MESSAGE), (4, NO_SUCH_MESSAGE), (6, NO_SUCH_MESSAGE)):
            assert refused((await talk.settle(make(target)))[0]) == why
        assert refused((await talk.settle(make(3)))[0]) == TAKEN_BACK
    for draft in (edit(3, "again"), react(3, "👍"), edit(99, "x"), react(1, "👍")):
        assert refused((await talk.settle(draft))[0]) is not None
    assert await talk.log.head(GENERAL.key) == 5
    assert refused((await talk.settle(redact(2)))[0]) is None


async def test_who_comes_second_in_a_group_finds_what_the_first_has_done(talk: Talk) -> None:
    await talk.settle(said("one"), said("two"))
    group = [redact(1), redact(1, BEN), edit(1, "late"), react(1, "👍"), pin(1), said("six")]
    group += [edit(2, "uno"), edit(2, "due"), edit(4, "four"), redact(4), edit(4, "late")]
    outcomes = await talk.settle(*group)
    assert [refused(outcome) for outcome in outcomes] == [
        *(None, TAKEN_BACK, TAKEN_BACK, TAKEN_BACK, TAKEN_BACK, None),
        *(None, None, None, None, TAKEN_BACK),
    ]
    assert [event.text for event in await talk.all() if isinstance(event, Said)] == ["", "due", ""]


async def test_what_is_sent_again_gets_the_first_outcome_even_if_it_was_taken_back(
    talk: Talk,
) -> None:
    await talk.settle(replace(said("one"), nonce="n0"))
    reaction = replace(react(1, "👍"), nonce="n1")
    drafts = [edit(1, "uno", "n2"), reaction, replace(pin(1), nonce="n3"), redact(1, nonce="n4")]
    first = await talk.settle(*drafts)
    assert [outcome.event and outcome.event.seq for outcome in first] == [2, 3, 4, 5]
    for again in (await talk.settle(*drafts), [(await talk.settle(one))[0] for one in drafts]):
        assert [outcome.event and outcome.event.seq for outcome in again] == [2, 3, 4, 5]
        assert all(outcome.duplicate for outcome in again)
    (text,) = await talk.settle(replace(said("one"), nonce="n0"))
    assert text.duplicate
    assert text.event is not None
    assert (text.event.seq, getattr(text.event, "text", None)) == (1, "")
    assert await talk.log.head(GENERAL.key) == 5


async def test_nothing_is_said_of_what_was_trimmed(talk: Talk) -> None:
    await talk.settle(said("one"), said("two", reply_to=1), edit(1, "uno"))
    await talk.settle(Draft(GENERAL, Trimmed(0, NOON, "server", 1)))
    assert refused((await talk.settle(react(1, "👍")))[0]) == NO_SUCH_MESSAGE
    assert await talk.log.versions(GENERAL.key, 1) == []
    assert [event.seq for event in await talk.log.messages(GENERAL.key, [1, 2])] == [2]
    found, more = await talk.log.conversation(GENERAL.key, 2, 10)
    assert ([event.seq for event in found], more) == ([2], False)


async def test_a_conversation_is_all_that_replies_join(talk: Talk) -> None:
    await talk.settle(said("1"), said("2"), said("3", BEN, reply_to=1), said("4", reply_to=3))
    await talk.settle(said("5", reply_to=2), said("6", reply_to=1), joined(EVE))
    await talk.settle(said("8", EVE, reply_to=4), said("x", room=KITCHEN), edit(3, "drei"))
    for target in (1, 3, 4, 6, 8):
        found, more = await talk.log.conversation(GENERAL.key, target, 50)
        assert [event.seq for event in found] == [1, 3, 4, 6, 8]
        assert not more
        assert getattr(found[1], "text", None) == "drei"
        assert getattr(found[2], "quote", None) == Quote(BEN, "drei", IDS[BEN])
    found, more = await talk.log.conversation(GENERAL.key, 1, 2)
    assert ([event.seq for event in found], more) == ([6, 8], True)
    for none in (7, 10, 99):
        assert await talk.log.conversation(GENERAL.key, none, 50) == ([], False)
    lone, more = await talk.log.conversation(KITCHEN.key, 1, 50)
    assert ([event.seq for event in lone], more) == ([1], False)


async def test_a_page_tells_how_many_answers_there_are_that_were_not_taken_back(
    talk: Talk,
) -> None:
    await talk.settle(said("1"), said("2", reply_to=1), with_file("3", reply_to=1))
    await talk.settle(said("4", reply_to=2), redact(3), said("elsewhere", room=KITCHEN))
    await talk.settle(said("5", room=KITCHEN, reply_to=1))
    lines = await page(talk)
    assert {seq: getattr(line, "replies", None) for seq, line in lines.items()} == {
        1: 1,
        2: 1,
        3: 0,
        4: 0,
    }


async def test_it_is_all_the_same_after_a_restart(reopen: OpenLog) -> None:
    talk = Talk(await reopen())
    await talk.settle(
        said("secret"), said("two", reply_to=1), edit(1, "secret too"), react(2, "👍")
    )
    await talk.settle(redact(1), edit(2, "2"), pin(2))
    before = await talk.all(), await page(talk)
    talk = Talk(await reopen())
    assert (await talk.all(), await page(talk)) == before
    assert refused((await talk.settle(edit(1, "late")))[0]) == TAKEN_BACK
    (room,) = [one for one in await talk.log.rooms() if one.name == GENERAL]
    assert room.state.facts.pins == (2,)
