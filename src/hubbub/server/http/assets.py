"""Files that never change while the server runs: read once, told apart by their content."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from hashlib import sha256
from http import HTTPStatus
from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response

from hubbub.server.http.answers import failure

FOLDER = Path(__file__).parent.parent / "static"
"""The web page and what belongs to it."""

PAGE = "index.html"
"""The page itself, which is filled in anew for each request."""

MEDIA_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".ico": "image/x-icon",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".webmanifest": "application/manifest+json",
    ".woff2": "font/woff2",
}
"""Ours, not the machine's: what it has in its registry may be anything."""


class Asset:
    """One file's content. The browser keeps it, and asks each time whether it is still right."""

    def __init__(self, body: bytes, media_type: str) -> None:
        self._body = body
        self._headers = {
            "ETag": f'"{sha256(body).hexdigest()[:32]}"',
            "Cache-Control": "no-cache",
            "Content-Type": media_type,
        }

    def respond(self, request: Request) -> Response:
        """The content, or that the browser's copy of it is right."""
        known = request.headers.get("If-None-Match", "")
        tags = {tag.strip().removeprefix("W/") for tag in known.split(",")}
        if self._headers["ETag"] in tags or "*" in tags:
            return Response(status_code=HTTPStatus.NOT_MODIFIED, headers=self._headers)
        return Response(self._body, headers=self._headers)


class Assets:
    """The files of a folder by their names. Only what was found there can be asked for."""

    def __init__(self, folder: Path = FOLDER) -> None:
        self._folder = folder

    async def get(self, request: Request) -> Response:
        """Answers with one of them."""
        asset = self._files.get(request.path_params["name"])
        if asset is None:
            return failure(HTTPStatus.NOT_FOUND, "not-found", "There is no such file.")
        return asset.respond(request)

    @cached_property
    def _files(self) -> Mapping[str, Asset]:
        return {
            path.relative_to(self._folder).as_posix(): Asset(
                path.read_bytes(), MEDIA_TYPES[path.suffix]
            )
            for path in sorted(self._folder.rglob("*"))
            if path.is_file() and path.name != PAGE
        }
