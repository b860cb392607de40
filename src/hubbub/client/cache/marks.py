"""Each user's read markers, and the room that was on the screen last."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping

from hubbub.client.cache.database import transaction
from hubbub.client.resume import Mark
from hubbub.client.rooms import room_key

MOST = 1000  # rooms of one user: as many as the server keeps


class Marks:
    """Markers by the keys of user and room. Several clients may write; no marker moves back."""

    def __init__(self, database: sqlite3.Connection) -> None:
        self._database = database
        # What the file is known to have, with the room's name.
        self._kept: dict[tuple[str, str], tuple[str, Mark]] = {}

    def keep(self, user_key: str, marks: Mapping[str, Mark]) -> None:
        """Saves the markers that are further than before."""
        fresh = [
            (user_key, room_key(room), room, mark.seq, mark.at)
            for room, mark in marks.items()
            if self._kept.get((user_key, room_key(room))) != (room, mark)
        ]
        if not fresh:
            return
        with transaction(self._database):
            self._database.executemany(
                "INSERT INTO marks VALUES (?, ?, ?, ?, ?) ON CONFLICT (user_key, room_key) DO"
                " UPDATE SET name = excluded.name, seq = excluded.seq, at = excluded.at"
                " WHERE excluded.seq > seq OR excluded.seq = seq AND at IS NULL",
                fresh,
            )
        self._kept.update(
            ((user_key, room_key(room)), (room, mark)) for room, mark in marks.items()
        )

    def of(self, user_key: str) -> dict[str, Mark]:
        """All markers of a user, by the room's name."""
        found = self._database.execute(
            "SELECT name, seq, at FROM marks WHERE user_key = ? ORDER BY rowid LIMIT ?",
            (user_key, MOST),
        )
        return {name: Mark(seq, at) for name, seq, at in found}

    def keep_last_room(self, user_key: str, room: str) -> None:
        """Saves which room is on the screen."""
        with transaction(self._database):
            self._database.execute(
                "INSERT OR REPLACE INTO last_rooms VALUES (?, ?)", (user_key, room)
            )

    def last_room(self, user_key: str) -> str | None:
        """The room that was on the screen last."""
        found = self._database.execute(
            "SELECT name FROM last_rooms WHERE user_key = ?", (user_key,)
        ).fetchone()
        return str(found[0]) if found else None

    def rename_room(self, was: str, name: str) -> None:
        """The room ``was`` is called ``name`` now. To be called in a transaction."""
        self._database.execute(
            "UPDATE OR REPLACE marks SET room_key = ?, name = ? WHERE room_key = ?",
            (room_key(name), name, room_key(was)),
        )
        self._database.execute("UPDATE last_rooms SET name = ? WHERE name = ?", (name, was))
        self._kept.clear()

    def rename_user(self, was: str, user_key: str) -> None:
        """The user with the key ``was`` has another name. To be called in a transaction."""
        for table in ("marks", "last_rooms"):
            self._database.execute(
                f"UPDATE OR REPLACE {table} SET user_key = ? WHERE user_key = ?",  # noqa: S608  # no input
                (user_key, was),
            )
        self._kept.clear()

    def forget(self, room: str) -> None:
        """Deletes the markers of a room that has another log now. To be called in a transaction."""
        self._database.execute("DELETE FROM marks WHERE room_key = ?", (room_key(room),))
        self._kept.clear()

    def clear(self) -> None:
        """Deletes everything; to be called in a transaction."""
        self._database.execute("DELETE FROM marks")
        self._database.execute("DELETE FROM last_rooms")
        self._kept.clear()

    def take_over(self, failed: Marks) -> None:
        """Takes over what ``failed``, whose file cannot be read any more, has written."""
        for (user_key, _), (room, mark) in failed._kept.items():
            self.keep(user_key, {room: mark})
