"""Lines through file descriptors: pipes, files, and terminals that cannot move a cursor.

Reading and writing block, so each has a thread. The threads are daemons and use no buffers of
Python's, so that a blocked read never delays the end of the program.
"""

from __future__ import annotations

import asyncio
import codecs
import contextlib
import errno
import os
import queue
import re
import select
import threading
from collections import deque
from collections.abc import Iterator, Sequence

from hubbub.terminal.writing import StreamFailed, write_all

READ_BYTES = 65536
MOST_CHARS = 1024 * 1024  # of a line: ten times more than servers accept
LINE_ENDS = re.compile("\r\n|\r|\n")


class Lines:
    """Splits pieces of text into lines, in linear time.

    Only `MOST_CHARS` of a line are kept. A longer one is refused anyway, and an input without line
    ends (``hubbub send < /dev/zero``) must not exhaust the memory.
    """

    def __init__(self) -> None:
        self._rest: list[str] = []
        self._chars = 0
        self._half_end = False

    def split(self, text: str, end: bool) -> list[str]:
        """The lines that are complete with ``text``, which continues the input; all at its end."""
        if self._half_end and text:  # a CR may be the first half of a CRLF
            text = "\r" + text
            self._half_end = False
        if text.endswith("\r") and not end:
            text = text[:-1]
            self._half_end = True
        first, *lines = LINE_ENDS.split(text)
        if first and self._chars < MOST_CHARS:
            self._rest.append(first[: MOST_CHARS - self._chars])
            self._chars += len(first)
        if lines:
            lines.insert(0, "".join(self._rest))
            self._rest = [lines.pop()]
            self._chars = len(self._rest[0])
        if self._half_end and end and not text:
            lines.append("".join(self._rest))
            self._rest = []
        if end and (last := "".join(self._rest)):
            lines.append(last)
        return lines


class LineReader:
    """The lines of a file descriptor in UTF-8; invalid bytes become U+FFFD.

    It reads only on demand, so that a file of any size is read at the pace at which it is sent.
    """

    def __init__(self, fd: int) -> None:
        self._fd = fd
        self._loop = asyncio.get_running_loop()
        self._lines: deque[str] = deque()
        self._ended = False
        self._error: BaseException | None = None
        self._arrived = asyncio.Event()
        self._wanted = threading.Event()
        self._thread: threading.Thread | None = None

    async def read(self) -> str | None:
        """The next line, without its end; None at the end."""
        while not self._lines and not self._ended:
            if self._thread is None:
                thread = threading.Thread(target=self._run, name="stdin", daemon=True)
                thread.start()
                self._thread = thread
            self._arrived.clear()
            self._wanted.set()
            await self._arrived.wait()
        if not self._lines and self._error is not None:
            raise self._error
        return self._lines.popleft() if self._lines else None

    def _run(self) -> None:
        try:
            self._read_all()
        except BaseException as error:  # noqa: BLE001  # `read` raises it
            self._tell([], True, error)

    def _read_all(self) -> None:
        decoder = codecs.getincrementaldecoder("utf-8-sig")(errors="replace")
        lines = Lines()
        data = b"?"
        while data:
            self._wanted.wait()
            self._wanted.clear()
            data = self._read_some()
            self._tell(lines.split(decoder.decode(data, final=not data), not data), not data, None)

    def _read_some(self) -> bytes:
        while True:
            try:
                return os.read(self._fd, READ_BYTES)
            except BlockingIOError:  # a program that shares the file has made it non-blocking
                select.select((self._fd,), (), ())
            except OSError as error:
                if error.errno == errno.EIO and os.isatty(self._fd):
                    return b""  # the terminal was closed
                raise StreamFailed("The standard input cannot be read", error) from None

    def _tell(self, lines: list[str], ended: bool, error: BaseException | None) -> None:
        with contextlib.suppress(RuntimeError):  # the loop is closed: the program has ended
            self._loop.call_soon_threadsafe(self._deliver, lines, ended, error)

    def _deliver(self, lines: list[str], ended: bool, error: BaseException | None) -> None:
        self._lines += lines
        self._ended = ended
        self._error = error
        self._arrived.set()


