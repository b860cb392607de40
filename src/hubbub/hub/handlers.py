"""What each command does: a table of functions, all of one shape."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from hubbub.domain import commands as ask
from hubbub.domain.commands import MAX_HISTORY
from hubbub.domain.errors import (
    AlreadyNamed,
    LogUnavailable,
    NotInRoom,
)
from hubbub.domain.names import RoomName
from hubbub.domain.replies import (
    Goodbye,
    Limits,
    Members,
    Pong,
    ReadUpTo,
    RoomLeft,
    RoomList,
    SomeoneTyping,
    Welcome,
)
from hubbub.domain.text import MAX_TEXT_LINES, parse_text
from hubbub.hub import deleting, joining, searching
from hubbub.hub.answering import answer_later, named
from hubbub.hub.cursors import when_it_fits
from hubbub.hub.history import Span, page_in_memory, read_in_turn
from hubbub.hub.limits import take_disk
from hubbub.hub.ports import KeepGuest
from hubbub.hub.replying import reply
from hubbub.hub.room import HubRoom
from hubbub.hub.users import User

if TYPE_CHECKING:
    from hubbub.hub.hub import Hub
    from hubbub.hub.session import Session

FEATURES = (
    "delete",
    "history",
    "outside",
    "read",
    "renames",
    "replies",
    "resume",
    "stamps",
    "typing",
    "who",
)
SEARCH = "search"  # beside these, where there is one
FREE = (ask.Ping, ask.Bye, ask.Leave)
"""Commands that no rate limit holds back: they cost little, or end things."""


def _own_room(hub: Hub, session: Session, name: RoomName) -> tuple[HubRoom, User]:
    """The room of that name, and who the session is in it; raises `NotInRoom`, `NeedName`."""
    room = hub.rooms.get(name.key)
    if room is None or room not in session.rooms or session.user is None:
        named(session)
        raise NotInRoom(f"You are not in {name}. Join it first.")
    return room, session.user


def hello(hub: Hub, session: Session, command: ask.Hello) -> None:
    """Gives the session its user. A new guest is on disk before the token is told."""
    if session.user is not None:
        raise AlreadyNamed(f"You are {session.user.name} already on this connection.")
    user, token, new = hub.users.claim(command.user, command.token, session, hub.monotonic())
    session.user = user
    if new and user.guest is not None and not hub.disk.takes_nothing:
        session.busy = True
        hub.log.append(KeepGuest(user.guest, context=(session, command, token)))
    else:
        welcome(hub, session, command, token)


def welcome(hub: Hub, session: Session, command: ask.Hello, token: str | None) -> None:
    """Answers a hello."""
    rules, user = hub.rules, named(session)
    user.token_told = token is not None
    session.outlet.reply(
        Welcome(
            re=command.id,
            user=user.name,
            token=token,
            server=rules.server_name,
            log=hub.log.id,
            limits=Limits(
                text=rules.text_chars,
                line=rules.line_bytes,
                rate=rules.rate,
                burst=rules.burst,
                rooms=rules.rooms_per_session,
                history=MAX_HISTORY,
                lines=MAX_TEXT_LINES,
            ),
            features=FEATURES if hub.search is None else (*FEATURES, SEARCH),
        )
    )


def formerly(hub: Hub, session: Session, command: ask.Formerly) -> None:
    """Takes notice of a new name, if the former one was theirs."""
    user = named(session)
    former = hub.users.proven(command.user, command.token)
    if former is not None and former is not user:
        places = former.places or {}
        hub.presence.renamed(former, user, filter(None, map(hub.rooms.get, places)))
    session.outlet.reply(Pong(re=command.id))


def rooms(hub: Hub, session: Session, command: ask.Rooms) -> None:
    """Lists the rooms."""
    user = session.user
    found, next = hub.listed(user, query=command.query, after=command.after, limit=command.limit)

    def answer() -> None:
        infos = [room.info(user) for room in found]
        session.outlet.reply(RoomList(re=command.id, rooms=infos, next=next, total=len(hub.rooms)))

    if user is None or not user.places:
        answer()
    else:
        _when_counted(hub, session, [room for room in found if user.place(room.name.key)], answer)


def _when_counted(
    hub: Hub, session: Session, rooms: Sequence[HubRoom], answer: Callable[[], None]
) -> None:
    """Calls ``answer`` when it is known how much is unread in ``rooms``; mostly at once."""

    async def later() -> None:
        await hub.reading.count(user, rooms)
        if not session.ended:
            answer()
        hub.done(session)

    user = named(session)
    if hub.reading.count_at_once(user, rooms):
        answer()
    else:
        session.busy = True
        hub.spawn(later(), session.share)


def leave(hub: Hub, session: Session, command: ask.Leave) -> None:
    """Gets up from a room."""
    room, _ = _own_room(hub, session, command.room)
    room.leave(session)
    hub.presence.leave(session, room, deliberate=True, now=hub.monotonic())
    session.outlet.reply(RoomLeft(re=command.id, room=room.name))


def _room_to_speak_in(hub: Hub, session: Session, command: ask.Say) -> HubRoom | None:
    """The room; None for one that is to be made first.

    Raises `NotInRoom`, `NeedName`, and `NoSuchRoom` for an answer where nothing was said.
    """
    if not command.outside:
        return _own_room(hub, session, command.room)[0]
    named(session)
    if command.reply_to is not None:
        return hub.room_named(command.room)
    return hub.rooms.get(command.room.key)


def say(hub: Hub, session: Session, command: ask.Say) -> None:
    """Sends a text on its way to the log."""
    known = _room_to_speak_in(hub, session, command)
    user = named(session)
    text = parse_text(command.text, hub.rules.text_chars)
    name = command.room if known is None else known.name
    take_disk(hub, session, command, text, user.name, command.nonce, command.nonce and name)
    room = known or hub.open_room(name, session.client)
    try:
        if command.reply_to is None and not isinstance(command, ask.SayTo):
            said = room.rules.say(user.name, text, hub.clock(), outside=command.outside)
            hub.journal.say(session, room, command, said)
        else:
            reply(hub, session, room, command, text)
    except NotInRoom:
        # By the log the user has left, as the log had more than it told of; a join is on its way.
        raise LogUnavailable(
            f"Your place in {room.name} is being saved again. This was not said; try again in a "
            "moment.",
            retry_after=1.0,
        ) from None


def history(hub: Hub, session: Session, command: ask.History) -> None:
    """Answers with a page of a room's log."""
    named(session)
    room = hub.room_named(command.room)
    span = Span(
        room.head,
        before=command.before,
        after=command.after,
        around=command.around,
        limit=command.limit,
    )
    page = page_in_memory(room, span)
    if page is not None:
        session.outlet.reply(replace(page, re=command.id))
        return
    wanted = partial(_is_here, session)
    work = partial(read_in_turn, hub.pages, hub.reader(session), hub.log, room, span, wanted)
    answer_later(hub, session, command, work)


