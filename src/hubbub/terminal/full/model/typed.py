"""What was typed before: ↑ brings it back to be edited, ↓ goes on, and nothing edited is lost."""

from __future__ import annotations

MOST = 200


class Typed:
    """The lines that were sent, newest last, and the one that is being written behind them."""

    def __init__(self) -> None:
        self._sent: list[str] = []
        self._edits: dict[int, str] = {}
        self._place = 0

    def sent(self, text: str) -> None:
        """``text`` was sent; what was edited and not sent goes back to how it was."""
        if not self._sent or self._sent[-1] != text:
            self._sent.append(text)
            del self._sent[:-MOST]
        self._edits.clear()
        self._place = len(self._sent)

    def older(self, now: str) -> str | None:
        """What was sent before what is shown, ``now``; None when there is none."""
        return self._move(-1, now)

    def newer(self, now: str) -> str | None:
        """What comes after what is shown, ``now``; None when there is none."""
        return self._move(1, now)

    def _move(self, by: int, now: str) -> str | None:
        place = self._place + by
        if not 0 <= place <= len(self._sent):
            return None
        self._edits[self._place] = now
        self._place = place
        sent = self._sent[place] if place < len(self._sent) else ""
        return self._edits.get(place, sent)
