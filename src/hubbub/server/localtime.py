"""Formats times in the machine's time zone."""

from __future__ import annotations

import time


class LocalTime:
    """Milliseconds since the epoch to ``2023-07-30 15:00:05`` in the machine's zone.

    Lines of one second share one string: formatting costs more than the rest of a line.
    """

    __slots__ = ("_second", "_text")

    def __init__(self) -> None:
        self._second = -1
        self._text = ""

    def __call__(self, at: int) -> str:
        second = at // 1000
        if second != self._second:
            self._text = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(second))
            self._second = second
        return self._text
