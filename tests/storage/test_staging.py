"""A group's entries become rows that say the same as the entries one after another."""

from __future__ import annotations

from hypothesis import example, given
from hypothesis import strategies as st

from hubbub.domain.events import Said
from hubbub.domain.ids import number_of
from hubbub.domain.names import UserName
from hubbub.domain.state import RoomFacts, RoomSummary
from hubbub.hub.ports import (
    DeviceRecord,
    Draft,
    ForgetDevices,
    ForgetGuest,
    Guest,
    KeepDevice,
    KeepGuest,
)
from hubbub.storage.people import StagedDevices, StagedGuests, is_forgotten_by
from hubbub.storage.staging import Staged, StagedRoom
from tests.amending import edited
from tests.storage.talk import ADA, BEN, EVE, GENERAL, IDS, NOON, guest, joined, said

guests = st.builds(guest, st.sampled_from([ADA, BEN, EVE]), st.integers(1, 3))
changes = st.lists(st.builds(KeepGuest, guests) | st.builds(ForgetGuest, guests))


def test_numbers_go_on_from_the_head_which_is_left_alone() -> None:
    before = StagedRoom(1, RoomSummary(41))
    staged = Staged({GENERAL.key: before}, {}, {})
    staged.take([said("one"), said("two")])
    assert [outcome.event and outcome.event.seq for outcome in staged.settled] == [42, 43]
    after = RoomSummary(43, NOON + 1, RoomFacts(silent=False))
    assert staged.rooms == {GENERAL.key: StagedRoom(1, after)}
    assert before == StagedRoom(1, RoomSummary(41))


def test_a_state_is_a_row_only_when_an_event_has_changed_it() -> None:
    staged = Staged({GENERAL.key: StagedRoom(7, RoomSummary(41))}, {}, {})
    staged.take([joined()])
    assert staged.states == {}
    staged.take([said("one"), said("two"), joined()])
    assert staged.states == {7: (7, 43, '{"silent":false}')}
    later = Staged(staged.rooms, {}, {})
    later.take([said("three")])
    assert later.states == {}


def test_an_event_that_amends_another_has_its_number_in_a_column() -> None:
    staged = Staged({GENERAL.key: StagedRoom(1, RoomSummary())}, {}, {})
    staged.take([said("one"), Draft(GENERAL, edited(1, "two"))])
    assert len(staged.events) == 2
    assert staged.amends == {1: 1}


def test_a_nonce_that_comes_twice_in_a_group_is_one_row() -> None:
    staged = Staged({GENERAL.key: StagedRoom(1, RoomSummary())}, {}, {})
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


def a_device(user: UserName, id: str, seen: int) -> KeepDevice:
    return KeepDevice(DeviceRecord(f"{id} of {user}", IDS[user], b"", "", "", NOON, seen))


def no_devices(user: UserName, only: str | None, but: str | None) -> ForgetDevices:
    return ForgetDevices(IDS[user], only and f"{only} of {user}", but and f"{but} of {user}")


people = st.sampled_from([ADA, BEN])
letters = st.sampled_from("abc")
logins = st.lists(
    st.builds(a_device, people, letters, st.integers(0, 3))
    | st.builds(no_devices, people, st.none() | letters, st.none() | letters)
)


@given(logins, logins)
def test_devices_change_in_a_group_as_one_after_another(
    before: list[KeepDevice | ForgetDevices], group: list[KeepDevice | ForgetDevices]
) -> None:
    expected: dict[str, DeviceRecord] = {}
    for change in before:
        expected = _logged_in(expected, change)
    table = {
        id: (id, number_of(one.user), b"", "", "", NOON, one.seen) for id, one in expected.items()
    }
    staged = StagedDevices()
    for change in group:
        expected = _logged_in(expected, change)
        if isinstance(change, KeepDevice):
            staged.keep(change.device)
        else:
            staged.forget(change)
    rows: dict[object, tuple[object, ...]] = {
        id: row
        for id, row in table.items()
        if (row[1], id) not in staged.only
        and all(user != row[1] or but == id for user, but in staged.others)
    }
    rows.update((row[0], row) for row in staged.rows())
    assert {id: (row[1], row[-1]) for id, row in rows.items()} == {
        id: (number_of(one.user), one.seen) for id, one in expected.items()
    }


def _logged_in(
    devices: dict[str, DeviceRecord], change: KeepDevice | ForgetDevices
) -> dict[str, DeviceRecord]:
    """What the ports say of one change."""
    if isinstance(change, KeepDevice):
        return {**devices, change.device.id: change.device}
    return {id: one for id, one in devices.items() if not is_forgotten_by(change, one)}
