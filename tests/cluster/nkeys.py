"""What a NATS server's operator signs, so that users log in with a file: see "JWTs" of NATS."""

from __future__ import annotations

import base64
import binascii
import json
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

OPERATOR, ACCOUNT, USER = (14 << 3, 0, 20 << 3)
SEED_PREFIX = 18 << 3


class Key:
    """An Ed25519 key of one kind, in NATS' spelling of it."""

    def __init__(self, kind: int, number: int) -> None:
        raw = bytes([number]) * 32
        self._private = Ed25519PrivateKey.from_private_bytes(raw)
        self.public = _spelled(bytes([kind]) + self._private.public_key().public_bytes_raw())
        first = bytes([SEED_PREFIX | kind >> 5, (kind & 31) << 3])
        self.seed = _spelled(first + raw)

    def signs(self, about: Key, name: str, **nats: Any) -> str:
        """A JWT by which this key says who has the other one."""
        said = {"jti": name, "iat": 1_690_711_200, "iss": self.public, "name": name}
        said |= {"sub": about.public}
        head = {"typ": "JWT", "alg": "ed25519-nkey"}
        body = f"{_web(_json(head))}.{_web(_json(said | {'nats': {'version': 2, **nats}}))}"
        return f"{body}.{_web(self._private.sign(body.encode()))}"


def _spelled(raw: bytes) -> str:
    check = binascii.crc_hqx(raw, 0).to_bytes(2, "little")
    return base64.b32encode(raw + check).rstrip(b"=").decode()


def _web(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def _json(value: Any) -> bytes:
    return json.dumps(value).encode()


def operated(key: Key, account: Key) -> str:
    """The configuration of a server with one account."""
    limits = dict.fromkeys(("subs", "data", "payload", "imports", "exports", "conn", "leaf"), -1)
    signed = key.signs(account, "hubbub", type="account", limits=limits | {"wildcards": True})
    return (
        f"operator: {key.signs(key, 'operator', type='operator')}\n"
        f'resolver: MEMORY\nresolver_preload: {{ {account.public}: "{signed}" }}\n'
    )


def creds(account: Key, user: Key) -> str:
    """The file with which the user logs in."""
    jwt = account.signs(user, "node", type="user", subs=-1, data=-1, payload=-1)
    return (
        f"-----BEGIN NATS USER JWT-----\n{jwt}\n------END NATS USER JWT------\n\n"
        "************************* IMPORTANT *************************\n"
        f"-----BEGIN USER NKEY SEED-----\n{user.seed}\n------END USER NKEY SEED------\n"
    )
