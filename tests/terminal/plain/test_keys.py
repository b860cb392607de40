"""Keys in the plain client: those that mean nothing do nothing, the others edit."""

from __future__ import annotations

import string

import pytest
from prompt_toolkit.input import create_pipe_input
from prompt_toolkit.input.ansi_escape_sequences import ANSI_SEQUENCES
from prompt_toolkit.keys import Keys
from prompt_toolkit.output import DummyOutput

from hubbub.terminal.plain.editor import EditorConsole
from hubbub.terminal.plain.keyboard import WITH_ALT
from tests.terminal.full.test_keys import UNKNOWN


async def typed(*reads: bytes) -> str | None:
    """The line that comes of what is read, piece by piece, and Enter."""
    with create_pipe_input() as pipe:
        console = EditorConsole(pipe, DummyOutput())
        for data in (*reads, b"\r"):
            pipe.send_bytes(data)
        return await console.read()


@pytest.mark.parametrize("data", UNKNOWN)
async def test_a_sequence_that_nobody_knows_writes_nothing(data: bytes) -> None:
    assert await typed(b"o" + data + b"k") == "ok"
    assert await typed(*(data[at : at + 1] for at in range(len(data))), b"ok") == "ok"


async def test_alt_with_a_key_writes_nothing() -> None:
    keys = [key for key in string.printable[:95] if key not in WITH_ALT and key not in "[O]"]
    assert await typed(b"o" + b"".join(b"\x1b" + key.encode() for key in keys) + b"k") == ("ok")


async def test_function_keys_and_the_like_write_nothing() -> None:
    ends = (Keys.ControlM, Keys.BracketedPaste)
    keys = [text.encode() for text, key in ANSI_SEQUENCES.items() if key not in ends]
    assert await typed(b"".join(key for key in keys if len(key) > 2) + b"ok") == "ok"


async def test_a_line_is_edited_with_the_usual_keys() -> None:
    assert await typed(b"tea and coffee\x1bb\x1b\x7f") == "tea coffee"
    assert await typed(b"ka\x1b[D\x1b[Do") == "oka"
    assert await typed(b"a \xf0\x9f\x87\xa9\xf0\x9f\x87\xaa\x7fb") == "a b"
    assert await typed(b"\x1b[200~one\x1b[31m two\x1b[201~") == "one\x1b[31m two"
