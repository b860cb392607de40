"""METADATA: what programs say of people and rooms, by keys (draft/metadata-3).

https://ircv3.net/specs/extensions/metadata
"""

from __future__ import annotations

import re
from collections.abc import Callable, Generator, Mapping, Sequence
from functools import partial

from msgspec import Struct

from hubbub.domain.commands import Command, SetProfile, SetRules, Who
from hubbub.domain.errors import ChatError
from hubbub.domain.labels import LABEL_PATTERN, MAX_LABEL_CHARS, check_labels, labelled
from hubbub.domain.names import RoomName, UserName
from hubbub.domain.replies import Members, Refused, Reply
from hubbub.wire.irc import numerics as num
from hubbub.wire.irc.capabilities import MAX_KEYS, Cap
from hubbub.wire.irc.commands.whois import first_word, valid
from hubbub.wire.irc.conversation import Conversation, Rejected, Row
from hubbub.wire.irc.message import Message, written
from hubbub.wire.irc.names import channel, is_channel, room_of, spelled
from hubbub.wire.irc.past import Batch
from hubbub.wire.irc.subscribed import (
    KEYS,
    METADATA,
    OWN,
    in_batch,
    keys_of,
    line,
    of_people,
    tell_room,
    wanted,
)
from hubbub.wire.irc.wire import IrcWire

KEYS_A_LINE = 10
ME = "*"
_KEY = re.compile(LABEL_PATTERN)

INVALID_TARGET = "INVALID_TARGET"
INVALID_KEY = "INVALID_KEY"
INVALID_VALUE = "INVALID_VALUE"
NO_PERMISSION = "KEY_NO_PERMISSION"
LIMIT_REACHED = "LIMIT_REACHED"
RATE_LIMITED = "RATE_LIMITED"
_FAILED = {
    "bad-message": INVALID_VALUE,
    "filtered": INVALID_VALUE,
    "invalid-name": INVALID_TARGET,
    "no-such-room": INVALID_TARGET,
    "too-many": LIMIT_REACHED,
    "rate-limited": RATE_LIMITED,
    "log-unavailable": RATE_LIMITED,
}
"""The codes of ``FAIL METADATA``; all other refusals say that somebody may not."""


class About(Struct, frozen=True):
    """Whom, or which ``room``, a command is about, as they are called; their labels.

    ``users``: of whom they are, or who is in the room. ``own``: it is the client itself.
    """

    target: str
    labels: Mapping[str, str]
    users: Sequence[str] = ()
    room: RoomName | None = None
    own: bool = False


Looking = Generator[Command | Sequence[Command] | None, Reply, About | None]
Verb = Callable[[IrcWire, Message], Conversation | None]


def metadata(wire: IrcWire, message: Message) -> Conversation | None:
    """METADATA."""
    verb = _VERBS.get(message[1].upper())
    if verb is None:
        word = first_word(message[1])
        wire.send("FAIL", "METADATA", "INVALID_SUBCOMMAND", word, "There is no such subcommand.")
        return None
    return verb(wire, message)


def _fail(wire: IrcWire, code: str, target: str, key: str, words: str) -> None:
    params = {
        INVALID_KEY: (key,),
        INVALID_VALUE: (key,),
        NO_PERMISSION: (target, key),
        RATE_LIMITED: (target, key, ME),
    }.get(code, (target,))
    wire.send("FAIL", "METADATA", code, *params, words)


def _refused(wire: IrcWire, refused: Refused, target: str, key: str) -> None:
    _fail(wire, _FAILED.get(refused.code, NO_PERMISSION), target, key, refused.message)


def is_key(key: str) -> bool:
    """Whether a label may be called that."""
    return len(key) <= MAX_LABEL_CHARS and _KEY.fullmatch(key) is not None


# Whom it is about


