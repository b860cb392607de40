"""The application: which path is answered by whom, and what is said when none is."""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp

from hubbub.domain.errors import InternalError
from hubbub.server.http import documents
from hubbub.server.http.acting import Acting
from hubbub.server.http.administering import Administering, NoTasks, Tasks
from hubbub.server.http.amending import ONE_MESSAGE, Amending
from hubbub.server.http.answers import failure
from hubbub.server.http.api import Api
from hubbub.server.http.assets import Assets
from hubbub.server.http.commands import commands_of_the_page
from hubbub.server.http.doorway import Doorway
from hubbub.server.http.files import FileRoutes
from hubbub.server.http.guard import Gate, Guard
from hubbub.server.http.join import JoinPage
from hubbub.server.http.metrics import Metrics
from hubbub.server.http.page import ChatPage
from hubbub.server.http.rights import rights_of_the_page
from hubbub.server.http.signon import BEGIN, CALLBACK, SignOnPages
from hubbub.server.http.trusting import routes_of
from hubbub.server.http.uploads import PATH, WHOLE, UploadRoutes
from hubbub.server.http.view import HubView
from hubbub.server.numbering import REQUEST, new_id, told
from hubbub.server.tallies import Tallies
from hubbub.server.tls.certificates import Certificates

WEBSOCKET_PATH = "/ws"
IRC_PATH = "/irc"
WEBSOCKET_PATHS = (WEBSOCKET_PATH, IRC_PATH)
"""Where the JSON protocol is served."""

FAILURES = {
    HTTPStatus.NOT_FOUND: ("not-found", "There is nothing here. /openapi.json says what there is."),
    HTTPStatus.METHOD_NOT_ALLOWED: (
        "method-not-allowed",
        "There is something here, but not by that method: /openapi.json says by which.",
    ),
}
"""What Starlette finds wrong by itself, as code and message."""


def make_app(
    hub: HubView,
    gate: Gate,
    *,
    metrics: str = "loopback",
    tallies: Tallies | None = None,
    tasks: Tasks | None = None,
    wrap: Callable[[ASGIApp], ASGIApp] | None = None,
    certificates: Certificates | None = None,
    prefix: str = "",
) -> ASGIApp:
    """The ASGI application. ``metrics`` says who may read them. ``tasks``: of administrators.
    ``wrap`` puts a middleware around what the guard lets in. ``certificates``: those of TLS.
    ``prefix``: the path of all of it.
    """
    tallies = tallies or Tallies()
    api, acting, amending = Api(hub), Acting(hub), Amending(hub)
    files, uploads = FileRoutes(hub), UploadRoutes(hub)
    administering = Administering(hub, tasks or NoTasks())
    commands = commands_of_the_page()
    rights = rights_of_the_page()
    assets = Assets(with_texts=(commands, rights))
    sign_ons = hub.sign_ons
    page = ChatPage(assets, hub.server_name, commands, rights, (sign_ons and sign_ons.name) or "")
    routes = [
        Route("/", page.get),
        Route("/worker.js", page.worker),
        Route("/version.json", page.version),
        Route("/join", JoinPage(hub).get),
        Route("/static/{name:path}", assets.get),
        Route("/doors.json", Doorway(gate).get),
        Route("/healthz", api.health),
        Route("/metrics", Metrics(hub, metrics, tallies).get),
        Route("/api/rooms", api.rooms),
        Route("/api/rooms/{room}/events", api.events),
        Route("/api/rooms/{room}/timeline", api.timeline),
        Route("/api/search", api.search),
        Route("/api/me", acting.me),
        Route("/api/login", acting.log_in, methods=["POST"]),
        Route("/api/commands", acting.command, methods=["POST"]),
        Route("/api/rooms/{room}/messages", acting.say, methods=["POST"]),
        Route(WHOLE, uploads.whole, methods=["POST"]),
        Route("/api/files/pass", files.word),
        Route("/api/files/{id}", files.get),
        Route("/api/files/{id}/thumbnail", files.thumbnail),
        Route("/api/files/{id}/{name}", files.get),
        Route(PATH, uploads.options, methods=["OPTIONS"]),
        Route(PATH, uploads.create, methods=["POST"]),
        Route(f"{PATH}/{{id}}", uploads.one, methods=["GET", "PATCH", "DELETE"]),
        Route(ONE_MESSAGE, amending.edit, methods=["PATCH"]),
        Route(ONE_MESSAGE, amending.take_back, methods=["DELETE"]),
        Route(f"{ONE_MESSAGE}/reactions/{{emoji}}", amending.react, methods=["PUT", "DELETE"]),
        Route(f"{ONE_MESSAGE}/versions", amending.versions),
        Route(f"{ONE_MESSAGE}/conversation", amending.conversation),
        Route("/api/rooms/{room}/pins", amending.pins),
        Route("/api/rooms/{room}/pins/{seq}", amending.pin, methods=["PUT", "DELETE"]),
        Route("/api/admin/{task}", administering.task, methods=["POST"]),
        Route("/openapi.json", documents.openapi),
        Route("/schema.json", documents.schema),
        *(Route(path, api.websocket) for path in WEBSOCKET_PATHS),
    ]
    if sign_ons is not None:
        routes += _sign_on_routes(SignOnPages(hub, sign_ons))
    if certificates is not None:
        routes += routes_of(certificates, hub.server_name)
    app = Starlette(
        routes=routes,
        exception_handlers={HTTPException: _http_failure, Exception: _internal_failure},
    )
    # A redirect would be to where the client says that we are.
    app.router.redirect_slashes = False
    return Guard(app if wrap is None else wrap(app), gate, prefix)


def _sign_on_routes(pages: SignOnPages) -> list[Route]:
    return [
        Route(BEGIN, pages.begin, methods=["GET"]),
        Route(CALLBACK, pages.come_back, methods=["GET"]),
        Route("/sign-on/code", pages.code, methods=["POST"]),
        Route("/sign-on/link", pages.linked, methods=["GET"]),
        Route("/sign-on/link", pages.link, methods=["POST"]),
        Route("/sign-on/unlink", pages.unlink, methods=["POST"]),
    ]


async def _http_failure(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    code, message = FAILURES.get(HTTPStatus(error.status_code), ("failed", error.detail))
    return failure(error.status_code, code, message, error.headers)


async def _internal_failure(request: Request, error: Exception) -> Response:
    return failure(
        HTTPStatus.INTERNAL_SERVER_ERROR,
        InternalError.code,
        told(REQUEST.get() or new_id()),
    )
