"""The command ``/rooms``: the rooms of the server as text, in pages."""

from __future__ import annotations

from hubbub.domain.commands import MAX_NAME_QUERY_CHARS
from hubbub.domain.replies import RoomInfo
from hubbub.terminal.full.model import clock
from hubbub.terminal.full.model.display import shown
from hubbub.terminal.full.model.rooms import label_of
from hubbub.terminal.full.state import State

ROOM_LINES = 50  # rooms at a time: two screens
MORE = "more"


class Listing:
    """``/rooms``, ``/rooms WORD`` and ``/rooms more``, which continues the last one."""

    def __init__(self, state: State) -> None:
        self._state = state
        self._query: str | None = None
        self._more: str | None = None

    async def text(self, wanted: str) -> str | None:
        """The lines to show; None if there are no more. Raises the server's refusals."""
        after = None
        if wanted == MORE:
            if self._more is None:
                return None
            after = self._more
        elif len(wanted) > MAX_NAME_QUERY_CHARS:
            return f"No room's name has more than {MAX_NAME_QUERY_CHARS} characters."
        else:
            self._query = wanted or None
        found = await self._state.chat.list_rooms(self._query, after=after, limit=ROOM_LINES)
        self._more = found.next
        lines = ["Available rooms:", *map(self._line, found.rooms)]
        if found.next is not None:
            total = "" if found.total is None else f" There are {found.total:,} rooms."
            lines.append(f"More rooms: /rooms more. By a part of the name: /rooms WORD.{total}")
        elif not found.rooms:
            lines = ["There is no other room like that."]
        return "\n".join(lines)

    def _line(self, info: RoomInfo) -> str:
        users = "1 user" if info.users == 1 else f"{info.users:,} users"
        when = clock.ago(info.at, self._state.clock())
        return f"  {shown(label_of(info))} ({users})" + (f", {when}" if when else "")
