"""A result that comes later. Unlike a future it needs no event loop, so pure parts can hold it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Generic, TypeVar

T = TypeVar("T")


class Pending(Generic[T]):
    """Settled once, with a value or an error. Made inside an event loop, it is that one's only."""

    __slots__ = ("_callbacks", "_loop", "done", "error", "value")

    def __init__(self) -> None:
        self._loop = _running_loop()
        self.done = False
        self.value: T | None = None
        self.error: Exception | None = None
        self._callbacks: list[Callable[[], None]] = []

    def resolve(self, value: T) -> None:
        """Settles it with ``value``."""
        if not self.done:
            self.value = value
            self._settle()

    def reject(self, error: Exception) -> None:
        """Settles it with ``error``."""
        if not self.done:
            self.error = error
            self._settle()

    def then(self, callback: Callable[[], None]) -> None:
        """Calls ``callback`` when it is settled: at once, if it is.

        What it raises goes to the event loop's exception handler, and harms nobody else.
        """
        if self.done:
            _call(callback)
        else:
            self._callbacks.append(callback)

    async def wait(self) -> T:
        """The value; raises the error. Giving up waiting changes nothing."""
        loop = asyncio.get_running_loop()
        if self._loop not in (None, loop):
            raise RuntimeError("This belongs to another event loop, and cannot be awaited here.")
        if not self.done:
            settled = loop.create_future()

            def wake() -> None:
                if not settled.done():
                    settled.set_result(None)

            self._callbacks.append(wake)
            try:
                await settled
            finally:
                if wake in self._callbacks:
                    self._callbacks.remove(wake)
        if self.error is not None:
            raise self.error
        return self.value  # type: ignore[return-value]  # settled without an error

    def _settle(self) -> None:
        self.done = True
        callbacks, self._callbacks = self._callbacks, []
        for callback in callbacks:
            _call(callback)


def _running_loop() -> asyncio.AbstractEventLoop | None:
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        return None


def _call(callback: Callable[[], None]) -> None:
    try:
        callback()
    except (SystemExit, KeyboardInterrupt):
        raise
    except BaseException as error:  # noqa: BLE001  # as for a callback of the loop's own
        context = {"message": f"Exception in callback {callback!r}", "exception": error}
        asyncio.get_running_loop().call_exception_handler(context)
