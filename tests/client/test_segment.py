"""A part of a room's timeline covers a range of numbers, not all of which have an event."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from hubbub.client import Said
from hubbub.client.segment import NOTHING, Segment
from hubbub.domain.names import RoomName
from hubbub.domain.replies import Page


def page(*seqs: int, first: int | None = None, last: int | None = None) -> Page:
    events = [Said(seq, 0, "ada", "hi") for seq in seqs]
    return Page(room=RoomName.parse("tea"), events=events, head=50, first=first, last=last)


def covered(segment: Segment) -> tuple[int, int, list[int]]:
    return segment.first, segment.last, [event.seq for event in segment.events]


def test_a_page_covers_what_it_says_also_where_it_has_no_event() -> None:
    assert covered(Segment.of(page(4, 7, first=3, last=9))) == (3, 9, [4, 7])
    assert covered(Segment.of(page(first=3, last=9))) == (3, 9, [])
    assert Segment.of(page(first=10, last=9)).empty


def test_a_page_of_an_older_server_covers_what_is_between_its_events() -> None:
    assert covered(Segment.of(page(4, 5, 6))) == (4, 6, [4, 5, 6])
    assert Segment.of(page()) == NOTHING
    assert NOTHING.empty


def test_whatever_a_server_says_events_are_in_range_and_in_order() -> None:
    assert covered(Segment.of(page(5, 6, 4, 6, 7, 20, first=5, last=9))) == (5, 9, [5, 6, 7])
    assert covered(Segment.of(page(0, 1, first=0, last=1))) == (1, 1, [1])
    assert covered(Segment.of(page(6, 5, 4))) == (6, 4, [])


@given(
    first=st.integers(1, 20),
    last=st.integers(0, 30),
    seqs=st.sets(st.integers(1, 30)),
    at=st.integers(0, 35),
)
def test_what_is_before_and_what_is_behind_make_the_whole(
    first: int, last: int, seqs: set[int], at: int
) -> None:
    whole = Segment.of(page(*sorted(seqs), first=first, last=last))
    before, behind = whole.before(at), whole.behind(at - 1)
    assert [*before.events, *behind.events] == list(whole.events)
    assert all(event.seq < at for event in before.events)
    assert all(event.seq >= at for event in behind.events)
    if not whole.empty:
        assert before.empty or (before.first, before.last) == (first, min(last, at - 1))
        assert behind.empty or (behind.first, behind.last) == (max(first, at), last)
