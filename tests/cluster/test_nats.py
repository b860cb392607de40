"""The bus on a real NATS server, which is lost, stopped, flooded, and shared with others."""

from __future__ import annotations

import asyncio
import logging
import resource
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import nats
import pytest
from nats.aio.client import Client
from nats.aio.msg import Msg

from hubbub.cluster.nats import WAITING_BYTES, NatsBus
from hubbub.domain.events import Said
from hubbub.domain.names import RoomName, UserName
from hubbub.hub.ports import Attending, Message, Missed, Typed, Wake
from hubbub.setting.buses import bus_address
from tests.certificates import make_certificate
from tests.hub.chat import Chat
from tests.memorylog.log import Disk
from tests.nats import Nats, nats_server
from tests.patience import PATIENCE_SECONDS

KEY = bytes(range(32))
LOG = "0" * 32
GENERAL, ADA = RoomName.parse("General"), UserName.parse("ada")


class Node:
    """A bus, and what it has heard; ``wakes`` are the numbers."""

    def __init__(self, url: str, name: str, *, key: bytes = KEY, log: str = LOG) -> None:
        self.bus = NatsBus(bus_address(url), log, name)
        self.key = key
        self.heard: list[Message] = []
        self.bus.listen(self.heard.append)

    @property
    def wakes(self) -> list[int]:
        return [one.upto for one in self.heard if isinstance(one, Wake)]

    def wake(self, upto: int, text: str = "hi") -> None:
        self.bus.publish(Wake(GENERAL, upto, [Said(upto, 1, ADA, text)]))

    @property
    def connected(self) -> bool:
        return self.bus.stats()["bus_connected"] == 1

    async def is_up(self) -> None:
        await until(lambda: self.connected)


@asynccontextmanager
async def running(*nodes: Node) -> AsyncIterator[None]:
    """Their buses run; they are connected at first."""
    tasks = [asyncio.create_task(node.bus.run(node.key)) for node in nodes]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        done, _ = await asyncio.wait(tasks, timeout=PATIENCE_SECONDS)
        assert len(done) == len(tasks)
        for task in done:
            with pytest.raises(asyncio.CancelledError):
                task.result()


@asynccontextmanager
async def two(server: Nats) -> AsyncIterator[tuple[Node, Node]]:
    one, other = Node(server.url, "one"), Node(server.url, "other")
    async with running(one, other):
        await one.is_up()
        await other.is_up()
        yield one, other


