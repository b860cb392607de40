"""The client's side of SCRAM-SHA-256, by RFC 5802 alone."""

from __future__ import annotations

import hashlib
import hmac
from base64 import b64decode, b64encode


class ScramClient:
    """Proves that it knows a password."""

    def __init__(self, user: str, password: str, nonce: str = "rOprNGfwEbeRWgbNEkqO") -> None:
        self._user = user
        self._password = password
        self._nonce = nonce
        self._server = b""
        self._words = b""

    @property
    def bare(self) -> str:
        """The first message without its header."""
        return f"n={self._user},r={self._nonce}"

    def first(self) -> str:
        """What it says first."""
        return f"n,,{self.bare}"

    def final(self, challenge: str) -> str:
        """What it says to the server's challenge."""
        fields = dict(part.split("=", 1) for part in challenge.split(","))
        assert fields["r"].startswith(self._nonce)
        salted = hashlib.pbkdf2_hmac(
            "sha256", self._password.encode(), b64decode(fields["s"]), int(fields["i"])
        )
        key = hmac.digest(salted, b"Client Key", "sha256")
        without = f"c={b64encode(b'n,,').decode()},r={fields['r']}"
        self._words = f"{self.bare},{challenge},{without}".encode()
        self._server = hmac.digest(salted, b"Server Key", "sha256")
        signature = hmac.digest(hashlib.sha256(key).digest(), self._words, "sha256")
        proof = bytes(one ^ other for one, other in zip(key, signature, strict=True))
        return f"{without},p={b64encode(proof).decode()}"

    def check(self, last: str) -> None:
        """Whether the server knows the password, too."""
        right = b64encode(hmac.digest(self._server, self._words, "sha256")).decode()
        assert last == f"v={right}"
