"""The REST API, to read: health, rooms, and what is in a room; see `hubbub.server.http.acting`."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import wraps
from http import HTTPStatus
from typing import Annotated, TypeVar

import msgspec
from msgspec import Meta, Struct
from starlette.requests import Request
from starlette.responses import Response

from hubbub.domain.commands import (
    MAX_HISTORY,
    MAX_LIST_PLACE_CHARS,
    MAX_NAME_QUERY_CHARS,
    MAX_PLACE_CHARS,
    MAX_RESULTS,
    MAX_ROOMS_LISTED,
)
from hubbub.domain.errors import ChatError, LogUnavailable
from hubbub.domain.names import RoomName
from hubbub.domain.numbers import Seq
from hubbub.domain.told import Time
from hubbub.hub.access import ANYBODY, Viewer
from hubbub.server.http.answers import (
    EventsPage,
    Healthy,
    RoomsPage,
    SearchPage,
    answer,
    failure,
    refusal,
)
from hubbub.server.http.bearer import kept_private, token_of
from hubbub.server.http.bodies import NotTaken
from hubbub.server.http.queries import read_query
from hubbub.server.http.view import HubView


class EventsQuery(Struct, frozen=True, forbid_unknown_fields=True):
    """Which events: at most one of before, after and around, and how many. Else the newest.

    ``after_at``: the time of the event ``after``. If another one is there, the log is another one.
    """

    before: Seq | None = None
    after: Seq | None = None
    after_at: Time | None = None
    around: Seq | None = None
    limit: Annotated[int, Meta(ge=1, le=MAX_HISTORY)] = 50


class TimelineQuery(Struct, frozen=True, forbid_unknown_fields=True):
    """Which lines: at most one of before, after and around, and how many. Else the newest."""

    before: Seq | None = None
    after: Seq | None = None
    around: Seq | None = None
    limit: Annotated[int, Meta(ge=1, le=MAX_HISTORY)] = 50


class RoomsQuery(Struct, frozen=True, forbid_unknown_fields=True):
    """Which rooms: those whose names have all words of ``q``, behind ``after``."""

    q: Annotated[str, Meta(max_length=MAX_NAME_QUERY_CHARS)] | None = None
    after: Annotated[str, Meta(max_length=MAX_LIST_PLACE_CHARS)] | None = None
    limit: Annotated[int, Meta(ge=1, le=MAX_ROOMS_LISTED)] = MAX_ROOMS_LISTED


class SearchQuery(Struct, frozen=True, forbid_unknown_fields=True):
    """What is looked for; ``before`` is the ``next`` of the answer before."""

    q: Annotated[str, Meta(min_length=1)]
    before: Annotated[str, Meta(max_length=MAX_PLACE_CHARS)] | None = None
    limit: Annotated[int, Meta(ge=1, le=MAX_RESULTS)] = 20


A = TypeVar("A")


def refusing(
    answers: Callable[[A, Request], Awaitable[Response]],
) -> Callable[[A, Request], Awaitable[Response]]:
    """Turns what the hub refuses, and a query or body that is none, into an answer that says so."""

    @wraps(answers)
    async def answer_or_refuse(self: A, request: Request) -> Response:
        try:
            response = await answers(self, request)
        except ChatError as error:
            response = refusal(error)
        except NotTaken as error:
            response = failure(error.status, error.code, error.message)
        except msgspec.ValidationError as error:
            response = failure(HTTPStatus.BAD_REQUEST, "bad-query", f"The query is wrong: {error}.")
        return kept_private(request, response)

    return answer_or_refuse


class Api:
    """Answers from the hub."""

    def __init__(self, hub: HubView) -> None:
        self._hub = hub

    async def health(self, request: Request) -> Response:
        """For load balancers and monitors."""
        if self._hub.healthy:
            return answer(Healthy())
        return failure(
            HTTPStatus.SERVICE_UNAVAILABLE,
            LogUnavailable.code,
            "Nothing can be saved just now: the server's log says why.",
        )

    @refusing
    async def rooms(self, request: Request) -> Response:
        """A page of the rooms."""
        query = read_query(request, RoomsQuery)
        viewer = await viewer_of(self._hub, request)
        found = self._hub.room_list(viewer, query=query.q, after=query.after, limit=query.limit)
        return answer(RoomsPage(found.rooms, found.next, found.total or 0))

    @refusing
    async def events(self, request: Request) -> Response:
        """A page of a room's log."""
        room = RoomName.parse(request.path_params["room"])
        query = read_query(request, EventsQuery)
        page = await self._hub.page(
            await viewer_of(self._hub, request),
            room,
            before=query.before,
            after=query.after,
            after_at=query.after_at,
            around=query.around,
            limit=query.limit,
            client=client_of(request),
        )
        return answer(EventsPage(page.room, page.head, page.events, page.first, page.last))

    @refusing
    async def timeline(self, request: Request) -> Response:
        """A page of a room's timeline."""
        room = RoomName.parse(request.path_params["room"])
        query = read_query(request, TimelineQuery)
        page = await self._hub.timeline(
            await viewer_of(self._hub, request),
            room,
            before=query.before,
            after=query.after,
            around=query.around,
            limit=query.limit,
            client=client_of(request),
        )
        return answer(EventsPage(page.room, page.head, page.events, page.first, page.last))

    @refusing
    async def search(self, request: Request) -> Response:
        """Texts that fit a query, newest first."""
        query = read_query(request, SearchQuery)
        viewer, client = await viewer_of(self._hub, request), client_of(request)
        found = await self._hub.find(
            viewer, query.q, before=query.before, limit=query.limit, client=client
        )
        return answer(SearchPage(found.results, found.next, found.behind))

    async def websocket(self, request: Request) -> Response:
        """A plain request where a WebSocket is served."""
        return failure(
            HTTPStatus.UPGRADE_REQUIRED,
            "upgrade-required",
            "This is where the chat's WebSocket is. Connect to it with a WebSocket client.",
            # RFC 9110, 15.5.22: the server MUST send an Upgrade header field in a 426 response.
            {"Upgrade": "websocket", "Connection": "Upgrade"},
        )


async def viewer_of(hub: HubView, request: Request) -> Viewer:
    """Who asks; raises as `HubView.identify`."""
    token = token_of(request)
    return ANYBODY if token is None else await hub.identify(token, client_of(request))


def client_of(request: Request) -> str:
    """The address and port from which it is asked."""
    return f"{request.client.host} {request.client.port}" if request.client else ""
