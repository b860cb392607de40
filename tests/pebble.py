"""An ACME server of a test's own: Pebble, and the names that it looks up, all at 127.0.0.1."""

from __future__ import annotations

import json
import os
import shutil
import socket
import ssl
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from tests.certificates import make_certificate
from tests.patience import PATIENCE_SECONDS

LOOK_EVERY = 0.05

needs_pebble = pytest.mark.skipif(
    not (shutil.which("pebble") and shutil.which("pebble-challtestsrv")),
    reason="pebble is not installed",
)


class Pebble:
    """``ours`` is the port that it connects to, to see whether a name leads there."""

    def __init__(self, folder: Path, ours: int, *, tls: bool = True, http: bool = True) -> None:
        """Without ``tls`` or ``http``, that kind of challenge finds nobody."""
        self._folder = folder
        folder.mkdir(exist_ok=True)
        self.files = make_certificate(folder, "localhost", "127.0.0.1")
        self.ours = ours
        nobody = 1
        self._ports = (ours if tls else nobody, ours if http else nobody)
        self.port, self._management, self._names, self._control = free_ports(4)
        self._stack = ExitStack()

    @property
    def directory(self) -> str:
        return f"https://127.0.0.1:{self.port}/dir"

    @property
    def trusted_by(self) -> dict[str, str]:
        """The environment of who trusts it."""
        return {"SSL_CERT_FILE": str(self.files.certificate)}

    def __enter__(self) -> Pebble:
        config = self._folder / "pebble.json"
        config.write_text(
            json.dumps(
                {
                    "pebble": {
                        "listenAddress": f"127.0.0.1:{self.port}",
                        "managementListenAddress": f"127.0.0.1:{self._management}",
                        "certificate": str(self.files.certificate),
                        "privateKey": str(self.files.key),
                        "tlsPort": self._ports[0],
                        "httpPort": self._ports[1],
                    }
                }
            )
        )
        names = f"127.0.0.1:{self._names}"
        off = ("-http01", "", "-https01", "", "-tlsalpn01", "")
        self._stack.enter_context(
            running(
                *("pebble-challtestsrv", "-defaultIPv4", "127.0.0.1", "-defaultIPv6", ""),
                *("-dns01", names, "-management", f"127.0.0.1:{self._control}", *off),
            )
        )
        self._stack.enter_context(
            running("pebble", "-config", str(config), "-dnsserver", names, "-strict")
        )
        self._until_it_answers()
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def root(self) -> str:
        """The authority that it signs by, another one at each start."""
        url = f"https://127.0.0.1:{self._management}/roots/0"
        with urllib.request.urlopen(url, context=self.files.client()) as answer:
            return str(answer.read().decode())

    def client(self) -> ssl.SSLContext:
        """What a client trusts its certificates by."""
        return ssl.create_default_context(cadata=self.root())

    def _until_it_answers(self) -> None:
        until = time.monotonic() + PATIENCE_SECONDS
        while True:
            try:
                with urllib.request.urlopen(self.directory, context=self.files.client()):
                    return
            except OSError:
                if time.monotonic() > until:
                    raise
                time.sleep(LOOK_EVERY)


@contextmanager
def running(*words: str) -> Iterator[None]:
    """A program beside the test."""
    fast = {"PEBBLE_VA_NOSLEEP": "1", "PEBBLE_AUTHZREUSE": "0"}
    with subprocess.Popen(
        words,
        env={**os.environ, **fast},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as process:
        try:
            yield
        finally:
            process.kill()


def free_ports(count: int) -> list[int]:
    """Ports that nobody listens on now."""
    with ExitStack() as stack:
        found = [stack.enter_context(socket.socket()) for _ in range(count)]
        for sock in found:
            sock.bind(("127.0.0.1", 0))
        return [int(sock.getsockname()[1]) for sock in found]
