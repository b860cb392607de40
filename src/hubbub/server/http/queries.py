"""The query of a request: each name once, and no more than there is to ask for."""

from __future__ import annotations

from typing import TypeVar

import msgspec
from msgspec import Struct
from starlette.requests import Request

Q = TypeVar("Q", bound=Struct)


def read_query(request: Request, kind: type[Q]) -> Q:
    """What is asked for; raises `msgspec.ValidationError`."""
    given: dict[str, str] = {}
    for name, value in request.query_params.multi_items():
        if name in given:
            raise msgspec.ValidationError(f"`{name}` is given more than once")
        given[name] = value
    return msgspec.convert(given, kind, strict=False)
