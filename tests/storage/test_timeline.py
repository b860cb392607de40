"""A room's timeline has lines only, and says what it covers; one suite over all logs."""

from __future__ import annotations

import pytest

from hubbub.hub.ports import MOST_LOOKED_THROUGH, Draft, Lines, Passage
from tests.amending import edited
from tests.storage.talk import GENERAL, Talk, joined, said, seqs

LINES = (1, 2, 4, 7, 8)
"""Of the ten events of the log; the others are none."""


@pytest.fixture
async def ten(talk: Talk) -> Talk:
    """Six lines and four amendments:"""
    for seq in range(1, 11):
        entry = said(str(seq)) if seq in LINES else Draft(GENERAL, edited(2, str(seq)))
        await talk.settle(joined() if seq == 1 else entry)
    return talk


def shape(lines: Lines) -> tuple[list[int], int, int]:
    return seqs(lines.events), lines.first, lines.last


@pytest.mark.parametrize(
    "passage, shown",
    [
        (Passage(0, 10, 2), ([7, 8], 7, 10)),
        (Passage(0, 10, 3), ([4, 7, 8], 4, 10)),
        (Passage(0, 6, 3), ([1, 2, 4], 1, 6)),
        (Passage(0, 10, 50), ([*LINES], 1, 10)),
        (Passage(2, 6, 50), ([4], 3, 6)),
        (Passage(4, 6, 50), ([], 5, 6)),
        (Passage(0, 0, 50), ([], 1, 0)),
        (Passage(0, 10, 2, oldest_first=True), ([1, 2], 1, 2)),
        (Passage(2, 10, 1, oldest_first=True), ([4], 3, 4)),
        (Passage(4, 10, 50, oldest_first=True), ([7, 8], 5, 10)),
        (Passage(10, 10, 50, oldest_first=True), ([], 11, 10)),
    ],
)
async def test_lines_at_one_end_and_what_they_cover(
    ten: Talk, passage: Passage, shown: tuple[list[int], int, int]
) -> None:
    assert shape(await ten.log.timeline(GENERAL.key, passage)) == shown


@pytest.mark.parametrize(
    "upto, lines, cursor", [(10, 0, 10), (10, 1, 7), (10, 2, 6), (10, 3, 3), (6, 1, 3), (10, 9, 0)]
)
async def test_so_many_lines_back_is_before_the_oldest_of_them(
    ten: Talk, upto: int, lines: int, cursor: int
) -> None:
    assert await ten.log.lines_back(GENERAL.key, upto, lines) == cursor


async def test_the_log_has_all_of_them(ten: Talk) -> None:
    assert seqs(await ten.log.read(GENERAL.key, 0, 10)) == [*range(1, 11)]


async def test_lines_of_a_room_that_is_not_there_are_none(talk: Talk) -> None:
    assert shape(await talk.log.timeline("attic", Passage(0, 0, 5))) == ([], 1, 0)
    assert await talk.log.lines_back("attic", 0, 5) == 0


async def test_a_look_is_bounded_and_goes_on_where_it_ended(talk: Talk) -> None:
    """Where nothing is a line for long, there is a page without any that covers much."""
    between = MOST_LOOKED_THROUGH + 500
    await talk.settle(
        said("before"),
        *(Draft(GENERAL, edited(1, str(number))) for number in range(between)),
        said("after"),
    )
    head = between + 2
    newest = await talk.log.timeline(GENERAL.key, Passage(0, head, 50))
    assert shape(newest) == ([head], head - MOST_LOOKED_THROUGH + 1, head)
    older = await talk.log.timeline(GENERAL.key, Passage(0, newest.first - 1, 50))
    assert shape(older) == ([1], 1, newest.first - 1)
    oldest = await talk.log.timeline(GENERAL.key, Passage(0, head, 50, oldest_first=True))
    assert shape(oldest) == ([1], 1, MOST_LOOKED_THROUGH)
    newer = await talk.log.timeline(GENERAL.key, Passage(oldest.last, head, 50, oldest_first=True))
    assert shape(newer) == ([head], oldest.last + 1, head)
    assert await talk.log.lines_back(GENERAL.key, head, 2) == head - 2 - MOST_LOOKED_THROUGH
