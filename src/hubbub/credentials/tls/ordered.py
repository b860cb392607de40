"""The certificate that an ACME server gives for the names of ``tls-domain``, renewed in time.

It is for the server's own key, that of the certificate which the server makes for itself and uses
until there is this one. So whoever has compared the key's fingerprint goes on to know the server,
and the key is to be kept anyway.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from ssl import SSLContext

from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from msgspec import Struct
from msgspec.structs import replace

from hubbub.credentials.tls import acmestate
from hubbub.credentials.tls.acmestate import State
from hubbub.credentials.tls.aside import in_thread
from hubbub.credentials.tls.authority import new_key
from hubbub.credentials.tls.challenges import Challenges
from hubbub.credentials.tls.facts import Facts, facts_of
from hubbub.credentials.tls.kept import FOLDER, CertificateTrouble, read, save
from hubbub.credentials.tls.own import OwnCertificates

LOOK_SECONDS = 60.0  # until the end of a pause is noticed, also when the clock has jumped
REMIND = timedelta(days=1)

ACCOUNT = "The key of this server's ACME account"
CERTIFICATE = "This server's certificate"

logger = logging.getLogger(__name__)


class Wish(Struct, frozen=True):
    """What the settings ask for. ``port``: where this server listens."""

    server: str
    email: str
    domains: tuple[str, ...]
    port: int


class OrderedCertificates:
    """A certificate by ACME. ``own``: that which is used until there is one; it is opened already.

    ``make_context`` is as for `OwnCertificates`, ``make_challenge`` as for `Challenges`;
    ``is_trusted`` tells whether browsers trust a context's certificate as it is.
    """

    def __init__(
        self,
        data: Path,
        wish: Wish,
        own: OwnCertificates,
        *,
        clock: Callable[[], datetime],
        make_context: Callable[[Path, Path], SSLContext],
        make_challenge: Callable[[Path], SSLContext],
        is_trusted: Callable[[SSLContext], bool],
    ) -> None:
        folder = data / FOLDER
        self._account_file = folder / "acme-account.pem"
        self._file = folder / "acme.pem"
        self._state_file = folder / "acme.json"
        self._wish = wish
        self._own = own
        self._clock = clock
        self._make_context = make_context
        self._is_trusted = is_trusted
        self._challenges = Challenges(folder, make_challenge)
        self._asked = asyncio.Event()
        self._started = True
        self._context: SSLContext | None = None
        self._facts: Facts | None = None
        self._renew_at: datetime | None = None
        self._suggested: datetime | None = None
        self._suggested_at: datetime | None = None
        self._reminded: datetime | None = None
        self.trusted = False
        self._state = State()
        self._pause = timedelta()

    def open(self) -> None:
        """Reads what is there. Raises `CertificateTrouble`."""
        self._challenges.clear()
        self._state = acmestate.load(self._state_file)
        self._pause = acmestate.pause_after(max(1, self._state.failures))
        content = read(self._file, CERTIFICATE)
        if content is not None:
            try:
                self._use(content)
            except (ValueError, OSError) as error:
                logger.warning(
                    "%s, %s, cannot be used, and another is asked for: %s",
                    *(CERTIFICATE, self._file, error),
                )

    # As `hubbub.server.tls.certificates` has it

    def context(self) -> SSLContext:
        """For a new connection."""
        return self._context or self._own.context()

    def challenge(self) -> SSLContext | None:
        """For an ACME server that looks whether a name leads here."""
        return self._challenges.context()

    def answer(self, token: str) -> str | None:
        """The same, over HTTP."""
        return self._challenges.answer(token)

    @property
    def names(self) -> tuple[str, ...]:
        """The names of ``tls-domain``."""
        return self._wish.domains

    @property
    def ends(self) -> datetime:
        """When the certificate in use is over."""
        return self._own.ends if self._facts is None else self._facts.ends

    @property
    def authority(self) -> bytes | None:
        """The server's own authority, as long as there is nothing better."""
        return None if self._context is not None else self._own.authority

    @property
    def fingerprint(self) -> bytes:
        """Of the server's key: see `hubbub.domain.fingerprints`."""
        return self._own.fingerprint

    @property
    def trouble(self) -> str:
        """Why there is no certificate, as a sentence; "" if there is, or none was asked for yet."""
        return self._state.trouble

    def reload(self) -> None:
        """Tries again at once."""
        self._own.reload()
        self._asked.set()

    async def run(self) -> None:
        """Asks for it and renews it, until cancelled."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._own.run())
            while True:
                if self.is_due():
                    await self.attempt()
                self._remind()
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(LOOK_SECONDS):
                        await self._asked.wait()
                        self._started = True
                        self._asked.clear()
                await self._ask_for_suggestion()

    # When

    def is_due(self) -> bool:
        """Whether it is time to ask for a certificate."""
        now = self._clock()
        if self._is_there() and self._renew_at is not None:
            times = [self._renew_at, *([self._suggested] if self._suggested else [])]
            if min(times) > now:
                return False
        wait = acmestate.next_attempt(self._state, self._pause, started=self._started)
        return wait is None or wait <= now

    def _is_there(self) -> bool:
        """Whether we have the certificate that is wished for."""
        return (
            self._facts is not None
            and self._state.server == self._wish.server
            and set(self._wish.domains) <= set(self._facts.names)
            and self._facts.fingerprint == self._own.fingerprint
        )

    async def _ask_for_suggestion(self) -> None:
        """Asks the ACME server when to renew: it may have to revoke certificates (ARI)."""
        now = self._clock()
        if not self._is_there() or (
            self._suggested_at is not None and now - self._suggested_at < acmestate.ASK_AGAIN
        ):
            return
        self._suggested_at = now
        from hubbub.credentials.tls.acmeclient import suggested_renewal

        wanted, content = await asyncio.to_thread(self._wanted), read(self._file, CERTIFICATE)
        if content is not None:
            self._suggested = await in_thread(lambda: suggested_renewal(wanted, content))

    # Asking

    async def attempt(self) -> None:
        """Asks once, by one kind of challenge and then by the other. Never raises for a refusal."""
        from hubbub.credentials.tls import acmeclient

        self._started = False
        await asyncio.to_thread(self._begun)
        usual = acmeclient.HTTP if self._wish.port == 80 else acmeclient.TLS_ALPN
        first = self._state.challenge or usual
        kinds = [first, *(one for one in acmeclient.KINDS if one != first)]
        trouble = ""  # of the usual kind: what the other one says would only confuse
        not_before: datetime | None = None
        for kind in kinds:
            try:
                wanted = await asyncio.to_thread(self._wanted)
                # A bound method: it is called in another thread.
                content = await in_thread(lambda: acmeclient.obtain(wanted, kind, self._give))  # noqa: B023
                await asyncio.to_thread(self._keep, content, kind)
            except acmeclient.Refused as refused:
                trouble = trouble or str(refused)
                not_before = refused.not_before
                if not refused.unproved:
                    break
            except (CertificateTrouble, OSError) as error:
                trouble = str(error)
                break
            except Exception as error:
                # Of the library, or of ours: the server goes on, and it is tried again later.
                logger.exception("The certificate could not be asked for")
                trouble = f"The certificate could not be asked for: {error!r}."
                break
            else:
                return
            finally:
                self._challenges.end()
        await asyncio.to_thread(self._failed, trouble, not_before)

    def _give(self, domain: str, token: str, authorization: str) -> None:
        self._challenges.give(domain, token, authorization, self._clock())

    def _wanted(self):  # type: ignore[no-untyped-def]  # its module is imported when it is needed
        from hubbub.credentials.tls.acmeclient import Wanted

        wish = self._wish
        return Wanted(
            server=wish.server,
            email=wish.email,
            domains=wish.domains,
            account=self._account(),
            key=self._own.key,
            port=wish.port,
        )

    def _account(self) -> ec.EllipticCurvePrivateKey:
        content = read(self._account_file, ACCOUNT)
        if content is not None:
            with contextlib.suppress(ValueError, TypeError):
                key = serialization.load_pem_private_key(content, password=None)
                if isinstance(key, ec.EllipticCurvePrivateKey):
                    return key
            logger.warning(
                "%s, %s, cannot be read: a new one is made.", ACCOUNT, self._account_file
            )
        made = new_key()
        pem = made.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        save(self._account_file, pem, ACCOUNT)
        return made

    # Having it

    def _keep(self, chain: bytes, kind: str) -> None:
        content = chain.rstrip() + b"\n" + self._own.key_pem
        save(self._file, content, CERTIFICATE)
        wish = self._wish
        self._state = State(server=wish.server, domains=wish.domains, challenge=kind)
        acmestate.save(self._state_file, self._state)
        self._use(content)
        assert self._facts is not None, "it is used"
        logger.info(
            "The server has a certificate for %s, until %s",
            *(", ".join(wish.domains), f"{self._facts.ends:%d %B %Y}"),
        )

    def _use(self, content: bytes) -> None:
        """Raises `ValueError`, and `OSError` for what does not fit."""
        certificate = x509.load_pem_x509_certificates(content)[0]
        context = self._make_context(self._file, self._file)
        self._facts = facts_of(certificate)
        self._renew_at = acmestate.renewal(self._facts.begins, self._facts.ends)
        self._suggested = self._suggested_at = None
        self.trusted = self._is_trusted(context)
        self._context = context

    def _begun(self) -> None:
        """Counts as a failure until there is a certificate: a server that is killed again and again
        meanwhile must not ask each time.
        """
        failures = self._state.failures + 1
        self._pause = acmestate.pause_after(failures)
        self._remember(replace(self._state, failures=failures, tried=self._clock()))

    def _remember(self, state: State) -> None:
        self._state = state
        with contextlib.suppress(OSError):  # then a start asks earlier than it should
            acmestate.save(self._state_file, state)

    def _failed(self, trouble: str, not_before: datetime | None) -> None:
        self._remember(
            replace(self._state, tried=self._clock(), not_before=not_before, trouble=trouble)
        )
        again = acmestate.next_attempt(self._state, self._pause, started=False)
        when = "" if again is None else f" The next attempt is at {again:%Y-%m-%d %H:%M} UTC."
        logger.warning("%s%s", trouble, when)

    def _remind(self) -> None:
        """Warns each day of a certificate that is over, or soon will be."""
        now, facts = self._clock(), self._facts
        if facts is None or not self._state.trouble:
            return
        if self._reminded is not None and now - self._reminded < REMIND:
            return
        self._reminded = now
        logger.warning(
            "The certificate for %s ends on %s, and could not be renewed: %s",
            *(", ".join(facts.names), f"{facts.ends:%d %B %Y}", self._state.trouble),
        )
