"""Events cut into pieces that are small enough to encode, send and keep."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator, Sequence

from msgspec import Struct

from hubbub.domain.events import AnyEvent
from hubbub.domain.kinds import texts_of
from hubbub.hub.ports import Format

PAGE_EVENTS = 128  # events of one catch-up step: a few screens
PAGE_BYTES = 256 * 1024  # text of one piece; with JSON's framing below the usual 1 MiB frame limit
_FRAME_BYTES = 64  # of framing around an event or a text: names and numbers, about


def weigh(event: AnyEvent) -> int:
    """Bytes that ``event`` takes on a wire, about, and never far too few."""
    weight = _FRAME_BYTES
    for text in texts_of(event):
        if text.isprintable():
            weight += _FRAME_BYTES + (len(text) if text.isascii() else 4 * len(text))
        else:
            # JSON takes 6 bytes for a control character, the line wire a prefix for each line.
            weight += _FRAME_BYTES * (1 + len(text.splitlines())) + 6 * len(text)
    return weight


def pieces(events: Sequence[AnyEvent], limit: int = PAGE_BYTES) -> Iterator[Sequence[AnyEvent]]:
    """``events`` in order, in pieces of at most ``limit`` bytes, or of one event."""
    start = size = 0
    for place, event in enumerate(events):
        weight = weigh(event)
        if size + weight > limit and place > start:
            yield events[start:place]
            start, size = place, 0
        size += weight
    if start < len(events):
        yield events[start:] if start else events


def first_piece(events: Sequence[AnyEvent], limit: int = PAGE_BYTES) -> Sequence[AnyEvent]:
    """As many of the first ``events`` as fit into ``limit`` bytes; at least one."""
    return next(pieces(events, limit), events)


def last_piece(events: Sequence[AnyEvent], limit: int = PAGE_BYTES) -> Sequence[AnyEvent]:
    """As many of the last ``events`` as fit into ``limit`` bytes; at least one."""
    size = 0
    for place in range(len(events) - 1, -1, -1):
        size += weigh(events[place])
        if size > limit and place < len(events) - 1:
            return events[place + 1 :]
    return events


class CachedPage(Struct, frozen=True):
    """An encoded page. ``last``: its last ``seq``.

    ``amended``: the room's newest amendment when it was read; None if it has no quotes.
    """

    data: bytes
    last: int
    amended: int | None = None


class PageCache:
    """Encoded pages that many readers of one room ask for in turn: 500 that fell behind, say.

    Events never change, but quotes do: a page with quotes is right until the room has another
    amendment. The pages that were used least recently go when ``limit`` bytes are kept.
    ``room`` is the room itself and not its name, which may be that of another one later.
    """

    __slots__ = ("_bytes", "_limit", "_pages")

    def __init__(self, limit: int) -> None:
        self._pages: OrderedDict[tuple[object, Format, int, int], CachedPage] = OrderedDict()
        self._limit = limit
        self._bytes = 0

    def get(
        self, room: object, format: Format, after: int, upto: int, amended: int
    ) -> tuple[bytes, int] | None:
        """The page's bytes and its last ``seq``. ``amended``: the room's newest amendment."""
        key = (room, format, after, upto)
        page = self._pages.get(key)
        if page is None or page.amended not in (None, amended):
            return None
        self._pages.move_to_end(key)
        return page.data, page.last

    def put(self, room: object, format: Format, after: int, upto: int, page: CachedPage) -> None:
        """Keeps a page."""
        old = self._pages.pop((room, format, after, upto), None)
        self._bytes += len(page.data) - (len(old.data) if old else 0)
        self._pages[room, format, after, upto] = page
        while self._bytes > self._limit:
            _, gone = self._pages.popitem(last=False)
            self._bytes -= len(gone.data)
