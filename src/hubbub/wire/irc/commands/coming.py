"""What clients are shown of what was said before they came, if they cannot ask for it.

Guests are shown the newest messages. Each program of an account is shown all that it has not got
yet, page by page, while the hub holds back what follows; so nothing is missing, and nothing twice.
"""

from __future__ import annotations

from collections.abc import Generator
from contextlib import suppress
from functools import partial

from msgspec import Struct

from hubbub.domain.commands import MAX_HISTORY, Command, Join, Timeline
from hubbub.domain.names import RoomName
from hubbub.domain.replies import Page, Reply, RoomJoined
from hubbub.wire.irc.capabilities import Cap
from hubbub.wire.irc.conversation import Conversation, Rejected
from hubbub.wire.irc.got import begins_at, program_of, shown
from hubbub.wire.irc.message import Message
from hubbub.wire.irc.past import Past, show_newest
from hubbub.wire.irc.talks import is_heard
from hubbub.wire.irc.wire import IrcWire

MOST_MISSED = 5000  # events of one room that a program is shown; of more, the newest

Showing = Generator[Command | None, Reply, int]


def to_join(wire: IrcWire, room: RoomName) -> Join:
    """How the client comes into the room."""
    program = program_of(wire)
    if program is not None or (wire.account and Cap.READ_MARKER in wire.caps):
        return Join(room=room, page=0, reader=program, owns=True, hold=True)
    asks = Cap.CHATHISTORY in wire.caps or not wire.host.lines
    return Join(room=room, page=0 if asks else MAX_HISTORY, owns=True)


def begin(wire: IrcWire, command: Join, joined: RoomJoined, *, again: bool) -> Conversation:
    """The client has come in by ``command``, and was told so: what was said before follows.

    ``again``: it was there before, and has seen it.
    """
    room = RoomName.recall(joined.room)
    if command.hold and again:
        yield Join(room=room, after=joined.after)
    elif command.hold:
        # When this is answered: it may be one of several rooms, and have a label.
        begins_at(wire, room, joined.reader or 0)
        wire.later(Message("JOIN"), partial(_go_on, room, joined))
    elif command.page:
        page = yield None
        if isinstance(page, Page) and not again:
            show_newest(wire, room, page.events)


def _go_on(room: RoomName, joined: RoomJoined, wire: IrcWire, message: Message) -> Conversation:
    yield from go_on(wire, room, joined)


def go_on(wire: IrcWire, room: RoomName, joined: RoomJoined) -> Conversation:
    """Shows what the program has not got of a room that is held, and lets it go on."""
    last = joined.head
    if program_of(wire) is not None:
        last = yield from _missed(wire, room, joined)
    if _is_there(wire, room):
        with suppress(Rejected):  # somebody was quicker, and has put the client out
            yield Join(room=room, after=last)
    shown(wire, room, None)


def _is_there(wire: IrcWire, room: RoomName) -> bool:
    """Whether the client is in the room, or in that conversation."""
    return is_heard(wire, room) or any(one.key == room.key for one in wire.rooms)


class Pages(Struct):
    """How the past of a room is read: behind ``last``, up to ``head``."""

    room: RoomName
    last: int
    head: int


def _missed(wire: IrcWire, room: RoomName, joined: RoomJoined) -> Showing:
    """Shows what the program has not got. Returns up to where that is."""
    known = joined.reader if joined.reader is not None else joined.read
    past = Past(wire, room, wire.beside)
    pages = Pages(room, joined.head if known is None else known, joined.head)
    try:
        yield from _read(wire, past, pages)
        if joined.reader is None and not past.told and wire.host.lines:
            page = yield Timeline(room=room, before=joined.head + 1, limit=MAX_HISTORY)
            assert isinstance(page, Page)
            past.add(page.events, wire.host.lines)
    except Rejected:
        pass  # the log cannot be read just now: what is missing comes with what follows
    past.close()
    return pages.last


def _read(wire: IrcWire, past: Past, pages: Pages) -> Generator[Command | None, Reply, None]:
    left_out = pages.head - pages.last - MOST_MISSED
    if left_out > 0:
        pages.last += left_out
        words = f"Much was said: the first {left_out:,} lines, or somewhat less, are left out here."
        line = f":{wire.host.name} NOTICE {past.target} :{words}\r\n"
        wire.beside(line)
    while pages.last < pages.head:
        page = yield Timeline(room=pages.room, after=pages.last, limit=MAX_HISTORY)
        assert isinstance(page, Page)
        past.add(page.events)
        pages.last = max(page.last or 0, pages.last + 1)
        shown(wire, pages.room, pages.last)
