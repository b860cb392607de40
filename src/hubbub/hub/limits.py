"""What a command of a client over its budget waits for, and what it is told after that."""

from __future__ import annotations

from hubbub.domain.commands import Command, Say
from hubbub.domain.errors import RateLimited

EVENT_BYTES = 48
"""What an event takes on the disk beside its words, about: numbers, and places in indexes."""

PATIENCE_SECONDS = 5.0  # a class that comes in at once is served late, not refused


def too_fast(why: str, command: Command, wait: float) -> RateLimited:
    """The refusal of a command that may be sent again in ``wait`` seconds."""
    return RateLimited(
        f"{why} {not_done(command)}; try again in {spoken(wait)}.",
        retry_after=round(wait + 0.001, 3),
    )


def not_done(command: Command) -> str:
    """The beginning of a sentence: what did not happen."""
    return "This line was not sent" if isinstance(command, Say) else "This was not done"


def spoken(seconds: float) -> str:
    """A time to wait, as it is said: ``0.4 s``, ``3 minutes``, ``2 hours``."""
    if seconds < 60:
        return f"{max(seconds, 0.1):.1f} s"
    if seconds < 3600:
        return f"{seconds / 60:.0f} minutes"
    return f"{seconds / 3600:.0f} hours"
