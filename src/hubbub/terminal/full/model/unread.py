"""How far a room was read, and what is unread behind that: texts of others, and mentions of us."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import TypeGuard

from hubbub.domain.events import Event, Said
from hubbub.domain.kinds import is_news
from hubbub.domain.replies import MOST_UNREAD
from hubbub.terminal.full.model.lines import Look
from hubbub.terminal.full.model.window import Window


class Unread:
    """``read`` is the last event that was read. Behind it are so many ``texts`` of others, of which
    ``mentions`` speak of us; the server has counted them up to ``counted``. What was on the screen
    counts no more, however much before it is not read.

    ``certain``: the server, or the person, has said how far we had read; else it is a guess.
    """

    def __init__(self) -> None:
        self.read = 0
        self.counted = 0
        self.texts = 0
        self.mentions = 0
        self._seen: dict[int, bool] = {}  # texts ahead of what is read; whether they speak of us
        self._quiet: set[int] = set()  # unread texts that count as no mention, whatever they say
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
        self._quiet.clear()

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

    def recount(self, events: Sequence[Event], look: Look) -> None:
        """``events`` are all behind the last one read. The server counts
        whom we ignore by name, too."""
        self.texts = self.mentions = 0
        self._capped = False
        for event in events:
            if _awaits(event, look) and not self.has_seen(event.seq):
                self.add(named=self.names_us(event, look))

    def reword(self, said: Said, text: str, look: Look) -> None:
        """``said`` says ``text`` from now on: an edit mentions nobody, and who is not named in it
        any more is not mentioned.
        """
        seq = said.seq
        if seq <= self.read or not _awaits(said, look):
            return
        named = self._seen.get(seq, self.names_us(said, look))
        if named and look.names_us(text):
            return
        self._quiet.add(seq)
        if seq in self._seen:
            self._seen[seq] = False
        elif named:
            self.mentions = max(0, self.mentions - 1)

    def names_us(self, said: Said, look: Look) -> bool:
        """Whether an unread text counts as one that speaks of us."""
        return said.seq not in self._quiet and look.names_us(said.text)

    def _take(self, texts: int, named: int | None) -> None:
        self._forget_seen()
        self._capped = texts >= MOST_UNREAD
        self.texts = texts if self._capped else max(0, texts - len(self._seen))
        self.mentions = max(0, (named or 0) - sum(self._seen.values()))

    # What the person sees

    def has_seen(self, seq: int) -> bool:
        """Whether a text was on the screen."""
        return seq <= self.read or seq in self._seen

    def see_text(self, seq: int, *, named: bool) -> None:
        """A text is on the screen; ``named``: it speaks of us."""
        if self.has_seen(seq):
            return
        self._seen[seq] = named
        if not self._capped:
            self.texts = max(0, self.texts - 1)
        self.mentions = max(0, self.mentions - named)

    def see(self, window: Window, first: int, last: int, look: Look) -> bool:
        """The events from ``first`` to ``last`` are on the screen; whether more is read by that.

        It is up to the first that was never seen: who looks at the end of a room has not read what
        they have jumped over. ``look`` knows who we are, and whom we ignore.
        """
        for text in self._texts(window, look, first, last):
            self.see_text(text.seq, named=self.names_us(text, look))
        if window.first > self.read + 1:
            return False
        behind = self._texts(window, look)
        unseen = next((text.seq for text in behind if text.seq not in self._seen), None)
        if unseen is None and window.attached and window.last >= self.counted:
            self.all_read(window.last)
            return True
        end = window.last + 1 if unseen is None else unseen
        read = max((seq for seq in self._seen if seq < end), default=0)
        if read <= self.read:
            return False
        self.read = read
        self.certain = True
        self._forget_seen()
        return True

    def _forget_seen(self) -> None:
        self._seen = {seq: named for seq, named in self._seen.items() if seq > self.read}

    def _texts(
        self, window: Window, look: Look, first: int = 0, last: int | None = None
    ) -> Iterator[Said]:
        """The unread texts of others that are loaded, from ``first`` to ``last``."""
        begin = window.place(max(self.read + 1, first))
        for event in islice(window.events, begin, None):
            if last is not None and event.seq > last:
                return
            if _awaits(event, look):
                yield event


def _awaits(event: Event, look: Look) -> TypeGuard[Said]:
    """Whether an event is there to be read: a text of somebody else."""
    return is_news(event) and not look.me.did(event) and not look.hides(event)
