"""The OpenAPI document and the JSON Schema of the JSON protocol, made from the structs."""

from __future__ import annotations

import inspect
from functools import cache
from http import HTTPStatus
from typing import Any

import msgspec
from msgspec import Struct
from starlette.requests import Request
from starlette.responses import Response

import hubbub
from hubbub.domain.commands import AnyCommand
from hubbub.domain.names import MAX_ROOM_CHARS, MAX_USER_CHARS, RoomName, UserName
from hubbub.domain.replies import AnyReply
from hubbub.server.http.answers import JSON, EventsPage, Failed, Healthy, RoomsPage, SearchPage
from hubbub.server.http.api import EventsQuery, RoomsQuery, SearchQuery, TimelineQuery
from hubbub.server.http.assets import Asset
from hubbub.server.http.doorway import DoorsOpen, DoorsQuery

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

SCHEMA = "application/schema+json"


async def openapi(request: Request) -> Response:
    """``/openapi.json``"""
    return _openapi_asset().respond(request)


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
    (health, rooms, events, found, doors, failed), parts = _schemas(
        (Healthy, RoomsPage, EventsPage, SearchPage, DoorsOpen, Failed),
        "#/components/schemas/{name}",
    )
    room = {"name": "room", "in": "path", "required": True, "schema": NAMES[RoomName]}
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Hubbub",
            "version": hubbub.__version__,
            "description": "Reading the rooms over HTTP. Chatting goes over the WebSocket at /ws, "
            "which /schema.json describes.",
        },
        "paths": {
            "/healthz": _get("Whether the server takes messages", health, failed, 503),
            "/api/rooms": {
                **_get("Rooms, those with the most users first", rooms, failed, 400),
                "parameters": _query_parameters(RoomsQuery),
            },
            "/api/rooms/{room}/events": {
                **_get("Events of a room, oldest first", events, failed, 400, 404, 503),
                "parameters": [room, *_query_parameters(EventsQuery)],
            },
            "/api/rooms/{room}/timeline": {
                **_get("Lines of a room, oldest first", events, failed, 400, 404, 429, 503),
                "parameters": [room, *_query_parameters(TimelineQuery)],
            },
            "/api/search": {
                **_get("Texts that fit a query, newest first", found, failed, 400, 404, 429, 503),
                "parameters": _query_parameters(SearchQuery),
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
        "components": {"schemas": parts},
    }


@cache
def _openapi_asset() -> Asset:
    return Asset(msgspec.json.encode(make_openapi()), JSON)


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
) -> dict[str, Any]:
    """An operation. ``failures`` are its own; what any request may meet is told as ``default``."""
    error = {JSON: {"schema": failed}}
    responses: dict[str, Any] = {
        "200": {"description": "As asked for", "content": {media: {"schema": body}}}
    }
    if unchanged:
        responses["304"] = {"description": "As it was (`If-None-Match`)"}
    for status in failures:
        responses[str(status)] = {"description": HTTPStatus(status).phrase, "content": error}
    responses["default"] = {"description": "Any other error has this form", "content": error}
    return {"get": {"summary": summary, "responses": responses}}


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
