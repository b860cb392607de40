"""What others have said to somebody, and is not shown to them yet: a ping waits for it.

So who pings after somebody has sent a text that the server has taken reads it before the answer.
What others say in rooms is on its way to the log; who writes to one person alone may have to begin
a conversation first, and has a `Letter` on its way from then on.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection
from types import TracebackType

from hubbub.domain.ids import UserId
from hubbub.hub.journal import Journal
from hubbub.hub.session import Session

WAIT_SECONDS = 0.5  # two texts on a slow disk: nobody can keep others waiting for longer

_NONE: dict[Letter, None] = {}


class Letter:
    """Somebody writes to one person: ``with`` it, from the text's coming until it is answered."""

    __slots__ = ("_pile", "_to", "_waits")

    def __init__(self, pile: Letters, to: UserId) -> None:
        self._pile = pile
        self._to = to
        self._waits: tuple[Wait, ...] = ()

    def __enter__(self) -> None:
        self._pile.put(self._to, self)

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._pile.take(self._to, self)
        waits, self._waits = self._waits, ()
        for wait in waits:  # not in the midst of what the author's connection does
            asyncio.get_running_loop().call_soon(wait.happened)

    def when_over(self, wait: Wait) -> None:
        """Tells it soon after it was shown, or refused."""
        self._waits = (*(one for one in self._waits if not one.over), wait)


class Letters:
    """The letters that are on their way, by whom they are for."""

    def __init__(self) -> None:
        self._coming: dict[UserId, dict[Letter, None]] = {}

    def write(self, to: UserId) -> Letter:
        """A new one for the user with that id."""
        return Letter(self, to)

    def coming(self, to: UserId | None) -> Collection[Letter]:
        """Those for the user with that id."""
        return self._coming.get(to, _NONE) if to is not None else _NONE

    def put(self, to: UserId, letter: Letter) -> None:
        """It is on its way."""
        self._coming.setdefault(to, {})[letter] = None

    def take(self, to: UserId, letter: Letter) -> None:
        """It is there."""
        coming = self._coming[to]
        del coming[letter]
        if not coming:
            del self._coming[to]


class Wait:
    """Calls ``then`` once: when so ``many`` things have happened, or the time is over."""

    __slots__ = ("_left", "_then", "_timer")

    def __init__(self, many: int, then: Callable[[], None]) -> None:
        self._left = many
        self._then = then
        loop = asyncio.get_running_loop()
        self._timer: asyncio.TimerHandle | None = loop.call_later(WAIT_SECONDS, self._end)

    @property
    def over(self) -> bool:
        """Whether it was called."""
        return self._timer is None

    def happened(self) -> None:
        """One of them has."""
        self._left -= 1
        if self._left == 0:
            self._end()

    def _end(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
            self._then()


def when_shown(
    letters: Letters, journal: Journal, session: Session, then: Callable[[], None]
) -> bool:
    """Whether something is on its way to ``session``; calls ``then`` when it is shown that.

    What comes meanwhile is not waited for, nor is anything for longer than `WAIT_SECONDS`; nor what
    is said in rooms while the log is behind.
    """
    mine = letters.coming(None if session.user is None else session.user.id)
    may = journal.pending > 0 and not journal.full
    written = may and any(room.writes_coming for room in session.rooms)
    if not mine and not written:
        return False
    wait = Wait(len(mine) + written, then)
    for letter in mine:
        letter.when_over(wait)
    if written:
        journal.when_answered(wait)
    return True
