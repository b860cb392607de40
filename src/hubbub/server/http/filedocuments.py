"""The part of the OpenAPI document that is about files."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

Schema = dict[str, Any]

ANY_BYTES = {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}
TUS_BYTES = {"application/offset+octet-stream": {"schema": {"type": "string", "format": "binary"}}}
NUMBER = {"type": "integer", "minimum": 0}


def file_paths(
    file: Schema, state: Schema, word: Schema, failed: Schema, bearer: str
) -> dict[str, Any]:
    """The operations. ``bearer``: what the document calls the way to say who asks."""
    needed: list[dict[str, list[str]]] = [{bearer: []}]
    maybe: list[dict[str, list[str]]] = [{}, {bearer: []}]
    id, user = _path("id"), _query("user", "Whose token it is, for a guest")
    served = [
        id,
        user,
        _query("pass", "A word instead of a token: see /api/files/pass"),
        {**_query("download", "To be saved"), "schema": {"type": "boolean"}},
    ]

    def operation(
        summary: str,
        parameters: list[Schema],
        answers: Mapping[int, Schema],
        failures: tuple[int, ...],
        security: list[dict[str, list[str]]],
        **more: Any,
    ) -> Schema:
        error = {"application/json": {"schema": failed}}
        return {
            "summary": summary,
            "parameters": parameters,
            "responses": {
                **{str(status): answer for status, answer in answers.items()},
                **{
                    str(status): {"description": "Why not", "content": error} for status in failures
                },
                "default": {"description": "Any other error has this form", "content": error},
            },
            "security": security,
            **more,
        }

    served_whole: dict[int, Schema] = {
        200: {"description": "The file", "content": {"*/*": {}}},
        206: {"description": "A part of it (`Range`)", "content": {"*/*": {}}},
        304: {"description": "As it was (`If-None-Match`)"},
    }
    asked = (400, 401, 403, 404, 429, 503)

    def get(summary: str, *more: Schema) -> Schema:
        return {"get": operation(summary, [*served, *more], served_whole, (*asked, 416), maybe)}

    return {
        "/api/files": {
            "post": operation(
                "Uploads a file in one request",
                [_query("name", "What it is called"), user],
                {201: _json("It may be said", file)},
                (*asked, 409, 413),
                needed,
                requestBody={"required": True, "content": ANY_BYTES},
            )
        },
        "/api/files/pass": {
            "get": operation(
                "A word for the addresses of files, instead of a token",
                [user],
                {200: _json("As asked for", word)},
                asked,
                needed,
            )
        },
        "/api/files/{id}": get("A file, for who may read its message"),
        "/api/files/{id}/{name}": get("The same; the name is for people", _path("name")),
        "/api/files/{id}/thumbnail": get("A small picture of it, in WebP"),
        "/api/uploads": {
            "options": operation(
                "What of tus 1.0.0 there is", [], {204: {"description": "In headers"}}, (), []
            ),
            "post": operation(
                "Begins an upload that goes on after a lost connection (tus 1.0.0)",
                [user, _header("Upload-Length", NUMBER), _header("Upload-Metadata")],
                {201: _json("It is at `Location`", state)},
                (*asked, 409, 412, 413),
                needed,
            ),
        },
        "/api/uploads/{id}": {
            "get": operation(
                "How far an upload is",
                [id, user],
                {200: _json("As asked for", state)},
                asked,
                needed,
            ),
            "patch": operation(
                "Brings the next bytes of an upload",
                [id, user, _header("Upload-Offset", NUMBER)],
                {204: {"description": "They are on the disk"}},
                (*asked, 409, 412, 413, 415),
                needed,
                requestBody={"required": True, "content": TUS_BYTES},
            ),
            "delete": operation(
                "Cancels an upload, or deletes a file that was not said",
                [id, user],
                {204: {"description": "It is gone"}},
                asked,
                needed,
            ),
        },
    }


def _json(description: str, schema: Schema) -> Schema:
    return {"description": description, "content": {"application/json": {"schema": schema}}}


def _path(name: str) -> Schema:
    return {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}


def _query(name: str, description: str) -> Schema:
    return {"name": name, "in": "query", "description": description, "schema": {"type": "string"}}


def _header(name: str, schema: Schema | None = None) -> Schema:
    return {"name": name, "in": "header", "schema": schema or {"type": "string"}}
