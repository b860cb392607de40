"""Cursors of searches, which tell nobody how much is said in rooms that they may not read.

A search goes on behind a place in the server's whole log, whose numbers count everybody's events.
So a client is given the place encrypted: a Feistel network of four rounds over 64 bits (Luby and
Rackoff, 1988), with HMAC-SHA256 as its round function.
"""

from __future__ import annotations

import hashlib
import hmac
import re

from hubbub.domain.errors import BadMessage
from hubbub.hub.ports import Log, SecretKind
from hubbub.hub.serverkeys import Outcome, server_key

ROUNDS = range(4)
HALF_BITS = 32
CHECK_BITS = 20  # zeros behind the place, by which a cursor that was made up is known
CHARS = 2 * HALF_BITS // 4  # hexadecimal digits
_CURSOR = re.compile(f"[0-9a-f]{{{CHARS}}}")


class SearchCursors:
    """Places as clients see them. The key is the database's, so that cursors outlive the server."""

    def __init__(self, log: Log) -> None:
        self._log = log
        self._key = b""

    async def load(self, outcome: Outcome | None = None) -> None:
        """Reads the key at the start, or makes it: see `server_key`."""
        self._key = await server_key(self._log, SecretKind.CURSORS, outcome)

    def derived(self, purpose: str) -> bytes:
        """32 bytes that this database alone gives for ``purpose``."""
        return hmac.digest(self._key, purpose.encode(), hashlib.sha256)

    def shown(self, place: int) -> str:
        """The cursor for ``place``, which is below 2**44."""
        left, right = divmod(place << CHECK_BITS, 1 << HALF_BITS)
        for number in ROUNDS:
            left, right = right, left ^ self._round(number, right)
        return f"{left << HALF_BITS | right:0{CHARS}x}"

    def place(self, cursor: str) -> int:
        """The inverse of `shown`; raises `BadMessage` for what that has not given."""
        if _CURSOR.fullmatch(cursor):
            left, right = divmod(int(cursor, 16), 1 << HALF_BITS)
            for number in reversed(ROUNDS):
                left, right = right ^ self._round(number, left), left
            place, check = divmod(left << HALF_BITS | right, 1 << CHECK_BITS)
            if not check:
                return place
        raise BadMessage('"before" is the "next" of the answer before, and nothing else.')

    def _round(self, number: int, half: int) -> int:
        said = bytes([number]) + half.to_bytes(HALF_BITS // 8, "big")
        return int.from_bytes(hmac.digest(self._key, said, hashlib.sha256)[: HALF_BITS // 8], "big")
