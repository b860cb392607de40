"""The times of a room's events: each is later than the one before, and near the clock's."""

from __future__ import annotations

from functools import partial

from msgspec.structs import replace

from hubbub.domain.directory import DIRECTORY
from hubbub.domain.events import AnyEvent, Joined, Said
from hubbub.domain.names import RoomName
from hubbub.domain.state import MAX_AHEAD_MS
from hubbub.domain.unfinished import unfinished
from hubbub.hub.ports import Draft
from tests.storage.talk import ADA, GENERAL, IDS, NOON, Talk


async def times(talk: Talk, *at: int, room: RoomName = GENERAL) -> list[int]:
    """The times that texts get which were said then, in one commit."""
    drafts = (Said(0, NOON + ms, "Ada", "hi", by_id=IDS[ADA]) for ms in at)
    settled = await talk.settle(*(Draft(room, said) for said in drafts))
    return [outcome.event.at - NOON for outcome in settled if outcome.event is not None]


async def test_what_is_said_in_the_same_millisecond_is_one_later(talk: Talk) -> None:
    assert await times(talk, 0, 0, 0, 7) == [0, 1, 2, 7]
    assert await times(talk, 7) == [8]
    assert [event.at - NOON for event in await talk.all()] == [0, 1, 2, 7, 8]


async def test_a_clock_that_is_a_little_late_is_no_step_back(talk: Talk) -> None:
    assert await times(talk, 500, 0, 499) == [500, 501, 502]


async def test_a_clock_that_went_back_is_believed(talk: Talk) -> None:
    assert await times(talk, 5000, 5000 - MAX_AHEAD_MS - 1, 0) == [5000, 3999, 0]


async def test_no_time_is_far_ahead_of_the_clock_however_much_is_said(talk: Talk) -> None:
    found = await times(talk, *[0] * (MAX_AHEAD_MS + 5))
    assert found[: MAX_AHEAD_MS + 1] == [*range(MAX_AHEAD_MS + 1)]
    assert found[MAX_AHEAD_MS:] == [MAX_AHEAD_MS] * 5


async def test_what_was_moved_in_keeps_its_time(talk: Talk) -> None:
    said = Said(0, NOON, "Ada", "hi", by_id=IDS[ADA])
    events: list[AnyEvent] = [said, replace(said, moved=True), replace(said, moved=True), said]
    settled = await talk.settle(*(Draft(GENERAL, event) for event in events))
    at = [outcome.event.at - NOON for outcome in settled if outcome.event is not None]
    assert at == [0, 0, 0, 1]
    assert await times(talk, 0, 0, room=unfinished("elsewhere")) == [0, 0]


async def test_the_servers_own_logs_have_the_times_that_they_are_told(talk: Talk) -> None:
    joins = [Draft(DIRECTORY, Joined(0, NOON, name)) for name in ("Ada", "ben")]
    settled = await talk.settle(*joins)
    assert [one.event and one.event.at for one in settled] == [NOON, NOON]


async def test_a_place_is_found_by_its_time(talk: Talk) -> None:
    await times(talk, *range(0, 1000, 10))  # 100 texts
    first_at = partial(talk.log.first_at, GENERAL.key)
    assert await first_at(NOON, 0, 100) == 1
    assert await first_at(NOON - 5, 0, 100) == 1
    assert await first_at(NOON + 1, 0, 100) == 2
    assert await first_at(NOON + 500, 0, 100) == 51
    assert await first_at(NOON + 501, 0, 100) == 52
    assert await first_at(NOON + 990, 0, 100) == 100
    assert await first_at(NOON + 991, 0, 100) == 101
    assert await first_at(NOON + 500, 60, 80) == 61
    assert await first_at(NOON + 999, 60, 80) == 81
    assert await first_at(NOON, 100, 100) == 101
    assert await first_at(NOON, 0, 0) == 1
