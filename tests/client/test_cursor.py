"""The cursor of a room."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from hubbub.client.cursor import Cursor
from hubbub.domain.events import Event, Left


def _events(*seqs: int) -> list[Event]:
    return [Left(seq, 0, "ben") for seq in seqs]


def test_what_is_next_is_taken_and_what_was_taken_is_not() -> None:
    cursor = Cursor(3, 9)
    assert cursor.take(_events(2, 3)) == ([], False)
    assert (cursor.seq, cursor.at) == (3, 9)
    assert cursor.take(_events(2, 3, 4, 5)) == (_events(4, 5), False)
    assert cursor.take(_events(4, 5)) == ([], False)
    assert (cursor.seq, cursor.at) == (5, 0)


def test_nothing_behind_a_hole_is_taken() -> None:
    cursor = Cursor(3)
    assert cursor.take(_events(4, 6, 7)) == (_events(4), True)
    assert cursor.seq == 4


@given(st.lists(st.lists(st.integers(1, 30), max_size=10), max_size=30))
def test_whatever_comes_is_taken_once_and_in_order(frames: list[list[int]]) -> None:
    cursor = Cursor(0)
    taken: list[int] = []
    for seqs in frames:
        taken += [event.seq for event in cursor.take(_events(*seqs))[0]]
    assert taken == list(range(1, cursor.seq + 1))
