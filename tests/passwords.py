"""Passwords for tests that are not about them: no threads, and no time spent."""

from __future__ import annotations

import asyncio
import itertools
from hashlib import sha256

from hubbub.domain import scram
from hubbub.domain.errors import WeakPassword
from hubbub.domain.passwords import prepare
from hubbub.hub.ports import Turn


class CheapPasswords:
    """Passes the suite of `hubbub.hub.ports.Passwords` (tests/credentials/test_passwords.py)."""

    def __init__(self, version: int = 1) -> None:
        self._version = version
        self._salts = itertools.count()

    async def hash(self, password: str, turn: Turn) -> str:
        await asyncio.sleep(0)  # others have their turn meanwhile, as with real ones
        return self._made(password, f"{self._version}${next(self._salts)}")

    async def verify(self, password: str, hashed: str | None, turn: Turn) -> bool:
        await asyncio.sleep(0)
        if hashed is None:
            return False
        version, salt, _ = hashed.split("$")
        try:
            return self._made(password, f"{version}${salt}") == hashed
        except WeakPassword:
            return False

    async def verifier(self, password: str, turn: Turn) -> str:
        await asyncio.sleep(0)
        return scram.encoded(scram.make(prepare(password), b"salt", scram.MIN_ITERATIONS))

    def outdated(self, hashed: str) -> bool:
        return not hashed.startswith(f"{self._version}$")

    @staticmethod
    def _made(password: str, salt: str) -> str:
        return f"{salt}${sha256((salt + prepare(password)).encode()).hexdigest()}"
