"""The only module that knows uvicorn: its HTTP/1.1 protocol class, behind names of our own.

`H11Protocol` turns the events of h11 into ASGI calls, and that is what we want of it. It is not
meant to be inherited from, though, and none of what is used here is documented. Hence all of it is
used in this module; pyproject.toml bounds uvicorn's version, and tests/server/test_uvicorn_base.py
lists each part and says which one has changed.
"""

from __future__ import annotations

import asyncio
from http import HTTPStatus

import h11
from starlette.types import ASGIApp
from uvicorn.config import Config
from uvicorn.protocols.http.h11_impl import H11Protocol
from uvicorn.server import ServerState

from hubbub.server.http.strict import StrictConnection


class Application:
    """An ASGI application and its open connections. No server of uvicorn's is run."""

    def __init__(self, app: ASGIApp, *, head_bytes: int) -> None:
        self.state = ServerState()
        self.config = Config(
            app,
            http=H11Base,
            ws="none",
            interface="asgi3",
            lifespan="off",
            log_config=None,
            access_log=False,
            proxy_headers=False,
            server_header=False,
            date_header=False,
            workers=1,  # else uvicorn would read it from the environment
            h11_max_incomplete_event_size=head_bytes,
        )
        self.config.load()

    @property
    def connections(self) -> int:
        """The number of open connections."""
        return len(self.state.connections)

    def shutdown(self) -> None:
        """Shuts every connection down: see `H11Base.shutdown`."""
        for connection in list(self.state.connections):
            connection.shutdown()


class H11Base(H11Protocol):
    """One HTTP connection. Subclasses override the hooks, and nothing else of uvicorn's."""

    conn: StrictConnection

    def __init__(
        self, application: Application, conn: StrictConnection, *, keep_alive_seconds: float
    ) -> None:
        super().__init__(application.config, application.state, {}, asyncio.get_running_loop())
        self.conn = conn
        self.timeout_keep_alive = keep_alive_seconds  # type: ignore[assignment]

    # Hooks

    def requests_arrived(self) -> None:
        """Bytes came in, or the answer before them is complete: `read_requests` now, or later."""
        raise NotImplementedError

    def is_upgrade(self, method: str, path: str, protocol: bytes) -> bool:
        """Whether to hand a request to upgrade to ``protocol`` (lower case) to `upgrade`."""
        raise NotImplementedError

    def upgrade(self, request: h11.Request) -> None:
        """The request that `is_upgrade` chose. From now on this object is not told of anything."""
        raise NotImplementedError

    def malformed(self, status: HTTPStatus, reason: str) -> None:
        """What came in is no request. Answers, and closes."""
        raise NotImplementedError

    def answered(self) -> None:
        """An answer is complete and in the transport's buffer."""

    # For subclasses

    @property
    def answering(self) -> bool:
        """Whether a request is being answered."""
        cycle = getattr(self, "cycle", None)  # typed as never None; it is, before the first one
        return cycle is not None and not cycle.response_complete

    def close_after_answer(self) -> None:
        """Closes the connection when the answer that is under way is complete."""
        self.cycle.keep_alive = False

    def discard_answer(self) -> None:
        """Drops whatever the application still sends in answer to the current request."""
        self.cycle.disconnected = True

    @property
    def answer_discarded(self) -> bool:
        """Whether nobody is there to take the current answer."""
        return self.cycle.disconnected

    @property
    def unread(self) -> bytes:
        """What came in and was not read as a request yet."""
        return self.conn.trailing_data[0]

    def pause_reading(self) -> None:
        """Reads no more from the socket."""
        self.flow.pause_reading()

    @property
    def reading_paused(self) -> bool:
        """Whether what comes is not read just now."""
        return self.flow.read_paused

    def resume_reading(self) -> None:
        """Reads from the socket again."""
        self.flow.resume_reading()

    def read_requests(self) -> None:
        """Reads what came in and starts to answer it, one request at a time."""
        super().handle_events()

    def shutdown(self) -> None:
        """Closes the connection, after the answer that is under way."""
        if self.answering:
            self.close_after_answer()
        else:
            self.transport.close()

    # What uvicorn calls

    def connection_lost(self, exc: Exception | None) -> None:
        self._unset_keepalive_if_required()  # uvicorn forgets it after a reset
        super().connection_lost(exc)

    def handle_events(self) -> None:
        self.requests_arrived()

    def _should_upgrade(self) -> bool:
        protocol = self._get_upgrade()
        if protocol is None:
            return False
        return self.is_upgrade(self.scope["method"], self.scope["path"], protocol)

    def handle_websocket_upgrade(self, event: h11.Request) -> None:
        self.connections.discard(self)
        self.upgrade(event)

    def send_400_response(self, msg: str) -> None:
        refusal = self.conn.refusal
        hint = refusal.error_status_hint if refusal else HTTPStatus.BAD_REQUEST
        self.malformed(HTTPStatus(hint), f"{refusal or msg}.")

    def on_response_complete(self) -> None:
        super().on_response_complete()
        self.answered()
