"""The cursors of the program: the last event of each room that it has taken from the inbox."""

from __future__ import annotations

from collections.abc import Callable

from msgspec.structs import replace

from hubbub.client.cursor import Cursor
from hubbub.client.resume import Resume
from hubbub.client.rooms import room_key
from hubbub.client.updates import (
    Connected,
    Entered,
    Happened,
    RoomLost,
    RoomMoved,
    RoomReset,
    Update,
)


class Taken:
    """For each room: ``seq`` of the newest event that was taken, and its time, if known.

    ``log`` is the id of the log that the cursors belong to.
    """

    def __init__(self, resume: Resume | None) -> None:
        self.log = resume.log if resume else None
        self._cursors: dict[str, tuple[str, Cursor]] = {}
        if resume:
            for room, seq in resume.cursors.items():
                self._cursors[room_key(room)] = room, Cursor(seq, resume.stamps.get(room))

    def note(self, update: Update) -> None:
        """The program has taken ``update``."""
        match update:
            case Connected(log=log):
                if self.log not in (None, log):
                    self._cursors.clear()  # the resets of the rooms come next
                self.log = log
            case Happened(room, event):
                self._cursors[room_key(room)] = room, Cursor(event.seq, event.at)
            case Entered(room, after=after, at=at):
                _, known = self._cursors.setdefault(room_key(room), (room, Cursor(after, at)))
                if known.seq == after and known.at is None:
                    known.at = at
            case RoomMoved(room, name):
                moved = self._cursors.pop(room_key(room), None)
                if moved is not None:
                    self._cursors[room_key(name)] = name, moved[1]
            case RoomReset(room) | RoomLost(room):
                self._cursors.pop(room_key(room), None)

    def is_beyond(self, room: str, seq: int) -> bool:
        """Whether the event ``seq`` of a room was taken."""
        _, cursor = self._cursors.get(room_key(room), (room, None))
        return cursor is not None and cursor.seq >= seq

    def at(self, room: str, seq: int) -> int | None:
        """The time of the event ``seq``, if it is the newest one that was taken."""
        _, cursor = self._cursors.get(room_key(room), (room, None))
        return cursor.at if cursor is not None and cursor.seq == seq else None

    def resume(self, kept: Resume, wanted: Callable[[str], object]) -> Resume:
        """``kept`` with these cursors instead of its own, for the rooms that are ``wanted``."""
        mine = [cursor for key, cursor in self._cursors.items() if wanted(key)]
        return replace(
            kept,
            log=self.log or kept.log,
            cursors={room: cursor.seq for room, cursor in mine},
            stamps={room: cursor.at for room, cursor in mine if cursor.at is not None},
        )
