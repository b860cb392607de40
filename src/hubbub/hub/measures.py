"""What is measured for whoever keeps the server; each of it costs next to nothing."""

from __future__ import annotations

from collections import Counter

from hubbub.hub.histograms import (
    COMMIT_ENTRIES,
    COMMIT_SECONDS,
    EXAMINATION_SECONDS,
    LAG_SECONDS,
    Histogram,
)
from hubbub.hub.ports import FilesCounted


class Measures:
    """``commits``: seconds from the oldest entry of a commit to its outcome. ``entries``: of each.

    ``lags``: seconds that the event loop came late to what was due, looked at twice a second;
    ``lag``: the newest of them. ``backup_at``: when the last backup was made, in milliseconds; 0 if
    there is none and none could be made, None before that is known.

    ``files``: how many there were a minute ago at most; None before that is known.
    ``uploads_refused``: by the code of the reason. ``examined``: files that were looked at, by what
    came of it, and ``examinations``: seconds that it took.
    """

    __slots__ = (
        *("backup_at", "commits", "entries", "lag", "lags"),
        *("examinations", "examined", "files", "uploads_refused"),
    )

    def __init__(self) -> None:
        self.commits = Histogram(COMMIT_SECONDS)
        self.entries = Histogram(COMMIT_ENTRIES)
        self.lags = Histogram(LAG_SECONDS)
        self.lag = 0.0
        self.backup_at: int | None = None
        self.files: FilesCounted | None = None
        self.uploads_refused: Counter[str] = Counter()
        self.examined: Counter[str] = Counter()
        self.examinations = Histogram(EXAMINATION_SECONDS)

    def committed(self, seconds: float, entries: int) -> None:
        """The outcome of a commit is known."""
        self.commits.observe(seconds)
        self.entries.observe(entries)

    def backed_up(self, at: int) -> None:
        """The newest backup is of that time; 0: there is none, and none could be made."""
        self.backup_at = at

    def looked_at(self, outcome: str, seconds: float) -> None:
        """A file was looked at, which took so long: it was cleaned, say."""
        self.examined[outcome] += 1
        self.examinations.observe(seconds)

    def late(self, seconds: float) -> None:
        """The event loop came late by so much."""
        self.lag = max(0.0, seconds)
        self.lags.observe(self.lag)
