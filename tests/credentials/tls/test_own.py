"""The certificates that a server makes for itself."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import ssl
import stat
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from hubbub.credentials.tls import own as module
from hubbub.credentials.tls.authority import make_authority, new_key, permits, sign
from hubbub.credentials.tls.facts import names_of, read_facts
from hubbub.credentials.tls.hosts import Hosts, own_addresses, own_hosts
from hubbub.credentials.tls.kept import CertificateTrouble, load
from hubbub.credentials.tls.own import OwnCertificates
from tests.patience import PATIENCE_SECONDS

HERE = Hosts(["chat", "chat.local", "localhost"], ["127.0.0.1", "192.168.1.7"])


def serving(certificate: Path, key: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    return context


class Life:
    """A server's certificates over its runs, with a clock and a network that the test holds."""

    def __init__(self, data: Path) -> None:
        self.data = data
        # Clients in this test go by the real clock.
        self.now = datetime.now(UTC).replace(microsecond=0)
        self.hosts = HERE

    def start(self) -> OwnCertificates:
        made = OwnCertificates(
            self.data,
            hosts=lambda: self.hosts,
            clock=lambda: self.now,
            make_context=serving,
        )
        made.open()
        return made

    def file(self, name: str) -> Path:
        return self.data / "tls" / name

    def ends(self) -> datetime:
        return read_facts(self.file("server.pem")).ends


@pytest.fixture
def life(tmp_path: Path) -> Life:
    return Life(tmp_path)


def shake(own: OwnCertificates, client: ssl.SSLContext, name: str) -> ssl.SSLObject:
    """A handshake in memory."""
    to_server, to_client = ssl.MemoryBIO(), ssl.MemoryBIO()
    server = own.context().wrap_bio(to_server, to_client, server_side=True)
    peer = client.wrap_bio(to_client, to_server, server_hostname=name)
    for _ in range(5):
        for side in (peer, server):
            try:
                side.do_handshake()
            except ssl.SSLWantReadError:
                continue
    peer.do_handshake()
    return peer


def authority_of(own: OwnCertificates) -> x509.Certificate:
    return x509.load_der_x509_certificate(own.authority)


def trusting(own: OwnCertificates) -> ssl.SSLContext:
    context = ssl.create_default_context(cadata=own.authority)
    context.verify_flags |= ssl.VERIFY_X509_STRICT  # as Python 3.13 has it, and phones
    return context


@pytest.mark.parametrize("name", ["chat", "chat.local", "localhost", "127.0.0.1", "192.168.1.7"])
def test_who_trusts_the_authority_accepts_the_server_by_each_of_its_names(
    life: Life, name: str
) -> None:
    own = life.start()
    assert shake(own, trusting(own), name).version() == "TLSv1.3"


def test_by_a_name_that_is_not_its_own_it_is_not_accepted(life: Life) -> None:
    own = life.start()
    with pytest.raises(ssl.SSLCertVerificationError):
        shake(own, trusting(own), "elsewhere.local")


def test_the_authority_can_sign_for_no_other_site(life: Life, tmp_path: Path) -> None:
    """Whoever steals it must not be able to be the bank of those who trust it."""
    own = life.start()
    stolen = load(life.file("authority.pem"), "")
    assert stolen is not None
    forged = sign(stolen, Hosts(["bank.example"], []), life.now, key=new_key())
    file = tmp_path / "forged.pem"
    file.write_bytes(forged.pem + stolen.certificate_pem)
    client = trusting(own)
    own._context = serving(file, file)
    with pytest.raises(ssl.SSLCertVerificationError, match="permitted subtree"):
        shake(own, client, "bank.example")


def test_the_next_run_has_the_same_ones(life: Life) -> None:
    first = life.start()
    kept = [life.file(name).read_bytes() for name in ("authority.pem", "server.pem")]
    again = life.start()
    assert again.fingerprint == first.fingerprint
    assert kept == [life.file(name).read_bytes() for name in ("authority.pem", "server.pem")]


@pytest.mark.skipif(os.name != "posix", reason="files have no such modes there")
def test_nobody_else_can_read_the_keys(life: Life) -> None:
    life.start()
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in (life.data / "tls").iterdir()}
    assert modes == {"authority.pem": 0o600, "server.pem": 0o600}
    assert stat.S_IMODE((life.data / "tls").stat().st_mode) == 0o700
    life.file("server.pem").chmod(0o644)
    life.start()
    assert stat.S_IMODE(life.file("server.pem").stat().st_mode) == 0o600


