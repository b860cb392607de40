"""How a session comes into a room: its user becomes a member, unread is counted, it is let in.

``join`` begins it; presence calls `entered` when the user is a member by the log, or `refused`.
"""

from __future__ import annotations

from collections.abc import Coroutine
from functools import partial
from typing import Any

from msgspec.structs import replace

from hubbub.domain.commands import Join
from hubbub.domain.errors import (
    ChatError,
    NeedPassword,
    NoSuchRoom,
    NotInRoom,
    TooManyRooms,
    WrongPassword,
)
from hubbub.domain.events import UNSEQUENCED, Invited
from hubbub.domain.names import RoomName
from hubbub.domain.replies import RoomJoined, RoomLeft
from hubbub.domain.rights import Action
from hubbub.domain.tickets import is_code
from hubbub.hub import beginning, tickets
from hubbub.hub.access import named, no_such_room
from hubbub.hub.becoming import goes_on
from hubbub.hub.beginning import Beginning
from hubbub.hub.cursors import when_it_fits
from hubbub.hub.invitations import make_place
from hubbub.hub.limits import PATIENCE_SECONDS, too_fast
from hubbub.hub.ports import SecretKind
from hubbub.hub.proving import proved
from hubbub.hub.room import LIVE, HubRoom
from hubbub.hub.services import Services
from hubbub.hub.session import Session, User
from hubbub.hub.settings import ALL_HISTORY
from hubbub.hub.standing import origins_of, standing_of
from hubbub.hub.timeline import cursor_in_memory


def join(hub: Services, session: Session, command: Join, user: User) -> None:
    """Enters a room; a session that is there already may move its cursor."""
    limit = hub.settings.rooms_per_session
    try:
        known = hub.access.room_to_make(user, Action.ENTER, command.room)
    except (NeedPassword, NoSuchRoom) as error:
        code = command.invite or _typed_code(hub, command)
        if code is not None:
            _prove_first(hub, session, command, tickets.come_in(hub, command, code, user, error))
            return
        if command.password is None:
            raise
        if isinstance(error, NoSuchRoom):  # as of one that is not there: nothing is learned so
            raise _no_room_with_password(command) from None
        proof = _prove(hub, session, command.room, command.password)
        _prove_first(hub, session, command, proof)
        return
    if known is None and command.password is not None:
        raise _no_room_with_password(command)
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


def _no_room_with_password(command: Join) -> NoSuchRoom:
    return NoSuchRoom(
        f'There is no room "{command.room}" to come into with a password. If the second word '
        "belongs to the name: a room's name has no spaces, write - instead."
    )


def _typed_code(hub: Services, command: Join) -> str | None:
    """The code of a ticket that was given as a password: people type one word for both."""
    typed = command.password
    if typed is None or not is_code(typed) or not tickets.is_good(hub, command.room, typed):
        return None
    return typed


def _prove_first(
    hub: Services, session: Session, command: Join, proof: Coroutine[Any, Any, None]
) -> None:
    """Lets in who has a password of the room, or a ticket; in the log they are invited first."""

    async def come_in() -> None:
        try:
            await proof
        except ChatError as error:
            if not session.ended:
                hub.refuse(session, command, error)
            hub.done(session)
            return
        enter = replace(command, password=None, invite=None)
        hub.go_on(session, command, lambda: join(hub, session, enter, named(session)))

    session.busy = True
    hub.spawn(come_in(), session.share)


