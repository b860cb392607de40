"""Three servers over one log, in memory: see `tests.simulation.trio`."""

from __future__ import annotations

import os
import random

import pytest

from hubbub.hub import catchup, forgetting, journal, presence, retention, silence, whereabouts
from tests.memorylog.log import MemoryLog
from tests.simulation.trio import Trio

LONG = bool(os.environ.get("HUBBUB_LONG"))
LIVES = 10_000 if LONG else 1000


def small_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    """Few events are many, and nobody waits for long."""
    monkeypatch.setattr(catchup, "RETRY_SECONDS", 0.0)
    monkeypatch.setattr(journal, "READ_EVENTS", 3)
    monkeypatch.setattr(journal, "RETRY_SECONDS", 0.0)
    monkeypatch.setattr(forgetting, "RETRY_SECONDS", 0.0)
    monkeypatch.setattr(presence, "RETRY_SECONDS", 0.5)
    monkeypatch.setattr(retention, "MIN_PAUSE_SECONDS", 0.0)
    monkeypatch.setattr(retention, "PAUSE_RATIO", 0.0)
    monkeypatch.setattr(retention, "LOOKED_AT", 5)
    monkeypatch.setattr(retention, "DELETED_AT_ONCE", 3)
    monkeypatch.setattr(silence, "LOOK_SECONDS", 2.0)
    monkeypatch.setattr(whereabouts, "MOST_READ", 12)


async def live(seed: int) -> None:
    """The life of that seed; raises `Broken`."""
    log = MemoryLog()
    dice = random.Random(seed)

    async def save() -> None:
        while log.waiting:
            if trio.started and dice.random() < 0.04:
                log.fail_next(1)
            log.commit(dice.randint(1, log.waiting))

    trio = Trio(seed, log, save)
    await trio.live()


@pytest.mark.slow
@pytest.mark.timeout(3600 if LONG else 300)
async def test_all_know_the_same_and_nobody_is_shown_what_is_not_theirs(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    small_limits(monkeypatch)
    first = random.SystemRandom().randrange(10**9) if LONG else 0
    for seed in range(first, first + LIVES):
        try:
            await live(seed)
        except BaseException as error:
            error.add_note(f"The seed is {seed}.")
            raise
