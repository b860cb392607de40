"""Fingerprints, as people compare them."""

from __future__ import annotations

import pytest

from hubbub.domain import fingerprints

DIGEST = bytes(range(32))
SHOWN = "0001 0203 0405 0607 0809 0a0b 0c0d 0e0f 1011 1213 1415 1617 1819 1a1b 1c1d 1e1f"


def test_it_is_shown_in_groups() -> None:
    assert fingerprints.shown(DIGEST) == SHOWN


@pytest.mark.parametrize(
    "text",
    [
        SHOWN,
        SHOWN.upper(),
        SHOWN.replace(" ", ""),
        f"  {SHOWN}\n",
        DIGEST.hex(":"),
        f"SHA256:{DIGEST.hex()}",
        "sha256//AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=",
    ],
)
def test_every_usual_spelling_is_read(text: str) -> None:
    assert fingerprints.parse(text) == DIGEST


@pytest.mark.parametrize(
    "text", ["", "yes", "00" * 31, "00" * 33, "sha256//AAEC", "é" * 64, "0" * 9999]
)
def test_anything_else_is_none(text: str) -> None:
    with pytest.raises(ValueError, match="fingerprint"):
        fingerprints.parse(text)
