"""The key in a server's certificate, to be compared where no authority vouches for it."""

from __future__ import annotations

import hashlib
import ssl
from ipaddress import ip_address

ANY = b""
"""The key is wanted whatever it is: a certificate is verified otherwise."""


class UnreadableCertificate(Exception):
    """OpenSSL took the certificate for one, and its key cannot be read nevertheless."""


class Peer:
    """The fingerprint of the server's key, as soon as the TLS handshake is done.

    The connection goes on only if it is the ``wanted`` one; with `ANY`, whatever it is.
    ``unreadable``: the server has shown something else than a certificate.
    """

    def __init__(self, wanted: bytes) -> None:
        self.wanted = wanted
        self.found: bytes | None = None
        self.unreadable = False

    @property
    def is_another(self) -> bool:
        """Whether the server has a key that is not wanted."""
        return self.found is not None and self.wanted != ANY and self.found != self.wanted


def fingerprint(certificate: bytes) -> bytes:
    """SHA-256 of the public key of a certificate in DER: see `hubbub.domain.fingerprints`.

    Raises `UnreadableCertificate` for what is no certificate.
    """
    # Imported here: it takes long, and most servers' certificates are verified by OpenSSL alone.
    from cryptography import x509
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    try:
        key = x509.load_der_x509_certificate(certificate).public_key()
        public = key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    except Exception as error:  # the library has one of its own for each part that may be wrong
        raise UnreadableCertificate from error
    return hashlib.sha256(public).digest()


def unverified() -> ssl.SSLContext:
    """A context for a server whose key is compared instead."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


def is_here(host: str) -> bool:
    """Whether the host is this computer, so that nothing goes over a network."""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ip_address(host.partition("%")[0]).is_loopback
    except ValueError:
        return False
