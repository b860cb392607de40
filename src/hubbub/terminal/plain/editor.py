"""A console with line editing: incoming lines are shown above the one that is being typed."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator, Sequence
from typing import Any

from prompt_toolkit import PromptSession
from prompt_toolkit.completion import CompleteEvent, Completer, Completion
from prompt_toolkit.document import Document
from prompt_toolkit.formatted_text import FormattedText
from prompt_toolkit.history import DummyHistory, InMemoryHistory
from prompt_toolkit.input import Input, create_input
from prompt_toolkit.key_binding import KeyBindings, KeyPressEvent
from prompt_toolkit.keys import Keys
from prompt_toolkit.output import ColorDepth, Output, create_output
from prompt_toolkit.shortcuts import CompleteStyle

from hubbub.domain.slashes import Offers
from hubbub.terminal import graphemes
from hubbub.terminal.paths import begun, candidates
from hubbub.terminal.plain.commands import VOCABULARY
from hubbub.terminal.plain.keyboard import WholeSequences
from hubbub.terminal.safe import safe

PROMPT = "> "
_COMMAND = re.compile(r"/([\w-]+)\s(.*)$")


class Paths(Completer):
    """What Tab offers behind a command that sends files."""

    def get_completions(self, document: Document, event: CompleteEvent) -> Iterator[Completion]:
        found = _COMMAND.match(document.text_before_cursor)
        slash = VOCABULARY.meant(found[1]) if found else None
        if found is None or slash is None or slash.offers is not Offers.FILES:
            return
        start, path = begun(found[2])
        for one in candidates(path):
            yield Completion(one, start_position=start - len(found[2]), display=safe(one))


class EditorConsole:
    """A `Console` with line editing by prompt_toolkit.

    It sends as little as possible, for screen readers and scripts: no colours, no bell, no cursor
    position requests, and only the input line is redrawn. That line is erased when it is sent: the
    server sends it back when it is saved.
    """

    interactive = True

    def __init__(self, input: Input | None = None, output: Output | None = None) -> None:
        """``input`` and ``output`` default to those of this process."""
        self._output = output or _quiet_output()
        self._input = patient(input or create_input(sys.stdin))
        self._session: PromptSession[str] = PromptSession(
            input=self._input,
            key_bindings=_keys(),
            output=self._output,
            color_depth=ColorDepth.DEPTH_1_BIT,
            erase_when_done=True,
            reserve_space_for_menu=0,
            complete_while_typing=False,
            completer=Paths(),
            complete_style=CompleteStyle.READLINE_LIKE,
            enable_suspend=True,
            history=InMemoryHistory(),
        )
        self._questions: PromptSession[str] = PromptSession(
            input=self._input,
            key_bindings=_keys(),
            enable_suspend=True,
            output=self._output,
            color_depth=ColorDepth.DEPTH_1_BIT,
            reserve_space_for_menu=0,
            history=DummyHistory(),
        )

    async def ask(self, question: str, *, secret: bool = False) -> str | None:
        self._questions.is_password = secret
        return await self._prompt(self._questions, f"{question} ")

    async def read(self) -> str | None:
        return await self._prompt(self._session, PROMPT)

    async def write(self, lines: Sequence[str]) -> None:
        for session in (self._session, self._questions):
            if session.app.is_running:
                session.app.renderer.erase()
                self._write(lines)
                session.app.invalidate()
                return
        self._write(lines)

    async def draw(self, sequence: str) -> bool:
        await self.write([sequence])
        return True

    async def warn(self, lines: Sequence[str]) -> None:
        await self.write(lines)

    def _write(self, lines: Sequence[str]) -> None:
        self._output.write_raw("".join(f"{line}\n" for line in lines))
        self._output.flush()

    async def _prompt(self, session: PromptSession[str], prompt: str) -> str | None:
        # A trailing space is only written if it has a style, and scripts `expect "> "`.
        styled = FormattedText([("fg:ansidefault", prompt)])
        try:
            # Errors in callbacks go to our own handler, not to a prompt that says "Press ENTER".
            return await session.prompt_async(styled, set_exception_handler=False)
        except (EOFError, KeyboardInterrupt):  # Ctrl+D, Ctrl+C
            return None


def patient(input: Input) -> Input:
    """Makes an input tolerant: invalid UTF-8 becomes U+FFFD, as in a pipe, and the sequences of
    unknown keys are skipped.
    """
    terminal: Any = input
    if hasattr(input, "stdin_reader"):  # Windows has another one
        reader = terminal.stdin_reader
        reader._stdin_decoder = reader._stdin_decoder_cls(errors="replace")
    if hasattr(input, "vt100_parser"):
        terminal.vt100_parser = WholeSequences(terminal.vt100_parser.feed_key_callback)
    return input


def _keys() -> KeyBindings:
    keys = KeyBindings()

    @keys.add("c-@")
    def _nul(event: KeyPressEvent) -> None:
        """Ignores a NUL, as in binary pastes, which would start a selection."""

    @keys.add(Keys.Vt100MouseEvent)
    @keys.add(Keys.CPRResponse)
    def _report(event: KeyPressEvent) -> None:
        """Ignores reports of the terminal: none was requested."""

    @keys.add("backspace")
    @keys.add("c-h")
    def _delete(event: KeyPressEvent) -> None:
        """Deletes a whole grapheme cluster, such as a flag or a letter with its accents."""
        buffer = event.current_buffer
        place = buffer.cursor_position
        buffer.delete_before_cursor(place - graphemes.before(buffer.text, place))

    @keys.add("delete")
    def _delete_next(event: KeyPressEvent) -> None:
        buffer = event.current_buffer
        place = buffer.cursor_position
        buffer.delete(graphemes.after(buffer.text, place) - place)

    @keys.add("left")
    def _left(event: KeyPressEvent) -> None:
        buffer = event.current_buffer
        buffer.cursor_position = graphemes.before(buffer.text, buffer.cursor_position)

    @keys.add("right")
    def _right(event: KeyPressEvent) -> None:
        buffer = event.current_buffer
        buffer.cursor_position = graphemes.after(buffer.text, buffer.cursor_position)

    return keys


def _quiet_output() -> Output:
    output = create_output(sys.stdout)
    for setting in ("enable_cpr", "enable_bell"):  # those of a terminal that obeys codes
        if hasattr(output, setting):
            setattr(output, setting, False)
    return output
