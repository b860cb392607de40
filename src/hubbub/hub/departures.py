"""Users who leave for good: they are answered when the log has their leaves."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence

from hubbub.hub.attendance import Attendance

DEPARTURE_SECONDS = 1.0  # for which a departure waits for a disk that does not answer


class _Departure:
    """Waits for ``owed`` leaves; ``over`` is called once."""

    __slots__ = ("_over", "owed")

    def __init__(self, owed: int, over: Callable[[], None]) -> None:
        self.owed = owed
        self._over: Callable[[], None] | None = over

    def end(self) -> None:
        """The log has the leaves, or they took too long."""
        over, self._over = self._over, None
        if over is not None:
            over()


class Departures:
    """All that wait, in the order in which their time runs out."""

    def __init__(self) -> None:
        self._waiting: dict[Attendance, list[_Departure]] = {}
        self._deadlines: deque[tuple[float, _Departure]] = deque()

    def wait(self, owed: Sequence[Attendance], over: Callable[[], None], now: float) -> None:
        """Calls ``over`` when the log has the leaves ``owed``; at once if there are none.

        After `DEPARTURE_SECONDS` it is called in any case. ``now``: see `tick`.
        """
        departure = _Departure(len(owed), over)
        if not owed:
            departure.end()
            return
        for attendance in owed:
            self._waiting.setdefault(attendance, []).append(departure)
        self._deadlines.append((now + DEPARTURE_SECONDS, departure))

    def logged(self, attendance: Attendance) -> None:
        """The log owes nothing for ``attendance`` any more."""
        for departure in self._waiting.pop(attendance, ()):
            departure.owed -= 1
            if not departure.owed:
                departure.end()
        while self._deadlines and not self._deadlines[0][1].owed:
            self._deadlines.popleft()

    def tick(self, now: float) -> None:
        """Ends those whose time has run out at ``now``, on the monotonic clock."""
        while self._deadlines and self._deadlines[0][0] <= now:
            self._deadlines.popleft()[1].end()
