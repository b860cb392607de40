"""The path below which a proxy shows this server (``path-prefix``), if it takes it away or not.

In the scope of a request ``path`` begins with the prefix, which is its ``root_path``, as ASGI has
it.
"""

from __future__ import annotations

from http import HTTPStatus
from typing import cast

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.types import Scope

from hubbub.server.forwarded import Said
from hubbub.server.http.answers import failure

SAID = "hubbub.said"
"""Where the scope of a request has what a proxy has said of it (`Said`)."""

BESIDE = ("/healthz", "/.well-known/acme-challenge/")
"""What such paths begin with is answered beside the prefix, too: who looks after a machine, and who
gives certificates, ask for these and no others."""


def said_of(scope: Scope) -> Said:
    """What was said of a request."""
    return cast(Said, scope.get(SAID) or Said(""))


def prefix_of(request: Request) -> str:
    """What the paths of this server begin with for who asks, "" or such as ``/chat``."""
    return str(request.scope.get("root_path", ""))


def inside(path: str, prefix: str, said: Said) -> str | None:
    """The path below the prefix, or None if it is none; "" is the prefix without a slash behind.

    ``prefix``: the setting, or "" for what the proxy says. One that is trusted may have taken the
    prefix away.
    """
    prefix = prefix or said.prefix
    if not prefix:
        return path
    if path == prefix or path.startswith(f"{prefix}/"):
        return path.removeprefix(prefix)
    return path if said.passed_on or path.startswith(BESIDE) else None


def placed(scope: Scope, path: str, prefix: str) -> Scope:
    """The scope of a request for ``path`` below the prefix."""
    if path.startswith(BESIDE):
        return {**scope, "path": path}
    prefix = prefix or said_of(scope).prefix
    return {**scope, "root_path": prefix, "path": prefix + path}


def outside(prefix: str) -> Response:
    """The answer to a request for something that is not below the prefix."""
    return failure(
        HTTPStatus.NOT_FOUND,
        "not-found",
        f"There is nothing here: this server is at {prefix}/ (the setting path-prefix). A proxy "
        "that takes this away from its requests has to be one of the trusted-proxies.",
    )


def with_slash(prefix: str, query: str) -> Response:
    """Sends who asks for the prefix to the page: its links are relative to the path."""
    where = f"{prefix}/?{query}" if query else f"{prefix}/"
    return RedirectResponse(where, HTTPStatus.PERMANENT_REDIRECT)
