"""MONITOR: who comes and goes (https://ircv3.net/specs/extensions/monitor)."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from hubbub.domain.commands import MAX_WATCHED, Here, Watch
from hubbub.domain.names import UserName
from hubbub.domain.replies import PeopleHere, PersonHere
from hubbub.domain.rules import Status
from hubbub.wire.irc import numerics as num
from hubbub.wire.irc.capabilities import Cap
from hubbub.wire.irc.commands.whois import first_word, lines_of, valid
from hubbub.wire.irc.conversation import Conversation, Rejected, Row
from hubbub.wire.irc.message import MAX_BYTES, Message
from hubbub.wire.irc.names import spelled
from hubbub.wire.irc.subscribed import keys_of, of_people
from hubbub.wire.irc.wire import IrcWire

LIST = "monitor"  # in `IrcWire.extra`: names as the client wrote them, by their keys
SEEN = "monitored"  # there, too: what it was told last of each, by the keys of names

Names = dict[str, str]
Seen = dict[str, PersonHere]


def watched(wire: IrcWire) -> Names:
    """Whom the client watches."""
    found = wire.extra.get(LIST) if wire.extra else None
    return found if isinstance(found, dict) else {}


def _seen(wire: IrcWire) -> Seen:
    found = wire.extra.get(SEEN) if wire.extra else None
    return found if isinstance(found, dict) else {}


def monitor(wire: IrcWire, message: Message) -> Conversation | None:
    """MONITOR."""
    verb = _VERBS.get(message[0].upper())
    if verb is None:
        wire.numeric(num.ERR_UNKNOWNERROR, "MONITOR", "MONITOR + - C L or S, please.")
        return None
    return verb(wire, message)


def _add(wire: IrcWire, message: Message) -> Conversation:
    names = [name for name in message[1].split(",") if name]
    new = valid(names)
    never = [first_word(name) for name in names if not valid([name])]  # nobody has such a name
    _tell(wire, num.RPL_MONOFFLINE, never)
    if wire.extra is None:
        wire.extra = {}
    here: Names = {**watched(wire)}
    free = MAX_WATCHED - len(here)
    fresh = list({name.key: name for name in new if name.key not in here}.values())
    if len(fresh) > free:
        _full(wire, [str(name) for name in fresh[max(free, 0) :]])
        fresh = fresh[: max(free, 0)]
    if not fresh:
        return
    try:
        people = yield Watch(users=tuple(fresh))
    except Rejected as error:
        wire.refuse(error.refused, message)
        return
    assert isinstance(people, PeopleHere)
    wire.extra[LIST] = {**here, **{name.key: str(name) for name in fresh}}
    wire.extra[SEEN] = {**_seen(wire), **_by_key(people.people)}
    tell_people(wire, people.people)
    _tell_labels(wire, people.people)


def _tell_labels(wire: IrcWire, people: Sequence[PersonHere]) -> None:
    """What programs say of those who are here, as far as the client wants to be told of that."""
    for line in of_people(wire, [one.user for one in people if one.here]) if keys_of(wire) else ():
        wire.say(line)


def _by_key(people: Sequence[PersonHere]) -> Seen:
    return {UserName.recall(one.user).key: one for one in people}


def _full(wire: IrcWire, names: list[str]) -> None:
    wire.numeric(num.ERR_MONLISTFULL, str(MAX_WATCHED), ",".join(names), "Monitor list is full.")


def _remove(wire: IrcWire, message: Message) -> Conversation | None:
    here = watched(wire)
    gone = [name for name in valid(message[1].split(",")) if name.key in here]
    if not gone:
        return None
    for name in gone:
        here.pop(name.key, None)
        _seen(wire).pop(name.key, None)
    return _stop(tuple(gone))


def _stop(names: tuple[UserName, ...]) -> Conversation:
    yield Watch(users=names, on=False)


def _clear(wire: IrcWire, message: Message) -> Conversation | None:
    names = tuple(map(UserName.recall, watched(wire).values()))
    watched(wire).clear()
    _seen(wire).clear()
    return _stop(names) if names else None


def _show(wire: IrcWire, message: Message) -> None:
    _tell(wire, num.RPL_MONLIST, list(watched(wire).values()))
    wire.numeric(num.RPL_ENDOFMONLIST, "End of MONITOR list")


def _status(wire: IrcWire, message: Message) -> Conversation | None:
    names = tuple(map(UserName.recall, watched(wire).values()))
    return _ask(wire, names) if names else None


def _ask(wire: IrcWire, names: tuple[UserName, ...]) -> Conversation:
    people = yield Here(users=names)
    assert isinstance(people, PeopleHere)
    tell_people(wire, people.people)


def tell_people(wire: IrcWire, people: Sequence[PersonHere]) -> None:
    """730 and 731: who is here, and who is not."""
    here = [wire.host.source(one.user, one.user_id) for one in people if one.here]
    _tell(wire, num.RPL_MONONLINE, here)
    _tell(wire, num.RPL_MONOFFLINE, [_last_nick(wire, one) for one in people if not one.here])


def _last_nick(wire: IrcWire, gone: PersonHere) -> str:
    """How somebody wrote their name who is about to be gone."""
    known = wire.host.known(gone.user)
    return spelled(gone.user if known is None else known.nick)


def _tell(wire: IrcWire, numeric: str, words: list[str]) -> None:
    most = MAX_BYTES - len(f":{wire.host.name} {numeric} {wire.nick} :\r\n".encode())
    for line in lines_of(words, most, ","):
        wire.numeric(numeric, line)


# What is told by itself


def moved(wire: IrcWire, reply: PeopleHere) -> None:
    """Somebody whom the client watches has come or gone, or appears otherwise."""
    seen = _seen(wire)
    for one in reply.people:
        key = UserName.recall(one.user).key
        before = seen.get(key)
        seen[key] = one
        if before is None or before.here != one.here:
            tell_people(wire, (one,))
            _tell_labels(wire, (one,))
        elif one.here and Cap.EXTENDED_MONITOR in wire.caps:
            _appears(wire, before, one)


def _appears(wire: IrcWire, before: PersonHere, now: PersonHere) -> None:
    """What a client in the same room is told, https://ircv3.net/specs/extensions/extended-monitor."""
    if any(seat.shared for seat in wire.host.directory.seats(wire.nick, now.user)):
        return  # where it is told
    source = wire.host.source(now.user, now.user_id)
    if Cap.AWAY_NOTIFY in wire.caps and (before.status, before.note) != (now.status, now.note):
        words = () if now.status is Status.HERE else (now.note or now.status.value,)
        wire.send("AWAY", *words, source=source)
    if Cap.ACCOUNT_NOTIFY in wire.caps and before.account != now.account:
        wire.send("ACCOUNT", now.user if now.account else "*", source=source)


_VERBS: dict[str, Callable[[IrcWire, Message], Conversation | None]] = {
    "+": _add,
    "-": _remove,
    "C": _clear,
    "L": _show,
    "S": _status,
}

ROWS = {"MONITOR": Row(monitor, 1)}