async def _prove(hub: Services, session: Session, name: RoomName, password: str) -> None:
    """Raises `WrongPassword`, `RateLimited`, or why the log does not take the invitation."""
    room = hub.rooms.get(name.key)
    called = name if room is None else room.name  # the log knows no former names
    if not await proved(hub, session, f"room {called.key}", password, SecretKind.ROOM, called):
        raise WrongPassword(f"That is not the password of {name}. Please try again.")
    user, room = named(session), hub.rooms.get(name.key)
    if room is None:
        raise no_such_room(name)
    refused = hub.access.refusal(user, Action.ENTER, room)
    if user.id is None or session.ended or not isinstance(refused, NeedPassword):
        return  # `join` tells what has changed meanwhile
    hub.journal.check_not_frozen(room)
    make_place(hub, room, user.id, user)
    event = Invited(UNSEQUENCED, hub.clock(), user.name, user.name, user.id, by_id=user.id)
    outcome = await hub.outcome(partial(room.draft, event))
    if outcome.error is not None:
        raise outcome.error


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
        room.seek(session, max(command.after, hub.access.floor(session.user, room)))
    hub.reading.count_at_once(named(session), (room,))
    if _asks_for_reader(command, named(session)):
        session.busy = True
        hub.spawn(_move_later(hub, session, room, command), session.share)
    elif command.page is None:
        _answer(hub, session, command, room, Beginning(_next(session, room)))
    elif (begins := beginning.at_once(hub, session, command, room)) is not None:
        room.seek(session, begins.cursor)
        _answer(hub, session, command, room, begins)
    else:
        session.busy = True
        hub.spawn(_move_later(hub, session, room, command), session.share)


async def _move_later(hub: Services, session: Session, room: HubRoom, command: Join) -> None:
    """Moves the cursor to the end of the page that the session has asked for."""
    try:
        reader = await hub.readers.read_by(named(session), command.reader, room)
        if command.page is None:
            begins = Beginning(_next(session, room), None, reader)
        else:
            begins = await beginning.read(hub, session, command, room, reader)
        hub.access.own_room(session, Action.READ, room.name)
    except ChatError as error:
        if not session.ended:
            hub.refuse(session, command, error)
    else:
        if not session.ended:
            if command.page is not None:
                room.seek(session, begins.cursor)
            _answer(hub, session, command, room, begins)
    hub.done(session)


def _next(session: Session, room: HubRoom) -> int:
    """Behind which event the session, which is in the room, is given what comes."""
    cursor = room.cursor(session)
    return room.head if cursor == LIVE else cursor


def _asks_for_reader(command: Join, user: User) -> bool:
    """Whether the log has to be asked how far the program has read that the join names."""
    return command.reader is not None and user.account


def _answer(
    hub: Services,
    session: Session,
    command: Join,
    room: HubRoom,
    begins: Beginning,
    *,
    new: bool = False,
) -> None:
    """Tells the session that it is in the room, and gives it what it is to be shown of it."""
    _hold(session, room, hold=command.hold)
    joined = _joined(hub, session, command, room, begins)
    session.outlet.reply(replace(joined, new=new))
    if begins.page is not None:
        session.outlet.reply(replace(begins.page, re=command.id))
    if room.state.facts.direct:
        hub.catchup.feed_at_once(session, room)
    else:
        hub.catchup.feed(session, room)


def _hold(session: Session, room: HubRoom, *, hold: bool) -> None:
    """Whether the session is given what follows only when it says so."""
    if hold or session.held:
        held = tuple(one for one in session.held if one is not room and one in session.rooms)
        session.held = (*held, room) if hold else held
        if hold:
            room.seek(session, _next(session, room))


def _joined(
    hub: Services, session: Session, command: Join, room: HubRoom, begins: Beginning
) -> RoomJoined:
    """The answer to a join."""
    info = room.info(named(session).place(room.name.key))
    after = begins.cursor
    return RoomJoined(
        re=command.id,
        room=room.name,
        users=room.names(),
        head=room.head,
        after=after,
        at=room.state.at if after == room.head else None,
        topic=info.topic,
        **origins_of(room),
        standing=standing_of(hub, named(session), room),
        read=info.read,
        unread=info.unread,
        mentions=info.mentions,
        reader=begins.reader,
    )


