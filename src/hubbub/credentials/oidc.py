"""Single sign-on: asks one OpenID Connect provider who somebody is (authorization code flow).

After OpenID Connect Core 1.0 and Discovery 1.0, PKCE (RFC 7636), and RFC 9700 on what to beware of.
Tokens are neither kept nor logged: all that is wanted of them is who it is.
"""

from __future__ import annotations

import asyncio
import hmac
import logging
import re
import secrets
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from ipaddress import ip_address
from ssl import SSLContext
from typing import Any, TypeVar
from urllib.parse import urlsplit

import msgspec
from msgspec import Struct

from hubbub.credentials.idtoken import Expected, claims_of
from hubbub.domain.errors import SignOnFailed
from hubbub.hub.ports import Clock, Identity, SignOn

DEADLINE_SECONDS = 15.0  # for all that is asked of the provider at a time: a person waits for it
FRESH_MS = 3_600_000  # what the provider says of itself is asked for again after an hour
MAX_CODE_CHARS = 4096  # of what a browser brings
MAX_SUBJECT_CHARS = 255  # OpenID Connect Core 1.0, 2
MAX_NAME_CHARS = 100  # a hint: who asks makes a valid name of it
MAX_ANSWER_BYTES = 1024 * 1024  # of the provider; a set of keys has some kilobytes

_NAMES = ("preferred_username", "nickname", "email", "name")  # claims, the best one first
_ERROR_CODE = re.compile(r"[a-z_]{1,40}")

logger = logging.getLogger(__name__)

T = TypeVar("T")


class Provider(Struct, frozen=True):
    """The provider's address, and what it knows this server by; ``secret`` may be empty.

    Raises ``ValueError`` for an address that is not https, but for one on this computer.
    """

    issuer: str
    client_id: str
    secret: str = ""
    scope: str = "openid profile email"

    def __post_init__(self) -> None:
        if not _is_safe(self.issuer):
            raise ValueError(
                f'"{self.issuer}" is no address of a provider: they begin with https://'
            )

    def __repr__(self) -> str:
        return f"<Provider {self.issuer}>"  # without the secret


class Metadata(Struct, frozen=True):
    """What the provider says of itself (Discovery 1.0, 3), as far as it is needed."""

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    id_token_signing_alg_values_supported: Sequence[str] = ("RS256",)
    token_endpoint_auth_methods_supported: Sequence[str] = ("client_secret_basic",)
    authorization_response_iss_parameter_supported: bool = False  # RFC 9207

    def check(self, issuer: str) -> None:
        """Raises ``ValueError`` if this cannot be what ``issuer`` says."""
        if self.issuer.rstrip("/") != issuer.rstrip("/"):  # people leave out a slash at the end
            raise ValueError(f"it calls itself {self.issuer[:200]!r}")
        for url in (self.authorization_endpoint, self.token_endpoint, self.jwks_uri):
            if not _is_safe(url):
                raise ValueError(f"it names an address without https: {url[:200]!r}")


