"""People whose messages go after some seconds, and `hubbub` with days that are so short.

All rooms keep what is said for a day, which is `DAY_SECONDS` there, and are looked at all the time.
"""

from __future__ import annotations

import asyncio
import os
import re
import sqlite3
import sys
from collections.abc import Collection, Iterable, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

from hubbub import cli
from hubbub.hub import retention
from hubbub.hub.retention import Retention
from hubbub.storage import wal
from tests.faults.people import Person

DAY_SECONDS = 2.0


def hurry() -> None:
    """From now on retention is so quick in this process, and the write-ahead log is so short."""
    retention.DAY_MS = int(DAY_SECONDS * 1000)
    retention.FIRST_SECONDS = 0.02
    retention.PASS_SECONDS = retention.RETRY_SECONDS = 0.1
    retention.LOOKED_AT = 20
    retention.DELETED_AT_ONCE = int(os.environ.get("DELETED_AT_ONCE", "5"))
    retention.MIN_PAUSE_SECONDS = 0.001
    Retention.days = lambda self, room: 1  # type: ignore[method-assign]
    wal.DUE_PAGES = 60
    wal.OVERDUE_PAGES = 120


def main(arguments: Sequence[str]) -> None:
    """Runs the command line."""
    hurry()
    cli.main(arguments)


class Keeper(Person):
    """Says words that nobody says otherwise, and comes back even where the past is gone."""

    skipped = 0

    def _text(self) -> str:
        return f"{self.name}{len(self.texts):06}x"

    def _resume(self, after: int) -> None:
        if self.cursor is not None and after > self.cursor:
            self.skipped = max(self.skipped, after)  # it has to be gone for good
            self.cursor = after
        super()._resume(after)


class Calm(Keeper):
    """Thinks between two texts: old ones are to go faster than new ones come."""

    async def _hear(self, socket: Any, frame: dict[str, Any]) -> None:
        await super()._hear(socket, frame)
        if frame["type"] == "ack":
            await asyncio.sleep(0.02)


def gone_by(events: Iterable[dict[str, Any]]) -> int:
    """Up to where a room is gone by what was shown of it."""
    return max((event["floor"] for event in events if event["kind"] == "trimmed"), default=0)


def check_age(events: Sequence[dict[str, Any]]) -> None:
    """Nothing has gone before its time: ``events`` are what one person was shown."""
    for trimmed in events:
        if trimmed["kind"] == "trimmed":
            lost = [event["at"] for event in events if event["seq"] <= trimmed["floor"]]
            assert max(lost, default=0) <= trimmed["at"] - DAY_SECONDS * 1000, trimmed


def words_in(folder: Path) -> set[str]:
    """The words of keepers that are in any file of ``folder``."""
    return {
        word.decode()
        for file in folder.rglob("*")
        if file.is_file()
        for word in re.findall(rb"[a-z]{3}[0-9]{6}x", file.read_bytes())
    }


def indexed(folder: Path, words: Collection[str]) -> list[str]:
    """Those of ``words`` that the index of searches has."""
    index = sqlite3.connect(f"file:{folder}/search.db?mode=ro", uri=True)
    with closing(index):
        query = "SELECT count(*) FROM texts WHERE texts MATCH ?"
        return [word for word in words if index.execute(query, (f'"{word}"',)).fetchone()[0]]


if __name__ == "__main__":
    main(sys.argv[1:])
