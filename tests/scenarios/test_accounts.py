"""The story of an account, on a server as people run it: with real hashes, codes and database."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pyotp import TOTP
from websockets.asyncio.client import ClientConnection, connect

from tests.patience import PATIENCE_SECONDS
from tests.process import ServerProcess

PASSWORD, OTHER = "correct horse battery", "a quite different one"


class Teller:
    """One connection, on which something is asked, and answered."""

    def __init__(self, socket: ClientConnection) -> None:
        self._socket = socket

    async def __call__(self, type: str, **fields: Any) -> dict[str, Any]:
        await self._socket.send(json.dumps({"id": "asked", "type": type, **fields}))
        async with asyncio.timeout(PATIENCE_SECONDS):
            while True:
                frame: dict[str, Any] = json.loads(await self._socket.recv())
                if frame.get("re") == "asked" or frame["type"] == "bye":
                    return frame


@pytest.fixture
def server(tmp_path: Path) -> Iterator[ServerProcess]:
    environment = {"HUBBUB_REGISTRATION": "invite"}
    with ServerProcess(tmp_path / "data", environment=environment) as server:
        yield server
        assert server.stop() == 0
        assert not [line for line in server.output if "Traceback" in line], server.output


async def test_from_the_first_account_to_a_forgotten_password(server: ServerProcess) -> None:
    url = f"ws://127.0.0.1:{server.port}/ws"
    server.tells("/own ")
    code = next(line for line in server.output if "/own " in line).split("/own ")[1].split()[0]
    async with connect(url) as first, connect(url) as second, connect(url) as third:
        ada, ben, eve = Teller(first), Teller(second), Teller(third)
        made = await ada("register", user="ada", password=PASSWORD, invite=code)
        assert (made["type"], made["account"]) == ("welcome", True)
        assert (await ada("own", code=code))["type"] == "done"

        refused = await ben("register", user="ben", password=PASSWORD)
        assert refused["code"] == "need-invitation"
        link = await ada("make-ticket", room="/server")
        welcome = await ben("register", user="ben", password=PASSWORD, invite=link["code"])
        assert welcome["user"] == "ben"
        used = await eve("register", user="eve", password=PASSWORD, invite=link["code"])
        assert used["code"] == "bad-ticket"

        assert (await ada("join", room="Cellar"))["type"] == "joined"
        assert (await ada("rules", room="Cellar", access="members"))["type"] == "ack"
        link = await ada("make-ticket", room="Cellar", uses=2, seconds=3600)
        assert (await ben("join", room="Cellar"))["code"] == "no-such-room"
        joined = await ben("join", room="Cellar", invite=link["code"])
        assert joined["users"] == ["ada", "ben"]
        left = (await ada("tickets", room="Cellar"))["tickets"]
        assert [one.get("uses", 1) for one in left] == [1]

        offered = await ben("factor", password=PASSWORD)
        totp = TOTP(offered["secret"])
        confirmed = await ben("confirm-factor", code=totp.now())
        assert len(confirmed["codes"]) == 10
        assert (await eve("hello", user="ben", password=PASSWORD))["code"] == "need-code"
        recovery = confirmed["codes"][0]
        assert (await eve("hello", user="ben", password=PASSWORD, code=recovery))["user"] == "ben"
        renamed = await eve("rename", user="Benjamin")
        assert renamed["type"] == "done"
        async with asyncio.timeout(PATIENCE_SECONDS):
            while (await ada("who", room="Cellar")).get("users") != ["ada", "Benjamin"]:
                pass  # rooms are told when it is done; who asks too often is told that instead

        reset = await ada("make-ticket", room="/server", user="benjamin", factor=True)
        async with connect(url) as fourth:
            lost = Teller(fourth)
            fields = {"user": "benjamin", "code": reset["code"], "password": OTHER}
            assert (await lost("reset", **fields))["type"] == "done"
            assert (await lost("hello", user="benjamin", password=OTHER))["type"] == "welcome"
            devices = await lost("devices")
            assert len(devices["devices"]) == 1
            assert devices["devices"][0]["since"] <= time.time_ns() // 1_000_000
        audit = await ada("audit", room="/server")
        kinds = [event["kind"] for event in audit["events"]]
        assert kinds == [
            *("registered", "role", "ticket", "registered", "factor", "renamed"),
            *("ticket", "factor", "password"),
        ]
