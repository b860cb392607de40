"""Knocking: an account asks to be let into a room that only its members read.

Whether there is such a room is nobody's business who is not in it. So the answer is the same for
all rooms, and so is the work: what is not put into a room's queue is written to `NOWHERE`.
"""

from __future__ import annotations

from functools import partial

from msgspec.structs import replace

from hubbub.domain import commands as ask
from hubbub.domain.errors import ChatError, TooMany
from hubbub.domain.events import UNSEQUENCED, PutInQueue
from hubbub.domain.queues import NOWHERE
from hubbub.domain.replies import Done
from hubbub.domain.rules import Queued, RoomAccess
from hubbub.domain.text import parse_reason
from hubbub.hub import queues
from hubbub.hub.answering import answer_later
from hubbub.hub.directory import account_id, settled
from hubbub.hub.knocks import KNOCK_SECONDS
from hubbub.hub.ports import Draft
from hubbub.hub.room import HubRoom
from hubbub.hub.services import Services
from hubbub.hub.session import Session, User

CLOSED = (RoomAccess.MEMBERS, RoomAccess.LOCKED)
"""What can be knocked at; the door of a direct conversation is open to nobody."""


def knock(hub: Services, session: Session, command: ask.Knock, user: User) -> None:
    """Tells those who moderate the room, if there is one to be knocked at."""
    id = account_id(user)
    text = parse_reason(command.text) or ""
    hub.take_disk(session, command, text, user.name, command.room)
    again = hub.knocks.again(id, command.room.key, hub.monotonic())

    async def work() -> Done:
        if not again:
            now, name = hub.clock(), user.name
            event = PutInQueue(UNSEQUENCED, now, name, item=Queued.KNOCK, text=text, by_id=id)
            try:
                await _put(hub, user, command, event)
            except ChatError:
                hub.knocks.failed(id, command.room.key)
                raise
        return Done()

    answer_later(hub, session, command, work)


async def _put(hub: Services, user: User, command: ask.Knock, event: PutInQueue) -> None:
    room = hub.rooms.get(command.room.key)
    # A lock of each name: one for all that are nowhere would be waited for, and tell by the time.
    lock = f"queue {command.room.key}" if room is None else queues.lock_of(room)
    async with hub.locks.of(lock):
        if room is not None and _may_knock(hub, user, room):
            # At whichever server: again within the hour is the same.
            hour = event.at // int(1000 * KNOCK_SECONDS)
            await queues.put(hub, room, event, f" knock {room.first_key} {hour}")
            return
        hub.disk.check()
        if NOWHERE.key not in hub.rooms:
            hub.rooms.make(NOWHERE)
        nothing = replace(event, by="", text="." * len(event.text), by_id=None)
        await settled(hub, partial(Draft, NOWHERE, nothing))


def _may_knock(hub: Services, user: User, room: HubRoom) -> bool:
    facts = room.state.facts
    if room.gone or room.frozen or not room.listable or facts.access not in CLOSED:
        return False
    if facts.archived or room.has_member(user.id) or hub.access.may_come(user, room):
        return False
    if any(item.kind is Queued.KNOCK and item.by_id == user.id for item in room.waiting):
        return False
    try:
        queues.check_place(hub, room, user.id)
    except TooMany:
        return False
    return hub.access.ban_of(user, room) is None
