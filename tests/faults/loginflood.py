"""Tries wrong passwords from many addresses: `python -m tests.faults.loginflood PORT NAME`.

Says when it begins, tries until its standard input ends, and then says how often it tried.
"""

from __future__ import annotations

import asyncio
import sys

from tests.faults.attacks import BEGUN, CONNECTIONS, Target, web
from tests.faults.test_garbage import UPGRADE

A_SECOND = 1000  # tries, of all connections together


async def guess(target: Target, name: str, tried: list[int]) -> None:
    """Tries from one address, again on another connection when the server ends this one."""
    while not target.over.is_set():
        try:
            async with target.connection() as writer:
                writer.write(UPGRADE)
                while not target.over.is_set():
                    tried[0] += 1
                    guess = {"type": "hello", "user": name, "password": f"guess {tried[0]}"}
                    writer.write(web(guess))
                    await writer.drain()
                    await asyncio.sleep(CONNECTIONS / A_SECOND)
        except OSError:
            await asyncio.sleep(0.1)


async def main(port: int, name: str) -> None:
    """Tries from as many addresses as there are connections."""
    tried = [0]
    targets = [Target(port, f"127.0.3.{number + 1}") for number in range(CONNECTIONS)]
    work = [asyncio.ensure_future(guess(target, name, tried)) for target in targets]
    sys.stdout.write(f"{BEGUN}\n")
    sys.stdout.flush()
    await asyncio.to_thread(sys.stdin.read)
    for target in targets:
        target.over.set()
    await asyncio.wait(work)
    sys.stdout.write(str(tried[0]))


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]), sys.argv[2]))
