"""Plain counters of the hub, read when somebody asks; counting costs an addition."""

from __future__ import annotations


class Stats:
    """What happened since the start."""

    __slots__ = (
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

    def as_dict(self) -> dict[str, int]:
        """All counters by name."""
        return {name: getattr(self, name) for name in self.__slots__}
