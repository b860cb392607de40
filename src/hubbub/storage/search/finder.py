"""Compares texts with a query, newest first, until a page is full or the time is over.

Which texts may fit a database says, stretch by stretch, so that no query takes long; between two
stretches the clock is looked at, and between two texts that are compared with the query, which is
work in Python: it is done bit by bit.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Protocol

from hubbub.domain.search import Query, excerpt, fits
from hubbub.hub.ports import Find, Finds
from hubbub.storage.breath import Breath
from hubbub.storage.search.source import Text

SEARCH_SECONDS = 0.25  # then what was found so far is the answer
ROUND = 32  # texts that are read from the log at once: a millisecond's work, if they are long


class Span(Protocol):
    """Events that are looked through, newest first."""

    @property
    def done(self) -> bool:
        """Whether all of it was looked at."""
        ...

    def texts(self, most: int, seconds: float) -> list[Text]:
        """The next texts that may fit, newest first; maybe none, and yet more to come.

        It takes hardly longer than ``seconds``. Raises the database's errors.
        """
        ...

    def return_to(self, text: Text) -> None:
        """What is behind ``text`` was not looked at after all."""
        ...

    def place(self) -> int:
        """Behind which event what was not looked at begins: see `hubbub.hub.ports.Find`."""
        ...


def find(
    spans: Iterable[Span], query: Query, *, limit: int, rooms: Mapping[str, int] | None
) -> Finds:
    """See `hubbub.hub.ports.Search`. Raises the errors of the databases."""
    finds: list[Find] = []
    breath = Breath(SEARCH_SECONDS)
    for span in spans:
        breath.rested()
        more = True
        while not span.done and len(finds) <= limit and more:
            texts = span.texts(min(ROUND, limit + 1 - len(finds)), breath.left)
            breath.rested()
            for text in texts:
                found = _look(text, query, rooms)
                if found is not None:
                    finds.append(found)
                if not breath.take():
                    span.return_to(text)  # however little time there is, one more was looked at
                    more = False
                    break
            else:
                more = breath.take()
        if len(finds) > limit:
            return Finds(finds[:limit], finds[limit - 1].place)
        if not span.done:
            return Finds(finds, span.place())
    return Finds(finds, None)


def _look(text: Text, query: Query, rooms: Mapping[str, int] | None) -> Find | None:
    """The text, if it fits: no index knows all that a query says."""
    event = text.event
    floor = 0 if rooms is None else rooms.get(text.room.key)
    if floor is None or event.seq <= floor or not event.text:
        return None
    if query.room is not None and text.room.key != query.room.key:
        return None
    spots = fits(query, at=event.at, by=event.by, text=event.text)
    if spots is None:
        return None
    return Find(text.id, text.room, event, excerpt(event.text, spots))
