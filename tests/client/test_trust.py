"""Which server is trusted, and that none is reached without TLS that was reached with it."""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
import ssl
import stat
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from websockets.asyncio.server import ServerConnection, serve

from hubbub.client import Address, CertificateChanged, UnknownCertificate, Unreachable, opening
from hubbub.client.connection import Connection
from hubbub.client.dialing import dial
from hubbub.client.knownservers import KnownServers
from hubbub.client.trust import Trust
from hubbub.credentials.tls import authority as authorities
from hubbub.credentials.tls.authority import Signed, make_authority, new_key, sign
from hubbub.credentials.tls.hosts import Hosts
from hubbub.domain import fingerprints

NOW = datetime.now(UTC)
CHAT = Address(host="chat.test")
SERVER = str(CHAT)
HOSTS = Hosts(["chat.test"], ["127.0.0.1"])

EC = ec.EllipticCurvePrivateKey


class World:
    """What listens at chat.test, and which authority this computer knows."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.folder = folder
        self.authority = make_authority("the world", ["chat.test"], NOW)
        self.port = 0
        self.requests = 0
        self.handshakes = 0
        file = folder / "authorities.pem"
        file.write_bytes(self.authority.certificate_pem)
        monkeypatch.setenv("SSL_CERT_FILE", str(file))

        async def dial_here(host: str, port: int) -> socket.socket:
            return await dial("127.0.0.1", self.port)

        monkeypatch.setattr(opening, "dial", dial_here)

    def known(self) -> KnownServers:
        """As the next run reads it."""
        return KnownServers(self.folder / "deep" / "known-servers")

    def own(self, key: EC, hosts: Hosts = HOSTS) -> Signed:
        """A certificate that no authority of this computer has signed."""
        return sign(make_authority("chat", hosts.names, NOW), hosts, NOW, key=key)

    @contextlib.asynccontextmanager
    async def serving(self, signed: Signed | None, pem: bytes | None = None) -> AsyncIterator[None]:
        """A server with the certificate, or what is in ``pem``; None: without TLS."""
        context = None
        if signed is not None:
            file = self.folder / "server.pem"
            file.write_bytes(pem or signed.pem)
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(file)
            context.sni_callback = self._shaken

        async def talk(connection: ServerConnection) -> None:
            self.requests += 1
            await connection.wait_closed()

        async with serve(talk, "127.0.0.1", 0, ssl=context) as server:
            self.port = next(iter(server.sockets)).getsockname()[1]
            yield

    def _shaken(self, *_: object) -> None:
        self.handshakes += 1


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> World:
    return World(tmp_path, monkeypatch)


async def reached(address: Address, trust: Trust) -> bool:
    """Whether it is encrypted. Raises what says that it is not reached."""
    connection = await Connection.open(address, trust)
    await connection.close()
    return trust.resolved(address).secure


async def test_a_certificate_of_a_known_authority_is_trusted_without_a_question(
    world: World,
) -> None:
    async with world.serving(sign(world.authority, HOSTS, NOW, key=new_key())):
        assert await reached(CHAT, Trust(world.known()))
    assert SERVER in world.known()
    assert world.known().fingerprint(SERVER) is None


async def test_any_other_one_is_told_with_its_fingerprint_and_nothing_is_sent(
    world: World,
) -> None:
    own = world.own(new_key())
    trust = Trust(world.known())
    async with world.serving(own):
        with pytest.raises(UnknownCertificate) as told:
            await reached(CHAT, trust)
    expected = authorities.fingerprint(own.certificate)
    assert told.value.fingerprint == expected
    assert fingerprints.shown(expected) in str(told.value)
    assert world.requests == 0
    assert SERVER not in world.known()


async def test_a_key_that_was_accepted_once_is_accepted_in_each_later_run(world: World) -> None:
    key = new_key()
    async with world.serving(world.own(key)):
        trust = Trust(world.known())
        with pytest.raises(UnknownCertificate) as told:
            await reached(CHAT, trust)
        trust.accept(CHAT, told.value.fingerprint)
        assert await reached(CHAT, trust)
        assert await reached(CHAT, Trust(world.known()))
    # Renewed, with another name and another authority: the key is the same.
    async with world.serving(world.own(key, Hosts(["elsewhere.test"], []))):
        assert await reached(CHAT, Trust(world.known()))
    assert world.requests == 3


@pytest.mark.parametrize("running", [False, True], ids=["next run", "same run"])
async def test_another_key_is_warned_of_loudly_and_nothing_is_sent(
    world: World, running: bool
) -> None:
    key = new_key()
    trust = Trust(world.known())
    async with world.serving(world.own(key)):
        trust.accept(CHAT, authorities.fingerprint(world.own(key).certificate))
        assert await reached(CHAT, trust)
    if not running:
        trust = Trust(world.known())
    async with world.serving(world.own(new_key())):
        for _ in range(2):
            with pytest.raises(CertificateChanged, match=r"WARNING: chat.*delete its line in"):
                await reached(CHAT, trust)
    assert world.requests == 1
    async with world.serving(world.own(key)):
        assert await reached(CHAT, trust)


async def test_who_was_vouched_for_by_an_authority_is_warned_of_with_any_other_certificate(
    world: World,
) -> None:
    async with world.serving(sign(world.authority, HOSTS, NOW, key=new_key())):
        await reached(CHAT, Trust(world.known()))
    async with world.serving(world.own(new_key())):
        with pytest.raises(CertificateChanged, match="authority had signed"):
            await reached(CHAT, Trust(world.known()))


async def test_a_known_server_may_go_over_to_a_known_authority(world: World) -> None:
    key = new_key()
    trust = Trust(world.known())
    trust.accept(CHAT, authorities.fingerprint(world.own(key).certificate))
    async with world.serving(sign(world.authority, HOSTS, NOW, key=new_key())):
        assert await reached(CHAT, trust)
        assert await reached(CHAT, Trust(world.known()))
    assert world.known().fingerprint(SERVER) is None


async def test_a_server_that_was_reached_by_tls_is_not_reached_in_the_clear(world: World) -> None:
    async with world.serving(sign(world.authority, HOSTS, NOW, key=new_key())):
        await reached(CHAT, Trust(world.known()))
    async with world.serving(None):
        for address in (CHAT, Address(host="chat.test", plain=True)):
            with pytest.raises(Unreachable, match="does not speak TLS now, and did before"):
                await reached(address, Trust(world.known()))
    assert world.requests == 1


async def test_a_server_without_tls_is_reached_in_the_clear_as_before(world: World) -> None:
    trust = Trust(world.known())
    async with world.serving(None):
        assert not await reached(CHAT, trust)
        assert not await reached(CHAT, trust)
    assert SERVER not in world.known()


@pytest.mark.parametrize("answer", [b"", b"\x15\x03\x01\x00\x02\x02\x28", b"Welcome!\n"])
async def test_whatever_says_that_it_speaks_no_tls_is_tried_without(
    world: World, answer: bytes
) -> None:
    """As an older server does, by an alert; the second connection is a request of HTTP."""
    first: list[bytes] = []

    async def answering(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        first.append((await reader.read(100))[:3])
        writer.write(answer)
        writer.close()

    async with await asyncio.start_server(answering, "127.0.0.1", 0) as server:
        world.port = server.sockets[0].getsockname()[1]
        with pytest.raises(Unreachable):
            await reached(CHAT, Trust(world.known()))
    assert first == [b"\x16\x03\x01", b"GET"]


async def test_a_server_that_begins_to_speak_tls_is_reached_by_it_in_the_same_run(
    world: World,
) -> None:
    trust = Trust(world.known())
    async with world.serving(None):
        assert not await reached(CHAT, trust)
    async with world.serving(sign(world.authority, HOSTS, NOW, key=new_key())):
        with pytest.raises(Unreachable):  # as it was, without TLS
            await reached(CHAT, trust)
        assert await reached(CHAT, trust)


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "::1", "chat.localhost"])
async def test_this_computer_is_not_asked_for_tls(world: World, host: str) -> None:
    async with world.serving(None):
        assert not await reached(Address(host=host), Trust(world.known()))
    assert world.requests == 1


async def test_an_address_that_says_plain_is_reached_plainly(world: World) -> None:
    async with world.serving(None):
        assert not await reached(Address.parse("http://chat.test:8080"), Trust(world.known()))
    assert world.handshakes == 0


async def test_a_fingerprint_that_is_given_is_the_only_one_accepted(world: World) -> None:
    key = new_key()
    wanted = authorities.fingerprint(world.own(key).certificate)
    async with world.serving(world.own(new_key())):
        with pytest.raises(CertificateChanged, match="not the server that you want"):
            await reached(CHAT, Trust(world.known(), wanted))
    async with world.serving(sign(world.authority, HOSTS, NOW, key=new_key())):
        with pytest.raises(CertificateChanged, match="not the server that you want"):
            await reached(CHAT, Trust(world.known(), wanted))
    async with world.serving(None):
        with pytest.raises(Unreachable, match="does not speak TLS"):
            await reached(CHAT, Trust(world.known(), wanted))
    assert world.requests == 0
    async with world.serving(world.own(key)):
        assert await reached(CHAT, Trust(world.known(), wanted))
        assert await reached(CHAT, Trust(world.known())), "it is remembered"


async def test_a_fingerprint_that_is_given_replaces_the_known_one(world: World) -> None:
    Trust(world.known()).accept(CHAT, b"\1" * 32)
    key = new_key()
    wanted = authorities.fingerprint(world.own(key).certificate)
    async with world.serving(world.own(key)):
        assert await reached(CHAT, Trust(world.known(), wanted))
    assert world.known().fingerprint(SERVER) == wanted


async def test_a_certificate_for_another_name_is_told_in_words(world: World) -> None:
    other = Hosts(["other.chat.test"], [])
    async with world.serving(sign(world.authority, other, NOW, key=new_key())):
        with pytest.raises(Unreachable, match="for another name") as told:
            await reached(CHAT, Trust(world.known()))
    assert not isinstance(told.value, UnknownCertificate)
    assert world.requests == 0


@pytest.mark.parametrize(
    "made, why",
    [(NOW - timedelta(days=100), "is over"), (NOW + timedelta(days=5), "has not begun")],
)
async def test_a_certificate_of_another_time_is_told_in_words(
    world: World, made: datetime, why: str
) -> None:
    async with world.serving(sign(world.authority, HOSTS, made, key=new_key())):
        with pytest.raises(Unreachable, match=why) as told:
            await reached(CHAT, Trust(world.known()))
    assert "clock" in str(told.value)
    assert world.requests == 0


@pytest.mark.parametrize("fingerprint", [None, b"\1" * 32])
@pytest.mark.parametrize("spoilt", [(b"\xa0\x03\x02\x01\x02", b"\xa0\x03\x02\x01\x07")])
async def test_a_certificate_that_cannot_be_read_is_told_in_words(
    world: World,
    fingerprint: bytes | None,
    spoilt: tuple[bytes, bytes],
    caplog: pytest.LogCaptureFixture,
) -> None:
    """OpenSSL does not mind a version that there never was."""
    key = new_key()
    signed = world.own(key)
    der = signed.certificate.public_bytes(serialization.Encoding.DER)
    shown = ssl.DER_cert_to_PEM_cert(der.replace(*spoilt, 1)).encode()
    whole = signed.pem.replace(signed.certificate_pem, shown)
    assert whole != signed.pem
    async with world.serving(signed, whole):
        with pytest.raises(Unreachable, match=r"cannot be read\. Nothing was sent") as told:
            await reached(CHAT, Trust(world.known(), fingerprint))
    assert not isinstance(told.value, (UnknownCertificate, CertificateChanged))
    assert world.requests == 0
    assert not caplog.records


# The file


@pytest.mark.skipif(os.name != "posix", reason="files have no such modes there")
def test_nobody_else_can_read_which_servers_are_known(world: World) -> None:
    known = world.known()
    known.remember("chat.test:8080", b"\1" * 32)
    assert known.path is not None
    assert stat.S_IMODE(known.path.stat().st_mode) == 0o600
    assert stat.S_IMODE(known.path.parent.stat().st_mode) == 0o700


def test_what_people_write_into_the_file_is_kept(world: World) -> None:
    known = world.known()
    known.remember("a.test:1", b"\1" * 32)
    assert known.path is not None
    with known.path.open("a") as file:
        file.write("# at home\n\nnonsense\nC.test:3 " + "02" * 32 + "\n")
    again = world.known()
    assert again.fingerprint("c.test:3") == b"\2" * 32
    again.remember("A.test:1", None)
    lines = known.path.read_text().splitlines()
    assert "# at home" in lines
    assert "nonsense" in lines
    assert [line for line in lines if line.startswith("a.test")] == ["a.test:1 authority"]


@pytest.mark.parametrize(
    "known, typed",
    [
        ("chat.example.org:8080", "Chat.Example.ORG.:8080"),
        ("bücher.example:8080", "xn--bcher-kva.example:8080"),
        ("xn--bcher-kva.example:8080", "BÜCHER.example.:8080"),
        ("[::1]:8080", "[0:0:0:0:0:0:0:1]:8080"),
        ("[fe80::1%eth0]:8080", "[FE80:0::1%eth0]:8080"),
        ("192.0.2.1:8080", "192.0.2.1:8080"),
    ],
)
def test_a_server_is_known_however_its_name_is_typed(world: World, known: str, typed: str) -> None:
    """Otherwise it would be met for the first time again, and anybody could be it."""
    world.known().remember(known, b"k" * 32)
    again = world.known()
    assert typed in again
    assert again.fingerprint(typed) == b"k" * 32
    again.remember(typed, b"n" * 32)
    assert world.known().fingerprint(known) == b"n" * 32
    assert "chat.example.org:8081" not in again


def test_two_runs_that_write_lose_nothing(world: World) -> None:
    first, second = world.known(), world.known()
    first.remember("a.test:1", b"\1" * 32)
    second.remember("b.test:1", b"\2" * 32)
    last = world.known()
    assert "a.test:1" in last
    assert "b.test:1" in last


def test_a_file_that_cannot_be_written_stops_nobody(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "file").touch()
    known = KnownServers(tmp_path / "file" / "known-servers")
    known.remember("a.test:1", b"\1" * 32)
    assert known.fingerprint("a.test:1") == b"\1" * 32
    assert "cannot be kept" in caplog.text


@pytest.mark.parametrize("damaged", ["", "no-fingerprint", "01" * 31 + "0g", "\ufffd"])
async def test_a_damaged_line_does_not_let_another_server_be_that_one(
    world: World, damaged: str
) -> None:
    known = world.known()
    known.remember(SERVER, b"\1" * 32)
    assert known.path is not None
    known.path.write_text(f"{SERVER} {damaged}\n")
    async with world.serving(world.own(new_key())):
        with pytest.raises(CertificateChanged, match="its line is damaged"):
            await reached(CHAT, Trust(world.known()))
    async with world.serving(None):
        with pytest.raises(Unreachable, match="does not speak TLS now"):
            await reached(CHAT, Trust(world.known()))
    assert world.requests == 0
    key = new_key()
    async with world.serving(world.own(key)):
        wanted = authorities.fingerprint(world.own(key).certificate)
        assert await reached(CHAT, Trust(world.known(), wanted))
    assert world.known().fingerprint(SERVER) == wanted


def too_large(file: Path) -> None:
    file.write_text(f"{SERVER} {'01' * 32}\n" + "# a server\n" * 100_000)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are none")
@pytest.mark.parametrize("spoil", [Path.mkdir, os.mkfifo, too_large])
async def test_while_the_file_cannot_be_read_nobody_is_reached_in_the_clear_by_chance(
    world: World, spoil: Callable[[Path], object]
) -> None:
    known = world.known()
    assert known.path is not None
    known.path.parent.mkdir()
    spoil(known.path)
    before = known.path.stat().st_size
    async with world.serving(None):
        with pytest.raises(Unreachable, match=r"Whether it did before is not known, as .* cannot"):
            await reached(CHAT, Trust(world.known()))
        assert world.requests == 0
        for said in (Address(host="localhost"), Address(host="chat.test", plain=True)):
            assert not await reached(said, Trust(world.known()))
    async with world.serving(sign(world.authority, HOSTS, NOW, key=new_key())):
        assert await reached(CHAT, Trust(world.known()))
    assert known.path.stat().st_size == before, "what is in it is not lost"
