"""One-time codes of those who have signed on elsewhere: see `hubbub.hub.signons`."""

from __future__ import annotations

import secrets
from collections import OrderedDict
from enum import Enum
from hashlib import sha256

from hubbub.domain.ids import UserId

MOST = 10_000  # codes that are good at a time, some 300 bytes each; the oldest goes
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


class SignOnCodes:
    """The codes that are good. Only their hashes are kept. Times are seconds that never go back."""

    def __init__(self) -> None:
        self._codes: OrderedDict[bytes, tuple[Purpose, UserId, float]] = OrderedDict()

    def give(self, purpose: Purpose, user: UserId, now: float) -> str:
        """A code that proves to be ``user``, as it is shown: ``ABCD-EFGH-JKMN``."""
        letters = (secrets.choice(LETTERS) for _ in range(GROUPS * GROUP))
        code = "".join(letters)
        self._codes[_hash(code)] = purpose, user, now + purpose.value
        if len(self._codes) > MOST:
            self._codes.popitem(last=False)
        return "-".join(code[at : at + GROUP] for at in range(0, len(code), GROUP))

    def whose(self, purpose: Purpose, code: str, now: float) -> UserId | None:
        """Whose code that is; None if it is none, or not any more."""
        found, user, until = self._codes.get(_hash(code), (None, None, 0.0))
        return user if found is purpose and now <= until else None

    def take(self, purpose: Purpose, code: str, now: float) -> UserId | None:
        """As `whose`; the code is used up by it."""
        user = self.whose(purpose, code, now)
        if user is not None:
            del self._codes[_hash(code)]
        return user

    def prove(self, code: str, user: UserId, now: float) -> bool:
        """Whether that code, used up by it, logs ``user`` in: given instead of the password."""
        for purpose in (Purpose.TYPED, Purpose.BROWSER):
            if self.whose(purpose, code, now) == user:
                return self.take(purpose, code, now) is not None
        return False


def _hash(code: str) -> bytes:
    """Of a code as people type it: capitals, spaces and hyphens make no difference."""
    letters = "".join(char for char in code.upper() if char.isalnum())
    return sha256(letters.encode(errors="replace")).digest()
