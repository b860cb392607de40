"""A program whose disk fails to sync, and which is killed then: run with `failing_sync.c` loaded.

Its argument is the data folder. It prints the texts that were saved.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from pathlib import Path

from hubbub.storage.log import SqlLog
from tests.storage.talk import Talk


async def fail(folder: Path) -> None:
    log = await SqlLog.open(folder, durability="full", on_error=lambda error: None)
    talk = Talk(log)
    for text in ("one", "two", "three", "four", "five"):
        if text == "three":
            (folder / "FAIL").touch()
        outcome = await talk.say(text)
        if outcome.error is None:
            sys.stdout.write(f"{text}\n")
            sys.stdout.flush()
    os.kill(os.getpid(), signal.SIGKILL)


if __name__ == "__main__":
    asyncio.run(fail(Path(sys.argv[1])))
