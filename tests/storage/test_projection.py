"""Replies get their quotes and lines their amendments when they are read, in every log."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from hubbub.domain.events import AnyEvent, Edited, Joined, Said
from hubbub.domain.quotes import QUOTE_CHARS
from hubbub.hub.ports import Draft, Passage
from hubbub.storage.projection import in_present_form, with_replies
from tests.amending import edited
from tests.storage.talk import BEN, GENERAL, KITCHEN, Talk, said


def edit(target: int, text: str) -> Draft:
    return Draft(GENERAL, edited(target, text))


def shown(events: Sequence[AnyEvent]) -> list[tuple[int, str, int | None, str | None]]:
    """Number, text, last amendment and quote of the messages among ``events``."""
    return [
        (event.seq, event.text, event.rev, event.quote.text if event.quote else None)
        for event in events
        if isinstance(event, Said)
    ]


async def page(talk: Talk, after: int, upto: int) -> list[AnyEvent]:
    return (await talk.log.timeline(GENERAL.key, Passage(after, upto, 50))).events


@pytest.fixture
async def amended(talk: Talk) -> Talk:
    """Two texts, answers to them, then amendments."""
    await talk.settle(said("elsewhere", room=KITCHEN), said("one"), said("two"))
    await talk.settle(said("to one", BEN, reply_to=1), said("to two", reply_to=2))
    await talk.settle(edit(1, "one!"), edit(3, "to one!"), edit(1, "one " + "!" * 999))
    await talk.settle(said("to the answer", BEN, reply_to=3))
    return talk


CUT = "one " + "!" * (QUOTE_CHARS - 5) + "…"


async def test_a_page_of_the_timeline_shows_lines_as_they_are_now(amended: Talk) -> None:
    assert shown(await page(amended, 0, 8)) == [
        (1, "one " + "!" * 999, 7, None),
        (2, "two", None, None),
        (3, "to one!", 6, CUT),
        (4, "to two", None, "two"),
        (8, "to the answer", None, "to one!"),
    ]


async def test_amendments_behind_a_page_are_in_it_already(amended: Talk) -> None:
    assert shown(await page(amended, 0, 1)) == [(1, "one " + "!" * 999, 7, None)]


async def test_quotes_of_a_page_show_the_present_text_of_what_is_not_in_it(amended: Talk) -> None:
    assert shown(await page(amended, 2, 4)) == [
        (3, "to one!", 6, CUT),
        (4, "to two", None, "two"),
    ]
    assert shown(await page(amended, 7, 8)) == [(8, "to the answer", None, "to one!")]


@pytest.mark.parametrize("after", [0, 1, 2])
async def test_the_log_has_what_is_said_now_and_nothing_that_was_said_before(
    amended: Talk, after: int
) -> None:
    found = await amended.log.read(GENERAL.key, after, 8)
    assert [event.seq for event in found] == [*range(after + 1, 9)]
    assert (
        shown(found)
        == [
            (1, "one " + "!" * 999, 7, None),
            (2, "two", None, None),
            (3, "to one!", 6, CUT),
            (4, "to two", None, "two"),
            (8, "to the answer", None, "to one!"),
        ][after:]
    )
    edits = [event.text for event in found if isinstance(event, Edited)]
    assert edits == ["one " + "!" * 999, "to one!", "one " + "!" * 999]


async def test_amendments_behind_what_is_read_are_in_it_already(amended: Talk) -> None:
    (one,) = await amended.log.read(GENERAL.key, 0, 1)
    (edit,) = await amended.log.read(GENERAL.key, 4, 5)
    assert isinstance(one, Said)
    assert isinstance(edit, Edited)
    assert one.text == edit.text == "one " + "!" * 999
    assert (one.rev, edit.seq) == (7, 5)


async def test_an_amendment_in_one_room_changes_nothing_in_another(talk: Talk) -> None:
    await talk.settle(said("one"), said("one", room=KITCHEN), edit(1, "better"))
    lines = await talk.log.timeline(KITCHEN.key, Passage(0, 1, 50))
    assert shown(lines.events) == [(1, "one", None, None)]


async def test_the_form_of_a_message_is_no_part_of_what_is_saved(talk: Talk) -> None:
    await talk.settle(Draft(GENERAL, Said(0, 0, "ada", "one", rev=7)))
    assert shown(await talk.all()) == [(1, "one", None, None)]


class Asked:
    """A source that has texts by eve and no amendments, and remembers what it was asked."""

    def __init__(self) -> None:
        self.texts: list[Sequence[int]] = []
        self.targets: list[Sequence[int]] = []

    def answered(self, seqs: Sequence[int]) -> list[AnyEvent]:
        self.texts.append(seqs)
        return [Said(seq, 0, "eve", "x" * 4000) for seq in seqs]

    def amendments(self, targets: Sequence[int]) -> list[AnyEvent]:
        self.targets.append(targets)
        return []

    def replies(self, targets: Sequence[int]) -> dict[int, int]:
        return {targets[0]: 3}


def test_a_chain_of_replies_is_read_with_two_questions_and_quotes_hold_no_quotes() -> None:
    source = Asked()
    chain: list[AnyEvent] = [
        Said(seq, 0, "eve", f"{seq} " + "y" * 4000, reply_to=seq - 1) for seq in range(11, 211)
    ]
    found = in_present_form(chain, source)
    assert source.texts == [[10]]
    assert source.targets == [[*range(10, 211)]]
    for event in found:
        assert isinstance(event, Said)
        assert event.quote is not None
        assert len(event.quote.text) <= QUOTE_CHARS


def test_only_messages_are_told_how_many_answer_them() -> None:
    lines: list[AnyEvent] = [
        Joined(1, 0, "eve"),
        Said(2, 0, "eve", "two"),
        Said(3, 0, "eve", "three"),
    ]
    counts = [getattr(line, "replies", None) for line in with_replies(lines, Asked())]
    assert counts == [None, 3, 0]
