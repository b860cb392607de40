"""The live screen of `hubbub top`, which asks a server once a second."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable
from contextlib import suppress

from prompt_toolkit import Application
from prompt_toolkit.formatted_text import StyleAndTextTuples
from prompt_toolkit.input import Input
from prompt_toolkit.key_binding import KeyBindings, KeyPressEvent
from prompt_toolkit.layout import FormattedTextControl, Layout, Window
from prompt_toolkit.output import ColorDepth, Output
from prompt_toolkit.styles import Style

from hubbub.terminal.top.layout import lines
from hubbub.terminal.top.model import History, Order, Snapshot

EVERY_SECONDS = 1.0

STYLE = Style.from_dict(
    {
        "dim": "ansibrightblack",
        "head": "bold",
        "sorted": "bold underline",
        "good": "ansigreen",
        "bad": "ansired bold",
    }
)

Ask = Callable[[], Awaitable[Snapshot]]
"""Asks the server; raises `Unanswered`."""


class Unanswered(Exception):
    """The server gives no snapshot. The text says why."""


class Screen:
    """Shows what ``ask`` gives until somebody types ``q``. ``input`` and ``output``: for tests."""

    def __init__(
        self,
        ask: Ask,
        *,
        every: float = EVERY_SECONDS,
        input: Input | None = None,
        output: Output | None = None,
    ) -> None:
        self._ask = ask
        self._every = every
        self._history = History()
        self.order = Order.BUSY
        self.paused = False
        self.trouble = ""
        colours = None if not os.environ.get("NO_COLOR") else ColorDepth.DEPTH_1_BIT
        self._app: Application[None] = Application(
            layout=Layout(Window(FormattedTextControl(self._shown), wrap_lines=False)),
            key_bindings=self._keys(),
            style=STYLE,
            color_depth=colours,
            full_screen=True,
            input=input,
            output=output,
        )

    async def run(self) -> None:
        """Returns when somebody is done with looking."""
        asking = asyncio.create_task(self._keep_asking())
        try:
            await self._app.run_async()
        finally:
            asking.cancel()
            with suppress(asyncio.CancelledError):
                await asking

    async def _keep_asking(self) -> None:
        while True:
            if not self.paused:
                await self._look()
                self._app.invalidate()
            await asyncio.sleep(self._every)

    async def _look(self) -> None:
        try:
            self._history.add(await self._ask())
        except Unanswered as error:
            self.trouble = str(error)
        else:
            self.trouble = ""

    def _shown(self) -> StyleAndTextTuples:
        size = self._app.output.get_size()
        found = lines(
            self._history.view(self.order),
            size.columns,
            size.rows,
            order=self.order,
            paused=self.paused,
            trouble=self.trouble,
        )
        pieces: StyleAndTextTuples = []
        for place, line in enumerate(found):
            if place:
                pieces.append(("", "\n"))
            pieces += line
        return pieces

    def _keys(self) -> KeyBindings:
        keys = KeyBindings()

        @keys.add("q")
        @keys.add("c-c")
        @keys.add("c-d")
        @keys.add("escape", eager=True)
        def _(event: KeyPressEvent) -> None:
            event.app.exit()

        @keys.add("s")
        def _(event: KeyPressEvent) -> None:
            self.order = self.order.next

        @keys.add("p")
        @keys.add(" ")
        def _(event: KeyPressEvent) -> None:
            self.paused = not self.paused

        return keys
