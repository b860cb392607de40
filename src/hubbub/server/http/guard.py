"""Middleware for every request and answer: the origin policy, and security headers."""

from __future__ import annotations

import re
from email.utils import formatdate
from http import HTTPStatus
from typing import Protocol

from starlette.datastructures import Headers
from starlette.responses import RedirectResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from hubbub.server.http.answers import failure
from hubbub.server.http.prefix import inside, outside, placed, said_of, with_slash
from hubbub.server.origin_policy import Fields, Told
from hubbub.server.refusals import Refusal

SAFE_HEADERS = {
    b"cross-origin-resource-policy": b"same-origin",
    b"x-content-type-options": b"nosniff",
    b"cache-control": b"no-store",
}
"""Sent with every answer that does not say otherwise."""

DOCUMENT_HEADERS = {
    b"content-security-policy": b"default-src 'none'; frame-ancestors 'none'",
    b"cross-origin-opener-policy": b"same-origin",
    b"referrer-policy": b"no-referrer",
}
"""Sent, too, with everything that a browser could take for a document."""

PARTS = (b"text/javascript", b"text/css")
"""What no browser takes for one (`nosniff`). The page has some sixty of them, mostly small: what
such headers would say to nobody would be a tenth of its weight."""

PAGES = frozenset({"", "/", "/ca", "/join", "/sign-on", "/sign-on/callback"})
"""What people open by a link, also by one on another site."""

# Browsers take it for this computer, and yet mark no request to it as one from another site.
_NOWHERE = re.compile(r"(?:0\.0\.0\.0|\[::\])(?::\d+)?")
_HERE = {"0.0.0.0": "127.0.0.1", "[::]": "[::1]"}  # noqa: S104 - nothing is bound to it


class Gate(Protocol):
    """The origin policy."""

    def request(self, fields: Fields, port: int, told: Told, *, page: bool) -> Refusal | None:
        """Why a request with these headers, to this port, is not answered.

        ``told``: what a trusted proxy says of it.
        """
        ...

    def websocket(self, fields: Fields, port: int, told: Told) -> Refusal | None:
        """Why a WebSocket may not be opened."""
        ...


class Guard:
    """The ASGI middleware around the application, which is below the path ``prefix``."""

    def __init__(self, app: ASGIApp, gate: Gate, prefix: str = "") -> None:
        self._app = app
        self._gate = gate
        self._prefix = prefix

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_safely(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = _with_safe_headers(message["headers"])
            await send(message)

        said = said_of(scope)
        path = inside(scope["path"], self._prefix, said)
        if path:
            scope = placed(scope, path, self._prefix)
        await self._guarded(scope, path)(scope, receive, send_safely)

    def _guarded(self, scope: Scope, path: str | None) -> ASGIApp:
        headers, said = Headers(scope=scope), said_of(scope)
        page = path in PAGES and scope["method"] in ("GET", "HEAD")
        port = scope["server"][1] or 0  # a Unix socket has none
        refusal = self._gate.request(headers.getlist, port, said, page=page)
        if refusal is not None:
            return failure(refusal.status, refusal.code, refusal.message)
        if path is None:
            return outside(self._prefix)
        if not path:
            prefix = self._prefix or said.prefix
            return with_slash(prefix, scope["query_string"].decode("latin-1"))
        host = headers.get("host", "")
        if _NOWHERE.fullmatch(host):
            there = host
            for nowhere, here in _HERE.items():
                there = there.replace(nowhere, here)
            url = f"{scope['scheme']}://{there}"
            if page:
                return RedirectResponse(f"{url}{scope['path']}")
            return failure(
                HTTPStatus.MISDIRECTED_REQUEST, "wrong-host", f"Please ask {url} for that."
            )
        return self._app


def _with_safe_headers(headers: list[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
    said = {name.lower(): value for name, value in headers}
    part = said.get(b"content-type", b"").startswith(PARTS)
    wanted = SAFE_HEADERS if part else SAFE_HEADERS | DOCUMENT_HEADERS
    missing = [(name, value) for name, value in wanted.items() if name not in said]
    # RFC 9110, 6.6.1: an origin server with a clock MUST generate a Date header field.
    return [*headers, *missing, (b"date", formatdate(usegmt=True).encode())]
