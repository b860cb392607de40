"""Single sign-on by browsers: to the provider on this computer, and back."""

from __future__ import annotations

import asyncio
import json
import logging
import re
import time
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx2
import pytest
from starlette.responses import JSONResponse, PlainTextResponse

from hubbub.credentials import oidc
from hubbub.credentials.oidc import OpenIdConnect, Provider
from hubbub.hub.settings import HubSettings
from hubbub.server.http.signoncookies import MOST, UNDER_WAY_SECONDS
from hubbub.server.listener import Listener
from hubbub.server.options import Options
from tests.memorylog.log import MemoryLog
from tests.oidc_provider import CLIENT, SECRET, OidcProvider
from tests.passwords import CheapPasswords
from tests.server.serving import UNHURRIED, Chatter, Server, serving

PASSWORD = "correct horse battery"
CONFIGURATION = "/.well-known/openid-configuration"


class World:
    """A server, and the provider with which people sign on there."""

    def __init__(self, server: Server, provider: OidcProvider) -> None:
        self.server = server
        self.provider = provider
        self.url = f"http://127.0.0.1:{server.port}{server.context.options.path_prefix}"
        provider.redirect = f"{self.url}/sign-on/callback"
        server.hub.settings = replace(server.hub.settings, public_url=self.url)
        assert server.hub.sign_ons is not None
        server.hub.sign_ons.public_url = self.url  # the port was not known before

        self.browsers: list[Browser] = []

    def browser(self) -> Browser:
        self.browsers.append(Browser(self))
        return self.browsers[-1]


