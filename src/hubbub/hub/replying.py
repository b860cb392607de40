"""Finds the message that is answered, reported or amended: mostly in memory, else in the log."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from hubbub.domain.commands import MAX_HISTORY, Say, SayTo
from hubbub.domain.errors import BadMessage, ChatError
from hubbub.domain.events import AnyEvent, Event, Said
from hubbub.domain.ids import UserId
from hubbub.domain.kinds import is_message
from hubbub.domain.names import UserName
from hubbub.domain.projection import up_to_date
from hubbub.hub.fairqueue import to_its_end
from hubbub.hub.ports import Passage
from hubbub.hub.room import HubRoom
from hubbub.hub.services import Services
from hubbub.hub.session import Session

LOOK_BACK = 5 * MAX_HISTORY  # events in which somebody's newest text is looked for


def reply(hub: Services, session: Session, room: HubRoom, command: Say, text: str) -> None:
    """Says the checked ``text`` as the answer that ``command`` asks for, at once if that can be.

    Raises `BadMessage` for what cannot be answered.
    """
    which, floor = Which.of(command), hub.access.floor(session.user, room)
    answered = which.in_memory(room, floor)
    if answered is not None:
        _say(hub, session, room, command, text, answered)
        return
    session.busy = True  # so that the texts behind this one stay behind it
    hub.spawn(_reply_later(hub, session, room, command, text, which), session.share)


async def _reply_later(
    hub: Services, session: Session, room: HubRoom, command: Say, text: str, which: Which
) -> None:
    try:
        answered = await which.in_log(hub, session, room)
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
    said = room.state.say(
        user.name,
        text,
        at,
        answered,
        outside=command.outside,
        by_id=user.id,
        notice=command.notice,
        tags=command.tags,
    )
    hub.journal.submit(session, room, command, said)


class Which(NamedTuple):
    """Which message of a room: that number, or the newest one ``by`` somebody, or of all.

    ``by_id``: the newest one of the user with that id. Those that were taken back are no newest.
    """

    seq: int | None = None
    by: UserName | None = None
    by_id: UserId | None = None

    @classmethod
    def of(cls, command: Say) -> Which:
        """The one that ``command`` answers."""
        return cls(by=command.to) if isinstance(command, SayTo) else cls(command.reply_to)

    def in_memory(self, room: HubRoom, floor: int) -> Event | None:
        """As it is now, if it is in memory, but for reactions, which its form has
        (`hubbub.hub.tail`). Raises `BadMessage` if it cannot be there.

        Nothing up to ``floor`` is there for who asks.
        """
        if self.seq is not None:
            room.state.check_there(self.seq, floor)
            return room.tail.message(self.seq)
        return self._newest(room.tail.backwards(floor))

    async def in_log(self, hub: Services, session: Session, room: HubRoom) -> Event:
        """As it is now; an event that is no line as it was. It waits for the turn of ``session``.

        Raises `BadMessage` when there is no such message, and what `HubRoom.read` raises.
        """
        floor = hub.access.floor(session.user, room)
        with room.reading() as meanwhile:
            async with hub.pages.turn(hub.reader(session), lambda: not session.ended):
                found = await to_its_end(self._look(hub, room, floor))
            return up_to_date([found], meanwhile)[0]

    async def find(self, hub: Services, session: Session, room: HubRoom) -> Event:
        """As it is now, in memory or in the log; raises as `in_log`."""
        floor = hub.access.floor(session.user, room)
        return self.in_memory(room, floor) or await self.in_log(hub, session, room)

    async def _look(self, hub: Services, room: HubRoom, floor: int) -> AnyEvent:
        if self.seq is not None:
            known = room.tail.message(self.seq)  # others have looked it up meanwhile
            if known is not None:
                return known
            lines = await room.read_lines(hub.log, Passage(self.seq - 1, self.seq, 1))
            events = lines.events or await room.read(hub.log, self.seq - 1, self.seq)
            room.state.check_there(self.seq, room.floor)  # it may be gone since
            return events[0]
        upto = room.head
        oldest = max(floor, upto - LOOK_BACK)
        while upto > oldest:
            lines = await room.read_lines(hub.log, Passage(oldest, upto, MAX_HISTORY))
            newest = self._newest(reversed(lines.events))
            if newest is not None:
                return newest
            upto = lines.first - 1
        raise self._nothing(room)

    def _newest(self, backwards: Iterable[AnyEvent]) -> Said | None:
        for event in backwards:
            if is_message(event) and event.redacted is None and self._is_by(event):
                return event
        return None

    def _is_by(self, said: Said) -> bool:
        if self.by_id is not None:
            return said.by_id == self.by_id
        return self.by is None or UserName.recall(said.by).key == self.by.key

    def _nothing(self, room: HubRoom) -> BadMessage:
        who = f'Nobody called "{self.by}" has' if self.by is not None else "Nobody has"
        if self.by_id is not None:
            who = "You have not"
        return BadMessage(f"{who} said anything in {room.name} lately. Nothing was done.")
