from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator

import pytest

from hubbub.credentials.passwords import Argon2Passwords, Parameters
from hubbub.domain.errors import RateLimited
from hubbub.hub.attempts import Attempts

FLOOD = 1000
RIGHT = "tea at five"


class Door:
    """Logs in as the hub is to do it."""

    def __init__(self, passwords: Argon2Passwords) -> None:
        self.passwords = passwords
        self.attempts = Attempts()
        self.hashes: dict[str, str] = {}
        self.done: list[str] = []

    async def log_in(self, account: str, client: str, password: str) -> bool:
        try:
            turn = self.attempts.begin(account, client, time.monotonic())
            try:
                right = await self.passwords.verify(password, self.hashes.get(account), turn)
            except RateLimited:
                self.attempts.untried(account, client)
                raise
        except RateLimited:
            return False
        self.done.append(client)
        if right:
            self.attempts.succeeded(account, client)
        return right


@pytest.fixture
async def door() -> AsyncIterator[Door]:
    passwords = Argon2Passwords(time.monotonic, Parameters(memory_kib=1024, passes=1, lanes=1))
    door = Door(passwords)
    for account in ("ada", "ben"):
        door.attempts.remember(account, f"{account} at home")
        turn = door.attempts.begin(account, f"{account} at home", 0.0)
        door.hashes[account] = await passwords.hash(RIGHT, turn)
    yield door
    await passwords.close()


async def test_in_a_flood_from_1_000_addresses_people_log_in_at_once(door: Door) -> None:
    """At the account that is guessed at from home, at another one from wherever they are."""
    flood = [
        asyncio.create_task(door.log_in("ada", f"198.51.{n // 250}.{n % 250}", f"wrong {n}"))
        for n in range(FLOOD)
    ]
    await asyncio.sleep(0)
    people = (("ada", "ada at home"), ("ben", "ben at home"), ("ben", "203.0.113.9"))
    assert await asyncio.gather(*(door.log_in(*who, RIGHT) for who in people)) == [True] * 3
    assert len(door.done) < 20  # and not when the flood was done with
    assert not any(await asyncio.gather(*flood))