def entered(
    hub: Services, session: Session, command: Join, room: HubRoom, joined_at: int | None
) -> None:
    """The user is a member, by the event ``joined_at`` if it is known."""
    user = session.user
    if session.ended or user is None:
        return  # the hub has closed meanwhile
    barred = hub.access.refusal(user, Action.ENTER, room)
    if barred is not None:  # since the join was on its way
        now = hub.monotonic()
        hub.presence.leave(session, room, deliberate=True, now=now, for_good=True)
        refused(hub, session, command, barred)
        return
    if joined_at is None and room.keeps_members:
        hub.reading.belong(user, room)
    hub.reading.enter(user, room)
    ask_first = _asks_for_reader(command, user)
    begins = None if ask_first else _beginning(hub, session, command, room, joined_at)
    if hub.reading.count_at_once(user, (room,)) and begins is not None:
        _admit(hub, session, command, room, joined_at, begins)
    else:
        hub.spawn(_admit_later(hub, session, command, room, joined_at, begins), session.share)


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
    hub: Services,
    session: Session,
    command: Join,
    room: HubRoom,
    joined_at: int | None,
    begins: Beginning | None,
) -> None:
    try:
        reader = None
        if begins is None:
            reader = await hub.readers.read_by(named(session), command.reader, room)
            begins = _beginning(hub, session, command, room, joined_at, reader)
        if begins is None and command.page is not None:
            begins = await beginning.read(hub, session, command, room, reader)
        elif begins is None:
            upto = _last_before(room, joined_at)
            begins = Beginning(await _cursor_in_log(hub, session, room, upto))
    except ChatError as error:  # it would be shown a hole
        if not session.ended:
            now = hub.monotonic()
            hub.presence.leave(session, room, deliberate=True, now=now, for_good=False)
        refused(hub, session, command, error)
        return
    await hub.reading.count(named(session), (room,))
    if not session.ended:
        _admit(hub, session, command, room, joined_at, begins)


def _admit(
    hub: Services,
    session: Session,
    command: Join,
    room: HubRoom,
    joined_at: int | None,
    begins: Beginning,
) -> None:
    if not hub.presence.is_in(session, room):
        refused(hub, session, command, NotInRoom(f"You were put out of {room.name} just now."))
        return
    session.arriving = None
    owed = goes_on(session, room, begins.cursor, asked=command.after is not None)
    begins = begins._replace(cursor=max(owed.cursor, hub.access.floor(session.user, room)))
    room.enter(session, begins.cursor)
    for seq in owed.own:
        room.note_own(session, seq)
    new = joined_at == 1 and room.name.key != hub.first_room  # which is made without anybody
    _answer(hub, session, command, room, begins, new=new)
    hub.done(session)


def _last_before(room: HubRoom, joined_at: int | None) -> int:
    """The newest event before the join."""
    return room.head if joined_at is None else joined_at - 1


def _beginning(
    hub: Services,
    session: Session,
    command: Join,
    room: HubRoom,
    joined_at: int | None,
    reader: int | None = None,
) -> Beginning | None:
    """Behind what the session is shown everything; None if only the log can tell.

    Without a page so many lines of the room's timeline are shown, and what is between them; or what
    is behind the marker ``reader``.
    """
    if command.page is not None:
        return beginning.at_once(hub, session, command, room, reader)
    known = reader if command.after is None else command.after
    if known is not None:
        return Beginning(min(known, room.head), None, reader)
    lines = hub.settings.history_on_join
    if lines == ALL_HISTORY:
        return Beginning(0)
    cursor = cursor_in_memory(room, _last_before(room, joined_at), lines)
    return None if cursor is None else Beginning(cursor)


async def _cursor_in_log(hub: Services, session: Session, room: HubRoom, upto: int) -> int:
    """As many events as lines are wanted, where the log cannot be looked at: it is busy, say."""
    lines = hub.settings.history_on_join

    def wanted() -> bool:
        return not session.ended

    try:
        async with hub.pages.turn(hub.reader(session), wanted):
            return await hub.log.lines_back(room.which, upto, lines)
    except ChatError:
        return max(0, upto - lines)
