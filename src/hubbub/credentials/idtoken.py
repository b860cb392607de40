"""Checks ID tokens (OpenID Connect Core 1.0, 3.1.3.7): who signed on, and here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from msgspec import Struct

LEEWAY_SECONDS = 60  # between the clocks of the provider and this server

ALGORITHMS = frozenset(
    ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"]
)
"""Signatures by a key that the provider alone has: neither none, nor by a secret that two have."""


class Expected(Struct, frozen=True):
    """What a token must say. ``algorithms`` are those that the provider uses."""

    issuer: str
    client_id: str
    nonce: str
    algorithms: Sequence[str]


def claims_of(
    token: str, keys: Mapping[str, Any], expected: Expected, *, access_token: str, now: int
) -> Mapping[str, Any]:
    """The claims of a valid ``token``, signed by one of ``keys`` (a JWK set, RFC 7517).

    ``now`` in seconds. Raises ``JoseError`` of joserfc or ``ValueError`` with what is wrong, which
    has nothing of the token in it.
    """
    from authlib.oidc.core import CodeIDToken
    from joserfc import jwt
    from joserfc.jwk import KeySet
    from joserfc.jws import JWSRegistry

    algorithms = sorted(ALGORITHMS.intersection(expected.algorithms))
    registry = JWSRegistry(algorithms=algorithms, strict_check_header=False)
    key_set = KeySet.import_key_set(keys)  # type: ignore[arg-type]  # it wants a TypedDict
    signed = jwt.decode(token, key_set, algorithms, registry)
    claims = CodeIDToken(
        signed.claims,
        signed.header,
        {
            "iss": {"essential": True, "value": expected.issuer},
            "aud": {"essential": True, "value": expected.client_id},
        },
        {
            "nonce": expected.nonce,
            "client_id": expected.client_id,
            "access_token": access_token,
        },
    )
    claims.validate(now, LEEWAY_SECONDS)
    checked: Mapping[str, Any] = claims
    return checked
