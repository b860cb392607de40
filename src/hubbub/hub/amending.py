"""Changing what was said: editing it, taking it back, reacting to it, pinning it.

The message is found first, in memory or in the log. What becomes of it is decided as soon as it is
there, in one go; and the log decides once more, as somebody else may do something at that moment.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from hubbub.domain import commands as ask
from hubbub.domain.durations import in_words
from hubbub.domain.emoji import parse_emoji
from hubbub.domain.errors import BadMessage, ChatError, NotAllowed
from hubbub.domain.events import (
    UNSEQUENCED,
    AnyEvent,
    Edited,
    Event,
    Pinned,
    Reacted,
    Redacted,
    Said,
)
from hubbub.domain.kinds import is_message
from hubbub.domain.quotes import quote_of_said
from hubbub.domain.rights import Action
from hubbub.domain.state import NOT_PINNED, TAKEN_BACK
from hubbub.domain.text import parse_reason, parse_text
from hubbub.hub import screening
from hubbub.hub.access import named
from hubbub.hub.replying import Which
from hubbub.hub.room import HubRoom
from hubbub.hub.services import Services
from hubbub.hub.session import Session, User

Decide = Callable[[User, Said], AnyEvent]
"""The event by which a user amends a message, as both are now; raises why that may not be."""


def edit(hub: Services, session: Session, command: ask.Edit, user: User, room: HubRoom) -> None:
    """Changes the text of one's own message."""
    text = _new_text(hub, command.text)

    def decide(user: User, said: Said) -> AnyEvent:
        if not is_own(user, said):
            raise NotAllowed("Only who has said a message may change it.")
        if not text and not said.files:
            parse_text(text, hub.settings.text_chars)  # which says that there is nothing in it
        seconds, now = hub.settings.edit_seconds, hub.clock()
        if seconds and now - said.at > 1000 * seconds:
            raise NotAllowed(f"Messages can be changed for {in_words(seconds)} here, not longer.")
        if text == said.text:
            raise BadMessage("That is what the message says already.")
        screening.check_edit(hub, user, room, text)
        return Edited(UNSEQUENCED, now, user.name, said.seq, text, by_id=user.id)

    hub.take_disk(session, command, text, user.name, command.nonce, command.nonce and room.name)
    _amend(hub, session, command, room, _of_ones_own(command, user), Action.SPEAK, decide)


def redact(hub: Services, session: Session, command: ask.Redact, user: User, room: HubRoom) -> None:
    """Takes a message back: one's own, or as a moderator another one's."""
    reason = parse_reason(command.reason)

    def decide(user: User, said: Said) -> AnyEvent:
        if not is_own(user, said):
            hub.access.check_still(user, Action.REDACT, room)
        now, author = hub.clock(), said.by_id
        return Redacted(
            *(UNSEQUENCED, now, user.name, said.seq),
            author=said.by,
            author_id=author,
            reason=reason,
            by_id=user.id,
        )

    words = (user.name, reason, command.nonce, command.nonce and room.name)
    hub.take_disk(session, command, *words)
    _amend(hub, session, command, room, _of_ones_own(command, user), Action.READ, decide)


def react(hub: Services, session: Session, command: ask.React, user: User, room: HubRoom) -> None:
    """Reacts to a message, or not any more. The log decides whether that changes anything: what
    was sent before it may be on its way.
    """
    emoji = parse_emoji(command.emoji)

    def decide(user: User, said: Said) -> AnyEvent:
        others = len(room.tail.form_of(said).reactions.get(emoji, ()))
        return Reacted(
            UNSEQUENCED,
            hub.clock(),
            user.name,
            said.seq,
            emoji=emoji,
            on=command.on,
            quote=quote_of_said(said),
            count=others + 1 if command.on else max(others - 1, 0),  # where the message is not
            by_id=user.id,
        )

    hub.take_disk(session, command, emoji, user.name, command.nonce, command.nonce and room.name)
    _amend(hub, session, command, room, _of_anybody(command), Action.SPEAK, decide)


def pin(hub: Services, session: Session, command: ask.Pin, user: User, room: HubRoom) -> None:
    """Pins a message, or unpins it: the newest pin, if it is not said which."""

    def decide(user: User, said: Said) -> AnyEvent:
        return Pinned(
            UNSEQUENCED,
            hub.clock(),
            user.name,
            target=said.seq,
            on=command.on,
            quote=quote_of_said(said),
            by_id=user.id,
        )

    which = _of_anybody(command)
    if not command.on and which == Which():
        pins = room.state.facts.pins
        if not pins:
            raise BadMessage(NOT_PINNED)
        which = Which(pins[-1])
    hub.take_disk(session, command, user.name, command.nonce, command.nonce and room.name)
    _amend(hub, session, command, room, which, Action.PIN, decide)


def is_own(user: User, said: Said) -> bool:
    """Whether ``user`` has said it: by the id, as a name may have been somebody else's before."""
    return user.id is not None and said.by_id == user.id


def check_is_there(event: Event) -> Said:
    """The message that ``event`` is; raises `BadMessage` if it is none, or there is none left."""
    said = _message(event)
    if said.redacted is not None or (not said.text and not said.files):
        raise BadMessage(TAKEN_BACK)
    return said


def _message(event: Event) -> Said:
    if not is_message(event):
        raise BadMessage(f"Event {event.seq} is not a message.")
    return event


def _new_text(hub: Services, raw: str) -> str:
    return parse_text(raw, hub.settings.text_chars) if raw.strip() else ""


def _of_ones_own(command: ask.Edit | ask.Redact, user: User) -> Which:
    _check_one(command)
    if command.target is None and command.user is None:
        return Which(by_id=user.id)
    return Which(command.target, command.user)


def _of_anybody(command: ask.React | ask.Pin) -> Which:
    _check_one(command)
    return Which(command.target, command.user)


def _check_one(command: ask.Amend) -> None:
    if command.target is not None and command.user is not None:
        raise BadMessage("Which message? Give either its number, or whose newest one it is.")


def _amend(
    hub: Services,
    session: Session,
    command: ask.Amend,
    room: HubRoom,
    which: Which,
    action: Action,
    decide: Decide,
) -> None:
    """Does what ``command`` asks for with the message ``which``: at once if it is in memory."""
    found = which.in_memory(room, hub.access.floor(session.user, room))
    submit = partial(_submit, hub, session, command, room, action, decide)
    if found is not None:
        submit(found)
        return
    session.busy = True  # so that what comes behind it stays behind it
    hub.spawn(_amend_later(hub, session, command, room, which, submit), session.share)


async def _amend_later(
    hub: Services,
    session: Session,
    command: ask.Amend,
    room: HubRoom,
    which: Which,
    submit: Callable[[Event], None],
) -> None:
    try:
        found = await which.in_log(hub, session, room)
        # A session that is gone got no ack: its client asks again when it is back.
        if not session.ended:
            submit(found)
    except ChatError as error:
        await hub.refuse_unless_done(session, command, error)
    hub.done(session)


def _submit(
    hub: Services,
    session: Session,
    command: ask.Amend,
    room: HubRoom,
    action: Action,
    decide: Decide,
    found: Event,
) -> None:
    user = named(session)
    hub.access.check_still(user, action, room)
    room.state.check_there(found.seq, hub.access.floor(user, room))
    unpins = isinstance(command, ask.Pin) and not command.on  # also one of which nothing is left
    event = decide(user, _message(found) if unpins else check_is_there(found))
    hub.journal.submit(session, room, command, event)
