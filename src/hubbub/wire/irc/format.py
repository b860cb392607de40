"""Events as messages of IRC: the same bytes for all clients with the same capabilities."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Container, Sequence
from functools import partial
from typing import Any

from msgspec.structs import replace

from hubbub.domain import events as kinds
from hubbub.domain.events import AnyEvent, Event, Joined, Left, Said
from hubbub.domain.ids import UserId
from hubbub.domain.kinds import are_lines, are_messages, is_message
from hubbub.domain.names import RoomName
from hubbub.domain.projection import quoted_by, target_of
from hubbub.domain.replies import Reply
from hubbub.domain.sentences import is_told_later
from hubbub.domain.state import changed_facts
from hubbub.wire.irc import amending, roommessages, saying
from hubbub.wire.irc.capabilities import Cap
from hubbub.wire.irc.labels import with_tag
from hubbub.wire.irc.message import MAX_BYTES
from hubbub.wire.irc.names import channel, is_channel, spelled
from hubbub.wire.irc.notices import noticed
from hubbub.wire.irc.status import as_sent
from hubbub.wire.irc.writing import Writing

PUTTING_OUT = frozenset({kinds.Kicked, kinds.Banned})


class _Everybody:
    def __contains__(self, id: object) -> bool:
        return True


EVERYBODY = _Everybody()
_PLAIN = re.compile(r"(?!/me )[^\x00-\x1f\x7f*_~`]+")  # a text of one line, without markup


class IrcFormat(Writing):
    """Shared by all sessions with the same capabilities."""

    # Format

    echoes = False  # most clients show by themselves what they say, and others want a label on it

    def events(self, room: RoomName, events: Sequence[AnyEvent], *, past: bool = False) -> bytes:
        """The messages that show ``events`` as they happen; or the present form of the ``past``."""
        if past and not are_lines(events):
            events = self._still_told(events)
        if not past and (known := self.recent.batch(events, self._shape)) is not None:
            return known
        target = None if room.startswith("@") else channel(room)
        texts = [self.told(room, target, event, past=past) for event in events]
        data = "".join(texts).encode(errors="replace")
        if not past:
            self.recent.keep_batch(events, self._shape, data, texts)
        return data

    def events_but(self, room: RoomName, events: Sequence[AnyEvent], own: Collection[int]) -> bytes:
        """As `events`, without those of which ``own`` has the numbers."""
        self.events(room, events)  # most others were given all of them a moment ago
        texts = zip(events, self.recent.texts(events, self._shape), strict=True)
        others = [text for event, text in texts if event.seq not in own]
        return "".join(others).encode(errors="replace")

    def told(
        self, room: RoomName, target: str | None, event: AnyEvent, *, past: bool = False
    ) -> str:
        """The messages that show one event, as `lines` has them."""
        if target is None:
            return "".join(self.lines(room, target, event))  # a query of whoever has which name now
        text = self.recent.text(event, self._shape, target, past=past)
        if text is None:
            text = "".join(self.lines(room, target, event))
            self.recent.keep(event, self._shape, target, text, past=past)
        elif not past and not is_message(event):
            self._went_on(room, event)
        return text

    def _still_told(self, events: Sequence[AnyEvent]) -> list[AnyEvent]:
        """Those of the past that are not seen by the messages themselves."""
        messages = {event.seq for event in events if is_message(event)}
        return [
            event
            for event in events
            if ((cap := _KNOWN_BY.get(type(event))) is not None and cap in self.caps)
            or is_told_later(event, messages)
        ]

    def differ(self, events: Sequence[AnyEvent]) -> Container[UserId | None] | None:
        """Some events are told once to each client, and not in each room. Of others a client has to
        know that it was told, as of its being put out.
        """
        if are_messages(events):
            return None
        about: set[UserId | None] = set()
        differs = False
        for event in events:
            if Cap.METADATA in self.caps and self._tells_labels(event):
                return EVERYBODY
            if type(event) is Left:
                differs = differs or event.gone
            elif type(event) is Joined and event.was is not None:
                about.add(event.by_id)
            elif type(event) is kinds.Kicked or type(event) is kinds.Banned:
                about.add(event.user_id)  # None: whoever a pattern fits
            elif type(event) is kinds.Invited and Cap.INVITE_NOTIFY in self.caps:
                about.add(event.by_id)  # a numeric tells the client that has sent the command
        if None in about:
            return EVERYBODY
        return about if differs or about else None

    def _tells_labels(self, event: AnyEvent) -> bool:
        """Whether clients are told of labels by it, of which each has asked for some."""
        if type(event) is Joined:
            return bool(self.directory.labels(event.by))
        return type(event) is kinds.RulesSet and bool(event.labels)

    def notice(self, notice: Reply) -> bytes:
        """What is told to many that is not logged."""
        return noticed(self, self.host, notice)

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

    def _went_on(self, room: RoomName, event: Event) -> None:
        """``event`` is shown with others, of which the next one is about what it has changed."""
        before = self.facts_before(room, event)
        if before is not None:
            after = replace(before, **changed_facts(before, event))
            self._ahead = (room.key, event.seq, after)

    def said(self, room: RoomName, target: str, said: Said, label: str = "") -> list[str]:
        """The messages of a text. ``label``: of the command by which a client has said it."""
        if said.tags and room.startswith("@"):
            said, target = as_sent(said, target, self.directory, room)
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

    # Kinds that IRC has messages for

    def _joined(self, room: RoomName, target: str, event: Joined) -> list[str]:
        if event.was is not None:
            source = self.host.source(event.was, event.by_id)
            words = f"NICK :{spelled(event.by)}"
        else:
            source, words = "", self.join_words(target, event.by, event.by_id)
        lines = [self.line(room, event, words, source=source)]
        if event.was is not None and Cap.ACCOUNT_NOTIFY in self.caps:
            account = self.directory.account_of(event.by_id)
            if account is not None:  # whose name is its account's, as a former one was
                lines.append(self.line(room, event, f"ACCOUNT {account}"))
        same = event.was is not None and event.was_id in (None, event.by_id)  # away, or not: known
        new = event.seq > self.directory.head(room)
        if Cap.AWAY_NOTIFY in self.caps and new and not same:
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
        known = self.host.known(by)
        realname = spelled(by) if known is None else known.realname
        return f"JOIN {target} {account or '*'} :{realname}"

    def _topic(self, room: RoomName, target: str, event: kinds.TopicSet) -> list[str]:
        words = f"TOPIC {target} :"
        return [self.line(room, event, words + self.fitting(event, words, event.topic))]

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
