"""The token that a request is sent with, ``Authorization: Bearer TOKEN`` (RFC 6750).

There is no cookie, so that no page of another site can have a browser ask in somebody's name.
"""

from __future__ import annotations

import re

from starlette.requests import Request
from starlette.responses import Response

from hubbub.domain.errors import NeedAccount, WrongToken

MAX_TOKEN_CHARS = 128
_TOKEN = re.compile(r"[A-Za-z0-9._~+/-]+=*")  # RFC 6750, 2.1


def token_of(request: Request) -> str | None:
    """The token; None where there is none. Raises `WrongToken` for what can be none."""
    given = request.headers.getlist("authorization")
    schemes = [one.partition(" ")[0].lower() for one in given]
    if all(scheme == "basic" for scheme in schemes):
        return None  # a proxy asks for it that lets in its own users, and passes it on
    token = given[0].partition(" ")[2].strip()
    if schemes != ["bearer"] or len(token) > MAX_TOKEN_CHARS or not _TOKEN.fullmatch(token):
        raise WrongToken("A token is given like this: Authorization: Bearer TOKEN")
    return token


def needed_token(request: Request) -> str:
    """The token; raises `NeedAccount` where there is none."""
    token = token_of(request)
    if token is None:
        raise NeedAccount("This is for who has an account. Log in: POST /api/login gives a token.")
    return token


def kept_private(request: Request, response: Response) -> Response:
    """``response``, which is for whose token was given, and for nobody's cache."""
    if "authorization" in request.headers:
        response.headers["Cache-Control"] = "private, no-store"
        response.headers["Vary"] = "Authorization"
    return response
