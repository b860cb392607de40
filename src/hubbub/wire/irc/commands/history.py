"""What was said before: CHATHISTORY (https://ircv3.net/specs/extensions/chathistory).

The timeline of the hub has lines of all kinds; clients without event-playback are shown texts only,
so that several pages may be read for one answer.
"""

from __future__ import annotations

from collections.abc import Callable, Generator

from msgspec import Struct

from hubbub.domain.commands import MAX_HISTORY, Command, Rooms, Timeline
from hubbub.domain.errors import ChatError
from hubbub.domain.events import AnyEvent
from hubbub.domain.kinds import is_message
from hubbub.domain.names import RoomName
from hubbub.domain.replies import Page, Reply, RoomList
from hubbub.wire.irc.capabilities import Cap
from hubbub.wire.irc.conversation import Conversation, Rejected, Row
from hubbub.wire.irc.errors import UNREADABLE
from hubbub.wire.irc.gone import name_in, talk_with, with_gone
from hubbub.wire.irc.message import Message, written
from hubbub.wire.irc.msgids import seq_in
from hubbub.wire.irc.names import channel, is_channel, room_of, spelled, user_of
from hubbub.wire.irc.past import Batch, show_asked
from hubbub.wire.irc.times import time_in, time_of
from hubbub.wire.irc.wire import IrcWire

MOST_LINES = MAX_HISTORY  # in one answer, as ISUPPORT says (CHATHISTORY)
MOST_PAGES = 20  # that are read for one answer, where there are few texts among other events
ANY = "*"


class Place(Struct, frozen=True):
    """A place in a room's log: behind or before the event ``seq``, or a time (ms)."""

    seq: int | None = None
    at: int | None = None

    def of(self, event: AnyEvent) -> int:
        """The number or the time of ``event``, whichever this place is in."""
        return event.seq if self.seq is not None else event.at

    @property
    def value(self) -> int:
        """The number, or the time."""
        return self.seq if self.seq is not None else self.at or 0


class Failed(Exception):
    """What was asked for cannot be. ``args``: the code of the FAIL, what it is about, why."""


class Asked(Struct, frozen=True):
    """One question. ``target``: as the client has written it."""

    verb: str
    target: str
    room: RoomName
    limit: int


def chathistory(wire: IrcWire, message: Message) -> Conversation:
    """CHATHISTORY."""
    verb = message[0].upper() or ANY
    try:
        if verb == "TARGETS":
            yield from _targets(wire, message)
            return
        answer = _ANSWERS.get(verb)
        if answer is None:
            raise Failed("INVALID_PARAMS", verb, "There is no such subcommand.")
        least = 5 if verb == "BETWEEN" else 4
        if len(message.params) < least:
            raise Failed("INVALID_PARAMS", verb, "Something is missing in that.")
        room = yield from _room(wire, message[1])
        asked = Asked(verb, message[1], room, _limit(verb, message.params[least - 1]))
        events = yield from answer(wire, asked, message)
        show_asked(wire, _target(room, message[1]), room, events)
    except Rejected as error:
        code = "INVALID_TARGET" if error.refused.code in UNREADABLE else "MESSAGE_ERROR"
        wire.send("FAIL", "CHATHISTORY", code, verb, message[1], error.refused.message)
    except Failed as failed:
        code, about, why = failed.args
        wire.send("FAIL", "CHATHISTORY", code, *((verb,) if about != verb else ()), about, why)


# What is asked for


def _room(wire: IrcWire, target: str) -> Generator[Command | None, Reply, RoomName]:
    """The room that is meant, in which the client is; or its conversation with somebody."""
    refused = Failed("INVALID_TARGET", target, "You cannot read messages there.")
    try:
        if is_channel(target):
            key = room_of(target).key
            found = next((room for room in wire.rooms if room.key == key), None)
        else:
            name = user_of(target)
            found = wire.host.directory.talk(wire.user_id, str(name))
            found = found or (yield from talk_with(wire, name))
    except ChatError:
        raise refused from None
    if found is None:
        raise refused
    return found


