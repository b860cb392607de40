"""The terminal under the full-screen client: Textual's driver, made robust.

Textual's own driver draws on stderr, which may be a file. Its threads end on a byte that is not
UTF-8, or when the terminal is gone, and then the program goes on without a terminal.
"""

from __future__ import annotations

import asyncio
import contextlib
import errno
import os
import selectors
import sys
from collections import deque
from typing import Any, Protocol, cast

from textual import events
from textual.app import App
from textual.drivers.linux_driver import LinuxDriver
from textual.geometry import Size
from textual.message import Message

from hubbub.terminal.full.keyboard import Keyboard
from hubbub.terminal.full.painter import Painter
from hubbub.terminal.full.textual_internals import set_output

READ_BYTES = 4096
TICK_SECONDS = 0.1  # how long Esc may wait for what makes it another key

UTF_8 = "\x1b%G"  # ISO 2022's "other coding system": for a terminal whose locale has another one
NOT_UTF_8 = "\x1b%@"


class DriverPort(Protocol):
    """What the driver calls on the app: `hubbub.terminal.full.app.FullScreen`."""

    @property
    def size(self) -> Size: ...
    def post_message(self, message: Message) -> bool: ...
    def restore_title(self) -> None: ...
    def hung_up(self) -> None: ...
    def draw_all(self) -> None: ...
    def failed(self, error: BaseException) -> None: ...


class TerminalDriver(LinuxDriver):
    """Draws on the standard output, which is the terminal (see `terminal.choice`)."""

    def __init__(self, app: App[Any], **options: Any) -> None:
        super().__init__(app, **options)
        self._client = cast(DriverPort, app)
        assert sys.__stdout__ is not None
        self._app_loop = asyncio.get_running_loop()
        self._typed: deque[Message] = deque()
        self._awake = False  # whether a wake-up for `_typed` is on its way
        self._painter = Painter(
            sys.__stdout__.fileno(),
            gone=lambda: self._tell(self._client.hung_up),
            behind=lambda: self._tell(self._client.draw_all),
        )
        set_output(self, self._painter)
        encoding = sys.__stdout__.encoding.lower().replace("_", "-")
        self._other_encoding = encoding not in ("utf-8", "utf8")

    def start_application_mode(self) -> None:
        if self._other_encoding:
            self._painter.write(UTF_8)
        super().start_application_mode()  # type: ignore[no-untyped-call]

    def stop_application_mode(self) -> None:
        self._client.restore_title()
        super().stop_application_mode()
        if self._other_encoding:
            self.write(NOT_UTF_8)

    def close(self) -> None:
        super().close()
        self._painter.close()

    def run_input_thread(self) -> None:
        """Reads the terminal until `exit_event` is set, or the terminal is gone."""
        try:
            self._read_until_exit()
        except OSError:
            self._tell(self._client.hung_up)
        except BaseException as error:  # noqa: BLE001  # the app reports errors of any kind
            self._tell(self._client.failed, error)

    def _read_until_exit(self) -> None:
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
        # A click outside of the screen (no mouse makes one) would take the focus from the input.
        if isinstance(message, events.MouseEvent) and not self._client.size.contains(
            int(message.x), int(message.y)
        ):
            return
        super().process_message(message)

    def send_message(self, message: Message) -> None:
        """Hands a message to the event loop, with one wake-up for all that come together.

        Each wake-up writes a byte to the loop's self-pipe, which takes some 270 of them. Signals
        use the same pipe, and one that finds it full is lost.
        """
        self._typed.append(message)
        if not self._awake:
            self._awake = True
            self._tell(self._post_typed)

    def _post_typed(self) -> None:
        self._awake = False
        while self._typed:
            self._client.post_message(self._typed.popleft())

    def _read(self) -> bytes:
        try:
            data = os.read(self.fileno, READ_BYTES)
        except BlockingIOError:  # another program shares the terminal, and read first
            return b""
        if not data:
            raise OSError(errno.EIO, "The terminal is gone.")
        return data

    def _tell(self, what: Any, *arguments: object) -> None:
        """Calls ``what`` in the event loop."""
        with contextlib.suppress(RuntimeError):  # the loop is closed: the program has ended
            self._app_loop.call_soon_threadsafe(what, *arguments)
