"""Events in pieces that are small enough to send and to keep."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from hubbub.domain.events import AnyEvent, Joined, Said
from hubbub.domain.names import RoomName, UserName
from hubbub.hub.pages import CachedPage, PageCache, first_piece, last_piece, pieces, weigh
from hubbub.wire.line import LineFormat
from hubbub.wire.line.format import MAX_RECENT, MAX_RECENT_BYTES, MIN_REMEMBERED
from tests.hub.chat import SPELLING

ADA = UserName.parse("a" * 32)
GENERAL = RoomName.parse("General")


def said(text: str, seq: int = 1) -> Said:
    return Said(seq, 1_690_711_200_000, ADA, text)


events = st.lists(
    st.one_of(
        st.builds(said, st.text(max_size=300)),
        st.builds(Joined, st.just(1), st.just(2), st.just(ADA)),
    ),
    max_size=30,
)
limits = st.integers(1, 2000)


@given(events, limits)
def test_pieces_are_the_whole_in_order_and_keep_to_the_limit(
    events: list[AnyEvent], limit: int
) -> None:
    cut = list(pieces(events, limit))
    assert [event for piece in cut for event in piece] == events
    for piece in cut:
        assert len(piece) == 1 or sum(map(weigh, piece)) <= limit
    for piece, following in pairwise(cut):
        assert sum(map(weigh, piece)) + weigh(following[0]) > limit, "none is cut without need"


@given(events, limits)
def test_the_first_and_the_last_piece_are_as_much_as_fits(
    events: list[AnyEvent], limit: int
) -> None:
    first, last = list(first_piece(events, limit)), list(last_piece(events, limit))
    assert first == events[: len(first)]
    assert last == events[len(events) - len(last) :]
    for piece, more in (
        (first, events[len(first) : len(first) + 1]),
        (last, events[-len(last) - 1 : -len(last)] if last else []),
    ):
        assert len(piece) <= 1 or sum(map(weigh, piece)) <= limit
        assert not more or sum(map(weigh, piece + more)) > limit
        assert piece or not events


@pytest.mark.parametrize(
    "text", ["hello", '"\\' * 300, "é" * 300, "😀" * 300, "\x01" * 300, "\x1b[2J\x85" * 80]
)
def test_the_weight_is_never_far_too_little_on_any_wire(text: str) -> None:
    """A frame of a whole page has to stay below 1 MiB, whatever was said."""
    lines = LineFormat(lambda at: "2023-07-30 15:00:05")
    assert len(SPELLING.events(GENERAL, [said(text)])) <= 2 * weigh(said(text)) + 64
    assert len(lines.events(GENERAL, [said(text)])) <= 2 * weigh(said(text)) + 64


@given(events)
def test_lines_that_are_remembered_are_those_that_are_not(events: list[AnyEvent]) -> None:
    format = LineFormat(str, "\r\n")
    events = events * MIN_REMEMBERED
    first = format.events(GENERAL, events, past=True)
    assert format.events(GENERAL, events, past=True) == first
    assert format.events(GENERAL, events) == first


def test_an_event_that_was_replaced_is_not_shown_as_it_was() -> None:
    format = LineFormat(str)
    events = [said("before") for _ in range(MIN_REMEMBERED)]
    assert b"before" in format.events(GENERAL, events, past=True)
    events[0] = replace(events[0], text="behind")
    assert b"behind" in format.events(GENERAL, events, past=True)


def test_what_is_remembered_is_bounded() -> None:
    format = LineFormat(str)
    for number in range(MAX_RECENT // MIN_REMEMBERED + 5):
        events = [said(f"{number}, {seq}") for seq in range(MIN_REMEMBERED)]
        format.events(GENERAL, events, past=True)
    format.events(GENERAL, [said("x" * (MAX_RECENT_BYTES + 1))] * MIN_REMEMBERED, past=True)
    assert 0 < len(format._recent) <= MAX_RECENT


def test_every_line_of_a_text_weighs_as_the_line_that_it_becomes() -> None:
    lines = LineFormat(lambda at: "2023-07-30 15:00:05")
    text = "\n".join("x" * 1000)
    assert len(lines.events(GENERAL, [said(text)])) <= 2 * weigh(said(text))


def test_the_cache_keeps_the_pages_that_were_asked_for_last() -> None:
    cache = PageCache(limit=100)
    for place in range(3):
        cache.put("general", SPELLING, place, place + 1, CachedPage(b"x" * 30, place))
    assert cache.get("general", SPELLING, 0, 1, 0) == (b"x" * 30, 0)
    cache.put("general", SPELLING, 3, 4, CachedPage(b"x" * 30, 3))
    assert cache.get("general", SPELLING, 0, 1, 0) is not None
    assert cache.get("general", SPELLING, 1, 2, 0) is None
    assert cache.get("kitchen", SPELLING, 0, 1, 0) is None


def test_a_page_that_is_put_twice_counts_once() -> None:
    cache = PageCache(limit=100)
    for _ in range(10):
        cache.put("general", SPELLING, 0, 1, CachedPage(b"x" * 60, 1))
    cache.put("kitchen", SPELLING, 0, 1, CachedPage(b"x" * 40, 1))
    assert cache.get("general", SPELLING, 0, 1, 0) is not None
    assert cache.get("kitchen", SPELLING, 0, 1, 0) is not None


def test_a_page_larger_than_the_cache_is_not_kept() -> None:
    cache = PageCache(limit=100)
    cache.put("general", SPELLING, 0, 1, CachedPage(b"x" * 101, 1))
    assert cache.get("general", SPELLING, 0, 1, 0) is None


def test_a_page_with_quotes_is_kept_until_the_room_has_another_amendment() -> None:
    cache = PageCache(limit=100)
    cache.put("general", SPELLING, 0, 1, CachedPage(b"quotes", 1, amended=7))
    cache.put("general", SPELLING, 1, 2, CachedPage(b"none", 2))
    assert cache.get("general", SPELLING, 0, 1, 7) == (b"quotes", 1)
    assert cache.get("general", SPELLING, 0, 1, 8) is None
    assert cache.get("general", SPELLING, 1, 2, 8) == (b"none", 2)
