"""Tasks in the browser: who may have which of them done, and what the others are told."""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import AsyncIterator
from pathlib import Path
from statistics import median
from typing import Any

import pytest

from hubbub.admin.table import TASKS
from hubbub.domain.commands import GiveRole
from hubbub.domain.directory import DIRECTORY
from hubbub.domain.names import UserName
from hubbub.domain.rules import Role
from hubbub.hub import keeping
from hubbub.hub.errands import ask_as_operator
from tests.admin.desk import administration
from tests.memorylog.log import MemoryLog
from tests.passwords import CheapPasswords
from tests.server.http_support import Client
from tests.server.serving import Server, serving
from tests.server.test_http_accounts import Caller, registered

TAKEN: dict[str, dict[str, Any]] = {
    "status": {},
    "owner": {},
    "users": {},
    "user": {"user": "ben"},
    "add-user": {"user": "newcomer"},
    "close-user": {"user": "eve"},
    "rooms": {},
    "room": {"room": "General"},
    "make-room": {"room": "Tea"},
    "invite": {},
    "reset": {"user": "ben"},
    "devices": {"user": "ben"},
    "revoke": {"user": "eve"},
    "top": {},
    "doctor": {"seconds": 1},
    "backup": {},
    "backups": {},
    "verify": {"backup": "x"},
    "export": {"to": "/nowhere"},
    "import": {"file": "/nowhere"},
    "do": {"command": {"type": "audit", "room": "/server"}},
}
"""What each task is asked with."""

NOT_BY_HTTP = {"doctor", "backup", "verify", "export", "import"}
"""What owners are refused in words here, as the server has no folder, or they name a file."""

NOT_THERE = (404, "no-such-task", "There is no such task for you.")
TRIES = 150
TOLD_APART = 6.0  # standard deviations; by chance once in a thousand million times
NOTICEABLE = 0.2  # of what an answer takes; a network varies by more


@pytest.fixture
async def server() -> AsyncIterator[Server]:
    async with serving(
        log=MemoryLog(auto=True), http=True, passwords=CheapPasswords(), tasks=administration
    ) as server:
        yield server


async def somebody(server: Server, name: str, role: Role = Role.MEMBER) -> Caller:
    """An account that is ``role`` on the server."""
    caller = await registered(server, name)
    if role is not Role.MEMBER:
        given = GiveRole(room=DIRECTORY, user=UserName.parse(name), role=role)
        await ask_as_operator(server.hub, given)
    return caller


async def told(caller: Caller, task: str, **arguments: Any) -> tuple[int, str, str]:
    """The status, code and words with which a task is refused; 200 for one that is done."""
    answer = await caller.post(f"/api/admin/{task}", **arguments)
    if answer.status == 200:
        return 200, "", ""
    return answer.status, answer.error, answer.json["error"]["message"]


def test_every_task_is_tried() -> None:
    assert TAKEN.keys() == {task.name for task in TASKS}


@pytest.mark.parametrize("task", TASKS, ids=lambda task: task.name)
async def test_a_task_is_there_for_whom_it_is_meant_and_for_nobody_else(
    task: Any, server: Server
) -> None:
    ada = await somebody(server, "ada", Role.OWNER)
    mia = await somebody(server, "mia", Role.MODERATOR)
    ben, _eve = await somebody(server, "ben"), await somebody(server, "eve")
    nobody, stranger = Caller(server), Caller(server, "x.nonsense")
    for refused, code in ((nobody, "need-account"), (stranger, "wrong-token")):
        said = await told(refused, task.name, **TAKEN[task.name])
        assert said[:2] == (401, code)
        assert said == await told(refused, "dance")
    assert await told(ben, task.name, **TAKEN[task.name]) == NOT_THERE
    assert await told(ben, task.name, nonsense=1) == await told(ben, "dance") == NOT_THERE
    moderates = NOT_THERE if task.least is Role.OWNER else (200, "", "")
    assert await told(mia, task.name, **TAKEN[task.name]) == moderates
    assert await told(mia, "dance") == NOT_THERE
    if moderates == NOT_THERE or task.name != "make-room":
        status = (await told(ada, task.name, **TAKEN[task.name]))[:2]
        assert status == ((400, "failed") if task.name in NOT_BY_HTTP else (200, ""))


