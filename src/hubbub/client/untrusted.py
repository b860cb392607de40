"""Why a server's key is not accepted, in sentences for the person."""

from __future__ import annotations

from pathlib import Path

from hubbub.client.address import Address
from hubbub.client.knownservers import UNREADABLE
from hubbub.domain import fingerprints


def unknown(address: Address, shown: bytes) -> str:
    """A server of which nothing is known."""
    return (
        f"{address} shows a certificate that no known authority has signed. Its fingerprint is "
        f"{fingerprints.shown(shown)}. If that is what the server printed when it started, accept "
        f"it by --fingerprint {shown.hex()}, or by `hubbub chat {address}`, which asks once."
    )


def another(address: Address, shown: bytes, wanted: bytes) -> str:
    """A server with another key than the one that was given."""
    return (
        f"{address} is not the server that you want: the fingerprint of its key is "
        f"{fingerprints.shown(shown)}, and not {fingerprints.shown(wanted)}. Nothing was sent to "
        "it."
    )


def changed(address: Address, shown: bytes, wanted: bytes | None, file: Path | None) -> str:
    """A server with another key than before; ``wanted`` is None if an authority vouched for it.
    ``file`` has its line.
    """
    now = fingerprints.shown(shown)
    before = (
        "a known authority had signed its certificate"
        if wanted is None
        else "it cannot be told, as its line is damaged"
        if wanted == UNREADABLE
        else f"it was {fingerprints.shown(wanted)}"
    )
    where = "" if file is None else f", or delete its line in {file}"
    return (
        f"WARNING: {address} has another key than before. Somebody may be between you and the "
        f"server and read everything; or the server was set up anew. Nothing was sent to it. The "
        f"fingerprint is now {now}; before, {before}. Ask whoever runs the server. If the new one "
        f"is right, give it once with --fingerprint{where}."
    )


def without_tls(address: Address, file: Path | None) -> str:
    """A server that spoke TLS before; ``file`` has its line."""
    where = "" if file is None else f" If that is right, delete its line in {file}."
    return (
        f"{address} does not speak TLS now, and did before. Somebody may be between you and the "
        f"server, so nothing is sent without it.{where}"
    )


def without_memory(address: Address, file: Path | None, trouble: str) -> str:
    """A server that does not speak TLS, while ``file`` cannot be read because of ``trouble``."""
    return (
        f"{address} does not speak TLS. Whether it did before is not known, as {file} cannot be "
        f"read: {trouble}. Mend that or delete it; or say http:// before the address, if nobody "
        "can listen on the way."
    )
