"""The live screen of the demo: a table, what was said last, and a line for commands."""

from __future__ import annotations

import asyncio
import os
from collections import deque
from collections.abc import Callable
from contextlib import suppress

from prompt_toolkit import Application
from prompt_toolkit.buffer import Buffer
from prompt_toolkit.formatted_text import StyleAndTextTuples
from prompt_toolkit.input import Input
from prompt_toolkit.key_binding import KeyBindings, KeyPressEvent
from prompt_toolkit.layout import Dimension, FormattedTextControl, HSplit, Layout, Window
from prompt_toolkit.output import ColorDepth, Output
from prompt_toolkit.widgets import TextArea

from hubbub.terminal.top.screen import STYLE
from tools.cluster.console import Mistake, Quit
from tools.cluster.processes import ClusterError
from tools.cluster.table import Line

EVERY_SECONDS = 1.0
MOST_LINES = 100  # of what was said


class Screen:
    """Shows what ``look`` gives, and hands each line to ``run``, until that raises `Quit`.

    Both are called in threads. ``run`` returns what is to be said, and raises `Mistake` or
    `ClusterError`. ``input`` and ``output``: for tests.
    """

    def __init__(
        self,
        look: Callable[[], list[Line]],
        run: Callable[[str], str],
        greeting: str,
        *,
        input: Input | None = None,
        output: Output | None = None,
    ) -> None:
        self._look = look
        self._run = run
        self._table: list[Line] = [[("class:dim", "Looking …")]]
        self.said: deque[tuple[str, str]] = deque(maxlen=MOST_LINES)
        self._say("", greeting)
        self._lines: asyncio.Queue[str] = asyncio.Queue()
        prompt = TextArea(prompt="> ", multiline=False, accept_handler=self._typed)
        rows = HSplit(
            [
                Window(
                    FormattedTextControl(self._shown), wrap_lines=False, dont_extend_height=True
                ),
                Window(height=1, char="─", style="class:dim"),
                Window(FormattedTextControl(self._words), wrap_lines=True, height=Dimension(min=1)),
                prompt,
            ]
        )
        colours = None if not os.environ.get("NO_COLOR") else ColorDepth.DEPTH_1_BIT
        self._app: Application[None] = Application(
            layout=Layout(rows, focused_element=prompt),
            key_bindings=self._keys(),
            style=STYLE,
            color_depth=colours,
            full_screen=True,
            input=input,
            output=output,
        )

    async def show(self) -> None:
        """Returns when somebody is done with it."""
        tasks = [asyncio.create_task(self._keep_looking()), asyncio.create_task(self._keep_doing())]
        try:
            await self._app.run_async()
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _keep_looking(self) -> None:
        while True:
            self._table = await asyncio.to_thread(self._look)
            self._app.invalidate()
            await asyncio.sleep(EVERY_SECONDS)

    async def _keep_doing(self) -> None:
        while True:
            line = await self._lines.get()
            self._say("class:head", f"> {line}")
            self._app.invalidate()
            try:
                self._say("", await asyncio.to_thread(self._run, line))
            except (Mistake, ClusterError) as error:
                self._say("class:bad", str(error))
            except Quit:
                self._app.exit()
                return
            self._app.invalidate()

    def _typed(self, buffer: Buffer) -> bool:
        if buffer.text.strip():
            self._lines.put_nowait(buffer.text.strip())
        return False  # the line is empty again

    def _say(self, style: str, words: str) -> None:
        self.said += [(style, line) for line in words.splitlines()]

    def _shown(self) -> StyleAndTextTuples:
        pieces: StyleAndTextTuples = []
        for line in self._table:
            pieces += [*line, ("", "\n")]
        return pieces[:-1]

    def _words(self) -> StyleAndTextTuples:
        """The last lines for which there is room."""
        rows = self._app.output.get_size().rows - len(self._table) - 2
        pieces: StyleAndTextTuples = []
        for style, text in list(self.said)[-max(1, rows) :]:
            pieces += [(style, text), ("", "\n")]
        return pieces[:-1]

    def _keys(self) -> KeyBindings:
        keys = KeyBindings()

        @keys.add("c-c")
        @keys.add("c-d")
        def _(event: KeyPressEvent) -> None:
            with suppress(asyncio.QueueFull):
                self._lines.put_nowait("quit")

        return keys
