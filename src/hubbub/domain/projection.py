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
    Edited,
    Event,
    Joined,
    Left,
    Pinned,
    PutInQueue,
    Quote,
    Reacted,
    Redacted,
    Said,
)
from hubbub.domain.forms import Form
from hubbub.domain.ids import UserId
from hubbub.domain.kinds import is_message, traits_of
from hubbub.domain.quotes import TEXT_GONE, quote_of
from hubbub.domain.rules import Queued

Quoting = Reacted | Pinned
"""Kinds beside messages that quote the message they are about."""


def target_of(event: Event) -> int | None:
    """The ``seq`` of the message in the same room that ``event`` amends; None if it amends none."""
    field = traits_of(event).amends
    return None if field is None else cast("int", getattr(event, field))


def quoted_by(event: Event) -> int | None:
    """The ``seq`` of the message of the same room that ``event`` quotes; None for none."""
    if is_message(event):
        return event.reply_to
    return event.target if isinstance(event, Quoting) else None


def amended(target: AnyEvent, *amendments: Event) -> AnyEvent:
    """``target`` as ``amendments``, which name it, change it; ``rev`` says so.

    An amendment that is not newer than the last one that ``target`` includes changes nothing, so
    that applying one twice, or late, does no harm. Only messages are ever changed.
    """
    if not is_message(target):
        return target
    form = Form(target)
    for amendment in amendments:
        apply(form, amendment)
    return form.said()


def apply(form: Form, amendment: Event) -> None:
    """Changes ``form`` as ``amendment``, which names its message, says; see `amended`."""
    amend = traits_of(amendment).amend
    if amend is not None and amendment.seq > form.rev:
        amend(form, amendment)
        form.rev = amendment.seq


def requoted(reply: AnyEvent, amendment: Event) -> AnyEvent:
    """``reply`` with its quote changed, if it quotes the message that ``amendment`` names.

    The quote stands for the whole text: no kind's `Traits.amend` depends on the text before it. An
    empty one is of what was taken back, and stays so, whatever else is heard of the message late.
    """
    if not traits_of(amendment).rewords:
        return reply
    target = quoted_by(reply)
    if target is None or target != target_of(amendment) or reply.quote is None:  # type: ignore[union-attr]
        return reply
    quote = cast("Quote", reply.quote)  # type: ignore[union-attr]
    if not quote.text:
        return reply
    quoted = amended(Said(target, 0, quote.by, quote.text, by_id=quote.by_id), amendment)
    if not is_message(quoted) or quoted.text == quote.text:
        return reply
    gone = "" if quoted.redacted is not None else TEXT_GONE
    return replace(reply, quote=quote_of(quoted.by, quoted.text or gone, quoted.by_id))


def reworded(event: AnyEvent, amendment: Event) -> AnyEvent:
    """``event`` as it may be read once ``amendment``, which is later, rewords a message.

    A quote is of what the message says now, and an `Edited` tells that, too: nobody reads former
    versions by reading what happened meanwhile.
    """
    if not isinstance(event, Edited):
        return requoted(event, amendment)
    if event.target != target_of(amendment) or event.seq >= amendment.seq:
        return event
    text = amendment.text if isinstance(amendment, Edited) else ""
    return event if event.text == text else replace(event, text=text)


def up_to_date(events: Sequence[AnyEvent], amendments: Sequence[Event]) -> Sequence[AnyEvent]:
    """``events`` of one room with ``amendments`` that came while they were read, in order."""
    if not amendments:
        return events
    shown = present(events, amendments)
    rewording = [amendment for amendment in amendments if traits_of(amendment).rewords]
    return [reduce(reworded, rewording, event) for event in shown] if rewording else shown


def forgetting(event: AnyEvent, forgotten: AuthorForgotten) -> AnyEvent:
    """``event`` of the same room as ``forgotten``, without the name of who is forgotten.

    And without what they said, if ``forgotten`` says so; quotes of it alike, also in what was said
    later. Twice does no harm.
    """
    author = forgotten.by_id
    if author is None:
        return event
    changes: dict[str, object] = {}
    quoted = quoted_by(event)
    quote = getattr(event, "quote", None) if (quoted or 0) < forgotten.seq else None
    if quote is not None and quote.by_id == author:
        changes["quote"] = Quote(FORMER_MEMBER, "" if forgotten.emptied else quote.text, author)
    if event.seq < forgotten.seq:
        changes |= _nameless(event, author, emptied=forgotten.emptied)
        if changes.get("text") == "" and is_message(event):
            rev = max(event.rev or 0, forgotten.seq)
            changes |= {"rev": rev, "files": (), "tags": {}, "edited_at": None}
    if is_message(event):
        changes |= _nameless_form(event, author)
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
    if isinstance(event, Redacted) and event.author_id == author:
        changes["author"] = FORMER_MEMBER
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


def _nameless_form(said: Said, author: UserId) -> dict[str, object]:
    """The fields of ``said`` that tell what ``author`` has done with it, without the name."""
    changes: dict[str, object] = {}
    redacted = said.redacted
    if redacted is not None and redacted.by_id == author:
        changes["redacted"] = replace(redacted, by=FORMER_MEMBER)
    if any(author in reaction.ids for reaction in said.reactions):
        changes["reactions"] = tuple(
            replace(
                reaction,
                users=[
                    FORMER_MEMBER if id == author else user
                    for user, id in zip(reaction.users, reaction.ids, strict=False)
                ],
            )
            for reaction in said.reactions
        )
    return changes


def _former_names(event: AnyEvent) -> tuple[str, ...]:
    match event:
        case Joined(was=str()):
            return ("was",)
        case Left(now=str()):
            return ("now",)
    return ()


def told_of(event: AnyEvent) -> int | None:
    """The ``seq`` of an earlier message of which ``event`` tells what it says; None for none."""
    quoted = quoted_by(event)
    if quoted is not None:
        return None if event.quote is None else quoted  # type: ignore[union-attr]
    return event.target if isinstance(event, Edited) and event.text else None


def without_past(floor: int, event: AnyEvent) -> AnyEvent:
    """``event`` without what it tells of the events up to ``floor``: its quote, or a new text."""
    seq = told_of(event)
    if seq is None or seq > floor:
        return event
    return replace(event, text="") if isinstance(event, Edited) else replace(event, quote=None)


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
    return [amended(event, *found[event.seq]) if event.seq in found else event for event in events]
