from __future__ import annotations

import asyncio
import json
import logging
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlsplit

import httpx2
import pytest
from joserfc.jwk import KeySet, OctKey
from starlette.responses import JSONResponse, PlainTextResponse, RedirectResponse

from hubbub.credentials import oidc
from hubbub.credentials.oidc import OpenIdConnect, Provider
from hubbub.domain.errors import SignOnFailed
from hubbub.hub.ports import Identity, SignOn
from tests.oidc_provider import CLIENT, REDIRECT, SECRET, OidcProvider

CONFIGURATION = "/.well-known/openid-configuration"


class Clock:
    def __init__(self) -> None:
        self.ahead = 0

    def __call__(self) -> int:
        return int(time.time() * 1000) + self.ahead


@pytest.fixture
async def provider() -> AsyncIterator[OidcProvider]:
    async with OidcProvider().serving() as provider:
        yield provider


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def client(provider: OidcProvider, clock: Clock) -> OpenIdConnect:
    return OpenIdConnect(Provider(provider.issuer, CLIENT, SECRET), clock)


async def browse(sign_on: SignOn) -> dict[str, str]:
    """Goes where the browser is sent; what it comes back with."""
    async with httpx2.AsyncClient() as browser:
        answer = await browser.get(sign_on.url)
    back = answer.headers["location"]
    assert back.startswith(REDIRECT + "?")
    return dict(parse_qsl(urlsplit(back).query))


async def sign_on(client: OpenIdConnect) -> Identity:
    begun = await client.begin(REDIRECT)
    return await client.finish(begun, await browse(begun))


async def test_a_person_signs_on(provider: OidcProvider, client: OpenIdConnect) -> None:
    assert await sign_on(client) == Identity(provider.issuer, "ada-1", "ada")


async def test_the_browser_is_sent_with_all_that_protects_the_answer(
    client: OpenIdConnect,
) -> None:
    begun = await client.begin(REDIRECT)
    sent = parse_qs(urlsplit(begun.url).query)
    assert sent["state"] == [begun.state]
    assert sent["nonce"] == [begun.nonce]
    assert sent["code_challenge_method"] == ["S256"]
    assert begun.verifier not in begun.url
    assert SECRET not in begun.url
    again = await client.begin(REDIRECT)
    random = [value for one in (begun, again) for value in (one.state, one.nonce, one.verifier)]
    assert len(set(random)) == 6


@pytest.mark.parametrize(
    "person, name",
    [
        ({"name": "Ada Lovelace", "preferred_username": None}, "Ada Lovelace"),
        ({"nickname": "countess", "preferred_username": ""}, "countess"),
        ({"preferred_username": ["ada"]}, ""),
        (
            {"email": "ada@example.org", "name": "Ada", "preferred_username": None},
            "ada@example.org",
        ),
        ({"preferred_username": "x" * 5000}, "x" * 100),
    ],
    ids=lambda part: str(part)[:40],
)
async def test_the_name_is_what_the_provider_has(
    provider: OidcProvider, client: OpenIdConnect, person: dict[str, Any], name: str
) -> None:
    provider.claims = person
    assert (await sign_on(client)).name == name


@pytest.mark.parametrize(
    "metadata",
    [
        {"token_endpoint_auth_methods_supported": ["client_secret_post"]},
        {"token_endpoint_auth_methods_supported": ["client_secret_post", "client_secret_basic"]},
        {"authorization_response_iss_parameter_supported": True},
        {"issuer_logo": "unknown fields are left alone"},
    ],
)
async def test_providers_differ(
    provider: OidcProvider, client: OpenIdConnect, metadata: dict[str, Any]
) -> None:
    provider.metadata = metadata
    assert (await sign_on(client)).subject == "ada-1"


