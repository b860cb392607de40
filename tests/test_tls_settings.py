"""The settings of TLS: what contradicts is refused, and what the server says of itself."""

from __future__ import annotations

import socket
import ssl
from pathlib import Path

import pytest

from tests.certificates import Files, make_certificate
from tests.process import ServerProcess
from tests.test_sign_on_settings import refusal


@pytest.fixture
def files(tmp_path: Path) -> Files:
    return make_certificate(tmp_path)


@pytest.mark.parametrize(
    "settings, says",
    [
        ({"tls_cert": "certificate.pem"}, "needs --tls-key, too"),
        ({"tls_key": "key.pem"}, "needs --tls-cert, too"),
        ({"tls_cert": "certificate.pem", "tls_key": "key.pem", "tls": "off"}, "is of no use"),
        ({"tls_cert": "certificate.pem", "tls_key": "key.pem", "tls": "auto"}, "--tls on"),
        (
            {"tls_cert": "certificate.pem", "tls_key": "key.pem", "tls_domain": "example.org"},
            "are two certificates",
        ),
        ({"acme_email": "ada@example.org"}, "is for --tls-domain"),
        (
            {"irc_tls_port": "6697"},
            "(in the environment) needs encryption: --tls-cert",
        ),
        (
            {"irc_sts_days": "30", "tls": "off"},
            "needs encryption: --tls-cert, --tls-domain or --tls auto",
        ),
    ],
)
def test_settings_that_cannot_be_together_are_refused(
    tmp_path: Path, files: Files, settings: dict[str, str], says: str
) -> None:
    assert says in refusal(tmp_path, **settings)


def flags(files: Files) -> tuple[str, ...]:
    return ("--tls-cert", str(files.certificate), "--tls-key", str(files.key))


def test_a_server_with_a_key_that_others_may_read_does_not_start(
    tmp_path: Path, files: Files
) -> None:
    files.key.chmod(0o644)
    server = ServerProcess(tmp_path / "data", *flags(files))
    assert "Others on this computer can read the key in" in server.refuses_to_start()


def test_a_server_with_a_certificate_says_that_it_encrypts(tmp_path: Path, files: Files) -> None:
    with (
        ServerProcess(tmp_path / "data", *flags(files)) as server,
        socket.create_connection(server.address) as plain,
        files.client().wrap_socket(plain, server_hostname="localhost") as client,
    ):
        assert any("with TLS" in line for line in server.output)
        client.sendall(b"ada\n")
        assert client.recv(100).startswith(b"Available rooms:")
        assert isinstance(client, ssl.SSLSocket)
