"""The body of a request: JSON, and not more than a command of the chat may have."""

from __future__ import annotations

from http import HTTPStatus

from starlette.requests import Request

from hubbub.server.http.answers import JSON


class NotTaken(Exception):
    """A body that is not read."""

    def __init__(self, status: HTTPStatus, code: str, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message


async def read_json(request: Request, most_bytes: int) -> bytes:
    """The bytes of the body; raises `NotTaken`."""
    kind, _, parameters = request.headers.get("content-type", "").partition(";")
    charset = parameters.replace(" ", "").replace('"', "").lower()
    if kind.strip().lower() != JSON or charset not in ("", "charset=utf-8"):
        raise NotTaken(
            HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
            "unsupported-media-type",
            f"Send JSON, with the header Content-Type: {JSON}",
        )
    body = bytearray()
    async for piece in request.stream():
        body += piece
        if len(body) > most_bytes:
            raise NotTaken(
                HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
                "content-too-large",
                f"The body may have {most_bytes:,} bytes. Nothing was done: please send less.",
            )
    return bytes(body)
