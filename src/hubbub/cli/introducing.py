"""What a server with a certificate of its own prints at its start, for people to trust it by."""

from __future__ import annotations

import hashlib
import os
import sys
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, TextIO

from hubbub.cli.invitation import reached_at
from hubbub.domain import fingerprints

if TYPE_CHECKING:
    from hubbub.config import Settings
    from hubbub.server.tls.certificates import Certificates

AUTHORITY_PATH = "/ca"
"""Where `hubbub.server.http` tells how the authority is installed."""

Own = Callable[[str], str | None]


def introduction(
    settings: Settings,
    certificates: Certificates | None,
    addresses: Sequence[tuple[str, int]],
    *,
    own: Own | None = None,
) -> list[str]:
    """The fingerprints, and where phones are told to trust the authority; [] if nobody needs it.

    ``own``: see `hubbub.cli.invitation.invitation`.
    """
    if certificates is None or certificates.trusted:
        return []
    key, half = fingerprints.shown(_fingerprint(settings, certificates)), 39
    lines = [
        "Clients ask once whether this is the fingerprint of the server's key (SHA-256):",
        f"    {key[:half]}",
        f"    {key[half + 1 :]}",
    ]
    place = authority_place(settings, certificates, addresses, own=own)
    if place is not None and certificates.authority is not None:
        shown = fingerprints.shown(hashlib.sha256(certificates.authority).digest())
        lines += [
            f"Phones and browsers trust the server by its authority: {place}",
            "They show the fingerprint of that one's certificate (SHA-256):",
            f"    {shown[:half]}",
            f"    {shown[half + 1 :]}",
        ]
    return lines


def authority_place(
    settings: Settings,
    certificates: Certificates,
    addresses: Sequence[tuple[str, int]],
    *,
    own: Own | None = None,
) -> str | None:
    """The address from which phones get the authority; None if none can reach the server."""
    host = None if certificates.authority is None else reached_at(addresses, own)
    if host is None:
        return None
    shown = f"[{host}]" if ":" in host else host
    scheme, usual = ("https", 443) if settings.tls == "required" else ("http", 80)
    port = addresses[0][1]
    path = settings.path_prefix + AUTHORITY_PATH
    return f"{scheme}://{shown}{'' if port == usual else f':{port}'}{path}"


def draw_code(
    settings: Settings,
    certificates: Certificates | None,
    addresses: Sequence[tuple[str, int]],
    *,
    to: TextIO | None = None,
    own: Own | None = None,
) -> None:
    """Draws that address as a QR code, for a person at a terminal to show to a phone."""
    to = to or sys.stderr
    if certificates is None or certificates.trusted or settings.log_format != "console":
        return
    place = authority_place(settings, certificates, addresses, own=own)
    if place is None or not to.isatty() or not _takes_blocks(to):
        return
    from hubbub.credentials import qr

    to.write("".join(f"    {line}\n" for line in ["", *qr.lines(place), ""]))
    to.flush()


def _fingerprint(settings: Settings, certificates: Certificates) -> bytes:
    from hubbub.credentials.tls.facts import read_facts
    from hubbub.credentials.tls.ordered import OrderedCertificates
    from hubbub.credentials.tls.own import OwnCertificates

    if isinstance(certificates, (OwnCertificates, OrderedCertificates)):
        return certificates.fingerprint
    assert settings.tls_cert is not None, "where else would it come from"
    return read_facts(settings.tls_cert).fingerprint


def _takes_blocks(to: TextIO) -> bool:
    return os.environ.get("TERM") != "dumb" and (to.encoding or "").lower().startswith("utf")
