"""The list of rooms, as one viewer sees it."""

from __future__ import annotations

from dataclasses import dataclass

from hubbub.domain.replies import RoomList
from hubbub.hub.access import Action, Viewer, may
from hubbub.hub.room import HubRoom
from hubbub.hub.rooms import Rooms, fits


@dataclass(frozen=True, slots=True)
class Listing:
    """A page of the list: its rooms, where to go on, and how many rooms there are in all."""

    rooms: list[HubRoom]
    next: str | None
    total: int

    def shown(self, viewer: Viewer) -> RoomList:
        """The page as it is told, with what is unread by ``viewer``."""
        places = {} if viewer is None else viewer.places or {}
        infos = [room.info(places.get(room.name.key)) for room in self.rooms]
        return RoomList(rooms=infos, next=self.next, total=self.total)


def look(
    rooms: Rooms, viewer: Viewer, *, query: str | None, after: str | None, limit: int
) -> Listing:
    """A page of the rooms that ``viewer`` may know of; see `hubbub.domain.commands.Rooms`.

    On the first page, the viewer's own rooms follow that are not among them. Raises `BadMessage`.
    """
    found, next = rooms.page(query=query, after=after, limit=limit)
    own = _own(rooms, viewer)
    unlisted = [room for room in own if not room.listed]
    if after is None:
        first = set(found)
        more = own if query is None else [room for room in unlisted if fits(room, query)]
        found += [room for room in more if room not in first]
    return Listing(found, next, rooms.listed + len(unlisted))


def _own(rooms: Rooms, viewer: Viewer) -> list[HubRoom]:
    """The rooms in which ``viewer`` has been."""
    if viewer is None or not viewer.places:
        return []
    own = (rooms.get(key) for key in viewer.places)
    return [room for room in own if room is not None and may(viewer, Action.LIST, room)]
