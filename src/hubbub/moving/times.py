"""Times as other programs write them, in milliseconds since the Unix epoch."""

from __future__ import annotations

import re
from datetime import UTC, datetime, tzinfo

CORRECTED = 5000
"""By so many milliseconds a computer sets its clock back in between, without being in another hour.
"""

_SLASHED = re.compile(r"(\d{4})/(\d\d)/(\d\d) (\d\d:\d\d:\d\d) ([+-]\d{4})")
_EPOCH = re.compile(r"\d{9,11}(?:\.\d+)?")


def parsed_time(text: str, zone: tzinfo = UTC, before: int | None = None) -> int | None:
    """The time in ISO 8601, in seconds since the epoch, or as ``2011/01/13 01:00:00 +0000``.

    ``zone``: where it was written, if it does not say so; ``before``: as for `local_time`. None for
    what is none of these.
    """
    text = text.strip()
    slashed = _SLASHED.fullmatch(text)
    if slashed is not None:
        text = "{}-{}-{}T{}{}".format(*slashed.groups())
    try:
        if _EPOCH.fullmatch(text):
            return int(float(text) * 1000)
        at = datetime.fromisoformat(text.replace(" +", "+").replace(" -", "-").replace(",", "."))
        return in_ms(at) if at.tzinfo is not None else local_time(at.replace(tzinfo=zone), before)
    except (ValueError, OverflowError):
        return None


def local_time(at: datetime, before: int | None) -> int:
    """A time on the clocks of a place, whose zone it has, in milliseconds.

    ``before``: what was written before that. In the night in which the clocks are set back there
    is each time of an hour twice; it is the first of them unless that was over by then.
    """
    first = in_ms(at)
    if before is None or first >= before - CORRECTED:
        return first
    second = in_ms(at.replace(fold=1))
    return second if second >= before else first


def in_ms(at: datetime) -> int:
    """A time with its zone, in milliseconds; without the errors of floating point."""
    since = at - datetime(1970, 1, 1, tzinfo=UTC)
    return (since.days * 86_400 + since.seconds) * 1000 + since.microseconds // 1000