async def test_without_a_secret_the_provider_is_told_the_client_s_id(
    provider: OidcProvider, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    forms: list[dict[str, str]] = []

    def is_client(request: object, form: dict[str, str]) -> bool:
        forms.append(form)
        return form.get("client_id") == CLIENT

    monkeypatch.setattr(provider, "_is_client", is_client)
    await sign_on(OpenIdConnect(Provider(provider.issuer, CLIENT), clock))
    assert "client_secret" not in forms[0]


@pytest.mark.parametrize(
    "claims",
    [
        {"iss": "https://evil.example"},
        {"iss": None},
        {"aud": "another client"},
        {"aud": ["another client"]},
        {"aud": None},
        {"aud": [CLIENT, "another client"]},  # without azp
        {"azp": "another client"},
        {"nonce": "another one"},
        {"nonce": None},
        {"exp": 1_700_000_000},
        {"exp": None},
        {"iat": 4_000_000_000},
        {"nbf": 4_000_000_000},
        {"at_hash": "AAAAAAAAAAAAAAAAAAAAAA"},
        {"sub": None},
        {"sub": 7},
        {"sub": ""},
        {"sub": "x" * 256},
        {"sub": "a\0b"},
        {"sub": "\ud800"},
    ],
    ids=lambda part: str(part)[:40],
)
async def test_a_token_that_is_not_meant_for_us_signs_nobody_on(
    provider: OidcProvider, client: OpenIdConnect, claims: dict[str, Any]
) -> None:
    provider.claims = claims
    with pytest.raises(SignOnFailed):
        await sign_on(client)
    provider.claims = {}
    assert (await sign_on(client)).subject == "ada-1"


async def test_a_token_for_several_is_for_whom_azp_says(
    provider: OidcProvider, client: OpenIdConnect
) -> None:
    provider.claims = {"aud": [CLIENT, "another client"], "azp": CLIENT}
    assert (await sign_on(client)).subject == "ada-1"


async def test_a_key_that_is_not_the_provider_s_signs_nobody_on(
    provider: OidcProvider, client: OpenIdConnect
) -> None:
    theirs = provider.key
    for header in ({}, {"kid": theirs.kid}):
        provider.key = provider.new_key()
        provider.header = {"alg": "RS256", **header}
        with pytest.raises(SignOnFailed, match="not as it must be"):
            await sign_on(client)


async def test_a_signature_by_the_secret_or_none_signs_nobody_on(
    provider: OidcProvider, client: OpenIdConnect
) -> None:
    provider.metadata = {"id_token_signing_alg_values_supported": ["HS256", "none", "RS256"]}
    public = KeySet(provider.keys).as_dict(private=False)["keys"][0]
    for algorithm in ("HS256", "none"):
        provider.key = OctKey.import_key(json.dumps(public))
        provider.header = {"alg": algorithm, "kid": provider.keys[0].kid}
        with pytest.raises(SignOnFailed):
            await sign_on(client)


async def test_new_keys_are_asked_for_and_what_is_known_is_not(
    provider: OidcProvider, client: OpenIdConnect
) -> None:
    await sign_on(client)
    await sign_on(client)
    assert provider.asked == [CONFIGURATION, "/token", "/keys", "/token"]
    provider.rotate()
    assert (await sign_on(client)).subject == "ada-1"
    assert provider.asked[4:] == ["/token", "/keys"]


async def test_what_the_provider_says_of_itself_is_asked_again_after_an_hour(
    provider: OidcProvider, client: OpenIdConnect, clock: Clock
) -> None:
    for ahead in (0, 3_599_000, 3_601_000):
        clock.ahead = ahead
        await client.begin(REDIRECT)
    assert provider.asked == [CONFIGURATION] * 2


async def test_an_answer_is_for_one_sign_on(client: OpenIdConnect) -> None:
    begun, other = await client.begin(REDIRECT), await client.begin(REDIRECT)
    answer = await browse(begun)
    for wrong in (other, SignOn("", "", "", "", "")):
        with pytest.raises(SignOnFailed, match="another sign-on"):
            await client.finish(wrong, answer)
    for state in ("", "\ud800"):
        with pytest.raises(SignOnFailed, match="another sign-on"):
            await client.finish(begun, {**answer, "state": state})
    # Somebody else's code with an own state: the verifier is another one (RFC 9700, 4.5).
    with pytest.raises(SignOnFailed, match="begin again"):
        await client.finish(other, {**answer, "state": other.state})


async def test_an_answer_is_good_once(client: OpenIdConnect) -> None:
    begun = await client.begin(REDIRECT)
    answer = await browse(begun)
    await client.finish(begun, answer)
    with pytest.raises(SignOnFailed, match="used before"):
        await client.finish(begun, answer)


@pytest.mark.parametrize(
    "change",
    [
        {"iss": "https://evil.example"},
        {"code": ""},
        {"code": "x" * 5000},
        {"code": "nobody's"},
    ],
    ids=lambda part: str(part)[:40],
)
async def test_an_answer_that_was_tampered_with_signs_nobody_on(
    client: OpenIdConnect, change: dict[str, str]
) -> None:
    begun = await client.begin(REDIRECT)
    with pytest.raises(SignOnFailed):
        await client.finish(begun, {**await browse(begun), **change})


async def test_an_answer_must_say_whose_it_is_if_the_provider_says_so(
    provider: OidcProvider, client: OpenIdConnect
) -> None:
    provider.metadata = {"authorization_response_iss_parameter_supported": True}
    begun = await client.begin(REDIRECT)
    answer = await browse(begun)
    del answer["iss"]
    with pytest.raises(SignOnFailed):
        await client.finish(begun, answer)


@pytest.mark.parametrize(
    "error, says",
    [
        ("access_denied", "refused"),
        ("server_error", "says: server_error"),
        ("<script>", "unknown error"),
    ],
)
async def test_who_does_not_agree_is_told_so(client: OpenIdConnect, error: str, says: str) -> None:
    begun = await client.begin(REDIRECT)
    with pytest.raises(SignOnFailed, match=says):
        await client.finish(begun, {"state": begun.state, "error": error})


@pytest.mark.parametrize(
    "path, answer",
    [
        (CONFIGURATION, PlainTextResponse("tea", 500)),
        (CONFIGURATION, PlainTextResponse("tea")),
        (CONFIGURATION, JSONResponse({"issuer": 7})),
        (CONFIGURATION, JSONResponse([])),
        (CONFIGURATION, RedirectResponse("http://127.0.0.1:9/")),
        (CONFIGURATION, PlainTextResponse("{" * (oidc.MAX_ANSWER_BYTES + 1))),
        (CONFIGURATION, JSONResponse({}, headers={"Content-Encoding": "gzip"})),
        ("/token", PlainTextResponse("{" * (oidc.MAX_ANSWER_BYTES + 1))),
        ("/token", PlainTextResponse("tea", 500)),
        ("/token", PlainTextResponse("tea")),
        ("/token", JSONResponse([])),
        ("/token", JSONResponse({"access_token": "a", "token_type": "Bearer"})),
        ("/token", JSONResponse({"access_token": "a", "id_token": "tea"})),
        ("/token", JSONResponse({"access_token": "a", "id_token": 7})),
        ("/token", JSONResponse({"error": "invalid_client"}, 401)),
        ("/token", JSONResponse({"error": 7}, 400)),
        ("/keys", PlainTextResponse("tea", 404)),
        ("/keys", JSONResponse([])),
        ("/keys", JSONResponse({"keys": "tea"})),
        ("/keys", JSONResponse({"keys": [{"kty": "tea"}]})),
        ("/keys", JSONResponse({"keys": []})),
    ],
    ids=lambda part: part if isinstance(part, str) else repr(part.body[:40]),
)
async def test_whatever_a_provider_answers_is_a_failed_sign_on(
    provider: OidcProvider, client: OpenIdConnect, path: str, answer: Any
) -> None:
    provider.broken[path] = answer
    with pytest.raises(SignOnFailed) as failed:
        await sign_on(client)
    assert failed.value.__cause__ is None
    provider.broken.clear()
    assert (await sign_on(client)).subject == "ada-1"


@pytest.mark.parametrize(
    "metadata",
    [
        {"issuer": "https://evil.example"},
        {"token_endpoint": "http://chat.example.org/token"},
        {"authorization_endpoint": "javascript:alert(1)"},
        {"jwks_uri": ""},
    ],
    ids=lambda part: str(part)[:40],
)
async def test_a_provider_that_would_give_secrets_away_is_not_used(
    provider: OidcProvider, client: OpenIdConnect, metadata: dict[str, str]
) -> None:
    provider.metadata = metadata
    with pytest.raises(SignOnFailed):
        await client.begin(REDIRECT)


@pytest.mark.parametrize("written, called", [("", "/"), ("/", ""), ("/", "/")])
async def test_a_slash_at_the_end_of_the_issuer_makes_no_difference(
    provider: OidcProvider, clock: Clock, written: str, called: str
) -> None:
    bare = provider.issuer
    provider.issuer = bare + called
    provider.metadata = {
        "authorization_endpoint": f"{bare}/authorize",
        "token_endpoint": f"{bare}/token",
        "jwks_uri": f"{bare}/keys",
    }
    client = OpenIdConnect(Provider(bare + written, CLIENT, SECRET), clock)
    assert (await sign_on(client)).issuer == bare + called


async def test_a_provider_that_is_not_there_can_be_tried_again(clock: Clock) -> None:
    client = OpenIdConnect(Provider("http://127.0.0.1:9", CLIENT, SECRET), clock)
    with pytest.raises(SignOnFailed, match="cannot be reached"):
        await client.begin(REDIRECT)


async def test_a_provider_that_never_answers_is_not_waited_for(
    clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(oidc, "DEADLINE_SECONDS", 0.05)
    ended = asyncio.Event()

    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()
        ended.set()

    async with await asyncio.start_server(silent, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        client = OpenIdConnect(Provider(f"http://127.0.0.1:{port}", CLIENT), clock)
        with pytest.raises(SignOnFailed, match="cannot be reached"):
            await client.begin(REDIRECT)
        await ended.wait()


async def test_nothing_secret_is_logged(
    provider: OidcProvider, client: OpenIdConnect, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    secrets = [SECRET, "eyJ"]
    for claims in ({}, {"nonce": "another one"}):
        provider.claims = claims
        begun = await client.begin(REDIRECT)
        answer = await browse(begun)
        caplog.clear()  # of what the browser has logged
        secrets += [answer["code"], begun.verifier, begun.nonce, begun.state]
        if claims:
            with pytest.raises(SignOnFailed):
                await client.finish(begun, answer)
        else:
            await client.finish(begun, answer)
        with pytest.raises(SignOnFailed):
            await client.finish(begun, answer)
        assert "failed" in caplog.text
        assert not [one for one in secrets if one in caplog.text]
        assert not [one for one in secrets if one in repr(begun)]
    assert SECRET not in repr(client._provider)


@pytest.mark.parametrize(
    "issuer", ["", "chat.example.org", "http://chat.example.org", "ftp://a", "https://", "http://["]
)
def test_an_issuer_is_an_https_address(issuer: str) -> None:
    with pytest.raises(ValueError, match="begin with https"):
        Provider(issuer, CLIENT)


@pytest.mark.parametrize(
    "issuer", ["https://id.example.org/realms/tea", "http://localhost:8080", "http://[::1]:8080"]
)
def test_an_issuer_on_this_computer_needs_no_tls(issuer: str) -> None:
    assert Provider(issuer, CLIENT).issuer == issuer


def test_authlib_is_imported_for_the_first_sign_on() -> None:
    code = "import sys, hubbub.credentials.oidc\n"
    code += "print({'authlib', 'httpx2', 'joserfc'} & {*sys.modules})"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"
