"""Single sign-on: the way of a browser to the provider and back, and the pages on it.

``/sign-on`` sends it there. It comes back to ``/sign-on/callback``: to a page with a code, which is
typed as a password in another client; or to the chat, which fetches such a code by itself.
"""

from __future__ import annotations

import time
from functools import cached_property
from html import escape
from http import HTTPStatus
from pathlib import Path
from string import Template
from typing import Annotated, Literal
from urllib.parse import quote, urlencode, urlsplit

import msgspec
from msgspec import Meta, Struct
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from hubbub.domain.commands import Password
from hubbub.domain.errors import BadMessage, ChatError, SignOnFailed
from hubbub.hub.signoncodes import Purpose
from hubbub.hub.signons import SignedOn, SignOns
from hubbub.server.http.answers import Linked, LinkedTo, ProvedBy, answer, refused
from hubbub.server.http.api import client_of, refusing
from hubbub.server.http.assets import FOLDER, MEDIA_TYPES
from hubbub.server.http.bearer import needed_token
from hubbub.server.http.bodies import read_json
from hubbub.server.http.join import CONTENT_POLICY
from hubbub.server.http.queries import read_query
from hubbub.server.http.signoncookies import Begun, Cookies
from hubbub.server.http.view import HubView

BEGIN = "/sign-on"
CALLBACK = "/sign-on/callback"
SIGNED_ON = "/?signed-on"
"""Where the page finds that it has to fetch a code: ``/sign-on/code``."""


class SignOnQuery(Struct, frozen=True, forbid_unknown_fields=True):
    """``to``: what is to come of it: a code to be typed, a login of the page, or a link.

    ``room``: where the page goes on. ``invite``: an invitation to the server. ``here``: this is the
    public address already.
    """

    to: Literal["code", "page", "link"] = "code"
    room: Annotated[str, Meta(max_length=200)] = ""
    invite: Annotated[str, Meta(max_length=100)] = ""
    here: Literal["", "1"] = ""

    @property
    def again(self) -> str:
        """The address that begins the same once more."""
        said = {"to": self.to, "room": self.room, "invite": self.invite}
        return f"{BEGIN}?{urlencode({name: one for name, one in said.items() if one})}"


class Proof(Struct, frozen=True, forbid_unknown_fields=True):
    """The password of an account, or a code of a single sign-on."""

    password: Password


