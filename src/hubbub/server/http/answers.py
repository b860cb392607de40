"""Answers in JSON, and the one shape that all errors have."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Literal

from msgspec import Struct
from msgspec.json import Encoder
from starlette.responses import Response

from hubbub.domain.errors import (
    ChatError,
    Filtered,
    Forbidden,
    Held,
    InternalError,
    LogUnavailable,
    NameTaken,
    NeedAccount,
    NeedCode,
    NeedPassword,
    NoSuchRoom,
    NoSuchTask,
    NoSuchUser,
    NotAllowed,
    RateLimited,
    RoomFull,
    RoomHasTexts,
    RoomInUse,
    RoomStays,
    SearchUnavailable,
    ShuttingDown,
    SignOnFailed,
    TooMany,
    TooManyRooms,
    WrongPassword,
    WrongToken,
)
from hubbub.domain.events import AnyEvent
from hubbub.domain.ids import ToldId
from hubbub.domain.replies import Result, RoomInfo
from hubbub.domain.rules import Role

JSON = "application/json"

STATUS: Mapping[type[ChatError], HTTPStatus] = {
    NeedAccount: HTTPStatus.UNAUTHORIZED,  # guests do not ask by HTTP: this is somebody nameless
    WrongToken: HTTPStatus.UNAUTHORIZED,
    Filtered: HTTPStatus.FORBIDDEN,
    Forbidden: HTTPStatus.FORBIDDEN,
    Held: HTTPStatus.FORBIDDEN,  # it waits for a moderator, and is not to be sent again
    NeedCode: HTTPStatus.FORBIDDEN,
    NeedPassword: HTTPStatus.FORBIDDEN,
    NotAllowed: HTTPStatus.FORBIDDEN,
    SignOnFailed: HTTPStatus.FORBIDDEN,
    WrongPassword: HTTPStatus.FORBIDDEN,
    NoSuchRoom: HTTPStatus.NOT_FOUND,
    NoSuchTask: HTTPStatus.NOT_FOUND,
    NoSuchUser: HTTPStatus.NOT_FOUND,
    NameTaken: HTTPStatus.CONFLICT,
    RoomHasTexts: HTTPStatus.CONFLICT,
    RoomFull: HTTPStatus.CONFLICT,
    RoomInUse: HTTPStatus.CONFLICT,
    RoomStays: HTTPStatus.CONFLICT,
    TooMany: HTTPStatus.CONFLICT,
    TooManyRooms: HTTPStatus.CONFLICT,
    RateLimited: HTTPStatus.TOO_MANY_REQUESTS,
    InternalError: HTTPStatus.INTERNAL_SERVER_ERROR,
    LogUnavailable: HTTPStatus.SERVICE_UNAVAILABLE,
    SearchUnavailable: HTTPStatus.SERVICE_UNAVAILABLE,
    ShuttingDown: HTTPStatus.SERVICE_UNAVAILABLE,
}
"""How HTTP says what the chat refuses; all else is 400."""

_BY_CODE = {kind.code: status for kind, status in STATUS.items()}

_encoder = Encoder(enc_hook=str)  # names are strings with a key


class Problem(Struct, frozen=True):
    """What went wrong. ``code`` is stable, ``message`` is for people."""

    code: str
    message: str


class Failed(Struct, frozen=True):
    """The body of every answer that is an error."""

    error: Problem


class Healthy(Struct, frozen=True):
    """The server takes messages."""

    status: Literal["ok"] = "ok"


class RoomsPage(Struct, frozen=True):
    """Rooms, those with the most users first. ``next`` is the ``after`` of the next page, if any.

    ``total``: how many rooms there are.
    """

    rooms: Sequence[RoomInfo]
    next: str | None
    total: int


class Me(Struct, frozen=True):
    """Whose token was given. ``role``: on the whole server."""

    user: str
    user_id: ToldId
    role: Role


class LoggedIn(Struct, frozen=True):
    """Somebody has logged in. ``token``: of this device, to be given with requests."""

    user: str
    user_id: ToldId
    role: Role
    token: str


class ProvedBy(Struct, frozen=True):
    """Who has signed on in this browser, and with what they log in: a code for one minute, once."""

    user: str
    password: str


class Linked(Struct, frozen=True):
    """Whether the account logs in by single sign-on, too."""

    linked: bool


class LinkedTo(Struct, frozen=True):
    """Where the browser has to go next."""

    url: str


class EventsPage(Struct, frozen=True):
    """Some events of a room, oldest first. ``head`` is the ``seq`` of its newest.

    The page covers ``first <= seq <= last``.
    """

    room: str
    head: int
    events: Sequence[AnyEvent]
    first: int | None
    last: int | None


class MessagesPage(Struct, frozen=True):
    """Messages of a room that belong together, each as it is now. ``head``: as of when.

    ``more``: there are more of them than one answer has; these are the newest.
    """

    room: str
    head: int
    events: Sequence[AnyEvent]
    more: bool


class SearchPage(Struct, frozen=True, omit_defaults=True):
    """What was found, newest first. ``next`` goes on as ``before``; without it that was all.

    ``behind``: so many events cannot be found yet, between the newest 1,000 and what is indexed.
    """

    results: Sequence[Result]
    next: str | None = None
    behind: int | None = None


def encode(body: Struct) -> bytes:
    """The body of an answer."""
    return _encoder.encode(body)


def answer(body: Struct, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """An answer in JSON."""
    return Response(encode(body), status, headers, JSON)


def failure(
    status: int, code: str, message: str, headers: Mapping[str, str] | None = None
) -> Response:
    """An answer that is an error."""
    return answer(Failed(Problem(code, message)), status, headers)


def refusal(error: ChatError) -> Response:
    """The answer to what the chat refuses."""
    return refused(error.code, error.message, error.retry_after)


def refused(code: str, message: str, retry_after: float | None = None) -> Response:
    """The answer to what the chat refuses with that code."""
    status = _BY_CODE.get(code, HTTPStatus.BAD_REQUEST)
    headers = {} if retry_after is None else {"Retry-After": str(math.ceil(retry_after))}
    if status is HTTPStatus.UNAUTHORIZED:
        # RFC 9110, 11.6.1: a 401 MUST have it. RFC 6750, 3.1: the error, if there was a token.
        why = ' error="invalid_token"' if code == WrongToken.code else ""
        headers["WWW-Authenticate"] = f"Bearer{why}"
    return failure(status, code, message, headers)
