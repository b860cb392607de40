"""Where the server listens: one or several hosts, of both families of addresses."""

from __future__ import annotations

import errno
import socket
from collections.abc import Callable

import pytest

from hubbub.server import sockets
from hubbub.server.options import Options
from hubbub.server.sockets import CannotListen, bind
from tests.patience import PATIENCE_SECONDS
from tests.server.serving import serving


def has_ipv6() -> bool:
    try:
        with socket.socket(socket.AF_INET6) as probe:
            probe.bind(("::1", 0))
    except OSError:
        return False
    return True


needs_ipv6 = pytest.mark.skipif(not has_ipv6(), reason="this computer has no IPv6")

Bind = Callable[[sockets.Place, int], socket.socket]


def without(family: socket.AddressFamily, number: int) -> Bind:
    """Binds as a computer does that lacks ``family``."""
    bind_here = sockets._bind

    def bind(place: sockets.Place, port: int) -> socket.socket:
        if place[0] == family:
            raise OSError(number, "not here")
        return bind_here(place, port)

    return bind


async def bound(*hosts: str) -> list[str]:
    """The addresses that are bound, all on one port."""
    found = await bind(hosts, 0)
    names = [each.getsockname()[:2] for each in found]
    for each in found:
        each.close()
    assert len({port for _, port in names}) == 1
    return [address for address, _ in names]


async def answers(host: str, port: int) -> bool:
    try:
        with socket.create_connection((host, port), PATIENCE_SECONDS):
            return True
    except ConnectionRefusedError:
        return False


@needs_ipv6
@pytest.mark.parametrize(
    "hosts, v4, v6",
    [
        (("::",), True, True),
        (("0.0.0.0",), True, False),
        (("127.0.0.1", "::1"), True, True),
        (("::1",), False, True),
        (("127.0.0.1",), True, False),
    ],
)
async def test_who_may_connect_over_which_family(
    hosts: tuple[str, ...], v4: bool, v6: bool
) -> None:
    async with serving(Options(host=hosts, port=0)) as server:
        assert await answers("127.0.0.1", server.port) is v4
        assert await answers("::1", server.port) is v6


@needs_ipv6
async def test_people_who_come_over_either_family_meet() -> None:
    async with serving(Options(host=("::",), port=0)) as server:
        server.host = "127.0.0.1"
        ada = await server.enter("ada")
        server.host = "::1"
        await server.enter("ben")
        await ada.until("ben has joined the chat!")


@needs_ipv6
async def test_a_page_of_any_of_the_hosts_is_the_servers_own() -> None:
    async with serving(Options(host=("127.0.0.1", "::1"), port=0)) as server:
        for host, name in (("127.0.0.1", "127.0.0.1"), ("::1", "[::1]"), ("::1", "localhost")):
            server.host = host
            at = f"{name}:{server.port}".encode()
            client = await server.line(
                b"GET /ws HTTP/1.1\r\nHost: " + at + b"\r\nOrigin: http://" + at + b"\r\n"
                b"Upgrade: websocket\r\nConnection: Upgrade\r\n"
                b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
            )
            assert b"HTTP/1.1 101 " in await client.until_bytes(b"\r\n\r\n")


@needs_ipv6
async def test_what_a_wildcard_has_is_bound_once() -> None:
    assert await bound("0.0.0.0", "127.0.0.1") == ["0.0.0.0"]
    assert await bound("127.0.0.1", "::", "::1") == ["::", "0.0.0.0"]
    assert await bound("127.0.0.1", "127.0.0.1") == ["127.0.0.1"]


@needs_ipv6
@pytest.mark.parametrize("number", [errno.EAFNOSUPPORT, errno.EADDRNOTAVAIL])
async def test_a_computer_with_one_family_listens_on_that(
    monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    monkeypatch.setattr(sockets, "_bind", without(socket.AF_INET6, number))
    assert await bound("::") == ["0.0.0.0"]
    with pytest.raises(CannotListen) as caught:
        await bound("127.0.0.1", "::1")
    assert caught.value.host == "::1"
    assert caught.value.errno == number
    monkeypatch.undo()
    monkeypatch.setattr(sockets, "_bind", without(socket.AF_INET, number))
    assert await bound("::") == ["::"]
    with pytest.raises(CannotListen):
        await bound("0.0.0.0")


@needs_ipv6
async def test_a_port_that_is_taken_at_one_address_is_not_taken_at_another() -> None:
    with socket.socket() as taken:
        taken.bind(("0.0.0.0", 0))
        taken.listen()
        for hosts in (["::"], ["::1", "127.0.0.1"]):
            with pytest.raises(CannotListen) as caught:
                await bind(hosts, taken.getsockname()[1])
            assert caught.value.errno == errno.EADDRINUSE
            assert caught.value.host == hosts[-1]


async def test_any_port_is_one_that_is_free_at_all_addresses(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    bind_here = sockets._bind
    refused: list[int] = []

    def bind_late(place: sockets.Place, port: int) -> socket.socket:
        if port and len(refused) < 3:
            refused.append(port)
            raise OSError(errno.EADDRINUSE, "taken meanwhile")
        return bind_here(place, port)

    monkeypatch.setattr(sockets, "_bind", bind_late)
    assert await bound("127.0.0.1", "127.0.0.2") == ["127.0.0.1", "127.0.0.2"]
    assert len(refused) == 3


async def test_a_name_that_is_not_there_is_told() -> None:
    with pytest.raises(CannotListen) as caught:
        await bind(["no-such-host.invalid"], 0)
    assert caught.value.host == "no-such-host.invalid"
