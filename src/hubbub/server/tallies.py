"""What the server's connections count for whoever keeps it; the hub has `hubbub.hub.stats`."""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from typing import Protocol

STATUS_CLASSES = ("1xx", "2xx", "3xx", "4xx", "5xx")


class Ending(Protocol):
    """What has a certificate, as far as it is looked at here."""

    @property
    def ends(self) -> datetime:
        """When the certificate in use is over."""
        ...


class Tallies:
    """``requests``: answers of HTTP by the class of their status. ``refused``: connections that
    were not let in, by the code of the reason. ``handshakes``: of TLS, those that have ``begun``,
    and those that are ``done``. ``faults``: of the server, each of which has ended a connection or
    a request, by what that spoke.
    """

    __slots__ = ("_certificate", "faults", "handshakes", "refused", "requests")

    def __init__(self, certificate: Ending | None = None) -> None:
        self.requests: Counter[str] = Counter()
        self.refused: Counter[str] = Counter()
        self.faults: Counter[str] = Counter()
        self.handshakes: Counter[str] = Counter()
        self._certificate = certificate

    @property
    def certificate_until(self) -> float | None:
        """When the certificate in use is over, in seconds since 1970; None without one."""
        return None if self._certificate is None else self._certificate.ends.timestamp()

    def answered(self, status: int) -> None:
        """A request was answered with that status."""
        place = status // 100 - 1
        if 0 <= place < len(STATUS_CLASSES):
            self.requests[STATUS_CLASSES[place]] += 1
