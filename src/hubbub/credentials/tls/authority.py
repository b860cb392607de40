"""A certificate authority of the server's own, and the certificate that it signs.

Phones and browsers can be told to trust the authority; so it is limited, lest one that is stolen
could pretend to be other sites: to the names of this server and of networks at home (name
constraints, RFC 5280, 4.2.1.10), to servers (extended key usage), and to sign no other authority.
IP addresses are not limited: they change, and hardly any site is known by one.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from datetime import datetime, timedelta
from ipaddress import ip_address

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from msgspec import Struct

from hubbub.credentials.tls.hosts import Hosts

AUTHORITY_LIFETIME = timedelta(days=3650)
LIFETIME = timedelta(days=90)
BACKDATED = timedelta(days=1)  # clocks of phones are wrong, too
AUTHORITY_NAME = "Hubbub's authority at {}"
MAX_COMMON_NAME_CHARS = 64  # RFC 5280, appendix A: ub-common-name

HOME_NETWORKS = ("localhost", "local", "lan", "home.arpa", "internal")
"""Top names that no one on the internet can have (RFC 6761, 6762, 8375; ICANN's of 2024)."""


class Signed(Struct, frozen=True):
    """A key, and the certificate that says whose it is."""

    key: ec.EllipticCurvePrivateKey
    certificate: x509.Certificate

    @property
    def pem(self) -> bytes:
        """The certificate and the key."""
        return self.certificate_pem + self.key_pem

    @property
    def key_pem(self) -> bytes:
        """The key alone."""
        return self.key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )

    @property
    def certificate_pem(self) -> bytes:
        """The certificate alone, which everybody may know."""
        return self.certificate.public_bytes(serialization.Encoding.PEM)


def new_key() -> ec.EllipticCurvePrivateKey:
    """A key that every client of these years understands: P-256."""
    return ec.generate_private_key(ec.SECP256R1())


def make_authority(
    computer: str,
    names: Iterable[str],
    now: datetime,
    *,
    key: ec.EllipticCurvePrivateKey | None = None,
) -> Signed:
    """An authority for these ``names``, and those of networks at home.

    ``computer`` is what people know this computer by. ``key``: that of the one that it replaces.
    """
    key = key or new_key()
    subject = _name(AUTHORITY_NAME.format(computer))
    permitted = list(dict.fromkeys((*HOME_NETWORKS, *names)))
    certificate = (
        _builder(subject, subject, key, now, AUTHORITY_LIFETIME)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(signs=True), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.NameConstraints([*map(x509.DNSName, permitted)], None), critical=True)
        .sign(key, hashes.SHA256())
    )
    return Signed(key, certificate)


def sign(
    authority: Signed, hosts: Hosts, now: datetime, *, key: ec.EllipticCurvePrivateKey
) -> Signed:
    """A server's certificate for ``key``, by which it is known as one of ``hosts``."""
    alternatives = [
        *map(x509.DNSName, hosts.names),
        *(x509.IPAddress(ip_address(address)) for address in hosts.addresses),
    ]
    issuer = authority.certificate.subject
    certificate = (
        _builder(_name(hosts.names[0]), issuer, key, now, LIFETIME, by=authority.key)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(signs=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.SubjectAlternativeName(alternatives), critical=False)
        .sign(authority.key, hashes.SHA256())
    )
    return Signed(key, certificate)


def permits(authority: x509.Certificate, name: str) -> bool:
    """Whether this authority may sign for ``name``: one of its names, or one below it."""
    constraints = authority.extensions.get_extension_for_class(x509.NameConstraints).value
    permitted = [one.value for one in constraints.permitted_subtrees or ()]
    return any(name == one or name.endswith(f".{one}") for one in permitted)


def is_authority(signed: Signed) -> bool:
    """Whether that is what `make_authority` makes, and its own key's."""
    certificate = signed.certificate
    try:
        limits = certificate.extensions.get_extension_for_class(x509.BasicConstraints).value
        certificate.extensions.get_extension_for_class(x509.NameConstraints)
    except x509.ExtensionNotFound:
        return False
    return limits.ca and certificate.public_key() == signed.key.public_key()


def is_by(certificate: x509.Certificate, authority: x509.Certificate) -> bool:
    """Whether ``authority`` has signed it."""
    try:
        certificate.verify_directly_issued_by(authority)
    except (InvalidSignature, ValueError, TypeError):
        return False
    return True


def fingerprint(certificate: x509.Certificate) -> bytes:
    """SHA-256 of its public key: see `hubbub.domain.fingerprints`."""
    spki = certificate.public_key().public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    return hashlib.sha256(spki).digest()


def _builder(
    subject: x509.Name,
    issuer: x509.Name,
    key: ec.EllipticCurvePrivateKey,
    now: datetime,
    lifetime: timedelta,
    by: ec.EllipticCurvePrivateKey | None = None,
) -> x509.CertificateBuilder:
    signer = x509.AuthorityKeyIdentifier.from_issuer_public_key((by or key).public_key())
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - BACKDATED)
        .not_valid_after(now + lifetime)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(signer, critical=False)
    )


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text[:MAX_COMMON_NAME_CHARS])])


def _usage(*, signs: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs,
        key_cert_sign=signs,
        crl_sign=signs,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )
