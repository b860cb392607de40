"""Whether a client's cursor is one of this log: the event there has the time that the client knows.

Its number alone does not tell. In a backup that was restored, or a room that was forgotten and made
anew, other events have the same numbers.
"""

from __future__ import annotations

from collections.abc import Callable

from hubbub.domain.commands import Join, Read
from hubbub.domain.errors import BadCursor, ChatError
from hubbub.domain.names import RoomName
from hubbub.hub.access import no_such_room
from hubbub.hub.fairqueue import FairQueue, always
from hubbub.hub.ports import Log
from hubbub.hub.room import HubRoom
from hubbub.hub.services import Services
from hubbub.hub.session import Session


def when_it_fits(
    hub: Services,
    session: Session,
    command: Join | Read,
    seq: int,
    at: int | None,
    work: Callable[[], None],
) -> None:
    """Does the ``work`` of ``command`` if the event ``seq`` is of the time ``at``; mostly at once.

    Of what the session's user is not shown, nothing is told. Raises `BadCursor`, or has it told
    later.
    """
    room = hub.rooms.get(command.room.key)
    if room is not None and seq <= hub.access.floor(session.user, room):
        work()
        return
    if fits(room, command.room, seq, at):
        work()
        return
    assert room is not None

    async def look() -> None:
        try:
            await look_up(hub.pages, hub.reader(session), hub.log, room, seq, at, wanted)
        except ChatError as error:
            if not session.ended:
                hub.refuse(session, command, error)
            hub.done(session)
        else:
            hub.go_on(session, command, work)

    def wanted() -> bool:
        return not session.ended

    session.busy = True
    hub.spawn(look(), session.share)


def fits(room: HubRoom | None, name: RoomName, seq: int, at: int | None) -> bool:
    """Whether the event ``seq`` is of the time ``at``, as far as is known in memory.

    False: only the log can tell. Raises `BadCursor`, or `NoSuchRoom`: a room in which one has been
    is not made again by who comes back to it. It may have been a private one, and would be open.
    """
    if room is None:
        if seq > 0:
            raise no_such_room(name)
        return True
    head = room.head
    if seq > head:
        raise BadCursor(
            f"{name} has {head:,} events here, and you have seen {seq:,}: this is another log than "
            "the one you know. Join without a cursor and forget what you kept."
        )
    if seq == 0 or at is None:
        return True
    if seq == head:
        there = room.state.at
    else:
        known = room.recent(seq - 1, seq)
        if known is None:
            return False
        there = known[0].at
    if there != at:
        raise _another_log(name, seq)
    return True


async def look_up(
    turns: FairQueue,
    client: str,
    log: Log,
    room: HubRoom,
    seq: int,
    at: int | None,
    wanted: Callable[[], bool] = always,
) -> None:
    """Looks into the log, when it is the turn of ``client``; see `FairQueue.turn`.

    Raises `BadCursor`, `LogUnavailable`, `RateLimited`.
    """
    async with turns.turn(client, wanted):
        events = await log.read(room.which, seq - 1, seq)
    if room.gone or [event.at for event in events] != [at]:  # forgotten meanwhile, perhaps
        raise _another_log(room.name, seq)


def _another_log(name: RoomName, seq: int) -> BadCursor:
    return BadCursor(
        f"Event {seq:,} of {name} is another one than you have seen: a backup was restored, or the "
        "room was made anew. Join without a cursor and forget what you kept."
    )
