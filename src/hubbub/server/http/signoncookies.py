"""What a browser keeps between here and the provider, in cookies of its own.

Nothing of a sign-on that is under way is kept on this server, so that nobody can fill its memory
with those, nor push out another's. The cookie is the browser's alone, and its answer must fit it:
``state``, ``nonce`` and the verifier of the code. Each sign-on has a cookie of its own, so that two
tabs do not disturb each other.
"""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import Annotated

import msgspec
from msgspec import Meta, Struct
from starlette.requests import Request
from starlette.responses import Response

from hubbub.hub.ports import SignOn
from hubbub.hub.signoncodes import Purpose

MOST = 5  # sign-ons of one browser at a time; a request may have some kilobytes of cookies
UNDER_WAY_SECONDS = 600  # for which a person types a password at the provider
STATE_CHARS = 12  # of the state, in the cookie's name: there are a few at a time

Code = Annotated[str, Meta(max_length=100)]


class Begun(Struct, frozen=True):
    """A sign-on that is under way.

    ``at``: when it began, in seconds since the Unix epoch. ``to``: what comes of it, see `To`.
    ``room``: where to go on. ``invite``: the code of an invitation to the server.
    """

    state: str
    nonce: str
    verifier: str
    at: int
    to: str
    room: str
    invite: str

    def sign_on(self, redirect: str) -> SignOn:
        """What the provider's answer must fit."""
        return SignOn("", self.state, self.nonce, self.verifier, redirect)


class Cookies:
    """``secure``: browsers open this server by https, and have its cookies for it alone.

    ``prefix``: the path of this server, as several may share one host.
    """

    def __init__(self, *, secure: bool, prefix: str = "") -> None:
        own = "hubbub-" + "".join(f"{part}-" for part in prefix.split("/") if part)
        # RFC 6265bis, 4.1.3.2: with this prefix no other host of the domain can set it. For that a
        # cookie is for all paths of its host, so the path is in its name.
        self._prefix = f"__Host-{own}" if secure else own
        self._secure = secure

    def begin(self, request: Request, response: Response, begun: Begun) -> None:
        """Lets the browser keep it, in the place of its oldest one if it has too many."""
        others = {
            name: one
            for name in request.cookies
            if name.startswith(f"{self._prefix}sign-on-") and (one := _read(request, name))
        }
        for name in sorted(others, key=lambda name: others[name].at, reverse=True)[MOST - 1 :]:
            self._drop(response, name)
        value = urlsafe_b64encode(msgspec.json.encode(begun)).decode()
        # Lax, as the provider's page sends the browser back.
        self._set(response, self._name(begun.state), value, UNDER_WAY_SECONDS, "lax")

    def begun(self, request: Request, state: str, now: int) -> Begun | None:
        """The sign-on of that state, if this browser has begun it, and not too long ago."""
        begun = _read(request, self._name(state))
        if begun is None or begun.state != state:
            return None
        return begun if 0 <= now - begun.at <= UNDER_WAY_SECONDS else None

    def end(self, response: Response, state: str) -> None:
        """The sign-on of that state is over."""
        self._drop(response, self._name(state))

    def give(self, response: Response, purpose: Purpose, code: str) -> None:
        """Lets the browser keep a code, which goes to no other site."""
        same = "lax" if purpose is Purpose.LINK else "strict"  # it comes back by another site
        self._set(response, self._kept(purpose), code, int(purpose.value), same)

    def take(self, request: Request, response: Response, purpose: Purpose) -> str:
        """The code that the browser keeps, and does not any more; "" for none."""
        self._drop(response, self._kept(purpose))
        return self.code(request, purpose)

    def code(self, request: Request, purpose: Purpose) -> str:
        """The code that the browser keeps; "" for none."""
        return request.cookies.get(self._kept(purpose), "")[:100]

    def _name(self, state: str) -> str:
        return f"{self._prefix}sign-on-{state[:STATE_CHARS]}"

    def _kept(self, purpose: Purpose) -> str:
        return f"{self._prefix}{purpose.name.lower()}"

    def _set(self, response: Response, name: str, value: str, seconds: int, same: str) -> None:
        response.set_cookie(
            name,
            value,
            max_age=seconds,
            secure=self._secure,
            httponly=True,
            samesite=same,  # type: ignore[arg-type]  # of two literals
        )

    def _drop(self, response: Response, name: str) -> None:
        response.delete_cookie(name, secure=self._secure, httponly=True, samesite="lax")


def _read(request: Request, name: str) -> Begun | None:
    try:
        return msgspec.json.decode(urlsafe_b64decode(request.cookies.get(name, "")), type=Begun)
    except (ValueError, msgspec.MsgspecError):  # a browser's own; a person may have changed it
        return None
