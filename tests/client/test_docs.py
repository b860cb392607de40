"""docs/client.md keeps what it promises: its bot runs, and what it names is there."""

from __future__ import annotations

import asyncio
import re
import sys
from pathlib import Path

import hubbub.client
from hubbub.client import Chat, Happened, Said, connect
from hubbub.client import updates as all_updates
from tests.client.scripted import ScriptedServer

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "client.md").read_text()
BOT = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)[0]


def test_the_bot_has_ten_lines() -> None:
    assert len([line for line in BOT.splitlines() if line.strip() and "import" not in line]) <= 10


async def test_the_bot_answers_once_and_after_a_lost_connection_and_its_own_end_too(
    server: ScriptedServer, tmp_path: Path
) -> None:
    script = tmp_path / "dice.py"
    script.write_text(BOT.replace("127.0.0.1:8080", server.address))
    server.model.say("General", "eve", "!roll")
    async with connect(server.address, user="ada") as ada:
        await ada.join("General")
        bot = await asyncio.create_subprocess_exec(
            sys.executable, str(script), env={"PYTHONPATH": str(ROOT / "src")}, cwd=tmp_path
        )
        try:
            await server.until(lambda: "Dice" in server.model.room("General").members.values())
            await ada.say("General", "!roll")
            await dice(ada)
            server.cut()
            await ada.say("General", "!roll")
            await dice(ada)
            bot.kill()
            await bot.wait()
            await ada.say("General", "!roll")
            bot = await asyncio.create_subprocess_exec(
                sys.executable, str(script), env={"PYTHONPATH": str(ROOT / "src")}, cwd=tmp_path
            )
            await dice(ada)
        finally:
            bot.kill()
            await bot.wait()
    rolls = [text for text in server.model.texts() if "rolls a" in text]
    assert len(rolls) == 3, "what was there before the bot came is not answered"
    assert all(re.fullmatch(r"ada rolls a [1-6]\.", roll) for roll in rolls)


async def dice(chat: Chat) -> None:
    """Returns when the dice have fallen."""
    async for update in chat:
        match update:
            case Happened(_, Said(by="Dice")):
                return


def test_every_update_is_described() -> None:
    kinds = [kind.__name__ for kind in all_updates.Update.__subclasses__()]
    assert kinds
    for kind in kinds:
        assert f"| `{kind}(" in PAGE, kind
        assert kind in hubbub.client.__all__


def test_every_call_that_is_described_exists_and_every_call_is_described() -> None:
    called = set(re.findall(r"chat\.(\w+)", PAGE)) - {"example"}
    calls = {name for name in dir(Chat) if not name.startswith("_")}
    assert called <= calls | {"address"}
    for name in calls - {"start", "close", "user", "online", "limits"}:
        assert re.search(rf"\b{name}\b", PAGE), name
