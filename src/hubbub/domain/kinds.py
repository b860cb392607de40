"""The kinds of events: one row of traits for each. No other module branches on a kind.

An event of a kind that this version does not know is read as the plain `Event`: it keeps its
``seq``, so that the log has no hole, and has none of the traits.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, TypeGuard

from msgspec import Struct

from hubbub.domain import events as kinds
from hubbub.domain import forms
from hubbub.domain.events import AnyEvent, Event, Joined, Kicked, Left, Said, TopicSet


def _no_texts(event: Any) -> tuple[str, ...]:
    return ()


def _texts_of_said(event: Said) -> tuple[str, ...]:
    if not event.files and not event.reactions and not event.tags:
        return (event.text,) if event.quote is None else (event.text, event.quote.text)
    texts = [event.text, "" if event.quote is None else event.quote.text]
    for file in event.files:
        texts += (file.name, file.type, file.alt or "")
    for name, value in event.tags.items():
        texts += (name, value)
    for reaction in event.reactions:
        texts.append("".join(reaction.users) + "".join(reaction.ids) + "." * 6 * len(reaction.ids))
    return tuple(texts)


def _text(event: Any) -> tuple[str, ...]:
    return (event.text,)


def _quote(event: Any) -> tuple[str, ...]:
    return () if event.quote is None else (event.quote.text,)


def _reason(event: Any) -> tuple[str, ...]:
    return () if event.reason is None else (event.reason,)


def _texts_of_topic(event: TopicSet) -> tuple[str, ...]:
    return (event.topic,)


def _pattern(event: Any) -> tuple[str, ...]:
    return (event.pattern,)


def _texts_of_profile(event: Any) -> tuple[str, ...]:
    said = event.profile
    held = (said.blocked, said.accepted, said.labels)
    return (said.about, said.note, *(word for one in held for pair in one.items() for word in pair))


def _texts_of_rules(event: Any) -> tuple[str, ...]:
    return tuple(filter(None, (event.labels or {}).values()))


def _texts_of_queued(event: Any) -> tuple[str, ...]:
    return (event.text,) if event.reason is None else (event.text, event.reason)


class Traits(Struct, frozen=True, kw_only=True):
    """The traits of one kind of event.

    ``line``: it has a line of its own in the timeline.
    ``message``: it has a ``text`` by a user, counts as unread, may be replied to, and is found by
    a search.
    ``membership``: it may change who is in the room.
    ``expels``: it puts somebody out of the room, or in the directory, does something to sessions.
    ``amends``: the field with the ``seq`` of the earlier message that it changes.
    ``amend``: changes the form of that message, its first argument, as the event, its second one,
    says. A kind has both of these or neither, and is no ``line`` if it has them.
    `hubbub.domain.projection` applies them.
    ``rewords``: it changes what quotes of that message say, too.
    ``texts``: returns the fields of text of an event, without names: they have no narrow limit of
    size, so that they determine how much memory the event takes.
    ``forgets``: it changes all that its author did in the room before it: see
    `hubbub.domain.projection.forgetting`.
    ``trims``: all events up to its ``floor`` are gone: see `floor_of`.
    ``audited``: it tells what somebody did who moderates or administers.
    ``unhurried``: it may be shown a moment later, together with what comes until then.
    """

    line: bool = False
    message: bool = False
    membership: bool = False
    expels: bool = False
    amends: str | None = None
    amend: Callable[[forms.Form, Any], None] | None = None
    rewords: bool = False
    texts: Callable[[Any], tuple[str, ...]] = _no_texts
    forgets: bool = False
    trims: bool = False
    audited: bool = False
    unhurried: bool = False


TRAITS: dict[type[Event], Traits] = {
    Said: Traits(line=True, message=True, texts=_texts_of_said),
    Joined: Traits(line=True, membership=True, unhurried=True),
    Left: Traits(line=True, membership=True, texts=_reason),
    Kicked: Traits(line=True, audited=True, membership=True, expels=True, texts=_reason),
    TopicSet: Traits(line=True, texts=_texts_of_topic),
    kinds.RulesSet: Traits(line=True, audited=True, texts=_texts_of_rules),
    kinds.RoomRenamed: Traits(line=True, audited=True),
    kinds.DirectBegun: Traits(membership=True),
    kinds.Invited: Traits(line=True, audited=True),
    kinds.RoleGiven: Traits(line=True, audited=True),
    kinds.Exempted: Traits(line=True, audited=True),
    kinds.RightsLent: Traits(line=True, audited=True),
    kinds.Muted: Traits(line=True, audited=True, texts=_reason),
    kinds.Unmuted: Traits(line=True, audited=True),
    kinds.Banned: Traits(line=True, audited=True, membership=True, expels=True, texts=_reason),
    kinds.Unbanned: Traits(line=True, audited=True),
    kinds.Exempted: Traits(line=True, audited=True),
    kinds.Registered: Traits(line=True, audited=True, membership=True),
    kinds.Renamed: Traits(line=True, audited=True, expels=True, membership=True),
    kinds.AccountClosed: Traits(line=True, audited=True, expels=True, membership=True),
    kinds.PasswordSet: Traits(line=True, audited=True, expels=True),
    kinds.DeviceRevoked: Traits(line=True, audited=True, expels=True),
    kinds.FactorSet: Traits(line=True, audited=True),
    kinds.SignOnSet: Traits(line=True, audited=True),
    kinds.TicketMade: Traits(line=True, audited=True),
    kinds.TicketEnded: Traits(line=True, audited=True),
    kinds.RoomForgotten: Traits(line=True, audited=True),
    kinds.InvitationEnded: Traits(line=True, audited=True),
    kinds.AuthorForgotten: Traits(forgets=True, membership=True),
    kinds.Trimmed: Traits(trims=True),
    kinds.ProfileSet: Traits(membership=True, texts=_texts_of_profile),
    kinds.FilterSet: Traits(line=True, audited=True, texts=_pattern),
    kinds.Trusted: Traits(audited=True),
    kinds.PutInQueue: Traits(texts=_texts_of_queued),
    kinds.Settled: Traits(audited=True),
    kinds.Edited: Traits(amends="target", amend=forms.edit, rewords=True, texts=_text),
    kinds.Redacted: Traits(
        amends="target", amend=forms.redact, rewords=True, audited=True, texts=_reason
    ),
    kinds.Reacted: Traits(amends="target", amend=forms.react, texts=_quote, unhurried=True),
    kinds.Pinned: Traits(line=True, audited=True, texts=_quote),
}

UNKNOWN = Traits()

EXPULSIONS = frozenset(kind for kind, traits in TRAITS.items() if traits.expels)
"""The kinds with the trait `Traits.expels`."""

MESSAGES = frozenset(kind for kind, traits in TRAITS.items() if traits.message)
"""The kinds with the trait `Traits.message`."""
_MEMBERSHIP = frozenset(kind for kind, traits in TRAITS.items() if traits.membership)
_LINES = frozenset(kind for kind, traits in TRAITS.items() if traits.line)
_UNHURRIED = frozenset(kind for kind, traits in TRAITS.items() if traits.unhurried)
_TRIMMING = frozenset(kind for kind, traits in TRAITS.items() if traits.trims)
_TEXTLESS = frozenset(kind for kind, traits in TRAITS.items() if traits.texts is _no_texts)


def traits_of(event: Event) -> Traits:
    """The traits of the kind of ``event``."""
    return TRAITS.get(type(event), UNKNOWN)


def is_message(event: Event | None) -> TypeGuard[Said]:
    """Whether ``event`` has the trait `Traits.message`, and so a ``text``."""
    return type(event) in MESSAGES


def is_news(event: Event | None) -> TypeGuard[Said]:
    """Whether ``event`` is a message that is new to people: not one that was moved in."""
    return is_message(event) and not event.moved


def changes_members(event: Event) -> bool:
    """Whether ``event`` may change who is in the room."""
    return type(event) in _MEMBERSHIP


def is_line(event: Event) -> bool:
    """Whether ``event`` has the trait `Traits.line`."""
    return type(event) in _LINES


def are_lines(events: Iterable[Event]) -> bool:
    """Whether all ``events`` have the trait `Traits.line`."""
    return _LINES.issuperset(map(type, events))


def floor_of(events: Iterable[Event]) -> int:
    """Up to which number what was in the room is gone, by those of ``events`` that say so; or 0."""
    return max((event.floor for event in events if type(event) in _TRIMMING), default=0)  # type: ignore[attr-defined]


def is_audited(event: Event) -> bool:
    """Whether ``event`` has the trait `Traits.audited`."""
    return traits_of(event).audited


def are_unhurried(events: Iterable[Event]) -> bool:
    """Whether all ``events`` have the trait `Traits.unhurried`."""
    return _UNHURRIED.issuperset(map(type, events))


def are_messages(events: Iterable[Event]) -> bool:
    """Whether all ``events`` have the trait `Traits.message`, as nearly all live ones have."""
    return MESSAGES.issuperset(map(type, events))


def messages_of(events: Iterable[AnyEvent]) -> list[Said]:
    """Those of ``events`` that have the trait `Traits.message`."""
    return [event for event in events if type(event) in MESSAGES]  # type: ignore[misc]  # see there


def lines_of(events: list[AnyEvent]) -> list[AnyEvent]:
    """Those of ``events`` that have the trait `Traits.line`; the very list, if all have it."""
    if are_lines(events):
        return events
    return [event for event in events if type(event) in _LINES]


def with_texts(events: Iterable[AnyEvent]) -> list[AnyEvent]:
    """Those of ``events`` that may have texts: see `Traits.texts`."""
    return [event for event in events if type(event) not in _TEXTLESS]


def texts_of(event: Event) -> tuple[str, ...]:
    """The texts in ``event``: see `Traits.texts`."""
    return TRAITS.get(type(event), UNKNOWN).texts(event)
