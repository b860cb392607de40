"""When mutes end by the clock: no event tells of it, so that who was muted has to be told."""

from __future__ import annotations

from hubbub.hub.room import HubRoom


class Mutes:
    """Knows of each room when the next mute in it ends (ms)."""

    def __init__(self) -> None:
        self._next: dict[HubRoom, int] = {}

    def changed(self, room: HubRoom, now: int) -> None:
        """Who is muted in ``room`` may have changed."""
        ends = [end for end in room.state.facts.muted.values() if end is not None and end > now]
        if ends:
            self._next[room] = min(ends)
        else:
            self._next.pop(room, None)

    def over(self, now: int) -> list[HubRoom]:
        """The rooms in which a mute has ended by ``now`` that had not when this was last asked."""
        for room in [room for room in self._next if room.gone]:
            del self._next[room]
        ended = [room for room, end in self._next.items() if end <= now]
        for room in ended:
            self.changed(room, now)
        return ended
