"""Replies get their quotes and lines their amendments when they are read, in every log."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import pytest

from hubbub.domain.events import AnyEvent, Said
from hubbub.domain.quotes import QUOTE_CHARS
from hubbub.hub.ports import Draft, Passage
from hubbub.storage.projection import Source, in_present_form, with_quotes
from tests.amending import an_amending_kind, edited
from tests.storage.talk import BEN, GENERAL, KITCHEN, Talk, joined, said


@pytest.fixture(autouse=True)
def kind() -> Iterator[None]:
    with an_amending_kind():
        yield


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
async def test_the_log_has_what_was_said_and_quotes_of_what_is_said_now(
    amended: Talk, after: int
) -> None:
    found = await amended.log.read(GENERAL.key, after, 8)
    assert [event.seq for event in found] == [*range(after + 1, 9)]
    assert (
        shown(found)
        == [
            (1, "one", None, None),
            (2, "two", None, None),
            (3, "to one", None, CUT),
            (4, "to two", None, "two"),
            (8, "to the answer", None, "to one!"),
        ][after:]
    )


async def test_an_amendment_in_one_room_changes_nothing_in_another(talk: Talk) -> None:
    await talk.settle(said("one"), said("one", room=KITCHEN), edit(1, "better"))
    lines = await talk.log.timeline(KITCHEN.key, Passage(0, 1, 50))
    assert shown(lines.events) == [(1, "one", None, None)]


async def test_an_amendment_of_what_is_no_message_changes_nothing(talk: Talk) -> None:
    await talk.settle(joined(), edit(1, "better"), said("to a join", reply_to=1))
    assert shown(await page(talk, 0, 3)) == [(3, "to a join", None, None)]
    (line, _) = await page(talk, 0, 3)
    assert line == (await talk.all())[0]


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


@pytest.mark.parametrize("read, last", [(with_quotes, 209), (in_present_form, 210)])
def test_a_chain_of_replies_is_read_with_two_questions_and_quotes_hold_no_quotes(
    read: Callable[[Sequence[AnyEvent], Source], list[AnyEvent]], last: int
) -> None:
    source = Asked()
    chain: list[AnyEvent] = [
        Said(seq, 0, "eve", f"{seq} " + "y" * 4000, reply_to=seq - 1) for seq in range(11, 211)
    ]
    found = read(chain, source)
    assert source.texts == [[10]]
    assert source.targets == [[*range(10, last + 1)]]
    for event in found:
        assert isinstance(event, Said)
        assert event.quote is not None
        assert len(event.quote.text) <= QUOTE_CHARS


def test_nothing_is_looked_up_for_texts_that_answer_nothing_and_are_read_from_the_log() -> None:
    source = Asked()
    assert with_quotes([Said(1, 0, "eve", "text")], source) == [Said(1, 0, "eve", "text")]
    assert (source.texts, source.targets) == ([], [])
