"""The REST API for who administers the server: its tasks, each as one request.

Which tasks there are is known to whoever is handed in (`hubbub.admin`, above the server). A task
that is not for somebody is not there for them, whatever it is called and whatever was sent with it.
"""

from __future__ import annotations

from typing import Protocol

from starlette.requests import Request
from starlette.responses import Response

from hubbub.domain.errors import NoSuchTask
from hubbub.hub.session import User
from hubbub.server.http.answers import JSON
from hubbub.server.http.api import client_of, refusing
from hubbub.server.http.bearer import needed_token
from hubbub.server.http.bodies import read_json
from hubbub.server.http.view import HubView


class Tasks(Protocol):
    """The tasks of administrators."""

    def check(self, name: str, user: User) -> None:
        """Raises `NoSuchTask` unless there is one of that name for ``user``."""
        ...

    async def with_token(
        self, name: str, arguments: bytes, user: User, token: str, client: str
    ) -> bytes:
        """What comes of it, as JSON; raises a `ChatError`.

        ``user``: whose ``token`` was sent by ``client``, an address and port.
        """
        ...


class NoTasks:
    """None at all."""

    def check(self, name: str, user: User) -> None:
        """There is none."""
        raise NoSuchTask("There is no such task for you.")

    async def with_token(
        self, name: str, arguments: bytes, user: User, token: str, client: str
    ) -> bytes:
        """There is none."""
        raise NoSuchTask("There is no such task for you.")


class Administering:
    """Answers to administrators."""

    def __init__(self, hub: HubView, tasks: Tasks) -> None:
        self._hub = hub
        self._tasks = tasks

    @refusing
    async def task(self, request: Request) -> Response:
        """Has a task done."""
        token, client = needed_token(request), client_of(request)
        user = await self._hub.identify(token, client)
        name = request.path_params["task"]
        self._tasks.check(name, user)
        arguments = await read_json(request, self._hub.line_bytes)
        # Once more: who was logged out while the body was on its way has nothing done any more.
        user = await self._hub.identify(token, client)
        done = await self._tasks.with_token(name, arguments, user, token, client)
        return Response(done, media_type=JSON)
