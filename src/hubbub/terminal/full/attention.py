"""Whether the person looks at the terminal: by its focus reports, or by a guess from the keys."""

from __future__ import annotations

IDLE_SECONDS = 60.0  # without a key, on a terminal that does not report its focus


class Attention:
    """``looking`` is what the terminal reported last; it is true before the first report.

    Times (``now``) are in seconds.
    """

    def __init__(self, now: float) -> None:
        self.looking = True
        self.focus_reported = False
        self._last_key_at = now

    def report_focus(self, looking: bool) -> None:
        """The terminal reports that it has the focus, or has lost it."""
        self.looking = looking
        self.focus_reported = True

    def key_pressed(self, now: float) -> None:
        """A key shows that somebody is there."""
        self._last_key_at = now

    def watched(self, now: float) -> bool:
        """Whether somebody looks at the terminal.

        A terminal that does not report its focus counts as watched for `IDLE_SECONDS` after a key.
        """
        active = now - self._last_key_at < IDLE_SECONDS
        return self.looking and (self.focus_reported or active)
