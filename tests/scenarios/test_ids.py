"""A name that was freed is somebody else's, in every protocol; a new name leaves one who one is."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import pytest

from hubbub.client import Happened, Said, connect
from hubbub.hub import hub
from hubbub.server import first, line
from hubbub.storage.log import SqlLog
from tests.server.serving import Chatter, Server, serving


@pytest.fixture
async def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Server]:
    """A server on a database."""
    monkeypatch.setattr(first, "PAUSE_SECONDS", 0.03)
    monkeypatch.setattr(line, "PAUSE_SECONDS", 0.03)
    monkeypatch.setattr(hub, "TICK_SECONDS", 0.02)
    log = await SqlLog.open(tmp_path, durability="process")
    async with serving(log=log, http=True) as server:
        yield server
    await log.close()


async def said(chatter: Chatter, text: str) -> dict[str, Any]:
    """The event in which somebody says ``text``."""
    while True:
        for event in chatter.events:
            if event.get("text") == text:
                chatter.events.remove(event)
                return event
        await chatter.hear("events")


async def test_whoever_takes_a_freed_name_is_not_who_had_it(server: Server) -> None:
    async with server.web() as watching, server.web() as socket:
        eve, ada = Chatter(watching), Chatter(socket)
        await eve.enter("eve")
        former = await ada.ask("welcome", type="hello", user="ada")
        await ada.ask("joined", type="join", room="General")
        ack = await ada.ask("ack", type="say", room="General", text="mine", nonce="n")
        event = await said(eve, "mine")
        assert event["by_id"] == former["user_id"]
        await ada.ask("bye", type="bye")
        # Over lines there is no token, and nobody is whom they were before.
        seen = [former["user_id"]]
        for text in ("first", "second"):
            other = await server.enter("ada")
            other.say(text)
            event = await said(eve, text)
            assert (event["by"], event["by_id"] in seen) == ("ada", False)
            seen.append(event["by_id"])
            other.say("exit")
            await other.rest()
        async with server.web() as third:
            again = Chatter(third)
            welcome = await again.ask("welcome", type="hello", user="ada")
            assert welcome["user_id"] not in seen
            stolen = await again.ask("error", type="read", room="General", seq=1, at=0)
            assert stolen["code"] == "bad-cursor"
            where = {"room": "General", "seq": ack["seq"] - 1}
            page_of = {"type": "history", "room": "General", "limit": 1}
            page = await again.ask("history", **page_of, before=ack["seq"])
            marked = await again.ask("read", type="read", **where, at=page["events"][0]["at"])
            assert marked["unread"] == 3, "by whoever had the name: none of it is one's own"
            await again.ask("joined", type="join", room="General")
            same = await again.ask("ack", type="say", room="General", text="mine", nonce="n")
            assert same["seq"] > ack["seq"]
            reply = {"type": "say", "room": "General", "text": "yes", "reply_to": ack["seq"]}
            answer = await again.ask("ack", **reply)
            page = await again.ask("history", **page_of, after=answer["seq"] - 1)
            assert page["events"][0]["quote"]["by_id"] == former["user_id"]
            assert page["events"][0]["by_id"] == welcome["user_id"]
    url = f"{server.url.replace('ws:', 'http:').removesuffix('/ws')}/api/rooms/General/events"
    found = json.loads(await asyncio.to_thread(lambda: urlopen(f"{url}?limit=200").read()))
    by = {event["seq"]: event["by_id"] for event in found["events"] if event["by"] == "ada"}
    assert by[ack["seq"]] == former["user_id"]
    assert set(by.values()) == {*seen, welcome["user_id"]}


async def test_who_takes_another_name_keeps_what_is_theirs(server: Server) -> None:
    host, port = server.address
    where = f"{host}:{port}"
    async with connect(where, user="ada") as ada, connect(where, user="ben") as ben:
        await ada.join("General")
        await ben.join("General")
        await ada.say("General", "mine")
        before = ada.resume()
        assert before.user is not None
        assert before.token is not None
        async with connect(where, user="eve") as eve:
            await eve.formerly(before.user, before.token)
            await eve.join("General")
            await ada.close()
            await eve.say("General", "mine, too")
            texts = {}
            async for update in ben:
                if isinstance(update, Happened) and isinstance(update.event, Said):
                    texts[update.event.text] = update.event
                    if len(texts) == 2:
                        break
            assert [event.by for event in texts.values()] == ["ada", "eve"]
            assert [eve.me.did(event) for event in texts.values()] == [True, True]
            assert eve.resume().user_id == before.user_id
            async with connect(where, user="ada") as other:
                assert not any(map(other.me.did, texts.values()))
