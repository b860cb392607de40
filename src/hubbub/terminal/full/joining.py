"""Enters rooms: at once, or as soon as there is a connection again."""

from __future__ import annotations

from hubbub.client.errors import ChatClosed
from hubbub.domain.errors import ChatError
from hubbub.domain.names import RoomName
from hubbub.terminal.full.model.room import Room
from hubbub.terminal.full.state import State

FIRST_PAGE = 100  # cached events that are shown at once: as many as a server sends


class Joining:
    """Adds rooms to ``state``. What the cache has of a room is shown before the server answers."""

    def __init__(self, state: State) -> None:
        self._state = state

    async def join(
        self,
        name: str,
        *,
        made: bool = False,
        password: str | None = None,
        invite: str | None = None,
    ) -> Room:
        """Enters a room and shows it; offline, it is entered when that is possible again.

        ``made``: it is a new room, as far as is known. ``password``: of a room that asks for one.
        ``invite``: the code of a link to it. Raises the server's refusal.
        """
        RoomName.parse(name)
        known = self._state.rooms.get(name)
        if known is not None and known.inside:
            self.open(known)
            return known
        online = self._state.chat.online
        room = self._added(name) if online else self.join_later(name)
        room.made = made
        self.open(room)
        if online:
            await self._enter(room, password, invite)
        return room

    def join_later(self, name: str) -> Room:
        """Adds a room and enters it in the background, however long there is no connection."""
        room = self._added(name)

        async def enter() -> None:
            try:
                await self._enter(room)
            except ChatError as error:
                self._state.listener.told(error.message, bad=True)
            except ChatClosed:
                pass  # the program ends, or the user has changed

        self._state.tasks.start(enter())
        return room

    def open(self, room: Room) -> None:
        """Brings a room on the screen, with its unsent input of the last run.

        Nothing is read by that: see `ReadMarkers.see`.
        """
        state = self._state
        room.draft = room.draft or state.last_run.drafts.pop(room.name, "")
        state.rooms.open(room)
        if state.user is not None:
            state.cache.keep_last_room(state.user, room.name)
        state.warn_of_cache()
        state.listener.changed()

    def show_cached(self, room: Room) -> None:
        """Shows the newest cached events of a room."""
        state = self._state
        room.private = state.cache.is_private(room.name)
        page = state.cache.page(room.name, limit=FIRST_PAGE)
        if not page.empty:
            room.show_kept(page, state.me, state.last_run.read_up_to(room.name))

    def _added(self, name: str) -> Room:
        known = self._state.rooms.get(name)
        if known is not None:
            return known
        room = self._state.rooms.add(name)
        self.show_cached(room)
        return room

    async def _enter(
        self, room: Room, password: str | None = None, invite: str | None = None
    ) -> None:
        state = self._state
        try:
            at = room.shown_at if room.shown else None
            after = room.shown or None
            await state.chat.join(
                room.name, after=after, after_at=at, password=password, invite=invite
            )
        except ChatError:
            if not (room.inside or room.shut):
                state.rooms.remove(room)
                state.listener.changed()
            raise
        state.keep()
