"""Short ids of connections and requests, by which what a client was told is found in the log."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

REQUEST: ContextVar[str | None] = ContextVar("request", default=None)
"""The id of the request of HTTP that is being answered, in its task and those that it begins."""

CONNECTION: ContextVar[str | None] = ContextVar("connection", default=None)
"""The id of the connection that the log is told of."""

ID_BYTES = 4  # eight digits: enough to be found, few enough to be read out


def new_id() -> str:
    """A new id."""
    return secrets.token_hex(ID_BYTES)


class ConnectionIds:
    """The ids of connections. One is made when it is first asked for: most connections never
    need one, and there may be many thousands of them.
    """

    def __init__(self) -> None:
        self._ids: dict[object, str] = {}

    def __len__(self) -> int:
        return len(self._ids)

    def of(self, connection: object) -> str:
        """The id of ``connection``, until it is `gone`."""
        known = self._ids.get(connection)
        if known is None:
            known = self._ids[connection] = new_id()
        return known

    def gone(self, connection: object) -> None:
        """It is over."""
        self._ids.pop(connection, None)

    @contextmanager
    def named(self, connection: object) -> Iterator[str]:
        """Log lines inside have the id of ``connection``."""
        id = self.of(connection)
        token = CONNECTION.set(id)
        try:
            yield id
        finally:
            CONNECTION.reset(token)


def told(id: str) -> str:
    """What a client is told of a fault of ours."""
    return (
        f"Something went wrong in the server (id {id}). Its log says what: please tell whoever "
        "keeps the server, with the id."
    )
