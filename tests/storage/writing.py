"""A program that writes to a log without end, and prints what has settled: to be killed.

Its arguments are the data folder, the durability and a name for this run.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Sequence
from itertools import count
from pathlib import Path
from typing import Literal, cast

from hubbub.domain.events import Said
from hubbub.hub.ports import Draft, Settled
from hubbub.storage.log import SqlLog
from tests.storage.talk import GENERAL, KITCHEN, said

IN_FLIGHT = 200


async def write(folder: Path, durability: Literal["full", "process"], run: str) -> None:
    log = await SqlLog.open(folder, durability=durability)
    numbers = count()

    def say_one() -> None:
        number = next(numbers)
        name = f"{run}-{number}"
        log.append(said(name, room=KITCHEN if number % 3 else GENERAL, nonce=name))

    def show(settled: Sequence[Settled]) -> None:
        lines = []
        for outcome in settled:
            assert isinstance(outcome.event, Said)
            assert isinstance(outcome.entry, Draft)
            lines.append(f"{outcome.entry.room.key} {outcome.event.seq} {outcome.event.text}\n")
            say_one()
        sys.stdout.write("".join(lines))
        sys.stdout.flush()

    log.listen(show)
    for _ in range(IN_FLIGHT):
        say_one()
    await asyncio.Event().wait()


if __name__ == "__main__":
    folder, durability, run = sys.argv[1:]
    asyncio.run(write(Path(folder), cast("Literal['full', 'process']", durability), run))
