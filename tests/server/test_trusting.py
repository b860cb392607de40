"""A server that makes its own certificate, and how people trust it."""

from __future__ import annotations

import asyncio
import hashlib
import re
import ssl
import urllib.error
import urllib.request
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from hubbub.cli.introducing import authority_place, draw_code, introduction
from hubbub.client import CertificateChanged, UnknownCertificate, connect
from hubbub.client.certificate import unverified
from hubbub.client.knownservers import KnownServers
from hubbub.client.trust import Trust
from hubbub.config import Settings
from hubbub.domain import fingerprints
from tests.patience import PATIENCE_SECONDS
from tests.process import ServerProcess

GROUPS = re.compile(r"(?:[0-9a-f]{4} ){7}[0-9a-f]{4}")
LAN = [("192.168.1.7", 8080)]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    folder = tmp_path_factory.mktemp("server")
    with ServerProcess(folder / "data", "--tls", "auto", "--hold-seconds", "0") as server:
        yield server


def printed(server: ServerProcess) -> str:
    """The first fingerprint that the server printed."""

    def groups() -> list[str]:
        return GROUPS.findall("\n".join(server.output))

    with server.told:
        assert server.told.wait_for(lambda: len(groups()) >= 2, PATIENCE_SECONDS)
    return " ".join(groups()[:2])


def got(server: ServerProcess, path: str, tls: ssl.SSLContext | None = None) -> tuple[str, bytes]:
    scheme = "http" if tls is None else "https"
    url = f"{scheme}://127.0.0.1:{server.port}{path}"
    with urllib.request.urlopen(url, context=tls) as answer:
        return answer.headers["Content-Type"], answer.read()


def says_hi(server: ServerProcess, trust: Trust, fingerprint: str | None = None) -> None:
    """Ada comes over TLS."""

    async def say() -> None:
        at = f"wss://127.0.0.1:{server.port}"
        async with connect(at, user="ada", trust=trust, fingerprint=fingerprint) as chat:
            assert chat.address.secure
            await chat.join("General")
            await chat.say("General", "hi")

    asyncio.run(say())


def test_clients_see_the_fingerprint_that_the_server_printed(server: ServerProcess) -> None:
    with pytest.raises(UnknownCertificate) as told:
        says_hi(server, Trust())
    assert fingerprints.shown(told.value.fingerprint) == printed(server)
    says_hi(server, Trust(), printed(server))


def test_a_restart_changes_no_key(tmp_path: Path) -> None:
    data = tmp_path / "data"
    known = KnownServers(tmp_path / "known-servers")
    with ServerProcess(data, "--tls", "on") as server:
        says_hi(server, Trust(known), printed(server))
        server.restart()
        says_hi(server, Trust(known))
        server.kill()
        (data / "tls" / "server.pem").unlink()
        server.start()
        with pytest.raises(CertificateChanged):
            says_hi(server, Trust(known))


def test_who_installs_the_authority_trusts_the_server(server: ServerProcess) -> None:
    kind, page = got(server, "/ca")
    assert kind.startswith("text/html")
    kind, authority = got(server, "/ca.crt")
    assert kind == "application/x-x509-ca-cert"
    shown = fingerprints.shown(hashlib.sha256(authority).digest())
    assert shown in page.decode().replace("\n", " ")
    assert f'href="https://127.0.0.1:{server.port}/"' in page.decode()
    trusting = ssl.create_default_context(cadata=authority)
    assert got(server, "/", trusting)[1].startswith(b"<!doctype html>")
    assert got(server, "/ca", unverified())[1]


def test_without_a_certificate_there_is_no_authority(tmp_path: Path) -> None:
    with ServerProcess(tmp_path / "data") as server:
        assert not GROUPS.search("\n".join(server.output))
        for path in ("/ca", "/ca.crt", "/.well-known/acme-challenge/x"):
            with pytest.raises(urllib.error.HTTPError, match="404"):
                got(server, path)


def test_a_file_of_somebody_else_stops_the_start_in_words(tmp_path: Path) -> None:
    (tmp_path / "data" / "tls").mkdir(parents=True)
    (tmp_path / "data" / "tls" / "server.pem").write_text("tea")
    said = ServerProcess(tmp_path / "data", "--tls", "auto").refuses_to_start()
    assert "cannot be used: it cannot be read as a certificate with its key" in said
    assert "Traceback" not in said


# What is printed


class OwnOne:
    """What is asked of a certificate that the server has made."""

    trusted = False
    authority: bytes | None = b"authority"
    ends = datetime.max.replace(tzinfo=UTC)
    names = ("chat.local", "192.168.1.7")

    def context(self) -> ssl.SSLContext:
        raise NotImplementedError

    def challenge(self) -> None:
        return

    def answer(self, token: str) -> None:
        return

    def reload(self) -> None: ...

    async def run(self) -> None: ...


def test_phones_are_led_to_the_authority_by_the_address_that_they_reach() -> None:
    for addresses, host in ((LAN, "192.168.1.7:8080"), ([("0.0.0.0", 8080)], "10.0.0.9:8080")):
        place = authority_place(Settings(), OwnOne(), addresses, own=lambda _: "10.0.0.9")
        assert place == f"http://{host}/ca"
    required = Settings(tls="required")
    assert authority_place(required, OwnOne(), LAN) == "https://192.168.1.7:8080/ca"
    assert authority_place(required, OwnOne(), [("2001:db8::1", 443)]) == "https://[2001:db8::1]/ca"
    assert authority_place(Settings(), OwnOne(), [("127.0.0.1", 8080)]) is None


def test_whom_browsers_trust_needs_no_introduction() -> None:
    trusted = OwnOne()
    trusted.trusted = True
    assert introduction(Settings(), trusted, LAN) == []
    assert introduction(Settings(), None, LAN) == []


class Screen:
    """A terminal, or a file."""

    encoding = "utf-8"

    def __init__(self, *, terminal: bool) -> None:
        self.terminal = terminal
        self.written = ""

    def isatty(self) -> bool:
        return self.terminal

    def write(self, text: str) -> None:
        self.written += text

    def flush(self) -> None: ...


@pytest.mark.parametrize(
    "terminal, settings, addresses, drawn",
    [
        (True, Settings(tls="auto"), LAN, True),
        (False, Settings(tls="auto"), LAN, False),
        (True, Settings(tls="auto", log_format="json"), LAN, False),
        (True, Settings(tls="auto"), [("127.0.0.1", 8080)], False),
    ],
)
def test_a_code_is_drawn_for_a_person_whose_server_phones_can_reach(
    terminal: bool,
    settings: Settings,
    addresses: list[tuple[str, int]],
    drawn: bool,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("TERM", "xterm")
    screen = Screen(terminal=terminal)
    draw_code(settings, OwnOne(), addresses, to=screen)  # type: ignore[arg-type]
    assert bool(screen.written) is drawn
    assert max(map(len, screen.written.splitlines()), default=0) < 80
