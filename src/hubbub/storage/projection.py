"""What is derived when events are read: the quotes of replies, and the present form of messages.

The log keeps what was said, the number of what a reply answers, and amendments as events of their
own. So a text that is amended has no second place where it would have to change, too.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Protocol

from msgspec.structs import replace

from hubbub.domain.events import AnyEvent, Event
from hubbub.domain.kinds import is_message
from hubbub.domain.projection import present
from hubbub.domain.quotes import quote_of


class Source(Protocol):
    """Looks up further events of one room by their numbers, which are in ascending order."""

    def answered(self, seqs: Sequence[int]) -> Iterable[AnyEvent]:
        """The messages among the events ``seqs``, as they were said; a long text may be cut."""
        ...

    def amendments(self, targets: Sequence[int]) -> Iterable[Event]:
        """The events that amend one of ``targets``, in the order of the log."""
        ...


def as_quoted(event: AnyEvent, draft: AnyEvent) -> AnyEvent:
    """``event`` with the quote of ``draft``, if it is the same reply: what was sent again."""
    if is_message(event) and is_message(draft) and event.reply_to == draft.reply_to:
        return replace(event, quote=draft.quote)
    return event


def with_quotes(events: Sequence[AnyEvent], source: Source) -> list[AnyEvent]:
    """``events`` of one room as they were said; replies quote the present text of what they answer.

    ``source`` is asked at most once for texts that are not among ``events``, and for amendments.
    """
    answered = _answered(events)
    if not answered:
        return list(events)
    here = [event for event in events if event.seq in answered]
    elsewhere = sorted(answered.difference(event.seq for event in here))
    texts = [*here, *source.answered(elsewhere)] if elsewhere else here
    return _quoting(events, present(texts, source.amendments(sorted(answered))))


def in_present_form(events: Sequence[AnyEvent], source: Source) -> list[AnyEvent]:
    """``events`` of one room, messages with all their amendments, replies with their quotes.

    ``source`` is asked as for `with_quotes`.
    """
    messages = {event.seq for event in events if is_message(event)}
    answered = _answered(events)
    targets = messages | answered
    if not targets:
        return list(events)
    elsewhere = sorted(answered.difference(event.seq for event in events))
    texts = source.answered(elsewhere) if elsewhere else ()
    shown = present([*events, *texts], source.amendments(sorted(targets)))
    return _quoting(shown[: len(events)], shown)


def _answered(events: Iterable[AnyEvent]) -> set[int]:
    return {event.reply_to for event in events if is_message(event) and event.reply_to is not None}


def _quoting(events: Iterable[AnyEvent], texts: Iterable[AnyEvent]) -> list[AnyEvent]:
    """``events``, those that answer one of the messages in ``texts`` with its excerpt."""
    messages = {text.seq: text for text in texts if is_message(text)}

    def quoting(event: AnyEvent) -> AnyEvent:
        if not is_message(event) or event.reply_to not in messages:
            return event
        text = messages[event.reply_to]
        return replace(event, quote=quote_of(text.by, text.text, text.by_id))

    return [quoting(event) for event in events]
