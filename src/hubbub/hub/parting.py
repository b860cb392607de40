"""How people leave: a room, or all of them with their connection; and what they say of it."""

from __future__ import annotations

from functools import partial

from hubbub.domain import commands as ask
from hubbub.domain.errors import ChatError
from hubbub.domain.replies import Goodbye, RoomLeft
from hubbub.domain.rights import Action
from hubbub.domain.text import parse_reason
from hubbub.hub import screening
from hubbub.hub.room import HubRoom
from hubbub.hub.services import Services
from hubbub.hub.session import Session, User


def leave(hub: Services, session: Session, command: ask.Leave, user: User, room: HubRoom) -> None:
    """Gets up from a room. A ping is answered when the others have seen it."""
    reason = _reason(hub, session, command, (room,))
    hub.note_read(session, (room,))
    room.leave(session)
    # Nobody can leave a direct conversation for good: there is no way back into one.
    for_good = command.for_good and not room.state.facts.direct
    hub.presence.leave(
        session, room, deliberate=True, now=hub.monotonic(), for_good=for_good, reason=reason
    )
    session.outlet.reply(RoomLeft(re=command.id, room=room.name))
    owed = [one for one in (*session.left, room) if hub.presence.owes(user, one)]
    session.left = tuple(owed)


def bye(hub: Services, session: Session, command: ask.Bye) -> None:
    """Ends the session by the user's wish: the name is free at once.

    What was asked for before, the history of a room, is given first, as far as the client takes it.
    The connection ends when the leave is on disk, so that nobody sees the user there after that.
    """
    session.busy = session.leaving = True
    hub.catchup.when_told(session, partial(_depart, hub, session, command), hub.monotonic())


def _depart(hub: Services, session: Session, command: ask.Bye) -> None:
    """Ends the session, which was given all."""

    def over() -> None:
        if session.busy:  # else the client has not waited for it
            session.busy = False
            session.outlet.reply(Goodbye(re=command.id, reason="bye", message="Goodbye."))
            session.outlet.close()

    user, rooms = session.user, session.rooms
    hub.end(session, deliberate=True, reason=_reason(hub, session, command, rooms))
    session.busy = True
    if user is None:
        over()
    else:
        hub.presence.when_gone(user, rooms, over, hub.monotonic())


def _reason(
    hub: Services, session: Session, command: ask.Leave | ask.Bye, rooms: tuple[HubRoom, ...]
) -> str | None:
    """What the ``rooms`` are told; nothing of what may not be said there: nobody is kept by it."""
    if not command.reason or session.user is None or not rooms:
        return None
    try:
        reason = parse_reason(command.reason)
        for room in rooms if reason is not None else ():
            hub.access.check_still(session.user, Action.SPEAK, room)
            screening.check_edit(hub, session.user, room, reason or "")
        hub.take_disk(session, command, *(reason for _ in rooms), events=0)
    except ChatError:
        return None
    return reason
