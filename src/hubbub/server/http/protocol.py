"""HTTP/1.1 on a connection: uvicorn's h11 protocol with deadlines, limits and our errors.

Uvicorn's server is not used: the listener has its own port, detects the protocol and hands over.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from http import HTTPStatus

import h11
from msgspec import Struct
from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.config import Config
from uvicorn.protocols.http.h11_impl import H11Protocol
from uvicorn.server import ServerState

from hubbub.domain.errors import RateLimited
from hubbub.hub.clients import Client
from hubbub.hub.share import Share
from hubbub.hub.turns import Turns
from hubbub.server.http.answers import JSON, Failed, Problem, encode, failure
from hubbub.server.http.app import WEBSOCKET_PATH
from hubbub.server.http.strict import StrictConnection
from hubbub.server.portions import Portions, hand_over
from hubbub.server.refusals import code_of

LINGER_SECONDS = 1.0
"""How long a client that was refused may still send before the connection is cut."""

UNSENT_BYTES = 16 * 1024 * 1024
"""Of answers that one client may leave untaken, over all its connections. Beyond, whoever takes
theirs the slowest is cut off for the next one. A page of long texts has 2 MiB, and there may be
four hundred connections."""

SLOW_SECONDS = 1.0
"""For which an answer waits before it shows how fast it is taken: who has only just asked is not
cut off. While all have, the next one is told to wait."""

NEWEST_SHARE = 0.2
"""What the newest request counts in the time that one usually takes."""

TAKE_THEM_FIRST = failure(
    HTTPStatus.TOO_MANY_REQUESTS,
    RateLimited.code,
    "Your address has many answers on their way that it does not take. Take those first.",
    {"Retry-After": "5"},
)

ProtocolFactory = Callable[[], Portions | asyncio.Protocol]
Closed = Callable[[asyncio.BaseTransport], None]
ClientOf = Callable[[asyncio.BaseTransport], Client]


class Limits(Struct, frozen=True, kw_only=True):
    """How long and how much a client may take."""

    request_seconds: float = 10.0
    """From a request's first byte (or the connection's begin) to its last."""
    keep_alive_seconds: float = 15.0
    """From an answer to the next request."""
    stuck_seconds: float = 30.0
    """Without the client taking one more byte of an answer."""
    head_bytes: int = 16 * 1024
    """Request line and headers; browsers send 1 or 2 KiB, with cookies of a shared host more."""
    body_bytes: int = 64 * 1024
    """Nothing here takes a body; a small one is read and forgotten."""


def make_http_protocol_factory(
    app: ASGIApp,
    websocket_protocol_factory: ProtocolFactory,
    limits: Limits,
    turns: Turns,
    client_of: ClientOf,
    closed: Closed = lambda transport: None,
) -> HttpProtocols:
    """What makes the protocol of an HTTP connection that runs ``app``.

    A request to upgrade at `WEBSOCKET_PATH` goes, head and all, to a protocol of
    ``websocket_protocol_factory``. Requests are read in ``turns``, and answering them is charged
    to the client that ``client_of`` tells of a connection. ``closed`` is called for each connection
    that ends and was not handed over so.
    """
    return HttpProtocols(app, websocket_protocol_factory, limits, turns, client_of, closed)


class HttpProtocols:
    """Makes the protocols of HTTP connections, and knows those that are open."""

    def __init__(
        self,
        app: ASGIApp,
        websocket: ProtocolFactory,
        limits: Limits,
        turns: Turns,
        client_of: ClientOf,
        closed: Closed,
    ) -> None:
        self.limits = limits
        self.turns = turns
        self.usual_seconds = 0.001
        self.client_of = client_of
        self.websocket = websocket
        self.closed = closed
        self.unsent: dict[Client, dict[HttpProtocol, int]] = {}
        self._state = ServerState()
        # workers: uvicorn would read the environment for it.
        self._config = Config(
            app,
            http=HttpProtocol,
            ws="none",
            interface="asgi3",
            lifespan="off",
            log_config=None,
            access_log=False,
            proxy_headers=False,
            server_header=False,
            date_header=False,
            workers=1,
            h11_max_incomplete_event_size=limits.head_bytes,
        )
        self._config.load()

    def __call__(self) -> HttpProtocol:
        return HttpProtocol(self, self._config, self._state)

    @property
    def open(self) -> int:
        """How many connections there are."""
        return len(self._state.connections)

    def make_way(self, client: Client, now: float) -> bool:
        """Cuts off who takes the slowest while ``client`` leaves too much; whether there is room.

        Behind one address there may be many people: who leaves answers there must not keep the
        others from theirs.
        """
        unsent = self.unsent.get(client, {})
        if sum(unsent.values()) <= UNSENT_BYTES:
            return True
        for connection in list(unsent):
            connection.count_unsent()
        over = sum(unsent.values()) - UNSENT_BYTES
        slow = (one for one in unsent if now - one.waits_since >= SLOW_SECONDS)
        for connection in sorted(slow, key=lambda one: one.pace(now)):
            if over <= 0:
                break
            over -= unsent[connection]
            connection.give_way()
        return over <= 0

    def close_idle(self) -> None:
        """Closes every connection, those with an answer under way when it is out."""
        for connection in list(self._state.connections):
            connection.shutdown()


class Reading:
    """The requests of one connection, as a `hubbub.hub.turns.Taker`."""

    __slots__ = ("_protocol", "queued", "share")

    def __init__(self, protocol: HttpProtocol, share: Share) -> None:
        self._protocol = protocol
        self.share = share
        self.queued = False

    @property
    def ahead(self) -> float:
        """What it takes to answer a request, mostly: a task does it after the turn."""
        return self._protocol.usual_seconds

    def turn(self, until: float) -> bool:
        """See `hubbub.hub.turns.Taker`."""
        self._protocol.read()
        return False


class HttpProtocol(H11Protocol):
    """One HTTP connection."""

    conn: StrictConnection

    def __init__(self, protocols: HttpProtocols, config: Config, state: ServerState) -> None:
        super().__init__(config, state, {}, asyncio.get_running_loop())
        self._protocols = protocols
        self._limits = limits = protocols.limits
        self.conn = StrictConnection(head_bytes=limits.head_bytes, body_bytes=limits.body_bytes)
        self.timeout_keep_alive = limits.keep_alive_seconds  # type: ignore[assignment]
        self._deadline: asyncio.TimerHandle | None = None
        self._stuck: asyncio.TimerHandle | None = None
        self._handed_over = False
        self._refused = False
        self._ended = False  # the client's side
        self.waits_since = 0.0
        """Since when the peer is to take what was left to take then."""
        self._left = 0
        self._asking: asyncio.Task[object] | None = None

    # The connection

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._client = self._protocols.client_of(transport).taker
        self._reading = Reading(self, self._client)
        self.app = self._metered(self.app)
        self._mind_deadline()

    def data_received(self, data: bytes) -> None:
        if not self._refused and not self.transport.is_closing():
            super().data_received(data)
            self._mind_deadline()

    def eof_received(self) -> bool:  # type: ignore[override]
        """Lets `printf … | nc` have its answer: the client ended its side, not ours."""
        if self._refused:
            return False
        self._ended = True
        if self._reading.queued:
            return True
        return self._answer_last()

    def _answer_last(self) -> bool:
        """Whether there is an answer under way; behind the last one the connection ends."""
        if self._answering():
            if not self.conn.trailing_data[0]:  # else another request waits behind this one
                self.cycle.keep_alive = False
            return True
        if self.conn.trailing_data[0] and not (self._refused or self._handed_over):
            self._fail(HTTPStatus.BAD_REQUEST, "bad-request", "This is only a part of a request.")
        return False

    def connection_lost(self, exc: Exception | None) -> None:
        self._end_deadline()
        self._unset_keepalive_if_required()
        if self._stuck is not None:
            self._stuck.cancel()
        self._set_unsent(0)
        super().connection_lost(exc)
        if self._asking is not None:
            self._asking.cancel()  # nobody waits for its outcome, or its turn
        self._protocols.closed(self.transport)

    def shutdown(self) -> None:
        """Ends the connection, after the answer that is under way."""
        if self._refused or not self._answering():
            self.transport.close()
        else:
            self.cycle.keep_alive = False

    def _answering(self) -> bool:
        cycle = getattr(self, "cycle", None)  # uvicorn says it is never None; it is, at first
        return cycle is not None and not cycle.response_complete

    # Turns

    @property
    def usual_seconds(self) -> float:
        """See `Reading.ahead`."""
        return self._protocols.usual_seconds

    def handle_events(self) -> None:
        """Reads the requests that came in, when it is this client's turn."""
        self._protocols.turns.take(self._reading)
        if self._reading.queued:
            self.flow.pause_reading()

    def read(self) -> None:
        """The turn: one request at most, as the next one waits for its answer."""
        if self._handed_over or self._refused or self.transport.is_closing():
            return
        self.flow.resume_reading()
        super().handle_events()
        self._mind_deadline()
        if self._ended and not self._answer_last():
            self.transport.close()

    def _metered(self, app: ASGIApp) -> ASGIApp:
        protocols, client = self._protocols, self._client
        turns = protocols.turns

        async def answer(scope: Scope, receive: Receive, send: Send) -> None:
            if client.shares and not protocols.make_way(client, self.loop.time()):
                await TAKE_THEM_FIRST(scope, receive, send)
            else:
                await app(scope, receive, send)

        async def metered(scope: Scope, receive: Receive, send: Send) -> None:
            self._asking = asyncio.current_task()
            try:
                spent = await turns.measured(client, answer(scope, receive, send))
            except asyncio.CancelledError:
                if not self.cycle.disconnected:
                    raise
                return
            finally:
                self._asking = None
            protocols.usual_seconds += (spent - protocols.usual_seconds) * NEWEST_SHARE

        return metered

    # Time

    def _mind_deadline(self) -> None:
        """A request that has begun, or the first one, must be whole in time."""
        whole = self.conn.their_state not in (h11.IDLE, h11.SEND_BODY)
        if whole or self._handed_over or self._refused or self.transport.is_closing():
            self._end_deadline()
        elif self._deadline is None:
            seconds = self._limits.request_seconds
            self._deadline = self.loop.call_later(seconds, self._too_late)

    def _end_deadline(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _too_late(self) -> None:
        seconds = self._limits.request_seconds
        self._fail(
            HTTPStatus.REQUEST_TIMEOUT,
            "too-slow",
            f"A request must come within {seconds:g} seconds.",
        )

    def on_response_complete(self) -> None:
        super().on_response_complete()
        self._look_at_unsent()
        if self._stuck is None:
            self._mind_unsent(None)

    def resume_writing(self) -> None:
        """The client has taken nearly all of its answer."""
        super().resume_writing()
        self._set_unsent(0)

    def pace(self, now: float) -> float:
        """Bytes a second that the peer takes; below zero if there are ever more."""
        return (self._left - self.count_unsent()) / (now - self.waits_since)

    def give_way(self) -> None:
        """Ends, with what was not taken."""
        self._set_unsent(0)
        self.transport.abort()

    def _look_at_unsent(self) -> int:
        self._left = self.count_unsent()
        self.waits_since = self.loop.time()
        return self._left

    def count_unsent(self) -> int:
        """How much of the answers the peer has not taken."""
        size = self.transport.get_write_buffer_size()
        self._set_unsent(size)
        return size

    def _set_unsent(self, size: int) -> None:
        unsent, client = self._protocols.unsent, self._client
        if size:
            unsent.setdefault(client, {})[self] = size
        elif unsent.get(client, {}).pop(self, 0) and not unsent[client]:
            del unsent[client]

    def _mind_unsent(self, before: int | None) -> None:
        """Cuts off a client that takes nothing: closing would wait for it without an end."""
        self._stuck = None
        unsent = self._look_at_unsent()
        if before is not None and unsent >= before:
            self.transport.abort()
        elif unsent:
            seconds = self._limits.stuck_seconds
            self._stuck = self.loop.call_later(seconds, self._mind_unsent, unsent)

    # Upgrades

    def _should_upgrade(self) -> bool:
        return (
            self.scope["path"] == WEBSOCKET_PATH
            and self.scope["method"] == "GET"
            and self._get_upgrade() == b"websocket"
        )

    def handle_websocket_upgrade(self, event: h11.Request) -> None:
        """Hands over to the WebSocket's protocol, which reads the request itself."""
        self._handed_over = True
        self.connections.discard(self)
        lines = [b"%s %s HTTP/%s" % (event.method, event.target, event.http_version)]
        lines += [b"%s: %s" % header for header in event.headers]
        protocol = self._protocols.websocket()
        self.transport.set_protocol(protocol)
        protocol.connection_made(self.transport)
        hand_over(protocol, b"\r\n".join([*lines, b"", b""]) + self.conn.trailing_data[0])

    # Errors

    def send_400_response(self, msg: str) -> None:
        """Answers what is no request; uvicorn calls it for whatever h11 refuses."""
        refusal = self.conn.refusal
        status = HTTPStatus(refusal.error_status_hint if refusal else HTTPStatus.BAD_REQUEST)
        self._fail(status, code_of(status), f"{refusal or msg}.")

    def _fail(self, status: HTTPStatus, code: str, message: str) -> None:
        """Answers with an error, if no answer has begun, and closes."""
        self._refused = True
        self._end_deadline()
        if self._answering():
            self.cycle.disconnected = True  # what the application still says is for nobody
        if self.conn.our_state in (h11.IDLE, h11.SEND_RESPONSE):
            body = encode(Failed(Problem(code, message)))
            headers = [
                ("content-type", JSON),
                ("content-length", str(len(body))),
                ("connection", "close"),
                ("x-content-type-options", "nosniff"),
                ("cache-control", "no-store"),
            ]
            for event in (
                h11.Response(status_code=status, reason=status.phrase, headers=headers),
                h11.Data(data=body),
                h11.EndOfMessage(),
            ):
                self.transport.write(self.conn.send(event) or b"")
            # RFC 9112, 9.6: closing while the client still sends would reset the connection, and
            # the client lose the answer. So the server's side ends first.
            self.transport.write_eof()
            self._stuck = self.loop.call_later(LINGER_SECONDS, self.transport.abort)
        else:
            self.transport.close()
