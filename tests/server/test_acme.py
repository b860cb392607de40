"""A server that gets itself a certificate from an ACME server (Pebble), which really looks."""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from hubbub.client import connect
from hubbub.credentials.tls.facts import read_facts
from tests.pebble import Pebble, free_ports, needs_pebble
from tests.process import ServerProcess

pytestmark = needs_pebble

NAMES = "chat.example.org,irc.example.org"


class Place:
    """A server with names, and an ACME server that finds it by them."""

    def __init__(self, folder: Path, stack: ExitStack) -> None:
        self.folder = folder
        self._stack = stack
        (self.port,) = free_ports(1)

    def pebble(self, **kinds: bool) -> Pebble:
        return self._stack.enter_context(Pebble(self.folder / "pebble", self.port, **kinds))

    def server(self, pebble: Pebble, *flags: str) -> ServerProcess:
        flags = ("--tls-domain", NAMES, "--acme-server", pebble.directory, *flags)
        server = ServerProcess(self.folder / "data", *flags, environment=pebble.trusted_by)
        server.port = self.port
        return self._stack.enter_context(server)

    @property
    def file(self) -> Path:
        return self.folder / "data" / "tls" / "acme.pem"


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    with ExitStack() as stack:
        yield Place(tmp_path, stack)


async def enters(address: str, fingerprint: str | None) -> None:
    async with connect(address, user="ada", fingerprint=fingerprint) as chat:
        await chat.join("General")


def shown(server: ServerProcess, tls: ssl.SSLContext, name: str) -> str | None:
    """The version of TLS by which a client that trusts ``tls`` gets through."""
    with (
        socket.create_connection(server.address) as plain,
        tls.wrap_socket(plain, server_hostname=name) as client,
    ):
        return client.version()


def test_it_gets_one_for_all_its_names_and_keeps_it(place: Place) -> None:
    pebble = place.pebble(http=False)
    server = place.server(pebble, "--tls", "required")
    server.tells("The server has a certificate for chat.example.org, irc.example.org")
    for name in NAMES.split(","):
        assert shown(server, pebble.client(), name) == "TLSv1.3"
    first = place.file.read_bytes()
    printed = read_facts(place.file).fingerprint.hex()
    at = f"wss://127.0.0.1:{server.port}"
    asyncio.run(enters(at, printed))
    server.restart()
    assert shown(server, pebble.client(), "chat.example.org") == "TLSv1.3"
    assert place.file.read_bytes() == first


def test_it_gets_one_over_http_where_tls_does_not_lead_to_it(place: Place) -> None:
    pebble = place.pebble(tls=False)
    server = place.server(pebble, "--tls", "required")
    server.tells("The server has a certificate for")
    assert shown(server, pebble.client(), "chat.example.org") == "TLSv1.3"


def test_a_server_that_nothing_leads_to_says_so_and_serves_this_computer(
    place: Place,
) -> None:
    pebble = place.pebble(tls=False, http=False)
    server = place.server(pebble)
    server.tells("the ACME server does not find this server at chat.example.org")
    server.tells(f"must lead to this server's port {server.port}")
    asyncio.run(enters(f"127.0.0.1:{server.port}", None))
    assert not place.file.exists()


def test_an_acme_server_that_is_away_is_told_and_is_asked_after_a_restart(place: Place) -> None:
    pebble = Pebble(place.folder / "pebble", place.port)
    server = place.server(pebble)
    server.tells("cannot be reached: ")
    with pebble:
        # As after two minutes: how long a start waits is in tests/credentials/tls.
        server.kill()
        (place.folder / "data" / "tls" / "acme.json").unlink()
        server.start()
        server.tells("The server has a certificate for")
        assert shown(server, pebble.client(), "chat.example.org") == "TLSv1.3"
