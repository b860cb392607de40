"""A console that a test types into and looks at."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence


class Typist:
    """A `Console`. ``screen`` is everything that was shown; warnings begin with ``! ``."""

    def __init__(self, *, interactive: bool = True) -> None:
        self.interactive = interactive
        self.screen: list[str] = []
        self._typed: asyncio.Queue[str | None] = asyncio.Queue()
        self._waiting: list[tuple[Callable[[], bool], asyncio.Future[None]]] = []

    def type(self, *lines: str) -> None:
        for line in lines:
            self._typed.put_nowait(line)

    def hang_up(self) -> None:
        """Ctrl+D, or the end of the pipe."""
        self._typed.put_nowait(None)

    async def sees(self, text: str, times: int = 1) -> None:
        """Returns when ``text`` is somewhere on the screen, so often."""

        def seen() -> bool:
            return sum(text in line for line in self.screen) >= times

        if not seen():
            future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            self._waiting.append((seen, future))
            await future

    async def ask(self, question: str, *, secret: bool = False) -> str | None:
        self._show([question])
        return await self._typed.get()

    async def read(self) -> str | None:
        return await self._typed.get()

    async def write(self, lines: Sequence[str]) -> None:
        self._show(lines)

    async def draw(self, sequence: str) -> bool:
        self._show([sequence])
        return True

    async def warn(self, lines: Sequence[str]) -> None:
        self._show([f"! {line}" for line in lines])

    def _show(self, lines: Sequence[str]) -> None:
        self.screen += lines
        for seen, future in list(self._waiting):
            if seen():
                self._waiting.remove((seen, future))
                future.set_result(None)
