"""The server's own certificate, and the authority that signs it: made, kept, and renewed in time.

The server's key stays the same in each certificate, as that of an ssh server does: clients that
have accepted it once go on to. It lies beside the authority's key, so a new one now and then would
protect from nothing. The authority stays the same, too, for phones that were told to trust it.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterable
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path
from ssl import SSLContext

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from msgspec import structs

from hubbub.credentials.tls.authority import (
    HOME_NETWORKS,
    LIFETIME,
    Signed,
    fingerprint,
    is_authority,
    is_by,
    make_authority,
    new_key,
    permits,
    sign,
)
from hubbub.credentials.tls.facts import names_of
from hubbub.credentials.tls.hosts import Hosts
from hubbub.credentials.tls.kept import (
    FOLDER,
    CertificateTrouble,
    load,
    save,
    unusable_authority,
)

RENEWED_BEFORE = LIFETIME / 3  # its end, so that a month without a restart or a disk does no harm
AUTHORITY_RENEWED_BEFORE = timedelta(days=365)
CHECK_SECONDS = 60.0  # until another address, or the end of a certificate, is noticed
FIRST_DAY = "2025-01-01"  # of which every right clock knows that it is over

AUTHORITY = "This server's certificate authority"
CERTIFICATE = "This server's own certificate"

logger = logging.getLogger(__name__)


class OwnCertificates:
    """Certificates of an authority that is kept below the folder ``data``.

    ``hosts`` tells for whom they are to be; ``make_context`` makes a context of a file with the
    certificates and one with the key, which are the same here. `open` has to be called first.
    """

    def __init__(
        self,
        data: Path,
        *,
        hosts: Callable[[], Hosts],
        clock: Callable[[], datetime],
        make_context: Callable[[Path, Path], SSLContext],
    ) -> None:
        self._authority_file = data / FOLDER / "authority.pem"
        self._file = data / FOLDER / "server.pem"
        self._hosts = hosts
        self._clock = clock
        self._make_context = make_context
        self._authority: Signed
        self._own: Signed
        self._context: SSLContext
        self._trouble = ""
        self._asked = asyncio.Event()

    def open(self) -> None:
        """Reads what is there, and makes what is missing. Raises `CertificateTrouble`."""
        now = self._clock()
        authority = load(self._authority_file, AUTHORITY)
        own = load(self._file, CERTIFICATE)
        if authority is not None and not is_authority(authority):
            raise unusable_authority(self._authority_file)
        if authority is None or own is None:
            _check_clock(now)
        if authority is None or self._is_outgrown(authority.certificate, now):
            authority = self._make_authority(now, authority)
        self._authority = authority
        hosts = self._signed_hosts()
        if own is None or self._is_due(own.certificate, hosts, now):
            own = self._sign(hosts, now, own)
        self._own = own
        self._context = self._make_context(self._file, self._file)

    # As `hubbub.server.tls.certificates` has it

    trusted = False
    """Whether browsers trust it without a question to their user."""

    @property
    def ends(self) -> datetime:
        """When it is over, which it is not: another one is made in time."""
        return self._own.certificate.not_valid_after_utc

    def context(self) -> SSLContext:
        """For a new connection."""
        return self._context

    def challenge(self) -> SSLContext | None:
        """Nobody has to be shown anything else."""
        return None

    def answer(self, token: str) -> str | None:
        """Nobody has to be answered."""
        return None

    @property
    def names(self) -> tuple[str, ...]:
        """Whom the certificate is for."""
        return tuple(names_of(self._own.certificate))

    @property
    def authority(self) -> bytes:
        """The authority's certificate in DER, for phones to trust."""
        return self._authority.certificate.public_bytes(Encoding.DER)

    def reload(self) -> None:
        """Lets `run` look at files and names at once."""
        self._asked.set()

    async def run(self) -> None:
        """Renews them in time, and when the names or addresses have changed, until cancelled."""
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout(CHECK_SECONDS):
                    await self._asked.wait()
            await self.check(reading=self._asked.is_set())
            self._asked.clear()

    async def check(self, *, reading: bool = False) -> None:
        """Renews the certificate, if it is time to; ``reading``: or if the files say so.

        What is wrong is logged once, and what was there stays.
        """
        due = self._is_due(self._own.certificate, self._signed_hosts(), self._clock())
        if not (due or reading):
            return
        trouble = ""
        try:
            await asyncio.to_thread(self.open)
        except (CertificateTrouble, OSError) as error:
            trouble = str(error)
            if trouble != self._trouble:
                logger.error("%s", trouble)
        self._trouble = trouble

    # What people are told

    @property
    def fingerprint(self) -> bytes:
        """Of the server's key, which stays the same: see `hubbub.domain.fingerprints`."""
        return fingerprint(self._own.certificate)

    @property
    def key(self) -> ec.EllipticCurvePrivateKey:
        """The server's key, which is in each of its certificates."""
        return self._own.key

    @property
    def key_pem(self) -> bytes:
        """The same as PEM."""
        return self._own.key_pem

    @property
    def file(self) -> Path:
        """Where the certificate is kept."""
        return self._file

    # Making

    def _signed_hosts(self) -> Hosts:
        """Whom the certificate is to be for.

        A computer takes another name by itself, in another network say. If the authority may not
        sign for that one, it is left out: a new authority would be trusted by no phone.
        """
        hosts, authority = self._hosts(), self._authority.certificate
        return structs.replace(
            hosts,
            names=[one for one in hosts.names if one in hosts.told or permits(authority, one)],
        )

    def _make_authority(self, now: datetime, former: Signed | None) -> Signed:
        hosts = self._hosts()
        names = list(hosts.names)
        if former is not None:
            names = [*_permitted(former.certificate), *names]
        made = make_authority(
            hosts.names[0], names, now, key=None if former is None else former.key
        )
        save(self._authority_file, made.pem, AUTHORITY)
        if former is not None:
            logger.warning(
                "This server's certificate authority has a new certificate, for %s. Phones and "
                "browsers that were told to trust it have to be told so again. `hubbub chat` goes "
                "on as before.",
                ", ".join(hosts.names),
            )
        return made

    def _sign(self, hosts: Hosts, now: datetime, former: Signed | None) -> Signed:
        key = new_key() if former is None else former.key
        made = sign(self._authority, hosts, now, key=key)
        # The authority's certificate, too: who looks at the chain can compare it.
        save(self._file, made.pem + self._authority.certificate_pem, CERTIFICATE)
        logger.info(
            "The server has made itself a certificate, until %s, for %s",
            f"{made.certificate.not_valid_after_utc:%d %B %Y}",
            ", ".join((*hosts.names, *hosts.addresses)),
        )
        return made

    def _is_outgrown(self, authority: x509.Certificate, now: datetime) -> bool:
        ends = authority.not_valid_after_utc - AUTHORITY_RENEWED_BEFORE <= now
        return ends or not all(permits(authority, name) for name in self._hosts().told)

    def _is_due(self, own: x509.Certificate, hosts: Hosts, now: datetime) -> bool:
        wanted: Iterable[str] = (*hosts.names, *hosts.addresses)
        return (
            own.not_valid_after_utc - RENEWED_BEFORE <= now
            # The clock was wrong when it was made, and is right now, or the other way round.
            or now < own.not_valid_before_utc
            or not set(wanted) <= set(names_of(own))
            or not is_by(own, self._authority.certificate)
        )


def _permitted(authority: x509.Certificate) -> list[str]:
    constraints = authority.extensions.get_extension_for_class(x509.NameConstraints).value
    names = [str(one.value) for one in constraints.permitted_subtrees or ()]
    return [name for name in names if name not in HOME_NETWORKS]


def _check_clock(now: datetime) -> None:
    if now < datetime.fromisoformat(FIRST_DAY).replace(tzinfo=now.tzinfo):
        raise CertificateTrouble(
            f"This computer's clock says {now:%d %B %Y}, and a certificate of that day would be "
            "accepted by nobody. Set it right, and start the server again."
        )
