"""The queues of rooms (`hubbub.domain.queues`): what is put into them, and who is told of it.

A queue is bounded, and one person, or all guests together, can take a part of it only: nobody keeps
others from reporting by filling it.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from hubbub.domain import commands as ask
from hubbub.domain.errors import TooMany
from hubbub.domain.events import AnyEvent, PutInQueue, Settled
from hubbub.domain.ids import UserId
from hubbub.domain.queues import queue_of
from hubbub.domain.replies import QueueList
from hubbub.domain.rights import Action
from hubbub.domain.rules import MAX_QUEUED
from hubbub.hub import standing
from hubbub.hub.access import no_such_room
from hubbub.hub.directory import settled
from hubbub.hub.ports import RoomMovedOn, WhileThere
from hubbub.hub.room import HubRoom
from hubbub.hub.services import Services
from hubbub.hub.session import Session, User

MAX_BY_ONE = 5  # things of one person that wait in one room
MAX_BY_GUESTS = 30  # of all guests: whoever goes can come back as another one


def list_them(
    hub: Services, session: Session, command: ask.Queue, user: User, room: HubRoom
) -> None:
    """Lists what waits."""
    session.outlet.reply(QueueList(re=command.id, room=room.name, items=room.waiting))


def lock_of(room: HubRoom) -> str:
    """What whoever changes the queue of ``room`` holds, for `hubbub.hub.locks`."""
    return f"queue {room.first_key}"  # which a new name leaves alone


async def put(hub: Services, room: HubRoom, event: PutInQueue, nonce: str | None = None) -> None:
    """Puts ``event`` into the queue of ``room``; once only, if it has a nonce.

    To be called while the lock of the queue is held. Raises `TooMany`, and what refuses it.
    """
    check_writable(hub, room)
    try:
        check_place(hub, room, event.by_id)
    except TooMany:
        known = None
        if nonce is not None and event.by_id is not None:
            known = await hub.log.written(event.by_id, nonce)
        if known is None:
            raise
        return  # it was there before the queue was full
    try:
        await _append(hub, room, event, nonce)
    except RoomMovedOn:  # another server has given the room a name just now, or deleted it
        if hub.whereabouts is None:
            raise
        await hub.whereabouts.verify(room)
        check_writable(hub, room)
        await _append(hub, room, event, nonce)


async def _append(hub: Services, room: HubRoom, event: PutInQueue, nonce: str | None) -> None:
    """Puts it into the queue that is there, or makes one: of this very room, whatever its name."""
    queue = room.queue or hub.rooms.make(queue_of(room.name))
    also = (WhileThere(room.name, room.id),) if queue.id is None else ()
    await settled(hub, partial(queue.draft, event, nonce=nonce, also=also))


def check_writable(hub: Services, room: HubRoom) -> None:
    """Raises why nothing can be written to ``room``, or to its queue, at this moment."""
    hub.disk.check()
    hub.journal.check_not_frozen(room)
    if room.gone:
        raise no_such_room(room.name)


def check_place(hub: Services, room: HubRoom, user: UserId | None) -> None:
    """Raises `TooMany` if nothing more of ``user`` can wait in ``room``."""
    items = room.waiting
    if sum(item.by_id == user for item in items) >= MAX_BY_ONE:
        raise TooMany(
            f"{MAX_BY_ONE} things of yours wait for the moderators of {room.name} already. Please "
            "try again when they have looked at them."
        )
    guests = sum(_is_guest(hub, item.by_id) for item in items)
    if len(items) >= MAX_QUEUED or (guests >= MAX_BY_GUESTS and _is_guest(hub, user)):
        raise TooMany(
            f"As much as may waits for the moderators of {room.name} already. Please try again "
            "later."
        )


def _is_guest(hub: Services, user: UserId | None) -> bool:
    return user is None or hub.access.account_of(user) is None


def changed(hub: Services, queue: HubRoom, events: Sequence[AnyEvent]) -> None:
    """``events`` are new in a queue: those who moderate its room are told how much waits.

    What is settled is kept neither here nor on the disk.
    """
    for event in events:
        if isinstance(event, Settled):
            queue.tail.empty(event.queued)
    room = hub.rooms.of_queue(queue)
    if room is not None:
        moderators = {
            here.user.id
            for here in hub.presence.in_room(room).values()
            if hub.access.may(here.user, Action.AUDIT, room)
        }
        if moderators:
            standing.tell(hub, room, only=moderators)
