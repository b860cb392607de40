"""How a session comes into a room: its user becomes a member, unread is counted, it is let in.

``join`` begins it; presence calls `entered` when the user is a member by the log, or `refused`.
"""

from __future__ import annotations

from functools import partial

from msgspec.structs import replace

from hubbub.domain.commands import Join
from hubbub.domain.errors import ChatError, NotInRoom, TooManyRooms
from hubbub.domain.replies import RoomJoined, RoomLeft
from hubbub.hub.access import Action, named, room_to_make
from hubbub.hub.cursors import when_it_fits
from hubbub.hub.limits import PATIENCE_SECONDS, too_fast
from hubbub.hub.room import LIVE, HubRoom
from hubbub.hub.services import Services
from hubbub.hub.session import Session, User
from hubbub.hub.settings import ALL_HISTORY


def join(hub: Services, session: Session, command: Join, user: User) -> None:
    """Enters a room; a session that is there already may move its cursor."""
    limit = hub.settings.rooms_per_session
    known = room_to_make(hub.rooms, user, Action.ENTER, command.room)
    if known is not None and known in session.rooms:
        go = partial(_move_cursor, hub, session, known, command)
    elif len(session.rooms) >= limit:
        raise TooManyRooms(f"You are in {limit} rooms, as many as one may be. Leave one first.")
    else:
        go = partial(_come_in, hub, session, command, user)
    if command.after is None:
        go()
    else:
        when_it_fits(hub, session, command, command.after, command.after_at, go)


def _come_in(hub: Services, session: Session, command: Join, user: User) -> None:
    """Enters, or waits for it; a user who is a member already costs nothing."""
    known = hub.rooms.get(command.room.key)
    enter = partial(_enter, hub, session, command)
    if known is not None and user.name.key in known.state.members:
        enter()  # the log has nothing to tell
        return
    names = [user.name, user.name]  # there will be a leave, too
    if user.was is not None and command.room.key in user.was.rooms:
        names += (user.was.user.name, user.name)
    hub.take_disk(session, command, *names, events=2)
    wait = _visit(hub, session, command, known) if known is not None else 0.0
    if wait > 0:
        hub.do_later(session, command, wait, enter)
    else:
        enter()


def _enter(hub: Services, session: Session, command: Join) -> None:
    """Enters."""
    room = hub.open_room(command.room, session, Action.ENTER)
    session.busy = True
    session.arriving = room
    hub.presence.enter(session, command, room)


def _visit(hub: Services, session: Session, command: Join, room: HubRoom) -> float:
    """The seconds until the log may tell the room of another visitor from this client.

    Raises `RateLimited` if they are too many: who comes and goes faster than people do would bury
    what was said.
    """
    now, client = hub.monotonic(), session.client
    wait = room.visit(client.key, client.visits, now, PATIENCE_SECONDS)
    if client.site is not None and wait <= PATIENCE_SECONDS:
        site = client.site
        wait = max(wait, room.visit(site.key, site.visits, now, PATIENCE_SECONDS))
    if wait > PATIENCE_SECONDS:
        raise too_fast(f"Too many people come to {room.name} from your address.", command, wait)
    return wait


def _move_cursor(hub: Services, session: Session, room: HubRoom, command: Join) -> None:
    if command.after is not None:
        room.seek(session, command.after)
    cursor = room.cursor(session)
    after = room.head if cursor == LIVE else cursor
    hub.reading.count_at_once(named(session), (room,))
    session.outlet.reply(_joined(session, command, room, after))
    hub.catchup.feed(session, room)


def _joined(session: Session, command: Join, room: HubRoom, after: int) -> RoomJoined:
    """The answer to a join."""
    info = room.info(named(session).place(room.name.key))
    return RoomJoined(
        re=command.id,
        room=room.name,
        users=room.names(),
        head=room.head,
        after=after,
        at=room.state.at if after == room.head else None,
        topic=info.topic,
        read=info.read,
        unread=info.unread,
        mentions=info.mentions,
    )


def entered(
    hub: Services, session: Session, command: Join, room: HubRoom, joined_at: int | None
) -> None:
    """The user is a member, by the event ``joined_at`` if it is known."""
    user = session.user
    if session.ended or user is None:
        return  # the hub has closed meanwhile
    hub.reading.enter(user, room)
    if hub.reading.count_at_once(user, (room,)):
        _admit(hub, session, command, room, joined_at)
    else:
        hub.spawn(_admit_later(hub, session, command, room, joined_at), session.share)


def refused(hub: Services, session: Session, command: Join, error: ChatError) -> None:
    """The log has refused the join."""
    if session.ended:
        return
    session.arriving = None
    hub.refuse(session, command, error)
    hub.done(session)


def put_out(session: Session, room: HubRoom) -> None:
    """Somebody has put the session's user out of the room."""
    if room in session.rooms:  # else it is just being let in, which `_admit` refuses
        room.leave(session)
        session.outlet.reply(RoomLeft(room=room.name, put_out=True))


async def _admit_later(
    hub: Services, session: Session, command: Join, room: HubRoom, joined_at: int | None
) -> None:
    await hub.reading.count(named(session), (room,))
    if not session.ended:
        _admit(hub, session, command, room, joined_at)


def _admit(
    hub: Services, session: Session, command: Join, room: HubRoom, joined_at: int | None
) -> None:
    if not hub.presence.is_in(session, room):
        refused(hub, session, command, NotInRoom(f"You were put out of {room.name} just now."))
        return
    if command.after is not None:
        cursor = min(command.after, room.head)
    elif hub.settings.history_on_join == ALL_HISTORY:
        cursor = 0
    else:
        last = room.head if joined_at is None else joined_at - 1
        cursor = max(0, last - hub.settings.history_on_join)
    session.arriving = None
    room.enter(session, cursor)
    new = joined_at == 1 and room.name.key != hub.first_room  # which is made without anybody
    session.outlet.reply(replace(_joined(session, command, room, cursor), new=new))
    hub.catchup.feed(session, room)
    hub.done(session)