async def until(is_so: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not is_so():
        assert time.monotonic() < deadline, "it never came"
        await asyncio.sleep(0.01)


async def sent(stranger: Client) -> None:
    """Returns when the server has all that was written."""
    for _ in range(2):  # the first question may go out before what waits to be written
        await stranger.flush()


async def leave(stranger: Client) -> None:
    """Closes, without dropping what is still to be written."""
    await sent(stranger)
    await stranger.close()


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[Nats]:
    async with nats_server(tmp_path) as server:
        yield server


async def test_what_one_tells_all_others_hear_in_that_order(server: Nats) -> None:
    third = Node(server.url, "third")
    async with two(server) as (one, other), running(third):
        await third.is_up()
        for upto in range(1, 501):
            one.wake(upto)
        one.bus.publish(Typed("general", "ada"))
        await until(lambda: len(other.wakes) == len(third.wakes) == 500)
        await until(lambda: Typed("general", "ada") in other.heard)
        assert other.wakes == third.wakes == [*range(1, 501)]
        assert one.wakes == [], "nobody hears themselves"
        stats = one.bus.stats()
        assert stats["bus_published"] == 501
        assert stats["bus_dropped"] == 0
        assert 0 < stats["bus_round_trip_seconds"] < PATIENCE_SECONDS
        assert other.bus.stats()["bus_missed"] == 0


async def test_servers_of_another_log_or_with_another_key_are_not_heard(server: Nats) -> None:
    other_log = Node(server.url, "three", log="1" * 32)
    other_key = Node(server.url, "four", key=bytes(32))
    async with two(server) as (one, other), running(other_log, other_key):
        await other_log.is_up()
        await other_key.is_up()
        other_log.wake(1)
        other_key.wake(2)
        one.wake(3)
        await until(lambda: bool(other.wakes) and other.bus.stats()["bus_refused"] == 1)
        assert other.wakes == [3]
        await until(lambda: other_key.bus.stats()["bus_refused"] > 0)
        assert other_log.wakes == other_key.wakes == []


async def test_another_program_on_that_nats_says_nothing(server: Nats) -> None:
    async with two(server) as (one, other):
        stranger = await nats.connect(server.url)
        heard: list[bytes] = []

        async def hear(message: Msg) -> None:
            heard.append(message.data)

        await stranger.subscribe(">", cb=hear)
        await sent(stranger)
        one.bus.publish(Typed("general", "ada"))
        one.wake(1)
        await until(lambda: bool(other.wakes))
        await until(lambda: bool(heard))
        subject = f"hubbub.{LOG}"
        for data in (b"", b"{}", b"\x01", b"\x02" * 100, bytes(900_000), heard[0][:-1], *heard):
            await stranger.publish(subject, data)
        await leave(stranger)
        stats = other.bus.stats
        await until(lambda: stats()["bus_refused"] + stats()["bus_unknown"] == 6)
        one.wake(2)
        await until(lambda: 2 in other.wakes)
        assert sorted(set(other.wakes)) == [1, 2], "again is late, and no more"
        assert [type(message) for message in other.heard].count(Typed) == 1
        assert stats()["bus_refused"] + stats()["bus_unknown"] == 6
        assert other.connected


async def test_a_server_that_is_killed_is_waited_for(
    server: Nats, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "hubbub")
    async with two(server) as (one, other):
        one.wake(1)
        await until(lambda: other.wakes == [1])
        server.kill()
        await until(lambda: not one.connected and not other.connected)
        one.wake(2)  # lost
        assert one.bus.stats()["bus_dropped"] == 1
        other.heard.clear()
        await asyncio.sleep(0.5)
        await server.start()
        await one.is_up()
        await other.is_up()
        assert other.heard == [Missed()], "the log is asked for what was not told"
        one.wake(3)
        await until(lambda: other.wakes == [3])
        assert one.bus.stats()["bus_connections"] == 2
    lines = [record.getMessage() for record in caplog.records]
    assert len([line for line in lines if "does not work" in line]) == 2, lines
    assert len([line for line in lines if "is connected to 127.0.0.1" in line]) == 4, lines


async def test_a_server_that_comes_later_is_found(tmp_path: Path) -> None:
    server = Nats(tmp_path)
    one = Node(server.url, "one")
    async with running(one):
        one.wake(1)
        await asyncio.sleep(0.3)
        assert not one.connected
        await server.start()
        await one.is_up()
    server.kill()


async def test_another_server_of_the_list_does_as_well(tmp_path: Path) -> None:
    async with nats_server(tmp_path) as server, nats_server(tmp_path) as spare:
        one = Node(f"nats://127.0.0.1:1,{server.url},{spare.url}", "one")
        async with running(one):
            await one.is_up()
            first = port_of(one)
            (server if first == server.port else spare).kill()
            await until(lambda: one.connected and one.bus.stats()["bus_connections"] == 2)
            assert {first, port_of(one)} == {server.port, spare.port}


def port_of(node: Node) -> int | None:
    assert node.bus._client is not None
    assert node.bus._client.connected_url is not None
    port: int | None = node.bus._client.connected_url.port
    return port


async def test_a_server_that_is_cut_off_is_noticed_and_blocks_nobody(
    server: Nats, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hubbub.cluster.nats.PING_SECONDS", 1.0)
    async with two(server) as (one, other):
        server.stop()
        try:
            before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
            longest = 0.0
            text = "x" * 10_000
            upto = 0
            began = time.monotonic()
            while one.connected or time.monotonic() - began < 2:
                for _ in range(20):
                    upto += 1
                    one.wake(upto, text)
                turn = time.monotonic()
                await asyncio.sleep(0)
                longest = max(longest, time.monotonic() - turn)
                assert one.bus._waiting_bytes <= WAITING_BYTES
                assert time.monotonic() - began < PATIENCE_SECONDS
            assert one.bus.stats()["bus_dropped"] > 0
            grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
            assert grown < 64 * 1024, f"{grown} KiB"
            assert longest < 1.0
        finally:
            server.go_on()
        await one.is_up()
        await other.is_up()
        other.heard.clear()
        one.wake(1_000_000)
        await until(lambda: 1_000_000 in other.wakes)


async def test_who_hears_too_slowly_is_told_that_something_is_missing(
    server: Nats, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hubbub.cluster.nats.HEARD_BYTES", 100_000)
    async with two(server) as (one, other):
        slow: list[Message] = []

        def listen(message: Message) -> None:
            slow.append(message)
            time.sleep(0.005)  # it has much to do

        other.bus.listen(listen)
        for upto in range(1, 1001):
            one.wake(upto, "x" * 1000)
        await until(lambda: other.bus.stats()["bus_dropped"] > 0)
        await until(lambda: one.bus.stats()["bus_published"] == 1000)
        one.bus.publish(Typed("general", "ada"))
        await until(lambda: Typed("general", "ada") in slow or other.bus._frames.missed > 0)
        assert Missed() in slow


async def test_a_flood_leaves_the_loop_to_others(server: Nats) -> None:
    async with two(server) as (one, other):
        other.bus.listen(lambda message: time.sleep(0.0005))
        for upto in range(1, 2001):
            one.wake(upto)
        turns = 0
        while other.bus.stats()["bus_heard"] < 2000:
            await asyncio.sleep(0)
            turns += 1
        assert turns > 100, "a second of work in turns of some milliseconds"


async def test_a_flood_of_garbage_leaves_it_too(server: Nats) -> None:
    async with two(server) as (one, other):
        stranger = await nats.connect(server.url)
        refuse = other.bus._frames.unpack

        def slow(data: bytes) -> Iterator[Message]:
            time.sleep(0.0005)
            return refuse(data)

        other.bus._frames.unpack = slow  # type: ignore[method-assign]
        for _ in range(2000):
            await stranger.publish(f"hubbub.{LOG}", b"garbage")
        await leave(stranger)
        turns = 0
        while other.bus.stats()["bus_unknown"] < 2000:
            await asyncio.sleep(0)
            turns += 1
        assert turns > 100
        one.wake(1)
        await until(lambda: other.wakes == [1])


async def test_what_is_larger_than_the_server_takes_is_dropped(tmp_path: Path) -> None:
    async with nats_server(tmp_path, "max_payload: 10000") as server, two(server) as (one, other):
        one.wake(1, "x" * 20_000)
        one.bus.publish(Attending("n", "lab", ["x" * 30] * 1000))
        one.wake(2)
        await until(lambda: 2 in other.wakes)
        assert one.bus.stats()["bus_dropped"] == 1
        assert other.wakes == [1, 2], "the number is told without the text"
        assert other.connected


@pytest.mark.parametrize(
    "config, right, wrong",
    [
        ('authorization { user: "u", password: "p w" }', "u:p%20w@", "u:other@"),
        ('authorization { token: "secret" }', "secret@", "other@"),
    ],
)
async def test_one_logs_in_and_nothing_of_it_is_logged(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, config: str, right: str, wrong: str
) -> None:
    caplog.set_level(logging.DEBUG)
    async with nats_server(tmp_path, config) as server:
        good = Node(server.url.replace("//", f"//{right}"), "one")
        bad = Node(server.url.replace("//", f"//{wrong}"), "other")
        async with running(good, bad):
            await good.is_up()
            await until(lambda: "Authorization" in caplog.text)
            assert not bad.connected
    for word in ("p w", "p%20w", "secret", "other", "u:"):
        assert word not in caplog.text.replace("other servers", ""), word


async def test_who_wants_tls_tells_nothing_to_a_server_without(
    server: Nats, caplog: pytest.LogCaptureFixture
) -> None:
    node = Node(server.url.replace("nats://", "tls://u:p@"), "one")
    async with running(node):
        await until(lambda: "does not work" in caplog.text)
        assert "offers no TLS" in caplog.text
        assert not node.connected


async def test_tls_is_used_and_the_certificate_is_checked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    files = make_certificate(tmp_path)
    config = f'tls {{ cert_file: "{files.certificate}", key_file: "{files.key}" }}'
    async with nats_server(tmp_path, config) as server:
        url = f"tls://localhost:{server.port}"
        distrusting = Node(url, "one")
        async with running(distrusting):
            await until(lambda: "does not work" in caplog.text)
            assert "CERTIFICATE_VERIFY_FAILED" in caplog.text
        monkeypatch.setenv("SSL_CERT_FILE", str(files.certificate))
        one, other = Node(url, "one"), Node(url, "other")
        async with running(one, other):
            await one.is_up()
            await other.is_up()
            one.wake(1)
            await until(lambda: other.wakes == [1])
            assert one.bus._client is not None
            assert one.bus._client.about("ssl_object") is not None


# Two hubs with it


async def test_two_servers_show_the_same_with_nats_and_without(server: Nats) -> None:
    disk = Disk()
    nodes = [Node(server.url, "one"), Node(server.url, "other")]
    chats = [Chat(disk=disk, bus=node.bus, first_id=100_000 * n) for n, node in enumerate(nodes)]
    async with AsyncExitStack() as stack:
        for chat in chats:
            await chat.start()
            chat.commit()
            stack.push_async_callback(chat.crash)
            assert chat.hub.following is not None
            follower = asyncio.create_task(chat.hub.following._look_on())
            stack.callback(follower.cancel)
        await stack.enter_async_context(running(*nodes))
        for node in nodes:
            await node.is_up()
        ada = chats[0].enter("ada", "General")
        await until(lambda: "general" in chats[1].hub.rooms)
        ben = chats[1].enter("ben", "General")
        for round in range(3):
            if round == 1:
                server.kill()
                await until(lambda: not any(node.connected for node in nodes))
            elif round == 2:
                await server.start()
            for number in range(50):
                (ada if number % 2 else ben).say(f"text {round} {number}")
                chats[number % 2].commit()
                chats[1 - number % 2].commit()
                await asyncio.sleep(0)
            began = time.monotonic()
            whole = 2 + 50 * (round + 1)
            await until(lambda: len(ada.story()) == whole == len(ben.story()))  # noqa: B023
            if round == 1:
                assert time.monotonic() - began < PATIENCE_SECONDS / 2
        assert ada.story() == chats[0].story()
        assert ben.story() == chats[0].story()
