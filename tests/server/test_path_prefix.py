"""Below a path: whether a proxy takes the prefix away or not, and nothing beside it."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator
from urllib.parse import urljoin

import pytest

from hubbub.client.address import Address
from hubbub.server.http.assets import FOLDER
from hubbub.server.options import Options
from tests.server import http_support
from tests.server.http_support import FakeHub
from tests.server.serving import UPGRADE, serving

HOST = "chat.example"


@pytest.fixture
async def server() -> AsyncIterator[http_support.Server]:
    """Behind no proxy, or one that leaves paths as they are."""
    hub = FakeHub(rooms={"General": []})
    async with http_support.serving(hub, allowed_hosts=(HOST,), prefix="/chat") as server:
        yield server


@pytest.fixture
async def stripped() -> AsyncIterator[http_support.Server]:
    """Behind a trusted proxy, which takes the prefix away."""
    async with http_support.serving(
        FakeHub(rooms={"General": []}),
        allowed_hosts=(HOST,),
        prefix="/chat",
        trusted=("127.0.0.1",),
    ) as server:
        yield server


async def all_links(server: http_support.Server, path: str, base: str) -> list[str]:
    """What the document at ``path``, which browsers know as ``base``, links to."""
    page = (await server.get(path)).body.decode()
    found = re.findall(r'(?:src|href)="([^"]*)"', page)
    return [urljoin(base, link) for link in found]


async def test_all_is_below_the_prefix(server: http_support.Server) -> None:
    for path in ("/chat/", "/chat/join"):
        for link in await all_links(server, path, path):
            assert link.startswith("/chat/"), link
            assert (await server.get(link)).status == 200, link
    for path in ("/chat/api/rooms", "/chat/healthz", "/chat/doors.json?origin=x"):
        assert (await server.get(path)).status in (200, 403), path
    assert (await server.get("/chat/ws")).status == 426


async def test_a_proxy_may_have_taken_it_away(stripped: http_support.Server) -> None:
    for path in ("/", "/join"):
        for link in await all_links(stripped, path, f"/chat{path}"):
            assert link.startswith("/chat/"), link
            for asked in (link, link.removeprefix("/chat")):
                assert (await stripped.get(asked)).status == 200, asked


async def test_beside_the_prefix_there_is_nothing_but_a_sign_of_life(
    server: http_support.Server,
) -> None:
    for path in ("/", "/join", "/ws", "/api/rooms", "/chatter", "/static/icon.svg", "/metrics"):
        answer = await server.get(path)
        assert (answer.status, answer.error) == (404, "not-found"), path
        assert "this server is at /chat/" in answer.json["error"]["message"]
        assert answer.headers["x-content-type-options"] == "nosniff"
    assert (await server.get("/healthz")).status == 200


async def test_without_the_slash_one_is_sent_to_the_page(server: http_support.Server) -> None:
    answer = await server.get("/chat?signed-on")
    assert (answer.status, answer.headers["location"]) == (308, "/chat/?signed-on")
    assert (await server.get("/chat")).headers["location"] == "/chat/"


async def test_what_is_shown_has_the_prefix(
    server: http_support.Server, stripped: http_support.Server
) -> None:
    for one, path in ((server, "/chat/join"), (stripped, "/join"), (stripped, "/chat/join")):
        page = (await one.get(path, Host=HOST)).body.decode()
        (shown,) = re.findall(r"hubbub chat ([^<\s]+)<", page)
        assert shown == f"http://{HOST}/chat/"
        address = Address.parse(shown)
        assert address.endpoint == "/chat/ws"
        assert address.room is None
        assert f"ws://{HOST}/chat/ws\n" in page
    document = (await server.get("/chat/openapi.json")).json
    assert document["servers"] == [{"url": "/chat"}]


async def test_a_trusted_proxy_may_say_the_prefix(stripped: http_support.Server) -> None:
    hub = FakeHub()
    for trusted, shown in ((("127.0.0.1",), "/talk/ws"), ((), "/ws")):
        async with http_support.serving(hub, allowed_hosts=(HOST,), trusted=trusted) as server:
            for path in ("/join", "/talk/join") if trusted else ("/join",):
                page = await server.get(path, Host=HOST, X_Forwarded_Prefix="/talk")
                assert f"ws://{HOST}{shown}\n" in page.body.decode()
    page = await stripped.get("/join", Host=HOST, X_Forwarded_Prefix="/talk")
    assert f"ws://{HOST}/chat/ws\n" in page.body.decode(), "the setting comes first"


@pytest.mark.parametrize("path", ["/ws", "/chat/ws", "/chat//ws", "/chatws"])
async def test_a_websocket_is_below_the_prefix_too(path: str) -> None:
    sent = UPGRADE.replace(b"/ws", path.encode())
    for trusted in ((), ("127.0.0.1",)):
        options = Options(port=0, path_prefix="/chat", trusted_proxies=trusted)
        async with serving(options, http=True) as server:
            head = await (await server.line(sent)).until_bytes(b"\r\n\r\n")
            opens = path == "/chat/ws" or (path == "/ws" and trusted)
            assert head.startswith(b"HTTP/1.1 101 " if opens else b"HTTP/1.1 404 ")


async def test_the_manifest_and_the_worker_are_for_what_is_below_it(
    server: http_support.Server,
) -> None:
    base = "/chat/static/manifest.webmanifest"
    manifest = json.loads((await server.get(base)).body)
    assert urljoin(base, manifest["start_url"]) == "/chat/"
    assert urljoin(base, manifest["scope"]) == "/chat/"
    assert "id" not in manifest, "it is start_url, or several servers of one host would be one app"
    for icon in manifest["icons"]:
        assert (await server.get(urljoin(base, icon["src"]))).status == 200
    worker = (await server.get("/chat/worker.js")).body.decode()
    (files,) = re.findall(r"^const FILES = (.*);$", worker, re.MULTILINE)
    for path in json.loads(files):
        assert (await server.get(urljoin("/chat/worker.js", path))).status == 200, path


ABSOLUTE = re.compile(r"""["'`(=]/(?!\*)[a-z][\w.-]*(?:[/?"'`#)]|$)""")


def test_the_pages_files_know_no_absolute_path() -> None:
    """Each would lead out of the prefix. (Commands begin with a slash, too, and are no paths.)"""
    commands = {"/join", "/msg", "/help"}
    for path in sorted([*FOLDER.rglob("*.js"), *FOLDER.glob("*.html"), *FOLDER.glob("*.webm*")]):
        for whole in path.read_text("utf-8").splitlines():
            line = whole.partition(" //")[0]
            if re.search(r"""fetch\(|assign\(|href|src|new URL\(|import\(|register\(""", line):
                found = {one.strip("\"'`(=/?#)") for one in ABSOLUTE.findall(line)}
                assert not found - commands, (path.name, line)


def test_a_line_with_an_absolute_path_is_found() -> None:
    for line in ('fetch("/version.json")', '<a href="/join">', "location.assign(`/sign-on?x`)"):
        assert ABSOLUTE.search(line)
    for line in ('new URL("ws", location.href)', '<a href="join">', 'src="static/icon.svg"'):
        assert not ABSOLUTE.search(line)
