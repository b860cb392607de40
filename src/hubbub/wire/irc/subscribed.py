"""Which labels a client wants to be told of, and how it is told (draft/metadata-3).

https://ircv3.net/specs/extensions/metadata
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from hubbub.domain.events import AnyEvent, Joined, RulesSet
from hubbub.domain.names import RoomName
from hubbub.domain.replies import Labelled
from hubbub.wire.irc import numerics as num
from hubbub.wire.irc.message import written
from hubbub.wire.irc.names import channel, spelled
from hubbub.wire.irc.past import Batch
from hubbub.wire.irc.wire import IrcWire

KEYS = "metadata keys"  # in `IrcWire.extra`: those that the client has subscribed to
OWN = "metadata set"  # there, too: what it is just setting itself
METADATA = "metadata"  # a type of batches
EVERYBODY = "*"  # sees all of it
MOST_AT_ONCE = 500  # people of whom a client is told that comes in; of more, when it asks

Changes = Mapping[str, str | None]


def keys_of(wire: IrcWire) -> tuple[str, ...]:
    """The labels that the client wants to be told of."""
    found = wire.extra.get(KEYS) if wire.extra else None
    return found if isinstance(found, tuple) else ()


def line(wire: IrcWire, target: str, key: str, value: str | None) -> str:
    """761 or 766: the value of a label, or that there is none."""
    nick, host = wire.nick or "*", wire.host.name
    if value is None:
        return written(num.RPL_KEYNOTSET, nick, target, key, "is not set", source=host)
    return written(num.RPL_KEYVALUE, nick, target, key, EVERYBODY, value, source=host)


def wanted(
    wire: IrcWire, target: str, changes: Changes, keys: Sequence[str] | None = None
) -> list[str]:
    """What the client is told of ``changes``. ``keys``: all that it wants to be told of."""
    return [
        line(wire, target, key, changes[key])
        for key in (keys_of(wire) if keys is None else keys)
        if key in changes
    ]


def of_people(
    wire: IrcWire, names: Sequence[str], keys: Sequence[str] | None = None
) -> Iterator[str]:
    """What the client is told of these people."""
    for name in names:
        labels = wire.host.directory.labels(name)
        if labels:
            yield from wanted(wire, spelled(name), labels, keys)


def of_event(wire: IrcWire, room: RoomName, event: AnyEvent) -> list[str]:
    """What ``event`` tells the client beside its messages."""
    if not keys_of(wire):
        return []
    if isinstance(event, RulesSet) and event.labels:
        return wanted(wire, channel(room), event.labels)
    if isinstance(event, Joined) and event.by_id != wire.user_id:
        return list(of_people(wire, [event.by]))
    return []


def tell_room(
    wire: IrcWire,
    target: str,
    labels: Changes,
    users: Sequence[str],
    keys: Sequence[str] | None = None,
) -> None:
    """What the client wants to know of a room, and of those in it."""
    if not keys_of(wire):
        return
    if len(users) > MOST_AT_ONCE:
        wire.numeric(num.RPL_METADATASYNCLATER, target)
        return
    lines = [*wanted(wire, target, labels, keys), *of_people(wire, users, keys)]
    if lines:
        in_batch(wire, target, lines)


def in_batch(wire: IrcWire, target: str, lines: Sequence[str]) -> None:
    """Lines about ``target``, together."""
    batch = Batch(wire, METADATA, target)
    for one in lines:
        batch.add(one)
    batch.close()


def changed(wire: IrcWire, reply: Labelled) -> None:
    """Labels of somebody whom the client sees are others now, and not by its own doing."""
    own = wire.extra.get(OWN) if wire.extra else None
    mine = own if isinstance(own, dict) and reply.user_id == wire.user_id else {}
    others = {
        key: value for key, value in reply.labels.items() if key not in mine or mine[key] != value
    }
    for told in wanted(wire, spelled(reply.user), others):
        wire.say(told)
