"""What the doctor finds: how bad it is, what it is, and what to do."""

from __future__ import annotations

from enum import Enum

from msgspec import Struct


class Level(Enum):
    """How bad it is."""

    OK = "ok"
    NOTE = "note"
    """Worth knowing; nothing has to be done."""
    WARNING = "warning"
    """Something will go wrong, or is open to others."""
    ERROR = "error"
    """Something is wrong now."""


class Finding(Struct, frozen=True, kw_only=True):
    """``about``: which part it is, as in "database". ``said``: a sentence. ``cure``: what to do."""

    level: Level
    about: str
    said: str
    cure: str = ""
