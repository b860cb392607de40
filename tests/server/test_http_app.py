"""What HTTP answers: the page, the API, documents, metrics; and the one shape of all errors."""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

import pytest
from msgspec.structs import replace
from starlette.routing import Route

from hubbub.client.address import Address
from hubbub.domain.commands import AnyCommand, Devices
from hubbub.domain.events import AnyEvent, Joined, Said
from hubbub.domain.ids import UserId
from hubbub.domain.names import RoomName, UserName
from hubbub.domain.replies import AnyReply, Events, Goodbye, Refused, Reply, Welcome
from hubbub.domain.replies import Limits as TheirLimits
from hubbub.hub.session import User
from hubbub.server.http import app as app_module
from hubbub.server.http import assets, documents
from hubbub.server.http.metric_table import COUNTERS, GAUGES
from hubbub.server.http.protocol import Limits
from hubbub.server.origin_policy import OriginPolicy
from hubbub.wire.json import encode
from tests.server.http_support import FakeHub, Server, serving

AT = 1_690_729_200_000


def said(count: int) -> list[Any]:
    ada = UserName.parse("ada")
    return [Said(seq, AT + seq, ada, text=f"text {seq}") for seq in range(1, count + 1)]


@pytest.fixture
def hub() -> FakeHub:
    return FakeHub(rooms={"General": said(300), "Café": [], "<b>&": said(1)}, users={"General": 2})


@pytest.fixture
async def server(hub: FakeHub) -> AsyncIterator[Server]:
    async with serving(hub, allowed_hosts=("chat.example",)) as server:
        yield server


# Health and rooms


async def test_a_healthy_server_says_ok(server: Server) -> None:
    answer = await server.get("/healthz")
    assert (answer.status, answer.json) == (200, {"status": "ok"})


async def test_a_server_whose_log_takes_nothing_says_so(server: Server, hub: FakeHub) -> None:
    hub.healthy = False
    answer = await server.get("/healthz")
    assert (answer.status, answer.error) == (503, "log-unavailable")


async def test_the_rooms_are_those_of_the_hub(server: Server) -> None:
    answer = await server.get("/api/rooms")
    assert answer.status == 200
    assert answer.json["rooms"] == [
        {"name": "General", "users": 2, "head": 300, "at": AT + 300},
        {"name": "Café", "users": 0, "head": 0},
        {"name": "<b>&", "users": 0, "head": 1, "at": AT + 1},
    ]


# Events


async def test_events_have_exactly_the_form_of_the_json_protocol(
    server: Server, hub: FakeHub
) -> None:
    ben = UserName.parse("ben")
    events: list[AnyEvent] = [Joined(1, AT, ben), Said(2, AT, ben, text="hi\n☺", reply_to=1)]
    hub.rooms["Pub"] = list(events)
    answer = await server.get("/api/rooms/Pub/events")
    live = json.loads(encode(Events(room=RoomName.parse("Pub"), events=events)))
    assert answer.json == {
        "room": "Pub",
        "head": 2,
        "events": live["events"],
        "first": 1,
        "last": 2,
    }


@pytest.mark.parametrize(
    "query, seqs",
    [
        ("", range(251, 301)),
        ("?limit=2", range(299, 301)),
        ("?limit=200", range(101, 301)),
        ("?after=0&limit=3", range(1, 4)),
        ("?after=298", range(299, 301)),
        ("?after=300", range(0)),
        ("?before=3", range(1, 3)),
        ("?before=100&limit=1", range(99, 100)),
        ("?around=100&limit=3", range(99, 102)),
    ],
)
async def test_a_page_is_what_was_asked_for(server: Server, query: str, seqs: range) -> None:
    answer = await server.get(f"/api/rooms/General/events{query}")
    assert answer.status == 200
    assert answer.json["head"] == 300
    assert [event["seq"] for event in answer.json["events"]] == list(seqs)


