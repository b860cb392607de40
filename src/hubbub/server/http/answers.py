"""Answers in JSON, and the one shape that all errors have."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Literal

from msgspec import Struct
from msgspec.json import Encoder
from starlette.responses import Response

from hubbub.domain.errors import (
    BadCursor,
    BadMessage,
    ChatError,
    InvalidName,
    LogUnavailable,
    NoSuchRoom,
    RateLimited,
    SearchUnavailable,
    ShuttingDown,
)
from hubbub.domain.events import AnyEvent
from hubbub.domain.replies import Result, RoomInfo

JSON = "application/json"

STATUS: Mapping[type[ChatError], HTTPStatus] = {
    BadCursor: HTTPStatus.BAD_REQUEST,
    BadMessage: HTTPStatus.BAD_REQUEST,
    InvalidName: HTTPStatus.BAD_REQUEST,
    NoSuchRoom: HTTPStatus.NOT_FOUND,
    LogUnavailable: HTTPStatus.SERVICE_UNAVAILABLE,
    RateLimited: HTTPStatus.TOO_MANY_REQUESTS,
    SearchUnavailable: HTTPStatus.SERVICE_UNAVAILABLE,
    ShuttingDown: HTTPStatus.SERVICE_UNAVAILABLE,
}
"""How HTTP says what the chat refuses."""

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


class EventsPage(Struct, frozen=True):
    """Some events of a room, oldest first. ``head`` is the ``seq`` of its newest.

    The page covers ``first <= seq <= last``.
    """

    room: str
    head: int
    events: Sequence[AnyEvent]
    first: int | None
    last: int | None


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
    return failure(STATUS.get(type(error), HTTPStatus.BAD_REQUEST), error.code, error.message)
