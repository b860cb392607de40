"""Runs nginx, Caddy and HAProxy with the files in docs/proxies, ports and names replaced."""

from __future__ import annotations

import contextlib
import json
import os
import random
import shutil
import signal
import socket
import ssl
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.certificates import Files, make_certificate
from tests.patience import PATIENCE_SECONDS
from tests.process import ROOT, ServerProcess
from tests.server.one_thread import OneThread

FOLDER = ROOT / "docs" / "proxies"
NAME = "chat.example.org"
BELOW = "www.example.org"
"""The name in the configurations below a path."""

STREAM_MODULE = Path("/usr/lib/nginx/modules/ngx_stream_module.so")


@dataclass
class Behind:
    """What a proxy is given: where the server is, its certificate, and a folder of its own.

    ``changed``: what else is replaced in its configuration.
    """

    upstream: str
    files: Files
    folder: Path
    changed: dict[str, str]

    @property
    def both(self) -> Path:
        """The certificate and its key in one file."""
        path = self.folder / "both.pem"
        path.write_bytes(self.files.certificate.read_bytes() + self.files.key.read_bytes())
        return path


Proxy = Callable[[Behind], AbstractContextManager[list[int]]]
"""Starts one; gives its ports, in the order in which they are in the file."""


def certificate(folder: Path) -> Files:
    return make_certificate(folder, NAME, BELOW)


def free_port() -> int:
    """A port below those that the system gives to connections by itself."""
    while True:
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind(("127.0.0.1", random.randint(15_000, 30_000)))
            return int(probe.getsockname()[1])


