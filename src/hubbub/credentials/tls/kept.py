"""The files of a server's own certificates: each has a certificate and its key, in one file.

So the two fit each other whenever the program is killed: a file is replaced as a whole. A file that
is there and cannot be used is never overwritten: whoever trusts its key would be told that it has
changed, so a person has to decide that.
"""

from __future__ import annotations

import os
import shlex
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from hubbub import private
from hubbub.credentials.tls.authority import Signed

FOLDER = "tls"  # in the data folder
MAX_BYTES = 256 * 1024  # of a file; one of ours has 2 KiB


class CertificateTrouble(Exception):
    """Certificates cannot be made, kept or used. The text is for the user."""


def load(path: Path, what: str) -> Signed | None:
    """The certificate and the key in the file; None if it is not there.

    ``what`` names it in a sentence. Raises `CertificateTrouble`.
    """
    data = read(path, what)
    if data is None:
        return None
    try:
        key = serialization.load_pem_private_key(data, password=None)
        certificate = x509.load_pem_x509_certificates(data)[0]
    except (ValueError, TypeError):
        raise _unusable(path, what, "it cannot be read as a certificate with its key") from None
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        raise _unusable(path, what, "its key is of another kind than this server makes")
    if certificate.public_key() != key.public_key():
        raise _unusable(path, what, "its key is not that of its certificate")
    return Signed(key, certificate)


def read(path: Path, what: str) -> bytes | None:
    """What is in the file, which nobody else may read from now on; None if it is not there.

    Raises `CertificateTrouble`.
    """
    if not os.path.lexists(path):
        return None
    try:
        private.make_file(path)
        with path.open("rb") as file:
            return file.read(MAX_BYTES)
    except OSError as error:
        why = error.strerror or str(error)
        raise CertificateTrouble(f"{what}, {path}, cannot be used: {why}.") from None


def save(path: Path, data: bytes, what: str) -> None:
    """Writes the whole file to the disk, or leaves it as it was. Raises `CertificateTrouble`."""
    try:
        private.make_folder(path.parent)
        private.write(path, data, durable=True)
    except OSError as error:
        why = error.strerror or str(error)
        raise CertificateTrouble(f"{what} cannot be saved in {path}: {why}.") from None


def unusable_authority(path: Path) -> CertificateTrouble:
    """The file has something else than an authority that this server has made."""
    return _unusable(path, "This server's certificate authority", "it is none of Hubbub's own")


def _unusable(path: Path, what: str, why: str) -> CertificateTrouble:
    aside = shlex.quote(f"{path}.aside")
    return CertificateTrouble(
        f"{what}, {path}, cannot be used: {why}. If you have a backup of the file, restore it. "
        f"Otherwise move it away, and the server makes a new one, of which clients that know the "
        f"old one warn their users: mv {shlex.quote(str(path))} {aside}"
    )
