"""The documented configurations of nginx and Caddy, as they stand in docs/proxies, with TLS."""

from __future__ import annotations

import contextlib
import os
import random
import shutil
import signal
import socket
import ssl
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from tests.patience import PATIENCE_SECONDS
from tests.process import ROOT, ServerProcess

NAME = "chat.example.org"


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A certificate and its key."""
    if shutil.which("openssl") is None:
        pytest.skip("there is no openssl here")
    folder = tmp_path_factory.mktemp("tls")
    pair = folder / "chat.crt", folder / "chat.key"
    subprocess.run(
        [
            *("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"),
            *(
                "-nodes",
                "-days",
                "1",
                "-subj",
                f"/CN={NAME}",
                "-addext",
                f"subjectAltName=DNS:{NAME}",
            ),
            *("-out", pair[0], "-keyout", pair[1]),
        ],
        check=True,
        capture_output=True,
    )
    return pair


@pytest.fixture
def server(tmp_path: Path) -> Iterator[ServerProcess]:
    with ServerProcess(tmp_path / "data", "--allowed-hosts", NAME) as server:
        yield server


def free_port() -> int:
    """A port below those that the system gives to connections by itself."""
    while True:
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind(("127.0.0.1", random.randint(15_000, 30_000)))
            return int(probe.getsockname()[1])


@contextmanager
def running(command: list[str | Path], port: int, folder: Path) -> Iterator[None]:
    """A proxy, from when it listens on."""
    log = folder / "proxy.log"
    with log.open("wb") as out:
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=out,
            env={**os.environ, "HOME": str(folder), "XDG_DATA_HOME": str(folder)},
        )
    try:
        deadline = time.monotonic() + PATIENCE_SECONDS
        while True:
            try:
                socket.create_connection(("127.0.0.1", port), 1).close()
                break
            except OSError:
                assert process.poll() is None, log.read_text()
                assert time.monotonic() < deadline, log.read_text()
                time.sleep(0.05)
        yield
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(PATIENCE_SECONDS)


@contextmanager
def nginx(
    server: ServerProcess, certificate: tuple[Path, Path], folder: Path, **changed: str
) -> Iterator[int]:
    program = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")
    if program is None:
        pytest.skip("there is no nginx here: sudo apt install nginx-light")
    port = free_port()
    site = (ROOT / "docs" / "proxies" / "nginx.conf").read_text()
    crt, key = certificate
    for old, new in {
        "listen 443": f"listen 127.0.0.1:{port}",
        "127.0.0.1:8080": f"127.0.0.1:{server.port}",
        "/etc/ssl/chat.example.org.crt": str(crt),
        "/etc/ssl/chat.example.org.key": str(key),
        **changed,
    }.items():
        assert old in site
        site = site.replace(old, new)
    temporary = "".join(
        f"{kind}_temp_path {folder};\n"
        for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    config = folder / "nginx.conf"
    config.write_text(
        f"daemon off; pid {folder}/pid; error_log stderr;\nevents {{}}\n"
        f"http {{ access_log off;\n{temporary}{site} }}\n"
    )
    command: list[str | Path] = [program, "-p", folder, "-e", "stderr", "-c", config]
    with running(command, port, folder):
        yield port


@contextmanager
def caddy(
    server: ServerProcess, certificate: tuple[Path, Path], folder: Path, **changed: str
) -> Iterator[int]:
    program = shutil.which("caddy")
    if program is None:
        pytest.skip("there is no caddy here: sudo apt install caddy")
    port = free_port()
    site = (ROOT / "docs" / "proxies" / "Caddyfile").read_text()
    crt, key = certificate
    site = site.replace(
        f"{NAME} {{", f"https://{NAME}:{port} {{\n\tbind 127.0.0.1\n\ttls {crt} {key}"
    )
    for old, new in {"127.0.0.1:8080": f"127.0.0.1:{server.port}", **changed}.items():
        assert old in site
        site = site.replace(old, new)
    config = folder / "Caddyfile"
    config.write_text("{\n\tadmin off\n\tauto_https disable_redirects\n}\n" + site)
    command: list[str | Path] = [program, "run", "--adapter", "caddyfile", "--config", config]
    with running(command, port, folder):
        yield port


PROXIES = pytest.mark.parametrize("proxy", [nginx, caddy], ids=["nginx", "caddy"])


def trusting(certificate: tuple[Path, Path]) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=str(certificate[0]))


def welcome(port: int, certificate: tuple[Path, Path], name: str = NAME, **headers: str) -> str:
    """What the server says to somebody who comes through the proxy, as a browser would come."""
    with connect(
        f"wss://{name}/ws",
        sock=socket.create_connection(("127.0.0.1", port)),
        ssl=trusting(certificate),
        server_hostname=NAME,
        proxy=None,
        additional_headers={key.replace("_", "-"): value for key, value in headers.items()},
    ) as client:
        client.send('{"type":"hello","user":"ada"}')
        return str(client.recv(PATIENCE_SECONDS))


def get(port: int, certificate: tuple[Path, Path], path: str, **headers: str) -> bytes:
    fields = "".join(f"{key.replace('_', '-')}: {value}\r\n" for key, value in headers.items())
    with (
        socket.create_connection(("127.0.0.1", port)) as plain,
        trusting(certificate).wrap_socket(plain, server_hostname=NAME) as safe,
    ):
        head = f"GET {path} HTTP/1.1\r\nHost: {NAME}\r\nConnection: close\r\n{fields}\r\n"
        safe.sendall(head.encode())
        with safe.makefile("rb") as answer:
            return answer.read()


@PROXIES
def test_the_page_chats_through_the_documented_proxy(
    proxy: object, server: ServerProcess, certificate: tuple[Path, Path], tmp_path: Path
) -> None:
    with proxy(server, certificate, tmp_path) as port:  # type: ignore[operator]
        assert '"welcome"' in welcome(port, certificate, Origin=f"https://{NAME}")
        # Where the port is an odd one, it is in both.
        here = f"{NAME}:{port}"
        assert '"welcome"' in welcome(port, certificate, here, Origin=f"https://{here}")
        assert '"welcome"' in welcome(port, certificate)
        assert b"<hub-app>" in get(port, certificate, "/")
        assert f"wss://{NAME}/ws".encode() in get(port, certificate, "/join")
        assert f"hubbub chat https://{NAME}<".encode() in get(port, certificate, "/join")
        assert b'"rooms"' in get(port, certificate, "/api/rooms", Sec_Fetch_Site="same-origin")


@PROXIES
def test_pages_of_other_sites_are_refused_behind_a_proxy_too(
    proxy: object, server: ServerProcess, certificate: tuple[Path, Path], tmp_path: Path
) -> None:
    with proxy(server, certificate, tmp_path) as port:  # type: ignore[operator]
        for origin, site in (
            ("https://evil.example", {}),
            ("https://www.chat.example.org", {}),
            ("null", {}),
            (f"https://{NAME}:444", {"Sec_Fetch_Site": "same-site"}),
        ):
            with pytest.raises(InvalidStatus) as refused:
                welcome(port, certificate, Origin=origin, **site)
            assert refused.value.response.status_code == 403
        answer = get(port, certificate, "/api/rooms", Sec_Fetch_Site="cross-site")
        assert answer.startswith(b"HTTP/1.1 403 ")
        server.tells("allowed-origins")
        assert b"403" in get(port, certificate, "/metrics")[:20]


@pytest.mark.parametrize("host", ["$host", "$host:$server_port", "127.0.0.1:8080"])
def test_what_else_nginx_may_make_of_the_host_works_where_it_can(
    host: str, server: ServerProcess, certificate: tuple[Path, Path], tmp_path: Path
) -> None:
    with nginx(server, certificate, tmp_path, **{"$http_host": host}) as port:
        here = f"https://{NAME}:{port}"
        marked = {"Origin": here, "Sec_Fetch_Site": "same-origin"}
        assert '"welcome"' in welcome(port, certificate, f"{NAME}:{port}", **marked)
        if host.startswith("$"):  # nothing of the page's name is left otherwise
            assert '"welcome"' in welcome(port, certificate, f"{NAME}:{port}", Origin=here)
            return
        with pytest.raises(InvalidStatus) as refused:
            welcome(port, certificate, f"{NAME}:{port}", Origin=here)
        assert b"the proxy must pass on the Host header" in refused.value.response.body
        why = get(port, certificate, f"/doors.json?origin={here}")
        assert b"the proxy must pass on the Host header" in why