class SignOnPages:
    """Answers for `SignOns`."""

    def __init__(self, hub: HubView, sign_ons: SignOns, folder: Path = FOLDER) -> None:
        self._hub = hub
        self._sign_ons = sign_ons
        self._url = sign_ons.public_url
        self._prefix = urlsplit(self._url).path
        self._cookies = Cookies(secure=self._url.startswith("https:"), prefix=self._prefix)
        self._path = folder / "sign-on.html"

    # On the way

    async def begin(self, request: Request) -> Response:
        """Sends the browser to the provider."""
        try:
            query = read_query(request, SignOnQuery)
        except msgspec.ValidationError:
            return self._failed(BadMessage("This address is not complete."), BEGIN)
        at = urlsplit(self._url).netloc
        if not query.here and request.headers.get("host", at).lower() != at:
            # Cookies are those of the address to which the provider sends people back.
            return RedirectResponse(f"{self._url}{query.again}&here=1", HTTPStatus.SEE_OTHER)
        if request.headers.get("sec-fetch-site", "none") not in ("none", "same-origin"):
            return self._ask(query)  # a page of another site has sent the browser here
        try:
            sign_on = await self._sign_ons.begin(f"{self._url}{CALLBACK}", client_of(request))
        except ChatError as error:
            return self._failed(error, query.again)
        response = RedirectResponse(sign_on.url, HTTPStatus.SEE_OTHER)
        begun = Begun(
            sign_on.state,
            sign_on.nonce,
            sign_on.verifier,
            int(time.time()),
            query.to,
            query.room,
            query.invite,
        )
        self._cookies.begin(request, response, begun)
        return response

    async def come_back(self, request: Request) -> Response:
        """The provider has sent the browser back."""
        state = request.query_params.get("state", "")
        begun = self._cookies.begun(request, state, int(time.time()))
        if begun is None:
            lost = SignOnFailed(
                "This sign-on is over already, has taken too long, or was begun in another browser."
            )
            return self._failed(lost, BEGIN)
        given = request.query_params.multi_items()
        try:
            if len(dict(given)) < len(given):
                raise SignOnFailed("The answer of the provider says something twice.")
            response = await self._arrive(request, begun, dict(given))
        except ChatError as error:
            query = SignOnQuery(begun.to, begun.room, begun.invite)  # type: ignore[arg-type]
            again = "" if begun.to == "link" else query.again
            response = self._failed(error, again)
        self._cookies.end(response, state)
        return response

    async def _arrive(self, request: Request, begun: Begun, given: dict[str, str]) -> Response:
        sign_ons, client = self._sign_ons, client_of(request)
        sign_on = begun.sign_on(f"{self._url}{CALLBACK}")
        identity = await sign_ons.finish(sign_on, given, client)
        if begun.to == "link":
            code = self._cookies.code(request, Purpose.LINK)
            return self._linked(await sign_ons.link(code, identity, client))
        signed = await sign_ons.account_for(identity, begun.invite or None, client)
        if begun.to != "page":
            return await self._code(signed)
        response = RedirectResponse(
            self._prefix + SIGNED_ON + (f"#/{quote(begun.room, safe='')}" if begun.room else ""),
            HTTPStatus.SEE_OTHER,
        )
        code = await sign_ons.code(Purpose.BROWSER, signed.user)
        self._cookies.give(response, Purpose.BROWSER, code)
        return response

    # For the page

    @refusing
    async def code(self, request: Request) -> Response:
        """Who has come back in this browser, and a code to log in with, which it kept."""
        response = Response()
        code = self._cookies.take(request, response, Purpose.BROWSER)
        try:
            signed = await self._sign_ons.whose(code)
        except SignOnFailed as error:
            told = refused(error.code, error.message)
        else:
            told = answer(ProvedBy(str(signed.name), code))
        told.headers.raw.extend(one for one in response.headers.raw if one[0] == b"set-cookie")
        return told

    @refusing
    async def linked(self, request: Request) -> Response:
        """Whether the account logs in by single sign-on."""
        token = needed_token(request)
        return answer(Linked(await self._sign_ons.has_link(token, client_of(request))))

    @refusing
    async def link(self, request: Request) -> Response:
        """Where to go on to log in by single sign-on, too."""
        token, proof = needed_token(request), await self._proof(request)
        code = await self._sign_ons.begin_link(token, proof.password, client_of(request))
        response = answer(LinkedTo(f"{self._prefix}{BEGIN}?to=link"))
        self._cookies.give(response, Purpose.LINK, code)
        return response

    @refusing
    async def unlink(self, request: Request) -> Response:
        """Not any more."""
        token, proof = needed_token(request), await self._proof(request)
        await self._sign_ons.unlink(token, proof.password, client_of(request))
        return answer(Linked(False))

    async def _proof(self, request: Request) -> Proof:
        body = await read_json(request, self._hub.line_bytes)
        try:
            return msgspec.json.decode(body, type=Proof)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            raise BadMessage(f"This is not what is taken here: {error}.") from None

    # Pages

    def _ask(self, query: SignOnQuery) -> Response:
        return self._page(
            f"Log in with {self._sign_ons.name}",
            f'<p><a href="{escape(query.again)}&amp;here=1">Log in with '
            f"<bdi>{escape(self._sign_ons.name)}</bdi></a></p>",
        )

    async def _code(self, signed: SignedOn) -> Response:
        code = await self._sign_ons.code(Purpose.TYPED, signed.user)
        name = escape(str(signed.name))
        return self._page(
            "Your code",
            f"<p>You are <strong><bdi>{name}</bdi></strong> here. In your client, log in under "
            "that name, and give this code as the password:</p>\n"
            f"<pre><code>/login {name}</code></pre>\n"
            f'<pre><code id="code">{code}</code></pre>\n'
            "<p>It is good once, and for two minutes. Give it to nobody: whoever has it is you "
            "here. If somebody has sent you to this page, close it.</p>",
        )

    def _linked(self, signed: SignedOn) -> Response:
        return self._page(
            "That works now",
            f"<p>From now on you log in as <strong><bdi>{escape(str(signed.name))}</bdi></strong> "
            f"with <bdi>{escape(self._sign_ons.name)}</bdi>, too.</p>",
        )

    def _failed(self, error: ChatError, again: str) -> Response:
        link = f'\n<p><a href="{escape(self._prefix + again)}">Begin again</a></p>' if again else ""
        status = refused(error.code, error.message).status_code
        text = f'<p role="alert">{escape(error.message)}</p>{link}'
        response = self._page("You are not logged in", text)
        response.status_code = status
        return response

    def _page(self, title: str, text: str) -> Response:
        page = self._template.substitute(
            title=escape(title),
            name=escape(self._hub.server_name),
            text=text,
            prefix=self._prefix,
        )
        headers = {"Content-Security-Policy": CONTENT_POLICY, "Cache-Control": "no-store"}
        return Response(page, headers=headers, media_type=MEDIA_TYPES[self._path.suffix])

    @cached_property
    def _template(self) -> Template:
        return Template(self._path.read_text(encoding="utf-8"))
