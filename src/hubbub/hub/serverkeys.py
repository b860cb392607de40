"""Keys of the server's own, beside the log: all servers on one log have the same."""

from __future__ import annotations

import secrets
from collections.abc import Awaitable, Callable

from hubbub.domain.ids import THE_SERVER
from hubbub.hub.ports import Entry, Log, Outdated, SecretKind, Settled, SwapSecret

KEY_BYTES = 32

Outcome = Callable[[Callable[..., Entry]], Awaitable[Settled]]
"""Appends an entry: see `hubbub.hub.services.Services.outcome`."""


async def server_key(log: Log, kind: SecretKind, outcome: Outcome | None) -> bytes:
    """The key of that ``kind``, made now if there is none. Of two servers' the first one counts.

    ``outcome``: None where there is no other server, and so nothing to wait for. Raises
    `LogUnavailable`.
    """
    known = await log.secret(kind, THE_SERVER)
    if known is None:
        known = secrets.token_hex(KEY_BYTES)
        if outcome is None:
            log.append(SwapSecret(kind, THE_SERVER, None, known))
        else:
            made = known
            settled = await outcome(lambda done: SwapSecret(kind, THE_SERVER, None, made, done))
            if isinstance(settled.error, Outdated):
                known = await log.secret(kind, THE_SERVER) or known
            elif settled.error is not None:
                raise settled.error
    return bytes.fromhex(known)
