"""Middleware of a server that requires TLS: who comes without is sent to https, or refused."""

from __future__ import annotations

from http import HTTPStatus

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import RedirectResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from hubbub.server.clear import NOT_ENCRYPTED
from hubbub.server.http.answers import failure
from hubbub.server.http.prefix import said_of
from hubbub.server.http.reached import is_local
from hubbub.server.http.trusting import CHALLENGES
from hubbub.server.tls.certificates import Certificates

SURE_SECONDS = 180 * 24 * 3600
"""For so long browsers that have been here come by https only (HSTS, RFC 6797): half a year."""

HSTS = (b"strict-transport-security", b"max-age=%d" % SURE_SECONDS)


class OnlyEncrypted:
    """Inside of the `Guard`, which has looked at the Host header: the redirect is to nobody else.

    ACME servers are answered without TLS: they look whether we have our name. HSTS is told
    only while browsers trust the certificate as it is: after that they let nobody go on to a server
    whose certificate they do not know.
    """

    def __init__(self, app: ASGIApp, certificates: Certificates | None) -> None:
        self._app = app
        self._certificates = certificates

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_surely(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], HSTS]
            await send(message)

        if scope["scheme"] == "https":
            await self._app(scope, receive, send_surely if self._is_sure(scope) else send)
        elif is_local(Request(scope)) or scope["path"].startswith(CHALLENGES):
            await self._app(scope, receive, send)
        else:
            await _elsewhere(scope)(scope, receive, send)

    def _is_sure(self, scope: Scope) -> bool:
        """Whether it is our certificate, and not a proxy's, and browsers trust it."""
        certificates = self._certificates
        return certificates is not None and certificates.trusted and not said_of(scope).passed_on


def _elsewhere(scope: Scope) -> ASGIApp:
    host = Headers(scope=scope).get("host")
    if host is None or scope["method"] not in ("GET", "HEAD"):
        # What was sent was sent: to have it sent again would only hide that.
        return failure(NOT_ENCRYPTED.status, NOT_ENCRYPTED.code, NOT_ENCRYPTED.message)
    query = scope["query_string"].decode("latin-1")
    where = scope["raw_path"].decode("latin-1") + (f"?{query}" if query else "")
    return RedirectResponse(f"https://{host}{where}", HTTPStatus.PERMANENT_REDIRECT)
