"""A result that comes later. Unlike a future it needs no event loop, for modules without I/O."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Generic, TypeVar

T = TypeVar("T")


class Pending(Generic[T]):
    """Completed once, with a value or an error. If it was made inside an event loop, only that loop
    may wait for it.
    """

    __slots__ = ("_callbacks", "_loop", "done", "error", "value")

    def __init__(self) -> None:
        self._loop = _running_loop()
        self.done = False
        self.value: T | None = None
        self.error: Exception | None = None
        self._callbacks: list[Callable[[], None]] = []

    def resolve(self, value: T) -> None:
        """Completes it with ``value``."""
        if not self.done:
            self.value = value
            self._complete()

    def reject(self, error: Exception) -> None:
        """Completes it with ``error``."""
        if not self.done:
            self.error = error
            self._complete()

    def then(self, callback: Callable[[], None]) -> None:
        """Calls ``callback`` when the result is there, which may be at once.

        An error in it goes to the event loop's exception handler; other callbacks are still called.
        """
        if self.done:
            _call(callback)
        else:
            self._callbacks.append(callback)

    async def wait(self) -> T:
        """Waits for the value; raises the error. Cancelling this call changes nothing."""
        loop = asyncio.get_running_loop()
        if self._loop not in (None, loop):
            raise RuntimeError("This belongs to another event loop, and cannot be awaited here.")
        if not self.done:
            completed = loop.create_future()

            def wake() -> None:
                if not completed.done():
                    completed.set_result(None)

            self._callbacks.append(wake)
            try:
                await completed
            finally:
                if wake in self._callbacks:
                    self._callbacks.remove(wake)
        if self.error is not None:
            raise self.error
        return self.value  # type: ignore[return-value]  # completed without an error

    def _complete(self) -> None:
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
