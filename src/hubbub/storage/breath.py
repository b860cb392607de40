"""Pauses in a thread's work, so that the event loop hardly notices it.

Python runs one thread at a time, and lets another one run every 5 ms only if nobody gives way. So
who has more to do than a moment in Python (search, counting) does it bit by bit.
"""

from __future__ import annotations

import time

MOMENT_SECONDS = 0.001  # of processor time
REST_RATIO = 1.0  # a rest is as long as the work before it: half of the time is the loop's


class Breath:
    """Of one piece of work in a thread, which calls `take` between its bits."""

    def __init__(self, seconds: float) -> None:
        """``seconds``: after them it is too late to go on."""
        self._deadline = time.monotonic() + seconds
        self._worked = time.thread_time()

    def take(self) -> bool:
        """Rests, if there was work for a moment; whether there is time for more."""
        worked = time.thread_time() - self._worked
        if worked >= MOMENT_SECONDS:
            time.sleep(worked * REST_RATIO)
            self.rested()
        return time.monotonic() < self._deadline

    @property
    def left(self) -> float:
        """How many seconds there are yet; less than 0 when it is too late."""
        return self._deadline - time.monotonic()

    def rested(self) -> None:
        """What was done since the last time was not Python's work: the database's, say."""
        self._worked = time.thread_time()
