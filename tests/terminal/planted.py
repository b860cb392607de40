"""`hubbub` with an error of a kind that nobody expects in one of its parts.

As a program: `python -m tests.terminal.planted PLACE ERROR WORD...`
"""

from __future__ import annotations

import importlib
import inspect
import sys
from collections.abc import Callable
from typing import Any


class Unheard(BaseException):
    """Not even an `Exception`."""


ERRORS: dict[str, Callable[[], BaseException]] = {
    "AssertionError": AssertionError,
    "RecursionError": lambda: RecursionError("maximum recursion depth exceeded"),
    "MemoryError": MemoryError,
    "KeyError": lambda: BaseExceptionGroup("several", [KeyError("first"), Unheard("second")]),
    "Unheard": lambda: Unheard("unheard of"),
}
"""By the name that a person is told."""


def failing(original: object, error: str) -> Callable[..., Any]:
    """What raises in place of ``original``: when it is called, or awaited if that is awaited."""

    def fail(*_: object, **__: object) -> None:
        raise ERRORS[error]()

    async def fail_later(*_: object, **__: object) -> None:
        raise ERRORS[error]()

    return fail_later if inspect.iscoroutinefunction(original) else fail


def find(place: str) -> tuple[Any, str]:
    """The module or class, and the name in it, of which ``place`` is the path."""
    path, _, name = place.rpartition(".")
    try:
        return importlib.import_module(path), name
    except ImportError:
        owner, inner = find(path)
        return getattr(owner, inner), name


def main(place: str, error: str, *words: str) -> None:
    owner, name = find(place)
    setattr(owner, name, failing(getattr(owner, name), error))
    from hubbub.cli import main

    main(words)


if __name__ == "__main__":
    main(*sys.argv[1:])
