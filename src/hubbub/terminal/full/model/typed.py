"""The input's history: ↑ and ↓ bring back sent texts; edits of them last until the next send."""

from __future__ import annotations

MOST = 200


class Typed:
    """The texts that were sent, the newest last, followed by the one that is being written."""

    def __init__(self) -> None:
        self._sent: list[str] = []
        self._edits: dict[int, str] = {}
        self._place = 0

    def sent(self, text: str) -> None:
        """Adds a text that was sent; edits of other texts are dropped."""
        if not self._sent or self._sent[-1] != text:
            self._sent.append(text)
            del self._sent[:-MOST]
        self._edits.clear()
        self._place = len(self._sent)

    def older(self, now: str) -> str | None:
        """The text before the one that is shown, which is edited to ``now``; None: no text."""
        return self._move(-1, now)

    def newer(self, now: str) -> str | None:
        """The text after the one that is shown, which is edited to ``now``; None: no text."""
        return self._move(1, now)

    def _move(self, by: int, now: str) -> str | None:
        place = self._place + by
        if not 0 <= place <= len(self._sent):
            return None
        self._edits[self._place] = now
        self._place = place
        sent = self._sent[place] if place < len(self._sent) else ""
        return self._edits.get(place, sent)
