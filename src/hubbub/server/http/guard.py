"""What holds for every request and every answer: the Host that is meant, and safe headers."""

from __future__ import annotations

from email.utils import formatdate
from http import HTTPStatus
from typing import Protocol

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from hubbub.server.http.answers import failure

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


class Hosts(Protocol):
    """Knows by which names this server may be called."""

    def host_allowed(self, host: str) -> bool:
        """Whether ``host``, the value of a Host header, means this server."""
        ...


class Guard:
    """Stands before the application."""

    def __init__(self, app: ASGIApp, hosts: Hosts) -> None:
        self._app = app
        self._hosts = hosts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_safely(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = _with_safe_headers(message["headers"])
            await send(message)

        host = dict(scope["headers"]).get(b"host")
        # Without one it is HTTP/1.0 and no browser: DNS rebinding needs a browser.
        if host is None or self._hosts.host_allowed(host.decode("latin-1")):
            await self._app(scope, receive, send_safely)
            return
        wrong = failure(
            HTTPStatus.MISDIRECTED_REQUEST,
            "wrong-host",
            "This server does not go by the name that you called it by. Use its IP address, or "
            "let its keeper add the name to the setting allowed-hosts.",
        )
        await wrong(scope, receive, send_safely)


def _with_safe_headers(headers: list[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
    said = {name.lower(): value for name, value in headers}
    part = said.get(b"content-type", b"").startswith(PARTS)
    wanted = SAFE_HEADERS if part else SAFE_HEADERS | DOCUMENT_HEADERS
    missing = [(name, value) for name, value in wanted.items() if name not in said]
    # RFC 9110, 6.6.1: an origin server with a clock MUST generate a Date header field.
    return [*headers, *missing, (b"date", formatdate(usegmt=True).encode())]
