"""A closed account is forgotten: each room in which it did something is told so, once.

It is an errand that takes a while, as the log has to be looked through. Each server does it, and
does it again after a start: what is done already has a nonce, by which the log knows it again.
"""

from __future__ import annotations

import asyncio
from enum import Enum
from functools import partial

from hubbub.domain.directory import DIRECTORY
from hubbub.domain.errors import ChatError, ShuttingDown
from hubbub.domain.events import FORMER_MEMBER, UNSEQUENCED, AccountClosed, AuthorForgotten
from hubbub.domain.names import RoomName
from hubbub.domain.queues import NOWHERE
from hubbub.hub.ports import Done, Draft
from hubbub.hub.services import Services

LATE_EVENTS = 2000  # of the directory in which closed accounts are looked for at the start,
LATE_ACCOUNTS = 20  # of which the last ones may not be forgotten everywhere
ROUNDS = 5  # in each, what has come late is forgotten, too
RETRY_SECONDS = 5.0  # before a log that cannot be read, or takes nothing, is tried again


async def carry_on(hub: Services) -> None:
    """Ends what was under way when the server stopped."""
    head = hub.access.directory.head
    try:
        events = await hub.log.read(DIRECTORY.key, max(0, head - LATE_EVENTS), head)
    except ChatError:
        return  # at the next start
    closed = [event for event in events if isinstance(event, AccountClosed)]
    for event in closed[-LATE_ACCOUNTS:]:
        await forget(hub, event)


async def forget(hub: Services, closed: AccountClosed) -> None:
    """Forgets the account of ``closed`` in all rooms."""
    number = 0
    while number < ROUNDS:
        left = await _forget_once(hub, closed, number)
        if left is Left.NONE:
            return
        if left is Left.SOME:
            await asyncio.sleep(RETRY_SECONDS)
        else:
            number += 1


class Left(Enum):
    """What there is to be done yet."""

    NONE = "none"
    LATE = "late"
    """What has come meanwhile, if anything has."""
    SOME = "some"
    """The log, or a room, was not ready for it."""


async def _forget_once(hub: Services, closed: AccountClosed, number: int) -> Left:
    if closed.by_id is None:
        return Left.NONE
    try:
        found = await hub.log.traces(closed.by_id)
    except ChatError:
        return Left.SOME
    left = Left.LATE if found else Left.NONE
    for name in found:
        room = hub.rooms.named(name.key)
        if room is None and name != NOWHERE:
            continue  # it was deleted meanwhile
        if room is not None and (hub.rooms.of_queue(room) or room).frozen:
            left = Left.SOME
            continue
        outcome = await hub.outcome(partial(_draft, hub, closed, name, number))
        if isinstance(outcome.error, ShuttingDown):
            return Left.NONE  # until the next start
        if outcome.error is not None:
            left = Left.SOME
    return left


def _draft(hub: Services, closed: AccountClosed, name: RoomName, number: int, done: Done) -> Draft:
    room = hub.rooms.named(name.key)
    key = name.key if room is None else room.first_key
    event = AuthorForgotten(
        UNSEQUENCED, hub.clock(), FORMER_MEMBER, closed.emptied, by_id=closed.by_id
    )
    nonce = f" forgotten {closed.seq} {number} {key}"
    if room is not None:
        return room.draft(event, nonce=nonce, done=done)
    return Draft(name, event, nonce=nonce, done=done)
