"""How much memory all rooms' newest events may take together: the least used go first."""

from __future__ import annotations

from collections import OrderedDict
from typing import Protocol

from hubbub.domain.events import AnyEvent
from hubbub.domain.kinds import texts_of

_EVENT_BYTES = 240  # the struct, its numbers, the slot in the list, about; so a quote's
_WIDE_BYTES = 6  # a character beyond ASCII: 2 to 4, and its UTF-8, about


def footprint(event: AnyEvent) -> int:
    """Bytes of memory that ``event`` takes, about."""
    size = 0
    for text in texts_of(event):
        size += _EVENT_BYTES + _text_bytes(text)
    return size or _EVENT_BYTES


def _text_bytes(text: str) -> int:
    # Not sys.getsizeof: a text grows when it is encoded for the first time, as it keeps its UTF-8,
    # and what is taken away must be what was added.
    return len(text) * (1 if text.isascii() else _WIDE_BYTES)


class Forgetful(Protocol):
    """A room, as far as it keeps events in memory."""

    def forget(self) -> None:
        """Keeps none any more, and tells `Tails.kept` so."""
        ...


class Tails:
    """The sum over all rooms, and which of them was used least recently."""

    __slots__ = ("_limit", "_sizes", "total")

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._sizes: OrderedDict[Forgetful, int] = OrderedDict()
        self.total = 0

    def __len__(self) -> int:
        return len(self._sizes)

    def kept(self, room: Forgetful, size: int) -> None:
        """``room`` was used, and has ``size`` bytes in memory now; other rooms may have to forget.

        One room alone keeps itself below the limit.
        """
        self.total += size - self._sizes.get(room, 0)
        if not size:
            self._sizes.pop(room, None)
            return
        self._sizes[room] = size
        self._sizes.move_to_end(room)
        while self.total > self._limit and len(self._sizes) > 1:
            next(iter(self._sizes)).forget()  # which tells us so
