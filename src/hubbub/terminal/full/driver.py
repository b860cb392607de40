"""The terminal under the full-screen client: Textual's driver, for terminals as they are.

Textual's own draws on stderr, which may be a file; its threads die of a byte that is no UTF-8 and
of a terminal that is gone, and then nothing ends the program.
"""

from __future__ import annotations

import asyncio
import contextlib
import errno
import os
import selectors
import sys
from collections import deque
from io import TextIOWrapper
from typing import Any, Protocol, cast

from textual import events
from textual.app import App
from textual.drivers.linux_driver import LinuxDriver
from textual.message import Message

from hubbub.terminal.full.keyboard import Keyboard
from hubbub.terminal.full.painter import Painter

READ_BYTES = 4096
TICK_SECONDS = 0.1  # how long Esc may wait for what makes it another key

UTF_8 = "\x1b%G"  # ISO 2022's "other coding system": for a terminal whose locale has another one
NOT_UTF_8 = "\x1b%@"


class DriverPort(Protocol):
    """What the driver calls on the app: `hubbub.terminal.full.app.FullScreen`."""

    def give_title_back(self) -> None: ...
    def hung_up(self) -> None: ...
    def draw_all(self) -> None: ...
    def failed(self, error: BaseException) -> None: ...


class TerminalDriver(LinuxDriver):
    """Draws on the standard output, which is the terminal (see `terminal.choice`)."""

    def __init__(self, app: App[Any], **options: Any) -> None:
        super().__init__(app, **options)
        self._client = cast(DriverPort, app)
        assert sys.__stdout__ is not None
        self._loop = asyncio.get_running_loop()
        self._typed: deque[Message] = deque()
        self._awake = False  # whether the loop has been told of what was typed
        self._painter = Painter(
            sys.__stdout__.fileno(),
            gone=lambda: self._tell(self._client.hung_up),
            behind=lambda: self._tell(self._client.draw_all),
        )
        self._file = cast(TextIOWrapper, self._painter)
        encoding = sys.__stdout__.encoding.lower().replace("_", "-")
        self._other_encoding = encoding not in ("utf-8", "utf8")

    def start_application_mode(self) -> None:
        if self._other_encoding:
            self._painter.write(UTF_8)
        super().start_application_mode()  # type: ignore[no-untyped-call]

    def stop_application_mode(self) -> None:
        self._client.give_title_back()
        super().stop_application_mode()
        if self._other_encoding:
            self.write(NOT_UTF_8)

    def close(self) -> None:
        super().close()
        self._painter.close()

    def _run_input_thread(self) -> None:
        try:
            self.run_input_thread()
        except OSError:
            self._tell(self._client.hung_up)
        except BaseException as error:  # noqa: BLE001  # whatever it is, it is told
            self._tell(self._client.failed, error)

    def run_input_thread(self) -> None:
        """Raises `OSError` when the terminal is gone."""
        keyboard = Keyboard()
        with selectors.DefaultSelector() as selector:
            selector.register(self.fileno, selectors.EVENT_READ)
            while not self.exit_event.is_set():
                if selector.select(TICK_SECONDS):
                    for message in keyboard.feed(self._read()):
                        self.process_message(message)
                for message in keyboard.tick():
                    self.process_message(message)

    def process_message(self, message: Message) -> None:
        # A click beside the screen, which no mouse can make, would take the cursor from the input.
        if isinstance(message, events.MouseEvent) and not self._app.size.contains(
            int(message.x), int(message.y)
        ):
            return
        super().process_message(message)

    def send_message(self, message: Message) -> None:
        """Wakes the loop once for all that comes together.

        Each wake-up is a byte in a socket that has room for some 270 of them, and through which the
        loop hears of signals: one that finds it full is lost.
        """
        self._typed.append(message)
        if not self._awake:
            self._awake = True
            self._tell(self._post_typed)

    def _post_typed(self) -> None:
        self._awake = False
        while self._typed:
            self._app.post_message(self._typed.popleft())

    def _read(self) -> bytes:
        try:
            data = os.read(self.fileno, READ_BYTES)
        except BlockingIOError:  # another program has made it so, and was quicker
            return b""
        if not data:
            raise OSError(errno.EIO, "The terminal is gone.")
        return data

    def _tell(self, what: Any, *arguments: object) -> None:
        with contextlib.suppress(RuntimeError):  # the loop is closed: nobody needs to know
            self._loop.call_soon_threadsafe(what, *arguments)
