"""Asks an ACME server for a certificate (RFC 8555). It blocks, for minutes perhaps.

By certbot's library, ``acme``: of those there are it is the one that most servers of the world are
run with, and that is kept. It has no tls-alpn-01 any more, which is added here.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import requests
from acme import challenges, client, errors, messages
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from josepy.errors import Error as JoseError
from josepy.jwa import ES256
from josepy.jwk import JWK, JWKEC
from msgspec import Struct

import hubbub
from hubbub.credentials.tls import acmewords

REQUEST_SECONDS = 30
NONCE_TRIES = 10  # of one request; Pebble refuses every twentieth nonce on purpose
ORDER_SECONDS = 120  # for the ACME server to look at all names, and to sign
RATE_LIMIT_PAUSE = timedelta(hours=1)  # if it does not say how long

TLS_ALPN = "tls-alpn-01"
HTTP = "http-01"
KINDS = (TLS_ALPN, HTTP)
"""How it is shown that a name leads here, the preferred one first."""

_RETRY = re.compile(r"retry after (\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d)", re.IGNORECASE)
"""As Let's Encrypt tells when a limit allows more."""

Give = Callable[[str, str, str], None]
"""Answers for a domain, with a token and a key authorization, from now on."""


class Refused(Exception):
    """There is no certificate; the text tells the person why.

    ``unproved``: the ACME server did not find us at a name; it may by another kind of challenge.
    """

    def __init__(
        self, message: str, *, not_before: datetime | None = None, unproved: bool = False
    ) -> None:
        super().__init__(message)
        self.not_before = not_before
        self.unproved = unproved


class Wanted(Struct, frozen=True):
    """What is asked for: a certificate of ``key`` for ``domains``. ``port``: where we listen."""

    server: str
    email: str
    domains: Sequence[str]
    account: ec.EllipticCurvePrivateKey
    key: ec.EllipticCurvePrivateKey
    port: int


@challenges.ChallengeResponse.register
class TlsAlpn01Response(challenges.KeyAuthorizationChallengeResponse):
    """RFC 8737, 3."""

    typ = TLS_ALPN


@challenges.Challenge.register
class TlsAlpn01(challenges.KeyAuthorizationChallenge):
    """RFC 8737, 3."""

    response_cls = TlsAlpn01Response
    typ = TLS_ALPN

    def validation(self, account_key: JWK, **_: Any) -> str:
        """What the certificate has the digest of."""
        return str(self.key_authorization(account_key))


def obtain(wanted: Wanted, kind: str, give: Give) -> bytes:
    """The certificate, and those between it and a known authority, as PEM.

    ``kind`` is the challenge to answer, if the ACME server offers it. Raises `Refused`.
    """
    try:
        return _obtain(wanted, kind, give)
    except errors.ValidationError as error:
        raise Refused(_unproved(wanted, error), unproved=True) from error
    except (errors.IssuanceError, messages.Error) as error:
        problem = error.error if isinstance(error, errors.IssuanceError) else error
        raise Refused(_problem(wanted, problem), not_before=_not_before(problem)) from error
    except errors.TimeoutError as error:
        why = f"it has given no certificate within {ORDER_SECONDS} seconds"
        raise Refused(acmewords.unreachable(wanted.server, why)) from error
    except (errors.Error, requests.RequestException, OSError) as error:
        raise Refused(acmewords.unreachable(wanted.server, _words(error))) from error
    except (JoseError, ValueError, LookupError, AttributeError, TypeError) as error:
        why = "it does not answer as an ACME server does. Is the address right?"
        raise Refused(acmewords.unreachable(wanted.server, why)) from error


def suggested_renewal(wanted: Wanted, certificate: bytes) -> datetime | None:
    """When the ACME server suggests to renew (ARI, RFC 9773); None if it does not say."""
    try:
        network = _network(wanted)
        asked = client.ClientV2(client.ClientV2.get_directory(wanted.server, network), network)
        when, _ = asked.renewal_time(certificate)
    except Exception:  # noqa: BLE001  # it is only advice, and there is a time without it
        return None
    if when is None or when.tzinfo is not None:
        return when
    return when.replace(tzinfo=UTC)


