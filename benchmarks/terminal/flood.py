"""Someone who says so many lines a second: `python -m benchmarks.terminal.flood ADDRESS RATE`."""

from __future__ import annotations

import asyncio
import sys

from hubbub.client import connect

ROOM = "General"
STEP_SECONDS = 0.01
LONGEST_SECONDS = 120.0


async def flood(address: str, rate: int) -> None:
    """Talks until it is killed, or for two minutes."""
    async with connect(address, user=f"ben-{rate}", max_unsent=10 * rate) as chat:
        await chat.join(ROOM)
        clock = asyncio.get_running_loop().time
        began, sent = clock(), 0
        while (passed := clock() - began) < LONGEST_SECONDS:
            while sent < passed * rate and len(chat.unsent) < rate:
                chat.send(ROOM, f"line {sent} of a flood that somebody sends")
                sent += 1
            await asyncio.sleep(STEP_SECONDS)


if __name__ == "__main__":
    asyncio.run(flood(sys.argv[1], int(sys.argv[2])))
