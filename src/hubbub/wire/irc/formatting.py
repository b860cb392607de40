"""Bold, italic, struck through and code: as IRC writes them, and as texts do (docs/markup.md).

IRC has a control character that turns each of them on, and off again. Both ways nothing is changed
that the other side would read otherwise: then the text stays, and its looks go.
https://modern.ircdocs.horse/formatting
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from hubbub.domain.markup import Code, Emphasis, Link, Piece, blocks, pieces

_CODES = {"bold": "\x02", "italic": "\x1d", "strike": "\x1e", "code": "\x11"}
_KINDS = {code: kind for kind, code in _CODES.items()}
_MARKERS = {"bold": "*", "italic": "_", "strike": "~", "code": "`"}
_KNOWN_TO_ALL = ("bold", "italic")  # clients that do not know the others show them as letters
_ORDER = ("bold", "italic", "strike", "code")  # the outermost first
_RESET = "\x0f"
_CODE = re.compile(
    r"\x03(?:\d{1,2}(?:,\d{1,2})?)?|\x04(?:[0-9a-fA-F]{6})?|[\x02\x0f\x11\x16\x1d-\x1f]"
)
_MARKED = re.compile(r"[*_~`]")  # what may be markup
_MARKED_ALSO = re.compile(
    r"([~`])(\S|\S[^~`]*\S)\1"
)  # what is told as it is written: see `_KNOWN_TO_ALL`
MAX_OPEN = len(_ORDER)  # codes that may be in force at one place, a byte each

_NONE: frozenset[str] = frozenset()
Styled = list[tuple[str, frozenset[str]]]
"""Characters, and what each of them looks like."""


def is_marked(text: str) -> bool:
    """Whether there may be markup in ``text``."""
    return _MARKED.search(text) is not None


def to_irc(lines: Sequence[str]) -> list[str]:
    """The lines of one text with the codes of IRC in place of the markup. Blocks of code stay."""
    shown: list[str] = []
    for kind, start, end in blocks(lines):
        plain = kind in ("code", "quoted code")
        shown += lines[start:end] if plain else [_line_to_irc(one) for one in lines[start:end]]
    return shown


def _line_to_irc(line: str) -> str:
    return "".join(map(_written, pieces(line))) if is_marked(line) else line


def _written(piece: Piece) -> str:
    match piece:
        case Emphasis(kind=kind, inline=inline):
            mark = _CODES[kind] if kind in _KNOWN_TO_ALL else _MARKERS[kind]
            return f"{mark}{''.join(map(_written, inline))}{mark}"
        case Code(text=text):
            return f"{_MARKERS['code']}{text}{_MARKERS['code']}"
        case Link(text=text):
            return text
    return piece


def from_irc(line: str) -> str:
    """One line of IRC with markup in place of its codes; without, where that says something else.

    Colours, underlines and reversed colours are left out.
    """
    if _CODE.search(line) is None:
        return line
    for codes in (_MARKED_ALSO.sub(_code_of, line), line):
        styled = list(_styled(codes))
        for kind in _ORDER:
            _trim(styled, kind)
        marked = _marked(styled)
        if list(_seen(pieces(marked), _NONE)) == styled:
            return marked
    return without_codes(line)


def _code_of(found: re.Match[str]) -> str:
    code = _CODES["code" if found[1] == "`" else "strike"]
    return f"{code}{found[2]}{code}"


def without_codes(line: str) -> str:
    """One line of IRC without its codes."""
    return _CODE.sub("", line)


def in_force(line: str) -> str:
    """The codes that are on at the end of ``line``: with them, what is cut off goes on."""
    on: dict[str, None] = {}
    for code in _CODE.findall(line):
        if code == _RESET:
            on.clear()
        elif code in _KINDS and on.pop(code, code) is not None:
            on[code] = None
    return "".join(on)


def _styled(line: str) -> Iterator[tuple[str, frozenset[str]]]:
    on: frozenset[str] = _NONE
    place = 0
    for found in _CODE.finditer(line):
        yield from ((char, on) for char in line[place : found.start()])
        place = found.end()
        if found[0] == _RESET:
            on = _NONE
        elif found[0] in _KINDS:
            on ^= {_KINDS[found[0]]}
    yield from ((char, on) for char in line[place:])


def _trim(styled: Styled, kind: str) -> None:
    """Takes ``kind`` off the spaces at both ends of what looks like that: there it is not seen."""
    place, count = 0, len(styled)
    while place < count:
        if kind not in styled[place][1]:
            place += 1
            continue
        end = place
        while end < count and kind in styled[end][1]:
            end += 1
        first, last = place, end
        while first < last and styled[first][0].isspace():
            first += 1
        while last > first and styled[last - 1][0].isspace():
            last -= 1
        for bare in (*range(place, first), *range(last, end)):
            styled[bare] = (styled[bare][0], styled[bare][1] - {kind})
        place = end


def _marked(styled: Styled) -> str:
    written: list[str] = []
    on: list[str] = []
    for char, looks in [*styled, ("", _NONE)]:
        while any(kind not in looks for kind in on):  # and what is inside of it
            written.append(_MARKERS[on.pop()])
        for kind in _ORDER:
            if kind in looks and kind not in on:
                on.append(kind)
                written.append(_MARKERS[kind])
        written.append(char)
    return "".join(written)


def _seen(inline: Sequence[Piece], looks: frozenset[str]) -> Iterator[tuple[str, frozenset[str]]]:
    for piece in inline:
        match piece:
            case Emphasis(kind=kind, inline=inner):
                yield from _seen(inner, looks | {kind})
            case Code(text=text):
                yield from ((char, looks | {"code"}) for char in text)
            case Link(text=text) | str(text):
                yield from ((char, looks) for char in text)
