"""Lines through file descriptors."""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections.abc import Iterator
from typing import NamedTuple

import pytest

from hubbub.terminal.plain.pipe import DumbConsole, LineReader, PipeConsole, Writer


class Pipe(NamedTuple):
    out: int
    into: int


@pytest.fixture
def pipe() -> Iterator[Pipe]:
    pipe = Pipe(*os.pipe())
    yield pipe
    for end in pipe:
        with contextlib.suppress(OSError):  # the test has closed it
            os.close(end)


async def all_lines(reader: LineReader) -> list[str]:
    lines = []
    while (line := await reader.read()) is not None:
        lines.append(line)
    return lines


@pytest.mark.parametrize(
    "data, expected",
    [
        (b"", []),
        (b"one\ntwo\n", ["one", "two"]),
        (b"one\r\ntwo\rthree", ["one", "two", "three"]),
        (b"\n\nx", ["", "", "x"]),
        (b"one\r", ["one"]),
        ("Zoë 👩\n".encode(), ["Zoë 👩"]),
        ("\ufeffone\n\ufefftwo\n".encode(), ["one", "\ufefftwo"]),
        (b"broken \xff byte\nhalf \xc3", ["broken \ufffd byte", "half \ufffd"]),
    ],
)
async def test_lines_are_read_however_they_end(
    pipe: Pipe, data: bytes, expected: list[str]
) -> None:
    os.write(pipe.into, data)
    os.close(pipe.into)
    reader = LineReader(pipe.out)
    assert await all_lines(reader) == expected
    assert await reader.read() is None


async def test_lines_are_read_whole_however_they_come(pipe: Pipe) -> None:
    reader = LineReader(pipe.out)
    data = "Zoë\r\n日本\rx\n".encode()
    reading = asyncio.create_task(all_lines(reader))
    for byte in data:
        os.write(pipe.into, bytes([byte]))
    os.close(pipe.into)
    assert await reading == ["Zoë", "日本", "x"]


async def test_a_line_is_there_as_soon_as_it_has_ended(pipe: Pipe) -> None:
    reader = LineReader(pipe.out)
    os.write(pipe.into, b"one\ntw")
    assert await reader.read() == "one"
    os.write(pipe.into, b"o\n")
    assert await reader.read() == "two"


async def test_a_file_of_any_size_is_read_at_the_pace_it_is_taken(pipe: Pipe) -> None:
    reader = LineReader(pipe.out)
    loop = asyncio.get_running_loop()
    data = b"".join(b"%d\n" % number for number in range(50_000))

    def write() -> None:
        left = data
        while left:
            left = left[os.write(pipe.into, left) :]
        os.close(pipe.into)

    writing = loop.run_in_executor(None, write)
    assert await all_lines(reader) == [str(number) for number in range(50_000)]
    await writing


async def test_what_is_written_comes_out_whole_although_nobody_reads_at_first(pipe: Pipe) -> None:
    writer = Writer(pipe.into)
    text = "ä" * 200_000  # more than a pipe holds
    writing = asyncio.create_task(writer.write(text))
    loop = asyncio.get_running_loop()
    data = b""
    while len(data) < 400_000:
        data += await loop.run_in_executor(None, os.read, pipe.out, 65536)
    await writing
    assert data == text.encode()


async def test_a_reader_who_is_gone_is_an_error_of_the_writer(pipe: Pipe) -> None:
    os.close(pipe.out)
    with pytest.raises(BrokenPipeError):
        await Writer(pipe.into).write("hello")


async def test_half_characters_are_written_as_question_marks(pipe: Pipe) -> None:
    await Writer(pipe.into).write("\ud83d\n")
    assert os.read(pipe.out, 100) == b"?\n"


async def test_a_pipe_gets_whole_lines_and_no_prompt() -> None:
    stdin, stdout, stderr = Pipe(*os.pipe()), Pipe(*os.pipe()), Pipe(*os.pipe())
    console = PipeConsole(stdin.out, stdout.into, stderr.into)
    os.write(stdin.into, b"ada\nhello\n")
    assert await console.ask("Username:") == "ada"
    assert await console.read() == "hello"
    await console.write(["one", "two"])
    await console.warn(["three"])
    assert os.read(stdout.out, 100) == b"Username:\none\ntwo\n"
    assert os.read(stderr.out, 100) == b"three\n"
    for pipe in (stdin, stdout, stderr):
        os.close(pipe.into)
        os.close(pipe.out)


async def test_a_dumb_terminal_gets_its_prompt_again_after_what_came_in(pipe: Pipe) -> None:
    stdin = Pipe(*os.pipe())
    console = DumbConsole(stdin.out, pipe.into)
    await console.write(["Welcome!"])
    asking = asyncio.create_task(console.ask("Room:"))
    assert os.read(pipe.out, 100) == b"Welcome!\n"
    os.write(stdin.into, b"tea\nhello\n")
    assert await asking == "tea"
    assert await console.read() == "hello"
    reading = asyncio.create_task(console.read())
    await asyncio.wait((reading,), timeout=0)
    await console.write(["ben: hi"])
    os.close(stdin.into)
    assert await reading is None
    assert os.read(pipe.out, 100) == b"Room: > > \nben: hi\n> "
    os.close(stdin.out)
