"""Reporting a text to those who moderate its room."""

from __future__ import annotations

from hubbub.domain import commands as ask
from hubbub.domain.errors import BadMessage, NotAllowed
from hubbub.domain.events import UNSEQUENCED, Event, PutInQueue
from hubbub.domain.kinds import is_message
from hubbub.domain.quotes import quote_of_said
from hubbub.domain.replies import Done
from hubbub.domain.rights import Action
from hubbub.domain.rules import Queued
from hubbub.domain.text import parse_reason
from hubbub.hub import queues
from hubbub.hub.access import named
from hubbub.hub.answering import answer_later
from hubbub.hub.replying import Which
from hubbub.hub.room import HubRoom
from hubbub.hub.services import Services
from hubbub.hub.session import Session, User


def report(hub: Services, session: Session, command: ask.Report, user: User, room: HubRoom) -> None:
    """Puts a report into the queue; one that waits about the same text is enough."""
    if (command.seq is None) is (command.user is None):
        raise BadMessage("Which message? Give either its number, or whose newest one it is.")
    if not room.listable:
        raise NotAllowed("That cannot be done with the whole server.")
    if room.state.facts.direct:
        raise NotAllowed(
            "Nobody moderates a direct conversation. To hear nothing more of somebody: /block NAME"
        )
    reason = parse_reason(command.reason)
    which = Which(command.seq, command.user)
    hub.take_disk(session, command, reason, user.name)

    async def work() -> Done:
        text = await which.find(hub, session, room)
        async with hub.locks.of(queues.lock_of(room)):
            hub.access.check_still(named(session), Action.READ, room)
            await _put(hub, named(session), room, text, reason)
        return Done()

    answer_later(hub, session, command, work)


async def _put(hub: Services, user: User, room: HubRoom, about: Event, reason: str | None) -> None:
    if not is_message(about) or not (about.text or about.files):
        raise BadMessage(f"Event {about.seq} of {room.name} is not a message that could be bad.")
    if about.by_id == user.id:
        raise BadMessage("That is your own message.")
    if any(item.about == about.seq for item in room.waiting):
        return
    excerpt = quote_of_said(about).text
    event = PutInQueue(
        UNSEQUENCED,
        hub.clock(),
        user.name,
        item=Queued.REPORT,
        text=excerpt,
        about=about.seq,
        user=about.by,
        user_id=about.by_id,
        reason=reason,
        by_id=user.id,
    )
    await queues.put(hub, room, event)
