"""Tells a person now and then how far an upload is."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

PROGRESS_SECONDS = 5.0  # between two lines: a screen reader reads each of them


class HowFar:
    """Used as ``async with``; `told` is told each step. Without ``tell`` nobody looks."""

    def __init__(self, tell: Callable[[str], Awaitable[None]] | None) -> None:
        self._tell = tell
        self._last = ""
        self._task: asyncio.Task[None] | None = None

    def told(self, words: str) -> None:
        """How far it is now."""
        self._last = words

    async def __aenter__(self) -> None:
        if self._tell is not None:
            self._task = asyncio.create_task(self._run(self._tell))

    async def __aexit__(self, *_: object) -> None:
        if self._task is not None:
            self._task.cancel()

    async def _run(self, tell: Callable[[str], Awaitable[None]]) -> None:
        said = ""
        while True:
            await asyncio.sleep(PROGRESS_SECONDS)
            if self._last != said:
                said = self._last
                await tell(said)
