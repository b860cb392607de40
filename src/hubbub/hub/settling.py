"""Deciding what waits in a room's queue.

What follows from it is in the room's log before the queue's log says that it is decided. A crash in
between leaves the item where it is; deciding it again says, or lets in, nobody twice.
"""

from __future__ import annotations

from collections.abc import Container, Sequence
from functools import partial

from hubbub.domain import commands as ask
from hubbub.domain.errors import BadMessage, ChatError, NoSuchUser, NotAllowed
from hubbub.domain.events import (
    UNSEQUENCED,
    AnyEvent,
    Event,
    Invited,
    PutInQueue,
    Redacted,
    Settled,
    Trusted,
)
from hubbub.domain.ids import UserId
from hubbub.domain.kinds import is_message
from hubbub.domain.names import UserName
from hubbub.domain.queues import PREFIX
from hubbub.domain.replies import Done
from hubbub.domain.rights import Action
from hubbub.domain.rules import Queued, QueueItem
from hubbub.hub import queues
from hubbub.hub.access import named
from hubbub.hub.answering import answer_later
from hubbub.hub.directory import settled
from hubbub.hub.invitations import check_may_be_invited, make_place
from hubbub.hub.replying import Which
from hubbub.hub.resending import nonce_in
from hubbub.hub.room import HubRoom
from hubbub.hub.services import Services
from hubbub.hub.session import Session, User


def settle(hub: Services, session: Session, command: ask.Settle, user: User, room: HubRoom) -> None:
    """Decides it; of two who do that at once, one is told that the other has."""
    hub.take_disk(session, command, user.name)

    async def work() -> Done:
        async with hub.locks.of(queues.lock_of(room)):
            hub.access.check_still(named(session), Action.AUDIT, room)
            item = _item(room, command.item)
            if command.approve and item.kind is Queued.HELD:
                await _say(hub, session, room, item)
            elif command.approve and item.kind is Queued.KNOCK:
                await _let_in(hub, named(session), room, item)
            await _settled(hub, named(session), room, item, approve=command.approve)
        return Done()

    answer_later(hub, session, command, work)


def _item(room: HubRoom, number: int) -> QueueItem:
    for item in room.waiting:
        if item.seq == number:
            return item
    queue = room.queue
    past = () if queue is None else queue.recent(queue.in_memory_after, queue.head) or ()
    for event in past:
        if isinstance(event, Settled) and event.queued == number:
            raise BadMessage(f"{event.by} has settled that already. To see what waits: /queue")
    raise BadMessage(f"Number {number} does not wait in {room.name}. To see what does: /queue")


async def _settled(
    hub: Services, user: User, room: HubRoom, item: QueueItem, *, approve: bool
) -> None:
    queues.check_writable(hub, room)
    assert room.queue is not None
    now, seq = hub.clock(), item.seq
    event = Settled(UNSEQUENCED, now, user.name, queued=seq, approved=approve, by_id=user.id)
    await settled(hub, partial(room.queue.draft, event))


async def _append(hub: Services, room: HubRoom, event: AnyEvent, nonce: str | None = None) -> None:
    queues.check_writable(hub, room)
    room.writes_coming += 1
    try:
        await settled(hub, partial(room.draft, event, nonce=nonce))
    finally:
        room.writes_coming -= 1


# Reports about what is taken back


def taken_back(hub: Services, room: HubRoom, redacted: Redacted) -> None:
    """A report about it waits no more, and what it quotes goes with it."""
    for item in room.waiting:
        if item.about == redacted.target:
            _drop(hub, room, item, redacted.by, redacted.by_id)


def check_reports(hub: Services, queue: HubRoom, events: Sequence[AnyEvent]) -> None:
    """``events`` are new in a queue: what they report may have been taken back at that moment."""
    room = hub.rooms.of_queue(queue)
    if room is not None and any(isinstance(event, PutInQueue) for event in events):
        check_waiting(hub, room, {event.seq for event in events})


