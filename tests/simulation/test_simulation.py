"""Simulated lives by the thousand; a seed that breaks a promise is named, and can be replayed."""

from __future__ import annotations

import os
import random
import subprocess
import sys
from pathlib import Path

import pytest

from hubbub.client.cursor import Cursor
from hubbub.client.membership import Membership
from hubbub.client.rooms import Room
from hubbub.domain.commands import Join
from hubbub.domain.events import Said
from hubbub.domain.projection import target_of
from hubbub.hub.ports import Settled
from hubbub.hub.tail import Tail
from tests.memorylog.log import Disk, MemoryLog
from tests.simulation.disk import SlowLog
from tests.simulation.promises import Broken
from tests.simulation.world import World, small_limits

LONG = bool(os.environ.get("HUBBUB_LONG"))
BATCHES = 4  # for the processes that the tests are spread over
LIVES = 100_000 // BATCHES if LONG else 400
ROOT = Path(__file__).parents[2]


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    small_limits(monkeypatch)


@pytest.mark.slow
@pytest.mark.timeout(7200 if LONG else 300)
@pytest.mark.parametrize("batch", range(BATCHES))
def test_whatever_happens_every_promise_is_kept(batch: int) -> None:
    """The same seeds at every check; others, and more of them, with HUBBUB_LONG=1."""
    first = random.SystemRandom().randrange(10**9) if LONG else batch * LIVES
    _live(range(first, first + LIVES))


BROKE_ONCE = (
    509592,  # a log that was closed refused the join of who sat there, and was asked for ever
)


@pytest.mark.parametrize("seed", BROKE_ONCE)
def test_lives_that_broke_once_are_lived_to_their_end(seed: int) -> None:
    _live(range(seed, seed + 1))


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_one_seed_is_one_life(seed: int) -> None:
    """In another process, too, with other hashes and other addresses in memory."""
    world = World(seed)
    world.live()
    again = subprocess.run(
        [sys.executable, "-m", "tests.simulation", "--seed", str(seed)],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": "src", "PYTHONHASHSEED": "42"},
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    notes = [" ".join([f"{when:10.3f}", *map(str, words)]) for when, *words in world.trace]
    assert again.stdout.splitlines()[:-1] == notes


def test_lives_are_full() -> None:
    """Much is said and much goes wrong, or the promises would be kept easily."""
    happened: set[object] = set()
    texts = amendments = 0
    for seed in range(60):
        world = World(seed)
        world.live()
        happened |= {words[1] for _, *words in world.trace if words[0] == "---"}
        events = [event for log in world.disk.events.values() for event in log]
        texts += sum(isinstance(event, Said) for event in events)
        amendments += sum(target_of(event) is not None for event in events)
    assert happened == {
        step.__name__ for step in World._HAPPENINGS + World._RESTORING + World._TRIMMING
    }
    assert texts > 40 * 10
    assert amendments > 30


@pytest.mark.parametrize(
    "defect",
    [
        *("repeats", "forgets", "shows too early", "trusts numbers", "deletes too much"),
        "amends nothing in memory",
    ],
)
def test_a_server_that_breaks_a_promise_is_found_out(
    defect: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The checks themselves are checked: with each of these defects some life breaks."""
    if defect == "repeats":  # a resend is taken for a new text
        monkeypatch.setattr(Disk, "__setattr__", _without_nonces)
    elif defect == "forgets":  # a client that counts what it was not shown
        monkeypatch.setattr(Cursor, "take", lambda cursor, events: (list(events)[1:], False))
    elif defect == "trusts numbers":  # a client that does not notice that a backup was restored
        monkeypatch.setattr(Membership, "_join", _without_a_stamp)
    elif defect == "amends nothing in memory":
        monkeypatch.setattr(Tail, "_amend", lambda tail, event, target, batch: event)
    elif defect == "deletes too much":
        monkeypatch.setattr(SlowLog, "expired", _one_too_many)
    else:  # what is told is saved later, if ever
        monkeypatch.setattr(SlowLog, "_synced", _tell_before_it_is_saved)
    with pytest.raises(Broken):
        _live(range(300))


def _live(seeds: range) -> None:
    for seed in seeds:
        try:
            World(seed).live()
        except BaseException as error:
            error.add_note(f"Replay it: python -m tests.simulation --seed {seed}")
            raise


def _without_a_stamp(membership: Membership, room: Room) -> Join:
    return Join(room=room.name, after=room.cursor.seq if room.cursor else None)


class _Oblivion(dict[object, object]):
    def __setitem__(self, key: object, value: object) -> None:
        """Keeps nothing."""


def _without_nonces(disk: object, name: str, value: object) -> None:
    object.__setattr__(disk, name, _Oblivion() if name == "nonces" else value)


async def _one_too_many(log: object, room: int | str, after: int, *words: int) -> int:
    assert isinstance(log, SlowLog)
    found = await MemoryLog.expired(log, room, after, *words)
    return min(found + (found > after), len(log.disk.events[log._key_of(room)]))


def _tell_before_it_is_saved(log: object) -> None:
    assert isinstance(log, SlowLog)
    size, log._group = log._group, 0
    group, log._queue = log._queue[:size], log._queue[size:]
    disk, log.disk = log.disk, Disk()
    saved = disk.copy()
    vars(log.disk).update({name: saved[name] for name in ("events", "rooms", "ids", "last_id")})
    told: list[Settled] = [log._settle(entry) for entry in group]
    log.disk = disk
    if not log._dead and told:
        log._listener(told)
        for entry in group:
            log._settle(entry)
    log._begin()
