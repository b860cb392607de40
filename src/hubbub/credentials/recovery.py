"""Recovery codes: random, shown once, each good for one login without the second factor."""

from __future__ import annotations

from base64 import b32encode
from collections.abc import Callable
from hashlib import sha256

CODES = 10
CODE_BYTES = 10  # 80 random bits: nobody finds them by trying, so a plain SHA-256 is enough
GROUP = 4  # letters that are shown together

_MISREAD = str.maketrans("018", "olb")  # these digits are not in Base32 (RFC 4648, 6)


def codes(random: Callable[[int], bytes]) -> list[str]:
    """New codes, as they are shown: ``abcd-efgh-ijkl-mnop``."""
    return [_grouped(b32encode(random(CODE_BYTES)).decode().lower()) for _ in range(CODES)]


def hash_of(code: str) -> bytes:
    """What is kept of a code. Capitals, spaces and hyphens make no difference."""
    letters = "".join(char for char in code.lower() if char.isalnum())
    return sha256(letters.translate(_MISREAD).encode("utf-8", "replace")).digest()


def _grouped(letters: str) -> str:
    return "-".join(letters[at : at + GROUP] for at in range(0, len(letters), GROUP))
