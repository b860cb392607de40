"""The server's log id, and our names and tokens there."""

from __future__ import annotations

import sqlite3
from contextlib import suppress

from hubbub.domain.errors import InvalidName
from hubbub.domain.ids import UserId
from hubbub.domain.names import UserName


def user_key(user: str) -> str:
    """The key of a user: the same for all spellings of the name."""
    with suppress(InvalidName):  # a newer server may allow names that are invalid here
        return UserName.parse(user).key
    return user.casefold()


class Identity:
    """The log's id, the last user, and the tokens of all names that we have had."""

    def __init__(self, database: sqlite3.Connection, most_tokens: int) -> None:
        self._database = database
        self._most_tokens = most_tokens
        self._tokens: dict[str, str | None] = {}
        self._last_user: str | None
        (self._last_user,) = database.execute("SELECT last_user FROM server").fetchone()

    @property
    def log(self) -> str | None:
        """The id of the server's database, as the last client with this file has seen it."""
        (log,) = self._database.execute("SELECT log FROM server").fetchone()
        return str(log) if log is not None else None

    @log.setter
    def log(self, log: str | None) -> None:
        self._database.execute("UPDATE server SET log = ?", (log,))

    @property
    def last_user(self) -> str | None:
        """The last user of this program."""
        return self._last_user

    def keep_last_user(self, user: str | None) -> None:
        """Saves the last user."""
        if user != self._last_user:
            self._database.execute("UPDATE server SET last_user = ?", (user,))
            self._last_user = user

    def token(self, user: str) -> str | None:
        """The token that proves to the server that we are ``user``."""
        key = user_key(user)
        found = self._database.execute("SELECT token FROM tokens WHERE user = ?", (key,)).fetchone()
        token: str | None = found[0] if found else None
        self._tokens[key] = token
        return token

    def keep_token(self, user: str, token: str) -> None:
        """Saves a token if it is new to us; otherwise another client may have saved a newer one."""
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

    def who(self, user: str) -> tuple[UserId | None, bool]:
        """The id that ``user`` had when that name was used last, and whether it is an account's."""
        found = self._database.execute(
            "SELECT id, account FROM identities WHERE user_key = ?", (user_key(user),)
        ).fetchone()
        return (UserId(found[0]), bool(found[1])) if found else (None, False)

    def keep_who(self, user: str, id: UserId, *, account: bool) -> None:
        """Saves whose name ``user`` is."""
        if self.who(user) != (id, account):
            self._database.execute(
                "INSERT OR REPLACE INTO identities VALUES (?, ?, ?)", (user_key(user), id, account)
            )

    def renamed(self, was: str, user: str) -> None:
        """The account ``was`` is called ``user``: its token goes with it. In a transaction."""
        for table, column in (("tokens", "user"), ("identities", "user_key")):
            self._database.execute(
                f"UPDATE OR REPLACE {table} SET {column} = ? WHERE {column} = ?",  # noqa: S608  # no input
                (user_key(user), user_key(was)),
            )
        for name in (was, user):
            self._tokens.pop(user_key(name), None)

    def forget_tokens(self, *, everywhere: bool) -> None:
        """Forgets the tokens in memory; ``everywhere``: and those on disk."""
        self._tokens.clear()
        if everywhere:
            self._database.execute("DELETE FROM tokens")

    def take_over(self, failed: Identity) -> None:
        """Takes over what ``failed``, whose file cannot be read any more, has in memory."""
        self.keep_last_user(failed.last_user)
        for key, token in failed._tokens.items():
            if token is not None:
                self.keep_token(key, token)
