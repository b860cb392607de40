"""HTTP/1.1 on a connection: in turns, with deadlines and limits, and with our errors."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Protocol

import h11
from msgspec import Struct
from starlette.types import ASGIApp, Receive, Scope, Send

from hubbub.domain.errors import RateLimited
from hubbub.hub.clients import Client
from hubbub.hub.share import Share
from hubbub.hub.turns import Turns
from hubbub.server.askers import Asker
from hubbub.server.forwarded import Said
from hubbub.server.http.answers import JSON, Failed, Problem, encode, failure
from hubbub.server.http.app import WEBSOCKET_PATHS
from hubbub.server.http.heads import fields_of
from hubbub.server.http.numbered import Numbered
from hubbub.server.http.prefix import SAID, inside, said_of
from hubbub.server.http.strict import StrictConnection
from hubbub.server.http.unsent import AllUnsent, Unsent
from hubbub.server.http.uploads import PATH, WHOLE
from hubbub.server.http.uvicorn_base import Application, H11Base
from hubbub.server.origin_policy import Fields
from hubbub.server.portions import Portions, hand_over
from hubbub.server.refusals import code_of
from hubbub.server.tallies import Tallies

LINGER_SECONDS = 1.0
"""How long a client that was refused may still send before the connection is cut."""

NEWEST_SHARE = 0.2
"""The weight of the newest request in the moving average of what a request takes."""

TAKE_THEM_FIRST = failure(
    HTTPStatus.TOO_MANY_REQUESTS,
    RateLimited.code,
    "Your address has many answers on their way that it does not take. Take those first.",
    {"Retry-After": "5"},
)

ProtocolFactory = Callable[[], Portions | asyncio.Protocol]
Closed = Callable[[asyncio.BaseTransport], None]
ClientOf = Callable[[asyncio.BaseTransport], Client]


class WhoAsks(Protocol):
    """Tells for whom connections ask: `hubbub.server.askers.Askers`."""

    def proxied(self, transport: asyncio.BaseTransport) -> bool:
        """Whether a trusted proxy is at the other end, which asks for many people."""
        ...

    def is_told(self, transport: asyncio.BaseTransport) -> bool:
        """Whether a proxy has told where a connection comes from."""
        ...

    def asks(self, transport: asyncio.BaseTransport, fields: Fields) -> Asker:
        """Whose the request with these headers is; so is the connection now."""
        ...

    def rests(self, transport: asyncio.BaseTransport) -> None:
        """The connection is nobody's, until the next request."""
        ...


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
    """What takes a body has a limit of its own; elsewhere a small one is read and dropped."""
    file_bytes_a_second: float = 1024.0
    """What a request that brings a file has to bring within `request_seconds`, on the average."""


@dataclass(eq=False)
class HttpProtocols:
    """Makes the protocols of HTTP connections that run ``app``, and knows those that are open.

    A request to upgrade at `WEBSOCKET_PATHS` goes, head and all, to a protocol of ``websocket``.
    Requests are read in ``turns``, and answering them is charged to the client that ``client_of``
    tells of a connection. ``closed`` is called for each connection that ends, except those that
    became a WebSocket. ``tallies`` count the answers. ``askers`` are there if clients may come by
    proxies, whose ids of requests are taken. What the server has is below the path ``prefix``.
    """

    app: ASGIApp
    websocket: ProtocolFactory
    limits: Limits
    turns: Turns
    client_of: ClientOf
    closed: Closed = lambda transport: None
    tallies: Tallies = field(default_factory=Tallies)
    askers: WhoAsks | None = None
    prefix: str = ""

    def __post_init__(self) -> None:
        self.numbered = Numbered(self.tallies, lambda scope: said_of(scope).passed_on)
        self.application = Application(self.app, head_bytes=self.limits.head_bytes)
        self.unsent = AllUnsent()
        self.usual_seconds = 0.001
        """What it takes to answer a request: a moving average."""

    def __call__(self) -> HttpProtocol:
        return HttpProtocol(self)

    @property
    def open(self) -> int:
        """The number of open connections."""
        return self.application.connections

    def close_idle(self) -> None:
        """Closes every connection, those with an answer under way when it is complete."""
        self.application.shutdown()


