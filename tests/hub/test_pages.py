"""Events in pieces that are small enough to send and to keep."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from hubbub.domain.events import AnyEvent, Edited, Joined, ProfileSet, Quote, Said
from hubbub.domain.ids import UserId
from hubbub.domain.names import RoomName, UserName
from hubbub.domain.rules import Profile
from hubbub.hub import pages
from hubbub.hub.pages import (
    MOST_PARTS,
    PAGE_EVENTS,
    CachedPage,
    Changes,
    PageCache,
    first_piece,
    fit,
    last_piece,
    parts_of,
    pieces,
    weigh,
)
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


def test_whom_a_profile_blocks_and_accepts_weighs_too() -> None:
    held = {UserId(f"id{number:020}"): "a" * 32 for number in range(100)}
    profile = Profile(blocked=held, accepted=held, labels={"k" * 60: "v"})
    event = ProfileSet(1, 1_690_711_200_000, str(ADA), profile)
    assert weigh(event) > len(msgspec.json.encode(event))


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


class Place:
    """A room of which ``parts`` were amended last by the events with these numbers."""

    def __init__(self, **parts: int) -> None:
        self.parts = parts

    def amended(self, parts: Iterable[int]) -> int:
        return max((self.parts.get(f"part{part}", 0) for part in parts), default=0)


def test_the_cache_keeps_the_pages_that_were_asked_for_last() -> None:
    cache, general, kitchen = PageCache(limit=100), Place(), Place()
    for place in range(3):
        cache.put(general, SPELLING, place, place + 1, CachedPage(b"x" * 30, place))
    assert cache.get(general, SPELLING, 0, 1) == (b"x" * 30, 0)
    cache.put(general, SPELLING, 3, 4, CachedPage(b"x" * 30, 3))
    assert cache.get(general, SPELLING, 0, 1) is not None
    assert cache.get(general, SPELLING, 1, 2) is None
    assert cache.get(kitchen, SPELLING, 0, 1) is None


def test_a_page_that_is_put_twice_counts_once() -> None:
    cache, general, kitchen = PageCache(limit=100), Place(), Place()
    for _ in range(10):
        cache.put(general, SPELLING, 0, 1, CachedPage(b"x" * 60, 1))
    cache.put(kitchen, SPELLING, 0, 1, CachedPage(b"x" * 40, 1))
    assert cache.get(general, SPELLING, 0, 1) is not None
    assert cache.get(kitchen, SPELLING, 0, 1) is not None


def test_a_page_larger_than_the_cache_is_not_kept() -> None:
    cache, general = PageCache(limit=100), Place()
    cache.put(general, SPELLING, 0, 1, CachedPage(b"x" * 101, 1))
    assert cache.get(general, SPELLING, 0, 1) is None


def test_a_page_is_kept_until_something_in_it_is_amended() -> None:
    cache, general = PageCache(limit=100), Place(part0=7)
    cache.put(general, SPELLING, 0, 1, CachedPage(b"one", 1, (0,), 7))
    cache.put(general, SPELLING, 128, 129, CachedPage(b"two", 2, (1,)))
    assert cache.get(general, SPELLING, 0, 1) == (b"one", 1)
    general.parts["part0"] = 8
    assert cache.get(general, SPELLING, 0, 1) is None
    assert cache.get(general, SPELLING, 128, 129) == (b"two", 2)


def test_a_page_depends_on_its_messages_and_on_what_is_quoted_or_edited_in_it() -> None:
    answer = Said(300, 0, ADA, "yes", 130, Quote(ADA, "?"))
    assert sorted(parts_of([answer])) == [1, 2]
    assert sorted(parts_of([Edited(301, 0, ADA, 5, "no")])) == [0]
    assert parts_of([Joined(302, 0, ADA)]) == ()


def test_of_changes_a_bounded_number_is_known_and_nothing_is_forgotten() -> None:
    changes = Changes()
    assert changes.newest((0, 1)) == 0
    for number in range(2 * MOST_PARTS):
        target = number * PAGE_EVENTS
        changes.note([Edited(1_000_000 + number, 0, ADA, target, "new")])
        assert changes.newest((number,)) == 1_000_000 + number
        assert changes.newest((0,)) >= 1_000_000
        assert len(changes._newest) <= MOST_PARTS
    assert changes.newest((7,)) > 1_000_000
    assert changes.newest(()) <= changes.newest((2 * MOST_PARTS - 1,))


def test_of_a_crowd_that_came_nobody_is_weighed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each newcomer is given a page, on which there are mostly others who have come."""
    weighed: list[AnyEvent] = []

    def noting(event: AnyEvent) -> int:
        weighed.append(event)
        return weigh(event)

    monkeypatch.setattr(pages, "weigh", noting)
    came: list[AnyEvent] = [Joined(seq, 2, ADA) for seq in range(1, 101)]
    page = [*came, said("hello", 101)]
    for cut in (first_piece(page), last_piece(page), *pieces(page)):
        assert cut is page
    assert weighed == [page[-1]] * 3
    monkeypatch.undo()
    limit = sum(map(weigh, came))
    assert fit(came, limit)
    assert not fit(came, limit - 1)
    assert not fit(page, limit)
