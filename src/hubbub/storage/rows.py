"""Events and names as rows, and back. A new kind of event needs nothing here."""

from __future__ import annotations

from functools import lru_cache
from typing import Any, TypeVar, cast, get_args

import msgspec
from msgspec.structs import fields

from hubbub.domain.events import AnyEvent, Event, Reacted, Redacted
from hubbub.domain.ids import UserId, number_of, user_id
from hubbub.domain.kinds import TRAITS, UNKNOWN
from hubbub.domain.names import RoomName, UserName
from hubbub.domain.rules import Profile
from hubbub.domain.state import NO_FACTS, Member, RoomFacts, RoomSummary
from hubbub.storage.errors import DamagedRows
from hubbub.storage.projection import DERIVED

N = TypeVar("N", RoomName, UserName)

COLUMNS = frozenset({"seq", "at", "by_id", "by"})
"""The fields that have a column of their own. So have `TEXTS` and what `Traits.amends` names; a
kind's others go into ``extra``."""

TEXTS = ("text", "emoji")
"""The fields that stand in the column ``text``; no kind has two of them. A message may have 2,000
reactions, which are read without any JSON."""

Content = tuple[str, str | None, str | None, int | None]
"""What tells one kind of event from another, as columns: kind, text, extra, amends."""


class Kind:
    """How the events of one class are kept."""

    def __init__(self, event: type[Event]) -> None:
        self.event = event
        self.tag = cast("str", event.__struct_config__.tag)
        self.amends = TRAITS.get(event, UNKNOWN).amends
        self.text: str | None = None
        """Which of `TEXTS` it has."""
        self.others: list[tuple[str, object]] = []
        for field in fields(event):
            if field.name in TEXTS:
                self.text = field.name
            elif field.name != self.amends and field.name not in COLUMNS | DERIVED:
                make = field.default_factory
                default = field.default if make is msgspec.NODEFAULT else make()
                self.others.append((field.name, default))

    def content(self, event: Event) -> Content:
        """The columns of ``event`` that depend on its kind."""
        others = {}
        for name, default in self.others:
            value = getattr(event, name)
            if value is not default and value != default:  # most are the default itself
                others[name] = value
        extra = msgspec.json.encode(others, enc_hook=str).decode() if others else None
        text = getattr(event, self.text) if self.text is not None else None
        amends = getattr(event, self.amends) if self.amends is not None else None
        return self.tag, text, extra, amends

    def read(
        self,
        seq: int,
        at: int,
        by_id: UserId | None,
        by: str,
        text: str | None,
        extra: str | None,
        amends: int | None,
    ) -> Event:
        """Raises TypeError or `msgspec.MsgspecError` for what is not of this kind."""
        if (
            extra is None
            and (text is None) is (self.text is None)
            and ((amends is None) is (self.amends is None))
        ):
            make = cast("Any", self.event)
            if self.amends is not None:
                named: dict[str, object] = {self.amends: amends}
                if self.text is not None:
                    named[self.text] = text
                return cast("Event", make(seq, at, by, by_id=by_id, **named))
            if self.text is not None:
                return cast("Event", make(seq, at, by, text=text, by_id=by_id))
            return cast("Event", make(seq, at, by, by_id=by_id))
        found = {} if extra is None else msgspec.json.decode(extra, type=dict[str, Any])
        found |= {"kind": self.tag, "seq": seq, "at": at, "by_id": by_id, "by": by}
        found |= {self.text or "text": text}
        if self.amends is not None:
            found[self.amends] = amends
        return msgspec.convert(found, self.event)


KINDS = {kind: Kind(kind) for kind in get_args(AnyEvent)}
MESSAGES = [kind.tag for kind in KINDS.values() if TRAITS[kind.event].message]
"""What the column ``kind`` says of messages."""
EDITS = [kind.tag for kind in KINDS.values() if TRAITS[kind.event].rewords and kind.text == "text"]
"""What the column ``kind`` says of events that have another text for a message."""
REACTIONS = [KINDS[Reacted].tag]
"""What the column ``kind`` says of reactions."""
REDACTIONS = [KINDS[Redacted].tag]
"""What the column ``kind`` says of events that take a message back."""
FORGETTING = [kind.tag for kind in KINDS.values() if TRAITS[kind.event].forgets]
"""What the column ``kind`` says of events that change what their author did before."""
TRIMMING = [kind.tag for kind in KINDS.values() if TRAITS[kind.event].trims]
"""What the column ``kind`` says of events by which others are gone."""
LINES = [kind.tag for kind in KINDS.values() if TRAITS[kind.event].line]
"""What the column ``kind`` says of lines of a timeline."""

BY_TAG = {kind.tag: kind for kind in KINDS.values()}


def event_of(
    seq: int,
    at: int,
    kind: str,
    author: int | None,
    by: str,
    text: str | None,
    extra: str | None,
    amends: int | None = None,
    *_: object,
) -> AnyEvent:
    """The event in a row. What else is in it, behind the event's columns, is for others.

    What this version does not know or cannot read is the base `Event`, so that a room never has
    a hole: a newer version wrote it.
    """
    known = BY_TAG.get(kind)
    by_id = id_of(author)
    if known is not None:
        try:
            return cast("AnyEvent", known.read(seq, at, by_id, by, text, extra, amends))
        except (TypeError, msgspec.MsgspecError):
            pass
    return cast("AnyEvent", Event(seq, at, by, by_id=by_id))


def summary_of(head: int | None, at: int | None, state: str | None) -> RoomSummary:
    """The summary of the room in a row, see `hubbub.storage.schema.SUMMARY`.

    Raises `DamagedRows`.
    """
    return RoomSummary(head or 0, at, NO_FACTS if state is None else facts_of(state))


@lru_cache(maxsize=512)
def facts_of(state: str) -> RoomFacts:
    """What `state_of` has written; raises `DamagedRows`. Most rooms have the same."""
    try:
        return msgspec.json.decode(state, type=RoomFacts)
    except msgspec.MsgspecError as error:
        raise DamagedRows(f"The state of a room cannot be read: {error}") from error


def state_of(facts: RoomFacts) -> str:
    """The column ``state`` of ``facts``."""
    return msgspec.json.encode(facts, enc_hook=str).decode()


Row = tuple[str, int | None, int, str | None]
"""A member beside the key of the name, as columns: name, author, since, profile."""


def member_row(member: Member) -> Row:
    """The row of ``member``."""
    author = None if member.id is None else number_of(member.id)
    profile = member.profile
    said = None if profile is None else msgspec.json.encode(profile, enc_hook=str).decode()
    return str(member.name), author, member.since, said


def member_of(key: str, name: str, author: int | None, since: int, profile: str | None) -> Member:
    """The member in a row; raises `DamagedRows`."""
    said = None
    if profile is not None:
        try:
            said = msgspec.json.decode(profile, type=Profile)
        except msgspec.MsgspecError as error:
            raise DamagedRows(f"The profile of an account cannot be read: {error}") from error
    return Member(name_of(UserName, name, key), id_of(author), since, said)


@lru_cache(maxsize=8192)
def id_of(author: int | None) -> UserId | None:
    """The user's id in a row."""
    return None if author is None else user_id(author)


@lru_cache(maxsize=8192)
def name_of(cls: type[N], text: str, key: str) -> N:
    """The name in a row: it was parsed once, and later rules must not take it away."""
    return cls.known(text, key)
