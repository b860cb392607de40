"""Over HTTP with a token: edits, redactions, reactions, pins, and what belongs together."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import quote

import pytest

from tests.server.http_support import Answer
from tests.server.serving import Chatter, Server
from tests.server.test_http_accounts import JSON, Caller, chatting, registered, server

__all__ = ["chatting", "server"]

TEA = "/api/rooms/Tea"
UP = quote("👍")


async def tea(server: Server) -> tuple[Caller, Caller, str]:
    """Ada's room, ben, and the path of what ben has said there."""
    ada, ben = await registered(server, "ada", "Tea"), await registered(server, "ben")
    said = await ben.post(f"{TEA}/messages", text="hello")
    return ada, ben, f"{TEA}/messages/{said.json['seq']}"


async def patch(caller: Caller, path: str, **body: Any) -> Answer:
    sent = json.dumps(body).encode()
    headers = {"Content-Type": JSON, "Content-Length": str(len(sent))}
    return await caller.send("PATCH", path, sent, headers)


async def newest(caller: Caller) -> dict[str, Any]:
    found: dict[str, Any] = (await caller.get(f"{TEA}/timeline?limit=1")).json["events"][-1]
    return found


async def test_a_message_is_edited_and_taken_back(server: Server) -> None:
    ada, ben, message = await tea(server)
    for _ in range(2):
        answer = await patch(ben, message, text="hello all", nonce="1")
        assert (answer.status, answer.json["type"]) == (200, "ack")
    assert (await newest(ada))["text"] == "hello all"
    assert (await patch(ada, message, text="no")).error == "not-allowed"
    versions = (await ben.get(f"{message}/versions")).json["versions"]
    assert [one["text"] for one in versions] == ["hello", "hello all"]
    assert (await ada.send("DELETE", f"{message}?nonce=2")).status == 200
    assert (await ada.send("DELETE", f"{message}?nonce=2")).status == 200
    gone = await newest(ben)
    assert (gone["text"], gone["redacted"]["by"]) == ("", "ada")
    assert (await patch(ben, message, text="again")).error == "bad-message"
    assert (await ben.get(f"{message}/versions")).error == "bad-message"


async def test_people_react_and_pin(server: Server) -> None:
    ada, ben, message = await tea(server)
    assert (await ada.send("PUT", f"{message}/reactions/{UP}")).status == 200
    assert (await ada.send("PUT", f"{message}/reactions/{UP}")).error == "bad-message"
    assert [one["users"] for one in (await newest(ben))["reactions"]] == [["ada"]]
    assert (await ada.send("PUT", f"{message}/reactions/x%3F")).error == "bad-message"
    assert (await ada.send("DELETE", f"{message}/reactions/{UP}")).status == 200
    assert "reactions" not in await newest(ben)
    seq = message.rsplit("/")[-1]
    assert (await ben.send("PUT", f"{TEA}/pins/{seq}")).error == "not-allowed"
    assert (await ada.send("PUT", f"{TEA}/pins/{seq}")).status == 200
    nobody = Caller(server)
    pins = (await nobody.get(f"{TEA}/pins")).json
    assert [event["text"] for event in pins["events"]] == ["hello"]
    assert (await ada.send("DELETE", f"{TEA}/pins/{seq}")).status == 200
    assert (await nobody.get(f"{TEA}/pins")).json["events"] == []


async def test_a_conversation_is_read_by_who_reads_the_room(server: Server) -> None:
    ada, ben, message = await tea(server)
    seq = int(message.rsplit("/")[-1])
    await ada.post(f"{TEA}/messages", text="besides")
    await ada.post(f"{TEA}/messages", text="how are you?", reply_to=seq)
    found = (await Caller(server).get(f"{message}/conversation")).json
    assert [event["text"] for event in found["events"]] == ["hello", "how are you?"]
    assert found["more"] is False
    await ada.ask("rules", room="Tea", access="members")
    for path in (f"{message}/conversation", f"{TEA}/pins", f"{message}/versions"):
        answer = await ben.get(path)
        absent = await ben.get(path.replace("Tea", "Missing"))
        assert answer.status == 404
        assert answer.body.replace(b"Tea", b"Missing") == absent.body


async def test_what_is_no_message_is_told_so(server: Server) -> None:
    ada, _, _ = await tea(server)
    for path in ("x", "99", "1", "-1", "9" * 30):
        answer = await ada.get(f"{TEA}/messages/{path}/conversation")
        assert (answer.status, answer.error) == (400, "bad-message"), path
        answer = await ada.send("DELETE", f"{TEA}/messages/{path}")
        assert (answer.status, answer.error) == (400, "bad-message"), path
    assert (await ada.send("PUT", f"{TEA}/messages/2/reactions/{'x' * 99}")).status == 400
    assert (await ada.send("DELETE", f"{TEA}/messages/2?nonsense=1")).error == "bad-query"


@pytest.mark.parametrize(
    "method, path",
    [
        ("DELETE", "/messages/2"),
        ("PUT", f"/messages/2/reactions/{UP}"),
        ("PUT", "/pins/2"),
        ("GET", "/messages/2/versions"),
    ],
)
async def test_that_takes_a_token(server: Server, method: str, path: str) -> None:
    await tea(server)
    assert (await Caller(server).send(method, TEA + path)).status == 401


async def test_who_is_connected_sees_it_at_once(server: Server) -> None:
    ada, ben, message = await tea(server)
    async with server.web() as web:
        eve = Chatter(web)
        await eve.enter("eve", "Tea")
        eve.events.clear()
        await patch(ben, message, text="hello all")
        await ada.send("PUT", f"{message}/reactions/{UP}")
        await ada.send("DELETE", message)
        await eve.ask("pong", type="ping")
        assert [event["kind"] for event in eve.events] == ["edited", "reacted", "redacted"]
        assert eve.events[1]["count"] == 1
