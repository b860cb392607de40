"""The OpenAPI document and the JSON Schema of the JSON protocol, made from the structs."""

from __future__ import annotations

import inspect
from collections.abc import Collection
from functools import cache, lru_cache, reduce
from http import HTTPStatus
from operator import or_
from typing import Any, get_args

import msgspec
from msgspec import Struct
from starlette.requests import Request
from starlette.responses import Response

import hubbub
from hubbub.domain.commands import AnyCommand
from hubbub.domain.files import File
from hubbub.domain.names import MAX_ROOM_CHARS, MAX_USER_CHARS, RoomName, UserName
from hubbub.domain.replies import (
    Ack,
    AnyReply,
    Events,
    Invitation,
    Pong,
    Presence,
    ProfileChanged,
    Refused,
    RoomJoined,
    RoomLeft,
    RoomMoved,
    RoomStanding,
    Signalled,
    SomeoneTyping,
    VersionList,
    Warned,
    Welcome,
)
from hubbub.hub.errands import ON_CONNECTIONS
from hubbub.server.http.acting import Login, Text
from hubbub.server.http.amending import ONE_MESSAGE, AmendQuery, NewText
from hubbub.server.http.answers import (
    JSON,
    EventsPage,
    Failed,
    Healthy,
    LoggedIn,
    Me,
    MessagesPage,
    RoomsPage,
    SearchPage,
)
from hubbub.server.http.api import EventsQuery, RoomsQuery, SearchQuery, TimelineQuery
from hubbub.server.http.assets import Asset
from hubbub.server.http.doorway import DoorsOpen, DoorsQuery
from hubbub.server.http.filedocuments import file_paths
from hubbub.server.http.files import Pass
from hubbub.server.http.prefix import prefix_of
from hubbub.server.http.uploads import UploadState

NAMES: dict[type, dict[str, Any]] = {
    UserName: {
        "title": "UserName",
        "description": "Letters, marks and digits of any script and -_.[]\\^{}|. "
        "Unique whatever the case and width of its letters (PRECIS, RFC 8265).",
        "type": "string",
        "minLength": 1,
        "maxLength": MAX_USER_CHARS,
        "pattern": "^[^\x00-,/:-@`~-\xa0]+$",
    },
    RoomName: {
        "title": "RoomName",
        "description": "Visible characters, but no space, comma or slash. "
        "Unique whatever the case and width of its letters (PRECIS, RFC 8266).",
        "type": "string",
        "minLength": 1,
        "maxLength": MAX_ROOM_CHARS,
        "pattern": "^[^\x00- ,/\x7f-\xa0]+$",
    },
}
"""How names are described: their rules are those of `hubbub.domain.names`. The patterns keep to
what JSON Schema recommends (Core, 6.4), which knows no classes of letters: they say what is never
in a name."""

BEARER = "token"
"""What the document calls the way to say who asks."""

_ASKING = (400, 401, 403, 429)
_DOING = (400, 401, 403, 404, 409, 413, 415, 429, 503)


NOTICES = frozenset(
    (
        *(Events, Invitation, Pong, Refused, RoomJoined, RoomLeft, RoomMoved, RoomStanding),
        *(Presence, ProfileChanged, Signalled, SomeoneTyping, Warned, Welcome),
    )
)
"""Replies that no command over HTTP has; an error has the form of HTTP's."""

SCHEMA = "application/schema+json"


async def openapi(request: Request) -> Response:
    """``/openapi.json``"""
    return _openapi_asset(prefix_of(request)).respond(request)


async def schema(request: Request) -> Response:
    """``/schema.json``"""
    return _schema_asset().respond(request)


def make_schema() -> dict[str, Any]:
    """The JSON Schema of all that goes over the WebSocket: a command up, a reply down."""
    (command, reply), parts = _schemas((AnyCommand, AnyReply), "#/$defs/{name}")
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Hubbub's JSON protocol",
        "description": "One frame of the WebSocket at /ws holds one of these.",
        "anyOf": [{"$ref": "#/$defs/Command"}, {"$ref": "#/$defs/Reply"}],
        "$defs": {
            "Command": {"description": "What a client sends.", **command},
            "Reply": {"description": "What the server sends.", **reply},
            **parts,
        },
    }