def _is_here(session: Session) -> bool:
    return not session.ended


def who(hub: Hub, session: Session, command: ask.Who) -> None:
    """Lists who is in a room."""
    named(session)
    room = hub.room_named(command.room)
    session.outlet.reply(Members(re=command.id, room=room.name, users=room.names()))


def read(hub: Hub, session: Session, command: ask.Read) -> None:
    """Moves the user's marker, and tells the user's other sessions.

    Where there is none, it begins for who knows the event: somebody who was here as a guest whom
    the server has forgotten.
    """
    user = named(session)
    room = hub.room_named(command.room)
    if user.place(room.name.key) is None and command.at is None:
        raise NotInRoom(f"You have not been in {room.name}. Join it first.")
    if command.at is None:
        _read(hub, session, room, command)
    else:
        go = partial(_read, hub, session, room, command)
        when_it_fits(hub, session, command, command.seq, command.at, go)


def _read(hub: Hub, session: Session, room: HubRoom, command: ask.Read) -> None:
    user = named(session)
    moved = hub.reading.move(user, room, command.seq)

    def answer() -> None:
        info = room.info(user)
        now = ReadUpTo(
            room=room.name, seq=info.read or 0, unread=info.unread, mentions=info.mentions
        )
        session.outlet.reply(replace(now, re=command.id))
        if moved:
            for other in user.sessions:
                if other is not session and not other.stalled:
                    other.outlet.reply(now)

    _when_counted(hub, session, (room,), answer)


def search(hub: Hub, session: Session, command: ask.Search) -> None:
    """Looks for texts."""
    named(session)
    searching.search(hub, session, command)


def typing(hub: Hub, session: Session, command: ask.Typing) -> None:
    """Tells the others in the room that the user is writing."""
    room, user = _own_room(hub, session, command.room)
    if room.may_tell_typing(hub.monotonic()):
        with hub.gate:
            room.tell(SomeoneTyping(room=room.name, by=user.name), but=user.sessions)


def ping(hub: Hub, session: Session, command: ask.Ping) -> None:
    """Answers; all that went before is saved and delivered by now."""
    session.outlet.reply(Pong(re=command.id))


def bye(hub: Hub, session: Session, command: ask.Bye) -> None:
    """Ends the session by the user's wish: the name is free at once.

    What was asked for before, the history of a room, is given first, as far as the client takes it.
    The connection ends when the leave is on disk: whoever looks then finds the user gone.
    """
    session.busy = session.leaving = True
    hub.catchup.when_told(session, partial(_depart, hub, session, command), hub.monotonic())


def _depart(hub: Hub, session: Session, command: ask.Bye) -> None:
    """Ends the session, which was given all."""

    def over() -> None:
        if session.busy:  # else the client has not waited for it
            session.busy = False
            session.outlet.reply(Goodbye(re=command.id, reason="bye", message="Goodbye."))
            session.outlet.close()

    user, rooms = session.user, session.rooms
    hub.end(session, deliberate=True)
    session.busy = True
    if user is None:
        over()
    else:
        hub.presence.when_gone(user, rooms, over, hub.monotonic())


HANDLERS: dict[type[ask.Command], Callable[[Hub, Session, Any], None]] = {
    ask.Hello: hello,
    ask.Formerly: formerly,
    ask.Rooms: rooms,
    ask.Join: joining.join,
    ask.Leave: leave,
    ask.Delete: deleting.delete,
    ask.Say: say,
    ask.SayTo: say,
    ask.History: history,
    ask.Who: who,
    ask.Read: read,
    ask.Search: search,
    ask.Typing: typing,
    ask.Ping: ping,
    ask.Bye: bye,
}
