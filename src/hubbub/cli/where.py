"""The address of the server for a client's command: from its arguments, else the environment."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from cyclopts import CycloptsError

if TYPE_CHECKING:
    from hubbub.client.address import Address

SERVER_VARIABLE = "HUBBUB_SERVER"


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


def _from_environment() -> Address:
    from hubbub.client.address import Address, BadAddress

    try:
        return Address.parse(os.environ.get(SERVER_VARIABLE, ""))
    except BadAddress as error:
        raise CycloptsError(msg=f"{SERVER_VARIABLE} in the environment: {error}") from None
