"""A small OpenID Connect provider on this computer, whose one person agrees to everything."""

from __future__ import annotations

import asyncio
import secrets
import socket
import time
from base64 import b64decode, urlsafe_b64encode
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import asynccontextmanager, contextmanager
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlencode

from joserfc import jwt
from joserfc.jwk import Key, KeySet, RSAKey
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route
from uvicorn import Config, Server

from tests.patience import PATIENCE_SECONDS
from tests.process import ServerProcess

CLIENT, SECRET = "hubbub", "s3cret: and/signs"
REDIRECT = "https://chat.example.org/sign-on"


def half_hash(text: str) -> str:
    """``at_hash`` of an access token (OpenID Connect Core 1.0, 3.1.3.6)."""
    return urlsafe_b64encode(sha256(text.encode()).digest()[:16]).decode().rstrip("=")


@cache
def _first_key() -> RSAKey:
    """Making one takes long."""
    return OidcProvider.new_key()


class OidcProvider:
    """Follows the specifications; a test may change what it says before it is asked."""

    def __init__(self) -> None:
        self.issuer = ""
        self.redirect = REDIRECT
        self.person: dict[str, Any] = {"sub": "ada-1", "preferred_username": "ada"}
        self.claims: dict[str, Any] = {}
        """Claims of ID tokens that are not as they should be; None leaves one out."""
        self.metadata: dict[str, Any] = {}
        self.broken: dict[str, Response] = {}
        """Answers by path that are not as they should be."""
        self.keys: list[Key] = [_first_key()]
        self.key: Key = self.keys[0]
        self.header: dict[str, Any] = {"alg": "RS256"}
        self.asked: list[str] = []
        self._grants: dict[str, dict[str, str]] = {}  # what a code is for

    @staticmethod
    def new_key() -> RSAKey:
        return RSAKey.generate_key(2048, auto_kid=True)

    def rotate(self) -> None:
        """It signs with another key from now on."""
        self.key = self.new_key()
        self.keys = [self.key]

    @asynccontextmanager
    async def serving(self) -> AsyncIterator[OidcProvider]:
        paths = ("/.well-known/openid-configuration", "/authorize", "/token", "/keys")
        answers = (self._configuration, self._authorize, self._token, self._jwks)
        routes = [
            Route(path, answer, methods=["GET", "POST"])
            for path, answer in zip(paths, answers, strict=True)
        ]
        config = Config(Starlette(routes=routes), port=0, log_config=None, lifespan="off")
        server = Server(config)
        running = asyncio.create_task(server.serve())
        async with asyncio.timeout(PATIENCE_SECONDS):
            while not server.started:  # noqa: ASYNC110 - nothing tells of it
                await asyncio.sleep(0.001)
        (listening,) = server.servers[0].sockets
        self.issuer = f"http://127.0.0.1:{listening.getsockname()[1]}"
        try:
            yield self
        finally:
            server.should_exit = True
            await running

    async def _configuration(self, request: Request) -> Response:
        return self._answer(
            request,
            {
                "issuer": self.issuer,
                "authorization_endpoint": f"{self.issuer}/authorize",
                "token_endpoint": f"{self.issuer}/token",
                "jwks_uri": f"{self.issuer}/keys",
                "response_types_supported": ["code"],
                "subject_types_supported": ["public"],
                "id_token_signing_alg_values_supported": ["RS256"],
                **self.metadata,
            },
        )

    async def _authorize(self, request: Request) -> Response:
        asked = dict(request.query_params)
        assert asked["response_type"] == "code"
        assert asked["client_id"] == CLIENT
        assert asked["redirect_uri"] == self.redirect
        assert asked["scope"].split()[0] == "openid"
        assert asked["code_challenge_method"] == "S256"
        code = secrets.token_urlsafe()
        self._grants[code] = asked
        back = {"code": code, "state": asked["state"], "iss": self.issuer}
        return RedirectResponse(f"{self.redirect}?{urlencode(back)}")

    async def _token(self, request: Request) -> Response:
        form = dict(parse_qsl((await request.body()).decode()))
        if not self._is_client(request, form):
            return JSONResponse({"error": "invalid_client"}, 401)
        asked = self._grants.pop(form["code"], None)
        challenge = urlsafe_b64encode(sha256(form["code_verifier"].encode()).digest())
        if (
            asked is None
            or challenge.decode().rstrip("=") != asked["code_challenge"]
            or form["redirect_uri"] != asked["redirect_uri"]
        ):
            return JSONResponse({"error": "invalid_grant"}, 400)
        access_token = secrets.token_urlsafe()
        now = int(time.time())
        claims = {
            "iss": self.issuer,
            "aud": CLIENT,
            "iat": now,
            "exp": now + 300,
            "nonce": asked["nonce"],
            "at_hash": half_hash(access_token),
            **self.person,
            **self.claims,
        }
        said = {name: value for name, value in claims.items() if value is not None}
        header = {"kid": self.key.kid, **self.header}
        id_token = jwt.encode(header, said, self.key, algorithms=[header["alg"]])
        return self._answer(
            request,
            {"access_token": access_token, "token_type": "Bearer", "id_token": id_token},
        )

    def _is_client(self, request: Request, form: dict[str, str]) -> bool:
        scheme, _, basic = request.headers.get("authorization", "").partition(" ")
        if scheme == "Basic":  # RFC 6749, 2.3.1
            given = b64decode(basic).decode().split(":", 1)
            return list(map(unquote, given)) == [CLIENT, SECRET]
        return form.get("client_id") == CLIENT and form.get("client_secret") == SECRET

    async def _jwks(self, request: Request) -> Response:
        return self._answer(request, KeySet(self.keys).as_dict(private=False))

    def _answer(self, request: Request, content: object) -> Response:
        self.asked.append(request.url.path)
        return self.broken.get(request.url.path) or JSONResponse(content)


@contextmanager
def in_a_thread() -> Iterator[OidcProvider]:
    """A provider for those who have no event loop, or whose server is another process."""
    ready: Future[OidcProvider] = Future()
    stop: Future[None] = Future()

    async def serve() -> None:
        try:
            async with OidcProvider().serving() as provider:
                ready.set_result(provider)
                await asyncio.wrap_future(stop)
        except BaseException as error:
            if not ready.done():
                ready.set_exception(error)
            raise

    with ThreadPoolExecutor(1) as thread:
        running = thread.submit(asyncio.run, serve())
        try:
            yield ready.result(PATIENCE_SECONDS)
        finally:
            stop.set_result(None)
            running.result(PATIENCE_SECONDS)


@contextmanager
def signing_on(data: Path, *flags: str) -> Iterator[tuple[ServerProcess, OidcProvider]]:
    """A server as people run it, on which one can sign on."""
    with in_a_thread() as provider, socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
        free.close()
        secret = data.parent / "secret"
        secret.write_text(f"{SECRET}\n")
        secret.chmod(0o600)
        provider.redirect = f"http://127.0.0.1:{port}/sign-on/callback"
        environment = {
            "HUBBUB_SIGN_ON_ISSUER": provider.issuer,
            "HUBBUB_SIGN_ON_CLIENT_ID": CLIENT,
            "HUBBUB_SIGN_ON_SECRET_FILE": str(secret),
            "HUBBUB_SIGN_ON_NAME": "Tea & Biscuits",
            "HUBBUB_PUBLIC_URL": f"http://127.0.0.1:{port}",
        }
        server = ServerProcess(data, *flags, environment=environment)
        server.port = port
        with server:
            yield server, provider
