"""Numbers that all clients can hold."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta

MAX_EXACT = 2**53
"""JSON numbers are exact up to here in browsers."""

Seq = Annotated[int, Meta(ge=0, le=MAX_EXACT)]
"""A place in a room's log: 0 before its first event."""
