"""Which server a client's command is for: from its arguments, else the environment."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Annotated

from cyclopts import CycloptsError, Parameter

if TYPE_CHECKING:
    from hubbub.client.address import Address
    from hubbub.client.trust import Trust

SERVER_VARIABLE = "HUBBUB_SERVER"
FINGERPRINT_VARIABLE = "HUBBUB_FINGERPRINT"

Fingerprint = Annotated[
    str | None,
    Parameter(
        help="The fingerprint of the server's key, as the server printed it: no other server is "
        "accepted, and this one is remembered. Without it, it is $HUBBUB_FINGERPRINT.",
        metavar="FINGERPRINT",
    ),
]


def server_of(given: str, *, host: str | None = None, port: int | None = None) -> Address:
    """The address ``given``; ``host`` and ``port`` take precedence over its parts.

    Without a host it is the one of ``$HUBBUB_SERVER``, or else this computer. Raises
    `CycloptsError` if ``given`` is not an address.
    """
    from msgspec.structs import replace

    from hubbub.client.address import Address, BadAddress

    usual = Address() if host is not None else _from_environment()
    try:
        where = usual.beside(given)
        if host is not None:
            where = where.at(host)
    except BadAddress as error:
        raise CycloptsError(msg=str(error)) from None
    return replace(where, port=port or where.port)


def whole_path_of(given: str) -> Address | None:
    """What the address also can mean: see `Address.whole_path`, and `server_of`."""
    from hubbub.client.address import Address

    return Address.whole_path(given.strip() or os.environ.get(SERVER_VARIABLE, ""))


def _from_environment() -> Address:
    from hubbub.client.address import Address, BadAddress

    try:
        return Address.parse(os.environ.get(SERVER_VARIABLE, ""))
    except BadAddress as error:
        raise CycloptsError(msg=f"{SERVER_VARIABLE} in the environment: {error}") from None


def trust_of(fingerprint: str | None) -> Trust:
    """Which servers are known to this user; with a ``fingerprint``, the only one to be accepted.

    Raises `CycloptsError` for one that is none.
    """
    from hubbub.domain import fingerprints
    from hubbub.terminal.trusting import trust_with

    given, where = fingerprint, "--fingerprint"
    if given is None:
        given = os.environ.get(FINGERPRINT_VARIABLE) or None
        where = f"{FINGERPRINT_VARIABLE} in the environment"
    try:
        return trust_with(None if given is None else fingerprints.parse(given))
    except ValueError as error:
        raise CycloptsError(msg=f"{where}: {error}") from None
