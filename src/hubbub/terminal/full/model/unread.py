"""How far a room was read, and what is unread behind that: texts of others, and mentions of us."""

from __future__ import annotations

from collections.abc import Iterator

from hubbub.domain.events import Said
from hubbub.domain.kinds import is_message
from hubbub.domain.mentions import mentions
from hubbub.domain.replies import MOST_UNREAD
from hubbub.terminal.full.model.lines import Look
from hubbub.terminal.full.model.window import Window


class Unread:
    """``read`` is the last event that was read. Behind it are so many ``texts`` of others, of which
    ``mentions`` speak of us; the server has counted them up to ``counted``. A mention that the
    person has gone to is seen, and counts no more, however much before it is not read.

    ``certain``: the server, or the person, has said how far we had read; else it is a guess.
    """

    def __init__(self) -> None:
        self.read = 0
        self.counted = 0
        self.texts = 0
        self.mentions = 0
        self._seen: set[int] = set()  # mentions ahead of what is read
        self.certain = False
        self._capped = False

    @property
    def upto(self) -> int:
        """Events up to this one are read, or counted already."""
        return max(self.read, self.counted)

    def add(self, *, named: bool) -> None:
        """A text comes that nobody reads yet; ``named``: it speaks of us."""
        self.texts += 1
        self.mentions += named

    def all_read(self, upto: int) -> None:
        """Everything up to there is read, and there is nothing behind it."""
        self.read = max(self.read, upto)
        self.texts = self.mentions = 0
        self.certain = True
        self._capped = False
        self._seen.clear()

    def guess(self, read: int) -> None:
        """As far as anybody knows, we have read up to there."""
        self.read = read

    # What the server says

    def count(self, head: int, read: int, texts: int | None, named: int | None, shown: int) -> bool:
        """We have read up to ``read``, and behind it the server has counted up to ``head``.

        False: we know better. ``shown`` is the last event that is here.
        """
        if texts is None or (self.certain and read < self.read):
            return False
        self.read = min(read, shown) if shown else read
        self.certain = True
        self.counted = head
        self._take(texts, named)
        return True

    def elsewhere(self, read: int, texts: int | None, named: int | None) -> None:
        """We have read up to there on another connection."""
        if texts is not None and read > self.read:
            self.read = read
            self._take(texts, named)

    def _take(self, texts: int, named: int | None) -> None:
        self._seen = {seq for seq in self._seen if seq > self.read}
        self.texts, self.mentions = texts, max(0, (named or 0) - len(self._seen))
        self._capped = texts >= MOST_UNREAD

    # What the person sees

    def has_seen(self, seq: int) -> bool:
        """Whether the person has gone to a mention, or read it."""
        return seq <= self.read or seq in self._seen

    def see_mention(self, seq: int) -> None:
        """The person goes to a mention."""
        if not self.has_seen(seq):
            self._seen.add(seq)
            self.mentions = max(0, self.mentions - 1)

    def see(self, window: Window, first: int, last: int, look: Look) -> bool:
        """The events from ``first`` to ``last`` are on the screen; whether that reads anything.

        It does unless something unread is above: who looks at the end of a room has not read what
        they have jumped over. ``look`` knows who we are, and whom we ignore.
        """
        if window.first > self.read + 1:
            return False
        new = next(self._texts(window, look), None)
        if new is None:
            if window.attached and window.last >= self.counted:
                self.all_read(window.last)
                return True
            return False
        if not first <= new.seq <= last:
            return False
        if last >= window.head:
            self.all_read(last)
            return True
        if not self._capped:
            for text in self._texts(window, look, last):
                self.texts = max(1, self.texts - 1)
                if mentions(text.text, look.me or "") and not self.has_seen(text.seq):
                    self.mentions = max(0, self.mentions - 1)
        self.read = last
        self.certain = True
        self._seen = {seq for seq in self._seen if seq > last}
        return True

    def _texts(self, window: Window, look: Look, last: int | None = None) -> Iterator[Said]:
        """The unread texts of others that are loaded."""
        for seq in range(self.read + 1, (window.last if last is None else last) + 1):
            event = window.get(seq)
            if is_message(event) and event.by != look.me and not look.hides(event.by):
                yield event
