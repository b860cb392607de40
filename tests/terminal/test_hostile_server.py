"""The terminal clients and a hostile server: what it tells is shown in bounds, and obeyed never."""

from __future__ import annotations

import asyncio
import os
import re
import sys
from pathlib import Path
from typing import Any

import pytest

from hubbub.domain.events import Said
from hubbub.terminal.full.model.room import MOST_TYPING, Room
from hubbub.terminal.full.model.rows import Role, Run, cut_runs
from hubbub.terminal.plain.lines import MOST_LINES, event_lines
from tests.client.hostile_server import EVIL, Guest, HostileServer, events, said
from tests.patience import PATIENCE_SECONDS
from tests.process import ROOT

HARM = EVIL.replace("\ud83d", "")  # which no frame can hold
OBEYED = re.compile("[\x1b\x07\x80-\x9f\u202a-\u202e\u2066-\u2069]")


async def harm(guest: Guest) -> None:
    """Answers all commands, with something harmful in every field."""
    await guest.welcome(server=HARM, log=HARM, token=HARM, features=[HARM])
    text = said(1, HARM, by=HARM, quote={"by": HARM, "text": HARM})
    while True:
        command = await guest.next()
        known: dict[str, dict[str, Any]] = {
            "history": {"type": "history", "room": HARM, "events": [text], "head": 1},
            "ping": {"type": "pong"},
        }
        if command["type"] == "join":
            await guest.joined(command, users=[HARM])
            await guest.tell(events(text, room=command["room"]))
        elif command["type"] in known:
            await guest.tell({"re": command["id"], **known[command["type"]]})
        elif command["type"] == "bye":
            return
        else:
            await guest.refuse(command, HARM, message=HARM)


async def harmful_refusal(guest: Guest) -> None:
    while True:
        hello = await guest.next("hello")
        await guest.refuse(hello, "name-taken", message=HARM, suggestion=HARM)


async def harmful_goodbye(guest: Guest) -> None:
    await guest.next("hello")
    await guest.tell({"type": "bye", "reason": HARM, "message": HARM})


async def same_page_again(guest: Guest) -> None:
    """A room of 2^53 events whose pages are all the same one."""
    await guest.welcome()
    while True:
        command = await guest.next("history")
        page = {"type": "history", "re": command["id"], "room": "R", "head": 2**53}
        await guest.tell(page | {"events": [said(2**53 - 5, "once")]})


async def ran(server: HostileServer, cache: Path, *words: str) -> tuple[int, str]:
    """Runs a command to its end: its code, and all that it wrote."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "hubbub", *words),
        *("--server", f"ada@{server.address}"),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        env={
            "PATH": os.environ["PATH"],
            "LANG": "C.UTF-8",
            "PYTHONPATH": str(ROOT / "src"),
            "HUBBUB_CACHE": str(cache),
        },
    )
    async with asyncio.timeout(PATIENCE_SECONDS):
        written, _ = await process.communicate()
    return process.returncode or 0, written.decode()


@pytest.mark.parametrize("script", [harm, harmful_refusal, harmful_goodbye])
@pytest.mark.parametrize("words", [("send", "R", "hi", "--timeout", "2"), ("tail", "R")])
async def test_no_field_of_any_answer_is_obeyed(
    script: Any, words: tuple[str, ...], tmp_path: Path
) -> None:
    async with HostileServer(script) as server:
        _, written = await ran(server, tmp_path, *words)
    assert written
    assert not OBEYED.findall(written)
    assert "Traceback" not in written
    assert "error in Hubbub" not in written


async def test_tail_ends_when_each_page_is_the_same_one(tmp_path: Path) -> None:
    async with HostileServer(same_page_again) as server:
        code, written = await ran(server, tmp_path, "tail", "R")
    assert code == 0
    assert written.count("once") == 1


def test_a_text_of_a_hundred_thousand_lines_is_not_told_whole() -> None:
    lines = event_lines(Said(1, 0, "eve", "\n".join("x" * 50_000)))
    assert len(lines) == MOST_LINES + 1
    assert lines[-1].endswith("(49,000 more lines)")


def test_of_all_who_write_a_hundred_are_remembered() -> None:
    room = Room("General")
    for number in range(10_000):
        room.typing(f"eve{number}", float(number) / 1e6)
    assert len(room.who_types(1.0)) == MOST_TYPING


def test_runs_are_cut_in_one_pass() -> None:
    looks = Looks([Run("ab", Role.TEXT)] * 20_000)
    spans = [(place, place + 10) for place in range(0, 40_000, 10)]
    rows = list(cut_runs(looks, spans))
    assert ["".join(run.text for run in row) for row in rows] == ["ab" * 5] * 4000
    assert looks.looked < 100_000


class Looks(list[Run]):
    """Counts how often one of it is looked at."""

    looked = 0

    def __getitem__(self, place: Any) -> Any:
        self.looked += 1
        return super().__getitem__(place)
