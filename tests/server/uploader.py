"""Somebody with curl, or a client of tus, who uploads files to a server of the test's own."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

from hubbub.hub.fileports import Blobs
from hubbub.hub.settings import HubSettings
from tests.filing import file_ports
from tests.memorylog.log import MemoryLog
from tests.memorylog.search import MemorySearch
from tests.passwords import CheapPasswords
from tests.server.http_support import Answer
from tests.server.serving import UNHURRIED, Server, serving
from tests.server.test_http_accounts import Caller

BYTES = "application/offset+octet-stream"


@asynccontextmanager
async def filing(
    folder: Path,
    settings: HubSettings = UNHURRIED,
    log: MemoryLog | None = None,
    blobs: Blobs | None = None,
) -> AsyncIterator[Server]:
    """A server whose files are in ``folder``."""
    log = log or MemoryLog(auto=True)
    async with serving(
        log=log,
        settings=settings,
        http=True,
        passwords=CheapPasswords(),
        files=file_ports(folder, blobs),
    ) as server:
        server.hub.search = MemorySearch(log.disk)
        yield server


async def create(caller: Caller, size: int, name: str = "cat.png", **headers: str) -> Answer:
    """Begins an upload as a client of tus does."""
    said = base64.b64encode(name.encode()).decode()
    fields = {
        "Tus-Resumable": "1.0.0",
        "Upload-Length": str(size),
        "Upload-Metadata": f"filename {said}",
        "Content-Type": "text/plain",
    }
    return await caller.send("POST", "/api/uploads", headers=fields | headers)


async def begun(caller: Caller, size: int, name: str = "cat.png") -> str:
    """The path of a new upload."""
    answer = await create(caller, size, name)
    assert answer.status == 201, answer.body
    return answer.headers["location"]


async def patch(caller: Caller, path: str, offset: int, data: bytes, **headers: str) -> Answer:
    """Brings ``data`` behind the first ``offset`` bytes."""
    fields = {
        "Tus-Resumable": "1.0.0",
        "Upload-Offset": str(offset),
        "Content-Type": BYTES,
        "Content-Length": str(len(data)),
    }
    return await caller.send("PATCH", path, data, fields | headers)


async def offset_of(caller: Caller, path: str) -> int:
    answer = await caller.send("HEAD", path)
    assert answer.status == 200
    return int(answer.headers["upload-offset"])


async def ready(caller: Caller, path: str) -> Any:
    """The file, when the server has looked at it."""
    while True:
        state = (await caller.get(path)).json
        if state["state"] != "examining":
            assert state["state"] == "ready", state
            return state["file"]
        await asyncio.sleep(0)


async def upload(caller: Caller, data: bytes, name: str = "cat.png") -> Any:
    """A file in one request."""
    answer = await caller.send(
        "POST", f"/api/files?name={quote(name)}", data, {"Content-Type": "application/octet-stream"}
    )
    assert answer.status == 201, answer.body
    return answer.json


async def say(caller: Caller, room: str, *files: Any, text: str = "") -> Any:
    """Says a message with files."""
    ids = [{"id": one["id"]} for one in files]
    answer = await caller.post(f"/api/rooms/{room}/messages", text=text, files=ids)
    assert answer.status == 200, answer.body
    return answer.json
