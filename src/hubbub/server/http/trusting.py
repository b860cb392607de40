"""``/ca``: how people have their devices trust the server's own authority; and for ACME servers."""

from __future__ import annotations

import hashlib
from functools import cached_property
from html import escape
from http import HTTPStatus
from pathlib import Path
from string import Template
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from hubbub.domain import fingerprints
from hubbub.server.http.answers import failure
from hubbub.server.http.assets import FOLDER, MEDIA_TYPES
from hubbub.server.http.join import CONTENT_POLICY
from hubbub.server.http.prefix import prefix_of
from hubbub.server.tls.certificates import Certificates

PLACE = "/ca"
FILE = "/ca.crt"
CHALLENGES = "/.well-known/acme-challenge/"

GROUPS_IN_A_LINE = 4

CERTIFICATE = "application/x-x509-ca-cert"
"""By which phones know that it is an authority to be installed."""


def routes_of(certificates: Certificates, server_name: str) -> list[Route]:
    """Where a server with these certificates answers, beside all else."""
    pages = Trusting(certificates, server_name)
    return [
        Route(PLACE, pages.page),
        Route(FILE, pages.file),
        Route(CHALLENGES + "{token}", pages.challenge),
    ]


class Trusting:
    """The pages of what a server's certificate needs."""

    def __init__(self, certificates: Certificates, server_name: str, folder: Path = FOLDER) -> None:
        self._certificates = certificates
        self._name = server_name
        self._path = folder / "ca.html"

    async def page(self, request: Request) -> Response:
        """Tells how the authority is installed."""
        authority = self._certificates.authority
        if authority is None:
            return _none()
        text = self._template.substitute(
            name=escape(self._name),
            fingerprint=_in_lines(fingerprints.shown(hashlib.sha256(authority).digest())),
            page=escape(f"https://{urlsplit(str(request.url)).netloc}{prefix_of(request)}/"),
        )
        headers = {"Content-Security-Policy": CONTENT_POLICY, "Cache-Control": "no-store"}
        return Response(text, headers=headers, media_type=MEDIA_TYPES[".html"])

    async def file(self, request: Request) -> Response:
        """The authority's certificate."""
        authority = self._certificates.authority
        if authority is None:
            return _none()
        headers = {"Cache-Control": "no-store"}
        return Response(authority, headers=headers, media_type=CERTIFICATE)

    async def challenge(self, request: Request) -> Response:
        """Shows an ACME server that we have the name by which it came (RFC 8555, 8.3)."""
        answer = self._certificates.answer(request.path_params["token"])
        if answer is None:
            return failure(HTTPStatus.NOT_FOUND, "not-found", "Nothing of that name is asked for.")
        return Response(answer, media_type="application/octet-stream")

    @cached_property
    def _template(self) -> Template:
        return Template(self._path.read_text(encoding="utf-8"))


def _in_lines(fingerprint: str) -> str:
    """Short ones, for a phone's screen."""
    groups = fingerprint.split()
    rows = range(0, len(groups), GROUPS_IN_A_LINE)
    return "\n".join(" ".join(groups[at : at + GROUPS_IN_A_LINE]) for at in rows)


def _none() -> Response:
    return failure(
        HTTPStatus.NOT_FOUND, "not-found", "This server has no authority of its own to be trusted."
    )
