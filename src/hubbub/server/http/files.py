"""Files over HTTP: to who may read their message, and never as a page of this server's."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from http import HTTPStatus
from typing import Annotated
from urllib.parse import quote

from msgspec import Meta, Struct
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from hubbub.hub.access import ANYBODY, Viewer
from hubbub.hub.filepasses import HOUR_MS, MAX_PASS_CHARS
from hubbub.hub.fileports import NoSuchBlob, thumbnail_of
from hubbub.hub.ports import FileRecord
from hubbub.hub.uploading import NoSuchFile
from hubbub.server.http.answers import answer, failure
from hubbub.server.http.api import client_of, refusing
from hubbub.server.http.bearer import token_of
from hubbub.server.http.queries import read_query
from hubbub.server.http.uploads import UserQuery, asking, no_such_file
from hubbub.server.http.view import HubView

SHOWN = frozenset(
    {
        *("image/png", "image/jpeg", "image/gif", "image/webp", "image/avif", "image/bmp"),
        *("video/mp4", "video/webm", "video/ogg", "video/quicktime"),
        *("audio/mpeg", "audio/ogg", "audio/wav", "audio/x-wav", "audio/webm", "audio/mp4"),
        *("audio/flac", "audio/aac", "audio/x-flac", "audio/opus"),
        "text/plain",
    }
)
"""What a browser may show where it is linked to: none of these runs anything of a page's. All else
(HTML, SVG, XML, what nobody knows) is offered to be saved."""

UNKNOWN = "application/octet-stream"
THUMBNAIL = "image/webp"

POLICY = "sandbox; default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'"
"""No script, no form, nothing loaded, an origin of its own; even if a browser took it for a page.
Styles are those that a browser gives a picture which it shows by itself."""

KEPT_SECONDS = 3600  # by the browser of who asks, and by nobody else: as long as a pass is the same

_RANGE = re.compile(r"bytes=([0-9]{0,15})-([0-9]{0,15})")
_TYPE = re.compile(r"[a-z0-9.+-]{1,60}/[a-z0-9.+-]{1,60}")


class FileQuery(Struct, frozen=True, forbid_unknown_fields=True, rename={"pass_": "pass"}):
    """``pass``: a word instead of a token. ``download``: it is to be saved, whatever it is.

    ``user``: whose token it is, for a guest.
    """

    pass_: Annotated[str, Meta(max_length=MAX_PASS_CHARS)] | None = None
    download: bool = False
    user: Annotated[str, Meta(min_length=1)] | None = None


class Pass(Struct, frozen=True):
    """A word for addresses of files, ``?pass=…``, good for an hour at least.

    Ask for the next one within ``seconds``.
    """

    word: str
    seconds: int = HOUR_MS // 2000


class FileRoutes:
    """Answers with files."""

    def __init__(self, hub: HubView) -> None:
        self._hub = hub

    @refusing
    async def word(self, request: Request) -> Response:
        """A pass for whose token it is."""
        user = await asking(self._hub, request, read_query(request, UserQuery).user)
        return answer(Pass(self._hub.file_pass(user)))

    @refusing
    async def get(self, request: Request) -> Response:
        """A file, or a part of it."""
        return await self._served(request, thumbnail=False)

    @refusing
    async def thumbnail(self, request: Request) -> Response:
        """The small picture of a file."""
        return await self._served(request, thumbnail=True)

    async def _served(self, request: Request, *, thumbnail: bool) -> Response:
        uploading = self._hub.uploading
        query = read_query(request, FileQuery)
        viewer = await self._viewer(request, query)
        try:
            file = await self._hub.file(viewer, str(request.path_params["id"]), client_of(request))
            if uploading is None or (thumbnail and not file.thumbnail_size):
                raise NoSuchFile
            served = Served(request, file, thumbnail=thumbnail, download=query.download)
            if served.unchanged or served.unsatisfiable or request.method == "HEAD":
                return served.answered(None)
            pieces = uploading.blobs.read(served.key, served.start, served.end)
            first = b"" if served.start == served.end else await anext(pieces)
        except (NoSuchFile, NoSuchBlob):
            return no_such_file()
        return served.answered(_behind(first, pieces))

    async def _viewer(self, request: Request, query: FileQuery) -> Viewer:
        if query.pass_ is not None:
            return await self._hub.identify_by_pass(query.pass_, client_of(request))
        if token_of(request) is None:
            return ANYBODY
        return await asking(self._hub, request, query.user)


class Served:
    """What of a file is sent to who asks for it, and with which headers."""

    def __init__(
        self, request: Request, file: FileRecord, *, thumbnail: bool, download: bool
    ) -> None:
        self._file = file
        self._size = file.thumbnail_size if thumbnail else file.size
        self._type = THUMBNAIL if thumbnail else _safe_type(file.type)
        self._inline = thumbnail or (self._type in SHOWN and not download)
        self.key = thumbnail_of(file.blob) if thumbnail else file.blob
        # Not by the key of the blob: those who have the same file would see that in it.
        self._tag = f'"{file.id}{".thumbnail" if thumbnail else ""}"'
        asked = request.headers
        known = asked.get("if-none-match", "").split(",")
        self.unchanged = self._tag in [tag.strip() for tag in known]
        wanted = asked.get("range")
        if request.method != "GET" or asked.get("if-range", self._tag) != self._tag:
            wanted = None  # RFC 9110, 14.2: a server MUST ignore it
        self._part = _part(wanted, self._size)
        self.start, self.end = self._part or (0, self._size)
        self.unsatisfiable = self._part is not None and self.start >= self.end

    def answered(self, pieces: AsyncIterator[bytes] | None) -> Response:
        """The answer, with the body ``pieces``."""
        headers = {
            "Accept-Ranges": "bytes",
            "ETag": self._tag,
            "Content-Disposition": disposition(self._file.name, inline=self._inline),
            "Content-Security-Policy": POLICY,
            # As long as a pass: who may not read it any more may have it in their own cache.
            "Cache-Control": f"private, max-age={KEPT_SECONDS}",
            "Vary": "Authorization",
        }
        if self.unchanged:
            return Response(status_code=HTTPStatus.NOT_MODIFIED, headers=headers)
        if self.unsatisfiable:
            return failure(
                HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE,
                "no-such-range",
                f"The file has {self._size:,} bytes.",
                {"Content-Range": f"bytes */{self._size}"},
            )
        headers["Content-Length"] = str(self.end - self.start)
        status = HTTPStatus.OK
        if self._part is not None:
            status = HTTPStatus.PARTIAL_CONTENT
            headers["Content-Range"] = f"bytes {self.start}-{self.end - 1}/{self._size}"
        kind = f"{self._type}; charset=utf-8" if self._type == "text/plain" else self._type
        if pieces is None:
            return Response(status_code=status, headers=headers, media_type=kind)
        return StreamingResponse(pieces, status, headers, kind)


def disposition(name: str, *, inline: bool) -> str:
    """The header ``Content-Disposition`` (RFC 6266): the name in ASCII, and as it is (RFC 8187)."""
    plain = "".join(one if " " <= one <= "~" and one not in '"\\%' else "_" for one in name)
    kind = "inline" if inline else "attachment"
    said = f'{kind}; filename="{plain}"'
    return said if plain == name else f"{said}; filename*=UTF-8''{quote(name, safe='')}"


def _safe_type(kind: str) -> str:
    return kind if _TYPE.fullmatch(kind) else UNKNOWN


def _part(wanted: str | None, size: int) -> tuple[int, int] | None:
    """``start`` and ``end`` of the part that is asked for; None for all of it.

    Several parts at once, and what is no range, are answered with all, as RFC 9110 allows.
    """
    found = None if wanted is None else _RANGE.fullmatch(wanted.strip())
    if found is None or found[0] == "bytes=-":
        return None
    first, last = found[1], found[2]
    if not first:
        return max(0, size - int(last)), size
    end = min(int(last) + 1, size) if last else size
    if last and int(last) < int(first):
        return None
    return int(first), end


async def _behind(first: bytes, rest: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    yield first
    async for piece in rest:
        yield piece
