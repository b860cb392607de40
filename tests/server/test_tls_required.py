"""tls = required: what is said without encryption, to whom."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest

from hubbub.hub import clients
from hubbub.server import first
from hubbub.server.http import onlyencrypted, reached
from hubbub.server.options import Options
from hubbub.server.tls.files import FileCertificates
from tests.certificates import Files, make_certificate
from tests.server.serving import UPGRADE, Server, serving

ELSEWHERE = "127.0.0.9"
"""Of this computer, like all that a test can connect from; taken for another one's."""

SENTENCE = "This server speaks with other computers by TLS only."


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Files:
    return make_certificate(tmp_path_factory.mktemp("tls"))


@pytest.fixture(autouse=True)
def _elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    known = clients.client_key
    is_loopback = reached._is_loopback
    monkeypatch.setattr(
        clients,
        "client_key",
        lambda address: "192.0.2.9" if address == ELSEWHERE else known(address),
    )
    monkeypatch.setattr(
        reached, "_is_loopback", lambda host: host != ELSEWHERE and is_loopback(host)
    )


@pytest.fixture
async def server(files: Files) -> AsyncIterator[Server]:
    certificates = FileCertificates(files.certificate, files.key, lambda: datetime.now(UTC))
    options = Options(port=0, tls="required")
    async with serving(options, certificates=certificates, http=True) as server:
        yield server


async def answer(server: Server, sent: bytes, address: str = ELSEWHERE) -> str:
    """All that comes in answer to these bytes."""
    client = await server.line(sent, address=address)
    return (await client.rest()).decode()


def get(path: str, *headers: str, method: str = "GET") -> bytes:
    lines = [f"{method} {path} HTTP/1.1", "Host: localhost:8443", "Connection: close", *headers]
    return "\r\n".join([*lines, "", ""]).encode()


@pytest.mark.parametrize("sent", [b"ada\n", b"ada\nGeneral\nhello\n", b"/login ada secret\n"])
async def test_lines_are_refused_in_a_line(server: Server, sent: bytes) -> None:
    said = await answer(server, sent)
    assert said.startswith(SENTENCE)
    assert said.count("\n") == 1
    assert not server.hub.sessions


async def test_a_silent_client_is_told_and_not_asked_for_a_name(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(first, "LONG_PAUSE_SECONDS", 0.05)
    assert (await answer(server, b"")).startswith(SENTENCE)


async def test_irc_is_refused_in_its_words(server: Server) -> None:
    assert (await answer(server, b"NICK ada\r\n")).startswith(f"ERROR :{SENTENCE}")


async def test_a_websocket_is_refused(server: Server) -> None:
    said = await answer(server, UPGRADE)
    assert said.startswith("HTTP/1.1 403 ")
    assert '"tls-required"' in said


async def test_a_websocket_on_a_connection_of_http_is_refused(server: Server) -> None:
    before = get("/").replace(b"Connection: close\r\n", b"")
    said = await answer(server, before + UPGRADE)
    assert [line for line in said.splitlines() if line.startswith("HTTP/1.1 ")] == [
        "HTTP/1.1 308 Permanent Redirect",
        "HTTP/1.1 403 Forbidden",
    ]
    assert '"tls-required"' in said


@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize(
    "path", ["/", "/join?room=Tea%20time&x=1", "//eve.example/", "/nothing", "/%2e%2e//x"]
)
async def test_who_asks_for_a_page_is_sent_to_the_same_one_by_https(
    server: Server, path: str, method: str
) -> None:
    said = await answer(server, get(path, method=method))
    assert said.startswith("HTTP/1.1 308 ")
    assert f"\r\nlocation: https://localhost:8443{path}\r\n" in said
    assert "\r\ncache-control: no-store\r\n" in said
    assert said.endswith("\r\n\r\n")
    assert "strict-transport-security" not in said


async def test_nobody_is_sent_to_a_name_that_is_not_the_servers(server: Server) -> None:
    said = await answer(server, get("/").replace(b"localhost", b"eve.example"))
    assert said.startswith("HTTP/1.1 421 ")
    assert "eve.example:" not in said


async def test_nobody_is_sent_anywhere_without_a_name(server: Server) -> None:
    said = await answer(server, b"GET / HTTP/1.0\r\n\r\n")
    assert said.startswith("HTTP/1.1 403 ")
    assert '"tls-required"' in said


async def test_what_is_sent_is_not_taken(server: Server) -> None:
    body = '{"user": "ada", "password": "secret"}'
    headers = ("Content-Type: application/json", f"Content-Length: {len(body)}")
    said = await answer(server, get("/api/login", *headers, method="POST") + body.encode())
    assert said.startswith("HTTP/1.1 403 ")
    assert '"tls-required"' in said


async def test_this_computer_is_served_without(server: Server) -> None:
    ada = await server.enter("ada")
    ada.say("hello")
    await ada.until("ada: hello")
    said = await answer(server, get("/healthz"), "127.0.0.1")
    assert said.startswith("HTTP/1.1 200 ")
    async with server.web():
        pass


async def test_others_are_served_inside_of_tls(server: Server, files: Files) -> None:
    server.tls = files.client()
    said = await answer(server, get("/healthz"))
    assert said.startswith("HTTP/1.1 200 ")
    assert "strict-transport-security" not in said, "browsers do not trust this certificate"
    client = await server.line(b"ada\n", address=ELSEWHERE)
    assert await client.line() == "Available rooms:"


async def test_with_a_certificate_that_browsers_trust_they_come_by_https_only(
    server: Server, files: Files, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(FileCertificates, "trusted", True)
    server.tls = files.client()
    assert "\r\nstrict-transport-security: max-age=" in await answer(server, get("/healthz"))
    server.tls = None
    assert "strict-transport-security" not in await answer(server, get("/healthz"), "127.0.0.1")


async def test_where_encryption_is_allowed_only_nobody_is_sent_there(
    files: Files, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(FileCertificates, "trusted", True)
    certificates = FileCertificates(files.certificate, files.key, lambda: datetime.now(UTC))
    async with serving(certificates=certificates, tls=files.client(), http=True) as server:
        assert "strict-transport-security" not in await answer(server, get("/healthz"))
        server.tls = None
        assert (await answer(server, get("/healthz"))).startswith("HTTP/1.1 200 ")


def test_the_time_that_browsers_keep_to_it_is_told_in_seconds() -> None:
    assert onlyencrypted.HSTS[1] == b"max-age=15552000"


async def test_a_name_of_the_certificate_is_the_servers(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    made = make_certificate(tmp_path_factory.mktemp("x"), "chat.example.org", "*.example.net")
    certificates = FileCertificates(made.certificate, made.key, lambda: datetime.now(UTC))
    async with serving(certificates=certificates) as server:
        policy = server.context.origin_policy
        assert policy.host_allowed("chat.example.org:8443")
        assert not policy.host_allowed("eve.example.net")
        assert not policy.host_allowed("*.example.net")