class OpenIdConnect:
    """Implements `hubbub.hub.ports.SingleSignOn`. authlib is imported when it is first used."""

    def __init__(self, provider: Provider, clock: Clock) -> None:
        self._provider = provider
        self._clock = clock
        self._metadata: Metadata | None = None
        self._keys: Mapping[str, Any] | None = None
        self._fresh_until = 0
        self._tls: SSLContext | None = None

    async def begin(self, redirect: str) -> SignOn:
        """See `hubbub.hub.ports.SingleSignOn`."""
        state, nonce, verifier = (secrets.token_urlsafe(32) for _ in range(3))
        async with self._asking() as client:
            metadata = await self._known(client)
            url, _ = client.create_authorization_url(
                metadata.authorization_endpoint,
                state=state,
                code_verifier=verifier,
                nonce=nonce,
                redirect_uri=redirect,
            )
        return SignOn(url=url, state=state, nonce=nonce, verifier=verifier, redirect=redirect)

    async def finish(self, sign_on: SignOn, answer: Mapping[str, str]) -> Identity:
        """See `hubbub.hub.ports.SingleSignOn`."""
        state = answer.get("state", "").encode("utf-8", "replace")
        if not hmac.compare_digest(state, sign_on.state.encode()):
            raise SignOnFailed("This answer is that of another sign-on. Please begin again.")
        if "error" in answer:
            raise _refused(answer["error"])
        async with self._asking() as client:
            metadata = await self._known(client)
            claims = await self._claims(client, metadata, sign_on, _code(answer, metadata))
        subject = claims["sub"]
        if not 0 < len(subject) <= MAX_SUBJECT_CHARS or not subject.isprintable():
            raise SignOnFailed("The sign-on did not succeed: its answer does not say who you are.")
        found = (claims[name] for name in _NAMES if isinstance(claims.get(name), str))
        name = next(filter(None, found), "")
        return Identity(issuer=metadata.issuer, subject=subject, name=name[:MAX_NAME_CHARS])

    async def _claims(
        self, client: Any, metadata: Metadata, sign_on: SignOn, code: str
    ) -> Mapping[str, Any]:
        """Exchanges the code, and looks into the ID token."""
        from joserfc.errors import BadSignatureError, InvalidKeyIdError

        token = await client.fetch_token(
            metadata.token_endpoint,
            grant_type="authorization_code",
            code=code,
            code_verifier=sign_on.verifier,
            redirect_uri=sign_on.redirect,
            auth=client.client_auth(self._method(metadata)),
        )
        id_token, access_token = token.get("id_token"), token.get("access_token")
        if not isinstance(id_token, str) or not isinstance(access_token, str):
            raise ValueError("there is no ID token in its answer")
        expected = Expected(
            issuer=metadata.issuer,
            client_id=self._provider.client_id,
            nonce=sign_on.nonce,
            algorithms=metadata.id_token_signing_alg_values_supported,
        )
        now = self._clock() // 1000
        if self._keys is not None:
            try:
                return claims_of(id_token, self._keys, expected, access_token=access_token, now=now)
            except (InvalidKeyIdError, BadSignatureError):
                pass  # it may have new keys
        keys = await _fetch(client, metadata.jwks_uri, dict[str, Any])
        claims = claims_of(id_token, keys, expected, access_token=access_token, now=now)
        self._keys = keys
        return claims

    async def _known(self, client: Any) -> Metadata:
        """What the provider says of itself, asked for when it is not known or old."""
        if self._metadata is None or self._clock() >= self._fresh_until:
            issuer = self._provider.issuer
            url = f"{issuer.rstrip('/')}/.well-known/openid-configuration"
            metadata = await _fetch(client, url, Metadata)
            metadata.check(issuer)
            self._metadata, self._keys = metadata, None
            self._fresh_until = self._clock() + FRESH_MS
        return self._metadata

    def _method(self, metadata: Metadata) -> str:
        """How this server proves to the provider who it is."""
        if not self._provider.secret:
            return "none"
        offered = metadata.token_endpoint_auth_methods_supported
        basic, post = "client_secret_basic", "client_secret_post"
        return post if post in offered and basic not in offered else basic

    @asynccontextmanager
    async def _asking(self) -> AsyncIterator[Any]:
        """A client for one sign-on. Whatever fails with it is a `SignOnFailed`."""
        if self._tls is None:
            self._tls = await asyncio.to_thread(_prepare_tls)
        from authlib.integrations.base_client import OAuthError
        from authlib.integrations.httpx_client import AsyncOAuth2Client
        from httpx2 import HTTPError, InvalidURL
        from joserfc.errors import JoseError

        from hubbub.credentials.bounded import bounded

        provider = self._provider
        try:
            async with (
                asyncio.timeout(DEADLINE_SECONDS),
                AsyncOAuth2Client(
                    provider.client_id,
                    provider.secret or None,
                    scope=provider.scope,
                    code_challenge_method="S256",
                    timeout=DEADLINE_SECONDS,
                    verify=self._tls,
                    headers={"Accept-Encoding": "identity"},
                    event_hooks={"response": [bounded(MAX_ANSWER_BYTES)]},
                ) as client,
            ):
                yield client
        except (HTTPError, TimeoutError) as error:
            self._log(repr(error))
            raise SignOnFailed(
                "The server that you sign on with cannot be reached. Try again in a minute."
            ) from None
        except OAuthError as error:
            self._log(f"it refused the code: {_error_code(error.error)}")
            raise SignOnFailed(
                "The sign-on took too long, or was used before. Please begin again."
            ) from None
        except (InvalidURL, JoseError, ValueError, msgspec.MsgspecError) as error:
            self._log(f"{type(error).__name__} {error}")
            raise SignOnFailed(
                "The sign-on did not succeed: its answer is not as it must be. "
                "If that comes again, tell who runs this server."
            ) from None

    def _log(self, reason: str) -> None:
        logger.warning("A sign-on with %s failed: %s", self._provider.issuer, reason)


def _prepare_tls() -> SSLContext:
    """What all clients share. With the imports it takes a fourth of a second, in a thread."""
    import authlib.integrations.httpx_client
    import authlib.oidc.core  # noqa: F401 (and what it imports)
    from httpx2 import create_ssl_context

    import hubbub.credentials.bounded  # noqa: F401

    return create_ssl_context()


def _code(answer: Mapping[str, str], metadata: Metadata) -> str:
    """The code that the browser brought; raises ``ValueError`` if it is not of this provider."""
    unsaid = None if metadata.authorization_response_iss_parameter_supported else metadata.issuer
    if answer.get("iss", unsaid) != metadata.issuer:  # RFC 9207, 2.4
        raise ValueError("the answer that a browser brought is of another provider")
    code = answer.get("code", "")
    if not 0 < len(code) <= MAX_CODE_CHARS:
        raise ValueError("the answer that a browser brought has no code")
    return code


def _refused(error: str) -> SignOnFailed:
    if error == "access_denied":
        return SignOnFailed("You were not signed on: it was refused there.")
    return SignOnFailed(f"The server that you sign on with says: {_error_code(error)}.")


def _error_code(error: object) -> str:
    """The code of an error, which comes from outside."""
    known = isinstance(error, str) and _ERROR_CODE.fullmatch(error)
    return str(error) if known else "an unknown error"


async def _fetch(client: Any, url: str, kind: type[T]) -> T:
    response = await client.request("GET", url, withhold_token=True)
    response.raise_for_status()
    return msgspec.json.decode(response.content, type=kind)


def _is_safe(url: str) -> bool:
    """Whether what is sent there is read by nobody on the way."""
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
        loopback = host == "localhost" or (host[-1:].isdigit() and ip_address(host).is_loopback)
    except ValueError:
        return False
    return bool(host) and (parts.scheme == "https" or (parts.scheme == "http" and loopback))
