"""Events cut into pieces that are small enough to encode, send and keep."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Iterator, Sequence
from typing import Protocol

from msgspec import Struct

from hubbub.domain.events import AnyEvent
from hubbub.domain.kinds import messages_of, texts_of, with_texts
from hubbub.domain.projection import quoted_by, target_of
from hubbub.hub.ports import Format

PAGE_EVENTS = 128  # events of one catch-up step: a few screens
PAGE_BYTES = 256 * 1024  # text of one piece; with JSON's framing below the usual 1 MiB frame limit
MOST_PARTS = 256  # of a room, of which it is known that they were amended
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


def fit(events: Sequence[AnyEvent], limit: int = PAGE_BYTES) -> bool:
    """Whether all of ``events`` are one piece, as nearly always. Who came and who went, as they do
    by the hundreds, is not weighed one by one: only the frames of that are.
    """
    heavy = with_texts(events)
    return _FRAME_BYTES * (len(events) - len(heavy)) + sum(map(weigh, heavy)) <= limit


def pieces(events: Sequence[AnyEvent], limit: int = PAGE_BYTES) -> Iterator[Sequence[AnyEvent]]:
    """``events`` in order, in pieces of at most ``limit`` bytes, or of one event."""
    if events and fit(events, limit):
        yield events
        return
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
    if fit(events, limit):
        return events
    size = 0
    for place in range(len(events) - 1, -1, -1):
        size += weigh(events[place])
        if size > limit and place < len(events) - 1:
            return events[place + 1 :]
    return events


def parts_of(events: Sequence[AnyEvent]) -> tuple[int, ...]:
    """The parts of a room, of `PAGE_EVENTS` each, on whose messages ``events`` depend."""
    seqs = {message.seq for message in messages_of(events)}
    for event in events:
        seqs.update(seq for seq in (quoted_by(event), target_of(event)) if seq is not None)
    return tuple({seq // PAGE_EVENTS for seq in seqs})


class Changes:
    """Which parts of a room were amended of late, so that kept pages of others stay right.

    ``upto``: everything may have been amended up to this ``seq``.
    """

    __slots__ = ("_newest", "_upto")

    def __init__(self, upto: int = 0) -> None:
        self._upto = upto
        self._newest: dict[int, int] = {}

    def note(self, amendments: Iterable[AnyEvent]) -> None:
        """The room has these."""
        for amendment in amendments:
            target = target_of(amendment)
            if target is not None:
                if len(self._newest) >= MOST_PARTS:
                    self._newest.clear()
                    self._upto = amendment.seq
                self._newest[target // PAGE_EVENTS] = amendment.seq

    def newest(self, parts: Iterable[int]) -> int:
        """The ``seq`` of the newest amendment to one of ``parts``, or of one that is newer."""
        return max((self._newest.get(part, 0) for part in parts), default=0) or self._upto


class Amendable(Protocol):
    """A room, as far as kept pages may not be right any more."""

    def amended(self, parts: Iterable[int]) -> int:
        """The ``seq`` of the newest amendment to one of these `parts_of` it, if known."""
        ...


class CachedPage(Struct, frozen=True):
    """An encoded page. ``last``: its last ``seq``.

    ``parts``: on which messages it depends, see `parts_of`. ``amended``: their newest amendment.
    """

    data: bytes
    last: int
    parts: tuple[int, ...] = ()
    amended: int = 0


class PageCache:
    """Encoded pages that many readers of one room ask for in turn: 500 that fell behind, say.

    A page is right until a message in it, or one that it quotes, is amended. The pages that were
    used least recently go when ``limit`` bytes are kept. ``room`` is the room itself and not its
    name, which may be that of another one later.
    """

    __slots__ = ("_bytes", "_limit", "_pages")

    def __init__(self, limit: int) -> None:
        self._pages: OrderedDict[tuple[Amendable, Format, int, int], CachedPage] = OrderedDict()
        self._limit = limit
        self._bytes = 0

    def get(
        self, room: Amendable, format: Format, after: int, upto: int
    ) -> tuple[bytes, int] | None:
        """The page's bytes and its last ``seq``."""
        key = (room, format, after, upto)
        page = self._pages.get(key)
        if page is None or page.amended != room.amended(page.parts):
            return None
        self._pages.move_to_end(key)
        return page.data, page.last

    def put(self, room: Amendable, format: Format, after: int, upto: int, page: CachedPage) -> None:
        """Keeps a page."""
        old = self._pages.pop((room, format, after, upto), None)
        self._bytes += len(page.data) - (len(old.data) if old else 0)
        self._pages[room, format, after, upto] = page
        while self._bytes > self._limit:
            _, gone = self._pages.popitem(last=False)
            self._bytes -= len(gone.data)
