"""Clients of IRC that send anything, and texts that are shown to them."""

from __future__ import annotations

from functools import reduce
from operator import or_

from msgspec.structs import replace

from hubbub.domain.commands import Command, Direct, Join, Ping, Signal, Typing, Write
from hubbub.domain.errors import BadMessage
from hubbub.domain.events import Said
from hubbub.domain.ids import UserId
from hubbub.domain.replies import Ack, DirectRoom, Page, Pong, Refused, Reply, RoomJoined
from hubbub.wire.irc.capabilities import NONE, Cap
from hubbub.wire.irc.formatting import from_irc, to_irc
from hubbub.wire.irc.lines import Endless
from hubbub.wire.irc.message import MAX_BYTES, MAX_TAG_BYTES
from tests.fuzz.codecs import in_pieces
from tests.wire.irc.played import GENERAL, NOW, Client

ALL = reduce(or_, Cap, NONE)
MOST_KEPT = 512 + 4096 + 2


def conversation(data: bytes) -> None:
    """The same commands and the same words, whole or cut; and every word is a line of IRC."""
    caps = ALL if data[:1] < b"m" else NONE
    whole, cut = Talk(caps), Talk(caps)
    whole.sends(data)
    for piece in in_pieces(data):
        cut.sends(piece)
        assert cut.over or len(cut.client.wire.reader._buffer) <= MOST_KEPT + len(piece)
    assert cut.asked == whole.asked
    assert cut.heard == whole.heard
    check(whole.heard)


class Talk:
    """A client that is registered, and a hub that grants or refuses everything at once."""

    def __init__(self, caps: Cap) -> None:
        self.client = Client(caps)
        self.client.world.talks["@talk"] = ("ada", "ben")
        self.asked: list[str] = []
        self.heard = b""
        self.over = False

    def sends(self, data: bytes) -> None:
        wire = self.client.wire
        if self.over:
            return
        try:
            wire.receive(data)
            while (command := wire.next_command()) is not None or wire.has_more:
                if command is None:
                    continue
                self.asked.append(repr(replace(command, id=None)))
                for reply in _answers(command):
                    self.heard += wire.reply(replace(reply, re=command.id))
        except Endless:
            self.over = True
        self.heard += wire.output()


def _answers(command: Command) -> list[Reply]:
    match command:
        case Direct():
            return [DirectRoom(room="@talk", users=["ben"], head=1)]
        case Join(room=room, page=page):
            joined = RoomJoined(room=room, users=["ada"], head=9, after=9)
            return [joined] if page is None else [joined, Page(room=room, events=[], head=9)]
        case Write(room=room) if room == GENERAL:
            return [Ack(room=room, seq=9, at=NOW)]
        case Write():
            return [Refused.of(BadMessage("No."))]
        case Ping():
            return [Pong()]
        case Signal() | Typing():
            return []
    return [Refused.of(BadMessage("No."))]


def check(heard: bytes) -> None:
    """All of it is lines that clients of IRC can read."""
    lines = heard.decode().split("\r\n")
    assert lines.pop() == ""
    for line in lines:
        assert not set(line) & {"\r", "\n", "\0"}, line
        tags, rest = line.split(" ", 1) if line.startswith("@") else ("", line)
        assert len(tags.encode()) < MAX_TAG_BYTES
        assert rest.split(), line
        assert len(rest.encode()) <= MAX_BYTES - 2, line


def shown(data: bytes) -> None:
    """Any text is lines of IRC that fit; and markup that comes from there, and goes back."""
    text = data.decode(errors="replace").replace("\0", "")
    caps = reduce(or_, (cap for place, cap in enumerate(Cap) if len(data) >> place % 8 & 1), NONE)
    said = Said(9, NOW, "ben", text, by_id=UserId("2"), tags={text[:9]: text[9:99]})
    heard = Client(caps).wire.format.events(GENERAL, [said])
    check(heard)
    for line in heard.split(b"\r\n"):
        rest = line.partition(b" ")[2] if line.startswith(b"@") else line
        assert len(rest) <= MAX_BYTES - 2
    for one in text.split("\n"):
        marked = from_irc(one)
        assert to_irc([from_irc(to_irc([marked])[0])])
