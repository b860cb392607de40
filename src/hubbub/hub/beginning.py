"""Where a session begins in a room if it has asked for a page of the past: see `Join.page`.

The page ends at the cursor from which the session is given what follows, so that nothing is missing
between the two, and nothing comes twice.
"""

from __future__ import annotations

from typing import NamedTuple

from msgspec.structs import replace

from hubbub.domain.commands import Join
from hubbub.domain.replies import Page
from hubbub.domain.rights import Action
from hubbub.hub.access import named
from hubbub.hub.history import read_in_turn
from hubbub.hub.past import page_behind
from hubbub.hub.room import HubRoom
from hubbub.hub.services import Services
from hubbub.hub.session import Session
from hubbub.hub.timeline import LineSpan


class Beginning(NamedTuple):
    """What follows begins behind ``cursor``; what is shown of the past is the ``page``, if any.

    ``reader``: how far the program has read that the `Join` names.
    """

    cursor: int
    page: Page | None = None
    reader: int | None = None


def at_once(
    hub: Services, session: Session, command: Join, room: HubRoom, reader: int | None = None
) -> Beginning | None:
    """The beginning, if all of its page is in memory."""
    wanted = _Wanted(hub, session, command, room, reader)
    if wanted.span is None:
        return Beginning(wanted.upto, None, reader)
    found = wanted.span.in_memory(room)
    return None if found is None else wanted.beginning(found)


async def read(
    hub: Services, session: Session, command: Join, room: HubRoom, reader: int | None = None
) -> Beginning:
    """The beginning, its page read from the log when it is the turn of ``session``.

    Raises as `HubRoom.read`, and what `Access.check_still` raises.
    """
    wanted = _Wanted(hub, session, command, room, reader)
    if wanted.span is None:
        return Beginning(wanted.upto, None, reader)
    found = await read_in_turn(
        hub.pages, hub.reader(session), hub.log, room, wanted.span, lambda: not session.ended
    )
    hub.access.check_still(named(session), Action.READ, room)
    return wanted.beginning(found)


class _Wanted:
    """Which lines a page is to have, if there is to be one."""

    def __init__(
        self,
        hub: Services,
        session: Session,
        command: Join,
        room: HubRoom,
        reader: int | None,
    ) -> None:
        self._hub = hub
        self._session = session
        self._room = room
        self._reader = reader
        self.upto = room.head
        known = reader if command.after is None else command.after
        self._after = min(known or 0, self.upto)
        self.span: LineSpan | None = None
        if command.page:
            floor = max(self._after, hub.access.floor(session.user, room))
            self.span = LineSpan(self.upto, limit=command.page, floor=floor)

    def beginning(self, page: Page) -> Beginning:
        """With the ``page`` that was found."""
        floor = self._hub.access.floor(self._session.user, self._room)
        shown = page_behind(floor, page)
        first = max(page.first or 0, self._after + 1)
        return Beginning(self.upto, replace(shown, first=first), self._reader)
