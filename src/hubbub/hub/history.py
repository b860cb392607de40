"""Pages of a room's log by cursor: the events before, after or around a ``seq``."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from msgspec.structs import replace

from hubbub.domain.commands import MAX_HISTORY
from hubbub.domain.directory import as_told, is_directory
from hubbub.domain.errors import BadMessage
from hubbub.domain.events import AnyEvent
from hubbub.domain.projection import up_to_date
from hubbub.domain.replies import Page
from hubbub.hub.fairqueue import FairQueue, always, to_its_end
from hubbub.hub.pages import PAGE_BYTES, first_piece, last_piece
from hubbub.hub.ports import Log
from hubbub.hub.room import HubRoom


class Span:
    """The events ``after < seq <= upto`` of a page, and which end to keep if it is too big."""

    __slots__ = ("_begin", "after", "around", "floor", "oldest_first", "upto")

    def __init__(
        self,
        head: int,
        *,
        before: int | None = None,
        after: int | None = None,
        around: int | None = None,
        limit: int,
        floor: int = 0,
    ) -> None:
        """``floor``: what is up to there is left out, as if it was nothing.

        Raises `BadMessage` when more than one place or a limit out of range is given.
        """
        check_place(before, after, around, limit)
        self.floor = floor
        self.oldest_first = after is not None
        self._begin = 1 if after is None else after + 1
        if after is not None:
            self.around = None
            self.after = max(floor, min(after, head))
            self.upto = max(floor, min(head, self.after + limit))
            return
        self.around = None if around is None else max(floor + 1, around)
        if self.around is not None:
            upto = max(floor + limit, self.around + (limit - 1) // 2)
        else:
            upto = head if before is None else before - 1
        self.upto = max(floor, min(head, upto))
        self.after = max(floor, self.upto - limit)

    def in_memory(self, room: HubRoom) -> Page | None:
        """The page when all of it is in memory."""
        events = room.recent(self.after, self.upto)
        return None if events is None else self._page(room, events)

    async def read(self, log: Log, room: HubRoom) -> Page:
        """The page from ``log``; raises as `HubRoom.read`."""
        return self._page(room, await room.read(log, self.after, self.upto))

    def _page(self, room: HubRoom, events: list[AnyEvent]) -> Page:
        """The page of ``events``, which are all of this span, or of fewer if they are long."""
        if is_directory(room.name):
            events = [as_told(event) for event in events]
        kept = self._cut(events)
        first, last = (kept[0].seq, kept[-1].seq) if kept else (self.after + 1, self.upto)
        if first <= max(self.floor, room.floor) + 1:  # which may have risen while this was read
            first = min(first, self._begin)
        return Page(room=room.name, events=kept, head=room.head, first=first, last=last)

    def _cut(self, events: list[AnyEvent]) -> list[AnyEvent]:
        """``events`` within a page's bytes, keeping the end that was asked for."""
        if self.around is not None:
            middle = max(0, min(len(events), self.around - self.after - 1))
            newer = list(first_piece(events[middle:], PAGE_BYTES // 2))
            return list(last_piece(events[:middle], PAGE_BYTES // 2)) + newer
        return list(first_piece(events) if self.oldest_first else last_piece(events))


class AnySpan(Protocol):
    """What is on a page, of the log or of the timeline."""

    def in_memory(self, room: HubRoom) -> Page | None:
        """The page when all of it is in memory; with quotes that are not everybody's."""
        ...

    async def read(self, log: Log, room: HubRoom) -> Page:
        """The page, of fewer events than asked for if they are long; raises as `HubRoom.read`."""
        ...


async def read_in_turn(
    turns: FairQueue,
    client: str,
    log: Log,
    room: HubRoom,
    span: AnySpan,
    wanted: Callable[[], bool] = always,
) -> Page:
    """The page, read from the log when it is the turn of ``client``; see `FairQueue.turn`.

    Many reads that end at the same time would all be answered before anybody else is.
    """

    async def look_again() -> Page:
        return span.in_memory(room) or await span.read(log, room)

    page = span.in_memory(room)
    if page is not None:
        return page
    with room.reading() as meanwhile:
        async with turns.turn(client, wanted):
            page = await to_its_end(look_again())
        return replace(page, events=up_to_date(page.events, meanwhile))


def check_place(before: int | None, after: int | None, around: int | None, limit: int) -> None:
    """Raises `BadMessage` when more than one place or a limit out of range is given."""
    if sum(place is not None for place in (before, after, around)) > 1:
        raise BadMessage("Give only one of before, after and around.")
    if not 1 <= limit <= MAX_HISTORY:
        raise BadMessage(f"The limit of a page is 1 to {MAX_HISTORY} events.")
