"""Certificates that clients show which are not what they should be: only the key counts."""

from __future__ import annotations

import hashlib
import ssl
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from hubbub.server.tls.contexts import server_context
from hubbub.server.tls.files import FileCertificates
from hubbub.server.tls.showing import MAX_CERTIFICATE_BYTES
from tests.certificates import Files, make_certificate
from tests.passwords import CheapPasswords
from tests.server.irc_client import IrcClient
from tests.server.serving import serving

PASSWORD = "sesame and more"
TOO_MUCH = x509.ObjectIdentifier("1.3.6.1.4.1.99999.1")
_12, _13 = ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3


class Places:
    """The server's context and files; a folder for those of clients."""

    def __init__(self, folder: Path) -> None:
        (folder / "server").mkdir()
        self.folder = folder
        self.files = make_certificate(folder / "server")
        context = server_context(self.files.certificate, self.files.key).asking
        if context is None:
            pytest.skip("this Python does not let its OpenSSL be called")
        self.server: ssl.SSLContext = context

    def make(self, name: str, begins: int = -1, ends: int = 30) -> Files:
        """A certificate of somebody, from so many days from now on, for so many."""
        (self.folder / name).mkdir(exist_ok=True)
        return make_certificate(
            self.folder / name,
            "somebody",
            begins=timedelta(days=begins),
            ends=timedelta(days=ends),
        )

    def client(self, files: Files | None, version: ssl.TLSVersion = _13) -> ssl.SSLContext:
        context = self.files.client()
        context.minimum_version = context.maximum_version = version
        if files is not None:
            context.load_cert_chain(files.certificate, files.key)
        return context


@pytest.fixture
def places(tmp_path: Path) -> Places:
    return Places(tmp_path)


Tamper = Callable[[bytes], bytes]


def as_it_is(data: bytes) -> bytes:
    return data


def handshake(
    client: ssl.SSLContext,
    server: ssl.SSLContext,
    *,
    tamper: Tamper = as_it_is,
    session: ssl.SSLSession | None = None,
) -> tuple[ssl.SSLObject, ssl.SSLObject]:
    """Both sides after a handshake. ``tamper``: what becomes of all that the client says."""
    to_client, to_server, said = ssl.MemoryBIO(), ssl.MemoryBIO(), ssl.MemoryBIO()
    one = client.wrap_bio(to_client, said, server_hostname="localhost", session=session)
    other = server.wrap_bio(to_server, to_client, server_side=True)
    done: set[ssl.SSLObject] = set()
    for _ in range(8):
        for side in (one, other):
            try:
                side.do_handshake()
            except ssl.SSLWantReadError:
                continue
            finally:
                to_server.write(tamper(said.read()))
            done.add(side)
    assert done == {one, other}
    other.write(b"hello")  # and tickets before it
    assert one.read() == b"hello"
    return one, other


def shown(side: ssl.SSLObject) -> str:
    """The fingerprint of what the client has shown."""
    der = side.getpeercert(binary_form=True)
    return "" if der is None else hashlib.sha256(der).hexdigest()


def der_of(files: Files) -> bytes:
    return ssl.PEM_cert_to_DER_cert(files.certificate.read_text())


def fingerprint(files: Files) -> str:
    return hashlib.sha256(der_of(files)).hexdigest()


def signed(
    by: Files, place: Path, *, size: int = 0, like: Files | None = None
) -> tuple[bytes, bytes]:
    """A new key and its certificate, which ``by`` has signed, as PEM. ``like``: it says of itself
    what that one says.
    """
    issuer = x509.load_pem_x509_certificate(by.certificate.read_bytes())
    said = issuer if like is None else x509.load_pem_x509_certificate(like.certificate.read_bytes())
    key = ec.generate_private_key(ec.SECP256R1())
    made = (
        x509.CertificateBuilder()
        .subject_name(said.subject)
        .issuer_name(issuer.subject)
        .public_key(key.public_key())
        .serial_number(said.serial_number)
        .not_valid_before(datetime.now(UTC) - timedelta(days=1))
        .not_valid_after(datetime.now(UTC) + timedelta(days=9))
    )
    if size:
        padding = x509.UnrecognizedExtension(TOO_MUCH, bytes(size))
        made = made.add_extension(padding, critical=False)
    issuers = load_pem_private_key(by.key.read_bytes(), None)
    assert isinstance(issuers, ec.EllipticCurvePrivateKey)
    certificate = made.sign(issuers, SHA256())
    return (
        certificate.public_bytes(Encoding.PEM),
        key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()),
    )


def put(folder: Path, certificates: bytes, key: bytes) -> Files:
    folder.mkdir(exist_ok=True)
    files = Files(folder / "certificate.pem", folder / "key.pem")
    files.certificate.write_bytes(certificates)
    files.key.write_bytes(key)
    return files


@pytest.mark.parametrize("version", [_12, _13])
@pytest.mark.parametrize("days", [(-30, -1), (20, 30)], ids=["over", "not begun"])
def test_its_days_do_not_matter(
    places: Places, version: ssl.TLSVersion, days: tuple[int, int]
) -> None:
    old = places.make("old", *days)
    _, server = handshake(places.client(old, version), places.server)
    assert shown(server) == fingerprint(old)


