"""The input's history: ↑ and ↓ bring back sent texts; edits of them last until the next send."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

MOST = 200


@dataclass
class _Sent:
    """A text that was sent, and the messages that say it, as far as they have come."""

    text: str
    messages: set[tuple[str, int]] = field(default_factory=set)

    def says(self, text: str) -> bool:
        """Whether a message with that text may be of it: as a text, or by a command."""
        typed = self.text.strip()
        return bool(text) and (typed == text or (typed.startswith("/") and typed.endswith(text)))


class Typed:
    """The texts that were sent, the newest last, followed by the one that is being written."""

    def __init__(self) -> None:
        self._sent: list[_Sent] = []
        self._edits: dict[int, str] = {}
        self._place = 0

    def sent(self, text: str) -> None:
        """Adds a text that was sent; edits of other texts are dropped."""
        if not self._sent or self._sent[-1].text != text:
            self._sent.append(_Sent(text))
            del self._sent[:-MOST]
        self._edits.clear()
        self._place = len(self._sent)

    @property
    def last(self) -> str | None:
        """The text that was sent last; None while another one is shown."""
        at_end = self._place == len(self._sent)
        return (self._sent[-1].text if self._sent else "") if at_end else None

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
        sent = self._sent[place].text if place < len(self._sent) else ""
        return self._edits.get(place, sent)

    # What becomes of it

    def said(self, room: str, seq: int, text: str) -> None:
        """A message of ours says so."""
        found = next((sent for sent in reversed(self._sent) if sent.says(text.strip())), None)
        if found is not None:
            found.messages.add((room, seq))

    def taken_back(self, room: str, seq: int) -> None:
        """A message was taken back, by whomever: what it said does not come back here."""
        self._keep(lambda sent: (room, seq) not in sent.messages)

    def _keep(self, stays: Callable[[_Sent], bool]) -> None:
        kept = [sent for sent in self._sent if stays(sent)]
        if len(kept) == len(self._sent):
            return
        draft = self._edits.get(len(self._sent), "")
        self._edits = {} if self._place == len(self._sent) else {len(kept): draft}
        self._sent = kept
        self._place = len(kept)
