"""Connects many clients to a server, and keeps them until nobody waits for them any more."""

from __future__ import annotations

import socket
import sys

HELLO = {
    "irc": "NICK {name}\r\nUSER u 0 * :{name}\r\nJOIN #General\r\n",
    "line": "{name}\nGeneral\n",
}


def main(protocol: str, port: int, count: int) -> None:
    """Comes in, and reads nothing: what is written to so few fits into their sockets."""
    sockets = []
    for number in range(count):
        one = socket.create_connection(("127.0.0.1", port))
        name = f"{protocol}{count}x{number}"
        one.sendall(HELLO[protocol].format(name=name).encode())
        sockets.append(one)
    sys.stdin.read()


main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