def make_openapi() -> dict[str, Any]:
    """The OpenAPI 3.1 document of the HTTP API."""
    shapes, parts = _schemas(
        (
            *(Healthy, RoomsPage, EventsPage, SearchPage, DoorsOpen, Failed, Me, LoggedIn, Ack),
            *(Login, Text, _but(AnyCommand, ON_CONNECTIONS), _but(AnyReply, NOTICES)),
            *(NewText, MessagesPage, VersionList, File, UploadState, Pass),
        ),
        "#/components/schemas/{name}",
    )
    health, rooms, events, found, doors, failed, me, logged_in, ack = shapes[:9]
    login, said, command, reply, new, messages, versions = shapes[9:16]
    file, state, word = shapes[16:]
    seq = {"name": "seq", "in": "path", "required": True, "schema": {"type": "integer"}}
    emoji = {"name": "emoji", "in": "path", "required": True, "schema": {"type": "string"}}
    nonce = _query_parameters(AmendQuery)
    room = {"name": "room", "in": "path", "required": True, "schema": NAMES[RoomName]}
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Hubbub",
            "version": hubbub.__version__,
            "description": "Reading the rooms over HTTP, and doing what an account may do. Who "
            "stays connected chats over the WebSocket at /ws, which /schema.json describes.",
        },
        "paths": {
            "/healthz": _get("Whether the server takes messages", health, failed, 503),
            "/api/rooms": {
                **_get("Rooms, those with the most users first", rooms, failed, *_ASKING),
                "parameters": _query_parameters(RoomsQuery),
            },
            "/api/rooms/{room}/events": {
                **_get("Events of a room, oldest first", events, failed, *_ASKING, 404, 503),
                "parameters": [room, *_query_parameters(EventsQuery)],
            },
            "/api/rooms/{room}/timeline": {
                **_get("Lines of a room, oldest first", events, failed, *_ASKING, 404, 503),
                "parameters": [room, *_query_parameters(TimelineQuery)],
            },
            "/api/search": {
                **_get("Texts that fit a query, newest first", found, failed, *_ASKING, 404, 503),
                "parameters": _query_parameters(SearchQuery),
            },
            "/api/me": _get("Whose token it is", me, failed, *_ASKING, 503, needs_token=True),
            "/api/login": _post(
                "Logs in: gives a token to who knows the password of an account",
                *(login, logged_in, failed),
                needs_token=False,
            ),
            "/api/commands": _post(
                "Does a command of the JSON protocol, and answers with its reply",
                *(command, reply, failed),
            ),
            "/api/rooms/{room}/messages": {
                **_post("Says a text in a room, which is made if need be", said, ack, failed),
                "parameters": [room],
            },
            ONE_MESSAGE: {
                **_does("patch", "Changes the text of a message", ack, failed, taken=new),
                **_does("delete", "Takes a message back", ack, failed, nonce),
                "parameters": [room, seq],
            },
            f"{ONE_MESSAGE}/reactions/{{emoji}}": {
                **_does("put", "Reacts to a message", ack, failed, nonce),
                **_does("delete", "Reacts to a message no more", ack, failed, nonce),
                "parameters": [room, seq, emoji],
            },
            f"{ONE_MESSAGE}/versions": {
                **_get(
                    "What a message said before it was changed, for who has said it and moderators",
                    *(versions, failed, *_ASKING, 404, 503),
                    needs_token=True,
                ),
                "parameters": [room, seq],
            },
            f"{ONE_MESSAGE}/conversation": {
                **_get(
                    "Messages that are joined with one by replies, oldest first",
                    *(messages, failed, *_ASKING, 404, 503),
                ),
                "parameters": [room, seq],
            },
            "/api/rooms/{room}/pins": {
                **_get(
                    "Messages that are pinned to a room, the newest pin first",
                    *(messages, failed, *_ASKING, 404, 503),
                ),
                "parameters": [room],
            },
            "/api/rooms/{room}/pins/{seq}": {
                **_does("put", "Pins a message", ack, failed, nonce),
                **_does("delete", "Unpins a message", ack, failed, nonce),
                "parameters": [room, seq],
            },
            **file_paths(file, state, word, failed, BEARER),
            "/api/admin/{task}": {
                **_post(
                    "Has a task of an administrator done: docs/admin.md tells which there are",
                    *({"type": "object"}, {"type": "object"}, failed),
                ),
                "parameters": [
                    {"name": "task", "in": "path", "required": True, "schema": {"type": "string"}}
                ],
            },
            "/doors.json": {
                **_get("Whether a page may open a WebSocket", doors, failed, 400, 403, 421),
                "parameters": _query_parameters(DoorsQuery),
            },
            "/metrics": _get(
                "Numbers for Prometheus", {"type": "string"}, failed, 403, 404, media="text/plain"
            ),
            "/openapi.json": _get("This document", {"type": "object"}, failed, unchanged=True),
            "/schema.json": _get(
                "The schema of the JSON protocol",
                {"type": "object"},
                failed,
                media=SCHEMA,
                unchanged=True,
            ),
        },
        "components": {
            "schemas": parts,
            "securitySchemes": {
                BEARER: {
                    "type": "http",
                    "scheme": "bearer",
                    "description": "The token of a device on which an account is logged in",
                }
            },
        },
    }


