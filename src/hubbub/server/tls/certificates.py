"""The port by which the server has its certificate, wherever that comes from."""

from __future__ import annotations

import ssl
from datetime import datetime
from typing import Protocol


class Certificates(Protocol):
    """A certificate and its key, which may be renewed while the server runs."""

    def context(self) -> ssl.SSLContext:
        """What a new connection is encrypted by; another object after a renewal.

        Made by `hubbub.server.tls.contexts.server_context`, so that all have the same rules.
        """
        ...

    def challenge(self) -> ssl.SSLContext | None:
        """What answers a client that asks for ``acme-tls/1`` (RFC 8737); None while none is due.

        Which of several names is asked for is told by the context's own ``sni_callback``.
        """
        ...

    def answer(self, token: str) -> str | None:
        """What ``/.well-known/acme-challenge/TOKEN`` has for an ACME server (RFC 8555, 8.3)."""
        ...

    @property
    def authority(self) -> bytes | None:
        """The certificate of the server's own authority in DER, for people to trust; if any."""
        ...

    @property
    def names(self) -> tuple[str, ...]:
        """The names that it is for, without those with a ``*``: browsers may open this server by
        them. Asked for when the server starts.
        """
        ...

    @property
    def trusted(self) -> bool:
        """Whether browsers trust the certificate as it is, without a question to their user."""
        ...

    @property
    def ends(self) -> datetime:
        """When the certificate in use is over."""
        ...

    def reload(self) -> None:
        """Looks again whether there is another certificate, soon: SIGHUP. Does not block."""
        ...

    async def run(self) -> None:
        """Watches, and renews, until cancelled."""
        ...
