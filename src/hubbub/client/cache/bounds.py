"""How much a cache may hold."""

from __future__ import annotations

from msgspec import Struct


class Bounds(Struct, frozen=True, kw_only=True):
    """Limits of one server's cache. What is oldest goes first."""

    events: int = 10_000
    """Events of one room: some weeks of a busy one. What is older is asked of the server."""
    bytes: int = 64 * 1024 * 1024
    """Of all events on disk: 300,000 lines of usual length, and no burden to a laptop."""
    runs: int = 8
    """Ends of earlier runs, to go on from: as many terminals at once as anybody uses."""
    tokens: int = 100
    """Names one has had; beyond, those that were used longest ago are forgotten."""
