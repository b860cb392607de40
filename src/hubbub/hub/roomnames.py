"""A room gets another name, and is found by its former ones until they are another room's.

The log finds rooms by name. So while the new name is on its way to it, nothing else is sent there:
what was sent before is saved before, and what comes after has the new name.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from hubbub.domain.commands import RenameRoom
from hubbub.domain.errors import BadMessage, NameTaken, RoomStays
from hubbub.domain.events import UNSEQUENCED, RoomRenamed
from hubbub.domain.names import RoomName
from hubbub.domain.replies import Ack, RoomMoved
from hubbub.hub.directory import work
from hubbub.hub.ports import NameRoom
from hubbub.hub.resending import nonce_in
from hubbub.hub.room import HubRoom
from hubbub.hub.services import Services
from hubbub.hub.session import Session, User


def rename_room(
    hub: Services, session: Session, command: RenameRoom, user: User, room: HubRoom
) -> None:
    """Gives the room another name."""
    name = command.name
    if str(name) == str(room.name):
        raise BadMessage(f"The room is called {name} already.")
    if room.name.key == hub.first_room:
        raise RoomStays(
            f"{room.name} is the room with which this server begins. It keeps its name."
        )
    hub.check_name(name)
    hub.filters.check_name(hub.access, user, name)
    hub.journal.check_not_frozen(room)
    other = hub.rooms.get(name.key)
    if hub.rooms.named(name.key) not in (None, room) or (other and other.frozen):
        raise NameTaken(f'There is a room "{name}" already, or one that you cannot see.')
    hub.take_disk(session, command, name, room.name)
    room.frozen = True
    # Or who asks for it meanwhile would make a room of that name, and be in this one by the log.
    undo = hub.rooms.await_name(room, name)
    work(hub, session, command, _rename(hub, session, command, user, room, undo))


async def _rename(
    hub: Services,
    session: Session,
    command: RenameRoom,
    user: User,
    room: HubRoom,
    undo: Callable[[], None],
) -> None:
    was, name = room.name, command.name
    event = RoomRenamed(UNSEQUENCED, hub.clock(), user.name, str(name), str(was), by_id=user.id)
    nonce = None if command.nonce is None else nonce_in(room, command.nonce)
    entry = partial(room.draft, event, nonce=nonce, also=(NameRoom(was, name),))
    try:
        outcome = await hub.outcome(entry)
    finally:
        room.frozen = False
        if room.name.key != name.key:
            undo()
    if outcome.error is not None:
        raise outcome.error
    if outcome.event is not None and not session.ended:
        saved = outcome.event
        ack = Ack(re=command.id, room=was, seq=saved.seq, at=saved.at, nonce=command.nonce)
        session.outlet.reply(ack)


def renamed(hub: Services, room: HubRoom, event: RoomRenamed) -> None:
    """``event`` was shown: from now on the room has its new name, everywhere."""
    room.frozen = False
    name = RoomName.recall(event.name)
    if str(room.name) != str(name):  # else another server's wake-up has told it before
        moved(hub, room, name)
    hub.rooms.know_former(room)


def moved(hub: Services, room: HubRoom, name: RoomName) -> None:
    """The log knows the room by another name."""
    was = room.name
    hub.rooms.rename(room, name)
    hub.reading.rename_room(hub.users, was, name)
    hub.catchup.forget_pages()
    for here in hub.presence.in_room(room).values():
        for session in here.sessions:
            session.outlet.reply(RoomMoved(room=was, name=name))
