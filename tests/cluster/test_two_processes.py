"""Two servers as processes, on one PostgreSQL and one NATS: what one is told, the other shows."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from urllib.request import urlopen

from prometheus_client.parser import text_string_to_metric_families
from websockets.asyncio.client import connect

from tests.nats import Nats, nats_server
from tests.patience import PATIENCE_SECONDS
from tests.process import ServerProcess
from tests.server.serving import Chatter, texts

FLAGS = ("--rate-limit", "0", "--sessions-per-address", "0", "--durability", "process")
PASSWORD = "correct horse battery"


class Both:
    """The servers, and the NATS between them."""

    def __init__(self, one: ServerProcess, other: ServerProcess, nats: Nats | None) -> None:
        self.one = one
        self.other = other
        self._nats = nats

    @property
    def nats(self) -> Nats:
        assert self._nats is not None
        return self._nats

    async def connected(self, how: float = 1) -> None:
        """Both are connected to the bus, or are not."""
        for server in (self.one, self.other):
            await until(lambda: metric(server, "hubbub_bus_connected") == how)  # noqa: B023


@asynccontextmanager
async def both(folder: Path, database: str, *, bus: bool = True) -> AsyncIterator[Both]:
    async with AsyncExitStack() as stack:
        nats = await stack.enter_async_context(nats_server(folder)) if bus else None
        flags = ("--database", database, *(() if nats is None else ("--bus", nats.url)), *FLAGS)
        servers = [ServerProcess(folder / name, *flags) for name in ("one", "other")]
        for server in servers:
            stack.callback(server.kill)
            await asyncio.to_thread(server.start)
        one, other = servers
        found = Both(one, other, nats)
        if bus:
            await found.connected()
        yield found
        for server in servers:
            assert "Traceback" not in "\n".join(server.output)


def metric(server: ServerProcess, name: str) -> float | None:
    with urlopen(f"http://127.0.0.1:{server.port}/metrics") as answer:
        said = answer.read().decode()
    for family in text_string_to_metric_families(said):
        for sample in family.samples:
            if sample.name == name:
                return float(sample.value)
    return None


async def until(is_so: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not await asyncio.to_thread(is_so):
        assert time.monotonic() < deadline, "it never came"
        await asyncio.sleep(0.1)


@asynccontextmanager
async def chatting(server: ServerProcess) -> AsyncIterator[Chatter]:
    async with connect(server.url) as socket:
        yield Chatter(socket)


async def say(person: Chatter, text: str) -> None:
    await person.ask("ack", type="say", room="General", text=text, nonce=text)


async def hear(person: Chatter, *said: str) -> None:
    """Hears these texts, in this order, and no other ones."""
    while texts(person.events) != [*said]:
        assert texts(person.events) == [*said][: len(texts(person.events))]
        await person.hear("events")


async def test_what_one_is_told_the_other_shows(tmp_path: Path, database: str) -> None:
    async with both(tmp_path, database) as servers, AsyncExitStack() as stack:
        ada = await stack.enter_async_context(chatting(servers.one))
        ben = await stack.enter_async_context(chatting(servers.other))
        await ada.enter("ada")
        await ben.enter("ben")
        await say(ada, "hello")
        await hear(ben, "hello")
        await say(ben, "hi")
        await hear(ada, "hello", "hi")
        await ada.send({"type": "typing", "room": "General"})
        assert (await ben.hear("typing"))["by"] == "ada"
        for person in (ada, ben):
            (room,) = (await person.ask("rooms", type="rooms"))["rooms"]
            assert (room["head"], room["users"]) == (4, 2)
        await until(lambda: bool(metric(servers.other, "hubbub_bus_heard_total")))
        assert await asyncio.to_thread(metric, servers.other, "hubbub_bus_refused_total") == 0


async def test_without_the_bus_it_is_a_second_late(tmp_path: Path, database: str) -> None:
    async with both(tmp_path, database) as servers, AsyncExitStack() as stack:
        ada = await stack.enter_async_context(chatting(servers.one))
        ben = await stack.enter_async_context(chatting(servers.other))
        await ada.enter("ada")
        await ben.enter("ben")
        servers.nats.kill()
        await servers.connected(0)
        said = []
        for number in range(5):
            said.append(f"{number} without")
            await say(ada if number % 2 else ben, said[-1])
            for person in (ada, ben):
                await hear(person, *said)
        assert await asyncio.to_thread(metric, servers.one, "hubbub_behind_found_total")
        await servers.nats.start()
        await servers.connected()
        for number in range(5):
            said.append(f"{number} again")
            await say(ada if number % 2 else ben, said[-1])
            for person in (ada, ben):
                await hear(person, *said)
        servers.nats.stop()  # cut off, and nobody is told
        try:
            said.append("cut off")
            await say(ada, said[-1])
            await hear(ben, *said)
        finally:
            servers.nats.go_on()


async def test_servers_with_no_bus_look(tmp_path: Path, database: str) -> None:
    async with both(tmp_path, database, bus=False) as servers, AsyncExitStack() as stack:
        ada = await stack.enter_async_context(chatting(servers.one))
        ben = await stack.enter_async_context(chatting(servers.other))
        await ada.enter("ada")
        await ben.enter("ben")
        await say(ada, "hello")
        await hear(ben, "hello")
        await say(ben, "hi")
        await hear(ada, "hello", "hi")
        assert await asyncio.to_thread(metric, servers.one, "hubbub_bus_connected") is None


async def test_an_account_at_both_reads_and_is_here_at_both(tmp_path: Path, database: str) -> None:
    async with both(tmp_path, database) as servers, AsyncExitStack() as stack:
        ada = await stack.enter_async_context(chatting(servers.one))
        ben = await stack.enter_async_context(chatting(servers.other))
        phone = await stack.enter_async_context(chatting(servers.other))
        for person, name in ((ada, "ada"), (ben, "ben")):
            await person.enter(name)
            await person.ask("welcome", type="register", password=PASSWORD)
        await until_known(phone, "ada")
        await phone.ask("joined", type="join", room="General")
        await say(ben, "hello")
        for person in (ada, phone):
            await hear(person, "hello")
        head = ada.events[-1]["seq"]
        await ada.ask("read", type="read", room="General", seq=head)
        told = await phone.hear("read")
        assert (told["room"], told["seq"], told["unread"]) == ("General", head, 0)
        await ada.ask("joined", type="join", room="Lab")
        await ada.ask("ack", type="rules", room="Lab", access="members")
        await ada.ask("ack", type="invite", room="Lab", user="ben")
        assert (await ben.hear("invitation"))["by"] == "ada"
        await ben.ask("joined", type="join", room="Lab")
        await ben.socket.close()
        assert (await ada.hear("presence"))["here"] is False
        who = await ada.ask("who", type="who", room="Lab")
        assert who["away"] == ["ben"]


async def until_known(person: Chatter, name: str) -> None:
    """Logs in, as soon as the account is known there."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline:
        await person.send({"type": "hello", "user": name, "password": PASSWORD})
        if (await person.hear())["type"] == "welcome":
            return
        await asyncio.sleep(0.1)
    raise AssertionError("it never came")
