"""The backup that the server makes each day by itself."""

from __future__ import annotations

import asyncio
import logging
from pathlib import Path

import pytest

from hubbub.storage.backup import BackupMade, back_up, backups, daily, making, proving, snapshot
from hubbub.storage.backup.daily import LOOK_SECONDS, Daily
from hubbub.storage.backup.place import Stored
from hubbub.storage.backup.pruning import superfluous
from hubbub.storage.backup.schedule import HOUR, SPREAD_HOURS, is_due, newest
from tests.patience import PATIENCE_SECONDS
from tests.storage.backup.folders import names, put, remove
from tests.storage.talk import NOON, Talk

LOG = "0" * 32
LATE = "f" * 32
MINUTE = HOUR // 60


@pytest.mark.parametrize(
    "last, hour, due",
    [
        (None, 12.0, True),
        (1 * HOUR, 3.0, False),
        (11 * HOUR, 3.0, False),
        (12 * HOUR, 3.0, True),
        (24 * HOUR, 3.0, True),
        (24 * HOUR, 2.9, False),
        (24 * HOUR, 5.0, False),
        (25 * HOUR, 14.0, False),
        (26 * HOUR, 14.0, True),
    ],
)
def test_one_is_due_in_the_night_or_when_the_last_one_is_old(
    last: int | None, hour: float, due: bool
) -> None:
    assert is_due(NOON, None if last is None else NOON - last, hour, LOG) is due


def test_servers_do_not_all_begin_at_once() -> None:
    assert not is_due(NOON, NOON - 24 * HOUR, 3.5, LATE)
    assert is_due(NOON, NOON - 24 * HOUR, 3 + SPREAD_HOURS, LATE)


def test_a_server_that_runs_makes_one_a_day_and_each_in_the_night() -> None:
    """Each minute of a week, from noon on."""
    made: list[int] = []
    for now in range(NOON, NOON + 7 * 24 * HOUR, MINUTE):
        hour = (now - NOON) / HOUR % 24
        if is_due(now, made[-1] if made else None, (hour + 12) % 24, LATE):
            made.append(now)
    assert len(made) == 8
    assert all(((at - NOON) / HOUR + 12) % 24 < 4.1 for at in made[1:])


def stored(at: int, log: str = LOG[:8]) -> Stored:
    return Stored(f"{at}-{log}", "", 1, at, log)


def test_the_newest_is_of_this_log_and_not_of_the_future() -> None:
    found = [stored(9), stored(5), stored(7, "ffffffff"), stored(3)]
    assert newest(found, LOG, now=6) == stored(5)
    assert newest(found, "e" * 32, now=6) is None


def test_those_that_go_are_the_oldest_of_this_log_and_never_the_one_just_made() -> None:
    future, made = stored(90), stored(5)
    others = [stored(8, "ffffffff"), stored(1, "ffffffff")]
    found = sorted([future, made, stored(4), stored(3), *others], key=lambda one: -one.at)
    assert superfluous(found, made, 2) == [stored(3)]
    assert superfluous(found, made, 1) == [stored(4), stored(3)]
    assert superfluous(found, made, 9) == []


def test_those_of_a_time_when_the_clock_was_ahead_take_no_place_of_others() -> None:
    ahead = [stored(at) for at in (93, 92, 91)]
    found = [*ahead, stored(5), stored(4), stored(3), stored(2)]
    assert superfluous(found, stored(5), 3) == [stored(2)]
    # When it is as late as they say, they are the oldest.
    later = [stored(at) for at in (97, 96, 95)]
    assert superfluous([*later, *ahead], stored(97), 3) == ahead


class Days:
    """The time, which the test moves, and the daily backups of ``data``."""

    def __init__(self, data: Path, place: Path, log_id: str, keep: int = 3) -> None:
        self.now = NOON
        self.heard = -1
        self.daily = Daily(
            data,
            log_id,
            str(place),
            keep=keep,
            keep_free=0,
            clock=lambda: self.now,
            hour=lambda _: 12.0,
            heard=self._hear,
        )

    def _hear(self, at: int) -> None:
        self.heard = at

    async def pass_hours(self, hours: float) -> float:
        self.now += int(hours * HOUR)
        return await self.daily.look()


