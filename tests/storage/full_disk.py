"""A program whose disk is full: no file may grow beyond a limit that it sets for itself.

It exits with 0 when the log refuses, goes on being read, and takes entries again when there is
room. Its argument is the data folder.
"""

from __future__ import annotations

import asyncio
import resource
import sys
from pathlib import Path

from hubbub.domain.errors import LogUnavailable
from hubbub.domain.events import Said
from hubbub.storage.log import SqlLog
from tests.storage.talk import Talk, said, texts


def limit(size: int) -> None:
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))


async def fill(folder: Path) -> None:
    errors: list[Exception] = []
    log = await SqlLog.open(folder, on_error=errors.append)
    talk = Talk(log)
    saved: list[str] = []
    for round in range(3):
        limit(500_000 * (round + 1))
        refused = 0
        for number in range(10_000):
            group = [said(f"{round}-{number}-{part} {'x' * 1000}") for part in range(10)]
            for outcome in await talk.settle(*group):
                if outcome.error is None:
                    assert isinstance(outcome.event, Said)
                    saved.append(outcome.event.text)
                else:
                    assert isinstance(outcome.error, LogUnavailable), outcome.error
                    assert outcome.event is None
                    refused += 1
            if refused > 100:
                break
        assert refused > 100, "the disk was never full"
        assert texts(await talk.all()) == saved, "the history is not what was saved"
        limit(resource.RLIM_INFINITY)
        again = await talk.say("There is room again.")
        assert again.error is None, again.error
        assert again.event is not None
        assert again.event.seq == len(saved) + 1
        saved.append("There is room again.")
    assert len(errors) >= 3, "the operator was not told"
    await log.close()
    log = await SqlLog.open(folder)
    assert texts(await log.read("general", 0, 1_000_000)) == saved, "a restart changed it"
    await log.close()


if __name__ == "__main__":
    asyncio.run(fill(Path(sys.argv[1])))
