"""What logs of IRC have in common: nicknames, channels, and messages that have no ids."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from hubbub.moving.stream import Item, Message, Person, Room, Topic

COMINGS = "lines of who came, left or changed the name"
OWN_LINES = "lines of the program's own, and notices"
CHANNEL = "#&+!"
"""What the name of a channel begins with."""
MODES = "~&@%+"
"""What may stand before a nickname: what its owner is in the channel."""

_FORMATTING = re.compile(
    r"\x03(?:\d{1,2}(?:,\d{1,2})?)?|\x04[0-9a-fA-F]{0,6}|[\x02\x0f\x11\x16\x1d-\x1f]"
)
_DATED = re.compile(r"[._-]\d{4}(?:[-_.]?\d\d){0,2}$|[._-]\d\d-\d\d(?:-\d\d)?$")
_NICK = re.compile(r"[^\s<>,:@!*?]{1,64}")


class Said(NamedTuple):
    """A line of a log: who says, or with ``action`` does, something; with ``topic``: sets that."""

    at: int
    nick: str
    text: str
    action: bool = False
    topic: bool = False


def decoded(line: bytes) -> str:
    """A line without its end. Old logs are not UTF-8, and then most likely Windows-1252."""
    line = line.removesuffix(b"\r")
    try:
        return line.decode()
    except UnicodeDecodeError:
        return line.decode("cp1252", "replace")


def is_nick(text: str) -> bool:
    """Whether that may be a nickname."""
    return _NICK.fullmatch(text) is not None


def without_date(name: str) -> str:
    """The name of a file that was begun anew each day, month or year, without that."""
    return _DATED.sub("", name)


class Channel:
    """Turns what was said in one channel into items. ``network``: on which it is; may be ""."""

    def __init__(self, network: str, name: str, people: set[str]) -> None:
        self.id = f"{network}/{name.lower()}"
        self._network = network
        self._name = name
        self._people = people
        self._now = 0
        self._same: dict[str, int] = {}

    def room(self) -> Room:
        """The channel; who talks with one person alone is in no channel."""
        direct = not self._name.startswith(tuple(CHANNEL))
        return Room(self.id, self._name, private=direct, direct=direct)

    def items(self, said: Said) -> Iterator[Item]:
        """What a line says."""
        by = f"{self._network}/{said.nick.lower()}"
        if by not in self._people:
            self._people.add(by)
            yield Person(by, said.nick)
        text = _FORMATTING.sub("", said.text)
        id = self._id(said, text)
        if said.topic:
            yield Topic(self.id, id, by, said.at, text)
        else:
            yield Message(self.id, id, by, said.at, (text,), action=said.action)

    def _id(self, said: Said, text: str) -> str:
        """The same each time that the log is read, also when it has grown meanwhile."""
        if said.at != self._now:
            self._now, self._same = said.at, {}
        what = f"{said.at} {said.nick.lower()} {said.action:d} {text}"
        count = self._same[what] = self._same.get(what, 0) + 1
        return f"{what} {count}"
