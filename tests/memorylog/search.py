"""Search in a `MemoryLog`: a scan over every text, newest first."""

from __future__ import annotations

from collections.abc import Mapping

from hubbub.domain.kinds import is_message
from hubbub.domain.projection import present
from hubbub.domain.search import Query, excerpt, fits
from hubbub.hub.ports import Find, Finds
from hubbub.storage.staging import is_forgotten
from tests.memorylog.log import Disk


class MemorySearch:
    """A `hubbub.hub.ports.Search` over what is on ``disk``; never behind."""

    behind = 0

    def __init__(self, disk: Disk) -> None:
        self._disk = disk

    async def find(
        self, query: Query, *, before: int | None, limit: int, rooms: Mapping[str, int] | None
    ) -> Finds:
        """See `hubbub.hub.ports.Search`."""
        finds: list[Find] = []
        order = self._disk.order
        upto = len(order) if before is None else min(len(order), before - 1)
        for place in range(upto, 0, -1):
            key, seq = order[place - 1]
            events = self._disk.events[key]
            (event,) = present(events[seq - 1 : seq], events)
            if (
                is_message(event)
                and event.text
                and not is_forgotten(key)
                and (rooms is None or (key in rooms and seq > rooms[key]))
                and (query.room is None or query.room.key == key)
                and (spots := fits(query, at=event.at, by=event.by, text=event.text)) is not None
            ):
                if len(finds) == limit:
                    return Finds(finds, finds[-1].place)
                shown = excerpt(event.text, spots)
                finds.append(Find(place, self._disk.rooms[key], event, shown))
        return Finds(finds, None)
