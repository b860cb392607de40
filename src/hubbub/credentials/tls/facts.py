"""What a certificate says of itself: for whom it is, by whom, and until when."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from cryptography import x509
from cryptography.x509.oid import NameOID
from msgspec import Struct

from hubbub.credentials.tls.authority import fingerprint
from hubbub.credentials.tls.kept import MAX_BYTES


class Facts(Struct, frozen=True):
    """Of a server's certificate. ``names`` has IP addresses, too; ``issuer`` is who signed it."""

    names: Sequence[str]
    begins: datetime
    ends: datetime
    issuer: str
    fingerprint: bytes
    """Of its key: see `hubbub.domain.fingerprints`."""


def facts_of(certificate: x509.Certificate) -> Facts:
    """What the certificate says."""
    return Facts(
        names_of(certificate),
        certificate.not_valid_before_utc,
        certificate.not_valid_after_utc,
        _called(certificate.issuer),
        fingerprint(certificate),
    )


def read_facts(path: Path) -> Facts:
    """Of the server's certificate in a file (PEM), which is the first one there.

    Raises `OSError`, and `ValueError` for a file with no certificate in it.
    """
    with path.open("rb") as file:
        return facts_of(x509.load_pem_x509_certificates(file.read(MAX_BYTES))[0])


def names_of(certificate: x509.Certificate) -> list[str]:
    """The names and IP addresses that it is for."""
    try:
        found = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return []
    names = found.get_values_for_type(x509.DNSName)
    return [*names, *map(str, found.get_values_for_type(x509.IPAddress))]


def _called(name: x509.Name) -> str:
    for kind in (NameOID.COMMON_NAME, NameOID.ORGANIZATION_NAME):
        if found := name.get_attributes_for_oid(kind):
            return str(found[0].value)
    return name.rfc4514_string()
