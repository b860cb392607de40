"""Pages of a room's timeline: only lines of their own, each as it is now, and counted as lines."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec.structs import replace

from hubbub.domain.events import AnyEvent
from hubbub.domain.kinds import are_lines, is_message, lines_of
from hubbub.domain.replies import Page
from hubbub.hub.history import check_place
from hubbub.hub.pages import PAGE_BYTES, first_piece, last_piece
from hubbub.hub.ports import Lines, Log, Passage
from hubbub.hub.room import HubRoom


class LineSpan:
    """Which lines a page has: the newest, or those before, after or around a ``seq``.

    Around it they are read from both sides of it, so many that the page is full at either end of
    the room, too.
    """

    __slots__ = ("_begin", "_floor", "_limit", "_passages")

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
        self._limit = limit
        self._floor = floor
        self._begin = 1 if after is None else after + 1
        if around is not None:
            middle = max(floor, min(around, head))
            older = Passage(floor, middle, limit)
            self._passages: tuple[Passage, ...] = (
                older,
                Passage(middle, head, limit, oldest_first=True),
            )
        elif after is not None:
            self._passages = (
                Passage(max(floor, min(after, head)), head, limit, oldest_first=True),
            )
        else:
            upto = head if before is None else max(floor, min(head, before - 1))
            self._passages = (Passage(floor, upto, limit),)

    def in_memory(self, room: HubRoom) -> Page | None:
        """The page when all of it is in memory."""
        found = []
        for passage in self._passages:
            lines = lines_in_memory(room, passage)
            if lines is None:
                return None
            found.append(lines)
        return self._page(room, found)

    async def read(self, log: Log, room: HubRoom) -> Page:
        """The page from ``log``; raises as `HubRoom.read`."""
        found = []
        for passage in self._passages:
            lines = lines_in_memory(room, passage)
            found.append(await room.read_lines(log, passage) if lines is None else lines)
        return self._page(room, found)

    def _page(self, room: HubRoom, found: Sequence[Lines]) -> Page:
        """Fewer lines than asked for if they are long."""
        if len(found) == 1:
            (lines,) = found
            oldest_first = self._passages[0].oldest_first
            kept = _oldest(lines, self._limit) if oldest_first else _newest(lines, self._limit)
        else:
            older, newer = found
            after = max((self._limit - 1) // 2, self._limit - len(older.events))
            newer = _oldest(newer, after, PAGE_BYTES // 2)
            older = _newest(older, self._limit - len(newer.events), PAGE_BYTES // 2)
            kept = Lines([*older.events, *newer.events], older.first, newer.last)
        begins = kept.first <= max(self._floor, room.floor) + 1  # it may have risen meanwhile
        first = min(kept.first, self._begin) if begins else kept.first
        return Page(room=room.name, events=kept.events, head=room.head, first=first, last=kept.last)


def lines_in_memory(room: HubRoom, passage: Passage) -> Lines | None:
    """The lines of ``passage``, if they and what is between them are in memory, as they are now."""
    after = max(passage.after, room.in_memory_after)
    events = room.recent(after, passage.upto)
    if events is None or (passage.oldest_first and after > passage.after):
        return None
    found = lines_of(events)
    found = found[: passage.most] if passage.oldest_first else found[: -passage.most - 1 : -1]
    if len(found) < passage.most and after > passage.after:
        return None
    lines = passage.lines(found, after, passage.upto)
    return Lines(_with_replies(room, lines.events), lines.first, lines.last)


def _with_replies(room: HubRoom, events: list[AnyEvent]) -> list[AnyEvent]:
    """``events``, messages with the number of those that answer them, which are in memory, too."""
    replies = room.tail.replies(events[0].seq) if events else {}
    return (
        [
            replace(event, replies=replies[event.seq])
            if event.seq in replies and is_message(event)
            else event
            for event in events
        ]
        if replies
        else events
    )


def cursor_in_memory(room: HubRoom, upto: int, lines: int) -> int | None:
    """The ``seq`` behind which the newest ``lines`` lines up to ``upto`` are, if memory tells."""
    after = max(0, upto - lines)
    if after == 0:
        return 0
    recent = room.recent(after, upto)
    if recent is not None and are_lines(recent):  # as nearly always: that takes a moment only
        return after
    found = lines_in_memory(room, Passage(0, upto, lines))
    return None if found is None else found.first - 1


def _oldest(lines: Lines, most: int, size: int = PAGE_BYTES) -> Lines:
    """The first of ``lines``, and what is between them."""
    kept = list(first_piece(lines.events[:most], size))
    if len(kept) == len(lines.events):
        return lines
    return Lines(kept, lines.first, kept[-1].seq if kept else lines.first - 1)


def _newest(lines: Lines, most: int, size: int = PAGE_BYTES) -> Lines:
    """The last of ``lines``, and what is between them."""
    kept = list(last_piece(lines.events[-most:] if most else [], size))
    if len(kept) == len(lines.events):
        return lines
    return Lines(kept, kept[0].seq if kept else lines.last + 1, lines.last)