def _look(wire: IrcWire, word: str) -> Looking:
    """Finds whom it is about; tells the client if there is nobody, or no room that it may see."""
    if is_channel(word) and wire.registration is None:
        return (yield from _look_at_room(wire, word))
    found = _person(wire, word)
    if found is None:
        _fail(wire, INVALID_TARGET, first_word(word), "", "There is nobody of that name here.")
    return found


def _look_at_room(wire: IrcWire, word: str) -> Looking:
    target = first_word(word)
    try:
        room = room_of(word)
        members = yield Who(room=room)
    except ChatError as error:
        _fail(wire, INVALID_TARGET, target, "", error.message)
        return None
    except Rejected as error:
        _fail(wire, INVALID_TARGET, target, "", error.refused.message)
        return None
    assert isinstance(members, Members)
    labels = {} if members.standing is None else members.standing.labels
    return About(channel(members.room), labels, members.users, RoomName.recall(members.room))


def _person(wire: IrcWire, word: str) -> About | None:
    if wire.registration is not None:
        own = word in (ME, wire.registration.nick)
        return About(ME, wire.registration.labels, own=True) if own else None
    names = (UserName.recall(wire.nick),) if word == ME else valid([word])
    if not names:
        return None
    own = names[0].key == UserName.recall(wire.nick).key
    name = wire.nick if own else names[0]
    labels = wire.host.directory.labels(name)
    if labels is None and not own:
        return None
    return About(spelled(name), labels or {}, (name,), own=own)


# What is known


def _get(wire: IrcWire, message: Message) -> Conversation:
    about = yield from _look(wire, message[0])
    if about is None:
        return
    batch = Batch(wire, METADATA, about.target)
    for key in message.params[2:]:
        if is_key(key):
            batch.add(line(wire, about.target, key, about.labels.get(key)))
        else:
            words = (INVALID_KEY, first_word(key), "That is no key.")
            batch.add(written("FAIL", "METADATA", *words, source=wire.host.name))
    batch.close()


def _list(wire: IrcWire, message: Message) -> Conversation:
    about = yield from _look(wire, message[0])
    if about is not None:
        told = [line(wire, about.target, key, value) for key, value in about.labels.items()]
        in_batch(wire, about.target, told)


def _sync(wire: IrcWire, message: Message) -> Conversation:
    about = yield from _look(wire, message[0])
    if about is not None:
        of_room = [] if about.room is None else wanted(wire, about.target, about.labels)
        in_batch(wire, about.target, [*of_room, *of_people(wire, about.users)])


# What is to be


def _set(wire: IrcWire, message: Message) -> Conversation:
    key, target = message[2], first_word(message[0])
    value = message[3] if len(message.params) > 3 else None
    if not is_key(key):
        _fail(wire, INVALID_KEY, target, first_word(key), "That is no key.")
        return
    about = yield from _look(wire, message[0])
    if about is not None and (yield from _change(wire, about, {key: value}, key)):
        wire.say(line(wire, about.target, key, value))


def _clear(wire: IrcWire, message: Message) -> Conversation:
    about = yield from _look(wire, message[0])
    if about is None:
        return
    gone = dict.fromkeys(about.labels)
    if (yield from _change(wire, about, gone, ME)):
        in_batch(wire, about.target, [line(wire, about.target, key, None) for key in gone])


def _change(
    wire: IrcWire, about: About, changes: dict[str, str | None], key: str
) -> Generator[Command | Sequence[Command] | None, Reply, bool]:
    """Returns whether it is done; the client is told if it is not."""
    if about.room is None and not about.own:
        words = f"Only {about.target} says that."
        _fail(wire, NO_PERMISSION, about.target, key, words)
        return False
    if not changes:
        return True
    try:
        check_labels(about.labels, changes)
        yield from _ask_for(wire, about, changes)
    except Rejected as error:
        _refused(wire, error.refused, about.target, key)
    except ChatError as error:
        _refused(wire, Refused.of(error), about.target, key)
    else:
        return True
    return False