def _but(union: Any, others: Collection[type]) -> Any:
    """The union without ``others``."""
    return reduce(or_, [kind for kind in get_args(union) if kind not in others])


@lru_cache(maxsize=4)
def _openapi_asset(prefix: str) -> Asset:
    document = make_openapi()
    if prefix:  # OpenAPI 3.1, 4.8.5: else paths would be those of the host
        document["servers"] = [{"url": prefix}]
    return Asset(msgspec.json.encode(document), JSON)


@cache
def _schema_asset() -> Asset:
    return Asset(msgspec.json.encode(make_schema()), SCHEMA)


def _get(
    summary: str,
    body: dict[str, Any],
    failed: dict[str, Any],
    *failures: int,
    media: str = JSON,
    unchanged: bool = False,
    needs_token: bool = False,
) -> dict[str, Any]:
    """An operation. ``failures`` are its own; what any request may meet is told as ``default``."""
    responses = _responses(body, failed, failures, media)
    if unchanged:
        responses["304"] = {"description": "As it was (`If-None-Match`)"}
    operation: dict[str, Any] = {"summary": summary, "responses": responses}
    if HTTPStatus.UNAUTHORIZED in failures:
        operation["security"] = [{BEARER: []}] if needs_token else [{}, {BEARER: []}]
    return {"get": operation}


def _post(
    summary: str,
    taken: dict[str, Any],
    body: dict[str, Any],
    failed: dict[str, Any],
    *,
    needs_token: bool = True,
) -> dict[str, Any]:
    """An operation that takes JSON."""
    return {
        "post": {
            "summary": summary,
            "requestBody": {"required": True, "content": {JSON: {"schema": taken}}},
            "responses": _responses(body, failed, _DOING, JSON),
            "security": [{BEARER: []}] if needs_token else [],
        }
    }


def _does(
    method: str,
    summary: str,
    body: dict[str, Any],
    failed: dict[str, Any],
    parameters: list[dict[str, Any]] | None = None,
    *,
    taken: dict[str, Any] | None = None,
) -> dict[str, Any]:
    """An operation that changes something that is there; ``taken``: what it takes as JSON."""
    operation: dict[str, Any] = {
        "summary": summary,
        "responses": _responses(body, failed, _DOING, JSON),
        "security": [{BEARER: []}],
    }
    if parameters is not None:
        operation["parameters"] = parameters
    if taken is not None:
        operation["requestBody"] = {"required": True, "content": {JSON: {"schema": taken}}}
    return {method: operation}


def _responses(
    body: dict[str, Any], failed: dict[str, Any], failures: tuple[int, ...], media: str
) -> dict[str, Any]:
    error = {JSON: {"schema": failed}}
    return {
        "200": {"description": "As asked for", "content": {media: {"schema": body}}},
        **{
            str(status): {"description": HTTPStatus(status).phrase, "content": error}
            for status in sorted(failures)
        },
        "default": {"description": "Any other error has this form", "content": error},
    }


def _query_parameters(query: type[Struct]) -> list[dict[str, Any]]:
    (_,), parts = _schemas((query,), "{name}")
    shape: dict[str, Any] = parts[query.__name__]
    fields: dict[str, dict[str, Any]] = shape["properties"]
    needed = shape.get("required", ())
    return [
        {"name": name, "in": "query", "schema": _without_null(field)}
        | ({"required": True} if name in needed else {})
        for name, field in fields.items()
    ]


def _without_null(field: dict[str, Any]) -> dict[str, Any]:
    """A query leaves out what it does not say: there is no null in it."""
    kinds = [kind for kind in field.get("anyOf", ()) if kind != {"type": "null"}]
    return kinds[0] if len(kinds) == 1 else field


def _schemas(types: tuple[Any, ...], ref: str) -> tuple[tuple[dict[str, Any], ...], dict[str, Any]]:
    schemas, parts = msgspec.json.schema_components(
        types, schema_hook=_describe_name, ref_template=ref
    )
    return tuple(map(_tidied, schemas)), _tidied(parts)


def _describe_name(kind: type) -> dict[str, Any]:
    if kind in NAMES:
        return NAMES[kind]
    raise NotImplementedError(kind)


def _tidied(schema: Any) -> Any:
    """The same with descriptions as people write them, and not as docstrings are."""
    if isinstance(schema, (list, tuple)):  # a default may be one
        return [_tidied(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    return {
        key: inspect.cleandoc(value).replace("``", "`")
        if key == "description" and isinstance(value, str)
        else _tidied(value)
        for key, value in schema.items()
    }