async def test_a_page_behind_an_event_of_another_history_is_refused(
    server: Server, hub: FakeHub
) -> None:
    at = hub.rooms["General"][297].at
    answer = await server.get(f"/api/rooms/General/events?after=298&after_at={at}")
    assert [event["seq"] for event in answer.json["events"]] == [299, 300]
    answer = await server.get(f"/api/rooms/General/events?after=298&after_at={at + 1}")
    assert (answer.status, answer.error) == (400, "bad-cursor")


@pytest.mark.parametrize("path", ["Caf%C3%A9", "CAF%C3%89", "%23caf%C3%A9"])
async def test_a_room_is_found_by_its_name_in_any_case(server: Server, path: str) -> None:
    assert (await server.get(f"/api/rooms/{path}/events")).json["room"] == "Café"


@pytest.mark.parametrize(
    "query",
    [
        "?limit=0",
        "?limit=201",
        "?limit=many",
        "?after=-1",
        "?after=1.5",
        "?before=99999999999999999999",
        "?afetr=1",
        "?limit=",
    ],
)
async def test_a_wrong_query_is_refused(server: Server, query: str) -> None:
    answer = await server.get(f"/api/rooms/General/events{query}")
    assert (answer.status, answer.error) == (400, "bad-query")


async def test_texts_are_searched_for(server: Server) -> None:
    answer = await server.get("/api/search?q=hello%20w*")
    assert answer.status == 200
    assert answer.json == {
        "results": [
            {
                "room": "General",
                "seq": 2,
                "at": 7,
                "by": "ada",
                "excerpt": ["", "hello w*", " None 20"],
            }
        ],
        "next": "2",
    }
    answer = await server.get("/api/search?q=x&before=7&limit=3")
    assert answer.json["results"][0]["excerpt"][2] == " 7 3"


@pytest.mark.parametrize("query", ["", "?q=x&limit=0", "?q=x&limit=51", "?q=x&page=2", "?query=x"])
async def test_a_search_that_is_wrong_is_refused(server: Server, query: str) -> None:
    answer = await server.get(f"/api/search{query}")
    assert (answer.status, answer.error) == (400, "bad-query")


async def test_too_many_searches_are_refused_for_a_moment(server: Server) -> None:
    answer = await server.get("/api/search?q=too%20fast")
    assert (answer.status, answer.error) == (429, "rate-limited")


async def test_an_unknown_room_is_not_found(server: Server) -> None:
    answer = await server.get("/api/rooms/Nowhere/events")
    assert (answer.status, answer.error) == (404, "no-such-room")


@pytest.mark.parametrize("path", ["a%20b", "%00", "%FF%20", "a,b"])
async def test_what_is_no_rooms_name_is_refused(server: Server, path: str) -> None:
    answer = await server.get(f"/api/rooms/{path}/events")
    assert (answer.status, answer.error) == (400, "invalid-name")


async def test_a_log_that_cannot_be_read_is_told(server: Server, hub: FakeHub) -> None:
    hub.healthy = False
    answer = await server.get("/api/rooms/General/events")
    assert (answer.status, answer.error) == (503, "log-unavailable")


# The ways in


async def test_the_join_page_says_how_to_join_at_the_address_that_one_came_by(
    server: Server,
) -> None:
    here = f"chat.example:{server.address[1]}"
    answer = await server.get("/join", Host=here)
    page = answer.body.decode()
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert f"python client.py {here}<" in page
    assert f"hubbub chat {here}<" in page
    assert f"nc chat.example {server.address[1]}<" in page
    assert f"ws://{here}/ws\n" in page


NAVIGATION = {"Sec_Fetch_Site": "none", "Sec_Fetch_Mode": "navigate"}
TLS = {"X_Forwarded_Proto": "https", "X_Forwarded_For": "192.0.2.1"}


