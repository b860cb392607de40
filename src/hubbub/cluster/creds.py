"""How a user logs in at a NATS server with a file: a JWT, and a signature with the user's key.

See "Decentralized JWT Authentication" in the documentation of NATS. The key is an Ed25519 seed in
Base32: two bytes of what kind it is, 32 of the seed, two of a check.
"""

from __future__ import annotations

import base64
import binascii
import re
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from msgspec import Struct

_BLOCK = re.compile(rb"-+BEGIN ([A-Z ]+)-+\s+([A-Za-z0-9._=-]+)\s+-+END [A-Z ]+-+")
SEED = slice(2, 34)
KEY_BYTES = 36


class CredsRefused(Exception):
    """The file is not as it must be. The text is for the user, and has nothing of the key."""


class Creds(Struct, frozen=True):
    """``jwt``: who the user is."""

    jwt: bytes
    key: Ed25519PrivateKey

    def __repr__(self) -> str:
        return "<Creds>"  # not in a log

    def sign(self, nonce: str) -> bytes:
        """The signature of what the server asks for, in Base64."""
        return base64.b64encode(self.key.sign(nonce.encode()))


def read_creds(path: Path) -> Creds:
    """What is in the file; raises `CredsRefused`."""
    try:
        blocks = dict(_BLOCK.findall(path.read_bytes()))
        jwt, key = blocks[b"NATS USER JWT"], blocks[b"USER NKEY SEED"]
        raw = base64.b32decode(key + b"=" * (-len(key) % 8))
        if len(raw) != KEY_BYTES:
            raise ValueError
        return Creds(jwt, Ed25519PrivateKey.from_private_bytes(raw[SEED]))
    except OSError as error:
        why = error.strerror or error
        raise CredsRefused(f"The file for the bus {path} cannot be read: {why}.") from None
    except (KeyError, ValueError, binascii.Error):
        raise CredsRefused(f"{path} is no file with which one logs in at a NATS server.") from None
