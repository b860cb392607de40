"""What messages about events are made of: whose they are, their tags, and sentences.

The same for all clients with the same capabilities.
"""

from __future__ import annotations

from functools import lru_cache

from hubbub.domain.events import Event, Said
from hubbub.domain.ids import UserId
from hubbub.domain.kinds import is_message
from hubbub.domain.names import RoomName
from hubbub.domain.sentences import is_told, sentences
from hubbub.domain.state import NO_FACTS, RoomFacts
from hubbub.wire.irc import message
from hubbub.wire.irc.capabilities import TAGGED, Cap
from hubbub.wire.irc.clienttags import REPLY, shown_tags
from hubbub.wire.irc.cutting import cut
from hubbub.wire.irc.directory import Sources
from hubbub.wire.irc.message import MAX_BYTES, escaped
from hubbub.wire.irc.names import channel, is_channel, msgid, spelled
from hubbub.wire.irc.times import time_of

_escaped = lru_cache(maxsize=256)(escaped)  # of rooms, which are few at a time


def _of_clients(room: RoomName, said: Said) -> list[str]:
    """What clients tell clients along with a text, and what it answers."""
    tags = shown_tags(said.tags)
    if said.reply_to is not None:
        tags.setdefault(REPLY, msgid(room, said.reply_to))
    return [f"{key}={escaped(value)}" if value else key for key, value in tags.items()]


class Writing:
    """How messages are written to clients with the capabilities ``caps``, of `SHAPES`."""

    def __init__(self, host: Sources, caps: Cap) -> None:
        self.host = host
        self.server = host.name
        self.recent = host.recent
        self.directory = host.directory
        self.caps = caps
        self._shape = caps.value  # quicker to look up than a flag
        self._tagged = bool(caps & TAGGED)
        self._timed = Cap.SERVER_TIME in caps
        self._by_account = Cap.ACCOUNT_TAG in caps
        self._numbered = Cap.MESSAGE_TAGS in caps
        self._ahead = ("", 0, NO_FACTS)  # a room by its key, an event, and what holds after it

    def source(self, event: Event) -> str:
        """Whose event it is, as the source of a message."""
        return self.host.source(event.by, event.by_id)

    def source_of(self, by: str, by_id: str | None) -> str:
        """Somebody as the source of a message."""
        return self.host.source(by, by_id)

    def addressee(self, room: RoomName, by_id: UserId | None) -> str:
        """Whom somebody writes to in a direct conversation: the other one, or the channel."""
        people = self.directory.people(room) if room.startswith("@") else ()
        others = [one for one in people if one.id != by_id]
        if len(people) == 2 and len(others) == 1:
            return spelled(others[0].name)
        return channel(room)

    def facts_before(self, room: RoomName, event: Event) -> RoomFacts | None:
        """What held in the room before ``event``; None if that was shown before, to others."""
        head = self.directory.head(room)
        if event.seq <= head:
            return None
        key, seq, facts = self._ahead
        fits = key == room.key and head <= seq < event.seq
        return facts if fits else self.directory.facts(room)

    def tags(self, room: RoomName, event: Event, label: str = "", *, id: bool = True) -> str:
        """The tags of a message about ``event``. ``id``: it is the first one about it."""
        if not self._tagged and not label:
            return ""
        tags = []
        if label:
            tags.append(f"label={escaped(label)}")
        if self._timed:
            tags.append(f"time={time_of(event.at)}")
        if self._by_account:
            account = self.directory.account_of(event.by_id)
            if account is not None:
                tags.append(f"account={escaped(account)}")
        if self._numbered:
            if self.host.is_bot(event.by):
                tags.append("bot")
            if id:
                tags.append(f"msgid={_escaped(room.key)}/{event.seq}")
            if is_message(event) and (event.tags or event.reply_to is not None):
                tags += _of_clients(room, event)
        return f"@{';'.join(tags)} " if tags else ""

    def line(self, room: RoomName, event: Event, words: str, *, source: str = "") -> str:
        """One message about ``event`` by its author, or by ``source``."""
        tags = self.tags(room, event)
        line = message.fitting(f":{source or self.source(event)} {words}")
        return f"{tags}{line}\r\n"

    def server_line(self, room: RoomName, event: Event, words: str) -> str:
        """One message about ``event`` by the server."""
        return self.line(room, event, words, source=self.server)

    def fitting(self, event: Event, words: str, text: str) -> str:
        """What of ``text`` fits behind ``words`` in one message about ``event``."""
        used = len(f":{self.source(event)} {words}\r\n".encode(errors="replace"))
        return cut(text, MAX_BYTES - used)[0]

    def calm(self, room: RoomName, target: str, event: Event) -> list[str]:
        """What IRC has no message for, as a sentence that nobody answers.

        Where two write to each other, by who has done it: there clients show it.
        """
        told = sentences(event) if is_told(event) else []
        here = is_channel(target)
        source = self.server if here else self.source(event)
        return [
            self.line(room, event, f"NOTICE {target} :{piece}", source=source)
            for who, what in told
            for piece in cut(" ".join((f"{who} {what}" if here else what).split()), MAX_BYTES // 2)
        ]