def address_of_this_computer() -> str:
    """One that is not loopback's: by that, and by loopback, there are two clients here."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))  # nothing is sent (RFC 5737: it is nobody's)
            found = str(probe.getsockname()[0])
        except OSError:
            found = "127.0.0.1"
    if found.startswith("127."):
        pytest.skip("this computer has no address but loopback's")
    return found


def connected(port: int, address: str = "127.0.0.1") -> socket.socket:
    """A connection from ``address``."""
    return socket.create_connection(("127.0.0.1", port), PATIENCE_SECONDS, (address, 0))


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


def _program(name: str, package: str) -> str:
    found = shutil.which(name) or shutil.which(name, path="/usr/sbin")
    if found is None:
        pytest.skip(f"there is no {name} here: sudo apt install {package}")
    return found


def _text(name: str, replaced: dict[str, str]) -> str:
    text = (FOLDER / name).read_text()
    for old, new in replaced.items():
        assert old in text, old
        text = text.replace(old, new)
    return text


def _nginx(name: str, listen: str, behind: Behind) -> Iterator[list[int]]:
    program = _program("nginx", "nginx-light")
    port, folder = free_port(), behind.folder
    host = BELOW if "prefix" in name else NAME
    site = _text(
        name,
        {
            f"listen {listen}": f"listen 127.0.0.1:{port}",
            "127.0.0.1:8080": behind.upstream,
            f"/etc/ssl/{host}.crt": str(behind.files.certificate),
            f"/etc/ssl/{host}.key": str(behind.files.key),
            **behind.changed,
        },
    )
    if "stream {" not in site:
        temporary = "".join(
            f"{kind}_temp_path {folder};\n"
            for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
        )
        site = f"http {{ access_log off;\n{temporary}{site} }}\n"
    elif STREAM_MODULE.exists():
        site = f"load_module {STREAM_MODULE};\n{site}"
    else:
        pytest.skip("this nginx has no streams: sudo apt install libnginx-mod-stream")
    modules, rest = site.split("\n", 1) if site.startswith("load_module") else ("", site)
    config = folder / "nginx.conf"
    # Its workers are others than who has started it, who owns the Unix socket.
    user = "user root root;" if os.geteuid() == 0 else ""
    config.write_text(
        f"{modules}\n{user} daemon off; pid {folder}/pid; error_log stderr;\nevents {{}}\n{rest}"
    )
    command: list[str | Path] = [program, "-p", folder, "-e", "stderr", "-c", config]
    with running(command, port, folder):
        yield [port]


@contextmanager
def nginx(behind: Behind) -> Iterator[list[int]]:
    yield from _nginx("nginx.conf", "443", behind)


@contextmanager
def nginx_below(behind: Behind) -> Iterator[list[int]]:
    yield from _nginx("nginx-prefix.conf", "443", behind)


@contextmanager
def nginx_stream(behind: Behind) -> Iterator[list[int]]:
    yield from _nginx("nginx-stream.conf", "6697", behind)


def _caddy(name: str, behind: Behind) -> Iterator[list[int]]:
    program = _program("caddy", "caddy")
    port, files = free_port(), behind.files
    host = BELOW if "prefix" in name else NAME
    site = _text(
        name,
        {
            f"\n{host} {{": f"\nhttps://{host}:{port} {{\n\tbind 127.0.0.1\n"
            f"\ttls {files.certificate} {files.key}",
            "reverse_proxy 127.0.0.1:8080": "reverse_proxy "
            + behind.upstream.replace("unix:", "unix/"),
            **behind.changed,
        },
    )
    config = behind.folder / "Caddyfile"
    config.write_text("{\n\tadmin off\n\tauto_https disable_redirects\n}\n" + site)
    command: list[str | Path] = [program, "run", "--adapter", "caddyfile", "--config", config]
    with running(command, port, behind.folder):
        yield [port]


@contextmanager
def caddy(behind: Behind) -> Iterator[list[int]]:
    yield from _caddy("Caddyfile", behind)


@contextmanager
def caddy_below(behind: Behind) -> Iterator[list[int]]:
    yield from _caddy("Caddyfile-prefix", behind)


def _haproxy(name: str, behind: Behind) -> Iterator[list[int]]:
    program = _program("haproxy", "haproxy")
    host = BELOW if "prefix" in name else NAME
    ports = {"bind :443": free_port()}
    if "prefix" not in name:
        ports["bind :6697"] = free_port()
    text = _text(
        name,
        {
            **{old: f"bind 127.0.0.1:{port}" for old, port in ports.items()},
            f"/etc/ssl/{host}.pem": str(behind.both),
            "hubbub 127.0.0.1:8080": "hubbub " + behind.upstream.replace("unix:", "unix@"),
            **behind.changed,
        },
    )
    config = behind.folder / "haproxy.cfg"
    # A port that another one has taken meanwhile is not to be shared with it.
    config.write_text(f"global\n    noreuseport\n{text}")
    with running([program, "-db", "-f", config], ports["bind :443"], behind.folder):
        yield list(ports.values())


@contextmanager
def haproxy(behind: Behind) -> Iterator[list[int]]:
    yield from _haproxy("haproxy.cfg", behind)


@contextmanager
def haproxy_below(behind: Behind) -> Iterator[list[int]]:
    yield from _haproxy("haproxy-prefix.cfg", behind)


def wrapped(files: Files, plain: socket.socket, name: str = NAME) -> ssl.SSLSocket:
    """TLS over a connection."""
    return files.client().wrap_socket(plain, server_hostname=name)


LOOPBACK = "127.0.0.1"
TRUSTING = ("--allowed-hosts", f"{NAME},{BELOW}", "--trusted-proxies", "127.0.0.1,unix")


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Files:
    return certificate(tmp_path_factory.mktemp("tls"))


class World:
    """A server and the proxy before it. ``host``: by which name it is known there."""

    def __init__(self, server: ServerProcess, ports: list[int], files: Files) -> None:
        self.server = server
        self.port = ports[0]
        self.ports = ports
        self.files = files
        self.host = NAME
        self.prefix = ""

    def web(self, name: str = "", address: str = LOOPBACK, **headers: str) -> OneThread:
        """A WebSocket from ``address``, as a browser would open it."""
        return OneThread(
            wrapped(self.files, connected(self.port, address), self.host),
            f"wss://{name or self.host}{self.prefix}/ws",
            {key.replace("_", "-"): value for key, value in headers.items()},
        )

    def welcome(self, name: str = "", **headers: str) -> str:
        """What the server says to somebody who comes through the proxy."""
        with self.web(name, **headers) as client:
            return said(client, type="hello", user="ada")

    def get(self, path: str, address: str = LOOPBACK, **headers: str) -> bytes:
        fields = "".join(f"{key.replace('_', '-')}: {value}\r\n" for key, value in headers.items())
        with wrapped(self.files, connected(self.port, address), self.host) as safe:
            head = f"GET {path} HTTP/1.1\r\nHost: {self.host}\r\nConnection: close\r\n{fields}\r\n"
            safe.sendall(head.encode())
            with safe.makefile("rb") as answer:
                return answer.read()


def said(client: OneThread, **command: Any) -> str:
    """The answer to a command."""
    client.send(json.dumps({**command, "id": 1}))
    while True:
        frame = client.recv()
        if '"re":1' in frame or '"type":"bye"' in frame:
            return frame


class Makes:
    """Starts servers and proxies that end with the test."""

    def __init__(self, stack: ExitStack, folder: Path, files: Files) -> None:
        self._stack = stack
        self._folder = folder
        self._files = files

    def __call__(
        self,
        proxy: Proxy,
        *flags: str,
        server: ServerProcess | None = None,
        socket: bool = False,
        changed: dict[str, str] | None = None,
    ) -> World:
        """``server``: before which the proxy is; else a new one, with ``flags``."""
        if server is None:
            server = self._stack.enter_context(serving(self._folder, *flags))
        upstream = f"unix:{socket_of(server)}" if socket else f"127.0.0.1:{server.port}"
        (folder := self._folder / "proxy").mkdir()
        ports = self._stack.enter_context(
            proxy(Behind(upstream, self._files, folder, changed or {}))
        )
        return World(server, ports, self._files)


def serving(folder: Path, *flags: str) -> ServerProcess:
    """A server that trusts the proxies here, and has a Unix socket, too."""
    at = str(folder / "hubbub.sock")
    return ServerProcess(folder / "data", *TRUSTING, "--socket", at, *flags)


def socket_of(server: ServerProcess) -> Path:
    return server.data.parent / "hubbub.sock"


@pytest.fixture
def behind(tmp_path: Path, files: Files) -> Iterator[Makes]:
    with ExitStack() as stack:
        yield Makes(stack, tmp_path, files)
