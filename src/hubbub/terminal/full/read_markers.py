"""Read markers: what the person has seen is reported to the server and saved in the cache."""

from __future__ import annotations

from collections.abc import Iterable

from hubbub.client.resume import Mark
from hubbub.terminal.full.model.room import Room
from hubbub.terminal.full.recounting import Recounting
from hubbub.terminal.full.state import State


class ReadMarkers:
    """The read markers of all rooms of ``state``."""

    def __init__(self, state: State) -> None:
        self._state = state
        self._recounting = Recounting(state)

    def see(self) -> None:
        """The room on the screen was drawn: what is in view counts as read if somebody looks."""
        room = self._state.rooms.current
        if room is not None and self._state.attention.looking and room.see():
            self.report(room)

    def mark_read(self, rooms: Iterable[Room]) -> None:
        """The person says that everything in these rooms is read."""
        for room in rooms:
            room.mark_read()
            self.report(room)
        self._state.listener.changed()

    def report(self, room: Room) -> None:
        """Moves the room's marker on the server, for all of the user's connections."""
        read = room.unread.read
        if room.inside and read:
            self._state.chat.read(room.name, read)
            if self._state.user is not None:
                mark = Mark(read, room.time_of(read))
                self._state.cache.keep_mark(self._state.user, room.name, mark)

    def recount(self, room: Room) -> None:
        """Corrects a count of the server, which includes texts of ignored users."""
        if room.unread.texts and room.timeline.look.ignored.anybody:
            self._recounting.request([room])

    def recount_all(self) -> None:
        """Counts all rooms again, because the list of ignored users has changed."""
        rooms = self._state.rooms
        self._recounting.request(room for room in rooms if room.inside and room.unread.certain)
