"""Gives replies their quotes when they are read: the log keeps only the number of what is answered.

So an answered text that changes later has no second place where it would have to change, too.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from msgspec.structs import replace

from hubbub.domain.events import AnyEvent
from hubbub.domain.ids import UserId
from hubbub.domain.kinds import is_message
from hubbub.domain.quotes import quote_of

Texts = Iterable[tuple[int, str, str, UserId | None]]
"""For texts of one room: ``seq``, ``by``, at least the beginning of the text, ``by_id``."""


def as_quoted(event: AnyEvent, draft: AnyEvent) -> AnyEvent:
    """``event`` with the quote of ``draft``, if it is the same reply: what was sent again."""
    if is_message(event) and is_message(draft) and event.reply_to == draft.reply_to:
        return replace(event, quote=draft.quote)
    return event


def with_quotes(
    events: Sequence[AnyEvent], find: Callable[[Sequence[int]], Texts]
) -> list[AnyEvent]:
    """``events`` of one room, the replies among them with their quotes.

    ``find`` is asked once, if at all, for answered texts that are not among ``events``.
    """
    answered = {
        event.reply_to for event in events if is_message(event) and event.reply_to is not None
    }
    if not answered:
        return list(events)
    here = {event.seq for event in events}
    texts = {
        event.seq: (event.by, event.text, event.by_id)
        for event in events
        if is_message(event) and event.seq in answered
    }
    elsewhere = sorted(answered - here)
    if elsewhere:
        texts.update({seq: (by, text, by_id) for seq, by, text, by_id in find(elsewhere)})
    return [
        replace(event, quote=quote_of(*texts[event.reply_to]))
        if is_message(event) and event.reply_to in texts
        else event
        for event in events
    ]
