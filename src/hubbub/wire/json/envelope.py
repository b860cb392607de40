"""Finds the ``id`` and the ``nonce`` of an invalid frame, so that the refusal can name them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice
from typing import Any

import msgspec
from msgspec.json import Decoder

from hubbub.domain.commands import MAX_ID_CHARS, MAX_NONCE_CHARS, RequestId
from hubbub.domain.numbers import MAX_EXACT

MAX_TOKENS = 200
"""Tokens of a malformed frame that are scanned. A command has 40 at most; this bounds the time."""

# RFC 8259, 2: a string, a structural character, or anything between them.
_TOKEN = re.compile(rb'[ \t\r\n]*+("(?:[^"\\]++|\\.)*+"|[{}\[\]:,]|[^\s"{}\[\]:,]++)', re.DOTALL)


class Envelope(msgspec.Struct, frozen=True):
    """What identifies a command to its client. Each is None if it is missing or invalid."""

    id: RequestId = None
    nonce: str | None = None


class _Loose(msgspec.Struct):
    id: Any = None
    nonce: Any = None


_loose = Decoder(_Loose)
_scalar: Decoder[str | int] = Decoder(str | int)


def envelope(frame: bytes) -> Envelope:
    """The envelope of ``frame``, which is not a valid command and may not even be JSON."""
    try:
        found = _loose.decode(frame)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        found = _Loose(**_scan(frame))
    return Envelope(_valid_id(found.id), _valid_nonce(found.nonce))


def _valid_id(found: Any) -> RequestId:
    if isinstance(found, str):
        return found if len(found) <= MAX_ID_CHARS else None
    return found if type(found) is int and abs(found) <= MAX_EXACT else None


def _valid_nonce(found: Any) -> str | None:
    return found if isinstance(found, str) and 0 < len(found) <= MAX_NONCE_CHARS else None


def _scan(frame: bytes) -> dict[str, str | int]:
    """``id`` and ``nonce`` of a malformed object, as far as they can be read."""
    found: dict[str, str | int] = {}
    depth, field = 0, list[bytes]()  # what came since the last comma of the object
    for token in islice(_tokens(frame), MAX_TOKENS):
        if depth == 0 and token != b"{":
            break  # no object
        if depth == 1 and token in (b",", b"}"):  # a number is complete only here
            if field[:2] in ([b'"id"', b":"], [b'"nonce"', b":"]) and len(field) == 3:
                value = _decoded(field[2])
                if value is not None:
                    found[field[0][1:-1].decode()] = value
            field = []
        elif depth == 1 and len(field) < 4:
            field.append(token)
        if token in (b"{", b"["):
            depth += 1
        elif token in (b"}", b"]"):
            depth -= 1
            if depth == 0:
                break
    return found


def _tokens(frame: bytes) -> Iterator[bytes]:
    place = 0
    while token := _TOKEN.match(frame, place):
        yield token[1]
        place = token.end()


def _decoded(token: bytes) -> str | int | None:
    try:
        return _scalar.decode(token)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None
