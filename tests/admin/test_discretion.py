"""Who asks from a browser is not told where things lie on the server's disk."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

from hubbub.admin.discretion import discreet, without_paths
from hubbub.admin.running import Administration
from hubbub.admin.tasks import Desk
from hubbub.config import Settings
from hubbub.domain.commands import GiveRole
from hubbub.domain.directory import DIRECTORY
from hubbub.domain.names import UserName
from hubbub.domain.rules import Role
from hubbub.hub.errands import ask_as_operator
from hubbub.hub.hub import Hub
from tests.memorylog.log import MemoryLog
from tests.passwords import CheapPasswords
from tests.server.serving import serving
from tests.server.test_http_accounts import registered


def test_a_path_is_told_by_the_setting_that_it_comes_from(tmp_path: Path) -> None:
    data, backups = tmp_path / "data", tmp_path / "data" / "backups"
    settings = Settings(data=data, backup_to=str(backups), tls_key=Path("/etc/key.pem"))
    desk = Desk.__new__(Desk)
    desk.settings, desk.folder = settings, data
    say = discreet(desk)
    assert say(f"Nothing in {backups}.") == "Nothing in (backup-to)."
    assert say(f"{data}/hubbub.db is 3 MiB.") == "(the data folder)/hubbub.db is 3 MiB."
    assert say("chmod 600 /etc/key.pem") == "chmod 600 (tls-key)"
    told = without_paths([{"said": f"In {data}", "bytes": 3, "cure": None}], say)
    assert told == [{"said": "In (the data folder)", "bytes": 3, "cure": None}]


async def test_no_task_over_http_names_a_path_neither_in_its_result_nor_in_its_refusal(
    tmp_path: Path,
) -> None:
    data, place = tmp_path / "data", tmp_path / "data" / "gone"
    data.mkdir()

    def administration(hub: Hub) -> Administration:
        settings = Settings(data=data, backup_to=str(place))
        return Administration(
            Desk(hub, settings, folder=data, url=lambda: "http://x/", serving=True)
        )

    async with serving(
        log=MemoryLog(auto=True), http=True, passwords=CheapPasswords(), tasks=administration
    ) as server:
        olga = await registered(server, "olga")
        given = GiveRole(room=DIRECTORY, user=UserName.parse("olga"), role=Role.OWNER)
        await ask_as_operator(server.hub, given)
        seen = set()
        asked: dict[str, dict[str, Any]] = {
            "status": {},
            "doctor": {"seconds": 5},
            "backup": {},
            "backups": {},
            "verify": {"backup": "x"},
        }
        for task, arguments in asked.items():
            async with asyncio.timeout(60):
                answer = await olga.post(f"/api/admin/{task}", **arguments)
            text = json.dumps(answer.json)
            assert str(tmp_path) not in text, text
            seen |= {word for word in ("(the data folder)", "(backup-to)") if word in text}
        assert seen == {"(the data folder)", "(backup-to)"}
