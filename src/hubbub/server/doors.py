"""What a listening socket is for: one for everybody, and maybe others where IRC is looked for."""

from __future__ import annotations

import socket
from collections.abc import Sequence
from enum import Enum

from hubbub.server.options import Options
from hubbub.server.refusals import Refusal
from hubbub.server.sockets import bind
from hubbub.wire.detect import Protocol

TLS_ONLY = Refusal(
    code="tls-required",
    message="This port takes TLS only. Without encryption, please use another port.",
)


class Door(Enum):
    """What connections by a socket are taken for."""

    ANY = "any"
    """Lines, if they look like nothing else."""
    IRC = "irc"
    """IRC, if they look like nothing else: nobody is asked for a name in words."""
    IRC_TLS = "irc-tls"
    """The same, and encrypted."""

    @property
    def otherwise(self) -> Protocol:
        """What is spoken by who looks like nothing else."""
        return Protocol.LINE if self is Door.ANY else Protocol.IRC


def door_of(sock: socket.socket, options: Options) -> Door:
    """What ``sock`` is for, by its port: also of one that another server has opened."""
    name = sock.getsockname()
    return door_at(name[1] if isinstance(name, tuple) else 0, options)


def door_at(port: int, options: Options) -> Door:
    """What that port is for."""
    doors = {options.irc_port: Door.IRC, options.irc_tls_port: Door.IRC_TLS}
    return doors.get(port, Door.ANY) if port and port != options.port else Door.ANY


async def bind_doors(options: Options, given: Sequence[socket.socket]) -> list[socket.socket]:
    """All sockets of networks: ``given`` ones, or else that of everybody; and those of the doors.

    Raises `hubbub.server.sockets.CannotListen`.
    """
    sockets = list(given)
    try:
        if not given:
            sockets += await bind(options.host, options.port)
        there = {door_of(sock, options) for sock in sockets}
        for port, door in ((options.irc_port, Door.IRC), (options.irc_tls_port, Door.IRC_TLS)):
            if port and port != options.port and door not in there:
                sockets += await bind(options.host, port)
    except BaseException:
        for sock in sockets:
            sock.close()
        raise
    return sockets
