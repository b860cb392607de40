"""Certificates of clients: whoever has one may show it, whoever has signed it; nobody needs one."""

from __future__ import annotations

import hashlib
import ssl

import pytest

from hubbub.server.tls import showing
from hubbub.server.tls.contexts import ACME, HTTP, ServerContext, server_context
from hubbub.server.tls.layer import ASKS_FOR_HTTP
from tests.certificates import Files, make_certificate

VERSIONS = [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3]
Places = tuple[ServerContext, Files, Files]


@pytest.fixture(scope="module")
def places(tmp_path_factory: pytest.TempPathFactory) -> Places:
    """The server, its files, and those of a client whom nobody knows."""
    folder = tmp_path_factory.mktemp("showing")
    for name in ("server", "client"):
        (folder / name).mkdir()
    files = make_certificate(folder / "server")
    context = server_context(files.certificate, files.key)
    if context.asking is None:
        pytest.skip("this Python does not let its OpenSSL be called")
    return context, files, make_certificate(folder / "client", "somebody")


def shaken(client: ssl.SSLContext, server: ssl.SSLContext) -> ssl.SSLObject:
    """The server's side of a handshake that is done."""
    to_client, to_server = ssl.MemoryBIO(), ssl.MemoryBIO()
    one = client.wrap_bio(to_client, to_server, server_hostname="localhost")
    other = server.wrap_bio(to_server, to_client, server_side=True)
    done: set[ssl.SSLObject] = set()
    for _ in range(6):
        for side in (one, other):
            try:
                side.do_handshake()
            except ssl.SSLWantReadError:
                continue
            done.add(side)
    assert done == {one, other}
    return other


def fingerprint(files: Files) -> str:
    der = ssl.PEM_cert_to_DER_cert(files.certificate.read_text())
    return hashlib.sha256(der).hexdigest()


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("has_one", [True, False])
def test_a_client_shows_a_certificate_if_it_has_one(
    places: Places, version: ssl.TLSVersion, has_one: bool
) -> None:
    context, files, theirs = places
    assert context.asking is not None
    client = files.client()
    client.minimum_version = client.maximum_version = version
    if has_one:
        client.load_cert_chain(theirs.certificate, theirs.key)
    shown = shaken(client, context.asking).getpeercert(binary_form=True)
    if has_one:
        assert shown is not None
        assert hashlib.sha256(shown).hexdigest() == fingerprint(theirs)
    else:
        assert shown is None


def test_who_is_not_asked_shows_none(places: Places) -> None:
    context, files, theirs = places
    client = files.client()
    client.load_cert_chain(theirs.certificate, theirs.key)
    assert shaken(client, context).getpeercert(binary_form=True) is None


def test_a_browser_is_known_by_the_protocol_that_it_asks_for(places: Places) -> None:
    _, files, _ = places
    for protocols, known in ((["h2", HTTP], True), ([HTTP], True), (["irc"], False), ([], False)):
        client, said = files.client(), ssl.MemoryBIO()
        if protocols:
            client.set_alpn_protocols(protocols)
        with pytest.raises(ssl.SSLWantReadError):
            client.wrap_bio(ssl.MemoryBIO(), said, server_hostname="localhost").do_handshake()
        assert (ASKS_FOR_HTTP in said.read()) is known


def test_nobody_is_asked_in_a_challenge(places: Places) -> None:
    _, files, _ = places
    assert server_context(files.certificate, files.key, alpn=ACME).asking is None


def test_where_openssl_cannot_be_called_nobody_is_asked(
    places: Places, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, files, _ = places
    monkeypatch.setattr(showing, "_functions", lambda: None)
    context = server_context(files.certificate, files.key)
    assert context.asking is None
    assert shaken(files.client(), context).getpeercert(binary_form=True) is None