def _ask_for(wire: IrcWire, about: About, changes: dict[str, str | None]) -> Conversation:
    if wire.registration is not None:
        wire.registration.labels = labelled(wire.registration.labels, changes)
    elif about.room is not None:
        yield SetRules(room=about.room, labels=changes)
    else:
        wire.extra = {**(wire.extra or {}), OWN: changes}
        try:
            yield SetProfile(labels=changes)
        finally:
            wire.extra.pop(OWN, None)


def begin(wire: IrcWire, labels: dict[str, str]) -> Conversation:
    """Who has come is told what is known of them, with the ``labels`` that they have set before."""
    if labels:
        try:
            yield SetProfile(labels={**labels})
        except Rejected as error:
            _refused(wire, error.refused, wire.nick, ME)
    if Cap.METADATA in wire.caps:
        known = wire.host.directory.labels(wire.nick) or {}
        in_batch(wire, wire.nick, [line(wire, wire.nick, *one) for one in known.items()])


# What the client wants to be told of


def _sub(wire: IrcWire, message: Message) -> None:
    keys, known = list(keys_of(wire)), keys_of(wire)
    done = []
    for key in message.params[2:]:
        if not is_key(key):
            _fail(wire, INVALID_KEY, ME, first_word(key), "That is no key.")
            continue
        if key not in keys and len(keys) >= MAX_KEYS:
            words = f"You have subscribed to {MAX_KEYS} keys, as many as may be."
            wire.send("FAIL", "METADATA", "TOO_MANY_SUBS", key, words)
            break
        keys += [] if key in keys else [key]
        done.append(key)
    wire.extra = {**(wire.extra or {}), KEYS: tuple(keys)}
    _tell(wire, num.RPL_METADATASUBOK, list(dict.fromkeys(done)))
    new = [key for key in keys if key not in known]
    if new and wire.registration is None:
        for room in wire.rooms:  # each when it is its turn: in all it may be a lot
            wire.later(Message("METADATA"), partial(_tell_of, room, new))


def _tell_of(room: RoomName, keys: list[str], wire: IrcWire, message: Message) -> None:
    """What others have said of a room, and of those in it, by keys that the client has asked for
    just now.
    """
    if any(one.key == room.key for one in wire.rooms):
        people = [str(one.name) for one in wire.host.directory.members(room)]
        labels = wire.host.directory.facts(room).labels
        tell_room(wire, channel(room), labels, people, keys)


def _unsub(wire: IrcWire, message: Message) -> None:
    gone = [key for key in message.params[2:] if is_key(key)]
    for key in message.params[2:]:
        if not is_key(key):
            _fail(wire, INVALID_KEY, ME, first_word(key), "That is no key.")
    left = tuple(key for key in keys_of(wire) if key not in gone)
    if wire.extra is not None:
        wire.extra.pop(KEYS, None)
        wire.extra.update({KEYS: left} if left else {})
    _tell(wire, num.RPL_METADATAUNSUBOK, list(dict.fromkeys(gone)))


def _subs(wire: IrcWire, message: Message) -> None:
    batch = Batch(wire, "metadata-subs")
    for words in _lines(list(keys_of(wire))):
        told = (num.RPL_METADATASUBS, wire.nick or "*", *words)
        batch.add(written(*told, source=wire.host.name))
    batch.close()


def _tell(wire: IrcWire, numeric: str, keys: list[str]) -> None:
    for words in _lines(keys):
        wire.numeric(numeric, *words)


def _lines(keys: list[str]) -> list[list[str]]:
    return [keys[at : at + KEYS_A_LINE] for at in range(0, len(keys), KEYS_A_LINE)]


_VERBS: Mapping[str, Verb] = {
    "GET": _get,
    "LIST": _list,
    "SET": _set,
    "CLEAR": _clear,
    "SUB": _sub,
    "UNSUB": _unsub,
    "SUBS": _subs,
    "SYNC": _sync,
}

ROWS = {"METADATA": Row(metadata, 2, early=True)}
