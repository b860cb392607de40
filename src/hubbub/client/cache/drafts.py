"""Drafts: unsent inputs of a client that has ended, which are put back at the next start."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping

from hubbub.client.cache.database import transaction


class Drafts:
    """Drafts by the key of the user, and the name of the room."""

    def __init__(self, database: sqlite3.Connection) -> None:
        self._database = database

    def keep(self, user_key: str, drafts: Mapping[str, str]) -> None:
        """Saves drafts by the room's name."""
        if not drafts:
            return
        with transaction(self._database):
            self._database.executemany(
                "INSERT OR REPLACE INTO drafts VALUES (?, ?, ?)",
                [(user_key, room, _writable(text)) for room, text in drafts.items()],
            )

    def take(self, user_key: str) -> dict[str, str]:
        """Removes and returns a user's drafts; the client saves them again if they are not sent."""
        found = "SELECT room, text FROM drafts WHERE user_key = ?"
        if self._database.execute(found, (user_key,)).fetchone() is None:
            return {}
        with transaction(self._database):
            drafts = dict(self._database.execute(found, (user_key,)).fetchall())
            self._database.execute("DELETE FROM drafts WHERE user_key = ?", (user_key,))
        return drafts

    def rename_room(self, was: str, name: str) -> None:
        """The room ``was`` is called ``name`` now. To be called in a transaction."""
        self._database.execute("UPDATE OR REPLACE drafts SET room = ? WHERE room = ?", (name, was))

    def rename_user(self, was: str, user_key: str) -> None:
        """The user with the key ``was`` has another name. To be called in a transaction."""
        self._database.execute(
            "UPDATE OR REPLACE drafts SET user_key = ? WHERE user_key = ?", (user_key, was)
        )

    def all(self) -> dict[str, dict[str, str]]:
        """The drafts of each user, by the user's key."""
        drafts: dict[str, dict[str, str]] = {}
        for user_key, room, text in self._database.execute("SELECT * FROM drafts"):
            drafts.setdefault(user_key, {})[room] = text
        return drafts


def _writable(text: str) -> str:
    """``text`` without lone surrogates, which no encoding can write."""
    return text.encode(errors="replace").decode()
