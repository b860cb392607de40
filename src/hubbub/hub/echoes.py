"""What sessions of a room have said whose wires do not show them their own messages again.

Known by the session, not by the user: other sessions of the same user are shown them.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Container
from typing import Generic, TypeVar

Reader = TypeVar("Reader")

MOST = 256  # of one session that are not shown yet: beyond, it is shown the oldest of them

NOTHING: Collection[int] = frozenset()


class Echoes(Generic[Reader]):
    """The numbers of those messages of each session that are ahead of its cursor in one room."""

    __slots__ = ("_said",)

    def __init__(self) -> None:
        self._said: dict[Reader, deque[int]] = {}

    def __bool__(self) -> bool:
        return bool(self._said)

    def note(self, session: Reader, seq: int) -> None:
        """``session`` has said that."""
        self._said.setdefault(session, deque(maxlen=MOST)).append(seq)

    def of(self, session: Reader) -> Collection[int]:
        """What ``session`` has said."""
        return self._said.get(session, NOTHING)

    def among(self, sessions: Container[Reader]) -> list[Reader]:
        """Those of ``sessions`` who have said something."""
        return [session for session in self._said if session in sessions]

    def forget(self, session: Reader, upto: int | None = None) -> None:
        """``session`` is given nothing up to there any more; None: nothing at all."""
        said = self._said.get(session)
        while said and upto is not None and said[0] <= upto:
            said.popleft()
        if said is not None and (upto is None or not said):
            del self._said[session]
