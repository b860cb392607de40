"""Uploads over HTTP: resumable by tus 1.0.0 (tus.io), or whole in one request."""

from __future__ import annotations

import base64
from collections.abc import AsyncIterator, Awaitable, Callable
from email.utils import formatdate
from functools import wraps
from http import HTTPStatus
from typing import Annotated, TypeVar

from msgspec import Meta, Struct
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from hubbub.domain.errors import BadMessage
from hubbub.domain.files import File
from hubbub.domain.names import UserName
from hubbub.hub.clients import address_of, client_key
from hubbub.hub.session import User
from hubbub.hub.uploading import (
    NoSuchFile,
    State,
    TooLarge,
    Upload,
    Uploading,
    WrongOffset,
    file_of,
)
from hubbub.server.http.answers import Problem, answer, failure
from hubbub.server.http.api import client_of, refusing
from hubbub.server.http.bearer import needed_token
from hubbub.server.http.bodies import NotTaken
from hubbub.server.http.prefix import prefix_of
from hubbub.server.http.queries import read_query
from hubbub.server.http.view import HubView

PATH = "/api/uploads"
WHOLE = "/api/files"
BYTES = "application/offset+octet-stream"
VERSION = "1.0.0"
EXTENSIONS = "creation,creation-with-upload,expiration,termination"
MAX_METADATA_CHARS = 4096
MAX_NAME_CHARS = 1024  # as it is sent: what is shown of it is less

CHANGED = "The upload is not where you think. Ask for its Upload-Offset (HEAD), and go on there."


class FileQuery(Struct, frozen=True, forbid_unknown_fields=True):
    """``name``: what the file is called. ``user``: whose token it is, for a guest."""

    name: Annotated[str, Meta(max_length=MAX_NAME_CHARS)] = ""
    user: Annotated[str, Meta(min_length=1)] | None = None


class UserQuery(Struct, frozen=True, forbid_unknown_fields=True):
    """``user``: whose token it is, for a guest; an account's token says that by itself."""

    user: Annotated[str, Meta(min_length=1)] | None = None


class UploadState(Struct, frozen=True, omit_defaults=True):
    """How far an upload is. ``file`` is there when it is ``ready``: its id can be said then.

    ``offset``: so many of its ``size`` bytes are on the disk. ``expires``: when it is deleted
    unless it is said by then, in ms. ``error``: why it has failed.
    """

    id: str
    state: State
    offset: int
    expires: int
    size: int | None = None
    file: File | None = None
    error: Problem | None = None


A = TypeVar("A")


def _telling(
    answers: Callable[[A, Request], Awaitable[Response]],
) -> Callable[[A, Request], Awaitable[Response]]:
    """Turns what is wrong with an upload into an answer that says so."""

    @wraps(answers)
    async def answer_or_tell(self: A, request: Request) -> Response:
        version = request.headers.get("tus-resumable", VERSION)
        try:
            if version != VERSION:
                raise NotTaken(
                    HTTPStatus.PRECONDITION_FAILED,
                    "unknown-version",
                    f"Uploads are by version {VERSION} of tus.",
                )
            response = await answers(self, request)
        except NoSuchFile:
            response = no_such_file()
        except WrongOffset:
            response = failure(HTTPStatus.CONFLICT, "wrong-offset", CHANGED)
        except TooLarge as error:
            response = failure(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "content-too-large", f"{error}")
        except ClientDisconnect:
            response = Response(status_code=HTTPStatus.NO_CONTENT)  # nobody is there to read it
        response.headers["Tus-Resumable"] = VERSION
        return response

    return answer_or_tell


