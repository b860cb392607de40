"""The socket in the data folder by which who keeps the server reaches it while it runs.

A Unix socket that only the server's own user may open, in a folder that nobody else may enter. A
connection has one question, a line of JSON, ``{"task": …, "arguments": {…}}``. The answer is lines,
too: ``{"progress": {…}}`` any number of times, and then ``{"result": {…}}`` or ``{"error": {…}}``.
Who hangs up before that ends the task.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import socket
import stat
import struct
import sys
import time
from pathlib import Path
from typing import Self

import msgspec
from msgspec import Struct
from msgspec.json import Decoder, Encoder

from hubbub.admin.questions import NAME, CannotListen, Progress, Question, reachable
from hubbub.admin.running import Administration
from hubbub.domain.errors import BadMessage, ChatError

MAX_QUESTION_BYTES = 1024 * 1024  # a question has some hundred
QUESTION_SECONDS = 10.0  # in which it has to come
MOST_CONNECTIONS = 32
PROGRESS_SECONDS = 0.1  # between two lines of progress: nobody reads faster
CLOSE_SECONDS = 1.0  # for tasks to end that are cut short

_UCRED = struct.Struct("3i")  # unix(7): pid, uid, gid

logger = logging.getLogger(__name__)


class Problem(Struct, frozen=True, omit_defaults=True):
    """Why there is no result."""

    code: str
    message: str
    retry_after: float | None = None


_OURS = Problem("internal-error", "Something went wrong in the server. Its log says what.")


class Line(Struct, frozen=True, omit_defaults=True):
    """One line of the answer: one of the three."""

    progress: Progress | None = None
    result: Struct | None = None
    error: Problem | None = None


_encoder = Encoder(enc_hook=str)
_questions = Decoder(Question)


class TaskSocket:
    """The listening socket. `open` makes it."""

    def __init__(self, path: Path, administration: Administration) -> None:
        self._path = path
        self._administration = administration
        self._answering: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server | None = None
        self._identity: tuple[int, int] | None = None

    @classmethod
    async def open(cls, folder: Path, administration: Administration) -> Self:
        """Listens in ``folder``, which is locked for this server; raises `CannotListen`."""
        if not hasattr(socket, "AF_UNIX") or sys.platform == "win32":
            raise CannotListen("this system has no Unix sockets.")
        self = cls(folder / NAME, administration)
        try:
            listening = self._bind(folder)
        except OSError as error:
            raise CannotListen(f"{self._path}: {error.strerror or error}.") from None
        self._server = await asyncio.start_unix_server(
            self._accept, sock=listening, limit=MAX_QUESTION_BYTES
        )
        return self

    async def close(self) -> None:
        """Ends what is under way, and takes the socket away."""
        if self._server is not None:
            self._server.close()
        for task in self._answering:
            task.cancel()
        if self._answering:
            await asyncio.wait(self._answering, timeout=CLOSE_SECONDS)
        # Another server may have the folder by now, and a socket of its own there.
        with contextlib.suppress(OSError):
            if _identity(self._path) == self._identity:
                self._path.unlink()

    def _bind(self, folder: Path) -> socket.socket:
        """The socket, which nobody else can open at any moment: the folder is closed to others."""
        with contextlib.suppress(FileNotFoundError):
            if not stat.S_ISSOCK(self._path.lstat().st_mode):
                raise CannotListen(f"{self._path} is in the way: it is no socket.")
            self._path.unlink()  # of a server that was killed: we have the folder's lock
        listening = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            with reachable(folder) as path:
                listening.bind(path)
            self._path.chmod(0o600)
            self._identity = _identity(self._path)
        except BaseException:
            listening.close()
            raise
        return listening

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        if len(self._answering) >= MOST_CONNECTIONS or not _is_ours(writer):
            writer.transport.abort()
            return
        self._answering.add(task)
        try:
            await self._answer(reader, writer)
        except (ConnectionError, TimeoutError, asyncio.LimitOverrunError, ValueError):
            pass  # nobody is there who could be told
        except asyncio.CancelledError:
            pass  # the server stops, and asyncio would log it
        finally:
            self._answering.discard(task)
            writer.close()

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        async with asyncio.timeout(QUESTION_SECONDS):
            asked = await reader.readline()
        doing = asyncio.ensure_future(self._done(asked, writer))
        gone = asyncio.ensure_future(reader.read(1))
        try:
            await asyncio.wait((doing, gone), return_when=asyncio.FIRST_COMPLETED)
            if doing.done():
                writer.write(_encoded(doing.result()) + b"\n")
                await writer.drain()
        finally:
            for one in (doing, gone):
                one.cancel()
            await asyncio.wait((doing, gone))

    async def _done(self, asked: bytes, writer: asyncio.StreamWriter) -> Line:
        """The last line of the answer."""
        told_at = float("-inf")

        def tell(progress: Progress) -> None:
            nonlocal told_at
            now = time.monotonic()
            if now - told_at >= PROGRESS_SECONDS:
                told_at = now
                writer.write(_encoder.encode(Line(progress=progress)) + b"\n")

        try:
            question = _read(asked)
            result = await self._administration.at_hand(
                question.task, bytes(question.arguments), tell
            )
        except ChatError as error:
            return Line(error=Problem(error.code, error.message, error.retry_after))
        except Exception:
            logger.exception("A task of hubbub admin has failed.")
            return Line(error=_OURS)
        return Line(result=result)


def _encoded(line: Line) -> bytes:
    try:
        return _encoder.encode(line)
    except Exception:
        logger.exception("What a task of hubbub admin has given cannot be told.")
        return _encoder.encode(Line(error=_OURS))


def _read(asked: bytes) -> Question:
    try:
        return _questions.decode(asked)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise BadMessage(f"This is no question for the server: {error}.") from None


def _is_ours(writer: asyncio.StreamWriter) -> bool:
    """Whether the other end is a process of our own user, or of root."""
    connection: socket.socket = writer.get_extra_info("socket")
    if not hasattr(socket, "SO_PEERCRED"):
        return True  # the modes of folder and socket hold, too
    _, uid, _ = _UCRED.unpack(
        connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _UCRED.size)
    )
    return uid in (0, os.geteuid())


def _identity(path: Path) -> tuple[int, int]:
    found = path.lstat()
    return found.st_dev, found.st_ino