@pytest.mark.parametrize(
    "host, headers, client, websocket",
    [
        ("[::1]:80", {}, "[::1]:80", "ws://[::1]:80/ws"),
        ("localhost", {}, "localhost:80", "ws://localhost:80/ws"),
        ("localhost:8000", NAVIGATION, "localhost:8000", "ws://localhost:8000/ws"),
        ("127.0.0.1:8000", NAVIGATION, "127.0.0.1:8000", "ws://127.0.0.1:8000/ws"),
        ("chat.example", {}, "chat.example:80", "ws://chat.example/ws"),
        ("chat.example", TLS, "https://chat.example", "wss://chat.example/ws"),
        ("chat.example:443", {}, "https://chat.example", "wss://chat.example/ws"),
        ("chat.example:8443", TLS, "https://chat.example:8443", "wss://chat.example:8443/ws"),
        ("chat.example:80", TLS, "https://chat.example:80", "wss://chat.example:80/ws"),
        ("[::1]", TLS, "https://[::1]", "wss://[::1]/ws"),
        # What a proxy says counts, and of several the one that is next to this server.
        ("chat.example", {"X_Forwarded_Proto": "https, http"}, "chat.example:80", None),
        ("chat.example", {"X_Forwarded_Proto": "http, https"}, "https://chat.example", None),
        ("chat.example", {**NAVIGATION, "X_Forwarded_Proto": "http"}, "chat.example:80", None),
        ("chat.example", {"Forwarded": "for=192.0.2.1;proto=https"}, "https://chat.example", None),
        ("chat.example", {"Forwarded": "proto=https, proto=http"}, "chat.example:80", None),
        # A proxy that says nothing: browsers mark requests over https only.
        ("chat.example", NAVIGATION, "https://chat.example", None),
    ],
)
async def test_the_page_knows_addresses_of_proxies_and_odd_ones(
    hub: FakeHub, host: str, headers: dict[str, str], client: str, websocket: str | None
) -> None:
    async with serving(hub, allowed_hosts=("chat.example",), trusted=("127.0.0.1",)) as server:
        page = (await server.get("/join", Host=host, **headers)).body.decode()
    assert f"python client.py {client}<" in page
    assert f"hubbub chat {client}<" in page
    assert f"{websocket or ''}\n" in page
    assert "nc " not in re.sub(r"<p>.*?</p>", "", page, flags=re.DOTALL)
    # The command leads where the WebSocket is.
    (shown,) = re.findall(r"(wss?://\S+/ws)\n", page)
    address = Address.parse(client)
    assert replace(Address.parse(shown), plain=address.plain) == address


@pytest.mark.parametrize("headers", [TLS, {"Via": "1.1 proxy"}, {"X_Forwarded_For": "192.0.2.1"}])
async def test_the_page_tells_of_netcat_only_where_it_can_connect(
    server: Server, headers: dict[str, str]
) -> None:
    here = f"chat.example:{server.address[1]}"
    assert "<code>nc " in (await server.get("/join", Host=here)).body.decode()
    page = (await server.get("/join", Host=here, **headers)).body.decode()
    assert "<code>nc " not in page
    assert "Not at this address" in page


async def test_the_page_tells_of_irc_at_this_port_or_else_by_a_websocket(server: Server) -> None:
    host, port = "chat.example", server.address[1]
    page = (await server.get("/join", Host=f"{host}:{port}")).body.decode()
    assert f"<code>/connect {host} {port}</code>" in page
    assert f"<strong>{port}</strong>, without TLS." in page
    page = (await server.get("/join", Host=host, **TLS)).body.decode()
    assert "/connect" not in page
    assert "/irc</code>" in page


async def test_only_a_trusted_proxy_is_believed(server: Server) -> None:
    page = (await server.get("/join", Host="chat.example", **TLS)).body.decode()
    assert "hubbub chat chat.example:80<" in page


async def test_the_page_shows_the_rooms_with_their_users(server: Server) -> None:
    page = (await server.get("/join")).body.decode()
    assert "3 rooms, 2 users." in page
    assert '<a href="api/rooms/General/events"><bdi>General</bdi></a></th><td>2</td>' in page
    assert '<a href="api/rooms/Caf%C3%A9/events"><bdi>Café</bdi></a></th><td>0</td>' in page