class UploadRoutes:
    """Answers about uploads."""

    def __init__(self, hub: HubView) -> None:
        self._hub = hub

    @refusing
    @_telling
    async def create(self, request: Request) -> Response:
        """Begins an upload; may bring its first bytes, or all."""
        user = await self._user(request, read_query(request, UserQuery).user)
        uploading = self._uploading()
        size = _number(request, "upload-length")
        name = _metadata(request.headers.get("upload-metadata", "")).get("filename", "")
        brings = request.headers.get("content-type") == BYTES
        upload = await uploading.begin(user, name, size, _client(request))
        if brings:
            with uploading.receiving(_client(request)):
                await uploading.append(upload, 0, _pieces(request))
            if upload.state == "examining":
                # Whoever asks next may ask another server, which knows of files alone.
                await upload.done.wait()
        elif size == 0:
            await uploading.append(upload, 0, _pieces(request))
        headers = {"Location": f"{prefix_of(request)}{PATH}/{upload.begun.id}", **_state(upload)}
        return answer(_told(upload), HTTPStatus.CREATED, headers)

    @refusing
    @_telling
    async def one(self, request: Request) -> Response:
        """How far an upload is; its next bytes; or its end."""
        user = await self._user(request, read_query(request, UserQuery).user)
        uploading, id = self._uploading(), str(request.path_params["id"])
        if request.method == "DELETE":
            await uploading.cancel(user, id)
            return Response(status_code=HTTPStatus.NO_CONTENT)
        upload = await uploading.find(user, id)
        if request.method == "PATCH":
            if request.headers.get("content-type") != BYTES:
                raise NotTaken(
                    HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
                    "unsupported-media-type",
                    f"Send bytes with the header Content-Type: {BYTES}",
                )
            offset = _number(request, "upload-offset")
            with uploading.receiving(_client(request)):
                await uploading.append(upload, offset, _pieces(request))
            return Response(status_code=HTTPStatus.NO_CONTENT, headers=_state(upload))
        return answer(_told(upload), headers=_state(upload))

    @refusing
    @_telling
    async def whole(self, request: Request) -> Response:
        """A file in one request; the answer comes when it may be said."""
        query = read_query(request, FileQuery)
        user = await self._user(request, query.user)
        uploading, size = self._uploading(), request.headers.get("content-length")
        with uploading.receiving(_client(request)):
            upload = await uploading.begin(
                user, query.name, None if size is None else int(size), _client(request)
            )
            try:
                await uploading.append(upload, 0, _pieces(request))
                uploading.whole(upload)
            finally:
                if upload.state == "receiving":  # nobody knows its id, to go on with it
                    await uploading.cancel(user, upload.begun.id)
        await upload.done.wait()
        if upload.error is not None:
            raise upload.error
        assert upload.file is not None
        return answer(file_of(upload.file), HTTPStatus.CREATED)

    async def options(self, request: Request) -> Response:
        """What of tus there is."""
        uploading = self._hub.uploading
        headers = {
            "Tus-Resumable": VERSION,
            "Tus-Version": VERSION,
            "Tus-Extension": EXTENSIONS,
            "Tus-Max-Size": str(0 if uploading is None else uploading.most_bytes),
        }
        return Response(status_code=HTTPStatus.NO_CONTENT, headers=headers)

    def _uploading(self) -> Uploading:
        uploading = self._hub.uploading
        if uploading is None:
            raise BadMessage("No files are taken here.")
        return uploading

    async def _user(self, request: Request, name: str | None) -> User:
        return await asking(self._hub, request, name)


async def asking(hub: HubView, request: Request, name: str | None) -> User:
    """Whose token it is: an account's; or that of the guest who is called ``name``."""
    token = needed_token(request)
    if name is None:
        return await hub.identify(token, client_of(request))
    return await hub.identify_guest(UserName.parse(name), token, client_of(request))


def no_such_file() -> Response:
    """The answer where there is no such file, and where it is not for who asks."""
    return failure(
        HTTPStatus.NOT_FOUND, "no-such-file", "There is no such file, or it is not for you."
    )


def _client(request: Request) -> str:
    return client_key(address_of(client_of(request)))


async def _pieces(request: Request) -> AsyncIterator[bytes]:
    async for piece in request.stream():
        if piece:
            yield piece


def _number(request: Request, header: str) -> int:
    given = request.headers.get(header, "")
    if not (given.isascii() and given.isdigit() and len(given) <= 15):
        raise BadMessage(f"The header {header.title()} has to be a number of bytes.")
    return int(given)


def _metadata(header: str) -> dict[str, str]:
    """What ``Upload-Metadata`` says: pairs of a key and a value in Base64, with commas between."""
    found = {}
    for pair in header[:MAX_METADATA_CHARS].split(","):
        key, _, value = pair.strip().partition(" ")
        try:
            found[key] = base64.b64decode(value, validate=True).decode()
        except ValueError:  # neither Base64, nor ASCII, nor UTF-8 inside
            raise BadMessage("The header Upload-Metadata has to have values in Base64.") from None
    return found


def _state(upload: Upload) -> dict[str, str]:
    """The headers that tell how far it is."""
    headers = {
        "Upload-Offset": str(upload.offset),
        "Upload-Expires": formatdate(upload.expires / 1000, usegmt=True),
        "Cache-Control": "no-store",
    }
    if upload.begun.size is not None:
        headers["Upload-Length"] = str(upload.begun.size)
    return headers


def _told(upload: Upload) -> UploadState:
    error = upload.error if upload.state == "failed" else None
    return UploadState(
        upload.begun.id,
        upload.state,
        upload.offset,
        upload.expires,
        upload.begun.size,
        None if upload.file is None else file_of(upload.file),
        None if error is None else Problem(error.code, error.message),
    )
