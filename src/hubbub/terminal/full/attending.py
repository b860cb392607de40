"""Who of a room's members is away, or busy: asked for, since no event tells of it."""

from __future__ import annotations

from collections.abc import Callable

from hubbub.client.errors import ChatClosed
from hubbub.domain.errors import ChatError
from hubbub.domain.rules import KEEPS_MEMBERS
from hubbub.terminal.full.model.room import Room
from hubbub.terminal.full.ports import ChatPort
from hubbub.terminal.full.tasks import Tasks


class Attendance:
    """Asks the server; ``changed`` is called when it has answered."""

    def __init__(
        self, chat: Callable[[], ChatPort], tasks: Tasks, changed: Callable[[], None]
    ) -> None:
        self._chat = chat
        self._tasks = tasks
        self._changed = changed
        self._asking: set[Room] = set()

    def ask(self, room: Room, *, entered: bool = False) -> None:
        """Finds out who is away, where accounts stay members; one question at a time.

        In other rooms the server is asked only when we have ``entered``: for how people want to be
        seen, of which it tells itself from then on.
        """
        if room.standing.access not in KEEPS_MEMBERS:
            room.away = frozenset()
            if not entered:
                return
        if room.inside and room not in self._asking:
            self._asking.add(room)
            self._tasks.start(self._ask(room))

    async def _ask(self, room: Room) -> None:
        try:
            found = await self._chat().attendance(room.name)
            room.attended(found.away, found.status)
        except (ChatError, ChatClosed):
            return  # who is away is unknown, and is asked again
        finally:
            self._asking.discard(room)
        self._changed()
