"""The chat page at ``/``, its service worker, and which version of them the server has."""

from __future__ import annotations

import json
from functools import cached_property
from html import escape
from string import Template

from msgspec import Struct
from starlette.requests import Request
from starlette.responses import Response

from hubbub.server.http.answers import answer
from hubbub.server.http.assets import MEDIA_TYPES, MODULES, STYLES, Asset, Assets

CONTENT_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self'",
        "media-src 'self'",
        "connect-src 'self'",
        "manifest-src 'self'",
        "worker-src 'self'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
        # Nothing of the page makes code or HTML of a text; the one address of a script that is
        # made at run time is the worker's.
        "require-trusted-types-for 'script'",
        "trusted-types hubbub-worker",
    )
)
"""Nothing but this server's own files, and no code that is not in one of them."""

WORKER_POLICY = "default-src 'none'; connect-src 'self'; frame-ancestors 'none'"
"""A worker runs under the policy that comes with it: it fetches, and does nothing else."""

ICONS = ("icon.svg", "icon-unread.svg", "icon-named.svg")
"""What the page shows of pictures, also without the server."""


class Version(Struct, frozen=True):
    """The hash of the page's files: a page that came with another one is out of date."""

    page: str


class ChatPage:
    """The page is the same for everybody: what it shows comes over the WebSocket.

    ``name`` is what the server is called, which the page shows before there is a connection, too;
    ``commands`` the JSON that tells which commands can be typed, ``rights`` that which tells who
    may do what; ``sign_on`` what people call the provider of the single sign-on, "" for none.
    """

    def __init__(
        self, assets: Assets, name: str, commands: str, rights: str, sign_on: str = ""
    ) -> None:
        self._assets = assets
        self._name = name
        self._commands = commands
        self._rights = rights
        self._sign_on = sign_on

    async def get(self, request: Request) -> Response:
        """Answers with the page."""
        return self._page.respond(request)

    async def worker(self, request: Request) -> Response:
        """Answers with the service worker."""
        return self._worker.respond(request)

    async def version(self, request: Request) -> Response:
        """Tells the version."""
        return answer(Version(self._assets.version))

    @cached_property
    def _page(self) -> Asset:
        text = Template(self._read("index.html")).substitute(
            name=escape(self._name),
            commands=escape(self._commands),
            rights=escape(self._rights),
            sign_on=escape(self._sign_on),
            modules=self._path(MODULES),
            styles=self._path(STYLES),
        )
        policy = {"Content-Security-Policy": CONTENT_POLICY}
        return Asset(text.encode(), MEDIA_TYPES[".html"], policy)

    @cached_property
    def _worker(self) -> Asset:
        texts = map(self._path, (MODULES, STYLES, *self._assets.names(".txt")))
        files = ["./", *texts, *(f"static/{name}" for name in ICONS)]
        constants = (
            f"const VERSION = {json.dumps(self._assets.version)};\n"
            f"const FILES = {json.dumps(files)};\n"
        )
        policy = {"Content-Security-Policy": WORKER_POLICY, "Referrer-Policy": "no-referrer"}
        text = constants + self._read("worker.js")
        return Asset(text.encode(), MEDIA_TYPES[".js"], policy)

    def _path(self, name: str) -> str:
        """The address of a file, in this version, relative to that of the page."""
        return f"static/{self._assets.version}/{name}"

    def _read(self, name: str) -> str:
        return (self._assets.folder / name).read_text(encoding="utf-8")
