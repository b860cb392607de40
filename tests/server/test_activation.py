"""Listening sockets that somebody else has opened."""

from __future__ import annotations

import asyncio
import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from hubbub.server import activation
from hubbub.server.activation import NotOurs, given
from hubbub.server.handover.channel import VARIABLE
from hubbub.server.handover.predecessor import Predecessor
from hubbub.server.options import Options
from hubbub.server.run import serve
from hubbub.server.service import Service
from tests.patience import PATIENCE_SECONDS
from tests.server.serving import LineClient, make_hub

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="descriptors of Unix")


def handed(monkeypatch: pytest.MonkeyPatch, *fds: int, pid: int | None = None) -> dict[str, str]:
    """The variables that systemd sets for these descriptors, which have to follow each other."""
    monkeypatch.setattr(activation, "FIRST", fds[0])
    return {
        "LISTEN_FDS": str(len(fds)),
        "LISTEN_PID": str(os.getpid() if pid is None else pid),
        "LISTEN_FDNAMES": "web",
        "HOME": "/",
    }


def test_sockets_are_taken_once_and_their_variables_with_them(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as sock:
        environment = handed(monkeypatch, os.dup(sock.fileno()))
        (taken,) = given(environment)
        assert environment == {"HOME": "/"}
        assert given(environment) == []
        with taken:
            assert taken.getsockname() == sock.getsockname()
            assert not taken.getblocking()
            assert not taken.get_inheritable()


def test_sockets_for_another_process_are_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    assert given(handed(monkeypatch, 999, pid=1)) == []
    assert given({"LISTEN_FDS": "1"}) == []


def test_what_accepts_no_connections_is_refused_with_words(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as sock:
        environment = handed(monkeypatch, os.dup(sock.fileno()))
        with pytest.raises(NotOurs, match="accepts no connections"):
            given(environment)
    read, write = os.pipe()
    environment = handed(monkeypatch, read)
    with pytest.raises(NotOurs, match="is no socket"):
        given(environment)
    os.close(read)
    os.close(write)


@pytest.mark.parametrize("count", ["9" * 5000, "12345678901"])
def test_a_number_of_sockets_that_cannot_be_is_refused_with_words(
    count: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(activation, "FIRST", 9000)
    environment = {"LISTEN_FDS": count, "LISTEN_PID": str(os.getpid())}
    with pytest.raises(NotOurs):  # long before the last of them
        given(environment)


@pytest.mark.parametrize("value", ["x,y", "1", "9999,9998", "-1,-1", "9" * 5000])
def test_a_hand_over_that_nobody_has_begun_is_refused_with_words(value: str) -> None:
    with pytest.raises(NotOurs, match="Take it out of the environment"):
        Predecessor.of({VARIABLE: value})


AS_A_SERVICE = """
import os, sys
os.dup2(int(sys.argv[1]), 3)
os.environ.update(LISTEN_FDS="1", LISTEN_PID=str(os.getpid()))
os.execv(sys.executable, [sys.executable, "-m", "hubbub", "serve", "--data", sys.argv[2]])
"""


def test_a_unix_socket_alone_is_enough(tmp_path: Path) -> None:
    path = str(tmp_path / "hubbub.sock")
    with socket.socket(socket.AF_UNIX) as given:
        given.bind(path)
        given.listen()
        fd = given.fileno()
        server = subprocess.Popen(
            [sys.executable, "-c", AS_A_SERVICE, str(fd), str(tmp_path / "data")], pass_fds=(fd,)
        )
    try:
        with socket.socket(socket.AF_UNIX) as client:
            client.settimeout(PATIENCE_SECONDS)
            client.connect(path)
            client.sendall(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n")
            assert client.recv(100).startswith(b"HTTP/1.1 200 ")
        assert server.poll() is None
    finally:
        server.terminate()
        assert server.wait(PATIENCE_SECONDS) == 0


async def test_a_server_listens_on_what_it_was_given_and_nowhere_else(tmp_path: Path) -> None:
    web = socket.create_server(("127.0.0.1", 0))
    local = socket.socket(socket.AF_UNIX)
    local.bind(str(tmp_path / "hubbub.sock"))
    local.listen()
    port = web.getsockname()[1]
    stop, ready = asyncio.Event(), asyncio.Event()
    addresses: list[tuple[str, int]] = []

    def announce(told: object) -> None:
        addresses.extend(told)  # type: ignore[arg-type]
        ready.set()

    running = asyncio.ensure_future(
        serve(
            make_hub(),
            Options(host=("192.0.2.1",), port=1),
            announce=announce,
            stop=stop,
            service=Service(sockets=[web, local]),
        )
    )
    await ready.wait()
    assert addresses == [("127.0.0.1", port)]
    for connecting in (
        asyncio.open_connection("127.0.0.1", port),
        asyncio.open_unix_connection(str(tmp_path / "hubbub.sock")),
    ):
        client = LineClient(*await connecting)
        client.send("ada\nGeneral\n")
        await client.until("ada has joined the chat!")
        client.abort()
    stop.set()
    await running
