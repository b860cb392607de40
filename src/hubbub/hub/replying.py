"""Finds the text that a reply answers: mostly in memory, else in the log."""

from __future__ import annotations

from collections.abc import Sequence

from hubbub.domain.commands import MAX_HISTORY, Say, SayTo
from hubbub.domain.errors import BadMessage, ChatError
from hubbub.domain.events import Event, Said
from hubbub.domain.kinds import is_message
from hubbub.domain.names import UserName
from hubbub.hub.fairqueue import to_its_end
from hubbub.hub.ports import Passage
from hubbub.hub.room import TAIL_EVENTS, HubRoom
from hubbub.hub.services import Services
from hubbub.hub.session import Session

LOOK_BACK = 5 * MAX_HISTORY  # events in which somebody's newest text is looked for


def reply(hub: Services, session: Session, room: HubRoom, command: Say, text: str) -> None:
    """Says the checked ``text`` as the answer that ``command`` asks for, at once if that can be.

    Raises `BadMessage` for what cannot be answered.
    """
    if command.reply_to is not None:
        room.state.check_reply(command.reply_to)
    answered = _in_memory(room, command)
    if answered is not None:
        _say(hub, session, room, command, text, answered)
        return
    session.busy = True  # so that the texts behind this one stay behind it
    hub.spawn(_reply_later(hub, session, room, command, text), session.share)


async def _reply_later(
    hub: Services, session: Session, room: HubRoom, command: Say, text: str
) -> None:
    def wanted() -> bool:
        return not session.ended

    try:
        async with hub.pages.turn(hub.reader(session), wanted):
            answered = await to_its_end(_in_log(hub, room, command))
        # A session that is gone got no ack: its client sends the text again when it is back.
        if not session.ended:
            _say(hub, session, room, command, text, answered)
    except ChatError as error:
        await hub.refuse_unless_done(session, command, error)
    hub.done(session)


def _say(
    hub: Services, session: Session, room: HubRoom, command: Say, text: str, answered: Event
) -> None:
    assert session.user is not None
    user, at = session.user, hub.clock()
    said = room.state.say(user.name, text, at, answered, outside=command.outside, by_id=user.id)
    hub.journal.submit(session, room, command, said)


def _in_memory(room: HubRoom, command: Say) -> Event | None:
    if isinstance(command, SayTo):
        newest = room.recent(max(0, room.head - TAIL_EVENTS), room.head)
        text = _newest_text(newest or (), command.to)
        return None if text is None else room.present([text])[0]
    seq = command.reply_to
    assert seq is not None
    return next(iter(room.present(room.recent(seq - 1, seq) or ())), None)


async def _in_log(hub: Services, room: HubRoom, command: Say) -> Event:
    """What is answered, as it is now; an event that is no line as it was.

    Raises `BadMessage` when there is no such text, and what `HubRoom.read` raises.
    """
    if not isinstance(command, SayTo):
        seq = command.reply_to
        assert seq is not None
        lines = await room.read_lines(hub.log, Passage(seq - 1, seq, 1))
        (event,) = lines.events or await room.read(hub.log, seq - 1, seq)
        return event
    upto = room.head
    oldest = max(0, upto - LOOK_BACK)
    while upto > oldest:
        lines = await room.read_lines(hub.log, Passage(oldest, upto, MAX_HISTORY))
        event_or_none = _newest_text(lines.events, command.to)
        if event_or_none is not None:
            return event_or_none
        upto = lines.first - 1
    raise BadMessage(
        f'Nobody called "{command.to}" has said anything in {room.name} lately, so there is '
        "nothing to reply to. Nothing was said."
    )


def _newest_text(events: Sequence[Event], by: UserName) -> Said | None:
    for event in reversed(events):
        if is_message(event) and UserName.recall(event.by).key == by.key:
            return event
    return None
