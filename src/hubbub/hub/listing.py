"""The list of rooms, as one viewer sees it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from msgspec.structs import replace

from hubbub.domain.replies import RoomInfo, RoomList
from hubbub.domain.rights import Action
from hubbub.hub.access import Access, Viewer
from hubbub.hub.belonging import Belonging
from hubbub.hub.place import Place
from hubbub.hub.room import HubRoom
from hubbub.hub.rooms import Rooms, fits
from hubbub.hub.standing import people_of


@dataclass(frozen=True, slots=True)
class Listing:
    """A page of the list: its rooms, where to go on, and how many rooms there are in all."""

    access: Access
    rooms: list[HubRoom]
    next: str | None
    total: int

    def shown(self, viewer: Viewer) -> RoomList:
        """The page as it is told, with what is unread by ``viewer``."""
        places = {} if viewer is None else viewer.places
        infos = [self._info(room, viewer, places.get(room.name.key)) for room in self.rooms]
        return RoomList(rooms=infos, next=self.next, total=self.total)

    def reads(self, viewer: Viewer, room: HubRoom) -> bool:
        """Whether ``viewer`` may read the room, too, and not only know of it."""
        return room.plain or self.access.may(viewer, Action.READ, room)

    def _info(self, room: HubRoom, viewer: Viewer, place: Place | None) -> RoomInfo:
        if room.plain:
            return room.info(place)
        facts, invited = (
            room.state.facts,
            viewer is not None and viewer.id in room.state.facts.invited,
        )
        if not self.reads(viewer, room):  # how many are there, and what goes on, is theirs alone
            topic = facts.topic or None if room.listed else None
            name, access = str(room.name), room.access
            return RoomInfo(name, users=0, head=0, topic=topic, access=access, invited=invited)
        people = people_of(room, viewer)
        return replace(room.info(place), access=room.access, people=people, invited=invited)


def look(
    rooms: Rooms,
    access: Access,
    belonging: Belonging,
    viewer: Viewer,
    *,
    query: str | None,
    after: str | None,
    limit: int,
    inside: Iterable[HubRoom] = (),
) -> Listing:
    """A page of the rooms that ``viewer`` may know of; see `hubbub.domain.commands.Rooms`.

    On the first page, the viewer's own rooms follow that are not among them. ``inside``: where the
    session is, which may not be able to come back as the same guest. Raises `BadMessage`.
    """
    found, next = rooms.page(query=query, after=after, limit=limit)
    access.check_reader(viewer)
    found = [room for room in found if room.plain or access.may(viewer, Action.LIST, room)]
    own = _own(rooms, access, belonging, viewer, inside)
    unlisted = [room for room in own if not room.listed]
    if after is None:
        first = set(found)
        more = own if query is None else [room for room in unlisted if fits(room, query)]
        found += [room for room in more if room not in first]
    return Listing(access, found, next, rooms.listed + len(unlisted))


def _own(
    rooms: Rooms,
    access: Access,
    belonging: Belonging,
    viewer: Viewer,
    inside: Iterable[HubRoom],
) -> list[HubRoom]:
    """The rooms in which ``viewer`` is, has been, belongs, or is invited."""
    if viewer is None:
        return []
    been = (rooms.get(key) for key in viewer.places)
    there = dict.fromkeys(inside)
    own = dict.fromkeys((*filter(None, been), *there, *belonging.of(viewer.id)))
    return [
        room
        for room in own
        if access.may(viewer, Action.LIST, room) and (room in there or not _is_unsaid(room))
    ]


def _is_unsaid(room: HubRoom) -> bool:
    """Whether somebody has opened a conversation, and nobody has said a word in it: that may have
    been a program's question to a program, or a look, of which the others hear nothing.
    """
    return bool(room.state.facts.direct) and room.state.silent
