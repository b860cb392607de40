"""When a certificate is asked for: what is remembered of earlier attempts, and when the next is.

It is kept on disk: a server that is started again and again must not ask each time, for ACME
servers count that and then refuse everything for hours.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import msgspec
from msgspec import Struct

from hubbub import private

FIRST_PAUSE = timedelta(minutes=1)
LONGEST_PAUSE = timedelta(hours=6)
MAX_DOUBLINGS = 20
JITTER = 0.25  # of a pause, either way: many servers may have failed at the same moment
AFTER_START = timedelta(minutes=2)
"""A person who starts the server again has most likely mended something: they need not wait longer
than this after the attempt before. Let's Encrypt allows five failed ones an hour."""

KEPT_PART = 2 / 3  # of a certificate's lifetime, after which it is renewed
SPREAD = 1 / 60  # of its lifetime, over which renewals are spread

ASK_AGAIN = timedelta(hours=6)  # for the time of renewal that the ACME server suggests (ARI)

Chance = Callable[[], float]
"""A random number from 0 to 1."""


class State(Struct, frozen=True):
    """``server`` and ``domains`` are those of the certificate that is there, if there is one."""

    server: str = ""
    domains: tuple[str, ...] = ()
    failures: int = 0
    tried: datetime | None = None
    not_before: datetime | None = None
    """The ACME server does not want to be asked earlier."""
    challenge: str = ""
    """The kind that has led to a certificate before."""
    trouble: str = ""
    """Why there is no certificate, as a sentence."""


def load(path: Path) -> State:
    """What was kept; nothing, if that cannot be read."""
    try:
        return msgspec.json.decode(path.read_bytes(), type=State)
    except (OSError, msgspec.DecodeError, ValueError):
        return State()


def save(path: Path, state: State) -> None:
    """Keeps it. Raises `OSError`."""
    private.make_folder(path.parent)
    private.write(path, msgspec.json.encode(state) + b"\n")


def pause_after(failures: int, chance: Chance = random.random) -> timedelta:
    """How long to wait after so many failed attempts in a row."""
    doublings = min(failures - 1, MAX_DOUBLINGS)
    pause = min(FIRST_PAUSE * float(2**doublings), LONGEST_PAUSE)
    return pause * (1 + JITTER * (2 * chance() - 1))


def next_attempt(state: State, pause: timedelta, *, started: bool) -> datetime | None:
    """The earliest time for the next attempt; None: at once. ``started``: the server has just been
    started, or somebody has asked for it.
    """
    if state.tried is None or not state.failures:
        return state.not_before
    soon = state.tried + (min(pause, AFTER_START) if started else pause)
    return max(soon, state.not_before) if state.not_before else soon


def renewal(begins: datetime, ends: datetime, chance: Chance = random.random) -> datetime:
    """When a certificate of this lifetime is renewed."""
    lifetime = ends - begins
    return begins + lifetime * (KEPT_PART + SPREAD * chance())
