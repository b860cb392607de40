"""One message of IRC: tags, a source, a command and parameters, parsed and written.

https://modern.ircdocs.horse/#message-format and https://ircv3.net/specs/extensions/message-tags
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from msgspec import Struct

MAX_BYTES = 512  # of a message without its tags, with its CRLF
MAX_TAG_BYTES = 8191  # of all tags, with the @ and the space behind them
MAX_CLIENT_TAG_BYTES = 4094  # of the data of tags that a client sends, without @ and space
MAX_PARAMS = 50  # a client may send 15; a list in one command is a little more

_MOST = MAX_BYTES - len("\r\n")
_ESCAPES = str.maketrans({";": "\\:", " ": "\\s", "\\": "\\\\", "\r": "\\r", "\n": "\\n"})
_UNESCAPES = {":": ";", "s": " ", "r": "\r", "n": "\n"}
_ESCAPED = re.compile(r"\\(.?)", re.DOTALL)

NO_TAGS: Mapping[str, str] = {}


class Message(Struct, frozen=True, gc=False):
    """``command``: in upper case, or the digits of a numeric. ``tags``: as they are meant."""

    command: str
    params: tuple[str, ...] = ()
    source: str = ""
    tags: Mapping[str, str] = NO_TAGS

    def __getitem__(self, place: int) -> str:
        """The parameter at ``place``; "" if there are not so many."""
        return self.params[place] if place < len(self.params) else ""


def parse(line: str) -> Message | None:
    """The message in ``line``, which has no line end; None if there is no command in it."""
    tags: Mapping[str, str] = NO_TAGS
    if line.startswith("@"):
        raw, _, line = line[1:].partition(" ")
        tags = parse_tags(raw)
    line = line.lstrip(" ")
    source = ""
    if line.startswith(":"):
        source, _, line = line[1:].partition(" ")
        line = line.lstrip(" ")
    middle, colon, trailing = line.partition(" :")
    words = middle.split(" ", MAX_PARAMS)
    words = [word for word in words if word]
    if not words:
        return None
    command, *params = words
    if colon:
        params.append(trailing)
    return Message(command.upper(), tuple(params), source, tags)


def parse_tags(raw: str) -> dict[str, str]:
    """The tags of ``raw``, which is what stands between the @ and the space."""
    tags: dict[str, str] = {}
    for part in raw.split(";"):
        key, _, value = part.partition("=")
        if key:
            tags[key] = unescaped(value) if "\\" in value else value
    return tags


def unescaped(value: str) -> str:
    """The value of a tag as it is meant."""
    return _ESCAPED.sub(lambda found: _UNESCAPES.get(found[1], found[1]), value)


def escaped(value: str) -> str:
    """The value of a tag as it is written."""
    return value.translate(_ESCAPES)


def written_tags(tags: Mapping[str, str]) -> str:
    """The tags as they stand before a message, with the @ and the space; "" if there are none."""
    if not tags:
        return ""
    parts = [f"{key}={escaped(value)}" if value else key for key, value in tags.items()]
    return f"@{';'.join(parts)} "


def written(command: str, *params: str, source: str = "", tags: Mapping[str, str] = NO_TAGS) -> str:
    """A message as it is written, with CRLF.

    Its last parameter may be anything. Another one that a client has sent, and that could not stand
    there, is ``*``: else what follows would be something else.
    """
    words = [f":{source} {command}" if source else command]
    if params:
        *middle, last = params
        words += [word if word and word[0] != ":" and " " not in word else "*" for word in middle]
        words.append(f":{last}" if not last or last[0] == ":" or " " in last else last)
    return f"{written_tags(tags)}{fitting(' '.join(words))}\r\n"


def fitting(words: str) -> str:
    """What fits of a message without its tags and its end. What came behind that some clients took
    for a line of its own, which whoever has written the words could make say anything.
    """
    if len(words) * 4 <= _MOST or len(data := words.encode(errors="replace")) <= _MOST:
        return words
    return data[:_MOST].decode(errors="ignore")
