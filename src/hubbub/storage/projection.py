"""What is derived when events are read: the quotes of replies, and the present form of messages.

The log keeps what was said, the number of what a reply answers, and amendments as events of their
own. So a text that is amended has no second place where it would have to change, too.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import Any, Protocol

from msgspec.structs import fields, replace

from hubbub.domain.events import AnyEvent, Edited, Event, Reacted, Redacted, Said
from hubbub.domain.forms import Form
from hubbub.domain.kinds import MESSAGES, is_message, traits_of
from hubbub.domain.projection import present, quoted_by, target_of
from hubbub.domain.quotes import quote_of_said

DERIVED = frozenset(
    {"quote", "rev", "edited_at", "redacted", "reactions", "replies", "count"},
)
"""The fields that are not saved with an event, but found again when it is read."""


class Source(Protocol):
    """Looks up further events of one room by their numbers, which are in ascending order."""

    def answered(self, seqs: Sequence[int]) -> Iterable[AnyEvent]:
        """The messages among the events ``seqs``, as they were said; a long text may be cut."""
        ...

    def amendments(self, targets: Sequence[int]) -> Sequence[Event]:
        """The events that amend one of ``targets``, in the order of the log."""
        ...

    def replies(self, targets: Sequence[int]) -> Mapping[int, int]:
        """How many messages answer each of ``targets`` that were not taken back, if any do."""
        ...


def as_saved(event: AnyEvent) -> AnyEvent:
    """``event`` without what is derived when it is read."""
    derived = _derived(type(event))
    return replace(event, **derived) if derived else event


@cache
def _derived(kind: type[AnyEvent]) -> dict[str, Any]:
    """What is derived of the events of a kind, as it is before that."""
    return {field.name: field.default for field in fields(kind) if field.name in DERIVED}


def as_quoted(event: AnyEvent, draft: AnyEvent) -> AnyEvent:
    """``event`` with the quote of ``draft``, if both quote the same: what was sent again."""
    quoted = quoted_by(event)
    if quoted is not None and quoted == quoted_by(draft):
        return replace(event, quote=draft.quote)  # type: ignore[union-attr]
    return event


def in_present_form(events: Sequence[AnyEvent], source: Source) -> list[AnyEvent]:
    """``events`` of one room, messages with all their amendments, and what quotes with its quote.

    ``source`` is asked at most once for texts that are not among ``events``, and for amendments.
    """
    targets: set[int] = set()
    quoted: set[int] = set()
    for event in events:
        if type(event) in MESSAGES:  # as most are
            targets.add(event.seq)
            if event.reply_to is not None:  # type: ignore[union-attr]
                quoted.add(event.reply_to)  # type: ignore[union-attr]
        elif (seq := quoted_by(event)) is not None:
            quoted.add(seq)
        elif (target := target_of(event)) is not None:
            targets.add(target)
    texts: Iterable[AnyEvent] = ()
    if quoted:
        targets |= quoted
        elsewhere = sorted(quoted.difference(event.seq for event in events))
        texts = source.answered(elsewhere) if elsewhere else ()
    amendments = source.amendments(sorted(targets)) if targets else ()
    shown = [*events, *texts]
    if amendments:
        shown = _up_to_date(present(shown, amendments), amendments)
    return _quoting(shown, quoted)[: len(events)] if quoted else shown


def with_replies(events: Sequence[AnyEvent], source: Source) -> list[AnyEvent]:
    """``events``, messages with the number of those that answer them."""
    replies = source.replies([event.seq for event in events if type(event) in MESSAGES])
    if not replies:
        return list(events)
    return [
        replace(event, replies=replies[event.seq])
        if event.seq in replies and is_message(event)
        else event
        for event in events
    ]


def _up_to_date(events: Sequence[AnyEvent], amendments: Sequence[Event]) -> list[AnyEvent]:
    """``events``, edits with what is said now, and reactions with how many there were then."""
    kinds = set(map(type, events))
    edits: dict[int, Edited] = {}
    if Edited in kinds:
        edits = {event.target: event for event in amendments if isinstance(event, Edited)}
    counts = _counts(amendments) if Reacted in kinds else {}
    if not edits and not counts:
        return list(events)

    def up_to_date(event: AnyEvent) -> AnyEvent:
        if isinstance(event, Edited):
            last = edits.get(event.target, event)
            return event if last.text == event.text else replace(event, text=last.text)
        if isinstance(event, Reacted) and event.seq in counts:
            return replace(event, count=counts[event.seq])
        return event

    return [up_to_date(event) for event in events]


def _counts(amendments: Iterable[Event]) -> dict[int, int]:
    """How many people reacted as each `Reacted` did, by its ``seq``, right after it."""
    forms: dict[int, Form] = {}
    counts: dict[int, int] = {}
    for event in amendments:
        if isinstance(event, Reacted | Redacted):
            form = forms.get(event.target)
            if form is None:
                form = forms[event.target] = Form(Said(event.target, 0, "", ""))
            amend = traits_of(event).amend
            assert amend is not None
            amend(form, event)
            if isinstance(event, Reacted):
                counts[event.seq] = len(form.reactions.get(event.emoji, ()))
    return counts


def _quoting(events: Iterable[AnyEvent], quoted: set[int]) -> list[AnyEvent]:
    """``events``, those that quote one of the messages among them with its excerpt."""
    quotes = {
        event.seq: quote_of_said(event)
        for event in events
        if event.seq in quoted and is_message(event)
    }

    def quoting(event: AnyEvent) -> AnyEvent:
        quote = quotes.get(quoted_by(event) or 0)
        return event if quote is None else replace(event, quote=quote)

    return [quoting(event) for event in events]
