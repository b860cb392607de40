"""SCRAM-SHA-256 (RFC 5802 and 7677), the server's side: proves a password that is not told.

The messages are texts here; a wire encodes them as it does. No channel binding: an encrypted
connection ends at a proxy as often as here.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from base64 import b64decode, b64encode

import msgspec
from msgspec import Struct

from hubbub.domain.errors import BadMessage

MIN_ITERATIONS = 4096  # RFC 7677, 4
ITERATIONS = 60_000  # 20 ms here, and half a second on a small telephone
SALT_BYTES = 16
NONCE_BYTES = 18
_NAME_ESCAPED = re.compile("=2C|=3D|=")
_UNESCAPED = {"=2C": ",", "=3D": "="}
_GS2 = re.compile(r"[ny],(?:a=([^,]*))?,")
_NOT_SCRAM = "That is no message of SCRAM."


class Verifier(Struct, frozen=True):
    """What is kept of a password (RFC 5802, 3). All but ``iterations`` in Base64."""

    salt: str
    iterations: int
    stored: str
    server: str


class First(Struct, frozen=True):
    """A client's first message. ``header``: what is before ``bare`` (the GS2 header)."""

    header: str
    bare: str
    user: str
    nonce: str


class Exchange(Struct, frozen=True):
    """What was said so far, and what the last message is checked by. ``known``: it can be right."""

    first: First
    challenge: str
    nonce: str
    verifier: Verifier
    known: bool


def make(password: str, salt: bytes, iterations: int) -> Verifier:
    """The verifier of a password, which is `hubbub.domain.passwords.prepare`d."""
    salted = hashlib.pbkdf2_hmac("sha256", password.encode(), salt, iterations)
    stored = hashlib.sha256(_hmac(salted, b"Client Key")).digest()
    server = _hmac(salted, b"Server Key")
    return Verifier(_told(salt), iterations, _told(stored), _told(server))


def encoded(verifier: Verifier) -> str:
    """As it is kept."""
    return msgspec.json.encode(verifier).decode()


def decoded(kept: str) -> Verifier:
    """Of what was kept."""
    return msgspec.json.decode(kept, type=Verifier)


def no_verifier(key: bytes, name: str) -> Verifier:
    """For a name that has none, which is not told: the same each time, and nothing fits it."""
    salt = _hmac(key, name.encode())[:SALT_BYTES]
    return Verifier(_told(salt), ITERATIONS, _told(b""), _told(b""))


def parse_first(message: str) -> First:
    """A client's first message (client-first-message). Raises `BadMessage`.

    An authorisation identity has to be the user.
    """
    header = _GS2.match(message)
    if header is None:
        raise BadMessage(_NOT_SCRAM)
    bare = message[header.end() :]
    fields = _fields(bare)
    if [key for key, _ in fields[:2]] != ["n", "r"] or not fields[1][1]:
        raise BadMessage(_NOT_SCRAM)
    user = _name(fields[0][1])
    if header[1] and _name(header[1]) != user:
        raise BadMessage("You can log in as yourself alone.")
    return First(header[0], bare, user, fields[1][1])


def challenge(first: First, nonce: str, verifier: Verifier, *, known: bool) -> Exchange:
    """The exchange in which the server says the next message: its ``challenge``."""
    whole = first.nonce + nonce
    message = f"r={whole},s={verifier.salt},i={verifier.iterations}"
    return Exchange(first, message, whole, verifier, known)


def prove(exchange: Exchange, message: str) -> str | None:
    """The server's last words to a client's (client-final-message); None: it was wrong."""
    without, comma, proof = message.rpartition(",p=")
    fields = dict(_fields(without))
    header = b64encode(exchange.first.header.encode()).decode()
    if not comma or fields.get("c") != header or fields.get("r") != exchange.nonce:
        return None
    words = f"{exchange.first.bare},{exchange.challenge},{without}".encode()
    try:
        given = b64decode(proof, validate=True)
    except ValueError:
        return None
    stored = b64decode(exchange.verifier.stored)
    signature = _hmac(stored, words)
    if not exchange.known or len(given) != len(signature):
        return None
    key = bytes(one ^ other for one, other in zip(given, signature, strict=True))
    if not hmac.compare_digest(hashlib.sha256(key).digest(), stored):
        return None
    return f"v={_told(_hmac(b64decode(exchange.verifier.server), words))}"


def _fields(text: str) -> list[tuple[str, str]]:
    return [(part[:1], part[2:]) for part in text.split(",") if part[1:2] == "="]


def _name(escaped: str) -> str:
    try:
        return _NAME_ESCAPED.sub(lambda found: _UNESCAPED[found[0]], escaped)
    except KeyError:
        raise BadMessage(_NOT_SCRAM) from None


def _hmac(key: bytes, words: bytes) -> bytes:
    return hmac.digest(key, words, "sha256")


def _told(data: bytes) -> str:
    return b64encode(data).decode()