async def test_names_on_the_page_are_text_and_not_markup(server: Server) -> None:
    page = (await server.get("/join")).body.decode()
    assert "<bdi>&lt;b&gt;&amp;</bdi>" in page
    assert "<b>&" not in page


async def test_the_page_shows_the_busiest_of_very_many_rooms(server: Server, hub: FakeHub) -> None:
    hub.rooms = {f"room{number}": [] for number in range(101)}
    hub.users = {"room100": 1}
    page = (await server.get("/join")).body.decode()
    assert page.count("<tr>") == 1 + 100
    assert "101 rooms. These are the 100 with the most users." in page
    assert "room100<" in page


async def test_the_join_page_needs_nothing_but_this_server_and_runs_no_script(
    server: Server,
) -> None:
    answer = await server.get("/join")
    page = answer.body.decode()
    assert not re.search(r"<script|<style|\sstyle=|\son\w+=|javascript:", page)
    fetched = re.findall(r'(?:src|href)="([^"]*)"', page)
    assert fetched
    assert not any(re.match(r"/|\w+:", link) for link in fetched)
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert "unsafe" not in answer.headers["content-security-policy"]


async def test_all_that_the_join_page_links_to_is_there(server: Server) -> None:
    page = (await server.get("/join")).body.decode()
    for link in set(re.findall(r'(?:src|href)="([^"]*)"', page)):
        assert (await server.get(urljoin("/join", link))).status == 200, link


# The chat page


async def test_the_page_brings_all_of_itself_in_one_version(server: Server) -> None:
    answer = await server.get("/")
    page = answer.body.decode()
    version = (await server.get("/version.json")).json["page"]
    fetched = re.findall(r'(?:src|href)="(static/[^"]*\.(?:js|css))"', page)
    assert [path.split("/")[-1] for path in fetched] == ["page.css", "page.js"]
    for path in set(fetched):
        assert path.startswith(f"static/{version}/")
        module = await server.get(f"/{path}")
        assert module.headers["cache-control"] == "public, max-age=31536000, immutable"
        assert module.headers["content-type"].split(";")[0] in ("text/javascript", "text/css")


async def test_the_page_has_no_code_of_its_own_and_may_fetch_from_nowhere_else(
    server: Server,
) -> None:
    answer = await server.get("/")
    page = answer.body.decode()
    assert not re.search(r"<script(?! type=\"module\" src=)|<style|\sstyle=|\son\w+=", page)
    assert not re.search(r'(?:src|href)="(/|\w+:)', page)
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "script-src 'self'" in policy
    assert "require-trusted-types-for 'script'" in policy
    assert not re.search(r"unsafe|data:|http|\*", policy)


def test_every_import_of_a_module_is_a_file_of_the_page_and_every_file_is_imported() -> None:
    folder = assets.FOLDER
    imported = {folder / first for first in (*assets.BUNDLES.values(), "worker.js")}
    for module in folder.rglob("*.js"):
        for target in re.findall(r'(?:from|import) "([^"]+)"', module.read_text()):
            assert target.startswith("."), (module, target)
            assert (module.parent / target).resolve().is_relative_to(folder)
            assert (module.parent / target).exists(), (module, target)
            imported.add((module.parent / target).resolve())
    assert set(folder.rglob("*.js")) == imported


async def test_the_worker_knows_the_version_and_all_that_the_page_needs(server: Server) -> None:
    worker = (await server.get("/worker.js")).body.decode()
    version = (await server.get("/version.json")).json["page"]
    assert worker.startswith(f'const VERSION = "{version}";\n')
    files = json.loads(re.findall(r"^const FILES = (.*);$", worker, re.MULTILINE)[0])
    page = (await server.get("/")).body.decode()
    assert set(re.findall(r'"(static/[^"]*\.(?:js|css))"', page)) <= set(files)
    for path in files:
        assert (await server.get(urljoin("/worker.js", path))).status == 200, path


