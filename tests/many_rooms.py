"""A data folder in which somebody has made very many rooms."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from hubbub.domain.names import RoomName
from hubbub.hub.ports import MakeRoom, Settled
from hubbub.storage.log import SqlLog

MANY = 10_000  # as many as there may be


def names() -> list[str]:
    """The names of `MANY` rooms: General, many that are alike, and one that is the last of all."""
    return ["General", *(f"room{number}" for number in range(MANY - 2)), "Xanadu"]


def fill(folder: Path, rooms: Iterable[str]) -> None:
    """Makes the rooms, in which nothing was said; also in a thread with a loop, as Playwright's."""
    with ThreadPoolExecutor(1) as thread:
        thread.submit(asyncio.run, _fill(folder, rooms)).result()


async def _fill(folder: Path, rooms: Iterable[str]) -> None:
    wanted = list(rooms)
    log = await SqlLog.open(folder, durability="process")
    made, left = asyncio.Event(), len(wanted)

    def settled(outcomes: Sequence[Settled]) -> None:
        nonlocal left
        left -= sum(isinstance(outcome.entry, MakeRoom) for outcome in outcomes)
        if not left:
            made.set()

    log.listen(settled)
    for name in wanted:
        log.append(MakeRoom(RoomName.parse(name)))
    await made.wait()
    await log.close()
