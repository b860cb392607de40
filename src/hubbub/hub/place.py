"""How far one user has read in one room, and how much is unread behind that."""

from __future__ import annotations

from hubbub.domain.replies import MOST_UNREAD


class Place:
    """A user's place in a room: read up to ``seq``, and counted from there up to ``upto``."""

    __slots__ = ("mentions", "seq", "unread", "upto")

    def __init__(self, seq: int) -> None:
        self.move(seq)

    def move(self, seq: int) -> None:
        """Everything up to ``seq`` is read."""
        self.seq = self.upto = seq
        self.unread = self.mentions = 0

    def behind(self, head: int) -> bool:
        """Whether there is something to count up to ``head``."""
        if self.unread >= MOST_UNREAD:
            self.upto = head  # more than that is never told
        return self.upto < head

    def add(self, upto: int, texts: int, named: int) -> None:
        """In the events up to ``upto`` there are so many more."""
        self.upto = upto
        self.mentions += min(named, MOST_UNREAD - self.unread)
        self.unread = min(MOST_UNREAD, self.unread + texts)
