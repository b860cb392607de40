"""What newcomers are shown of what was said before, as it is written: the same to many at once."""

from __future__ import annotations

from collections.abc import Sequence

from hubbub.domain.events import Said
from hubbub.domain.names import RoomName
from hubbub.wire.irc.capabilities import SHAPES, Cap

MOST = 64  # rooms, and ways to write them: two MB

Which = tuple[str, Cap]


class Pasts:
    """The newest of them, by the room and the capabilities of the client."""

    def __init__(self) -> None:
        self._kept: dict[Which, tuple[Sequence[Said], str]] = {}

    def get(self, room: RoomName, caps: Cap, messages: Sequence[Said]) -> str | None:
        """What shows ``messages``, if it is known; these very ones, as they are now."""
        kept = self._kept.get((room.key, caps & SHAPES))
        if kept is None or len(kept[0]) != len(messages):
            return None
        same = all(one is other for one, other in zip(kept[0], messages, strict=True))
        return kept[1] if same else None

    def put(self, room: RoomName, caps: Cap, messages: Sequence[Said], text: str) -> None:
        """Keeps it."""
        key = room.key, caps & SHAPES
        self._kept.pop(key, None)
        self._kept[key] = messages, text
        if len(self._kept) > MOST:
            del self._kept[next(iter(self._kept))]
