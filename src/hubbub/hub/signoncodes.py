"""One-time codes of those who have signed on elsewhere: see `hubbub.hub.signons`.

They are in the database, so that whichever server is asked knows them, and one uses them up. Only
their hashes are kept, each in a place that the hash tells: so there are never more than `PLACES`.
"""

from __future__ import annotations

import secrets
from collections.abc import Awaitable, Callable
from enum import Enum
from hashlib import sha256

import msgspec
from msgspec import Struct

from hubbub.domain.errors import SignOnFailed
from hubbub.domain.ids import UserId, user_id
from hubbub.hub.ports import Clock, Entry, Log, Outdated, SecretKind, Settled, SwapSecret

PLACES = 1 << 16  # some 150 bytes each
TRIES = 5  # to find one that is free
LETTERS = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"  # without those that are misread
GROUPS, GROUP = 3, 4  # 59 random bits, for two minutes: more than anybody can try


class Purpose(Enum):
    """What a code is for. The value: for how many seconds it is good."""

    TYPED = 120.0
    """Logs in, typed as a password: to a program that cannot show a browser's page."""
    BROWSER = 60.0
    """Logs in the browser that has it in a cookie."""
    LINK = 600.0
    """Whoever comes back from the provider with it in a cookie belongs to this account."""


class Kept(Struct, frozen=True):
    """What is kept of a code. ``hash``: in hexadecimal digits. ``until``: by `Clock`."""

    hash: str
    purpose: str
    user: UserId
    until: int


class SignOnCodes:
    """The codes that are good. ``outcome`` appends what it is given: see `Services.outcome`."""

    def __init__(
        self, log: Log, outcome: Callable[[Callable[..., Entry]], Awaitable[Settled]], clock: Clock
    ) -> None:
        self._log = log
        self._outcome = outcome
        self._clock = clock

    async def give(self, purpose: Purpose, user: UserId) -> str:
        """A code that proves to be ``user``, as it is shown: ``ABCD-EFGH-JKMN``.

        Raises `LogUnavailable`, `SignOnFailed`.
        """
        until = self._clock() + int(purpose.value * 1000)
        for _ in range(TRIES):
            groups = ("".join(map(secrets.choice, [LETTERS] * GROUP)) for _ in range(GROUPS))
            code = "-".join(groups)
            place, hashed = _place(code)
            was = await self._log.secret(SecretKind.CODE, place)
            if was is not None and _read(was).until > self._clock():
                continue  # somebody else's
            value = msgspec.json.encode(Kept(hashed, purpose.name, user, until)).decode()
            if await self._swap(place, was, value):
                return code
        raise SignOnFailed("Too many people sign on at this moment. Please begin again.")

    async def whose(self, purpose: Purpose, code: str) -> UserId | None:
        """Whose code that is; None if it is none, or not any more. Raises `LogUnavailable`."""
        found = await self._find(code, purpose)
        return None if found is None else _read(found).user

    async def take(self, purpose: Purpose, code: str) -> UserId | None:
        """As `whose`; the code is used up by it, for whoever comes first."""
        found = await self._find(code, purpose)
        if found is None or not await self._swap(_place(code)[0], found, None):
            return None
        return _read(found).user

    async def prove(self, code: str, user: UserId) -> bool:
        """Whether that code, used up by it, logs ``user`` in: given instead of the password."""
        found = await self._find(code, Purpose.TYPED, Purpose.BROWSER)
        if found is None or _read(found).user != user:
            return False
        return await self._swap(_place(code)[0], found, None)

    async def _find(self, code: str, *purposes: Purpose) -> str | None:
        """What is kept of ``code``, if it is good for one of these ``purposes``."""
        if len(_letters(code)) != GROUPS * GROUP:
            return None  # a password, most likely
        place, hashed = _place(code)
        value = await self._log.secret(SecretKind.CODE, place)
        if value is None:
            return None
        kept = _read(value)
        good = kept.hash == hashed and self._clock() <= kept.until
        return value if good and kept.purpose in {one.name for one in purposes} else None

    async def _swap(self, place: UserId, was: str | None, value: str | None) -> bool:
        """Whether ``value`` is in that place now, instead of ``was``. Raises `LogUnavailable`."""
        outcome = await self._outcome(
            lambda done: SwapSecret(SecretKind.CODE, place, was, value, done)
        )
        if outcome.error is not None and not isinstance(outcome.error, Outdated):
            raise outcome.error
        return outcome.error is None


def _place(code: str) -> tuple[UserId, str]:
    """Where a code is kept, as if it was a user's, and its hash."""
    digest = sha256(_letters(code).encode(errors="replace")).digest()
    return user_id(int.from_bytes(digest[:8]) % PLACES), digest.hex()


def _letters(code: str) -> str:
    """A code as people type it: capitals, spaces and hyphens make no difference."""
    return "".join(char for char in code.upper() if char.isalnum())


def _read(value: str) -> Kept:
    return msgspec.json.decode(value, type=Kept)
