"""The present form of messages: what was said, with the amendments of later events applied."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import reduce
from typing import cast

from msgspec.structs import replace

from hubbub.domain.events import (
    FORMER_MEMBER,
    AnyEvent,
    AuthorForgotten,
    DirectBegun,
    Event,
    Joined,
    Left,
    PutInQueue,
    Quote,
    Said,
)
from hubbub.domain.ids import UserId
from hubbub.domain.kinds import is_message, traits_of
from hubbub.domain.quotes import quote_of
from hubbub.domain.rules import Queued


def target_of(event: Event) -> int | None:
    """The ``seq`` of the message in the same room that ``event`` amends; None if it amends none."""
    field = traits_of(event).amends
    return None if field is None else cast("int", getattr(event, field))


def amended(target: AnyEvent, amendment: Event) -> AnyEvent:
    """``target`` as ``amendment``, which names it, changes it; ``rev`` says so.

    An amendment that is not newer than the last one that ``target`` includes changes nothing, so
    that applying one twice, or late, does no harm. Only messages are ever changed.
    """
    amend = traits_of(amendment).amend
    if amend is None or not is_message(target) or amendment.seq <= (target.rev or 0):
        return target
    return replace(cast("AnyEvent", amend(target, amendment)), rev=amendment.seq)


def requoted(reply: AnyEvent, amendment: Event) -> AnyEvent:
    """``reply`` with its quote changed, if it quotes the message that ``amendment`` names.

    The quote stands for the whole text: no kind's `Traits.amend` depends on the text before it.
    """
    if not is_message(reply) or reply.quote is None or reply.reply_to is None:
        return reply
    if reply.reply_to != target_of(amendment):
        return reply
    by, text, by_id = reply.quote.by, reply.quote.text, reply.quote.by_id
    quoted = amended(Said(reply.reply_to, 0, by, text, by_id=by_id), amendment)
    if not is_message(quoted) or quoted.text == text:
        return reply
    return replace(reply, quote=quote_of(quoted.by, quoted.text, quoted.by_id))


def forgetting(event: AnyEvent, forgotten: AuthorForgotten) -> AnyEvent:
    """``event`` of the same room as ``forgotten``, without the name of who is forgotten.

    And without what they said, if ``forgotten`` says so; quotes of it alike, also in what was said
    later. Twice does no harm.
    """
    author = forgotten.by_id
    if author is None:
        return event
    changes: dict[str, object] = {}
    quote = event.quote if is_message(event) and (event.reply_to or 0) < forgotten.seq else None
    if quote is not None and quote.by_id == author:
        changes["quote"] = Quote(FORMER_MEMBER, "" if forgotten.emptied else quote.text, author)
    if event.seq < forgotten.seq:
        changes |= _nameless(event, author, emptied=forgotten.emptied)
        if changes.get("text") == "" and is_message(event):
            changes["rev"] = forgotten.seq
    changes = {name: value for name, value in changes.items() if getattr(event, name) != value}
    return replace(event, **changes) if changes else event


def _nameless(event: AnyEvent, author: UserId, *, emptied: bool) -> dict[str, object]:
    """The fields of ``event`` that tell of ``author``, as they are when they tell no more."""
    changes: dict[str, object] = {}
    if event.by_id == author:
        changes["by"] = FORMER_MEMBER
        changes |= dict.fromkeys(_former_names(event), FORMER_MEMBER)
        reports = isinstance(event, PutInQueue) and event.item is Queued.REPORT  # others' words
        if emptied and hasattr(event, "text") and not reports:
            changes["text"] = ""
    if getattr(event, "user_id", None) == author:
        changes["user"] = FORMER_MEMBER
        if emptied and isinstance(event, PutInQueue):
            changes["text"] = ""  # an excerpt of what they said
    if isinstance(event, DirectBegun):
        people = zip(event.users, event.ids, strict=False)
        users = [FORMER_MEMBER if id == author else user for user, id in people]
        if author in event.ids:
            changes["users"] = users
    return changes


def _former_names(event: AnyEvent) -> tuple[str, ...]:
    match event:
        case Joined(was=str()):
            return ("was",)
        case Left(now=str()):
            return ("now",)
    return ()


def without_past(floor: int, event: AnyEvent) -> AnyEvent:
    """``event`` without its quote, if it answers one of the events up to ``floor``."""
    if not is_message(event) or event.quote is None or (event.reply_to or 0) > floor:
        return event
    return replace(event, quote=None)


def present(events: Sequence[AnyEvent], amendments: Iterable[Event]) -> list[AnyEvent]:
    """``events`` of one room, each with those of the ``amendments`` applied that name it.

    ``amendments`` are in the order of the log.
    """
    found: dict[int, list[Event]] = {}
    for amendment in amendments:
        target = target_of(amendment)
        if target is not None:
            found.setdefault(target, []).append(amendment)
    if not found:
        return list(events)
    return [reduce(amended, found.get(event.seq, ()), event) for event in events]
