"""A text as clients are shown it: in lines that fit, or together as one of several lines.

https://ircv3.net/specs/extensions/multiline
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import NamedTuple

from hubbub.domain.events import Said
from hubbub.domain.filenames import spoken_size
from hubbub.domain.names import RoomName
from hubbub.domain.sentences import TAKEN_AWAY, shown_text
from hubbub.wire.irc import ctcp
from hubbub.wire.irc.capabilities import Cap
from hubbub.wire.irc.clienttags import CONCAT
from hubbub.wire.irc.cutting import cut, cut_formatted
from hubbub.wire.irc.formatting import is_marked, to_irc
from hubbub.wire.irc.message import MAX_BYTES
from hubbub.wire.irc.writing import Writing

FRAME = len(": PRIVMSG  :\r\n")
TOGETHER = Cap.MULTILINE | Cap.BATCH
MAX_CUTS = 100  # numbers in one tag: more than there are lines


class Line(NamedTuple):
    """One line of a text. ``joined``: it goes on where the one before was cut."""

    text: str
    joined: bool = False


def said(format: Writing, room: RoomName, target: str, message: Said, label: str = "") -> list[str]:
    """The messages of any text. ``label``: of the command by which a client has said it."""
    source = format.source(message)
    start = f":{source} {'NOTICE' if message.notice else 'PRIVMSG'} {target} :"
    limit = MAX_BYTES - FRAME - len(source.encode()) - len(target.encode())
    lines = list(_lines(format, message, limit))
    if message.redacted is not None and Cap.MESSAGE_REDACTION in format.caps:
        return []  # as they have asked for
    if len(lines) > 1 and TOGETHER in format.caps:
        ref = f"m{message.seq}"
        tags = format.tags(room, message, label)
        return [
            f"{tags}:{source} BATCH +{ref} draft/multiline {target}\r\n",
            *(
                f"@batch={ref}{f';{CONCAT}' if joined else ''} {start}{text}\r\n"
                for text, joined in lines
            ),
            f":{format.server} BATCH -{ref}\r\n",
        ]
    shown = [text for text, _ in lines if text] or [" "]
    first = format.tags(room, message, label)
    rest = format.tags(room, message, label, id=False) if len(shown) > 1 else ""
    return [f"{rest if place else first}{start}{text}\r\n" for place, text in enumerate(shown)]


def _lines(format: Writing, said: Said, limit: int) -> Iterator[Line]:
    quote = said.quote
    if quote is not None and not said.tags and Cap.MESSAGE_TAGS not in format.caps:
        # Who has said it by IRC has said what it answers in their own way.
        yield Line(cut(ctcp.harmless(f"> {quote.by}: {quote.text or TAKEN_AWAY}"), limit)[0])
    text = shown_text(said)
    deed = ctcp.deed_of(said.by, text)
    if deed is not None:
        for piece in cut_formatted(to_irc([deed])[0], limit - ctcp.DEED_BYTES):
            yield Line(ctcp.written_deed(piece))
    elif text:
        yield from _of_text(said, ctcp.harmless(text).replace("\r", "\n"), limit)
    for file in said.files:
        link = format.directory.link(file)
        for piece in cut(f"{file.name} ({spoken_size(file.size)}) {link}".rstrip(), limit):
            yield Line(piece)


def _of_text(said: Said, text: str, limit: int) -> Iterator[Line]:
    lines = text.split("\n")
    cuts = _cuts(said)
    marked = is_marked(text)
    place = 0
    for line in to_irc(lines) if marked else lines:
        parts = [line] if marked or not cuts else _cut_at(cuts, line, place)
        place += len(line) + 1
        joined = False
        for part in parts:
            for piece in cut_formatted(part, limit):
                yield Line(piece, joined)
                joined = True


def _cuts(said: Said) -> list[int]:
    """Where its author's client has cut the text, as it was said first."""
    told = said.tags.get(CONCAT) if said.tags and said.edited_at is None else None
    if told is None:
        return []
    numbers = told.split(",")[:MAX_CUTS]
    return [int(one) for one in numbers if one.isascii() and one.isdecimal() and len(one) < 7]


def _cut_at(cuts: list[int], line: str, begin: int) -> list[str]:
    places = sorted({place - begin for place in cuts if 0 < place - begin < len(line)})
    return [line[start:end] for start, end in pairwise([0, *places, len(line)])]
