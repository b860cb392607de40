"""``/doors.json`` tells a page why its WebSocket is refused, which browsers do not show it."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated, Literal

import msgspec
from msgspec import Meta, Struct
from starlette.requests import Request
from starlette.responses import Response

from hubbub.server.http.answers import answer, failure
from hubbub.server.http.guard import Gate
from hubbub.server.http.prefix import said_of
from hubbub.server.http.queries import read_query


class DoorsQuery(Struct, frozen=True, forbid_unknown_fields=True):
    """Who wants to come in."""

    origin: Annotated[str, Meta(max_length=300)]
    """The origin of the page, as its browser would send it."""


class DoorsOpen(Struct, frozen=True):
    """The page may open a WebSocket; if that fails all the same, something between does not."""

    open: Literal[True] = True


class Doorway:
    """Answers for the origin policy."""

    def __init__(self, gate: Gate) -> None:
        self._gate = gate

    async def get(self, request: Request) -> Response:
        """Whether the page at ``origin`` may come in by the name that this request came by."""
        try:
            query = read_query(request, DoorsQuery)
        except msgspec.ValidationError as error:
            return failure(HTTPStatus.BAD_REQUEST, "bad-query", f"The query is wrong: {error}.")

        def fields(name: str) -> list[str]:
            # What a WebSocket of an old browser would say: with that header it would be let in.
            if name == "sec-fetch-site":
                return []
            return [query.origin] if name == "origin" else request.headers.getlist(name)

        refusal = self._gate.websocket(
            fields, request.scope["server"][1] or 0, said_of(request.scope)
        )
        if refusal is not None:
            return failure(refusal.status, refusal.code, refusal.message)
        return answer(DoorsOpen())