class Browser:
    """Follows redirects and keeps cookies, as browsers do."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.client = httpx2.AsyncClient(base_url=world.url)

    async def get(self, path: str, **headers: str) -> httpx2.Response:
        fields = {name.replace("_", "-"): value for name, value in headers.items()}
        return await self.client.get(path, headers=fields)

    async def post(self, path: str, token: str | None = None, **body: Any) -> httpx2.Response:
        headers = {} if token is None else {"Authorization": f"Bearer {token}"}
        return await self.client.post(path, json=body, headers=headers)

    async def begin(self, path: str = "/sign-on") -> str:
        """Where the browser comes back from the provider, who has asked nothing."""
        sent = await self.get(path)
        assert sent.status_code == 303, sent.text
        back = await self.client.get(sent.headers["location"])
        return str(back.headers["location"])

    async def sign_on(self, path: str = "/sign-on") -> httpx2.Response:
        return await self.get(await self.begin(path))

    async def code(self) -> str:
        """The code of the page at the end."""
        return code_of(await self.sign_on())

    @property
    def cookies(self) -> list[str]:
        return sorted(cookie.name for cookie in self.client.cookies.jar)


def code_of(page: httpx2.Response) -> str:
    found = re.search(r'id="code">([A-Z0-9-]+)<', page.text)
    assert found, page.text
    return found[1]


def problem(page: httpx2.Response) -> str:
    """What a page says that went wrong."""
    assert page.status_code >= 400
    assert page.headers["content-type"].startswith("text/html")
    assert page.headers["cache-control"] == "no-store"
    assert "default-src 'none'" in page.headers["content-security-policy"]
    found = re.search(r'<p role="alert">(.*?)</p>', page.text)
    assert found, page.text
    return found[1]


@asynccontextmanager
async def signing_on(
    settings: HubSettings = UNHURRIED, *, prefix: str = ""
) -> AsyncIterator[World]:
    async with OidcProvider().serving() as provider:
        client = OpenIdConnect(
            Provider(provider.issuer, CLIENT, SECRET), lambda: int(time.time() * 1000)
        )
        settings = replace(
            settings,
            sign_on_issuer=provider.issuer,
            sign_on_client_id=CLIENT,
            sign_on_name="Tea & Biscuits",
        )
        async with serving(
            Options(port=0, sessions_per_address=0, path_prefix=prefix),
            log=MemoryLog(auto=True),
            settings=settings,
            http=True,
            passwords=CheapPasswords(),
            provider=client,
        ) as server:
            world = World(server, provider)
            try:
                yield world
            finally:
                for browser in world.browsers:
                    await browser.client.aclose()


@pytest.fixture
async def world() -> AsyncIterator[World]:
    async with signing_on() as world:
        yield world


async def log_in(world: World, user: str, password: str) -> dict[str, Any]:
    async with world.server.web() as web:
        return await Chatter(web).ask(None, type="hello", user=user, password=password)  # type: ignore[arg-type]


async def registered(world: World, name: str) -> str:
    """The token of somebody with a password."""
    async with world.server.web() as web:
        chatter = Chatter(web)
        await chatter.ask("welcome", type="hello", user=name)
        return str((await chatter.ask("welcome", type="register", password=PASSWORD))["token"])


# There and back


async def test_a_browser_shows_a_code_that_is_typed_as_a_password(world: World) -> None:
    page = await world.browser().sign_on()
    assert page.status_code == 200
    assert "/login ada" in page.text
    assert "script" not in page.text
    code = code_of(page)
    assert (await log_in(world, "ada", code))["account"] is True
    assert (await log_in(world, "ada", code))["code"] == "wrong-password"


async def test_the_page_gets_a_code_by_the_cookie_alone_and_goes_on_in_the_room(
    world: World,
) -> None:
    browser = world.browser()
    back = await browser.sign_on("/sign-on?to=page&room=Caf%C3%A9%2F1")
    assert back.status_code == 303
    assert back.headers["location"] == "/?signed-on#/Caf%C3%A9%2F1"
    stranger = await world.browser().post("/sign-on/code")
    assert (stranger.status_code, stranger.json()["error"]["code"]) == (403, "sign-on-failed")
    told = await browser.post("/sign-on/code")
    assert told.status_code == 200
    proof = told.json()
    assert proof["user"] == "ada"
    assert proof["password"] not in str(back.headers["location"])
    welcome = await log_in(world, **proof)
    assert welcome["account"] is True
    assert welcome["token"]
    assert (await browser.post("/sign-on/code")).status_code == 403
    assert (await log_in(world, **proof))["code"] == "wrong-password"


@pytest.mark.parametrize(
    "room", ["//evil.example", "https://evil.example", "javascript:alert(1)", "\r\nSet-Cookie: a=b"]
)
async def test_nobody_is_sent_to_another_site(world: World, room: str) -> None:
    browser = world.browser()
    path = str(httpx2.URL("/sign-on", params={"to": "page", "room": room}))
    back = await browser.sign_on(path)
    to = urlsplit(back.headers["location"])
    assert (to.scheme, to.netloc, to.path, to.query) == ("", "", "/", "signed-on")
    assert "a=b" not in str(back.headers)


async def test_below_a_path_one_comes_back_to_that() -> None:
    async with signing_on(prefix="/chat") as world:
        browser = world.browser()
        page = await browser.sign_on()
        assert code_of(page)
        links = re.findall(r'(?:src|href)="([^"]*)"', page.text)
        assert all(link.startswith("/chat/") for link in links)
        lost = await browser.get("/sign-on/callback?state=x")
        assert '<a href="/chat/sign-on">Begin again</a>' in lost.text
        browser = world.browser()
        begun = await browser.begin("/sign-on?to=page&room=General")
        assert all(name.startswith("hubbub-chat-sign-on-") for name in browser.cookies)
        back = await browser.get(begun)
        assert back.headers["location"] == "/chat/?signed-on#/General"
        assert (await browser.post("/sign-on/code")).status_code == 200


async def test_what_is_asked_wrongly_is_not_begun(world: World) -> None:
    for query in (
        "to=elsewhere",
        "next=https://evil.example",
        "to=page&to=link",
        "room=" + "x" * 300,
    ):
        page = await world.browser().get(f"/sign-on?{query}")
        assert "not complete" in problem(page)
    assert world.provider.asked == []


async def test_two_tabs_sign_on_side_by_side(world: World) -> None:
    browser = world.browser()
    first, second = await browser.begin(), await browser.begin("/sign-on?to=page")
    assert (await browser.get(first)).status_code == 200
    assert (await browser.get(second)).status_code == 303


async def test_a_browser_keeps_few_sign_ons_the_newest_ones(world: World) -> None:
    browser = world.browser()
    backs = [await browser.begin() for _ in range(MOST + 3)]
    assert len(browser.cookies) <= MOST
    assert code_of(await browser.get(backs[-1]))


async def test_cookies_are_for_this_server_alone(world: World) -> None:
    browser = world.browser()
    sent = await browser.get("/sign-on?to=page")
    (kept,) = sent.headers.get_list("set-cookie")
    assert kept.startswith("hubbub-sign-on-")
    assert "HttpOnly" in kept
    assert "SameSite=lax" in kept
    assert f"Max-Age={UNDER_WAY_SECONDS}" in kept
    back = await browser.get(
        (await browser.client.get(sent.headers["location"])).headers["location"]
    )
    ended, given = back.headers.get_list("set-cookie")
    if ended.startswith("hubbub-browser"):
        ended, given = given, ended
    assert ended.startswith("hubbub-sign-on-")
    assert "Max-Age=0" in ended
    assert "SameSite=strict" in given
    assert "HttpOnly" in given
    assert "Max-Age=60" in given


async def test_under_https_cookies_are_bound_to_the_host() -> None:
    settings = replace(UNHURRIED, public_url="https://chat.example.org")
    async with OidcProvider().serving() as provider:
        client = OpenIdConnect(Provider(provider.issuer, CLIENT), lambda: int(time.time() * 1000))
        async with (
            serving(settings=settings, http=True, provider=client) as server,
            httpx2.AsyncClient(base_url=f"http://127.0.0.1:{server.port}") as browser,
        ):
            elsewhere = await browser.get("/sign-on?to=page&room=Tea")
            there = "https://chat.example.org/sign-on?to=page&room=Tea&here=1"
            assert (elsewhere.status_code, elsewhere.headers["location"]) == (303, there)
            host = {"Host": "chat.example.org"}
            sent = await browser.get("/sign-on", headers=host)
            asked = parse_qs(urlsplit(sent.headers["location"]).query)
            assert asked["redirect_uri"] == ["https://chat.example.org/sign-on/callback"]
            (kept,) = sent.headers.get_list("set-cookie")
            assert kept.startswith("__Host-hubbub-sign-on-")
            assert "Secure" in kept
            assert "Path=/;" in kept
            assert "Domain" not in kept
            # A proxy that tells another name does not make a circle.
            assert (
                (await browser.get("/sign-on?here=1"))
                .headers["location"]
                .startswith(provider.issuer)
            )


async def test_a_page_of_another_site_begins_nothing_by_itself(world: World) -> None:
    browser = world.browser()
    lured = await browser.get(
        "/sign-on?to=page",
        Sec_Fetch_Site="cross-site",
        Sec_Fetch_Mode="navigate",
        Sec_Fetch_Dest="document",
    )
    assert lured.status_code == 200
    assert "Tea &amp; Biscuits" in lured.text
    assert browser.cookies == []
    link = re.search(r'href="(/sign-on[^"]*)"', lured.text)
    assert link
    assert link[1].startswith("/sign-on?to=page&amp;here=1")
    for path in ("/sign-on/code", "/sign-on/link", "/sign-on/unlink"):
        answer = await browser.client.post(path, headers={"Sec-Fetch-Site": "cross-site"})
        assert answer.status_code == 403


# What is not as it must be


async def test_an_answer_without_the_cookie_is_nobody_s(world: World) -> None:
    browser = world.browser()
    back = await browser.begin()
    assert "another browser" in problem(await world.browser().get(back))
    assert code_of(await browser.get(back))


async def test_an_answer_is_good_once(world: World) -> None:
    browser = world.browser()
    back = await browser.begin()
    kept = dict(browser.client.cookies)
    assert code_of(await browser.get(back))
    assert "over already" in problem(await browser.get(back))
    browser.client.cookies.update(kept)
    assert "used before" in problem(await browser.get(back))


async def test_the_code_of_somebody_else_is_not_taken(world: World) -> None:
    eve, ada = world.browser(), world.browser()
    stolen = parse_qs(urlsplit(await eve.begin()).query)
    own = parse_qs(urlsplit(await ada.begin()).query)
    mixed = {"state": own["state"][0], "code": stolen["code"][0]}
    assert "begin again" in problem(
        await ada.get(str(httpx2.URL("/sign-on/callback", params=mixed)))
    )


async def test_a_state_that_is_another_s_is_refused(world: World) -> None:
    browser = world.browser()
    back = httpx2.URL(await browser.begin())
    for state in ("", "x" * 43, "x" * 5000, back.params["state"][:20] + "x", "\U0001f600"):
        page = await browser.get(str(back.copy_set_param("state", state)))
        assert "over already" in problem(page)


async def test_a_cookie_that_was_changed_is_refused(world: World) -> None:
    browser = world.browser()
    back = await browser.begin()
    ((name, kept),) = dict(browser.client.cookies).items()
    begun = json.loads(urlsafe_b64decode(kept))
    for change in (
        {"state": "x"},
        {"at": 0},
        {"at": begun["at"] - UNDER_WAY_SECONDS - 1},
        {"at": "x"},
    ):
        changed = urlsafe_b64encode(json.dumps(begun | change).encode()).decode()
        assert "over already" in problem(await browser.get(back, Cookie=f"{name}={changed}"))
    for changed in ("", "x", "=", '"', urlsafe_b64encode(b"[]").decode()):
        assert "over already" in problem(await browser.get(back, Cookie=f"{name}={changed}"))
    changed = urlsafe_b64encode(json.dumps(begun | {"nonce": "x"}).encode()).decode()
    assert "not as it must be" in problem(await browser.get(back, Cookie=f"{name}={changed}"))


@pytest.mark.parametrize(
    "claims",
    [
        {"nonce": "another one"},
        {"iss": "https://evil.example"},
        {"aud": "another client"},
        {"exp": 1_700_000_000},
        {"sub": None},
    ],
    ids=str,
)
async def test_a_token_that_is_not_meant_for_us_logs_nobody_in(
    world: World, claims: dict[str, Any]
) -> None:
    world.provider.claims = claims
    page = await world.browser().sign_on()
    assert page.status_code == 403
    problem(page)
    assert world.server.hub.access.directory.state.members == {}


async def test_who_does_not_agree_is_told_so_kindly_and_nothing_is_reflected(world: World) -> None:
    for error, says in (
        ("access_denied", "it was refused there"),
        ("<script>alert(1)</script>", "an unknown error"),
        ("login_required", "login_required"),
    ):
        browser = world.browser()
        back = httpx2.URL(await browser.begin("/sign-on?to=page&room=Tea"))
        query = {"state": back.params["state"], "error": error, "error_description": "<b>boo</b>"}
        page = await browser.get(str(httpx2.URL("/sign-on/callback", params=query)))
        assert says in problem(page)
        assert "<script" not in page.text
        assert "boo" not in page.text
        assert 'href="/sign-on?to=page&amp;room=Tea"' in page.text
        assert browser.cookies == []


async def test_an_answer_that_says_something_twice_is_refused(world: World) -> None:
    browser = world.browser()
    back = await browser.begin()
    assert "twice" in problem(await browser.get(f"{back}&code=x"))


@pytest.mark.parametrize(
    "path, answer",
    [
        (CONFIGURATION, PlainTextResponse("tea", 500)),
        (CONFIGURATION, PlainTextResponse("{" * (oidc.MAX_ANSWER_BYTES + 1))),
        ("/token", PlainTextResponse("tea", 500)),
        ("/token", JSONResponse({"error": "invalid_client"}, 401)),
        ("/keys", PlainTextResponse("tea" * oidc.MAX_ANSWER_BYTES)),
    ],
    ids=lambda part: part if isinstance(part, str) else repr(part.body[:40]),
)
async def test_a_provider_that_is_broken_is_told_of_and_passwords_go_on(
    world: World, path: str, answer: Any
) -> None:
    await registered(world, "ben")
    world.provider.broken[path] = answer
    browser = world.browser()
    first = await browser.get("/sign-on")
    if first.status_code == 303:
        back = await browser.client.get(first.headers["location"])
        first = await browser.get(back.headers["location"])
    assert "Begin again" in first.text
    problem(first)
    assert (await log_in(world, "ben", PASSWORD))["user"] == "ben"
    world.provider.broken.clear()
    assert code_of(await world.browser().sign_on())


async def test_a_provider_that_never_answers_holds_nobody_up(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(oidc, "DEADLINE_SECONDS", 0.2)
    came = asyncio.Event()

    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        came.set()
        await reader.read()
        writer.close()

    async with await asyncio.start_server(silent, "127.0.0.1", 0) as silence:
        port = silence.sockets[0].getsockname()[1]
        assert world.server.hub.sign_ons is not None
        world.server.hub.sign_ons._provider = OpenIdConnect(
            Provider(f"http://127.0.0.1:{port}", CLIENT), lambda: 0
        )
        asking = asyncio.create_task(world.browser().get("/sign-on"))
        await came.wait()
        await registered(world, "ben")
        assert "cannot be reached" in problem(await asking)


# Who may


async def test_a_name_that_is_taken_is_not_taken_over(world: World) -> None:
    await registered(world, "ada")
    page = await world.browser().sign_on()
    assert "/login ada2" in page.text
    assert (await log_in(world, "ada", code_of(page)))["code"] == "wrong-password"
    assert (await log_in(world, "ada2", code_of(page)))["user"] == "ada2"


async def test_who_is_banned_is_told_so(world: World) -> None:
    code = await world.browser().code()
    hub = world.server.hub
    async with world.server.web() as web:
        root = Chatter(web)
        await root.ask("welcome", type="hello", user="root")
        await root.ask("welcome", type="register", password=PASSWORD)
        await root.ask("done", type="own", code=hub.owner_code)
        await root.ask("ack", type="ban", room="/server", user="ada", reason="<b>tea</b>")
    page = await world.browser().sign_on()
    assert "banned" in problem(page)
    assert "<b>" not in page.text
    assert (await log_in(world, "ada", code))["type"] == "error"


async def test_where_registration_is_closed_nobody_new_comes_in() -> None:
    async with signing_on(replace(UNHURRIED, registration="closed")) as world:
        page = await world.browser().sign_on()
        assert "nobody can make an account" in problem(page)
        assert world.server.hub.access.directory.state.members == {}


async def test_an_invitation_goes_along() -> None:
    async with signing_on(replace(UNHURRIED, registration="invite")) as world:
        assert "invitation" in problem(await world.browser().sign_on())
        code = world.server.hub.owner_code
        assert code_of(await world.browser().sign_on(f"/sign-on?invite={code}"))


async def test_too_many_sign_ons_of_one_address_wait() -> None:
    async with signing_on(
        replace(HubSettings(), client_rate_burst=1, client_rate_limit=0.1)
    ) as world:
        browser = world.browser()
        await browser.get("/sign-on")
        page = await browser.get("/sign-on")
        assert page.status_code == 429
        assert "Too much comes from your address" in problem(page)


# Linking


async def test_an_account_is_linked_from_the_page_and_unlinked(world: World) -> None:
    token = await registered(world, "ben")
    browser = world.browser()
    headers = {"Authorization": f"Bearer {token}"}
    assert (await browser.client.get("/sign-on/link", headers=headers)).json() == {"linked": False}
    wrong = await browser.post("/sign-on/link", token, password="not that one")
    assert wrong.json()["error"]["code"] == "wrong-password"
    to = await browser.post("/sign-on/link", token, password=PASSWORD)
    assert to.json() == {"url": "/sign-on?to=link"}
    page = await browser.sign_on(to.json()["url"])
    assert page.status_code == 200
    assert "ben" in page.text
    assert (await browser.client.get("/sign-on/link", headers=headers)).json() == {"linked": True}
    assert "/login ben" in (await world.browser().sign_on()).text
    assert (await log_in(world, "ben", PASSWORD))["user"] == "ben"
    ended = await browser.post("/sign-on/unlink", token, password=PASSWORD)
    assert ended.json() == {"linked": False}
    assert "/login ada" in (await world.browser().sign_on()).text


async def test_nobody_is_linked_in_a_browser_that_did_not_ask_for_it(world: World) -> None:
    assert "too long" in problem(await world.browser().sign_on("/sign-on?to=link"))
    assert world.server.hub.access.directory.state.members == {}


async def test_links_need_a_token(world: World) -> None:
    browser = world.browser()
    assert (await browser.get("/sign-on/link")).status_code == 401
    for path in ("/sign-on/link", "/sign-on/unlink"):
        assert (await browser.post(path, password=PASSWORD)).status_code == 401
        assert (await browser.post(path, "nonsense.token", password=PASSWORD)).status_code == 401


# Without


async def test_without_a_provider_there_is_nothing_to_sign_on_with() -> None:
    async with serving(http=True) as server, httpx2.AsyncClient() as browser:
        for path in ("/sign-on", "/sign-on/callback", "/sign-on/code", "/sign-on/link"):
            answer = await browser.get(f"http://127.0.0.1:{server.port}{path}")
            assert answer.status_code == 404
        page = await browser.get(f"http://127.0.0.1:{server.port}/")
        assert '<meta name="sign-on" content="">' in page.text


async def test_the_page_is_told_what_the_provider_is_called(world: World) -> None:
    page = await world.browser().get("/")
    assert '<meta name="sign-on" content="Tea &amp; Biscuits">' in page.text


async def test_nothing_secret_is_logged(world: World, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, "hubbub")
    browser = world.browser()
    back = await browser.begin()
    code = code_of(await browser.get(back))
    world.provider.claims = {"nonce": "another one"}
    failed = await world.browser().begin()
    await world.browser().get(failed)
    ours = "\n".join(one.getMessage() for one in caplog.records if one.name.startswith("hubbub"))
    for secret in (SECRET, code, *parse_qs(urlsplit(back).query)["code"]):
        assert secret not in ours


async def test_the_public_address_is_one_of_the_server_s_names() -> None:
    settings = replace(UNHURRIED, public_url="https://chat.example.org")
    async with serving(settings=settings) as server:
        listener = Listener(server.hub, Options(port=0))
        assert listener.context.origin_policy.host_allowed("chat.example.org")
        assert not listener.context.origin_policy.host_allowed("evil.example.org")
