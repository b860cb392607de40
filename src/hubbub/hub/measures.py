"""What is measured for whoever keeps the server; each of it costs next to nothing."""

from __future__ import annotations

from hubbub.hub.histograms import COMMIT_ENTRIES, COMMIT_SECONDS, LAG_SECONDS, Histogram


class Measures:
    """``commits``: seconds from the oldest entry of a commit to its outcome. ``entries``: of each.

    ``lags``: seconds that the event loop came late to what was due, looked at twice a second;
    ``lag``: the newest of them. ``backup_at``: when the last backup was made, in milliseconds; 0 if
    there is none and none could be made, None before that is known.
    """

    __slots__ = ("backup_at", "commits", "entries", "lag", "lags")

    def __init__(self) -> None:
        self.commits = Histogram(COMMIT_SECONDS)
        self.entries = Histogram(COMMIT_ENTRIES)
        self.lags = Histogram(LAG_SECONDS)
        self.lag = 0.0
        self.backup_at: int | None = None

    def committed(self, seconds: float, entries: int) -> None:
        """The outcome of a commit is known."""
        self.commits.observe(seconds)
        self.entries.observe(entries)

    def backed_up(self, at: int) -> None:
        """The newest backup is of that time; 0: there is none, and none could be made."""
        self.backup_at = at

    def late(self, seconds: float) -> None:
        """The event loop came late by so much."""
        self.lag = max(0.0, seconds)
        self.lags.observe(self.lag)
