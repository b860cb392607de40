"""The list of rooms, page by page: ``/rooms``, ``/rooms WORD`` and ``/rooms more``."""

from __future__ import annotations

from hubbub.client import Chat
from hubbub.domain.commands import MAX_NAME_QUERY_CHARS
from hubbub.terminal.plain.lines import listed_lines

ROOM_LINES = 50  # rooms at a time, as in the line protocol: more than a class or a team has
MORE = "more"


class RoomPages:
    """What was asked last, and where it goes on."""

    def __init__(self, chat: Chat) -> None:
        self._chat = chat
        self._query: str | None = None
        self._more: str | None = None

    async def lines(self, wanted: str = "") -> list[str]:
        """The rooms whose names have all words of ``wanted``; those behind the last for ``more``.

        Raises the server's refusals.
        """
        after = None
        if wanted == MORE:
            if self._more is None:
                return ["There are no more rooms to show. All of them: /rooms"]
            after = self._more
        elif len(wanted) > MAX_NAME_QUERY_CHARS:
            return [f"No room's name has more than {MAX_NAME_QUERY_CHARS} characters."]
        else:
            self._query = wanted or None
        found = await self._chat.list_rooms(self._query, after=after, limit=ROOM_LINES)
        self._more = found.next
        return listed_lines(found, anew=after is None and self._query is None)