def _obtain(wanted: Wanted, kind: str, give: Give) -> bytes:
    network = _network(wanted)
    asked = client.ClientV2(client.ClientV2.get_directory(wanted.server, network), network)
    _log_in(asked, wanted)
    order = asked.new_order(_request(wanted))
    pending = [one for one in order.authorizations if one.body.status != messages.STATUS_VALID]
    chosen = [(one.body.identifier.value, _chosen(one, kind)) for one in pending]
    for domain, challenge in chosen:
        authorization = challenge.chall.key_authorization(network.key)
        give(domain, challenge.chall.encode("token"), authorization)
    for _, challenge in chosen:
        asked.answer_challenge(challenge, challenge.chall.response(network.key))
    # The library goes by a clock without a zone.
    deadline = datetime.now() + timedelta(seconds=ORDER_SECONDS)  # noqa: DTZ005
    done = asked.poll_and_finalize(order, deadline)
    return str(done.fullchain_pem).encode()


class _Network(client.ClientNetwork):
    """Asks once more for each nonce that is refused (RFC 8555, 6.5); the library does for one."""

    def post(self, *args: Any, **kwargs: Any) -> requests.Response:
        for _ in range(NONCE_TRIES - 1):
            try:
                return self._post_once(*args, **kwargs)
            except messages.Error as error:
                if error.code != "badNonce":
                    raise
        return self._post_once(*args, **kwargs)


def _network(wanted: Wanted) -> client.ClientNetwork:
    # A file with authorities, instead of those that the library brings.
    trusted: Any = os.environ.get("SSL_CERT_FILE") or True
    return _Network(
        JWKEC(key=wanted.account),
        alg=ES256,
        verify_ssl=trusted,
        user_agent=f"hubbub/{hubbub.__version__}",
        timeout=REQUEST_SECONDS,
    )


def _log_in(asked: client.ClientV2, wanted: Wanted) -> None:
    """Makes the account of our key, or finds it."""
    contact = (f"mailto:{wanted.email}",) if wanted.email else ()
    wish = messages.NewRegistration(contact=contact, terms_of_service_agreed=True)
    try:
        asked.new_account(wish)
    except errors.ConflictError as known:
        asked.net.account = messages.RegistrationResource(
            uri=known.location, body=messages.Registration()
        )


def _request(wanted: Wanted) -> bytes:
    names = x509.SubjectAlternativeName([*map(x509.DNSName, wanted.domains)])
    request = x509.CertificateSigningRequestBuilder().subject_name(x509.Name([]))
    signed = request.add_extension(names, critical=False).sign(wanted.key, hashes.SHA256())
    return signed.public_bytes(serialization.Encoding.PEM)


def _chosen(authorization: messages.AuthorizationResource, kind: str) -> Any:
    """The challenge to answer: one of ``kind``, else another that we can answer."""
    offered = {one.chall.typ: one for one in authorization.body.challenges if _is_known(one.chall)}
    for typ in (kind, *KINDS):
        if typ in offered:
            return offered[typ]
    raise Refused(
        f"No certificate for {authorization.body.identifier.value}: the ACME server accepts only "
        "proofs that this server cannot give, by DNS for example."
    )


def _is_known(challenge: challenges.Challenge) -> bool:
    return isinstance(challenge, challenges.KeyAuthorizationChallenge)


def _unproved(wanted: Wanted, error: errors.ValidationError) -> str:
    told = []
    for one in error.failed_authzrs:
        for challenge in one.body.challenges:
            if challenge.error is not None:
                domain = one.body.identifier.value
                told.append(_advice(wanted, challenge.error, domain))
    return acmewords.refused(told)


def _problem(wanted: Wanted, problem: messages.Error) -> str:
    parts = problem.subproblems or (problem,)
    whole = ", ".join(wanted.domains)
    return acmewords.refused(
        _advice(wanted, one, one.identifier.value if one.identifier else whole) for one in parts
    )


def _advice(wanted: Wanted, error: messages.Error, domain: str) -> str:
    code = str(error.typ or "").rpartition(":")[2]
    return acmewords.advice(code, domain, wanted.port, str(error.detail or error.title or ""))


def _not_before(problem: messages.Error) -> datetime | None:
    if not str(problem.typ).endswith(":rateLimited"):
        return None
    found = _RETRY.search(str(problem.detail or ""))
    if found is None:
        return datetime.now(UTC) + RATE_LIMIT_PAUSE
    return datetime.fromisoformat(found[1]).replace(tzinfo=UTC)


def _words(error: BaseException) -> str:
    """What is wrong, without the repetitions of the libraries."""
    cause: BaseException = error
    while isinstance(cause, requests.RequestException) and cause.args:
        inner = getattr(cause.args[0], "reason", cause.args[0])
        if not isinstance(inner, BaseException):
            break
        cause = inner
    if isinstance(error, requests.exceptions.SSLError):
        return f"its own certificate is not to be trusted ({cause})"
    if isinstance(error, requests.Timeout):
        return f"it does not answer within {REQUEST_SECONDS} seconds"
    return str(cause) or type(cause).__name__
