"""The settings of a single sign-on: what contradicts is refused, and the secret is a secret."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from hubbub.config.secretfile import MAX_BYTES, SecretRefused, read_secret
from hubbub.setting import names
from tests.process import ServerProcess, clean_environment

ISSUER = "https://id.example.org"
PUBLIC = "https://chat.example.org"
SECRET = "s3cret: and/signs"


def refusal(tmp_path: Path, **settings: str) -> str:
    """What a server with these settings says, which does not start."""
    environment = {f"HUBBUB_{name.upper()}": value for name, value in settings.items()}
    done = subprocess.run(
        [sys.executable, "-m", "hubbub", "serve", "--port", "0", "--data", str(tmp_path / "data")],
        env={**clean_environment(), **environment},
        capture_output=True,
        text=True,
        check=False,
        cwd=tmp_path,
        timeout=60,
    )
    assert done.returncode == 2
    return done.stderr


@pytest.mark.parametrize(
    "settings, says",
    [
        ({"sign_on_issuer": ISSUER, "public_url": PUBLIC}, "needs --sign-on-client-id"),
        ({"sign_on_issuer": ISSUER, "sign_on_client_id": "hubbub"}, "needs --public-url"),
        ({"sign_on_client_id": "hubbub"}, "is for --sign-on-issuer"),
        ({"sign_on_issuer": "http://id.example.org"}, "https://"),
        ({"public_url": "https://chat.example.org/path"}, "without a path"),
        ({"sign_on_secret_file": "nowhere"}, "There is no such file"),
    ],
)
def test_settings_that_cannot_be_together_are_refused(
    tmp_path: Path, settings: dict[str, str], says: str
) -> None:
    assert says in refusal(tmp_path, **settings)


def test_a_server_with_a_secret_that_others_may_read_does_not_start(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text(SECRET)
    secret.chmod(0o644)
    flags = ("--sign-on-issuer", ISSUER, "--sign-on-client-id", "hubbub", "--public-url", PUBLIC)
    server = ServerProcess(tmp_path / "data", *flags, "--sign-on-secret-file", str(secret))
    said = server.refuses_to_start()
    assert f"chmod 600 {secret}" in said
    assert SECRET not in said


def test_the_secret_is_one_line_of_a_file(tmp_path: Path) -> None:
    file = tmp_path / "secret"
    file.touch(mode=0o600)
    for data in (SECRET, f"{SECRET}\n", f"  {SECRET}\r\n\n"):
        file.write_text(data)
        assert read_secret(file) == SECRET
    for wrong in (b"", b"\n", b"two\nlines", b"\xff", b"x" * (MAX_BYTES + 1)):
        file.write_bytes(wrong)
        with pytest.raises(SecretRefused, match="in one line"):
            read_secret(file)


@pytest.mark.skipif(os.name != "posix", reason="there are no modes")
def test_a_secret_that_others_may_read_or_change_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "secret"
    file.write_text(SECRET)
    for mode in (0o644, 0o604, 0o602):
        file.chmod(mode)
        with pytest.raises(SecretRefused, match="chmod 600") as refused:
            read_secret(file)
        assert SECRET not in str(refused.value)
    file.chmod(0o400)
    assert read_secret(file) == SECRET


def test_a_file_that_cannot_be_read_is_told_of(tmp_path: Path) -> None:
    with pytest.raises(SecretRefused, match="cannot be read"):
        read_secret(tmp_path / "nowhere")


@pytest.mark.parametrize(
    "good",
    [
        "https://id.example.org",
        "https://id.example.org/realms/team",
        "https://id.example.org:8443/application/o/hubbub/",
        "https://[2001:db8::1]/x",
        "http://localhost:8080",
        "http://127.0.0.1:8080/realms/x",
    ],
)
def test_a_provider_has_an_address(good: str) -> None:
    assert names.issuer(good) == good


@pytest.mark.parametrize(
    "bad",
    [
        "id.example.org",
        "http://id.example.org",
        "https://",
        "https://id.example.org?x",
        "https://id.example.org/#x",
        "https://ada@id.example.org",
        "https://id.example.org/a b",
        "javascript:alert(1)",
    ],
)
def test_what_is_no_address_of_a_provider_is_refused(bad: str) -> None:
    with pytest.raises(ValueError, match=r"^$|https"):
        names.issuer(bad)
