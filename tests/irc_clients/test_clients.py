"""Clients of IRC from Debian come in, speak and are heard, and are shown what they have missed."""

from __future__ import annotations

import socket
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from hubbub.storage.log import DATABASE
from tests.irc_clients.clients import (
    PASSWORD,
    Ben,
    Client,
    Ii,
    Irssi,
    Sic,
    WeeChat,
    needs,
    needs_tmux,
)
from tests.patience import wait_until
from tests.process import ServerProcess
from tests.terminal.full.cable import Cable

pytestmark = [needs_tmux, needs("nc")]

LINES = 300


@pytest.fixture
def server(tmp_path: Path) -> Iterator[ServerProcess]:
    with ServerProcess(tmp_path / "data", "--rate-limit", "0", "--hold-seconds", "0") as server:
        yield server


def visit(server: ServerProcess, name: str, *lines: str) -> str:
    """Somebody says lines of IRC, and goes. Returns what they have read."""
    with socket.create_connection(server.address, 10) as client:
        told = [f"NICK {name}", "USER x 0 * :x", *lines, "QUIT"]
        client.sendall("".join(f"{line}\r\n" for line in told).encode())
        read = b""
        while data := client.recv(65536):
            read += data
    return read.decode()


def register(server: ServerProcess, name: str) -> None:
    """Somebody makes an account, and goes."""
    assert f" 900 {name} " in visit(server, name, f'NS REGISTER "{PASSWORD}"')


@pytest.mark.parametrize(
    "kind",
    [pytest.param(kind, marks=needs(kind.name)) for kind in (WeeChat, Irssi, Sic, Ii)],
    ids=lambda kind: kind.name,
)
def test_a_client_speaks_and_is_heard(
    server: ServerProcess, tmp_path: Path, kind: type[Client]
) -> None:
    with Ben(server, "tea") as ben:
        ben.says("before")
        ben.hears("ben: before")
        with kind(server.port, "ada", tmp_path / "ada") as ada:
            ada.comes_in("tea")
            ben.hears("ada has joined the chat!")
            ada.hears_of("tea", "ben", "before")
            ada.says("tea", "hello from IRC")
            ben.hears("ada: hello from IRC")
            ben.says("hello from nc")
            ada.hears("tea", "ben", "hello from nc")
        ben.hears("ada has left the chat")


def has_got(server: ServerProcess, ben: Ben, ada: WeeChat) -> None:
    """ada's program has shown all, and the server has asked it since whether it has got that."""
    ben.says("so far")
    wait_until(lambda: "so far" in ada.said_by("#tea", "ben"))
    wait_until(lambda: marker(server) >= seq_of(server, "so far"), pause=0.2)


def query(server: ServerProcess, statement: str, *values: object) -> int:
    """A number out of the server's database."""
    where = f"file:{server.data / DATABASE}?mode=ro"
    with closing(sqlite3.connect(where, uri=True)) as database:
        found = database.execute(statement, values).fetchone()
    return 0 if found is None or found[0] is None else int(found[0])


def marker(server: ServerProcess) -> int:
    return query(
        server,
        "SELECT max(readers.seq) FROM readers JOIN rooms ON rooms.id = room_id"
        " WHERE rooms.key = 'tea'",
    )


def seq_of(server: ServerProcess, text: str) -> int:
    return query(
        server,
        "SELECT max(seq) FROM events JOIN rooms ON rooms.id = room_id"
        " WHERE rooms.key = 'tea' AND text = ?",
        text,
    )


@needs("weechat")
@pytest.mark.parametrize("way", ["killed", "cut", "lost"])
def test_a_weechat_that_was_away_is_shown_exactly_what_it_has_missed(
    server: ServerProcess, tmp_path: Path, way: str
) -> None:
    register(server, "ada")
    said = [f"line {number}" for number in range(LINES)]
    with (
        Ben(server, "tea") as ben,
        Cable(server.port) as cable,
        WeeChat(cable.port, "ada", tmp_path / "ada", program="laptop", room="tea") as ada,
    ):
        ben.hears("ada has joined the chat!")
        has_got(server, ben, ada)
        if way == "killed":
            ada.kill()
        elif way == "cut":
            cable.cut()
        else:
            cable.lose("up", "down")  # the server sends what never comes
        ben.says(*said)
        ben.hears(f"ben: {said[-1]}")
        if way == "killed":
            ada.restart()
        elif way == "lost":
            cable.cut()
        cable.mend()
        wait_until(lambda: said[-1] in ada.said_by("#tea", "ben"), pause=0.1)
        ben.says("and now")
        wait_until(lambda: "and now" in ada.said_by("#tea", "ben"), pause=0.1)
        assert ada.said_by("#tea", "ben") == ["so far", *said, "and now"]
        ada.sees("and now")


@needs("weechat")
def test_a_weechat_is_shown_what_was_said_to_it_alone_while_it_was_away(
    server: ServerProcess, tmp_path: Path
) -> None:
    register(server, "ada")
    visit(server, "eve", "PRIVMSG ada :one", "PRIVMSG ada :two")
    with WeeChat(server.port, "ada", tmp_path / "ada", program="laptop") as ada:
        wait_until(lambda: ada.said_by("eve", "eve") == ["one", "two"], pause=0.1)
        visit(server, "eve", "PRIVMSG ada :three")
        wait_until(lambda: ada.said_by("eve", "eve") == ["one", "two", "three"], pause=0.1)