def check_waiting(hub: Services, room: HubRoom, only: Container[int] | None = None) -> None:
    """Looks whether what is reported is there yet, in all reports that wait or ``only`` some."""
    for item in room.waiting:
        if item.about is not None and (only is None or item.seq in only):
            hub.spawn(_check(hub, room, item, item.about))


async def _check(hub: Services, room: HubRoom, item: QueueItem, about: int) -> None:
    try:
        found = [room.tail.peek(about)]
        if found == [None]:
            found = [*await hub.log.messages(room.which, [about])]
    except ChatError:
        return  # at the next start
    for said in found:
        if is_message(said) and said.redacted is not None and item in room.waiting:
            _drop(hub, room, item, said.redacted.by, said.redacted.by_id)


def _drop(hub: Services, room: HubRoom, item: QueueItem, by: str, by_id: str | None) -> None:
    """Another server may do the same: the log takes it once."""
    if room.queue is not None:
        now, id = hub.clock(), None if by_id is None else UserId(by_id)
        event = Settled(UNSEQUENCED, now, by, queued=item.seq, by_id=id)
        hub.log.append(room.queue.draft(event, nonce=f" taken back {item.seq} {room.first_key}"))


# A text that waits


async def _say(hub: Services, session: Session, room: HubRoom, item: QueueItem) -> None:
    """Says it, as its author, and lets the author's next ones through."""
    nonce = await _nonce(hub, room, item)
    answered = await _answered(hub, session, room, item)
    author = _author(hub, item)
    refused = hub.access.refusal(author, Action.SPEAK, room)
    if refused is not None:
        raise NotAllowed(
            f"{author.name} may not speak in {room.name} just now, so this cannot be said. To "
            f"take it off the list: /refuse {item.seq}"
        )
    name, id = author.name, item.by_id
    said = room.state.say(name, item.text, hub.clock(), answered, outside=True, by_id=id)
    await _append(hub, room, said, nonce)
    if id is not None and id not in room.state.facts.trusted:
        by = named(session)
        await _append(hub, room, Trusted(UNSEQUENCED, hub.clock(), by.name, name, id, by_id=by.id))


async def _nonce(hub: Services, room: HubRoom, item: QueueItem) -> str:
    """By what the log knows the text again: as if it had been said when it was sent."""
    queue, seq = room.queue, item.seq
    assert queue is not None
    (event,) = queue.recent(seq - 1, seq) or await queue.read(hub.log, seq - 1, seq)
    if isinstance(event, PutInQueue) and event.nonce is not None:
        return nonce_in(room, event.nonce)
    return f"{PREFIX}{room.first_key} {seq} {item.at}"


async def _answered(
    hub: Services, session: Session, room: HubRoom, item: QueueItem
) -> Event | None:
    """What it answers, if that is still there."""
    if item.reply_to is None:
        return None
    found = await Which(item.reply_to).find(hub, session, room)
    return found if is_message(found) else None


def _author(hub: Services, item: QueueItem) -> User:
    account = None if item.by_id is None else hub.access.account_of(item.by_id)
    if account is not None:
        return User(account.name, account.id, account=True)
    name = UserName.recall(item.by)
    here = hub.users.get(name.key)
    return here if here is not None and here.id == item.by_id else User(name, item.by_id)


# Somebody who knocks


async def _let_in(hub: Services, user: User, room: HubRoom, item: QueueItem) -> None:
    """Invites them, unless they are, or have come in meanwhile."""
    about = _author(hub, item)
    if not about.account or about.id is None:
        raise NoSuchUser(
            f"{item.by} has no account any more. To take it off the list: /refuse {item.seq}"
        )
    if room.has_member(about.id) or about.id in room.state.facts.invited:
        return
    hub.access.check_still(user, Action.INVITE, room)
    check_may_be_invited(hub, room, about)
    make_place(hub, room, about.id, user)
    event = Invited(UNSEQUENCED, hub.clock(), user.name, about.name, about.id, by_id=user.id)
    await _append(hub, room, event)
