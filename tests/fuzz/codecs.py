"""What is fuzzed without a server: each takes any bytes, and raises when a promise is broken."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from random import Random

from hubbub.domain.errors import BadMessage, ChatError, InvalidName
from hubbub.domain.names import RoomName, UserName
from hubbub.domain.text import parse_text
from hubbub.wire.detect import could_be_other, detect
from hubbub.wire.json import decode_command, decode_reply, encode
from hubbub.wire.json.envelope import envelope
from hubbub.wire.line.format import harmless, text_lines
from hubbub.wire.proxy import BadHeader, Header, read
from hubbub.wire.requests import MAX_FIRST_BYTES
from tests.wire.line.talk import MAX_LINE, Talk

OBEYED = frozenset(
    {*map(chr, range(0x20)), *map(chr, range(0x7F, 0xA0))}.difference("\t\r\n")
    | set("\u2028\u2029\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
)
"""Characters that a terminal would obey instead of showing."""


def in_pieces(data: bytes) -> Iterator[bytes]:
    """``data`` cut at places that hang on it alone."""
    dice = Random(data[:8])
    places = sorted(dice.randint(0, len(data)) for _ in range(dice.randint(1, 8)))
    if dice.random() < 0.3:
        places = list(range(len(data)))
    for start, end in pairwise([0, *places, len(data)]):
        yield data[start:end]


def line(data: bytes) -> None:
    """The line protocol: one conversation whole or cut, harmless words, a bounded buffer."""
    whole = Talk.of(data)
    cut = Talk()
    for piece in in_pieces(data):
        cut.send(piece)
        kept = len(cut.wire.reader._buffer) - cut.wire.reader._start
        assert cut.over or kept <= MAX_LINE + 1, "more is kept than a line"
    whole.end()
    cut.end()
    assert cut.commands == whole.commands
    assert cut.heard == whole.heard
    assert cut.refusals == whole.refusals
    assert not OBEYED & set(whole.heard.decode()), "a terminal would obey"
    assert whole.wire.over or whole.commands[-1] == "bye", "every conversation ends"


def command(data: bytes) -> None:
    """Frames from clients: a command, which says the same again, or a refusal with a reason."""
    envelope(data)
    try:
        found = decode_command(data)
    except (BadMessage, InvalidName) as error:
        error.message.encode()  # it goes to the client
        return
    assert decode_command(encode(found)) == found
    assert envelope(data).id == found.id


def reply(data: bytes) -> None:
    """Frames from servers: a reply, which says the same again, or a refusal with a reason."""
    try:
        found = decode_reply(data)
    except BadMessage as error:
        error.message.encode()
        return
    once = encode(found)
    assert encode(decode_reply(once)) == once


def first_bytes(data: bytes) -> None:
    """Which protocol it is: the same whole or cut, and known after so many bytes."""
    answer = detect(data)
    come = b""
    for piece in in_pieces(data):
        come += piece
        found = detect(come)
        could_be_other(come)
        if found is not None:
            assert found is answer, (found, answer)
            break
        assert len(come) <= MAX_FIRST_BYTES
    else:
        assert answer is None


def names(data: bytes) -> None:
    """Names: sound and stable, or refused with a sound suggestion."""
    raw = data.decode(errors="surrogateescape" if len(data) % 2 else "replace")
    for kind in (UserName, RoomName):
        try:
            name = kind.parse(raw)
        except InvalidName as error:
            if error.suggestion is not None:
                kind.parse(error.suggestion)
            continue
        assert not OBEYED & set(name)
        assert kind.parse(str(name)) == name
        assert kind.parse(str(name)).key == name.key
        assert kind.recall(str(name)).key == name.key


def text(data: bytes) -> None:
    """Texts: stored as they were taken, and shown as nothing but text."""
    raw = data.decode(errors="surrogateescape" if len(data) % 2 else "replace")
    assert not OBEYED & set(harmless(raw))
    try:
        taken = parse_text(raw, 200)
    except ChatError as error:
        error.message.encode()
        return
    taken.encode()
    assert 0 < len(taken) <= 200
    assert parse_text(taken, 200) == taken
    lines = text_lines(taken)
    assert lines
    for shown in lines:
        assert not (OBEYED | set("\r\n")) & set(shown), "a forged line"
        assert harmless(shown) == shown


def proxy(data: bytes) -> None:
    """A header is the same whole or cut, and never more than the bytes that are there."""
    whole = _read(data)
    got = b""
    for piece in in_pieces(data):
        got += piece
        found = _read(got)
        if found is not None:
            assert found == _read(got + b"\r\n"), "what comes behind it changes nothing"
            assert whole == found
            break
    if isinstance(whole, Header):
        assert 0 < whole.size <= len(data)


def _read(data: bytes) -> Header | str | None:
    try:
        return read(data)
    except BadHeader as error:
        return str(error)
