"""Plain counters of the hub, read when somebody asks; counting costs an addition."""

from __future__ import annotations

from collections import Counter


class Stats:
    """What happened since the start. ``refusals``: what was refused, by the code of the reason."""

    COUNTERS = (
        "batches",
        "delayed",
        "deliveries",
        "duplicates",
        "events",
        "refused",
        "refused_by_log",
        "searches",
        "sessions_ever",
    )
    __slots__ = (*COUNTERS, "refusals")

    def __init__(self) -> None:
        self.events = 0
        self.delayed = 0
        self.batches = 0
        self.deliveries = 0
        self.duplicates = 0
        self.refused = 0
        self.refused_by_log = 0
        self.searches = 0
        self.sessions_ever = 0
        self.refusals: Counter[str] = Counter()

    def refuse(self, code: str) -> None:
        """A command was refused, for the reason with that code."""
        self.refused += 1
        self.refusals[code] += 1

    def as_dict(self) -> dict[str, int]:
        """All counters by name."""
        return {name: getattr(self, name) for name in self.COUNTERS}
