"""A database with pages that are garbage: what can be served is, the rest is refused clearly."""

from __future__ import annotations

import asyncio
import json
import random
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from websockets.asyncio.client import ClientConnection, connect

from hubbub.hub.ports import KeepGuest
from hubbub.storage.log import DATABASE, SqlLog
from tests.conftest import LONG
from tests.faults.forked import CAN_FORK, ForkedServer
from tests.faults.moments import seeded
from tests.faults.nursery import Nursery
from tests.patience import PATIENCE_SECONDS
from tests.storage.talk import ADA, Talk, guest, joined, said

ROUNDS = 400 if LONG else 14
EVENTS = 601
PAGE = 4096

pytestmark = [
    pytest.mark.skipif(not CAN_FORK, reason="needs pidfd_open to start servers quickly"),
    pytest.mark.timeout(900 if LONG else 300),
]


@pytest.fixture
async def good(tmp_path: Path) -> bytes:
    """A database with a guest, and a room of many pages."""
    log = await SqlLog.open(tmp_path / "good", durability="process")
    talk = Talk(log)
    await talk.settle(joined(), KeepGuest(guest(ADA)))
    for group in range(30):
        await talk.settle(
            *(said(f"{group}-{n} {'x' * 200}", nonce=f"{group}-{n}") for n in range(20))
        )
    await log.close()
    return (tmp_path / "good" / DATABASE).read_bytes()


async def test_damage_is_told_and_nothing_else_is_lost(good: bytes, tmp_path: Path) -> None:
    met = {"refused to start": 0, "page refused": 0, "all served": 0}
    with seeded() as dice, Nursery() as nursery:
        for number in range(ROUNDS):
            folder = tmp_path / str(number)
            folder.mkdir()
            certain = spoil(folder / DATABASE, good, dice)
            for _ in range(2):  # the next start finds what the first one has left
                met[await serve(nursery, folder, certain=certain)] += 1
            shutil.rmtree(folder)
    assert all(met.values()), f"too few kinds of damage: {met}"


def spoil(path: Path, good: bytes, dice: random.Random) -> bool:
    """Writes a damaged copy; returns whether the damage cannot look like another text."""
    page = dice.randrange(len(good) // PAGE)
    start, end = page * PAGE, (page + 1) * PAGE
    spoilt = bytearray(good)
    kind = dice.choice(["ones", "zeros", "noise", "bits"])
    match kind:
        case "ones":
            spoilt[start:end] = b"\xff" * PAGE
        case "zeros":
            spoilt[start:end] = bytes(PAGE)
        case "noise":
            spoilt[start:end] = dice.randbytes(PAGE)
        case _:
            for _ in range(20):
                spoilt[dice.randrange(start, end)] ^= 1 << dice.randrange(8)
    path.write_bytes(spoilt)
    return kind != "bits"


async def serve(nursery: Nursery, folder: Path, *, certain: bool) -> str:
    """Starts a server on the damaged database and reads all there is; returns how it went."""
    server = ForkedServer(nursery, folder, "--rate-limit", "0")
    try:
        await asyncio.to_thread(server.start)
    except AssertionError:
        said = server.output[-1]
        assert said.startswith("hubbub: "), server.output
        assert "damaged" in said or "not a database" in said or "another program" in said, said
        assert "Traceback" not in "".join(server.output), server.output
        server.kill()
        return "refused to start"
    try:
        async with asyncio.timeout(PATIENCE_SECONDS), connect(server.url, compression=None) as eve:
            pages = await read_all(eve)
        refused = [page for page in pages if page["type"] == "error"]
        assert not [page for page in refused if page["code"] != "log-unavailable"], refused
        for page in pages:
            check_page(page, certain=certain)
        if refused:
            await asyncio.to_thread(server.tells, "The log in the database fails")
        output = "\n".join(server.output)
        assert "Traceback" not in output, output
        assert "xxxx" not in output, "what people said is in the server's own log"
        assert server.stop() == 0, "it lives until it is stopped"
    finally:
        server.kill()
    return "page refused" if refused else "all served"


async def read_all(socket: ClientConnection) -> list[dict[str, Any]]:
    """All pages of the room, or the errors in their place; and what becomes of a text."""
    await ask(socket, type="hello", user="eve")
    pages = [
        await ask(socket, type="history", room="General", after=after, limit=50)
        for after in range(0, EVENTS, 50)
    ]
    said = await ask(socket, type="join", room="General", after=EVENTS)
    if said["type"] == "joined":
        said = await ask(socket, type="say", room="General", text="still here")
    return [*pages, said] if said["type"] == "error" else pages


async def ask(socket: ClientConnection, **fields: Any) -> dict[str, Any]:
    await socket.send(json.dumps(fields))
    while True:
        answer: dict[str, Any] = json.loads(await socket.recv())
        if answer["type"] != "events":
            return answer


def check_page(page: dict[str, Any], *, certain: bool) -> None:
    """A page that is shown has no hole, and says what was said."""
    if page["type"] != "history":
        return
    events: Sequence[dict[str, Any]] = page["events"]
    seqs = [event["seq"] for event in events]
    assert seqs == list(range(seqs[0], seqs[0] + len(seqs))), seqs
    for event in events:
        number = event["seq"] - 2
        if certain and 0 <= number < EVENTS - 1:
            assert event["text"] == f"{number // 20}-{number % 20} {'x' * 200}"
