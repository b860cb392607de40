"""A group's entries become rows that say the same as the entries one after another."""

from __future__ import annotations

from hypothesis import example, given
from hypothesis import strategies as st

from hubbub.domain.events import Said
from hubbub.domain.ids import number_of
from hubbub.domain.state import RoomFacts, RoomSummary
from hubbub.hub.ports import Draft, ForgetGuest, Guest, KeepGuest
from hubbub.storage.staging import Staged, StagedGuests, StagedRoom
from tests.amending import an_amending_kind, edited
from tests.storage.talk import ADA, BEN, EVE, GENERAL, IDS, NOON, guest, joined, said

guests = st.builds(guest, st.sampled_from([ADA, BEN, EVE]), st.integers(1, 3))
changes = st.lists(st.builds(KeepGuest, guests) | st.builds(ForgetGuest, guests))


def test_numbers_go_on_from_the_head_which_is_left_alone() -> None:
    before = StagedRoom(1, RoomSummary(41))
    staged = Staged({GENERAL.key: before}, {})
    staged.take([said("one"), said("two")])
    assert [outcome.event and outcome.event.seq for outcome in staged.settled] == [42, 43]
    after = RoomSummary(43, NOON, RoomFacts(silent=False))
    assert staged.rooms == {GENERAL.key: StagedRoom(1, after)}
    assert before == StagedRoom(1, RoomSummary(41))


def test_a_state_is_a_row_only_when_an_event_has_changed_it() -> None:
    staged = Staged({GENERAL.key: StagedRoom(7, RoomSummary(41))}, {})
    staged.take([joined()])
    assert staged.states == {}
    staged.take([said("one"), said("two"), joined()])
    assert staged.states == {7: (7, 43, '{"silent":false}')}
    later = Staged(staged.rooms, {})
    later.take([said("three")])
    assert later.states == {}


def test_an_event_that_amends_another_has_its_number_in_a_column() -> None:
    staged = Staged({GENERAL.key: StagedRoom(1, RoomSummary())}, {})
    with an_amending_kind():
        staged.take([said("one"), Draft(GENERAL, edited(1, "two"))])
    assert len(staged.events) == 2
    assert staged.amends == {1: 1}


def test_a_nonce_that_comes_twice_in_a_group_is_one_row() -> None:
    staged = Staged({GENERAL.key: StagedRoom(1, RoomSummary())}, {})
    staged.take([said("one", nonce="n1"), said("one", nonce="n1")])
    assert len(staged.events) == 1
    assert staged.settled[1].event == Said(1, NOON, "Ada", "one", by_id=IDS[ADA])
    assert staged.settled[1].duplicate


@example([], [KeepGuest(guest(ADA, 1)), KeepGuest(guest(BEN, 1)), KeepGuest(guest(ADA, 2))])
@given(changes, changes)
def test_guests_change_in_a_group_as_one_after_another(
    before: list[KeepGuest | ForgetGuest], group: list[KeepGuest | ForgetGuest]
) -> None:
    expected: list[Guest] = []
    for change in before:
        expected = _changed(expected, change)
    table = list(expected)
    staged = StagedGuests()
    for change in group:
        expected = _changed(expected, change)
        if isinstance(change, KeepGuest):
            staged.keep(change.guest)
        else:
            staged.forget(change.guest)
    rows = {
        (row.name.key, number_of(row.id))
        for row in table
        if (row.name.key,) not in staged.replaced
        and (row.name.key, number_of(row.id)) not in staged.forgotten
    }
    new = {(row[0], row[2]) for row in staged.rows()}
    assert not rows & new
    assert rows | new == {(kept.name.key, number_of(kept.id)) for kept in expected}
    assert staged.keys == {change.guest.name.key for change in group}


def _changed(guests: list[Guest], change: KeepGuest | ForgetGuest) -> list[Guest]:
    """What the ports say of one change."""
    mine = change.guest
    if isinstance(change, ForgetGuest):
        return [kept for kept in guests if kept != mine]
    return [kept for kept in guests if kept.name != mine.name] + [mine]