def test_another_content_is_another_version(tmp_path: Path) -> None:
    (tmp_path / "main.js").write_text("one")
    first = assets.Assets(tmp_path).version
    assert assets.Assets(tmp_path).version == first
    (tmp_path / "main.js").write_text("two")
    assert assets.Assets(tmp_path).version != first


async def test_text_comes_compressed_to_whom_takes_it_so(server: Server) -> None:
    plain = await server.get("/")
    packed = await server.get("/", Accept_Encoding="br, gzip;q=0.8")
    assert "content-encoding" not in plain.headers
    assert packed.headers["content-encoding"] == "gzip"
    assert gzip.decompress(packed.body) == plain.body
    assert packed.headers["etag"] != plain.headers["etag"]
    assert packed.headers["vary"] == plain.headers["vary"] == "Accept-Encoding"
    again = await server.get("/", Accept_Encoding="gzip", If_None_Match=packed.headers["etag"])
    assert (again.status, again.body) == (304, b"")


@pytest.mark.parametrize("coding", ["gzip;q=0", "gzip; q=0.0", "identity", "br"])
async def test_who_takes_no_gzip_gets_none(server: Server, coding: str) -> None:
    answer = await server.get("/", Accept_Encoding=coding)
    assert "content-encoding" not in answer.headers


# Files


async def test_a_file_is_kept_by_the_browser_and_asked_for_again(server: Server) -> None:
    first = await server.get("/static/join.css")
    assert first.status == 200
    assert first.headers["content-type"] == "text/css; charset=utf-8"
    assert first.headers["cache-control"] == "no-cache"
    again = await server.get("/static/join.css", If_None_Match=f'W/"x", {first.headers["etag"]}')
    assert (again.status, again.body) == (304, b"")
    assert again.headers["etag"] == first.headers["etag"]
    changed = await server.get("/static/join.css", If_None_Match='"of another version"')
    assert (changed.status, changed.body) == (200, first.body)


@pytest.mark.parametrize(
    "path",
    [
        "/static/nothing.css",
        "/static/index.html",
        "/static/worker.js",
        "/static/000000000000/main.js",
        "/static/",
        "/static/../options.py",
        "/static/%2e%2e/options.py",
        "/static//etc/passwd",
        "/static/..%2foptions.py",
    ],
)
async def test_nothing_but_the_files_of_the_page_can_be_had(server: Server, path: str) -> None:
    answer = await server.get(path)
    assert (answer.status, answer.error) == (404, "not-found")


def test_every_file_of_the_page_has_a_known_type() -> None:
    files = [path for path in assets.FOLDER.rglob("*") if path.is_file()]
    assert files
    assert {path.suffix for path in files} <= assets.MEDIA_TYPES.keys()


# Errors


@pytest.mark.parametrize(
    "method, path, status, code",
    [
        ("GET", "/nothing", 404, "not-found"),
        ("GET", "/healthz/", 404, "not-found"),
        ("GET", "/api", 404, "not-found"),
        ("POST", "/api/rooms", 405, "method-not-allowed"),
        ("OPTIONS", "/api/rooms", 405, "method-not-allowed"),
        ("DELETE", "/", 405, "method-not-allowed"),
        ("GET", "/ws", 426, "upgrade-required"),
    ],
)
async def test_every_error_has_the_same_shape(
    server: Server, method: str, path: str, status: int, code: str
) -> None:
    answer = await server.get(path, method)
    assert (answer.status, answer.error) == (status, code)


async def test_what_may_be_asked_is_told(server: Server) -> None:
    assert (await server.get("/", "POST")).headers["allow"] in ("GET, HEAD", "HEAD, GET")


async def test_a_fault_of_the_server_is_an_error_of_that_shape_and_is_logged(
    server: Server, hub: FakeHub, caplog: pytest.LogCaptureFixture
) -> None:
    hub.users = {"General": None}  # type: ignore[dict-item]
    answer = await server.get("/api/rooms")
    assert (answer.status, answer.error) == (500, "internal-error")
    assert "TypeError" not in answer.body.decode()
    assert "TypeError" in caplog.text
    assert answer.headers["x-content-type-options"] == "nosniff"


