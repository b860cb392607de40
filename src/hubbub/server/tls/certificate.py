"""A certificate and its key out of two files: whether it is good, for how long, and for whom."""

from __future__ import annotations

import contextlib
import os
import shlex
import ssl
import stat
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from hubbub import private
from hubbub.server.tls.contexts import server_context

STEPS = 10  # more than a handshake takes


class CertificateRefused(Exception):
    """The files are not as they must be. The text is for the user, and has nothing of the key."""


@dataclass(frozen=True, slots=True)
class Certificate:
    """``trusted``: by this computer's own list of authorities, so most likely by browsers, too."""

    context: ssl.SSLContext
    begins: datetime
    ends: datetime
    names: tuple[str, ...]
    trusted: bool

    def doubt(self, now: datetime, soon: datetime) -> str | None:
        """Why clients do not take it ``now``, or will not any more ``soon``; None if they do."""
        if now < self.begins:
            return f"is not valid before {self.begins:%Y-%m-%d %H:%M} UTC: is the clock right?"
        if now >= self.ends:
            return f"has expired, on {self.ends:%Y-%m-%d %H:%M} UTC: clients refuse it."
        if soon >= self.ends:
            return f"expires on {self.ends:%Y-%m-%d %H:%M} UTC. Please renew it."
        return None


def load(certificate: Path, key: Path) -> Certificate:
    """The certificate in these files. Reads them, and blocks. Raises `CertificateRefused`."""
    from cryptography import x509

    _check_private(key)
    try:
        content = certificate.read_bytes()  # first: its error, unlike the next one's, has the name
        context = server_context(certificate, key)
        first = x509.load_pem_x509_certificates(content)[0]
    except ssl.SSLError as error:
        raise CertificateRefused(_why(error, certificate, key)) from None
    except OSError as error:
        where = error.filename or f"{certificate} or {key}"
        raise CertificateRefused(
            f"{where} cannot be read: {os.strerror(error.errno or 0)}."
        ) from None
    except ValueError as error:
        raise CertificateRefused(f"{certificate} has no good certificate: {error}.") from None
    return Certificate(
        context,
        first.not_valid_before_utc,
        first.not_valid_after_utc,
        _names(first),
        is_trusted(context),
    )


def _check_private(key: Path) -> None:
    try:
        found = key.stat()
    except OSError as error:
        raise CertificateRefused(
            f"{key} cannot be read: {os.strerror(error.errno or 0)}."
        ) from None
    if not private.is_ours(found):
        raise CertificateRefused(
            f"{key} belongs to {private.owner(found)}, who could read and change the key."
        )
    if os.name == "posix" and private.others_may(found, _forbidden(found)):
        raise CertificateRefused(
            f"Others on this computer can read the key in {key} "
            f"(mode {stat.S_IMODE(found.st_mode):o}). To mend that: "
            f"chmod 600 {shlex.quote(str(key))}"
        )


def _forbidden(found: os.stat_result) -> int:
    """What others may not do with the key. Of one of root's, groups are root's own choice.

    So Debian has a group ssl-cert, and systemd gives a service its LoadCredential=.
    """
    return private.OTHERS & ~stat.S_IRGRP if found.st_uid == 0 else private.OTHERS


def _why(error: ssl.SSLError, certificate: Path, key: Path) -> str:
    if error.reason == "KEY_VALUES_MISMATCH":
        if _has_it_later(certificate, key):
            return (
                f"The server's own certificate must be the first one in {certificate}, before "
                "those of the authorities."
            )
        return f"The key in {key} is not that of the certificate in {certificate}."
    if error.reason in ("EE_KEY_TOO_SMALL", "CA_KEY_TOO_SMALL", "CA_MD_TOO_WEAK", "KEY_TOO_SMALL"):
        return f"The certificate in {certificate} is too weak: {error.reason}."
    if b"ENCRYPTED" in key.read_bytes()[:4096]:
        return (
            f"The key in {key} has a pass phrase, which nobody is there to type. Save it without."
        )
    return (
        f"{certificate} must have a certificate in it, as PEM (-----BEGIN CERTIFICATE-----), "
        f"and {key} its key, likewise (-----BEGIN PRIVATE KEY-----)."
    )


def _has_it_later(certificate: Path, key: Path) -> bool:
    """Whether a certificate that is not the first one in the file is for the key."""
    from cryptography import x509
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    try:
        ours = load_pem_private_key(key.read_bytes(), None).public_key()
        found = x509.load_pem_x509_certificates(certificate.read_bytes())
    except (ValueError, TypeError, OSError):
        return False
    return any(one.public_key() == ours for one in found)


def _names(certificate: object) -> tuple[str, ...]:
    from cryptography import x509

    assert isinstance(certificate, x509.Certificate)
    try:
        found = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except (x509.ExtensionNotFound, ValueError):
        return ()
    addresses = found.get_values_for_type(x509.IPAddress)
    return (*found.get_values_for_type(x509.DNSName), *map(str, addresses))


def is_trusted(context: ssl.SSLContext) -> bool:
    """Whether a client of this computer takes it, by whatever name: both sides are played here."""
    judge = ssl.create_default_context()
    judge.check_hostname = False
    to_server, to_client = ssl.MemoryBIO(), ssl.MemoryBIO()
    server = context.wrap_bio(to_server, to_client, server_side=True)
    client = judge.wrap_bio(to_client, to_server)
    for _ in range(STEPS):
        try:
            client.do_handshake()
        except ssl.SSLWantReadError:
            pass
        except ssl.SSLError:
            return False
        else:
            return True
        with contextlib.suppress(ssl.SSLWantReadError):
            server.do_handshake()
    return False
