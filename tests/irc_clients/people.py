"""Who comes and goes at a server, and what it knows of what they have got."""

from __future__ import annotations

import socket
import sqlite3
from contextlib import closing
from typing import Protocol

from hubbub.storage.log import DATABASE
from tests.irc_clients.clients import PASSWORD, Ben
from tests.patience import wait_until
from tests.process import ServerProcess


class Listener(Protocol):
    """A client that tells what it has shown."""

    def said_by(self, target: str, by: str) -> list[str]:
        """The texts of somebody in a channel, or a query."""
        ...


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


def has_got(server: ServerProcess, ben: Ben, ada: Listener) -> None:
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
