"""The fingerprint of a server's key: SHA-256 of its public key, in a form that people compare.

What is hashed is the SubjectPublicKeyInfo (RFC 7469, 2.4), so a renewed certificate for the same
key has the same fingerprint.
"""

from __future__ import annotations

import base64
import binascii
import re

BYTES = 32  # of SHA-256
GROUP_CHARS = 4  # as many as people read at a glance

_SEPARATORS = re.compile(r"[\s:-]+")
_HEX = re.compile(r"[0-9a-fA-F]{64}")
_LABELS = ("sha256//", "sha256:", "sha256 ", "sha-256 ", "sha-256:")

MAX_CHARS = 200  # of a fingerprint in any spelling


def shown(digest: bytes) -> str:
    """The fingerprint in groups: ``3f2a 91c0 …``."""
    text = digest.hex()
    return " ".join(text[start : start + GROUP_CHARS] for start in range(0, len(text), GROUP_CHARS))


def parse(text: str) -> bytes:
    """Reads a fingerprint: hexadecimal digits in any groups, or Base64 as curl has it
    (``sha256//…``). Raises `ValueError`.
    """
    text = text.strip()
    if len(text) > MAX_CHARS:
        raise ValueError("It is too long for a fingerprint.")
    for label in _LABELS:
        if text.lower().startswith(label):
            text = text[len(label) :]
    digits = _SEPARATORS.sub("", text)
    if _HEX.fullmatch(digits):
        return bytes.fromhex(digits)
    try:
        digest = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        digest = b""
    if len(digest) != BYTES:
        raise ValueError("A fingerprint has 64 digits from 0 to f, in any groups.")
    return digest
