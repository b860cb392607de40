"""From README.md to a server that runs, on a Debian that nobody has used (`check.py --long`)."""

from __future__ import annotations

import hashlib
import os
import signal
import socket
import ssl
import time
import urllib.request
from collections.abc import Iterator

import pytest

from tests.conftest import LONG
from tests.patience import PATIENCE_SECONDS, wait_until
from tests.scenarios.debian import Debian, ServerInDebian, fresh_debian, why_not

pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(3600),
    pytest.mark.skipif(not LONG, reason="takes minutes: check.py --long"),
    pytest.mark.skipif(bool(why_not()), reason=why_not()),
]

FOLDER = "/home/ada/hubbub"
MOST_EXPOSED = 15  # as in tests/test_hosting.py


@pytest.fixture(scope="module")
def debian() -> Iterator[Debian]:
    with fresh_debian() as made:
        yield made


@pytest.fixture(scope="module")
def server(debian: Debian) -> Iterator[ServerInDebian]:
    """Step 1 and 3 of README.md, by ada; and another port, as the test shares the computer's."""
    debian.run("git clone --quiet /srv/hubbub.git hubbub")
    assert "Ready after" in debian.run("python3 server.py --version", folder=FOLDER)
    words = ("python3", "server.py", "--port", "0", "--tls", "auto")
    with ServerInDebian(debian, FOLDER, *words) as running:
        yield running


def said(server: ServerInDebian, name: str, *lines: str) -> str:
    """What somebody with a bare socket is shown, who says these lines."""
    with socket.create_connection(server.address, PATIENCE_SECONDS) as sock:
        sock.settimeout(PATIENCE_SECONDS)
        heard = b""
        for line in (name, "General", *lines):
            sock.sendall(f"{line}\n".encode())
        while not lines or f"{name}: {lines[-1]}".encode() not in heard:
            more = sock.recv(65536)
            assert more, heard
            heard += more
        return heard.decode()


def test_the_first_start_says_how_to_come_in(server: ServerInDebian) -> None:
    server.tells(f"To chat, open http://127.0.0.1:{server.port}/ in a browser, or run: python")


def test_the_clients_of_the_readme_find_it(debian: Debian, server: ServerInDebian) -> None:
    said(server, "ben", "Hello from netcat.")
    at = f"127.0.0.1:{server.port}"
    send = f".venv/bin/hubbub send General 'Hello from a script.' --server {at}"
    debian.run(send, folder=FOLDER)
    tail = debian.run(f".venv/bin/hubbub tail General -n 10 --server {at}", folder=FOLDER)
    assert "Hello from netcat." in tail
    assert "Hello from a script." in tail
    nc = f"printf 'eve\\nGeneral\\nHi all.\\n' | timeout 10 nc -q 3 127.0.0.1 {server.port}"
    assert "eve: Hi all." in debian.run(nc, folder=FOLDER)
    with urllib.request.urlopen(f"http://{at}/healthz", timeout=PATIENCE_SECONDS) as answer:
        assert answer.status == 200


def fingerprint(server: ServerInDebian) -> bytes:
    """Of the certificate that is shown to who encrypts."""
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    with (
        socket.create_connection(server.address, PATIENCE_SECONDS) as sock,
        context.wrap_socket(sock, server_hostname="localhost") as encrypted,
    ):
        certificate = encrypted.getpeercert(binary_form=True)
    assert certificate
    return hashlib.sha256(certificate).digest()


def test_it_encrypts_by_a_certificate_of_its_own(server: ServerInDebian) -> None:
    server.tells("with TLS and without")
    assert fingerprint(server)


def test_it_gets_an_owner(debian: Debian, server: ServerInDebian) -> None:
    server.tells("hubbub admin owner NAME")
    admin = ".venv/bin/hubbub admin"
    debian.run(f"echo 'correct horse 7' | {admin} add-user ada --password-stdin", folder=FOLDER)
    debian.run(f"{admin} owner ada", folder=FOLDER)
    assert "ada owns this server" in debian.run(f"{admin} owner", folder=FOLDER)


def test_it_is_backed_up_while_it_runs_and_restored(debian: Debian, server: ServerInDebian) -> None:
    said(server, "ben", "This is worth keeping.")
    debian.run(".venv/bin/hubbub admin backup ~/backups", folder=FOLDER)
    debian.run(
        "for file in ~/backups/*.backup; do "
        '.venv/bin/hubbub admin verify "$file" && '
        '.venv/bin/hubbub admin restore "$file" --data ~/restored; done',
        folder=FOLDER,
    )
    with ServerInDebian(
        debian, FOLDER, "python3", "server.py", "--port", "0", "--data", "../restored"
    ) as restored:
        at = f"127.0.0.1:{restored.port}"
        tail = debian.run(f".venv/bin/hubbub tail General --server {at}", folder=FOLDER)
        assert "This is worth keeping." in tail


def test_it_is_upgraded_in_place(debian: Debian, server: ServerInDebian) -> None:
    """docs/upgrading.md."""
    lock = server.data / "hubbub.lock"
    old, before, shown = lock.read_text(), len(server.output), fingerprint(server)
    debian.run("git pull --quiet && python3 server.py --version", folder=FOLDER)
    os.kill(int(old), signal.SIGUSR2)
    server.tells("Listening on", after=before)
    wait_until(lambda: lock.read_text() != old)
    assert "hello again" in said(server, "ben", "hello again")
    assert fingerprint(server) == shown


def test_it_becomes_a_service(debian: Debian) -> None:
    """docs/hosting.md, but for systemd itself, which a chroot has not."""
    debian.run_as_root("git clone --quiet /srv/hubbub.git /opt/hubbub")
    version = debian.run_as_root("/usr/bin/python3 /opt/hubbub/server.py --version")
    assert "CPython 3.11" in version
    debian.run_as_root("cp /opt/hubbub/deploy/systemd/hubbub.* /etc/systemd/system/")
    verified = debian.run_as_root(
        "systemd-analyze verify --man=no /etc/systemd/system/hubbub.service "
        "/etc/systemd/system/hubbub.socket 2>&1"
    )
    assert "hubbub" not in verified
    debian.run_as_root(
        f"systemd-analyze security --offline=true --threshold={MOST_EXPOSED} "
        "/etc/systemd/system/hubbub.service"
    )
    assert debian.run("/opt/hubbub/.venv/bin/hubbub --version") == version.splitlines()[-1] + "\n"


def test_it_ends_in_order(server: ServerInDebian) -> None:
    owner = int((server.data / "hubbub.lock").read_text())
    os.kill(owner, signal.SIGTERM)
    began = time.monotonic()
    wait_until(lambda: not _lives(owner))
    assert time.monotonic() - began < PATIENCE_SECONDS


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True
