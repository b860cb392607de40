"""What a terminal sends for keys: those that mean nothing do nothing, however they are cut."""

from __future__ import annotations

import string
from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st
from textual import events
from textual.binding import Binding
from textual.message import Message
from textual.widgets import Input

from hubbub.terminal.full.keyboard import Keyboard
from hubbub.terminal.full.screens.room import RoomScreen
from hubbub.terminal.full.screens.welcome import Welcome
from hubbub.terminal.full.widgets.entry import Entry
from hubbub.terminal.sequences import ALONE_SECONDS, UNFINISHED_SECONDS
from tests.terminal.full.conftest import Client, Starts


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def pressed(*reads: bytes) -> list[Message]:
    """The events of what is read, piece by piece, and then nothing any more."""
    clock = Clock()
    keyboard = Keyboard(clock)
    found: list[Message] = []
    for data in reads:
        found += keyboard.feed(data)
        found += keyboard.tick()
    clock.now += UNFINISHED_SECONDS
    return [*found, *keyboard.tick()]


def names(found: Iterable[Message]) -> list[str]:
    return [event.key for event in found if isinstance(event, events.Key)]


def written(found: Iterable[Message]) -> str:
    return "".join(
        event.character or ""
        for event in found
        if isinstance(event, events.Key) and event.is_printable
    )


def every_cut(data: bytes) -> Iterable[list[bytes]]:
    yield [data]
    yield [data[at : at + 1] for at in range(len(data))]
    for at in range(1, len(data)):
        yield [data[:at], data[at:]]


@pytest.mark.parametrize("key", string.printable[:95] + "é好\x01\x1a\t")
def test_alt_with_a_key_writes_nothing(key: str) -> None:
    for reads in every_cut(b"\x1b" + key.encode()):
        assert written(pressed(*reads)) == ""


@pytest.mark.parametrize("key", [key for key in string.ascii_letters if key != "O"])
def test_what_is_typed_right_behind_alt_with_a_key_is_written(key: str) -> None:
    """A person who types on at once, or a line so slow that it comes together."""
    found = pressed(f"\x1b{key}x\x1b{key}y".encode())
    assert (written(found), len(names(found))) == ("xy", 4)
    assert not set(names(found)) & {"escape", "circumflex_accent"}


UNKNOWN = [
    b"\x1b[1;9Z",
    b"\x1b[99~",
    b"\x1b[34;5~",
    b"\x1b[1;16P",
    b"\x1b[>1;95;0c",
    b"\x1b[?62;22c",
    b"\x1b[?1;2$y",
    b"\x1b[27;5;98~",
    b"\x1b[97;5u",
    b"\x1b[97;9u",
    b"\x1b[97;33u",
    b"\x1b[57399;3u",
    b"\x1b[[F",
    b"\x1bOz",
    b"\x1bO5Z",
    b"\x1b[4;1!p",
    b"\x1b]11;rgb:1414/1616/1b1b\x1b\\",
    b"\x1b]11;rgb:1414/1616/1b1b\a",
    b"\x1bP>|XTerm(390)\x1b\\",
    b"\x1bP1+r544e=787465726d\x1b\\",
    b"\x1b_Gi=31;OK\x1b\\",
    b"\x1b[" + b"1;" * 40 + b"Z",
    b"\x1b[8;24;80t",
]


@pytest.mark.parametrize("data", UNKNOWN)
def test_a_sequence_that_nobody_knows_writes_nothing_and_ends_nothing(data: bytes) -> None:
    for reads in every_cut(data):
        found = pressed(*reads, b"ok")
        assert written(found) == "ok", reads
        assert "escape" not in names(found), reads


@given(
    st.from_regex(rb"\x1b\[[0-9;:<=>?]{0,12}[ -/]{0,2}[@-Z\\-~]", fullmatch=True),
    st.integers(0, 20),
)
def test_no_control_sequence_is_taken_for_text(data: bytes, cut: int) -> None:
    is_paste = data.startswith(b"\x1b[200~")
    is_text = data.endswith(b"u") and data.count(b";") >= 2  # a key, with the text that it writes
    is_old_mouse = data.startswith(b"\x1b[M")  # three bytes follow
    if not (is_paste or is_text or is_old_mouse):
        assert written(pressed(data[:cut], data[cut:], b"k")) in ("k", "")


