"""Clients of IRC at different nodes of a cluster, by real sockets: they are in one chat."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress

import pytest
from websockets.asyncio.client import connect

from tests.cluster.conftest import running
from tests.patience import PATIENCE_SECONDS
from tests.server.irc_client import IrcClient
from tests.server.serving import LineClient
from tools.cluster.cluster import Cluster, Plan
from tools.cluster.node import Node

PASSWORD = "correct horse battery"
CAPS = "away-notify account-notify extended-join invite-notify batch"


class People:
    """Those of one test, whose names nobody else in the cluster has."""

    def __init__(self, room: str) -> None:
        self._end = room.removeprefix("room")
        self._clients: list[LineClient] = []

    def called(self, name: str) -> str:
        return f"{name}{self._end}"

    async def comes(self, node: Node, name: str, caps: str = "") -> IrcClient:
        """Somebody at ``node``, who is registered and has read the greeting."""
        client = await self.connects(node)
        nick = self.called(name)
        if caps:
            client.says(f"CAP REQ :{caps}")
        client.says(f"NICK {nick}", f"USER {name} 0 * :{name.title()}")
        if caps:
            client.says("CAP END")
        await client.until(" 422 ")
        return client

    async def connects(self, node: Node) -> IrcClient:
        """Somebody at ``node`` who has said nothing yet."""
        return IrcClient(await self.line(node))

    async def line(self, node: Node) -> LineClient:
        """A connection to ``node``."""
        line = LineClient(*await asyncio.open_connection("127.0.0.1", node.port))
        self._clients.append(line)
        return line

    async def close(self) -> None:
        for client in self._clients:
            client.close()
            with suppress(ConnectionError):
                await client.writer.wait_closed()


@asynccontextmanager
async def people_of(room: str) -> AsyncIterator[People]:
    people = People(room)
    try:
        yield people
    finally:
        await people.close()


async def hears(client: IrcClient, part: str) -> list[str]:
    async with asyncio.timeout(PATIENCE_SECONDS):
        return await client.until(part)


async def asks_until(client: IrcClient, line: str, is_so: Callable[[str], bool]) -> str:
    """Asks again and again: what other nodes know comes a moment later."""
    told = ""
    async with asyncio.timeout(PATIENCE_SECONDS):
        while not is_so(told):
            told = "\n".join(await client.asks(line))
    return told


async def test_rooms_are_the_same_at_both_nodes(cluster: Cluster, room: str) -> None:
    one, other = cluster.nodes
    async with people_of(room) as people:
        ada, ben = await people.comes(one, "ada", CAPS), await people.comes(other, "ben", CAPS)
        ada_, ben_ = people.called("ada"), people.called("ben")
        await ada.asks(f"JOIN #{room}")
        await asks_until(ben, f"LIST #{room}", lambda told: " 322 " in told)
        ben.says(f"JOIN #{room}")
        assert " JOIN #" in (await hears(ada, f":{ben_}!"))[-1]
        names = await asks_until(ben, f"NAMES #{room}", lambda told: " 353 " in told)
        assert f"@{ada_}" in names
        assert ben_ in names
        ada.says(*(f"PRIVMSG #{room} :{number}" for number in range(20)))
        heard = [line for line in await hears(ben, f" #{room} :19") if " PRIVMSG " in line]
        assert [line.rpartition(":")[2] for line in heard] == [str(one) for one in range(20)]
        ben.says(f"TOPIC #{room} :soup", "AWAY :tea")
        assert (await hears(ada, "TOPIC"))[-1].endswith(f" TOPIC #{room} :soup")
        assert (await hears(ada, "AWAY"))[-1].endswith(" AWAY tea")
        whois = await asks_until(ada, f"WHOIS {ben_}", lambda told: " 301 " in told)
        assert f" 311 {ada_} {ben_} " in whois
        assert f"#{room}" in whois
        assert "127.0.0.1" not in whois
        ada.says(f"MODE #{room} +v {ben_}", f"KICK #{room} {ben_} :out")
        told = await hears(ben, " KICK ")
        assert any(line.endswith(f" MODE #{room} +v {ben_}") for line in told)
        assert told[-1].endswith(f" KICK #{room} {ben_} :out")
        assert " 442 " in "".join(await ben.asks(f"PART #{room}"))
        ada.says(f"MODE #{room} +i", f"INVITE {ben_} #{room}")
        assert (await hears(ben, " INVITE "))[-1].endswith(f" INVITE {ben_} #{room}")
        ben.says(f"JOIN #{room}")
        await hears(ben, " 366 ")
        ada.says(f"NICK {people.called('countess')}")
        assert (await hears(ben, " NICK "))[-1].startswith(f":{ada_}!")
        ben.says("QUIT :good night")
        told = await hears(ada, " QUIT ")
        assert told[-1].endswith(" QUIT :good night") or "good night" in told[-1]
        assert not [line for line in await ada.hears() if ben_ in line], "seen to go once"


async def test_queries_and_watching_go_from_node_to_node(cluster: Cluster, room: str) -> None:
    one, other = cluster.nodes
    async with people_of(room) as people:
        ada = await people.comes(one, "ada", "message-tags")
        ada_, ben_ = people.called("ada"), people.called("ben")
        assert f" 731 {ada_} {ben_}" in "".join(await ada.asks(f"MONITOR + {ben_}"))
        ben = await people.comes(other, "ben", "message-tags")
        await hears(ada, f" 730 {ada_} {ben_}!")
        ada.says(f"PRIVMSG {ben_} :psst")
        assert (await hears(ben, "psst"))[-1].endswith(f" PRIVMSG {ben_} :psst")
        ben.says(f"PRIVMSG {ada_} :what?")
        assert (await hears(ada, "what?"))[-1].endswith(f" PRIVMSG {ada_} :what?")
        ada.says(f"PRIVMSG {ben_} :\x01VERSION\x01")
        assert "VERSION" in (await hears(ben, "\x01"))[-1]
        ada.says(f"@+draft/x=1 TAGMSG {ben_}")
        assert "+draft/x=1" in (await hears(ben, "TAGMSG"))[-1]
        assert f" 303 {ada_} {ben_}" in "".join(await ada.asks(f"ISON {ben_} nobody"))
        eve = await people.comes(other, "eve")
        for text in ("one", "two"):
            ada.says(f"PRIVMSG {people.called('eve')} :{text}")
        told = await hears(eve, " :two")
        assert [line.rpartition(":")[2] for line in told if " PRIVMSG " in line] == ["one", "two"]
        ben.close()
        await hears(ada, f" 731 {ada_} ")


async def test_a_name_is_one_person_s_at_all_nodes(cluster: Cluster, room: str) -> None:
    one, other = cluster.nodes
    async with people_of(room) as people:
        ada = await people.comes(one, "ada")
        nick = people.called("ada")
        again = await people.connects(other)
        again.says(f"NICK {nick}", "USER a 0 * :A")
        assert f" 433 * {nick} " in (await hears(again, " 433 "))[-1]
        again.says(f"NICK {nick}_")
        await hears(again, " 422 ")
        assert " 433 " in "".join(await again.asks(f"NICK {nick.upper()}"))
        again_ = f"{nick}_"
        await ada.asks(f"REGISTER * * :{PASSWORD}")
        phone = await people.connects(other)
        phone.says(f"PASS :{nick}:{PASSWORD}", "NICK whoever", "USER a 0 * :A")
        told = await hears(phone, " 422 ")
        assert any(f" 001 {nick} " in line for line in told), told
        ada.says(f"PRIVMSG {again_} :from both")
        assert (await hears(again, "from both"))[-1].startswith(f":{nick}!")
        phone.says(f"PRIVMSG {again_} :from both, too")
        assert (await hears(again, "too"))[-1].startswith(f":{nick}!")


@pytest.mark.slow
@pytest.mark.timeout(300)
async def test_clients_of_a_node_that_is_killed_are_seen_to_go_once() -> None:
    with running(Plan(nodes=3, safe=False, lease_seconds=3)) as cluster:
        dying, other, third = cluster.nodes
        async with people_of("room") as people:
            ada, ben = [await people.comes(dying, name) for name in ("ada", "ben")]
            eve, zoe = await people.comes(other, "eve"), await people.comes(third, "zoe")
            eve.says("MONITOR + ada")
            await hears(eve, " 730 ")  # that she is there may be known a moment later
            for room in ("#t", "#u"):
                for client in (ada, ben, eve, zoe):
                    client.says(f"JOIN {room}")
                    await hears(client, f" 366 {client_nick(client)} {room} ")
            dying.kill()
            told: dict[IrcClient, list[str]] = {}
            for client in (eve, zoe):
                lines: list[str] = []
                async with asyncio.timeout(PATIENCE_SECONDS):
                    while sum(" QUIT " in line for line in lines) < 2:
                        lines.append(await client.line())
                told[client] = lines
            for client, other_one in ((eve, zoe), (zoe, eve)):
                client.says("PRIVMSG #t :still here")
                told[client] += await client.hears()
                told[other_one] += await hears(other_one, "still here")
            for lines in told.values():
                gone = [line for line in lines if re.search(r" (QUIT|PART) ", line)]
                assert sorted(line[1:4] for line in gone) == ["ada", "ben"], gone
            if not any(" 731 " in line for line in told[eve]):
                told[eve] += await hears(eve, " 731 ")
            told[eve] += await eve.hears()
            assert sum(" 731 " in line for line in told[eve]) == 1
            again = await people.comes(third, "ada")
            await again.asks("JOIN #t")


def client_nick(client: IrcClient) -> str:
    return next(line.split()[2] for line in client.read if " 001 " in line)


async def test_an_operator_puts_out_who_is_at_another_node() -> None:
    with running(Plan(nodes=2, safe=False, lease_seconds=30)) as cluster:
        one, other = cluster.nodes
        found = re.search(r"/own (\S+)", "\n".join(node.told() for node in cluster.nodes))
        assert found, one.told()
        async with people_of("room") as people:
            root = await people.comes(one, "root")
            await root.asks(f"REGISTER * * :{PASSWORD}")
            async with connect(one.url) as page:
                for command in (
                    {"type": "hello", "user": "root", "password": PASSWORD},
                    {"type": "own", "code": found[1]},
                    {"type": "ping", "id": 1},
                ):
                    await page.send(json.dumps(command))
                while '"type":"pong"' not in str(await page.recv()):
                    pass
            ada, eve = await people.comes(one, "ada"), await people.comes(other, "eve")
            zoe = await people.comes(other, "zoe")
            for client in (ada, eve, zoe):
                await client.asks("JOIN #t")
            told = await asks_until(ada, f"OPER root :{PASSWORD}", lambda told: " 381 " in told)
            assert " 381 " in told
            ada.says("KILL eve :enough")
            async with asyncio.timeout(PATIENCE_SECONDS):
                while not (await eve.line()).startswith("ERROR :"):
                    pass
            assert (await hears(zoe, " QUIT "))[-1].startswith(":eve!")
            ada.says("WALLOPS :tea")
            assert (await hears(zoe, " WALLOPS "))[-1].endswith(" WALLOPS tea")