@pytest.mark.parametrize("role", [Role.MEMBER, Role.MODERATOR])
async def test_the_time_of_a_refusal_does_not_tell_which_tasks_there_are(
    role: Role, server: Server
) -> None:
    """In turns, compared by ranks (Mann and Whitney, 1947)."""
    ben = await somebody(server, "ben", role)
    took: dict[str, list[float]] = {"devices": [], "dancing": []}
    for _ in range(TRIES):
        for task, times in took.items():
            begun = time.perf_counter()
            assert await told(ben, task, user="ben") == NOT_THERE
            times.append(time.perf_counter() - begun)
    there, absent = took.values()
    above = sum((one > other) - (one < other) for one in there for other in absent) / 2
    deviations = abs(above) / math.sqrt(TRIES * TRIES * (2 * TRIES + 1) / 12)
    apart = abs(median(there) - median(absent)) / median(absent)
    assert deviations < TOLD_APART or apart < NOTICEABLE, (deviations, apart)


async def test_the_owner_of_a_server_does_not_see_rooms_that_are_private(server: Server) -> None:
    ada, ben = await somebody(server, "ada", Role.OWNER), await registered(server, "ben", "Den")
    await ben.ask("rules", room="Den", access="members")
    rooms = (await ada.post("/api/admin/rooms")).json
    assert [room["name"] for room in rooms["rooms"]] == ["General"]
    assert rooms["total"] == 1
    assert (await told(ada, "room", room="Den"))[:2] == (404, "no-such-room")
    assert (await told(ada, "room", room="Missing"))[:2] == (404, "no-such-room")
    assert (await ada.post("/api/admin/user", user="ben")).json["rooms"] == []
    done = await told(ada, "do", command={"type": "history", "room": "Den"})
    assert done[:2] == (404, "no-such-room")


async def test_nothing_is_written_where_a_browser_says(server: Server, tmp_path: Path) -> None:
    ada = await somebody(server, "ada", Role.OWNER)
    for task, arguments in (
        ("backup", {"place": str(tmp_path)}),
        ("backups", {"place": str(tmp_path)}),
        ("export", {"to": str(tmp_path / "export")}),
        ("import", {"file": str(tmp_path)}),
    ):
        assert (await told(ada, task, **arguments))[:2] == (400, "failed")
    assert not _files_in(tmp_path)


def _files_in(folder: Path) -> list[Path]:
    return list(folder.iterdir())


async def test_nobody_makes_who_is_more_than_they_are(server: Server) -> None:
    await somebody(server, "ada", Role.OWNER)
    mia = await somebody(server, "mia", Role.MODERATOR)
    give = {"type": "role", "room": "/server", "user": "mia", "role": "owner"}
    assert (await told(mia, "do", command=give))[:2] == (403, "not-allowed")
    assert (await told(mia, "reset", user="ada"))[:2] == (403, "not-allowed")


async def test_another_site_has_nothing_done_in_somebodys_name(server: Server) -> None:
    ada = await somebody(server, "ada", Role.OWNER)
    headers = {"Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site"}
    answer = await ada.send("POST", "/api/admin/owner", b"{}", headers)
    assert answer.status == 403


async def test_files_are_told_to_nobody_but_owners(server: Server) -> None:
    mia = await somebody(server, "mia", Role.MODERATOR)
    assert (await mia.post("/api/admin/status")).json["files"] is None


async def test_who_is_logged_out_while_the_body_is_on_its_way_has_nothing_done(
    server: Server,
) -> None:
    ada = await somebody(server, "ada", Role.OWNER)
    await somebody(server, "ben")
    body = b'{"user": "ben"}'
    client = Client(*await asyncio.open_connection(*server.address))
    client.send(
        b"POST /api/admin/close-user HTTP/1.1\r\nHost: localhost\r\n"
        b"Content-Type: application/json\r\n"
        + f"Authorization: Bearer {ada.token}\r\nContent-Length: {len(body)}\r\n\r\n".encode()
        + body[:-1]
    )
    assert (await ada.get("/api/rooms")).status == 200  # the server has read the first part
    await keeping.log_out(server.hub, UserName.parse("ada"), None)
    client.send(body[-1:])
    answer = await client.answer("POST")
    await client.close()
    assert (answer.status, answer.error) == (401, "wrong-token")
    assert server.hub.access.account(UserName.parse("ben")) is not None
