"""Keeps those who are live in a room as they are while something is written to all of them."""

from __future__ import annotations

from hubbub.hub.session import Session


class StallGate:
    """Keeps the sets of live sessions as they are while something is being written to them.

    A transport may report a full outbox in the middle of a write; the session it belongs to
    leaves the live sets when the ``with`` block ends, so that its cursor is behind all of it.
    """

    __slots__ = ("_open", "_stalled", "count")

    def __init__(self) -> None:
        self._open = True
        self._stalled: list[Session] = []
        self.count = 0

    def stalled(self, session: Session) -> None:
        """``session`` reports that its outbox is full."""
        self.count += 1
        if self._open:
            session.fall_behind()
        else:
            self._stalled.append(session)

    def __enter__(self) -> None:
        self._open = False

    def __exit__(self, *_: object) -> None:
        self._open = True
        if self._stalled:
            stalled, self._stalled = self._stalled, []
            for session in stalled:
                session.fall_behind()