@pytest.mark.parametrize("version", [_12, _13])
def test_of_a_chain_the_first_counts_and_not_who_has_signed_it(
    places: Places, version: ssl.TLSVersion
) -> None:
    ben = places.make("ben")
    certificate, key = signed(ben, places.folder)
    eve = put(places.folder / "eve", certificate + ben.certificate.read_bytes(), key)
    _, server = handshake(places.client(eve, version), places.server)
    own = put(places.folder / "own", certificate, key)
    assert shown(server) == fingerprint(own) != fingerprint(ben)


def test_who_says_the_same_of_themselves_is_somebody_else(places: Places) -> None:
    ben, eve = places.make("ben"), places.make("eve")
    copy = put(places.folder / "copy", *signed(eve, places.folder, like=ben))
    _, server = handshake(places.client(copy), places.server)
    assert shown(server) not in ("", fingerprint(ben), fingerprint(eve))


def test_who_shows_anothers_certificate_has_to_have_its_key(places: Places) -> None:
    """In TLS 1.2 certificates are not encrypted: eve puts ben's in place of her own, which is as
    long, and signs with her own key.
    """
    ben, eve = places.make("ben"), places.make("eve")
    while len(der_of(ben)) != len(der_of(eve)):  # signatures differ in length by a byte or two
        eve = places.make("eve")
    tampered = []

    def show_bens(data: bytes) -> bytes:
        if der_of(eve) in data:
            tampered.append(data)
        return data.replace(der_of(eve), der_of(ben))

    with pytest.raises(ssl.SSLError) as failed:
        handshake(places.client(eve, _12), places.server, tamper=show_bens)
    assert tampered
    assert failed.value.reason == "BAD_SIGNATURE"


@pytest.mark.parametrize("version", [_12, _13])
@pytest.mark.parametrize("chained", [False, True], ids=["one", "a chain"])
def test_too_large_ones_end_the_handshake(
    places: Places, version: ssl.TLSVersion, *, chained: bool
) -> None:
    ben = places.make("ben")
    size = MAX_CERTIFICATE_BYTES // 3 if chained else MAX_CERTIFICATE_BYTES
    certificate, key = signed(ben, places.folder, size=size)
    files = put(places.folder / "large", certificate * (4 if chained else 1), key)
    with pytest.raises(ssl.SSLError):
        handshake(places.client(files, version), places.server)
    small = put(places.folder / "small", *signed(ben, places.folder, size=8000))
    _, server = handshake(places.client(small, version), places.server)
    assert shown(server) == fingerprint(small)


@pytest.mark.parametrize("version", [_12, _13])
def test_a_session_that_goes_on_is_of_whom_it_was(places: Places, version: ssl.TLSVersion) -> None:
    """A ticket tells the server what was shown: neither nothing, nor what another client shows."""
    ben, eve = places.make("ben"), places.make("eve")
    client = places.client(ben, version)
    one, _ = handshake(client, places.server)
    again, server = handshake(client, places.server, session=one.session)
    assert again.session_reused
    assert shown(server) == fingerprint(ben)
    bare = places.client(None, version)
    none, _ = handshake(bare, places.server)
    _, server = handshake(bare, places.server, session=none.session)
    assert shown(server) == ""
    _, server = handshake(places.client(eve, version), places.server)
    assert shown(server) == fingerprint(eve)


def test_nobody_shows_another_one_later(places: Places) -> None:
    """Neither by a new handshake (TLS 1.2) nor behind it (TLS 1.3)."""
    assert places.server.options & ssl.OP_NO_RENEGOTIATION
    assert not places.server.post_handshake_auth


async def test_an_account_is_whose_key_it_is_whatever_the_certificate_says(
    tmp_path: Path,
) -> None:
    places = Places(tmp_path)
    old, eve = places.make("old", -30, -1), places.make("eve")
    copy = put(tmp_path / "copy", *signed(eve, tmp_path, like=old))
    certificate, key = signed(old, tmp_path)
    chain = put(tmp_path / "chain", certificate + old.certificate.read_bytes(), key)
    large = put(tmp_path / "large", *signed(eve, tmp_path, size=MAX_CERTIFICATE_BYTES))
    certificates = FileCertificates(
        places.files.certificate, places.files.key, lambda: datetime.now(UTC)
    )
    async with serving(
        passwords=CheapPasswords(), certificates=certificates, tls=places.files.client()
    ) as server:
        ada = await IrcClient.connect(server, places.client(old))
        ada.says("NICK ada", "USER a 0 * :A")
        await ada.until(" 422 ")
        await ada.asks(f'NS REGISTER "{PASSWORD}"')
        assert any("connection's" in line for line in await ada.asks(f"NS CERT ADD {PASSWORD}"))
        for files, numeric in ((old, " 900 "), (copy, " 904 "), (chain, " 904 "), (eve, " 904 ")):
            client = await IrcClient.connect(server, places.client(files))
            client.says("CAP REQ :sasl", "AUTHENTICATE EXTERNAL", "AUTHENTICATE +")
            await client.until(numeric)
        client = await IrcClient.connect(server, places.client(large))
        with pytest.raises((ssl.SSLError, ConnectionError, AssertionError)):
            await client.asks("NICK zoe", "USER z 0 * :Z")
        assert await ada.hears() == []