async def test_it_is_renewed_a_month_before_its_end_with_the_same_key(life: Life) -> None:
    own = life.start()
    before, ends, first = own.fingerprint, life.ends(), own.context()
    life.now = ends - timedelta(days=31)
    await own.check()
    assert life.ends() == ends
    assert own.context() is first
    life.now = ends - timedelta(days=29)
    await own.check()
    assert life.ends() == life.now + timedelta(days=90)
    assert own.context() is not first
    assert own.fingerprint == before
    assert authority_of(own).not_valid_after_utc - life.now > timedelta(days=3500)


async def test_another_address_is_in_a_new_certificate_at_once(life: Life) -> None:
    own = life.start()
    before = own.fingerprint
    life.hosts = Hosts(HERE.names, ["127.0.0.1", "10.0.0.5"])
    await own.check()
    assert "10.0.0.5" in read_facts(life.file("server.pem")).names
    assert own.fingerprint == before
    shake(own, trusting(own), "10.0.0.5")


async def test_an_address_that_is_gone_makes_no_new_one(life: Life) -> None:
    own = life.start()
    first = own.context()
    life.hosts = Hosts(HERE.names, ["127.0.0.1"])
    await own.check()
    assert own.context() is first


def test_a_name_that_the_authority_may_not_sign_for_makes_it_anew_with_its_key(
    life: Life, caplog: pytest.LogCaptureFixture
) -> None:
    first = life.start()
    life.hosts = Hosts([*HERE.names, "chat.example.org"], HERE.addresses, ["chat.example.org"])
    again = life.start()
    assert authority_of(again).public_key() == authority_of(first).public_key()
    assert permits(authority_of(again), "chat.example.org")
    assert permits(authority_of(again), "chat")
    assert "have to be told so again" in caplog.text
    shake(again, trusting(again), "chat.example.org")
    shake(again, trusting(again), "chat.local")
    assert again.fingerprint == first.fingerprint


async def test_a_name_that_a_computer_takes_by_itself_makes_no_new_authority(life: Life) -> None:
    """Phones go on to trust it."""
    own = life.start()
    before = own.authority
    life.hosts = Hosts(["kitchen.example.net", "kitchen.local", "localhost"], HERE.addresses)
    await own.check()
    assert own.authority == before
    shake(own, trusting(own), "kitchen.local")
    assert "kitchen.example.net" not in read_facts(life.file("server.pem")).names
    assert life.start().authority == before


def test_without_its_authority_the_server_keeps_its_key(life: Life) -> None:
    before = life.start()
    life.file("authority.pem").unlink()
    after = life.start()
    assert after.fingerprint == before.fingerprint
    assert after.authority != before.authority
    shake(after, trusting(after), "chat")


@pytest.mark.parametrize("name", ["authority.pem", "server.pem"])
@pytest.mark.parametrize("content", [b"", b"tea", b"-----BEGIN CERTIFICATE-----\nAAAA\n"])
def test_a_file_that_cannot_be_used_is_not_overwritten(
    life: Life, name: str, content: bytes
) -> None:
    life.start()
    life.file(name).write_bytes(content)
    with pytest.raises(CertificateTrouble, match="move it away"):
        life.start()
    assert life.file(name).read_bytes() == content


def test_a_certificate_that_is_no_authority_is_not_taken_for_one(life: Life) -> None:
    life.start()
    life.file("authority.pem").write_bytes(life.file("server.pem").read_bytes())
    with pytest.raises(CertificateTrouble, match="none of Hubbub's own"):
        life.start()


def test_a_key_of_another_certificate_is_noticed(life: Life) -> None:
    authority = authority_of(life.start())
    other = make_authority("elsewhere", [], life.now)
    certificate = authority.public_bytes(Encoding.PEM)
    life.file("server.pem").write_bytes(other.pem.replace(other.certificate_pem, certificate))
    with pytest.raises(CertificateTrouble, match="cannot be used"):
        life.start()


