"""Ids by which what a client was told of a fault is found in the log."""

from __future__ import annotations

import asyncio
import json
import logging
import re
from collections.abc import Iterator
from io import StringIO
from typing import Any

import pytest
from starlette.types import Receive, Scope, Send

from hubbub.domain.commands import Command
from hubbub.hub.session import Session
from hubbub.server import logs
from hubbub.server.http.numbered import Numbered
from hubbub.server.tallies import Tallies
from tests.server.http_support import FakeHub
from tests.server.http_support import serving as serving_http
from tests.server.serving import Chatter, Server, eventually, serving

ID = re.compile(r"\(id ([0-9a-f]{8})\)")


@pytest.fixture
def log() -> Iterator[StringIO]:
    """The log's lines as JSON, at the level debug."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    stream = StringIO()
    logs.set_up("debug", "json", stream)
    yield stream
    root.handlers[:] = handlers
    root.setLevel(level)
    for name in logs.LEAST:
        logging.getLogger(name).setLevel(logging.NOTSET)
    logging.captureWarnings(False)


def lines(stream: StringIO, **having: str) -> list[dict[str, Any]]:
    found = [json.loads(line) for line in stream.getvalue().splitlines()]
    return [line for line in found if having.items() <= line.items()]


class Broken:
    """Fails at what nobody has thought of."""

    def __init__(self, server: Server) -> None:
        self._handle = server.hub.handle
        # Its task group is not to end by what the loop is told.
        asyncio.get_running_loop().set_exception_handler(None)

    def __call__(self, session: Session, command: Command) -> None:
        if getattr(command, "text", None) == "break":
            raise ZeroDivisionError("a fault")
        self._handle(session, command)


async def test_who_meets_a_fault_is_told_an_id_that_the_log_has(
    log: StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with serving(http=True) as server:
        await server.enter("ben")
        monkeypatch.setattr(server.hub, "handle", Broken(server))
        ada = await server.line(b"ada\nGeneral\nbreak\n")
        (said,) = ID.findall((await ada.rest()).decode())
        async with server.web() as socket:
            eve = Chatter(socket)
            await eve.enter("eve")
            await eve.send({"type": "say", "room": "General", "text": "break"})
            error = await eve.hear("error")
        await eventually(lambda: len(server.context.ids) == 1)
    (told,) = lines(log, connection=said, level="error")
    assert "ZeroDivisionError: a fault" in told["exception"]
    begins, ends = lines(log, connection=said, level="debug")
    assert (begins["protocol"], begins["client"]) == ("line", "loopback")
    assert ends["event"] == "A connection ends"
    assert error["code"] == "internal-error"
    assert len(lines(log, connection=ID.findall(error["message"])[0], level="error")) == 1


async def test_an_idle_connection_has_no_id_at_the_usual_level() -> None:
    async with serving(http=True) as server:
        await server.enter("ada")
        assert len(server.context.ids) == 0


async def test_a_request_that_fails_has_its_id_in_the_answer_and_in_the_log(
    log: StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    hub = FakeHub()
    monkeypatch.setattr(hub, "room_list", lambda *_, **__: 1 / 0)
    async with serving_http(hub) as server:
        answer = await server.get("/api/rooms", X_Request_Id="from-eve")
    id = answer.headers["x-request-id"]
    assert ID.findall(answer.json["error"]["message"]) == [id]
    (told,) = lines(log, request=id, level="error")
    assert "ZeroDivisionError" in told["exception"]


async def test_requests_have_different_ids() -> None:
    async with serving_http(FakeHub()) as server:
        client = await server.connect()
        ids = [(await client.get("/healthz")).headers["x-request-id"] for _ in range(3)]
    assert len(set(ids)) == 3


@pytest.mark.parametrize(
    "said, taken",
    [
        ([b"2f1d-7"], True),
        ([b"Root=1-67891233-abcdef012345678912345678"], True),
        ([b""], False),
        ([b"a b"], False),
        ([b"x" * 129], False),
        ([b"one", b"two"], False),
    ],
)
async def test_the_id_of_a_proxy_that_is_believed_is_taken_if_it_is_one(
    said: list[bytes], taken: bool
) -> None:
    assert (await answered(said, believed=True) == said[0]) == taken
    assert await answered(said, believed=False) not in said


async def answered(said: list[bytes], *, believed: bool) -> bytes:
    """The id in the answer to a request with these headers."""
    sent: list[Any] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})

    async def send(message: Any) -> None:
        sent.append(message)

    async def receive() -> Any:
        raise AssertionError("nothing is read")

    scope = {"type": "http", "headers": [(b"x-request-id", value) for value in said]}
    await Numbered(Tallies(), lambda _: believed).answer(app, scope, receive, send)
    (header,) = sent[0]["headers"]
    assert header[0] == b"x-request-id"
    return bytes(header[1])
