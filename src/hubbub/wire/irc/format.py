"""Events as messages of IRC: the same bytes for all clients with the same capabilities."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import lru_cache, partial
from typing import Any

from msgspec.structs import replace

from hubbub.domain import events as kinds
from hubbub.domain.events import AnyEvent, Event, Joined, Left, Said
from hubbub.domain.ids import UserId
from hubbub.domain.kinds import are_lines, is_message
from hubbub.domain.names import RoomName
from hubbub.domain.projection import quoted_by, target_of
from hubbub.domain.replies import Reply
from hubbub.domain.sentences import is_told, is_told_later, sentences
from hubbub.domain.state import NO_FACTS, RoomFacts, changed_facts
from hubbub.wire.irc import amending, roommessages, saying
from hubbub.wire.irc.capabilities import TAGGED, Cap
from hubbub.wire.irc.clienttags import REPLY, shown_tags
from hubbub.wire.irc.cutting import cut
from hubbub.wire.irc.directory import Sources
from hubbub.wire.irc.labels import with_tag
from hubbub.wire.irc.message import MAX_BYTES, escaped
from hubbub.wire.irc.names import channel, is_channel, msgid, spelled
from hubbub.wire.irc.status import as_sent
from hubbub.wire.irc.times import time_of

PUTTING_OUT = frozenset({kinds.Kicked, kinds.Banned})
_PLAIN = re.compile(r"(?!/me )[^\x00-\x1f\x7f*_~`]+")  # a text of one line, without markup


_escaped = lru_cache(maxsize=256)(escaped)  # of rooms, which are few at a time


def _of_clients(room: RoomName, said: Said) -> list[str]:
    """What clients tell clients along with a text, and what it answers."""
    tags = shown_tags(said.tags)
    if said.reply_to is not None:
        tags.setdefault(REPLY, msgid(room, said.reply_to))
    return [f"{key}={escaped(value)}" if value else key for key, value in tags.items()]


class IrcFormat:
    """Shared by all sessions with the same capabilities ``caps``, of `SHAPES`."""

    def __init__(self, host: Sources, caps: Cap) -> None:
        self.host = self._host = host
        self.server = host.name
        self.directory = host.directory
        self.caps = caps
        self._tagged = bool(caps & TAGGED)
        self._timed = Cap.SERVER_TIME in caps
        self._by_account = Cap.ACCOUNT_TAG in caps
        self._numbered = Cap.MESSAGE_TAGS in caps
        self._ahead = ("", 0, NO_FACTS)  # a room by its key, an event, and what holds after it

    # Format

    echoes = False  # most clients show by themselves what they say, and others want a label on it

    def events(self, room: RoomName, events: Sequence[AnyEvent], *, past: bool = False) -> bytes:
        """The messages that show ``events`` as they happen; or the present form of the ``past``."""
        if past and not are_lines(events):
            events = self._still_told(events)
        target = None if room.startswith("@") else channel(room)
        lines = [line for event in events for line in self.lines(room, target, event)]
        return "".join(lines).encode(errors="replace")

    def _still_told(self, events: Sequence[AnyEvent]) -> list[AnyEvent]:
        """Those of the past that are not seen by the messages themselves."""
        messages = {event.seq for event in events if is_message(event)}
        return [
            event
            for event in events
            if ((cap := _KNOWN_BY.get(type(event))) is not None and cap in self.caps)
            or is_told_later(event, messages)
        ]

    def differ(self, events: Sequence[AnyEvent]) -> bool:
        """Whether some of ``events`` are told once to each client, and not in each room.

        Or whether a client has to know that it was told, as of its being put out.
        """
        return any(
            (type(event) is Joined and event.was is not None)
            or (type(event) is Left and event.gone)
            or type(event) in PUTTING_OUT
            or (Cap.METADATA in self.caps and self._tells_labels(event))
            for event in events
        )

    def _tells_labels(self, event: AnyEvent) -> bool:
        """Whether clients are told of labels by it, of which each has asked for some."""
        if type(event) is Joined:
            return bool(self.directory.labels(event.by))
        return type(event) is kinds.RulesSet and bool(event.labels)

    def notice(self, notice: Reply) -> bytes:
        """What is told to many that is not logged."""
        from hubbub.wire.irc.notices import noticed  # needs what is here

        return noticed(self, self._host, notice)

    def source(self, event: Event) -> str:
        """Whose event it is, as the source of a message."""
        return self._host.source(event.by, event.by_id)

    def source_of(self, by: str, by_id: str | None) -> str:
        """Somebody as the source of a message."""
        return self._host.source(by, by_id)

    # One event

    def lines(self, room: RoomName, target: str | None, event: Event) -> list[str]:
        """The messages that show one event. ``target``: the channel; None: it is no channel."""
        if is_message(event):
            return self.said(room, target or self.addressee(room, event.by_id), event)
        if target is None:
            target = self.addressee(room, event.by_id)
            if not is_channel(target) and target_of(event) is None and quoted_by(event) is None:
                return []  # of two who write to each other, nobody comes or goes
        show = _SHOWN.get(type(event))
        lines = self.calm if show is None else partial(show, self)
        told = lines(room, target, event)
        self._went_on(room, event)
        return told

    def facts_before(self, room: RoomName, event: Event) -> RoomFacts | None:
        """What held in the room before ``event``; None if that was shown before, to others."""
        head = self.directory.head(room)
        if event.seq <= head:
            return None
        key, seq, facts = self._ahead
        fits = key == room.key and head <= seq < event.seq
        return facts if fits else self.directory.facts(room)

    def _went_on(self, room: RoomName, event: Event) -> None:
        """``event`` is shown with others, of which the next one is about what it has changed."""
        before = self.facts_before(room, event)
        if before is not None:
            after = replace(before, **changed_facts(before, event))
            self._ahead = (room.key, event.seq, after)

    def said(self, room: RoomName, target: str, said: Said, label: str = "") -> list[str]:
        """The messages of a text. ``label``: of the command by which a client has said it."""
        if said.tags and room.startswith("@"):
            said, target = as_sent(said, target)
        text = said.text
        if _PLAIN.fullmatch(text) and said.rev is None and not said.files and said.quote is None:
            source = self.source(said)
            line = f":{source} {'NOTICE' if said.notice else 'PRIVMSG'} {target} :{text}\r\n"
            if len(line) <= MAX_BYTES and (line.isascii() or len(line.encode()) <= MAX_BYTES):
                return [self.tags(room, said, label) + line]  # nearly always
        return saying.said(self, room, target, said, label)

    def labelled(
        self, room: RoomName, target: str | None, event: AnyEvent, label: str
    ) -> list[str]:
        """What a client is told of what it has done; with the label that it has put to it."""
        if is_message(event):
            return self.said(room, target or self.addressee(room, event.by_id), event, label)
        lines = self.lines(room, target, event)
        return [with_tag(lines[0], "label", label), *lines[1:]] if label and lines else lines

    def addressee(self, room: RoomName, by_id: UserId | None) -> str:
        """Whom somebody writes to in a direct conversation: the other one, or the channel."""
        people = self.directory.people(room) if room.startswith("@") else ()
        others = [one for one in people if one.id != by_id]
        if len(people) == 2 and len(others) == 1:
            return spelled(others[0].name)
        return channel(room)

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
            if self._host.is_bot(event.by):
                tags.append("bot")
            if id:
                tags.append(f"msgid={_escaped(room.key)}/{event.seq}")
            if is_message(event) and (event.tags or event.reply_to is not None):
                tags += _of_clients(room, event)
        return f"@{';'.join(tags)} " if tags else ""

    def line(self, room: RoomName, event: Event, words: str, *, source: str = "") -> str:
        """One message about ``event`` by its author, or by ``source``."""
        tags = self.tags(room, event)
        return f"{tags}:{source or self.source(event)} {words}\r\n"

    def server_line(self, room: RoomName, event: Event, words: str) -> str:
        """One message about ``event`` by the server."""
        return self.line(room, event, words, source=self.server)

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

    # Kinds that IRC has messages for

    def _joined(self, room: RoomName, target: str, event: Joined) -> list[str]:
        if event.was is not None:
            source = self._host.source(event.was, event.by_id)
            words = f"NICK :{spelled(event.by)}"
        else:
            source, words = "", self.join_words(target, event.by, event.by_id)
        lines = [self.line(room, event, words, source=source)]
        if event.was is not None and Cap.ACCOUNT_NOTIFY in self.caps:
            account = self.directory.account_of(event.by_id)
            if account is not None:  # whose name is its account's, as a former one was
                lines.append(self.line(room, event, f"ACCOUNT {account}"))
        if Cap.AWAY_NOTIFY in self.caps and event.seq > self.directory.head(room):  # it is new
            why = self.directory.away(event.by, event.by_id)
            lines += [] if why is None else [self.line(room, event, f"AWAY :{why}")]
        return [*lines, *roommessages.role_of_newcomer(self, room, target, event)]

    def beside_the_name(self, room: RoomName, target: str | None, event: AnyEvent) -> list[str]:
        """What there is to be told in a room of who has another name, when that is known."""
        if target is None or not isinstance(event, Joined):
            return []
        lines = roommessages.role_of_newcomer(self, room, target, event)
        self._went_on(room, event)
        return lines

    def join_words(self, target: str, by: str, by_id: str | None) -> str:
        """A ``JOIN`` as this client is told it (https://ircv3.net/specs/extensions/extended-join)."""
        if Cap.EXTENDED_JOIN not in self.caps:
            return f"JOIN {target}"
        account = self.directory.account_of(by_id)
        known = self._host.known(by)
        realname = spelled(by) if known is None else known.realname
        return f"JOIN {target} {account or '*'} :{realname}"

    def _topic(self, room: RoomName, target: str, event: kinds.TopicSet) -> list[str]:
        words = f"TOPIC {target} :"
        return [self.line(room, event, words + self.fitting(event, words, event.topic))]

    def fitting(self, event: Event, words: str, text: str) -> str:
        """What of ``text`` fits behind ``words`` in one message about ``event``."""
        used = len(f":{self.source(event)} {words}\r\n".encode(errors="replace"))
        return cut(text, MAX_BYTES - used)[0]

    def _nothing(self, room: RoomName, target: str, event: Event) -> list[str]:
        return []


Show = Callable[[IrcFormat, RoomName, str, Any], list[str]]

_SHOWN: dict[type[Event], Show] = {
    Joined: IrcFormat._joined,
    kinds.TopicSet: IrcFormat._topic,
    kinds.Reacted: amending.reacted,
    kinds.Redacted: amending.redacted,
    kinds.RoomRenamed: IrcFormat._nothing,  # the session is told, by `RoomMoved`
    **roommessages.SHOWN,
}
"""Kinds that have messages of their own; all others are told in sentences, if at all."""

_KNOWN_BY: dict[type[Event], Cap] = {
    kinds.Reacted: Cap.MESSAGE_TAGS,
    kinds.Redacted: Cap.MESSAGE_REDACTION,
}
"""Amendments that have a message of their own, for clients with these capabilities."""