@pytest.mark.parametrize(
    "data, key",
    [
        (b"\x1br", "alt+r"),
        (b"\x1b1", "alt+1"),
        (b"\x1b\r", "alt+enter"),
        (b"\x1b\x7f", "alt+backspace"),
        (b"\x1b[1;3A", "alt+up"),
        (b"\x1b\x1b[A", "alt+up"),
        (b"\x1b[A", "up"),
        (b"\x1bOA", "up"),
        (b"\x1bOP", "f1"),
        (b"\x1b[[A", "f1"),
        (b"\x1b[11~", "f1"),
        (b"\x1b[1;5H", "ctrl+home"),
        (b"\x1b[5~", "pageup"),
    ],
)
def test_known_keys_are_known_however_they_are_cut(data: bytes, key: str) -> None:
    for reads in every_cut(data):
        assert names(pressed(*reads)) == [key], reads


def test_an_arrow_that_a_slow_line_cuts_in_two_is_an_arrow() -> None:
    clock = Clock()
    keyboard = Keyboard(clock)
    found = [*keyboard.feed(b"\x1b["), *keyboard.tick()]
    clock.now += 2 * ALONE_SECONDS
    found += [*keyboard.tick(), *keyboard.feed(b"A"), *keyboard.tick()]
    assert names(found) == ["up"]


def test_esc_alone_is_a_key_after_a_moment() -> None:
    clock = Clock()
    keyboard = Keyboard(clock)
    assert not [*keyboard.feed(b"\x1b"), *keyboard.tick()]
    clock.now += ALONE_SECONDS
    assert names(keyboard.tick()) == ["escape"]
    assert names(pressed(b"\x1b\x1b")) == ["escape", "escape"]
    assert names(pressed(b"\x1b\x1b\x1b")) == ["escape", "escape", "escape"]


@pytest.mark.parametrize("inside", ["two\nlines", "a\x1b[31mred\x1b[0m", "\x1b" + "x" * 50 + "\r"])
def test_what_is_pasted_is_pasted_whatever_is_in_it(inside: str) -> None:
    data = f"\x1b[200~{inside}\x1b[201~!".encode()
    for reads in ([data], [data[at : at + 1] for at in range(len(data))]):
        found = pressed(*reads)
        assert [event.text for event in found if isinstance(event, events.Paste)] == [inside]
        assert names(found) == ["exclamation_mark"]


@given(st.binary(max_size=60), st.integers(0, 60))
def test_no_byte_is_an_error_and_typing_goes_on(data: bytes, cut: int) -> None:
    clock = Clock()
    keyboard = Keyboard(clock)
    for part in (data[:cut], data[cut:]):
        list(keyboard.feed(part))
        list(keyboard.tick())
    if b"\x1b[M" in data or b"\x1b[200~" in data or (data and data[-1] >= 0x80):
        return  # what follows is a part of it
    clock.now += UNFINISHED_SECONDS
    list(keyboard.tick())
    assert written(keyboard.feed(b"k")) == "k"


MEANING_NOTHING = [
    *(f"\x1b{key}".encode() for key in string.ascii_letters + "0;,./-=`'\"é" if key != "O"),
    *(bytes([number]) for number in range(32) if number not in (0x1B, *b"\t\r\n\b")),
    *(f"\x1b[{number}~".encode() for number in (2, 17, 18, 19, 20, 21, 23, 24, 25, 26, 34)),
    *(f"\x1b[1;{held}{key}".encode() for held in range(2, 17) for key in "ABCDFHPQRS"),
    *UNKNOWN,
]


def bound() -> set[str]:
    """The keys that mean something where one writes."""
    tables = (RoomScreen.BINDINGS, Entry.BINDINGS)
    return {
        key
        for table in tables
        for one in table
        if isinstance(one, Binding)
        for key in one.key.split(",")
    }


async def press(client: Client, data: bytes) -> None:
    for message in pressed(data):
        if not isinstance(message, events.Key) or message.key not in bound():
            client.app.post_message(message)
    await client.pilot.pause()


async def test_keys_that_are_bound_to_nothing_leave_what_is_written_as_it_is(
    start: Starts,
) -> None:
    async with start() as client:
        await client.write("half a word")
        for data in MEANING_NOTHING:
            await press(client, data)
            assert client.entry.text == "half a word", data
            assert isinstance(client.app.screen, RoomScreen), data
            assert client.entry.has_focus, data
        assert client.room.own == []


async def test_where_the_name_is_asked_for_they_do_nothing_either(start: Starts) -> None:
    async with start(None, None) as client:
        name = client.app.screen.query_one("#name", Input)
        name.value = "ada"
        edits = ("ctrl+", "shift+", "home", "end", "up", "down", "left", "right", "f1", "delete")
        for data in MEANING_NOTHING:
            for message in pressed(data):
                key = message.key if isinstance(message, events.Key) else ""
                if not key.startswith(edits):
                    client.app.post_message(message)
        await client.pilot.pause()
        assert isinstance(client.app.screen, Welcome)
        assert name.value == "ada"