# Every answer

EVERYTHING = [
    *("/", "/healthz", "/api/rooms", "/api/rooms/General/events", "/metrics", "/openapi.json"),
    *(
        "/schema.json",
        "/static/icon.svg",
        "/nothing",
        "/ws",
        "/join",
        "/worker.js",
        "/version.json",
    ),
]


@pytest.mark.parametrize("path", EVERYTHING)
async def test_every_answer_is_safe_in_a_browser(server: Server, path: str) -> None:
    headers = (await server.get(path)).headers
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    assert "default-src 'none'" in headers["content-security-policy"]
    assert "frame-ancestors 'none'" in headers["content-security-policy"]
    assert headers["date"].endswith(" GMT")
    assert headers["cache-control"] in ("no-store", "no-cache")
    assert not {name for name in headers if name.startswith("access-control-")}
    assert "server" not in headers


@pytest.mark.parametrize("path", ["/static/join.css", "/static/main.js"])
async def test_scripts_and_styles_have_no_headers_that_are_for_documents(
    server: Server, path: str
) -> None:
    """What no browser takes for a document needs none; there are many of them, mostly small."""
    headers = (await server.get(path)).headers
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["cross-origin-resource-policy"] == "same-origin"
    assert "content-security-policy" not in headers
    assert "referrer-policy" not in headers


@pytest.mark.parametrize("path", EVERYTHING)
async def test_head_is_get_without_the_body(server: Server, path: str) -> None:
    whole = await server.get(path)
    head = await server.get(path, "HEAD")
    assert (head.status, head.body) == (whole.status, b"")
    same = head.headers.keys() - {"date", "x-request-id"}
    if path == "/metrics":  # the numbers have changed meanwhile
        same -= {"content-length"}
    assert {name: head.headers[name] for name in same} == {
        name: whole.headers[name] for name in same
    }


# Who is meant


@pytest.mark.parametrize(
    "host", ["127.0.0.1:8080", "[::1]", "localhost:1", "chat.example", "CHAT.example:8080"]
)
async def test_an_address_or_a_name_of_this_server_is_allowed(server: Server, host: str) -> None:
    assert (await server.get("/healthz", Host=host)).status == 200


@pytest.mark.parametrize("host", ["evil.example", "evil.example:8080", "", "127.0.0.1@evil", "a b"])
@pytest.mark.parametrize("path", ["/", "/api/rooms", "/metrics", "/ws"])
async def test_a_page_whose_name_was_pointed_here_learns_nothing(
    server: Server, host: str, path: str
) -> None:
    answer = await server.get(path, Host=host)
    assert (answer.status, answer.error) == (421, "wrong-host")


async def test_a_monitor_that_names_no_host_is_answered(server: Server) -> None:
    client = await server.connect()
    client.send(b"GET /healthz HTTP/1.0\r\n\r\n")
    assert (await client.answer()).status == 200


# Metrics


