"""Static files: read and compressed once, addressed by the hash of their content."""

from __future__ import annotations

import gzip
from collections.abc import Mapping, Sequence
from functools import cached_property
from hashlib import sha256
from http import HTTPStatus
from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response

from hubbub.server.http.answers import failure
from hubbub.server.http.joining import join_modules, join_styles

FOLDER = Path(__file__).parents[2] / "page"
"""The web page and what belongs to it."""

MODULES = "page.js"
"""The bundle of the page's modules; main.js is the entry point."""

DIALOGS = "dialogs.js"
"""The dialogs, which the page fetches when one is needed first (``view/more.js``)."""

PICKER = "picker.js"
"""What lets one choose an emoji, fetched likewise, with the list of all of them."""

ADMINISTRATION = "administration.js"
"""The administrator's page, fetched likewise."""

STYLES = "page.css"
"""The bundle of the page's style sheets."""

BUNDLES = {
    MODULES: "main.js",
    DIALOGS: "view/dialogs.js",
    PICKER: "view/picker.js",
    ADMINISTRATION: "view/administering/page.js",
}
"""The module with which each of these begins."""

TEMPLATES = frozenset({"ca.html", "index.html", "join.html", "worker.js"})
"""Filled in before they are served, and not under their own names."""

MEDIA_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".ico": "image/x-icon",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".txt": "text/plain; charset=utf-8",
    ".webmanifest": "application/manifest+json",
    ".woff2": "font/woff2",
}
"""Ours, not the machine's: what it has in its registry may be anything."""

PACKED = frozenset({".png", ".woff2", ".ico"})
"""Types that are compressed already."""

ASK_AGAIN = "no-cache"
"""The browser caches it, and revalidates it each time."""

FOR_EVER = "public, max-age=31536000, immutable"
"""For a URL that contains the hash of the content, and so never changes its content."""

VERSION_CHARS = 12  # 72 bits of the hash: two versions never meet


class Asset:
    """One file's content, as it is and compressed."""

    def __init__(
        self, body: bytes, media_type: str, headers: Mapping[str, str] | None = None
    ) -> None:
        tag = sha256(body).hexdigest()[:32]
        self._plain = body
        # Always the same bytes for the same content: no time of packing in it.
        packed = gzip.compress(body, mtime=0)
        self._packed = packed if len(packed) < len(body) and _may_be_packed(media_type) else None
        self._headers = {"Content-Type": media_type, "Vary": "Accept-Encoding", **(headers or {})}
        self._tags = (f'"{tag}"', f'"{tag}-gzip"')

    def respond(self, request: Request, caching: str = ASK_AGAIN) -> Response:
        """The content, or that the browser's copy of it is right."""
        packed = self._packed if _takes_gzip(request) else None
        # RFC 9110, 8.8.3.3: two encodings of one thing have two strong entity tags.
        headers = {
            **self._headers,
            "Cache-Control": caching,
            "ETag": self._tags[packed is not None],
        }
        known = request.headers.get("If-None-Match", "")
        tags = {tag.strip().removeprefix("W/") for tag in known.split(",")}
        if headers["ETag"] in tags or "*" in tags:
            return Response(status_code=HTTPStatus.NOT_MODIFIED, headers=headers)
        if packed is None:
            return Response(self._plain, headers=headers)
        return Response(packed, headers={**headers, "Content-Encoding": "gzip"})


class Assets:
    """The files of a folder by their names. Only what was found there can be asked for.

    All together have a ``version``, made of their content. Under ``VERSION/name`` a browser keeps
    them for ever; modules that import each other by relative addresses stay within one version.
    """

    def __init__(self, folder: Path = FOLDER, with_texts: Sequence[str] = ()) -> None:
        """``with_texts``: what the page consists of, too, and is in none of its files."""
        self.folder = folder
        self._with_texts = with_texts

    async def get(self, request: Request) -> Response:
        """Answers with one of them."""
        name = request.path_params["name"]
        version, slash, rest = name.partition("/")
        if slash and version == self.version:
            return self._respond(request, rest, FOR_EVER)
        return self._respond(request, name, ASK_AGAIN)

    @cached_property
    def version(self) -> str:
        """A hash of everything that belongs to the page."""
        digest = sha256()
        for path in self._paths:
            body = path.read_bytes()
            digest.update(f"{path.relative_to(self.folder).as_posix()}\0{len(body)}\0".encode())
            digest.update(body)
        for text in (*self._joined.values(), *self._with_texts):
            digest.update(text.encode())
        return digest.hexdigest()[:VERSION_CHARS]

    def names(self, suffix: str) -> list[str]:
        """The names of the files with this suffix, in a fixed order."""
        return [name for name in self._files if name.endswith(suffix)]

    def _respond(self, request: Request, name: str, caching: str) -> Response:
        asset = self._files.get(name)
        if asset is None:
            return failure(HTTPStatus.NOT_FOUND, "not-found", "There is no such file.")
        return asset.respond(request, caching)

    @cached_property
    def _paths(self) -> list[Path]:
        return [path for path in sorted(self.folder.rglob("*")) if path.is_file()]

    @cached_property
    def _joined(self) -> Mapping[str, str]:
        """The texts of the files that are made of others, by their names."""
        styles = self._texts("style/*.css")
        modules = self._texts("**/*.js")
        known = {name: one for name, one in BUNDLES.items() if one in modules}
        joined = {name: join_modules(modules, one) for name, one in known.items()}
        return {**joined, STYLES: join_styles(styles, sorted(styles))}

    def _texts(self, pattern: str) -> dict[str, str]:
        paths = self.folder.glob(pattern)
        return {path.relative_to(self.folder).as_posix(): path.read_text("utf-8") for path in paths}

    @cached_property
    def _files(self) -> Mapping[str, Asset]:
        bodies = {name: text.encode() for name, text in self._joined.items()}
        for path in self._paths:
            if path.name not in TEMPLATES:
                bodies[path.relative_to(self.folder).as_posix()] = path.read_bytes()
        return {name: Asset(body, MEDIA_TYPES[Path(name).suffix]) for name, body in bodies.items()}


def _may_be_packed(media_type: str) -> bool:
    return not any(MEDIA_TYPES[suffix] == media_type for suffix in PACKED)


def _takes_gzip(request: Request) -> bool:
    # RFC 9110, 12.5.3: a weight of 0 means "not this one".
    for coding in request.headers.get("Accept-Encoding", "").lower().split(","):
        name, _, weight = coding.replace(" ", "").partition(";q=")
        if name in ("gzip", "*"):
            return not weight or weight.rstrip("0") not in ("", ".", "0.")
    return False
