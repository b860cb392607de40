"""Who moderates a room is told who knocks at it, when something new waits in its queue."""

from __future__ import annotations

from functools import partial
from typing import cast

from hubbub.domain.commands import Queue
from hubbub.domain.names import RoomName
from hubbub.domain.replies import QueueList, RoomStanding
from hubbub.domain.rules import Queued
from hubbub.wire.irc import numerics as num
from hubbub.wire.irc.commands.rooms import is_in
from hubbub.wire.irc.conversation import Conversation, Rejected
from hubbub.wire.irc.message import Message
from hubbub.wire.irc.names import channel
from hubbub.wire.irc.wire import IrcWire

KNOCKS = "knocks"  # in `IrcWire.extra`: the last one that was told, by the key of the room
ASKS = "has asked for an invite."


def something_waits(wire: IrcWire, reply: RoomStanding) -> None:
    """What holds in a room has changed: something may wait there."""
    room = RoomName.recall(reply.room)
    if reply.standing.waiting and is_in(wire, room):
        wire.later(Message("KNOCK"), partial(_tell_knocks, room), f"knocks {room.key}")


def _tell_knocks(room: RoomName, wire: IrcWire, message: Message) -> Conversation:
    """710, for each that was not told yet."""
    try:
        queue = yield Queue(room=room)
    except Rejected:
        return  # who moderates no more is not told
    assert isinstance(queue, QueueList)
    extra = wire.extra = wire.extra or {}
    told = cast("dict[str, int]", extra.setdefault(KNOCKS, {}))
    for item in queue.items:
        if item.kind is Queued.KNOCK and item.seq > told.get(room.key, 0):
            who = wire.host.source(item.by, item.by_id)
            words = f"{ASKS} {item.text}".rstrip()
            wire.numeric(num.RPL_KNOCK, channel(room), who, words)
            told[room.key] = item.seq
