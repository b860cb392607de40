"""To a host with several addresses: the first that answers, on every Python and event loop."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import sys
from collections.abc import AsyncIterator, Callable, Iterator

import pytest

from hubbub.client import Address, Unreachable, connect
from hubbub.client.connection import Connection
from hubbub.client.dialing import dial
from tests.client.scripted import ScriptedServer

LOOPBACK = {socket.AF_INET: "127.0.0.1", socket.AF_INET6: "::1"}


def has_ipv6() -> bool:
    with contextlib.suppress(OSError), socket.socket(socket.AF_INET6) as sock:
        sock.bind(("::1", 0))
        return True
    return False


FAMILIES = [
    pytest.param(socket.AF_INET, id="IPv4"),
    pytest.param(
        socket.AF_INET6,
        id="IPv6",
        marks=pytest.mark.skipif(not has_ipv6(), reason="this computer has no IPv6"),
    ),
]
both_families = pytest.mark.parametrize("family", FAMILIES)


class Host:
    """Places on this computer that answer, refuse, or are silent."""

    def __init__(self, stack: contextlib.ExitStack) -> None:
        self._stack = stack

    def answering(self, family: socket.AddressFamily) -> socket.socket:
        sock = self._bound(family)
        sock.listen()
        return sock

    def refusing(self, family: socket.AddressFamily) -> socket.socket:
        return self._bound(family)

    def silent(self, family: socket.AddressFamily) -> socket.socket:
        """As behind a firewall: its queue of connections is full, and one more gets no answer."""
        sock = self._bound(family)
        sock.listen(0)
        for _ in range(2):
            filler = self._stack.enter_context(socket.socket(family))
            filler.setblocking(False)
            filler.connect_ex(sock.getsockname())
        return sock

    def _bound(self, family: socket.AddressFamily) -> socket.socket:
        sock = self._stack.enter_context(socket.socket(family))
        sock.bind((LOOPBACK[family], 0))
        return sock


@pytest.fixture
def host() -> Iterator[Host]:
    with contextlib.ExitStack() as stack:
        yield Host(stack)


Resolves = Callable[..., None]


@pytest.fixture
async def resolves(monkeypatch: pytest.MonkeyPatch) -> Resolves:
    """Gives every name the addresses of these sockets."""

    def to(*places: socket.socket) -> None:
        async def getaddrinfo(*_: object, **__: object) -> list[object]:
            return [(one.family, one.type, 6, "", one.getsockname()) for one in places]

        monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", getaddrinfo)

    return to


@both_families
async def test_one_address(host: Host, family: socket.AddressFamily) -> None:
    place = host.answering(family)
    with await dial(LOOPBACK[family], place.getsockname()[1]) as sock:
        assert sock.getpeername() == place.getsockname()


@both_families
@pytest.mark.parametrize("first", ["refusing", "silent"])
@pytest.mark.parametrize("other", FAMILIES)
async def test_the_first_address_does_not_answer(
    host: Host,
    family: socket.AddressFamily,
    other: socket.AddressFamily,
    first: str,
    resolves: Resolves,
) -> None:
    answering = host.answering(other)
    resolves(getattr(host, first)(family), getattr(host, first)(family), answering)
    with await dial("example.org", 8080) as sock:
        assert sock.getpeername() == answering.getsockname()


@both_families
async def test_nobody_listens_at_any_address(
    host: Host, family: socket.AddressFamily, resolves: Resolves
) -> None:
    resolves(host.refusing(family), host.refusing(family))
    with pytest.raises(Unreachable, match=r"no server at example.org:8080: nobody listens there"):
        await Connection.open(Address(host="example.org"))


async def test_no_address_answers_in_time(
    host: Host, resolves: Resolves, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hubbub.client.connection.OPEN_SECONDS", 0.6)
    resolves(host.silent(socket.AF_INET), host.silent(socket.AF_INET))
    with pytest.raises(Unreachable, match="did not answer within 1 second"):
        await Connection.open(Address(host="example.org"))


async def test_a_chat_with_a_server_that_has_several_addresses(
    host: Host, server: ScriptedServer, resolves: Resolves
) -> None:
    resolves(host.silent(socket.AF_INET), server.listening)
    async with connect("example.org", user="ada") as chat:
        await chat.join("General")
        await chat.say("General", "hi")
    assert server.model.texts() == ["hi"]


@contextlib.asynccontextmanager
async def one_who_listens_only() -> AsyncIterator[tuple[int, asyncio.Event, asyncio.Event]]:
    """A server that says nothing; the events: somebody asked something, and has left."""
    asked, left = asyncio.Event(), asyncio.Event()

    async def listen(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while await reader.read(1000):
            asked.set()
        left.set()
        writer.close()

    async with await asyncio.start_server(listen, "127.0.0.1", 0) as server:
        yield server.sockets[0].getsockname()[1], asked, left


@pytest.mark.parametrize("secure", [False, True])
async def test_giving_up_leaves_no_connection_behind(secure: bool) -> None:
    async with one_who_listens_only() as (port, asked, left):
        opening = asyncio.create_task(Connection.open(Address(port=port, secure=secure)))
        await asked.wait()
        opening.cancel()
        with pytest.raises(asyncio.CancelledError):
            await opening
        await left.wait()


async def test_a_server_that_accepts_and_is_silent_did_not_answer(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("hubbub.client.connection.OPEN_SECONDS", 0.5)
    async with one_who_listens_only() as (port, asked, left):
        with pytest.raises(Unreachable, match="did not answer"):
            await Connection.open(Address(port=port))
        # On a busy machine the time may be over before anything was asked.
        if asked.is_set():
            await left.wait()


@pytest.mark.skipif(sys.platform == "win32", reason="there is no uvloop for Windows")
def test_a_program_may_use_uvloop() -> None:
    import uvloop

    async def talk() -> list[str]:
        async with ScriptedServer() as server, connect(server.address, user="ada") as chat:
            await chat.join("General")
            await chat.say("General", "hi")
            return server.model.texts()

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        assert runner.run(talk()) == ["hi"]
