"""What takes out of files what nobody meant to send, fuzzed with whatever people upload."""

from __future__ import annotations

from hubbub.pictures.kinds import HEAD_BYTES, KINDS, kind
from hubbub.pictures.stripping import STRIPPED, Broken


def stripping(data: bytes) -> None:
    """Any file: it is told what it is, is broken or not larger than before, and clean at once."""
    told = kind(data[:HEAD_BYTES])
    assert told in KINDS
    if told not in STRIPPED:
        return
    try:
        clean = b"".join(STRIPPED[told](memoryview(data)))
    except Broken:
        return
    assert len(clean) <= len(data) + 64
    assert kind(clean[:HEAD_BYTES]) == told
    assert b"".join(STRIPPED[told](memoryview(clean))) == clean
