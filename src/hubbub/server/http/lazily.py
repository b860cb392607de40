"""Imports the HTTP side and its libraries with the first connection that needs them."""

from __future__ import annotations

import asyncio
import logging
from functools import partial
from importlib import import_module
from typing import TYPE_CHECKING

from hubbub.server.options import Options
from hubbub.server.tallies import Tallies

if TYPE_CHECKING:
    from collections.abc import Callable

    from hubbub.hub.turns import Turns
    from hubbub.server.http.administering import Tasks
    from hubbub.server.http.guard import Gate
    from hubbub.server.http.protocol import ClientOf, Closed, HttpProtocols, WhoAsks
    from hubbub.server.http.view import HubView
    from hubbub.server.portions import Portions
    from hubbub.server.tls.certificates import Certificates

logger = logging.getLogger(__name__)


class Http:
    """Makes the protocols of HTTP connections, like `HttpProtocols`, which it imports lazily.

    So a server listens some 60 ms earlier. ``await http.warm()`` when it does.
    """

    def __init__(
        self,
        hub: HubView,
        gate: Gate,
        options: Options,
        websocket: Callable[[], Portions | asyncio.Protocol],
        turns: Turns,
        client_of: ClientOf,
        closed: Closed = lambda transport: None,
        tallies: Tallies | None = None,
        askers: WhoAsks | None = None,
        certificates: Certificates | None = None,
        tasks: Callable[[], Tasks] | None = None,
    ) -> None:
        """``tasks`` makes those of administrators, when they are needed."""
        self._hub = hub
        self._gate = gate
        self._options = options
        self._websocket = websocket
        self._turns = turns
        self._client_of = client_of
        self._closed = closed
        self._tallies = tallies or Tallies()
        self._askers = askers
        self._certificates = certificates
        self._tasks = tasks
        self._protocols: HttpProtocols | None = None

    def __call__(self) -> asyncio.Protocol:
        """The protocol of a new connection."""
        if self._protocols is None:
            self._protocols = self._make()
        return self._protocols()

    async def warm(self) -> None:
        """Imports the modules in a thread, while connections are served.

        Clients may have come in such a number that no file can be opened: then it is for the
        first request to import it, and those who are here are served on.
        """
        try:
            await asyncio.to_thread(import_module, "hubbub.server.http.protocol")
        except OSError as error:
            logger.warning("HTTP is not ready yet: %s", error)

    def close_idle(self) -> None:
        """Closes every connection, those with an answer under way when it is out."""
        if self._protocols is not None:
            self._protocols.close_idle()

    def _make(self) -> HttpProtocols:
        from hubbub.server.http.app import make_app
        from hubbub.server.http.onlyencrypted import OnlyEncrypted
        from hubbub.server.http.protocol import HttpProtocols, Limits

        wrap = None
        if self._options.tls == "required":
            wrap = partial(OnlyEncrypted, certificates=self._certificates)
        prefix = self._options.path_prefix
        app = make_app(
            self._hub,
            self._gate,
            metrics=self._options.metrics,
            tallies=self._tallies,
            tasks=None if self._tasks is None else self._tasks(),
            wrap=wrap,
            certificates=self._certificates,
            prefix=prefix,
        )
        limits = Limits(
            request_seconds=self._options.first_bytes_seconds,
            body_bytes=max(Limits().body_bytes, self._hub.line_bytes),
        )
        return HttpProtocols(
            app,
            self._websocket,
            limits,
            self._turns,
            self._client_of,
            self._closed,
            self._tallies,
            self._askers,
            prefix,
        )
