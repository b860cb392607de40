"""How far the program has come: what it has taken, which may be less than what has arrived."""

from __future__ import annotations

from hubbub.client.resume import Resume
from hubbub.client.rooms import room_key
from hubbub.client.updates import Connected, Entered, Happened, RoomLost, RoomReset, Update


class Taken:
    """For each room the newest event that the program has taken, and the log that it is of."""

    def __init__(self, resume: Resume | None) -> None:
        self.log = resume.log if resume else None
        self._cursors: dict[str, tuple[str, int]] = {}
        for room, seq in (resume.cursors if resume else {}).items():
            self._cursors[room_key(room)] = room, seq

    def note(self, update: Update) -> None:
        """The program has taken ``update``."""
        match update:
            case Connected(log=log):
                if self.log not in (None, log):
                    self._cursors.clear()  # the resets of the rooms come next
                self.log = log
            case Happened(room, event):
                self._cursors[room_key(room)] = room, event.seq
            case Entered(room, after=after):
                self._cursors.setdefault(room_key(room), (room, after))
            case RoomReset(room) | RoomLost(room):
                self._cursors.pop(room_key(room), None)

    def cursors(self) -> dict[str, tuple[str, int]]:
        """By the key of each room: its name, and the ``seq``."""
        return self._cursors
