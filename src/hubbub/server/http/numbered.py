"""Gives each request an id, which its answer and the log's lines have, and counts the answers."""

from __future__ import annotations

import re
from collections.abc import Callable

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from hubbub.server.numbering import REQUEST, new_id
from hubbub.server.tallies import Tallies

HEADER = b"x-request-id"

_ID = re.compile(rb"[A-Za-z0-9._~:/+=-]{1,128}")
"""What is taken for an id: that of a proxy, such as a UUID, or Envoy's and AWS's forms."""

Trusts = Callable[[Scope], bool]
"""Whether who asks is a proxy that is believed."""


def trusts_nobody(scope: Scope) -> bool:
    """No proxy is believed."""
    return False


class Numbered:
    """``trusts``: whose ``X-Request-Id`` is taken. Those of anybody else would let them hide among
    the requests of others.
    """

    def __init__(self, tallies: Tallies, trusts: Trusts = trusts_nobody) -> None:
        self._tallies = tallies
        self._trusts = trusts

    async def answer(self, app: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None:
        """Has ``app`` answer, in the task that is the request's own."""
        id = self._id_of(scope)
        REQUEST.set(id)

        async def send_numbered(message: Message) -> None:
            if message["type"] == "http.response.start":
                self._tallies.answered(message["status"])
                message["headers"] = [*message["headers"], (HEADER, id.encode())]
            await send(message)

        try:
            await app(scope, receive, send_numbered)
        except Exception:
            self._tallies.faults["http"] += 1
            raise

    def _id_of(self, scope: Scope) -> str:
        said = [value for name, value in scope["headers"] if name == HEADER]
        # More than one: somebody before the proxy has added one, and which is whose?
        if len(said) == 1 and _ID.fullmatch(said[0]) and self._trusts(scope):
            return str(said[0], "ascii")
        return new_id()
