"""Asks a running server by its socket (`hubbub.admin.socket`)."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from pathlib import Path

from msgspec import MsgspecError, Raw, Struct
from msgspec.json import Decoder, Encoder

from hubbub.admin.questions import CannotListen, Progress, Question, reachable
from hubbub.storage.lock import is_in_use

WAIT_SECONDS = 10.0  # for a server that has its folder, and is about to take questions
RETRY_SECONDS = 0.2
MAX_ANSWER_BYTES = 256 * 1024 * 1024  # of one line; a page of a list has some thousand


class NotRunning(Exception):
    """No server answers in that folder. The text says why."""


class NotOurs(Exception):
    """The socket is another user's."""


class TaskFailed(Exception):
    """The server has refused it, with a ``code`` of docs/admin.md. The text is for people."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


NOTHING = Raw()


class _Problem(Struct, frozen=True):
    code: str
    message: str


class _Line(Struct, frozen=True):
    progress: Progress | None = None
    result: Raw = NOTHING
    error: _Problem | None = None


_encoder = Encoder()
_lines = Decoder(_Line)


async def ask(folder: Path, task: str, arguments: bytes, tell: Callable[[Progress], None]) -> bytes:
    """The result of a task, as JSON. ``tell`` is called with its progress.

    A server that is just starting is waited for. Raises `NotRunning`, `NotOurs`, `TaskFailed`.
    """
    reader, writer = await _connected(folder)
    try:
        writer.write(_encoder.encode(Question(task, Raw(arguments))) + b"\n")
        await writer.drain()
        while line := await _line(reader):
            told = _decoded(line)
            if told.progress is not None:
                tell(told.progress)
            elif told.error is not None:
                raise TaskFailed(told.error.code, told.error.message)
            elif told.result != NOTHING:
                return bytes(told.result)
    except ConnectionError:
        pass
    finally:
        writer.close()
    raise TaskFailed(
        "shutting-down",
        "The server hung up before it answered: it has stopped, or takes no more questions. "
        "Look whether it was done, and try again.",
    )


async def _line(reader: asyncio.StreamReader) -> bytes:
    try:
        return await reader.readline()
    except ValueError:
        raise TaskFailed("too-large", "The answer is too large to be read.") from None


def _decoded(line: bytes) -> _Line:
    try:
        return _lines.decode(line)
    except (MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise TaskFailed(
            "other-version",
            f"The answer of the server that runs is none that this version knows ({error}): has it "
            "another version? Then have it start anew, and try again.",
        ) from None


async def _connected(folder: Path) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    deadline = time.monotonic() + WAIT_SECONDS
    while True:
        try:
            with reachable(folder) as path:
                return await asyncio.open_unix_connection(path, limit=MAX_ANSWER_BYTES)
        except PermissionError as error:
            raise NotOurs(str(error)) from None
        except (OSError, CannotListen, AttributeError, NotImplementedError) as error:
            if time.monotonic() > deadline or not await asyncio.to_thread(is_in_use, folder):
                raise NotRunning(str(error)) from None
        await asyncio.sleep(RETRY_SECONDS)
