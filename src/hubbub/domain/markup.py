"""The grammar of texts (docs/markup.md): a text becomes a tree of blocks and pieces.

Time and space are linear in the text, whatever it is. The web page has the same in JavaScript;
tests/vectors/markup.json holds for both.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Literal

from msgspec import Struct

from hubbub.domain.flanks import Flanks, flanks_of
from hubbub.domain.links import links


class Emphasis(Struct, frozen=True, omit_defaults=True):
    """Pieces that stand out. ``double``: between two markers each, as in Markdown."""

    kind: Literal["bold", "italic", "strike"]
    inline: Sequence[str | Emphasis | Code | Link]
    double: bool = False

    @property
    def marker(self) -> str:
        """What is written before and behind it."""
        return MARKERS[self.kind] * (2 if self.double else 1)


class Code(Struct, frozen=True, tag_field="kind", tag="code", omit_defaults=True):
    """Text that is shown as it is: a piece of a line, or a block of lines, perhaps of a quote."""

    text: str
    quoted: bool = False


class Link(Struct, frozen=True, tag_field="kind", tag="link"):
    """An address: ``http``, ``https`` or ``mailto``."""

    text: str
    to: str


class Block(Struct, frozen=True):
    """Lines of text, or of a quote. Between two lines is a ``"\\n"``."""

    kind: Literal["text", "quote"]
    inline: Sequence[str | Emphasis | Code | Link]


_EMPHASIS: dict[str, Literal["bold", "italic", "strike"]] = {
    "*": "bold",
    "_": "italic",
    "~": "strike",
}
MARKERS = {kind: marker for marker, kind in _EMPHASIS.items()}
"""What is written around a text that is of a kind."""
_PLAIN = re.compile(r"[^*_~`:]*")  # nothing but text
_OPENS = re.compile(r"```[A-Za-z0-9_+#.-]{0,20}[ \t]*")
_CLOSES = re.compile(r"```[ \t]*")
_CODE = re.compile(r"`[^`]+`")
_CHARS = re.compile(r"(?<!\*)\*\*(?!\*)|(?<!~)~~(?!~)|.", re.DOTALL)  # two markers are one token

Kind = Literal["text", "quote", "code", "quoted code"]
Piece = str | Emphasis | Code | Link
_Token = str | Code | Link


def parse(text: str) -> list[Block | Code]:
    """The blocks of ``text``."""
    lines = text.split("\n")
    return [_block(kind, lines[start:end]) for kind, start, end in blocks(lines)]


def blocks(lines: Sequence[str]) -> Iterator[tuple[Kind, int, int]]:
    """The kind of each block, and from and up to which line it goes, its fences included."""
    closing = _closing_fences(lines) if any(map(_OPENS.fullmatch, lines)) else None
    start = 0
    while start < len(lines):
        fence = closing[start] if closing and _OPENS.fullmatch(lines[start]) else -1
        if fence > start:
            yield "code", start, fence + 1
            start = fence + 1
            continue
        quoted = _is_quoted(lines[start])
        end = start + 1
        while end < len(lines) and _is_quoted(lines[end]) == quoted:
            if closing and closing[end] > end and _OPENS.fullmatch(lines[end]):
                break
            end += 1
        if quoted:
            yield from _of_quote([line[2:] for line in lines[start:end]], start)
        else:
            yield "text", start, end
        start = end


def _of_quote(lines: Sequence[str], first: int) -> Iterator[tuple[Kind, int, int]]:
    """The blocks of a quote without its marks, the first line of which has the number ``first``."""
    closing = _closing_fences(lines) if any(map(_OPENS.fullmatch, lines)) else None
    start = 0
    while start < len(lines):
        fence = closing[start] if closing and _OPENS.fullmatch(lines[start]) else -1
        if fence > start:
            yield "quoted code", first + start, first + fence + 1
            start = fence + 1
            continue
        end = start + 1
        while end < len(lines) and not (
            closing and closing[end] > end and _OPENS.fullmatch(lines[end])
        ):
            end += 1
        yield "quote", first + start, first + end
        start = end


def pieces(line: str) -> list[Piece]:
    """The pieces of one line of text, or of a quote without its ``>``."""
    if _PLAIN.fullmatch(line):
        return [line] if line else []
    tokens = list(_tokens(line))
    return _emphasized(tokens, flanks_of(tokens), 0, len(tokens), "")


def _block(kind: Kind, lines: Sequence[str]) -> Block | Code:
    if kind == "code":
        return Code("\n".join(lines[1:-1]))
    if kind == "quoted code":
        return Code("\n".join([line[2:] for line in lines[1:-1]]), quoted=True)
    inline: list[Piece] = []
    for number, line in enumerate(lines):
        if number:
            _add(inline, "\n")
        for piece in pieces(line[2:] if kind == "quote" else line):
            _add(inline, piece)
    return Block(kind, inline)


def _is_quoted(line: str) -> bool:
    return line == ">" or line.startswith("> ")


def _closing_fences(lines: Sequence[str]) -> list[int]:
    """For each line the number of the next line behind it that can end a fence, or -1."""
    closing = [-1] * len(lines)
    found = -1
    for number in range(len(lines) - 1, -1, -1):
        closing[number] = found
        if _CLOSES.fullmatch(lines[number]):
            found = number
    return closing


def _add(inline: list[Piece], piece: Piece) -> None:
    if isinstance(piece, str) and inline and isinstance(inline[-1], str):
        inline[-1] += piece
    elif piece != "":
        inline.append(piece)


def _tokens(line: str) -> Iterator[_Token]:
    """Characters, and code and links that are one token each: no marker is inside them."""
    place = 0
    for start, end, span in _spans(line):
        yield from _CHARS.findall(line, place, start)
        yield span
        place = end
    yield from _CHARS.findall(line, place)


def _spans(line: str) -> Iterator[tuple[int, int, Code | Link]]:
    codes = [(found.start(), found.end()) for found in _CODE.finditer(line)]
    place = 0
    for start, end in [*codes, (len(line), len(line))]:
        yield from _links(line, place, start)
        if start < end:
            yield start, end, Code(line[start + 1 : end - 1])
        place = end


def _links(line: str, start: int, end: int) -> Iterator[tuple[int, int, Link]]:
    for begin, behind in links(line, start, end):
        yield begin, behind, Link(line[begin:behind], line[begin:behind])


def _emphasized(
    tokens: Sequence[_Token], flanks: Flanks, start: int, end: int, within: str
) -> list[Piece]:
    """The pieces of the tokens from ``start`` to ``end``; markers in ``within`` are open."""
    inline: list[Piece] = []
    place = start
    while place < end:
        token = tokens[place]
        close = -1
        if isinstance(token, str) and flanks.opens[place] and token[0] not in within:
            close = flanks.closes[place]
        if (
            isinstance(token, str)
            and place < close < end
            and flanks.solid[close] > flanks.solid[place]
        ):
            inner = _emphasized(tokens, flanks, place + 1, close, within + token[0])
            _add(inline, Emphasis(_EMPHASIS[token[0]], inner, double=len(token) > 1))
            place = close + 1
        else:
            _add(inline, token)
            place += 1
    return inline
