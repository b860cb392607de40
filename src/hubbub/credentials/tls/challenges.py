"""What an ACME server looks for to see that a name leads here: tls-alpn-01 and http-01."""

from __future__ import annotations

import hashlib
import ssl
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.x509.oid import NameOID

from hubbub import private
from hubbub.credentials.tls.authority import Signed, new_key

ACME_IDENTIFIER = x509.ObjectIdentifier("1.3.6.1.5.5.7.1.31")
"""id-pe-acmeIdentifier (RFC 8737, 6.1)."""

OCTET_STRING_32 = b"\x04\x20"  # the DER before 32 bytes
LIFETIME = timedelta(days=7)
FILES = "challenge-"  # what their names begin with: OpenSSL reads a key from a file only

MakeContext = Callable[[Path], ssl.SSLContext]
"""A context that offers ``acme-tls/1`` with the certificate and the key in a file."""


class Challenges:
    """The answers that are due now. They are given from another thread than they are asked for."""

    def __init__(self, folder: Path, make_context: MakeContext) -> None:
        self._folder = folder
        self._make_context = make_context
        self._tokens: dict[str, str] = {}
        self._contexts: dict[str, ssl.SSLContext] = {}

    def context(self) -> ssl.SSLContext | None:
        """What is shown to a client that asks for ``acme-tls/1``; None while none is due.

        Whichever name the client says, it is shown that one's answer (RFC 8737, 3).
        """
        return next(iter(self._contexts.values()), None)

    def answer(self, token: str) -> str | None:
        """What is at the token's address, over HTTP."""
        return self._tokens.get(token)

    def give(self, domain: str, token: str, authorization: str, now: datetime) -> None:
        """Answers for ``domain`` from now on, in either way. Raises `OSError`."""
        file = self._folder / f"{FILES}{domain}.pem"
        private.make_folder(self._folder)
        private.write(file, _certificate(domain, authorization, now).pem)
        try:
            context = self._make_context(file)
        finally:
            file.unlink(missing_ok=True)
        context.sni_callback = self._choose
        self._tokens = {**self._tokens, token: authorization}
        self._contexts = {**self._contexts, domain: context}

    def clear(self) -> None:
        """Removes what a run has left that was killed while it answered."""
        for file in self._folder.glob(f"{FILES}*"):
            file.unlink(missing_ok=True)

    def end(self) -> None:
        """Nobody asks any more."""
        self._tokens, self._contexts = {}, {}

    def _choose(
        self, connection: ssl.SSLSocket | ssl.SSLObject, name: str | None, _: ssl.SSLContext
    ) -> int | None:
        context = self._contexts.get((name or "").lower())
        if context is None:
            return ssl.ALERT_DESCRIPTION_UNRECOGNIZED_NAME
        connection.context = context
        return None


def _certificate(domain: str, authorization: str, now: datetime) -> Signed:
    """RFC 8737, 3: a certificate that signs itself, with the digest of the key authorization."""
    key = new_key()
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "ACME challenge")])
    digest = hashlib.sha256(authorization.encode()).digest()
    said = x509.UnrecognizedExtension(ACME_IDENTIFIER, OCTET_STRING_32 + digest)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - LIFETIME)
        .not_valid_after(now + LIFETIME)
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(domain)]), critical=False)
        .add_extension(said, critical=True)
        .sign(key, hashes.SHA256())
    )
    return Signed(key, certificate)
