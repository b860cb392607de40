from __future__ import annotations

import asyncio
import itertools
import time

import pytest

from hubbub.hub.clients import SITE_TIMES
from hubbub.hub.settings import HubSettings
from hubbub.server import admission, first
from hubbub.server.options import Options
from tests.server.serving import UPGRADE, eventually, serving

SILENT_WORDS = b"connections from your address already"


async def test_connections_that_say_nothing_keep_nobody_out(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(admission, "STRANGER_SECONDS", 0.0)
    async with serving(Options(port=0, sessions_per_address=5)) as server:
        quiet = [await server.line() for _ in range(10)]
        await server.connections(10)
        ada = await server.enter("ada")
        assert await quiet[0].rest() == b"", "the oldest gave way"
        ben = await server.enter("ben")
        assert await quiet[1].rest() == b""
        ada.say("hello")
        await ben.until("ada: hello")
        assert len(server.context.admission) == 10


async def test_a_stranger_of_this_moment_gives_way_to_nobody() -> None:
    async with serving(Options(port=0, sessions_per_address=1)) as server:
        for _ in range(2):
            await server.line()
        await server.connections(2)
        assert SILENT_WORDS in await (await server.line()).rest()
        assert len(server.context.admission) == 2


async def test_who_has_a_name_gives_way_to_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(admission, "STRANGER_SECONDS", 0.0)
    async with serving(Options(port=0, sessions_per_address=1)) as server:
        ada = await server.enter("ada")
        async with server.web() as socket:
            await socket.send('{"type": "hello", "user": "ben"}')
            await socket.recv()
            assert SILENT_WORDS in await (await server.line()).rest()
            ada.say("still here")
            await ada.until("ada: still here")


async def test_all_addresses_of_this_computer_are_one_client() -> None:
    async with serving(Options(port=0, sessions_per_address=2)) as server:
        for last in range(1, 5):
            await server.line(address=f"127.0.0.{last}")
        await server.connections(4)
        assert SILENT_WORDS in await (await server.line(address="127.0.0.9")).rest()


async def test_who_connects_too_often_waits_and_is_then_told_so() -> None:
    settings = HubSettings(rate_limit=0, connect_rate_limit=10.0, connect_rate_burst=2)
    async with serving(Options(port=0, sessions_per_address=1000), settings) as server:
        began = time.monotonic()
        people = [await server.enter(f"eve{number}") for number in range(5)]
        assert time.monotonic() - began >= 0.2, "three more than at once"
        for person in people:
            person.abort()
        # Many more than can wait, so that a machine which takes seconds to connect them will do.
        # Any of them may come when there is room for one more, and waits then.
        crowd = [await server.line() for _ in range(200)]
        answers = [asyncio.ensure_future(client.rest()) for client in crowd]
        ended, waiting = await asyncio.wait(answers, return_when=asyncio.FIRST_COMPLETED)
        for answer in waiting:
            answer.cancel()
        for answer in ended:
            assert b"Too many connections come from your address" in answer.result()


async def test_a_connection_that_has_to_wait_is_not_greeted_before_it_is_read_from(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A browser would take the greeting for the beginning of its answer."""
    monkeypatch.setattr(first, "GREET_SECONDS", 0.0)
    settings = HubSettings(connect_rate_limit=10.0, connect_rate_burst=1)
    async with serving(Options(port=0), settings, http=True) as server:
        await server.line()
        asked = await server.line(GET)
        answer = await asked.until_bytes(b'{"status":"ok"}')
        assert answer.startswith(b"HTTP/1.1 200 ")
        silent = await server.line()
        assert await silent.line() == "Welcome to Hubbub! What is your name?"


async def test_what_a_gone_peer_asked_for_is_not_done() -> None:
    async with serving(Options(port=0, sessions_per_address=100)) as server:
        eve, ada = await server.enter("eve"), await server.enter("ada")
        client = server.context.admission.client_of(next(iter(server.context.admission._clients)))
        client.charge(0.5, server.hub.turns.stopwatch())  # she waits for her turn
        before = server.hub.counts.events
        eve.send(b"/who\n" * 5000)
        eve.abort()
        await eventually(lambda: len(server.context.admission) == 1)
        await eventually(lambda: not client.takers)
        await eventually(lambda: server.hub.counts.events == before + 1)  # she left
        ada.say("hello")
        await ada.until("ada: hello")


GET = b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"


async def test_who_opens_the_page_keeps_nobody_from_chatting() -> None:
    """Browsers load a page over six connections each, and keep them."""
    async with serving(Options(port=0, sessions_per_address=1), http=True) as server:
        pages = [await server.line(GET) for _ in range(8)]
        for page in pages:
            await page.until_bytes(b'{"status":"ok"}')
        ada = await server.enter("ada")
        async with server.web() as socket:
            await socket.send('{"type": "hello", "user": "ben"}')
            await socket.recv()
            ada.say("hello")
            await ada.until("ada: hello")
            answer = await (await server.line(GET)).rest()
            assert answer.startswith(b"HTTP/1.1 429 "), "so many pages and no more"
            pages[0].send(UPGRADE)
            refused = await pages[0].until_bytes(b"already. Close one first.")
            assert b"HTTP/1.1 429 " in refused, "what begins as a page is a chat like any other"
        assert server.context.admission._pages.total() <= 8
    assert not server.context.admission._pages


async def test_a_site_has_the_connections_of_ten_clients(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(admission, "LOOPBACK_SHARE", 1)
    networks = (f"2001:db8:1:{number:x}::1" for number in itertools.count())
    async with serving(Options(port=0, sessions_per_address=1)) as server:
        at = server.hub.clients.at
        monkeypatch.setattr(server.hub.clients, "at", lambda address: at(next(networks)))
        for number in range(SITE_TIMES):
            await server.enter(f"ada{number}")
        assert SILENT_WORDS in await (await server.line(b"eve\n")).rest()


async def test_a_site_has_the_pages_of_ten_clients(monkeypatch: pytest.MonkeyPatch) -> None:
    """Or its 65,536 networks would take all connections that the server has."""
    monkeypatch.setattr(admission, "PAGES_SHARE", 1)
    monkeypatch.setattr(admission, "LOOPBACK_SHARE", 1)
    networks = (f"2001:db8:1:{number:x}::1" for number in itertools.count())
    async with serving(Options(port=0, sessions_per_address=1), http=True) as server:
        at = server.hub.clients.at
        monkeypatch.setattr(server.hub.clients, "at", lambda address: at(next(networks)))
        for _ in range(SITE_TIMES):
            await (await server.line(GET)).until_bytes(b'{"status":"ok"}')
        refused = await (await server.line(GET)).rest()
        assert refused.startswith(b"HTTP/1.1 429 ")
