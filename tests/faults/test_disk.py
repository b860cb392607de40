"""A full disk: refused kindly, readable all the time, and good again when there is room."""

from __future__ import annotations

import json
import resource
import sys
from pathlib import Path

import pytest
from websockets.asyncio.client import ClientConnection, connect

from tests.faults.people import read_log
from tests.process import ServerProcess

pytestmark = pytest.mark.skipif(
    not hasattr(resource, "prlimit"), reason=f"{sys.platform} cannot limit another process"
)


async def test_a_full_disk_refuses_texts_and_loses_none(
    tmp_path: Path, either: tuple[str, ...]
) -> None:
    """RLIMIT_FSIZE stands for the full disk: the WAL may not grow while it holds."""
    with ServerProcess(tmp_path / "data", "--rate-limit", "0", *either) as server:
        async with connect(server.url, compression=None) as ada:
            await _ask(ada, "welcome", type="hello", user="ada")
            await _ask(ada, "joined", type="join", room="General")
            await _ask(ada, "ack", type="say", room="General", text="there is room")
            no_limit = resource.prlimit(server.pid, resource.RLIMIT_FSIZE)
            size = max(path.stat().st_size for path in server.data.iterdir())
            resource.prlimit(server.pid, resource.RLIMIT_FSIZE, (size, no_limit[1]))

            saved, refused = 0, None
            while refused is None:
                answer = await _say(ada, "x" * 4000)
                if answer["type"] == "ack":
                    saved += 1
                else:
                    refused = answer
            assert refused["code"] == "log-unavailable"
            assert "not" in str(refused["message"])

            page = await _ask(ada, "history", type="history", room="General", limit=5)
            assert page["head"] == saved + 2, "what was saved is still read"

            resource.prlimit(server.pid, resource.RLIMIT_FSIZE, no_limit)
            assert (await _say(ada, "there is room again"))["type"] == "ack"
        log = await read_log(server.url)
        assert [event["seq"] for event in log] == list(range(1, len(log) + 1))
        texts = [event["text"] for event in log if event["kind"] == "said"]
        assert "there is room again" in texts
        assert texts.count("x" * 4000) == saved
        assert server.stop() == 0


async def _say(socket: ClientConnection, text: str) -> dict[str, object]:
    await socket.send(json.dumps({"type": "say", "room": "General", "text": text}))
    return await _until(socket, "ack", "error")


async def _ask(socket: ClientConnection, answer: str, **fields: object) -> dict[str, object]:
    await socket.send(json.dumps(fields))
    return await _until(socket, answer)


async def _until(socket: ClientConnection, *kinds: str) -> dict[str, object]:
    while True:
        frame: dict[str, object] = json.loads(await socket.recv())
        if frame["type"] in kinds:
            return frame
        assert frame["type"] == "events", frame
