"""Times as IRC has them (https://ircv3.net/specs/extensions/server-time)."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import lru_cache


def time_of(at: int) -> str:
    """Milliseconds since the Unix epoch as server-time has them."""
    seconds, ms = divmod(at, 1000)
    return f"{_second(seconds)}.{ms:03}Z"


@lru_cache(maxsize=16)  # texts of one second share a string: to make it costs more than the rest
def _second(seconds: int) -> str:
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%dT%H:%M:%S}"


def time_in(text: str) -> int | None:
    """A time as server-time has it, in ms since the Unix epoch; None if it is none."""
    try:
        moment = datetime.strptime(text, "%Y-%m-%dT%H:%M:%S.%fZ").replace(tzinfo=UTC)
    except ValueError:
        return None
    return round(moment.timestamp() * 1000)