def _target(room: RoomName, asked: str) -> str:
    return channel(room) if is_channel(asked) else asked


def _limit(verb: str, text: str) -> int:
    if not (text.isascii() and text.isdecimal()):
        raise Failed("INVALID_PARAMS", verb, "The last word is how many lines you want.")
    return min(int(text), MOST_LINES)


def _place(wire: IrcWire, asked: Asked, text: str) -> Place:
    """The place that ``msgid=…`` or ``timestamp=…`` stands for."""
    kind, _, value = text.partition("=")
    if kind == "msgid":
        seq = seq_in(wire.host.directory, asked.room, value)
        if seq is None:
            raise Failed("INVALID_PARAMS", asked.verb, "There is no message with that id there.")
        return Place(seq=seq)
    if kind == "timestamp":
        at = time_in(value)
        if at is None:
            raise Failed("INVALID_PARAMS", asked.verb, "A time is YYYY-MM-DDThh:mm:ss.sssZ.")
        return Place(at=at)
    raise Failed("INVALID_MSGREFTYPE", asked.target, "Give msgid=… or timestamp=… of a message.")


# Pages


Wanted = Callable[[AnyEvent], bool]
Read = Generator["Command | None", Reply, list[AnyEvent]]


def _before(wire: IrcWire, asked: Asked, place: Place | None, wanted: Wanted) -> Read:
    """The newest lines before ``place``, or at all, that are ``wanted``; oldest first."""
    found: list[AnyEvent] = []
    seq, at = (None, None) if place is None else (place.seq, place.at)
    for _ in range(MOST_PAGES):
        page = yield Timeline(room=asked.room, before=seq, before_at=at, limit=MAX_HISTORY)
        assert isinstance(page, Page)
        shown = [event for event in page.events if _is_shown(wire, event)]
        fit = [event for event in shown if wanted(event)]
        found = fit + found
        if len(found) >= asked.limit or len(fit) < len(shown) or (page.first or 0) <= 1:
            break
        seq, at = page.first, None
    return found[-asked.limit :] if asked.limit else []


def _after(wire: IrcWire, asked: Asked, place: Place, wanted: Wanted) -> Read:
    """The oldest lines after ``place`` that are ``wanted``, oldest first."""
    found: list[AnyEvent] = []
    seq, at = place.seq, place.at
    for _ in range(MOST_PAGES):
        page = yield Timeline(room=asked.room, after=seq, after_at=at, limit=MAX_HISTORY)
        assert isinstance(page, Page)
        shown = [event for event in page.events if _is_shown(wire, event)]
        fit = [event for event in shown if wanted(event)]
        found += fit
        if len(found) >= asked.limit or len(fit) < len(shown) or (page.last or 0) >= page.head:
            break
        seq, at = page.last, None
    return found[: asked.limit]


def _is_shown(wire: IrcWire, event: AnyEvent) -> bool:
    return is_message(event) or Cap.EVENT_PLAYBACK in wire.caps


def _all(event: AnyEvent) -> bool:
    return True


def _latest(wire: IrcWire, asked: Asked, message: Message) -> Read:
    if message[2] == ANY:
        return (yield from _before(wire, asked, None, _all))
    place = _place(wire, asked, message[2])
    return (yield from _before(wire, asked, None, lambda event: place.of(event) > place.value))


def _before_place(wire: IrcWire, asked: Asked, message: Message) -> Read:
    return (yield from _before(wire, asked, _place(wire, asked, message[2]), _all))


def _after_place(wire: IrcWire, asked: Asked, message: Message) -> Read:
    return (yield from _after(wire, asked, _place(wire, asked, message[2]), _all))


