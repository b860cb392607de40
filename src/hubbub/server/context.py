"""What all connections of a listener share."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from hubbub.hub.hub import Hub
from hubbub.server.admission import Admission
from hubbub.server.askers import Askers
from hubbub.server.heartbeat import Heartbeat
from hubbub.server.numbering import ConnectionIds
from hubbub.server.options import Options
from hubbub.server.origin_policy import OriginPolicy
from hubbub.server.refusals import Refusals
from hubbub.server.tallies import Tallies
from hubbub.server.tls.certificates import Certificates

if TYPE_CHECKING:
    from hubbub.wire.irc.host import Host


class HttpSide(Protocol):
    """What makes the protocol objects of HTTP connections."""

    def __call__(self) -> asyncio.Protocol:
        """The protocol of a new connection."""
        ...

    def close_idle(self) -> None:
        """Closes every connection; one with an answer under way after that answer."""
        ...


@dataclass(slots=True)
class Context:
    """``certificates``: None without TLS. ``http`` is there when it is ready. ``irc``: what clients
    of IRC share, as soon as there is one. ``closing``: the server takes no new connections.
    ``since``: when it began (ms). ``site``: where browsers open it, as far as that is known.
    """

    hub: Hub
    options: Options
    loop: asyncio.AbstractEventLoop
    origin_policy: OriginPolicy
    admission: Admission
    heartbeat: Heartbeat
    refusals: Refusals
    askers: Askers
    tallies: Tallies
    ids: ConnectionIds
    certificates: Certificates | None = None
    http: HttpSide | None = None
    irc: Host | None = None
    closing: bool = False
    since: int = 0
    site: str = ""
