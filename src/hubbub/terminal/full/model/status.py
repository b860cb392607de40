"""The state of the connection, as the title shows it."""

from __future__ import annotations

import enum
from typing import NamedTuple

from hubbub.client.updates import Connected, Disconnected
from hubbub.domain.replies import Limits


class Link(enum.Enum):
    """The kinds of state."""

    CONNECTING = "connecting"
    ONLINE = "connected"
    OFFLINE = "offline"
    REFUSED = "name refused"
    OUT = "logged out"


class Status(NamedTuple):
    """``retry_at`` is the time of the next attempt in s; ``met``: there was a connection before;
    ``planned``: the server restarts, and will be back by then.
    """

    link: Link = Link.CONNECTING
    server: str = ""
    reason: str = ""
    retry_at: float = 0.0
    met: bool = False
    limits: Limits | None = None
    planned: bool = False

    @property
    def online(self) -> bool:
        """Whether there is a connection."""
        return self.link is Link.ONLINE

    @property
    def lost(self) -> bool:
        """Whether the connection was lost."""
        return self.met and not self.online

    def connected(self, update: Connected) -> Status:
        """The state with a connection."""
        return Status(link=Link.ONLINE, server=update.server, met=True, limits=update.limits)

    def disconnected(self, update: Disconnected, now: float) -> Status:
        """The state after a loss, at the time ``now``."""
        return self._replace(
            link=Link.OFFLINE,
            reason=update.reason,
            retry_at=now + update.retry_in,
            planned=update.planned,
        )

    def refused(self, name: str) -> Status:
        """The state when the server has refused our name."""
        return self._replace(link=Link.REFUSED, reason=f"{name} is taken")

    def logged_out(self) -> Status:
        """The state when the server does not let us in any more."""
        return self._replace(link=Link.OUT)

    def words(self, now: float) -> str:
        """The words in the title."""
        if self.link is Link.REFUSED:
            return self.reason
        if self.link is not Link.OFFLINE:
            return str(self.link.value)
        if self.planned:
            return "the server restarts"
        left = max(0, round(self.retry_at - now))
        return f"offline, next try in {left} s" if left else "offline, trying"
