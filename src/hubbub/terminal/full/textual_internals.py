"""Every use of what Textual keeps private, in one module.

Each function has a test that fails when Textual changes its part; the upper bound on Textual's
version in pyproject.toml is there for these. No other module may use private names of Textual.
"""

from __future__ import annotations

import enum
from collections.abc import Callable
from io import TextIOWrapper
from typing import Any, Protocol, cast

from textual import _ansi_sequences
from textual._xterm_parser import XTermParser
from textual.app import App
from textual.dom import DOMNode
from textual.driver import Driver
from textual.message import Message


class Output(Protocol):
    """The part of a text file that Textual writes to."""

    def write(self, text: str) -> object: ...
    def flush(self) -> None: ...
    def fileno(self) -> int: ...
    def isatty(self) -> bool: ...


# The terminal


def set_output(driver: Driver, output: Output) -> None:
    """Makes one of Textual's drivers for Unix write to ``output``; by itself it takes stderr."""
    cast(Any, driver)._file = cast(TextIOWrapper, output)


def write(app: App[Any], sequences: str) -> None:
    """Writes control sequences to the terminal; before the app runs there is none."""
    if app._driver is not None:
        app._driver.write(sequences)
        app._driver.flush()


class SequenceParser:
    """Textual's parser of what a terminal sends for keys, the mouse, and as answers."""

    def __init__(self) -> None:
        self._parser = XTermParser()

    def feed(self, text: str) -> list[Message]:
        """The events that ``text`` means. What it ends with may be held back as unfinished.

        The parser raises exceptions of any kind for sequences that it cannot read.
        """
        return list(self._parser.feed(text))

    def restart(self, *, keep_size: bool) -> None:
        """Forgets an unfinished sequence, and, unless ``keep_size``, the reported screen size."""
        last, self._parser = self._parser, XTermParser()
        if keep_size:
            self._parser.mouse_pixels = last.mouse_pixels
            self._parser.terminal_size = last.terminal_size
            self._parser.terminal_pixel_size = last.terminal_pixel_size


def add_key(sequence: str, key: enum.Enum) -> None:
    """Makes Textual read ``sequence`` as the key that is the value of ``key``."""
    _ansi_sequences.ANSI_SEQUENCES_KEYS[sequence] = (key,)  # type: ignore[index]  # not Final


def bound_action(node: DOMNode, key: str) -> str | None:
    """The action to which ``node`` itself, not one of its parents, binds a key."""
    bindings = node._bindings.key_to_bindings.get(key)
    return bindings[0].action if bindings else None


# Errors


def report_errors(app: App[Any], report: Callable[[Exception], None]) -> None:
    """Calls ``report`` for each error in a widget, timer or message handler.

    By itself Textual prints a traceback and ends the app.
    """
    cast(Any, app)._handle_exception = report


def end_at_once(app: App[Any], error: BaseException) -> None:
    """Ends the app without waiting for its messages. A test that runs it raises ``error``."""
    if app._exception is None:
        app._exception = error if isinstance(error, Exception) else RuntimeError(repr(error))
        app._exception_event.set()
    app._close_messages_no_wait()
