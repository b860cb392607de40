"""Files that are not what they should be: an error that says where, and nothing is changed."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from datetime import UTC
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hubbub.domain.directory import DIRECTORY
from hubbub.moving.errors import BadFile, CannotRead, MovingError
from hubbub.moving.files import open_files
from hubbub.moving.formats import READERS, open_source
from hubbub.moving.irssi import Log
from hubbub.moving.jsonstream import values
from hubbub.moving.weechat import parsed
from tests.moving.everything import fill
from tests.moving.samples import IRSSI, WEECHAT, discord, items_of, slack
from tests.moving.servers import in_memory

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=8,
)


def error_of(read: Callable[[], object]) -> MovingError | None:
    """The error about a file that reading it raises."""
    try:
        read()
    except MovingError as error:
        return error
    return None


class Chunks:
    """A file that comes in pieces."""

    def __init__(self, data: bytes, size: int) -> None:
        self._data, self._size = data, size

    def names(self) -> list[str]:
        return ["it"]

    def chunks(self, name: str) -> Any:
        data, size = self._data, self._size
        return (data[at : at + size] for at in range(0, len(data), size))

    def lines(self, name: str) -> Any:
        return iter(self._data.split(b"\n"))


@given(st.lists(JSON, max_size=5), st.integers(1, 7), st.sampled_from([None, 1]))
def test_json_is_read_in_whatever_pieces_it_comes(
    rows: list[Any], size: int, indent: int | None
) -> None:
    whole = {"a": 1, "rows": rows, "b": [1, 2]}
    files = Chunks(json.dumps(whole, indent=indent).encode(), size)
    found = list(values(files, "it", "it", within="rows"))
    expected = [("a", 1), *(("rows", row) for row in rows), ("b", [1, 2])]
    assert repr([(one.key, one.value) for one in found]) == repr(expected)
    array = Chunks(json.dumps(rows, indent=indent).encode(), size)
    assert repr([one.value for one in values(array, "it", "it")]) == repr(rows)


@given(st.binary(max_size=60) | st.text(alphabet='[]{}:,"\\ 12nul\n', max_size=40).map(str.encode))
def test_what_is_no_json_is_told_with_its_line(data: bytes) -> None:
    error = error_of(lambda: list(values(Chunks(data, 3), "it", "it", within="rows")))
    assert error is None or isinstance(error, BadFile)
    assert error is None or 1 <= error.line <= data.count(b"\n") + 1


@given(st.text(max_size=60))
def test_any_line_of_weechats_is_read_or_told(line: str) -> None:
    for text in (line, f"2023-01-01 00:00:00\t{line}", f"2023-01-01 00:00:00\t{line}\t{line}"):
        error = error_of(lambda text=text: list(parsed(text, "it", 7, UTC)))  # type: ignore[misc]
        assert error is None or str(error).startswith("it, line 7: ")


@given(st.text(max_size=60))
def test_any_line_of_irssis_is_read_or_told(line: str) -> None:
    for text in (line, f"20:02 {line}", f"20:02 <ada> {line}", f"--- Day changed {line}"):
        log = Log("it", UTC)
        list(log.line("--- Log opened Thu Oct 12 20:02:08 2023"))
        error = error_of(lambda log=log, text=text: list(log.line(text)))  # type: ignore[misc]
        assert error is None or str(error).startswith("it, line 2: ")


async def kitchen(folder: Path) -> bytes:
    async with in_memory() as place:
        await fill(place)
        await place.export(folder / "all.jsonl", "Kitchen")
    return (folder / "all.jsonl").read_bytes()


def samples(folder: Path) -> dict[str, bytes]:
    """The bytes of one file of each format."""
    return {
        "slack": (slack(folder / "slack") / "general" / "2017-07-14.json").read_bytes(),
        "discord": discord(folder / "discord.json").read_bytes(),
        "weechat": WEECHAT.encode(),
        "irssi": IRSSI.encode(),
    }


@settings(max_examples=60)
@given(st.data())
@pytest.mark.parametrize("format", ["discord", "irssi", "weechat", "slack"])
def test_a_file_that_is_damaged_is_read_or_told(format: str, data: st.DataObject) -> None:
    with TemporaryDirectory(prefix="moving-") as name:
        folder = Path(name)
        whole = samples(folder)[format]
        start = data.draw(st.integers(0, len(whole)))
        end = data.draw(st.integers(start, min(len(whole), start + 40)))
        broken = whole[:start] + data.draw(st.binary(max_size=8)) + whole[end:]
        if format == "slack":
            path = folder / "slack"
            (path / "general" / "2017-07-14.json").write_bytes(broken)
        else:
            path = folder / "#a.log"
            path.write_bytes(broken)
        error = error_of(lambda: items_of(path, format))
        assert error is None or error.message


async def test_any_byte_that_is_changed_in_an_export_is_noticed(tmp_path: Path) -> None:
    whole = await kitchen(tmp_path)
    async with in_memory() as place:
        for at in range(3, len(whole) - 1, 97):
            changed = bytes([whole[at] ^ 1])
            (tmp_path / "bad.jsonl").write_bytes(whole[:at] + changed + whole[at + 1 :])
            with pytest.raises(MovingError):
                await place.take(tmp_path / "bad.jsonl", format="hubbub")
        assert await place.rooms() == []
        assert await place.events(DIRECTORY) == []


async def test_an_export_that_was_cut_off_is_noticed_wherever(tmp_path: Path) -> None:
    whole = await kitchen(tmp_path)
    async with in_memory() as place:
        for end in range(0, len(whole) - 1, 113):
            (tmp_path / "bad.jsonl").write_bytes(whole[:end])
            with pytest.raises(MovingError):
                await place.take(tmp_path / "bad.jsonl", format="hubbub")
        assert await place.rooms() == []


def test_formats_are_told_apart(tmp_path: Path) -> None:
    slack(tmp_path / "slack")
    discord(tmp_path / "discord" / "a.json")
    (tmp_path / "#a.log").write_text(IRSSI)
    (tmp_path / "irc.x.#a.weechatlog").write_text(WEECHAT)
    for name, format in {
        "slack": "slack",
        "discord": "discord",
        "#a.log": "irssi",
        "irc.x.#a.weechatlog": "weechat",
    }.items():
        with open_source(tmp_path / name) as source:
            assert source.format == format
    assert set(READERS) == {"hubbub", "slack", "discord", "campfire", "weechat", "irssi"}


@pytest.mark.parametrize("content", [b"", b"hello", b"{}", b"[1]", b"PK\x03\x04nothing"])
def test_what_has_no_known_format_is_told(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "file.json").write_bytes(content)
    with pytest.raises(CannotRead, match=r"has no format that is known|damaged archive"):
        items_of(tmp_path / "file.json")


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(CannotRead, match="There is no file"):
        items_of(tmp_path / "nothing")
    with pytest.raises(CannotRead, match="There are no files in"):
        items_of(tmp_path)
    (tmp_path / "a").touch()
    with pytest.raises(CannotRead, match="gopher is none"):
        items_of(tmp_path, "gopher")


def test_a_number_without_an_end_is_told_before_all_of_it_is_read() -> None:
    read = 0

    class Endless(Chunks):
        def chunks(self, name: str) -> Any:
            nonlocal read
            yield b'{"a": 0.'
            for _ in range(1000):
                read += 1
                yield b"0" * 1000

    told = error_of(lambda: list(values(Endless(b"", 1), "it", "it")))
    assert told is not None
    assert "too long" in str(told)
    assert read < 10


def test_halves_of_surrogate_pairs_are_replaced_wherever_they_are() -> None:
    data = rb'{"\ud800": ["a\uDFFFb", "\ud83d\ude00", {"x": "\\ud800"}, 1]}'
    for size in (1, len(data)):
        (found,) = values(Chunks(data, size), "it", "it")
        assert found.key.encode()
        assert found.value == ["a\ufffdb", "\U0001f600", {"x": "\\ud800"}, 1]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are none")
def test_what_is_no_file_in_a_folder_is_not_waited_for(tmp_path: Path) -> None:
    slack(tmp_path)
    os.mkfifo(tmp_path / "general" / "2025-06-03.json")
    with open_files(tmp_path) as files:
        assert "general/2025-06-03.json" not in files.names()
