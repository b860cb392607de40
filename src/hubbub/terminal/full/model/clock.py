"""Times as people read them: with the date or without, and how long ago."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import lru_cache

LocalTime = Callable[[float], time.struct_time]
"""Converts seconds since the epoch to the reader's time zone: `time.localtime`."""

MAX_YEAR = 9999  # later times would be wider
_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS = (
    *("January", "February", "March", "April", "May", "June", "July"),
    *("August", "September", "October", "November", "December"),
)
_MINUTE, _HOUR, _DAY = 60, 3600, 86400


@lru_cache(maxsize=4096)
def _local(seconds: int, local: LocalTime) -> time.struct_time | None:
    try:
        when = local(seconds)
        return when if 0 < when.tm_year <= MAX_YEAR else None
    except (OverflowError, ValueError, OSError):  # a server's clock may be wrong by any amount
        return None


def stamp(at: int, local: LocalTime = time.localtime) -> str:
    """``at`` (ms) as in ``2023-07-30 15:00:05``."""
    when = _local(at // 1000, local)
    return time.strftime("%Y-%m-%d %H:%M:%S", when) if when else "????-??-?? ??:??:??"


def short(at: int, local: LocalTime = time.localtime) -> str:
    """``at`` (ms) as in ``15:00``."""
    when = _local(at // 1000, local)
    return f"{when.tm_hour:02}:{when.tm_min:02}" if when else "??:??"


def day_and_time(at: int, local: LocalTime = time.localtime) -> str:
    """``at`` (ms) as in ``30 Jul 15:00``."""
    when = _local(at // 1000, local)
    if when is None:
        return "??:??"
    return f"{when.tm_mday} {_MONTHS[when.tm_mon - 1][:3]} {short(at, local)}"


def day(at: int, local: LocalTime = time.localtime) -> str:
    """The day of ``at`` (ms) as in ``Sunday, 30 July 2023``."""
    when = _local(at // 1000, local)
    if when is None:
        return "Some day"
    return f"{_DAYS[when.tm_wday]}, {when.tm_mday} {_MONTHS[when.tm_mon - 1]} {when.tm_year}"


def ago(at: int | None, now: float) -> str:
    """How long before ``now`` (s) ``at`` (ms) was: ``2 min ago``; empty for never."""
    if at is None:
        return ""
    seconds = max(0, int(now - at / 1000))
    if seconds < _MINUTE:
        return "just now"
    if seconds < _HOUR:
        return f"{seconds // _MINUTE} min ago"
    if seconds < _DAY:
        return f"{seconds // _HOUR} h ago"
    days = seconds // _DAY
    return "yesterday" if days == 1 else f"{days:,} days ago"
