"""What a text, or a topic, has to pass: filters, what holds for newcomers, slow mode.

Only where there is any of it: `HubRoom.watched`, or a filter of the whole server.
"""

from __future__ import annotations

from hubbub.domain import commands as ask
from hubbub.domain.errors import ChatError, Held, NotAllowed
from hubbub.domain.events import UNSEQUENCED, PutInQueue
from hubbub.domain.links import has_link
from hubbub.domain.queues import PREFIX
from hubbub.domain.rights import Action
from hubbub.domain.rules import NEWCOMER_SECONDS, Newcomers, Queued
from hubbub.hub import queues
from hubbub.hub.access import named
from hubbub.hub.newcomers import is_newcomer
from hubbub.hub.replying import Which
from hubbub.hub.resending import nonce_in
from hubbub.hub.room import HubRoom
from hubbub.hub.services import Services
from hubbub.hub.session import Session, User


def check(hub: Services, user: User, room: HubRoom, text: str) -> bool:
    """Whether a checked ``text`` has to wait for a moderator.

    Raises `Filtered`, `NotAllowed` for a newcomer's link, `RateLimited`.
    """
    hub.filters.check(hub.access, user, room, text)
    if not room.watched:
        return False
    facts, seconds = room.state.facts, room.state.facts.slow
    newcomer = is_newcomer(hub, user, room)
    if newcomer:
        _check_link(room, text)
        seconds = max(seconds, NEWCOMER_SECONDS)
    if seconds:
        hub.slow.check(user, room, hub.access.role(user, room), seconds, hub.monotonic())
    return newcomer and facts.newcomers is Newcomers.HELD


def check_topic(hub: Services, user: User, room: HubRoom, topic: str) -> None:
    """As `check`, for what a room is about, which everybody reads, too. Nobody waits with it."""
    seconds = room.state.facts.slow
    if _check_unheld(hub, user, room, topic, "you can say what the room is about"):
        seconds = max(seconds, NEWCOMER_SECONDS)
    if seconds:
        hub.slow.check(user, room, hub.access.role(user, room), seconds, hub.monotonic())


def check_edit(hub: Services, user: User, room: HubRoom, text: str) -> None:
    """As `check`, for a new text of what was said. Slow mode does not count it."""
    _check_unheld(hub, user, room, text, "you can change messages")


def _check_unheld(hub: Services, user: User, room: HubRoom, text: str, does: str) -> bool:
    """Whether ``user`` is a newcomer, who may say ``text``, which does not wait."""
    hub.filters.check(hub.access, user, room, text)
    if not room.watched or not is_newcomer(hub, user, room):
        return False
    if room.state.facts.newcomers is Newcomers.HELD:
        raise NotAllowed(
            f"You are new in {room.name}: {does} when a moderator has let a message of yours "
            "through."
        )
    _check_link(room, text)
    return True


def _check_link(room: HubRoom, text: str) -> None:
    if has_link(text):
        raise NotAllowed(
            f"You are new in {room.name}, and newcomers may not post links there yet. This was "
            "not sent: please say it without a link."
        )


def hold(hub: Services, session: Session, room: HubRoom, command: ask.Say, text: str) -> None:
    """Puts a checked ``text`` into the queue; the sender is told by a refusal, `Held`."""
    session.busy = True
    hub.spawn(_hold(hub, session, room, command, text), session.share)


async def _hold(
    hub: Services, session: Session, room: HubRoom, command: ask.Say, text: str
) -> None:
    try:
        await _queue(hub, session, room, command, text)
    except ChatError as error:
        await hub.refuse_unless_done(session, command, error)
    hub.done(session)


async def _queue(
    hub: Services, session: Session, room: HubRoom, command: ask.Say, text: str
) -> None:
    answers = command.reply_to is not None or isinstance(command, ask.SayTo)
    answered = await Which.of(command).find(hub, session, room) if answers else None
    async with hub.locks.of(queues.lock_of(room)):
        if session.ended:
            return  # it got no answer: its client sends the text again when it is back
        user = named(session)
        hub.access.check_still(user, Action.SPEAK, room)
        outside, now = command.outside, hub.clock()
        said = room.state.say(user.name, text, now, answered, outside=outside, by_id=user.id)
        event = PutInQueue(
            UNSEQUENCED,
            now,
            user.name,
            item=Queued.HELD,
            text=text,
            reply_to=said.reply_to,
            nonce=command.nonce,
            by_id=user.id,
        )
        nonce = None if command.nonce is None else PREFIX + nonce_in(room, command.nonce)
        await queues.put(hub, room, event, nonce)
    raise Held(
        f"You are new in {room.name}: your message waits until a moderator has let it through. You "
        "need not send it again."
    )