@pytest.fixture
def days(talk: Talk, data: Path, place: Path) -> Days:
    return Days(data, place, talk.log.id)


async def test_the_time_of_the_newest_is_told_to_whoever_watches(days: Days) -> None:
    await days.pass_hours(1)
    assert days.heard == days.now
    await days.pass_hours(1)
    assert days.heard == days.now - HOUR


async def test_the_newest_ones_are_kept(days: Days, place: Path) -> None:
    for _ in range(5):
        assert await days.pass_hours(26) == LOOK_SECONDS
        assert await days.pass_hours(1) == LOOK_SECONDS
    found = await backups(str(place))
    assert [(days.now - one.at) // HOUR for one in found] == [1, 28, 55]
    state = days.daily.state
    assert state.newest is not None
    assert state.newest.name == found[0].name
    assert state.concern(days.now) is None


async def test_one_made_by_hand_counts(days: Days, data: Path, place: Path) -> None:
    await back_up(data, str(place), at=NOON)
    await days.pass_hours(1)
    await days.pass_hours(24)
    assert len(names(place)) == 1
    await back_up(data, str(place), at=days.now)
    await days.pass_hours(2)
    assert len(names(place)) == 2
    assert days.daily.state.concern(days.now) is None


async def test_nothing_is_deleted_when_none_was_made(
    days: Days, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(3):
        await days.pass_hours(26)

    def full(*args: object) -> None:
        raise OSError(28, "No space left on device", str(place))

    monkeypatch.setattr(snapshot, "take", full)
    await days.pass_hours(26)
    assert len(names(place)) == 3


async def test_a_failure_is_told_and_tried_again_later_and_later(
    days: Days, place: Path, caplog: pytest.LogCaptureFixture
) -> None:
    put(place, "no folder")
    assert [await days.pass_hours(1) for _ in range(7)] == [300, 600, 1200, 2400, 4800, 7200, 7200]
    concern = days.daily.state.concern(days.now)
    assert concern is not None
    assert concern.startswith("The daily backup failed: ")
    assert str(place) in concern
    assert days.heard == 0, "which is long ago to whoever watches"
    assert "is tried again in 5 minutes" in caplog.messages[0]
    remove(place)
    assert await days.pass_hours(1) == LOOK_SECONDS
    assert days.daily.state.concern(days.now) is None
    assert len(names(place)) == 1


async def test_a_defect_does_not_end_the_server(
    days: Days, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def defect(*args: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(proving, "facts", defect)
    assert await days.pass_hours(1) == 300
    assert caplog.records[0].exc_info is not None
    assert days.daily.state.error is not None


async def test_one_that_somebody_makes_is_waited_for(days: Days, data: Path, place: Path) -> None:
    with making._workshop(data):
        assert await days.pass_hours(1) == LOOK_SECONDS
    assert days.daily.state.error is None
    assert "backups" not in names(data.parent)


async def test_old_ones_that_cannot_be_deleted_are_told_of_and_the_new_one_counts(
    days: Days, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    for _ in range(3):
        await days.pass_hours(26)

    def denied(path: Path, missing_ok: bool = False) -> None:
        if path.name.startswith("hubbub-"):
            raise PermissionError(13, "Permission denied")

    caplog.set_level(logging.WARNING)
    monkeypatch.setattr(Path, "unlink", denied)
    await days.pass_hours(26)
    assert any("Old backups stay where they are" in told for told in caplog.messages)
    assert days.daily.state.error is None


async def test_an_old_backup_is_told_of_even_if_nothing_fails(days: Days, place: Path) -> None:
    await days.pass_hours(1)
    concern = days.daily.state.concern(days.now + 72 * HOUR)
    assert concern is not None
    assert "is 3 days old" in concern


async def test_it_runs_until_it_is_cancelled(
    days: Days, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(daily, "FIRST_SECONDS", 0)
    made = asyncio.Event()

    async def made_one(*args: object, **named: object) -> BackupMade:
        made.set()
        return await back_up(*args, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(daily, "back_up", made_one)
    task = asyncio.create_task(days.daily.run())
    async with asyncio.timeout(PATIENCE_SECONDS):
        await made.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