class Reading:
    """The requests of one connection, as a `hubbub.hub.turns.Taker`."""

    __slots__ = ("_protocol", "queued", "share")

    def __init__(self, protocol: HttpProtocol, share: Share) -> None:
        self._protocol = protocol
        self.share = share
        self.queued = False

    @property
    def ahead(self) -> float:
        """Mostly the time to answer a request: a task does that after the turn."""
        return self._protocol.usual_seconds

    def turn(self, until: float) -> bool:
        """See `hubbub.hub.turns.Taker`."""
        self._protocol.read()
        return False


class HttpProtocol(H11Base):
    """One HTTP connection."""

    def __init__(self, protocols: HttpProtocols) -> None:
        self._protocols = protocols
        self._limits = limits = protocols.limits
        super().__init__(
            protocols.application,
            StrictConnection(
                head_bytes=limits.head_bytes,
                body_bytes=limits.body_bytes,
                takes_more=self._takes_file,
            ),
            keep_alive_seconds=limits.keep_alive_seconds,
        )
        self._deadline: asyncio.TimerHandle | None = None
        self._lingering: asyncio.TimerHandle | None = None
        self._upgraded = False
        self._refused = False
        self._ended = False  # the client's side
        self._asking: asyncio.Task[object] | None = None
        self._asker: Asker | None = None
        self._received = 0

    # The connection

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        protocols = self._protocols
        self._proxied = False
        if protocols.askers is not None:
            self._proxied = protocols.askers.proxied(transport)
            if not self._proxied and protocols.askers.is_told(transport):
                self._asker = protocols.askers.asks(transport, _no_fields)
        self._client = client = protocols.client_of(transport).taker
        self._reading = Reading(self, client)
        self.unsent = Unsent(
            protocols.unsent,
            client,
            transport,
            self.loop,
            stuck_seconds=self._limits.stuck_seconds,
        )
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
        """Whether an answer is under way; after the last one the connection is closed."""
        if self.answering and self.conn.their_state is not h11.SEND_BODY:
            if not self.unread:  # else another request waits behind this one
                self.close_after_answer()
            return True
        part = self.unread or self.answering  # of which the rest will never come
        if part and not (self._refused or self._upgraded):
            self._fail(HTTPStatus.BAD_REQUEST, "bad-request", "This is only a part of a request.")
        return False

    def connection_lost(self, exc: Exception | None) -> None:
        self._end_deadline()
        if self._lingering is not None:
            self._lingering.cancel()
        self.unsent.end()
        super().connection_lost(exc)
        if self._asking is not None:
            self._asking.cancel()  # nobody waits for its outcome, or its turn
        self._protocols.closed(self.transport)

    def shutdown(self) -> None:
        if self._refused:
            self.transport.close()
        else:
            super().shutdown()

    # Turns

    @property
    def usual_seconds(self) -> float:
        """See `Reading.ahead`."""
        return self._protocols.usual_seconds

    def requests_arrived(self) -> None:
        if self._proxied and not self._reading.queued:
            self._look_who_asks()
        self._protocols.turns.take(self._reading)
        if self._reading.queued:
            self.pause_reading()

    def read(self) -> None:
        """The turn: one request at most, as the next one waits for its answer."""
        if self._upgraded or self._refused or self.transport.is_closing():
            return
        self.resume_reading()
        came = self.conn.received
        self.read_requests()
        if self.conn.large and came < self.conn.received and self.conn.their_state is h11.SEND_BODY:
            self.pause_reading()  # what takes the file reads on when it has this on the disk
        self._mind_deadline()
        if self._ended and not self._answer_last():
            self.transport.close()

    def _look_who_asks(self) -> None:
        """Before the turn in which a request is read: whoever asks pays for that, too."""
        askers = self._protocols.askers
        assert askers is not None, "there is a proxy"
        if self.conn.their_state is not h11.IDLE:
            return
        fields = fields_of(self.unread)
        if fields is None:
            # Whose it will be is not known, and it must not wait behind whoever asked before.
            self._reading.share = Share()
            return
        self._asker = asker = askers.asks(self.transport, fields)
        self._client = self._reading.share = asker.client.taker
        self.unsent.belongs_to(self._client)

    def _metered(self, app: ASGIApp) -> ASGIApp:
        protocols = self._protocols
        turns = protocols.turns

        async def answer(scope: Scope, receive: Receive, send: Send) -> None:
            client, asker = self._client, self._asker
            if asker is not None and (refusal := asker.refusal) is not None:
                after = refusal.retry_after
                headers = {} if after is None else {"Retry-After": str(after)}
                refused = failure(refusal.status, refusal.code, refusal.message, headers)
                await refused(scope, receive, send)
            elif client.shares and not protocols.unsent.make_way(client, self.loop.time()):
                await TAKE_THEM_FIRST(scope, receive, send)
            else:
                await app(scope, receive, send)

        async def metered(scope: Scope, receive: Receive, send: Send) -> None:
            self._asking = asyncio.current_task()
            try:
                asked = scope if self._asker is None else _passed_on(scope, self._asker)
                answering = protocols.numbered.answer(answer, asked, receive, send)
                spent = await turns.measured(self._client, answering)
            except asyncio.CancelledError:
                if self.answering and not self.answer_discarded:
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
        if whole or self._upgraded or self._refused or self.transport.is_closing():
            self._end_deadline()
        elif self._deadline is None:
            seconds = self._limits.request_seconds
            self._deadline = self.loop.call_later(seconds, self._too_late)

    def _takes_file(self, request: h11.Request) -> bool:
        """Whether the request brings a file, of which `hubbub.server.http.uploads` says how large
        it may be; it has as much time as it needs, as long as it goes on."""
        path = inside(request.target.decode("latin-1"), self._protocols.prefix, self._said)
        return request.method in (b"PATCH", b"POST") and (path or "").startswith((PATH, WHOLE))

    @property
    def _said(self) -> Said:
        return Said("") if self._asker is None else self._asker.said

    def _end_deadline(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _too_late(self) -> None:
        seconds = self._limits.request_seconds
        came, self._received = self.conn.received - self._received, self.conn.received
        enough = self.reading_paused or came >= seconds * self._limits.file_bytes_a_second
        if self.conn.large and self.conn.their_state is h11.SEND_BODY and enough:
            self._deadline = self.loop.call_later(seconds, self._too_late)
            return
        self._fail(
            HTTPStatus.REQUEST_TIMEOUT,
            "too-slow",
            f"A request must come within {seconds:g} seconds.",
        )

    def answered(self) -> None:
        self.unsent.answered()
        if self.conn.large and self.conn.their_state is h11.SEND_BODY and not self._refused:
            # The rest of a file that is not taken is not waited for, nor read.
            self._refused = True
            self._end_deadline()
            self.transport.write_eof()
            self._lingering = self.loop.call_later(LINGER_SECONDS, self.transport.abort)
        if self._proxied and self._protocols.askers is not None:
            self._protocols.askers.rests(self.transport)

    def resume_writing(self) -> None:
        """The transport's buffer is below its low-water mark."""
        super().resume_writing()
        self.unsent.taken()

    # Upgrades

    def is_upgrade(self, method: str, path: str, protocol: bytes) -> bool:
        if protocol != b"websocket" or method != "GET":
            return False
        return inside(path, self._protocols.prefix, self._said) in WEBSOCKET_PATHS

    def upgrade(self, request: h11.Request) -> None:
        """Hands over to the WebSocket's protocol, which reads the request itself."""
        self._upgraded = True
        lines = [b"%s %s HTTP/%s" % (request.method, request.target, request.http_version)]
        lines += [b"%s: %s" % header for header in request.headers]
        protocol = self._protocols.websocket()
        self.transport.set_protocol(protocol)
        protocol.connection_made(self.transport)
        hand_over(protocol, b"\r\n".join([*lines, b"", b""]) + self.unread)

    # Errors

    def malformed(self, status: HTTPStatus, reason: str) -> None:
        self._fail(status, code_of(status), reason)

    def _fail(self, status: HTTPStatus, code: str, message: str) -> None:
        """Answers with an error, if no answer has begun, and closes."""
        self._refused = True
        self._end_deadline()
        if self.answering:
            self.discard_answer()
        if self.conn.our_state in (h11.IDLE, h11.SEND_RESPONSE):
            self._protocols.tallies.answered(status)
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
            self._lingering = self.loop.call_later(LINGER_SECONDS, self.transport.abort)
        else:
            self.transport.close()


def _passed_on(scope: Scope, asker: Asker) -> Scope:
    """The scope of a request, as if who asks had come without a proxy."""
    said = asker.said
    changed: dict[str, object] = {
        "client": (said.address, asker.port) if said.address else None,
        SAID: said,
    }
    if asker.server[1]:
        changed["server"] = asker.server
    if said.secure is not None:
        changed["scheme"] = "https" if said.secure else "http"
    return {**scope, **changed}


def _no_fields(name: str) -> tuple[str, ...]:
    return ()
