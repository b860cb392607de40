"""Where the server's certificate comes from, by its settings."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from hubbub.cli.failing import Failed

if TYPE_CHECKING:
    from pathlib import Path
    from ssl import SSLContext

    from hubbub.config import Settings
    from hubbub.credentials.tls.hosts import Hosts
    from hubbub.credentials.tls.ordered import OrderedCertificates
    from hubbub.credentials.tls.own import OwnCertificates
    from hubbub.server.tls.certificates import Certificates
    from hubbub.server.tls.files import FileCertificates


def certificates(settings: Settings, data: Path) -> Certificates | None:
    """None without TLS. Blocks, and may make files in ``data``, whose lock is to be held.

    Raises `Failed` if the certificate is not good.
    """
    from datetime import UTC, datetime

    if (given := given_certificate(settings)) is not None:
        return given
    if settings.tls in ("default", "off") and not settings.tls_domain:
        return None
    from hubbub.credentials.tls.kept import CertificateTrouble
    from hubbub.credentials.tls.own import OwnCertificates
    from hubbub.server.tls.contexts import server_context

    own = OwnCertificates(
        data,
        hosts=lambda: _hosts(settings),
        clock=lambda: datetime.now(UTC),
        make_context=server_context,
    )
    try:
        own.open()
    except CertificateTrouble as error:
        raise Failed(str(error)) from None
    except OSError as error:
        raise Failed(f"The certificate in {own.file} cannot be used: {error}.") from None
    if settings.tls_domain:
        return _ordered(settings, data, own)
    return own


def _ordered(settings: Settings, data: Path, own: OwnCertificates) -> OrderedCertificates:
    from datetime import UTC, datetime

    from hubbub.credentials.tls.kept import CertificateTrouble
    from hubbub.credentials.tls.ordered import OrderedCertificates, Wish
    from hubbub.server.tls.certificate import is_trusted
    from hubbub.server.tls.contexts import ACME, server_context

    def make_challenge(file: Path) -> SSLContext:
        return server_context(file, file, alpn=ACME)

    wish = Wish(
        server=settings.acme_server,
        email=settings.acme_email,
        domains=settings.tls_domain,
        port=settings.port,
    )
    ordered = OrderedCertificates(
        data,
        wish,
        own,
        clock=lambda: datetime.now(UTC),
        make_context=server_context,
        make_challenge=make_challenge,
        is_trusted=is_trusted,
    )
    try:
        ordered.open()
    except CertificateTrouble as error:
        raise Failed(str(error)) from None
    return ordered


def given_certificate(settings: Settings) -> FileCertificates | None:
    """The one that is in files of the owner; None if there is none. Raises as `certificates`."""
    if settings.tls_cert is None or settings.tls_key is None:
        return None
    from datetime import UTC, datetime

    from hubbub.server.tls.certificate import CertificateRefused
    from hubbub.server.tls.files import FileCertificates

    try:
        return FileCertificates(settings.tls_cert, settings.tls_key, lambda: datetime.now(UTC))
    except CertificateRefused as error:
        raise Failed(str(error)) from None


def _hosts(settings: Settings) -> Hosts:
    """By which names and addresses this server may be known."""
    from hubbub.credentials.tls.hosts import own_hosts

    told = [*settings.tls_domain, *settings.host, *settings.allowed_hosts]
    if page := urlsplit(settings.public_url).hostname:
        told.append(page)
    return own_hosts(told)