async def test_metrics_are_the_hubs_numbers_of_now(
    server: Server, hub: FakeHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    hub.counts = {"events": 7, "sessions": 3, "novelty": 1}
    text = (await server.get("/metrics")).body.decode()
    assert "\nhubbub_events_total 7.0\n" in text
    assert "# TYPE hubbub_events_total counter\n" in text
    assert "\nhubbub_sessions 3.0\n" in text
    assert "# TYPE hubbub_sessions gauge\n" in text
    assert "\nhubbub_novelty 1.0\n" in text
    assert "\nhubbub_healthy 1.0\n" in text
    hub.counts["events"] = 8
    assert "\nhubbub_events_total 7.0\n" in (await server.get("/metrics")).body.decode()
    monkeypatch.setattr("hubbub.server.http.metrics.FRESH_SECONDS", 0)
    assert "\nhubbub_events_total 8.0\n" in (await server.get("/metrics")).body.decode()


async def test_metrics_are_told_to_this_computer_only(server: Server) -> None:
    assert (await server.get("/metrics")).status == 200
    for header in ("X_Forwarded_For", "Forwarded", "X_Real_IP", "Via"):
        answer = await server.get("/metrics", **{header: "192.0.2.1"})
        assert (answer.status, answer.error) == (403, "not-local")


async def test_metrics_can_be_for_all_or_off(hub: FakeHub) -> None:
    async with serving(hub, metrics="all") as server:
        assert (await server.get("/metrics", Forwarded="for=192.0.2.1")).status == 200
    async with serving(hub, metrics="off") as server:
        answer = await server.get("/metrics")
        assert (answer.status, answer.error) == (404, "not-found")


def test_every_number_of_the_hub_is_described() -> None:
    from hubbub.hub.stats import Stats

    assert set(Stats().as_dict()) <= COUNTERS.keys()
    assert not COUNTERS.keys() & GAUGES.keys()


@pytest.mark.parametrize(
    "path",
    [
        "/api/rooms?limit=5&limit=6",
        "/api/rooms?q=a&q=a",
        "/api/rooms/General/events?after=1&after=2",
        "/api/search?q=tea&q=cake",
        "/api/search?q=",
        "/doors.json?origin=http://a&origin=http://b",
    ],
)
async def test_what_is_said_twice_or_says_nothing_is_refused_in_words(
    server: Server, path: str
) -> None:
    answer = await server.get(path)
    assert answer.status == 400
    assert answer.json["error"]["code"] == "bad-query"
    assert "more than once" in answer.json["error"]["message"] or path.endswith("q=")


# Documents


async def test_the_documents_are_served_and_kept(server: Server) -> None:
    for path in ("/openapi.json", "/schema.json"):
        first = await server.get(path)
        assert first.status == 200
        assert first.json
        assert (await server.get(path, If_None_Match=first.headers["etag"])).status == 304


def references(document: Any) -> set[str]:
    """All that a document refers to inside itself."""
    if isinstance(document, list):
        return set().union(*map(references, document))
    if isinstance(document, dict):
        found = set().union(*map(references, document.values()))
        return found | ({document["$ref"]} if isinstance(document.get("$ref"), str) else set())
    return set()


@pytest.mark.parametrize("document", [documents.make_openapi(), documents.make_schema()])
def test_all_that_a_document_refers_to_is_in_it(document: Any) -> None:
    found = references(document)
    assert found
    for reference in found:
        part = document
        for step in reference.removeprefix("#/").split("/"):
            part = part[step]
        assert isinstance(part, dict)


PAGE = {"/", "/join", "/worker.js", "/version.json", "/static/{name:path}", "/ws", "/irc"}
"""What is for browsers, and no API."""


def test_the_openapi_document_has_every_path_of_the_api() -> None:
    document = documents.make_openapi()
    assert document["openapi"].startswith("3.1.")
    assert {"title", "version"} <= document["info"].keys()
    guarded: Any = app_module.make_app(FakeHub(), OriginPolicy((), ()))
    routes = {route.path for route in guarded._app.routes if isinstance(route, Route)}
    assert document["paths"].keys() == routes - PAGE


def test_the_openapi_document_knows_the_bounds_of_the_query() -> None:
    parameters = documents.make_openapi()["paths"]["/api/rooms/{room}/events"]["parameters"]
    by_name = {parameter["name"]: parameter["schema"] for parameter in parameters}
    assert by_name.keys() == {"room", "before", "after", "after_at", "around", "limit"}
    assert by_name["limit"] == {"type": "integer", "minimum": 1, "maximum": 200, "default": 50}
    assert by_name["room"]["maxLength"] == 50


def test_the_schema_has_every_command_and_reply() -> None:
    schema = documents.make_schema()
    for name, union in (("Command", AnyCommand), ("Reply", AnyReply)):
        parts = schema["$defs"][name]["anyOf"]
        assert {part["$ref"] for part in parts} == {
            f"#/$defs/{struct.__name__}" for struct in union.__args__
        }


def test_the_schema_says_how_names_are_written() -> None:
    say = documents.make_schema()["$defs"]["Say"]
    assert say["additionalProperties"] is False
    assert say["required"] == ["type", "room", "text"]
    assert say["properties"]["room"]["maxLength"] == 50
    assert "pattern" in say["properties"]["room"]


def test_descriptions_in_documents_are_written_for_people() -> None:
    text = json.dumps([documents.make_openapi(), documents.make_schema()])
    assert "``" not in text
    assert "\\n    " not in text


# What accounts do


HEAD = (
    b"POST /api/commands HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
    b"Authorization: Bearer mine\r\n"
)


@pytest.fixture
async def ada(hub: FakeHub) -> User:
    """Somebody who has an account, by the token ``mine``."""
    user = hub.tokens["mine"] = User(UserName.parse("ada"), UserId("1"), account=True)
    return user


async def test_a_body_may_come_in_pieces(server: Server, hub: FakeHub, ada: User) -> None:
    client = await server.connect()
    client.send(HEAD + b"Transfer-Encoding: chunked\r\n\r\n")
    for piece in (b'{"type": ', b'"devices"}'):
        client.send(b"%x\r\n%s\r\n" % (len(piece), piece))
    client.send(b"0\r\n\r\n")
    answer = await client.answer("POST")
    assert (answer.status, answer.json) == (200, {"type": "done"})
    assert hub.asked == [Devices()]


async def test_a_body_must_be_whole_in_time(hub: FakeHub, ada: User) -> None:
    async with serving(hub, limits=Limits(request_seconds=0.05)) as server:
        client = await server.connect()
        client.send(HEAD + b"Content-Length: 20\r\n\r\n{")
        answer = await client.answer("POST")
        assert (answer.status, answer.error) == (408, "too-slow")
    assert not hub.asked


async def test_who_hangs_up_within_a_body_has_asked_for_nothing(
    hub: FakeHub, ada: User, caplog: pytest.LogCaptureFixture
) -> None:
    async with serving(hub) as server:
        client = await server.connect()
        client.send(HEAD + b"Content-Length: 20\r\n\r\n{")
        assert (await server.get("/healthz")).status == 200  # the other one was read by then
        await client.close()
        await server.ends.another()
    assert not hub.asked
    assert not caplog.records


@pytest.mark.parametrize(
    "reply, status, code",
    [
        (Goodbye(reason="shutting-down", message="Later."), 503, "shutting-down"),
        (Goodbye(reason="restarting", message="Soon.", reconnect=1.0), 503, "shutting-down"),
        (Goodbye(reason="banned", message="Out."), 403, "banned"),
        (Goodbye(reason="logged-out", message="Out."), 401, "wrong-token"),
        (Refused(code="too-many", message="Full."), 409, "too-many"),
        (Refused(code="text-too-long", message="Long."), 400, "text-too-long"),
    ],
)
async def test_refusals_and_farewells_have_a_status(
    reply: Reply, status: int, code: str, server: Server, hub: FakeHub, ada: User
) -> None:
    hub.reply = reply
    client = await server.connect()
    client.send(HEAD + b'Content-Length: 18\r\n\r\n{"type":"devices"}')
    answer = await client.answer("POST")
    assert (answer.status, answer.error) == (status, code)


async def test_a_login_on_a_full_disk_gives_no_token(server: Server, hub: FakeHub) -> None:
    hub.reply = Welcome(
        user="ada",
        user_id=UserId("1"),
        server="Hubbub",
        log="1",
        limits=TheirLimits(text=1, line=1, rate=1, burst=1, rooms=1, history=1),
    )
    client = await server.connect()
    body = b'{"user": "ada", "password": "correct horse"}'
    client.send(
        b"POST /api/login HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
        b"Content-Length: %d\r\n\r\n%s" % (len(body), body)
    )
    answer = await client.answer("POST")
    assert (answer.status, answer.error) == (503, "log-unavailable")
