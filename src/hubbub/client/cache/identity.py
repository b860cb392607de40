"""What is known of the server as a whole: which log it has, and who we were there."""

from __future__ import annotations

import sqlite3
from contextlib import suppress

from hubbub.domain.errors import InvalidName
from hubbub.domain.names import UserName


def user_key(user: str) -> str:
    """What a user is known by, however the name is written."""
    with suppress(InvalidName):  # by the rules of a newer server it may be a name
        return UserName.parse(user).key
    return user.casefold()


class Identity:
    """The log's id, the last user, and the tokens of those who we were."""

    def __init__(self, database: sqlite3.Connection, most_tokens: int) -> None:
        self._database = database
        self._most_tokens = most_tokens
        self._tokens: dict[str, str | None] = {}
        self._last_user: str | None
        (self._last_user,) = database.execute("SELECT last_user FROM server").fetchone()

    @property
    def log(self) -> str | None:
        """Id of the server's database, by the last client on this file that met the server."""
        (log,) = self._database.execute("SELECT log FROM server").fetchone()
        return str(log) if log is not None else None

    @log.setter
    def log(self, log: str | None) -> None:
        self._database.execute("UPDATE server SET log = ?", (log,))

    @property
    def last_user(self) -> str | None:
        """Who we were last, as far as this program knows."""
        return self._last_user

    def keep_last_user(self, user: str | None) -> None:
        """Writes down who we are."""
        if user != self._last_user:
            self._database.execute("UPDATE server SET last_user = ?", (user,))
            self._last_user = user

    def token(self, user: str) -> str | None:
        """What proves to the server that we are ``user``."""
        key = user_key(user)
        found = self._database.execute("SELECT token FROM tokens WHERE user = ?", (key,)).fetchone()
        token: str | None = found[0] if found else None
        self._tokens[key] = token
        return token

    def keep_token(self, user: str, token: str) -> None:
        """Writes down a token, if it is news to us: somebody else here may have a newer one."""
        key = user_key(user)
        if self._tokens.get(key) == token:
            return
        self._database.execute("INSERT OR REPLACE INTO tokens VALUES (?, ?)", (key, token))
        self._database.execute(
            "DELETE FROM tokens WHERE rowid NOT IN"
            " (SELECT rowid FROM tokens ORDER BY rowid DESC LIMIT ?)",
            (self._most_tokens,),
        )
        self._tokens[key] = token

    def forget_tokens(self, *, everywhere: bool) -> None:
        """Forgets what we know of tokens, or all that is on disk."""
        self._tokens.clear()
        if everywhere:
            self._database.execute("DELETE FROM tokens")

    def take_over(self, failed: Identity) -> None:
        """Knows what ``failed`` knew by heart."""
        self.keep_last_user(failed.last_user)
        for key, token in failed._tokens.items():
            if token is not None:
                self.keep_token(key, token)