@pytest.mark.skipif(os.name != "posix", reason="files have no such modes there")
def test_a_link_is_not_followed(life: Life, tmp_path: Path) -> None:
    life.start()
    file = life.file("server.pem")
    file.rename(tmp_path / "elsewhere")
    file.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(CertificateTrouble, match="symbolic link"):
        life.start()


@pytest.mark.parametrize("killed_at", range(12))
def test_a_kill_while_they_are_made_leaves_nothing_half(
    life: Life, killed_at: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever the last thing was that the system has done: the next start goes on."""
    steps = iter(range(100))

    class Killed(BaseException):
        pass

    def dying(does: Callable[..., object]) -> Callable[..., object]:
        def do(*args: object, **options: object) -> object:
            if next(steps) == killed_at:
                raise Killed
            return does(*args, **options)

        return do

    with monkeypatch.context() as patched:
        for name in ("open", "fsync", "replace", "mkdir", "chmod"):
            patched.setattr(os, name, dying(getattr(os, name)))
        with contextlib.suppress(Killed):
            life.start()
    own = life.start()
    shake(own, trusting(own), "chat")
    assert sorted(path.name for path in (life.data / "tls").iterdir()) == [
        "authority.pem",
        "server.pem",
    ]


def test_no_certificate_is_made_by_a_clock_that_is_years_behind(life: Life) -> None:
    life.now = datetime(1970, 1, 1, tzinfo=UTC)
    with pytest.raises(CertificateTrouble, match="01 January 1970"):
        life.start()
    assert not life.file("server.pem").exists()


def test_a_clock_that_was_wrong_before_makes_a_new_certificate(life: Life) -> None:
    life.now += timedelta(days=400)
    before = life.start().fingerprint
    life.now -= timedelta(days=400)
    own = life.start()
    assert own.fingerprint == before
    assert own._own.certificate.not_valid_before_utc < life.now


async def test_what_goes_wrong_later_is_told_once_and_the_server_goes_on(
    life: Life, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = life.start()

    def full(*args: object) -> None:
        raise CertificateTrouble("This server's own certificate cannot be saved: disk full.")

    monkeypatch.setattr(module, "save", full)
    life.now = life.ends() - timedelta(days=10)
    for _ in range(3):
        await own.check()
    wrong = [record for record in caplog.records if record.levelno == logging.ERROR]
    assert len(wrong) == 1
    shake(own, trusting(own), "chat")


async def test_a_reload_reads_the_files_again(life: Life) -> None:
    own = life.start()
    life.file("server.pem").unlink()
    running = asyncio.create_task(own.run())
    own.reload()
    async with asyncio.timeout(PATIENCE_SECONDS):
        while not life.file("server.pem").exists():  # noqa: ASYNC110  # a file tells nobody
            await asyncio.sleep(0.001)
    running.cancel()


def test_this_computer_is_known_by_its_names_and_addresses() -> None:
    hosts = own_hosts(
        ["0.0.0.0", "chat.example.org", "[2001:db8::7]", "fe80::1%eth0", "bücher.example"],
        computer=lambda: "Kitchen",
        addresses=lambda: ["192.168.1.7", "127.0.0.1"],
    )
    assert hosts.names == [
        *("kitchen", "kitchen.local", "localhost"),
        *("chat.example.org", "xn--bcher-kva.example"),
    ]
    assert hosts.told == ["chat.example.org", "xn--bcher-kva.example"]
    assert hosts.addresses == ["127.0.0.1", "::1", "2001:db8::7", "192.168.1.7"]
    assert all(isinstance(one, str) for one in own_addresses())


def test_a_computer_s_name_that_no_certificate_can_have_is_left_out() -> None:
    hosts = own_hosts(computer=lambda: "Ada's computer", addresses=list)
    assert hosts.names == ["localhost"]


def test_facts_are_those_of_the_certificate(life: Life) -> None:
    own = life.start()
    facts = read_facts(life.file("server.pem"))
    assert list(facts.names) == [*HERE.names, *HERE.addresses]
    assert facts.issuer == "Hubbub's authority at chat"
    assert facts.fingerprint == own.fingerprint
    assert facts.ends == life.now + timedelta(days=90)
    assert names_of(x509.load_pem_x509_certificates(life.file("server.pem").read_bytes())[1]) == []