def _around(wire: IrcWire, asked: Asked, message: Message) -> Read:
    place = _place(wire, asked, message[2])
    page = yield Timeline(room=asked.room, around=place.seq, around_at=place.at, limit=MAX_HISTORY)
    assert isinstance(page, Page)
    shown = [event for event in page.events if _is_shown(wire, event)]
    older = [event for event in shown if place.of(event) <= place.value]
    newer = [event for event in shown if place.of(event) > place.value]
    after = max((asked.limit - 1) // 2, asked.limit - len(older))
    newer = newer[: max(after, 0)]
    before = asked.limit - len(newer)
    return (older[-before:] if before > 0 else []) + newer


def _between(wire: IrcWire, asked: Asked, message: Message) -> Read:
    one, other = _place(wire, asked, message[2]), _place(wire, asked, message[3])
    first = yield from _when(asked, one)
    second = yield from _when(asked, other)
    if first <= second:
        return (yield from _after(wire, asked, one, lambda event: other.of(event) < other.value))
    return (yield from _before(wire, asked, one, lambda event: other.of(event) > other.value))


def _when(asked: Asked, place: Place) -> Generator[Command | None, Reply, int]:
    """The time of a place, so that two of different kinds can be compared."""
    if place.seq is None:
        return place.value
    page = yield Timeline(room=asked.room, around=place.seq, limit=1)
    assert isinstance(page, Page)
    return page.events[0].at if page.events else place.seq


_ANSWERS: dict[str, Callable[[IrcWire, Asked, Message], Read]] = {
    "LATEST": _latest,
    "BEFORE": _before_place,
    "AFTER": _after_place,
    "AROUND": _around,
    "BETWEEN": _between,
}


# Where there is something


def _targets(wire: IrcWire, message: Message) -> Conversation:
    """TARGETS: rooms and people, with the time of what is newest there."""
    times = [time_in(word.removeprefix("timestamp=")) for word in message.params[1:3]]
    if len(times) < 2 or None in times:
        raise Failed("INVALID_PARAMS", "TARGETS", "Give two times: timestamp=…")
    begin, end = sorted(time for time in times if time is not None)
    limit = _limit("TARGETS", message[3])
    listed = yield Rooms(limit=1)  # one's own are on the first page, all of them
    assert isinstance(listed, RoomList)
    places = [(room, channel(room)) for room in wire.rooms]
    places += [
        (RoomName.recall(info.name), spelled(info.people[0]))
        for info in listed.rooms
        if len(info.people) == 1 and (info.at or 0) > begin
    ]
    places += yield from _gone(wire, listed, begin)
    found = []
    for room, target in places:
        at = yield from _newest(wire, room, target)
        if at is not None and begin < at < end:
            found.append((at, target))
    batch = Batch(wire, "draft/chathistory-targets")
    for at, target in sorted(found)[:limit]:
        batch.add(written("CHATHISTORY", "TARGETS", target, time_of(at), source=wire.host.name))
    batch.close()


def _gone(
    wire: IrcWire, listed: RoomList, begin: int
) -> Generator[Command | None, Reply, list[tuple[RoomName, str]]]:
    """Conversations with guests who are gone, with the names by which these are asked for."""
    places: dict[str, RoomName] = {}
    for info in with_gone(wire, listed):
        if (info.at or 0) > begin:
            room = RoomName.recall(info.name)
            name = yield from name_in(wire, room)
            if name is not None:
                places.setdefault(spelled(name), room)
    return [(room, name) for name, room in places.items()]


def _newest(
    wire: IrcWire, room: RoomName, target: str
) -> Generator[Command | None, Reply, int | None]:
    """When the newest that the client is shown was said there."""
    asked = Asked("TARGETS", target, room, 1)
    try:
        found = yield from _before(wire, asked, None, _all)
    except Rejected as error:
        if error.refused.code not in UNREADABLE:
            raise  # it can be read another time
        return None
    return found[-1].at if found else None


ROWS = {"CHATHISTORY": Row(chathistory)}
