"""When the next daily backup is due."""

from __future__ import annotations

from collections.abc import Sequence

from hubbub.storage.backup import naming
from hubbub.storage.backup.place import Stored

HOUR = 3_600_000  # times are in ms
QUIET_FROM, QUIET_UNTIL = 3.0, 5.0
"""The hours of the night in which one is made, on the clock of this computer."""

SPREAD_HOURS = 1.0  # servers of one computer, or on one bucket, do not all begin at once
YOUNG = 12 * HOUR  # one that is younger is not followed by the next, in the night either
OLD = 26 * HOUR  # the next one is made now, whatever time it is
WORRYING = 50 * HOUR  # two were missed


def is_due(now: int, newest: int | None, hour: float, log_id: str) -> bool:
    """Whether one is to be made. ``newest``: when the last one was; ``hour``: of the day, 3.5 say.

    The newest of those that are not of the future, as one is that was made while the clock was
    wrong.
    """
    if newest is None or now - newest >= OLD:
        return True
    begin = QUIET_FROM + int(log_id[:4], 16) / 0x10000 * SPREAD_HOURS
    return begin <= hour < QUIET_UNTIL and now - newest >= YOUNG


def newest(stored: Sequence[Stored], log_id: str, now: int) -> Stored | None:
    """The newest backup of the log; None if there is none."""
    ours = (one for one in stored if one.log == log_id[: naming.ID_CHARS] and one.at <= now)
    return max(ours, key=lambda one: one.at, default=None)
