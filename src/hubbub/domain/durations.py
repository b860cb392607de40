"""How long something lasts: as people type it, and as they are told it.

The page has the same in ``text/durations.js``; both pass tests/vectors/durations.json.
"""

from __future__ import annotations

import re

from hubbub.domain.errors import BadMessage

MAX_SECONDS = 10 * 365 * 86400  # what lasts longer is meant for good

_SECONDS = {"second": 1, "minute": 60, "hour": 3600, "day": 86_400, "week": 604_800}
_UNITS = {
    word: seconds for unit, seconds in _SECONDS.items() for word in (unit[0], unit, f"{unit}s")
} | {"sec": 1, "min": 60}
_FOR_GOOD = frozenset({"forever", "always"})
_TIMED = re.compile(r"([0-9]{1,20})([a-z]{1,10})", re.IGNORECASE)
_DIGITS = 9  # of a number; more are beyond all limits whatever the unit
_TOLD = 999  # of a unit: what is no whole number below of any unit is rounded
_HOW = "Write 10m, 2h, 3d or 1w, or forever."


def parse_duration(word: str) -> int | None:
    """The seconds that ``word`` stands for: ``10m``, ``2h``, ``3days``; None: for good.

    Raises `BadMessage` for anything else, and for more than `MAX_SECONDS`.
    """
    if word.lower() in _FOR_GOOD:
        return None
    found = _TIMED.fullmatch(word)
    unit = _UNITS.get(found[2].lower()) if found else None
    if found is None or unit is None:
        raise BadMessage(f"How long is that? {_HOW}")
    seconds = int(found[1][:_DIGITS]) * unit
    if len(found[1]) > _DIGITS or seconds > MAX_SECONDS:
        raise BadMessage("That is longer than 10 years. For good, write forever.")
    if seconds == 0:
        raise BadMessage(f"That is no time at all. {_HOW}")
    return seconds


def split_duration(text: str) -> tuple[int | None, str]:
    """A time at the beginning of ``text``, in seconds, and what is behind it, a reason say.

    None if there is none, or it is for good. What looks like one and is none is an error, so that
    a slip does not ban somebody for good. Raises `BadMessage` as `parse_duration`.
    """
    first, *rest = text.split(maxsplit=1) or [""]
    if first.lower() in _FOR_GOOD or _TIMED.fullmatch(first):
        return parse_duration(first), "".join(rest).strip()
    return None, text.strip()


def in_words(seconds: float) -> str:
    """A time as it stands in a sentence: "10 minutes", "1 day".

    In the largest unit that tells it exactly; where that takes a large number, rounded in the
    largest unit of which there are two.
    """
    whole = max(1, int(seconds + 0.5))
    largest_first = list(reversed(_SECONDS.items()))
    for unit, size in largest_first:
        if whole % size == 0 and whole // size <= _TOLD:
            return _counted(whole // size, unit)
    for unit, size in largest_first:
        if whole >= 2 * size:
            return _counted((2 * whole + size) // (2 * size), unit)
    raise AssertionError("A number below 1,000 is a whole number of seconds.")


def left(until: int | None, now: int) -> str:
    """What is left until a time (ms), as it stands behind a sentence: " for 2 hours"; or "".

    Rounded in the largest unit, up to days, of which there are two: nobody counts 599 seconds.
    """
    if until is None:
        return ""
    seconds = max(1, -((now - until) // 1000))
    size = max(size for size in (1, 60, 3600, 86_400) if seconds >= 2 * size or size == 1)
    return f" for {in_words((2 * seconds + size) // (2 * size) * size)}"


def _counted(count: int, unit: str) -> str:
    return f"{count} {unit}" if count == 1 else f"{count} {unit}s"
