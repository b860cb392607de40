"""The Unix socket: who may open it, what becomes of its file, and every protocol by it."""

from __future__ import annotations

import socket
import stat
from pathlib import Path

import pytest
from websockets.asyncio.client import unix_connect

from hubbub.client.address import Address
from hubbub.client.connection import Connection
from hubbub.client.errors import Unreachable
from hubbub.domain.commands import Hello
from hubbub.domain.names import UserName
from hubbub.domain.replies import Welcome
from hubbub.server.options import Options
from hubbub.server.unixsocket import SocketRefused, UnixSocket
from tests.server.serving import UPGRADE, Chatter, Server, serving

GET = "GET {} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n{}\r\n"


async def asked(server: Server, path: Path, what: str, headers: str = "") -> bytes:
    client = await server.by_socket(path, GET.format(what, headers).encode())
    return await client.rest()


async def test_every_protocol_is_spoken_there_and_in_the_same_rooms(tmp_path: Path) -> None:
    path = tmp_path / "hubbub.sock"
    options = Options(port=0, socket=str(path), sessions_per_address=1)
    async with serving(options, http=True) as server:
        ada = await server.by_socket(path, b"ada\nGeneral\n")
        await ada.until("ada has joined the chat!")
        async with unix_connect(str(path), "ws://localhost/ws") as web:
            ben = Chatter(web)
            await ben.enter("ben")
            ada.say("hello")
            await ada.until("ada: hello")
            assert (await ben.ask("pong", type="ping"))["type"] == "pong"
            assert ben.events[-1]["text"] == "hello"
            third = await (await server.line(b"eve\n")).rest()
            assert b"from your address already" in third, "who is there is on this computer"
        assert (await asked(server, path, "/healthz")).endswith(b'{"status":"ok"}')
        assert b"hubbub_sessions" in await asked(server, path, "/metrics")
        passed_on = await asked(server, path, "/metrics", "X-Forwarded-For: 198.51.100.7\r\n")
        assert b"not-local" in passed_on
        tls = await server.by_socket(path, b"\x16\x03\x01\x02\x00")
        assert await tls.rest() == b"\x15\x03\x01\x00\x02\x02\x28"


async def test_our_own_clients_come_by_it(tmp_path: Path) -> None:
    path = tmp_path / "hubbub.sock"
    async with serving(Options(port=0, socket=str(path))) as server:
        connection = await Connection.open(Address.parse(f"unix:{path}"))
        await connection.send(Hello(user=UserName.parse("ada")))
        assert isinstance(await connection.receive(), Welcome)
        await connection.close()
        await server.connections(0)
    with pytest.raises(Unreachable, match=r"unix:.*: No such file or directory"):
        await Connection.open(Address.parse(f"unix:{path}"))


async def test_an_old_browser_comes_in_by_a_proxy_that_uses_it(tmp_path: Path) -> None:
    path = tmp_path / "hubbub.sock"
    async with serving(Options(port=0, socket=str(path)), http=True) as server:
        client = await server.by_socket(path)
        client.send(UPGRADE.replace(b"Upgrade: w", b"Origin: https://127.0.0.1\r\nUpgrade: w"))
        assert (await client.until_bytes(b"\r\n\r\n")).startswith(b"HTTP/1.1 101 ")


async def test_its_user_and_group_may_open_it_and_it_goes_with_the_server(tmp_path: Path) -> None:
    path = tmp_path / "hubbub.sock"
    async with serving(Options(port=0, socket=str(path))):
        assert stat.S_IMODE(path.stat().st_mode) == 0o660
    assert not path.exists()


async def test_one_that_a_server_left_behind_is_replaced(tmp_path: Path) -> None:
    path = tmp_path / "hubbub.sock"
    left = socket.socket(socket.AF_UNIX)
    left.bind(str(path))
    left.close()
    async with serving(Options(port=0, socket=str(path))) as server:
        ada = await server.by_socket(path)
        assert await ada.line() == "Welcome to Hubbub! What is your name?"


async def test_one_that_another_server_uses_stays_its_own(tmp_path: Path) -> None:
    path = tmp_path / "hubbub.sock"
    async with serving(Options(port=0, socket=str(path))) as server:
        with pytest.raises(SocketRefused, match=r"Another program listens on .*hubbub\.sock"):
            UnixSocket(path)
        ada = await server.by_socket(path)
        assert await ada.line() == "Welcome to Hubbub! What is your name?"


def test_nothing_else_is_taken_away_for_it(tmp_path: Path) -> None:
    path = tmp_path / "letters.txt"
    path.write_text("dear ada")
    with pytest.raises(SocketRefused, match="is no Unix socket"):
        UnixSocket(path)
    assert path.read_text() == "dear ada"
    (tmp_path / "link").symlink_to(path)
    with pytest.raises(SocketRefused, match="is no Unix socket"):
        UnixSocket(tmp_path / "link")


def test_what_cannot_be_is_said_in_words(tmp_path: Path) -> None:
    with pytest.raises(SocketRefused, match="No such file or directory"):
        UnixSocket(tmp_path / "nowhere" / "hubbub.sock")
    with pytest.raises(SocketRefused, match="the path is too long"):
        UnixSocket(tmp_path / ("x" * 120))


def test_a_file_that_is_another_ones_by_now_stays(tmp_path: Path) -> None:
    path = tmp_path / "hubbub.sock"
    first = UnixSocket(path)
    first.socket.close()
    second = UnixSocket(path)
    first.remove()
    assert path.exists()
    second.remove()
    second.socket.close()
    assert not path.exists()