class Writer:
    """Writes texts to a file descriptor in order."""

    def __init__(self, fd: int) -> None:
        self._fd = fd
        self._pieces: queue.SimpleQueue[tuple[bytes, asyncio.Future[None]]] = queue.SimpleQueue()
        self._loop = asyncio.get_running_loop()
        self._thread: threading.Thread | None = None

    async def write(self, text: str) -> None:
        """Returns when the text is written; raises `OSError`, as when the reader has ended."""
        if self._thread is None:
            thread = threading.Thread(target=self._run, name="stdout", daemon=True)
            thread.start()
            self._thread = thread
        written: asyncio.Future[None] = self._loop.create_future()
        self._pieces.put((text.encode(errors="replace"), written))
        await written

    def _run(self) -> None:
        while True:
            data, written = self._pieces.get()
            error: BaseException | None = None
            try:
                write_all(self._fd, data)
            except BrokenPipeError as failure:
                error = failure
            except OSError as failure:
                error = StreamFailed("What there is to say cannot be written", failure)
            except BaseException as failure:  # noqa: BLE001  # `write` raises it
                error = failure
            with contextlib.suppress(RuntimeError):
                self._loop.call_soon_threadsafe(_complete, written, error)


class PipeConsole:
    """A `Console` for programs: whole lines without control codes."""

    interactive = False

    def __init__(self, stdin: int, stdout: int, stderr: int) -> None:
        """Takes file descriptors. To be created in the event loop."""
        self._reader = LineReader(stdin)
        self._out = Writer(stdout)
        self._err = Writer(stderr)

    async def ask(self, question: str, *, secret: bool = False) -> str | None:
        await self.write([question])
        return await self.read()

    async def read(self) -> str | None:
        return await self._reader.read()

    async def write(self, lines: Sequence[str]) -> None:
        await self._out.write("".join(f"{line}\n" for line in lines))

    async def draw(self, sequence: str) -> bool:
        return False

    async def warn(self, lines: Sequence[str]) -> None:
        await self._err.write("".join(f"{line}\n" for line in lines))


class DumbConsole:
    """A `Console` for terminals without cursor movement (TERM=dumb): it repeats the prompt."""

    interactive = True

    def __init__(self, stdin: int, stdout: int) -> None:
        """Takes file descriptors. To be created in the event loop."""
        self._stdin = stdin
        self._reader = LineReader(stdin)
        self._out = Writer(stdout)
        self._prompt = ""

    async def ask(self, question: str, *, secret: bool = False) -> str | None:
        if not secret:
            return await self._read(f"{question} ")
        with unseen(self._stdin):
            answer = await self._read(f"{question} ")
        await self._out.write("\n")  # that of the person was not shown either
        return answer

    async def read(self) -> str | None:
        return await self._read("> ")

    async def _read(self, prompt: str) -> str | None:
        self._prompt = prompt
        await self._out.write(prompt)
        line = await self._reader.read()
        self._prompt = ""
        return line

    async def write(self, lines: Sequence[str]) -> None:
        text = "".join(f"{line}\n" for line in lines)
        await self._out.write(f"\n{text}{self._prompt}" if self._prompt else text)

    async def draw(self, sequence: str) -> bool:
        return False

    async def warn(self, lines: Sequence[str]) -> None:
        await self.write(lines)


@contextlib.contextmanager
def unseen(fd: int) -> Iterator[None]:
    """A terminal does not show what is typed; nothing else, and no system without termios, does."""
    try:
        import termios
    except ImportError:
        yield
        return
    try:
        before = termios.tcgetattr(fd)
    except termios.error:
        yield
        return
    quiet = [*before]
    quiet[3] &= ~termios.ECHO
    termios.tcsetattr(fd, termios.TCSADRAIN, quiet)
    try:
        yield
    finally:
        termios.tcsetattr(fd, termios.TCSADRAIN, before)


def _complete(future: asyncio.Future[None], error: BaseException | None) -> None:
    if future.done():
        return
    if error is None:
        future.set_result(None)
    else:
        future.set_exception(error)
