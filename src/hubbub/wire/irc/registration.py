"""What a client tells of itself before it is somebody."""

from __future__ import annotations

from msgspec import Struct

from hubbub.domain.replies import Welcome

MAX_USERNAME_CHARS = 12
MAX_REALNAME_CHARS = 150


class Registration(Struct):
    """``negotiating``: capabilities are, so that ``CAP END`` is waited for. ``version``: of CAP.

    ``welcome``: it has logged in by SASL already. ``away``: why nobody is there; "": somebody is;
    None: that was not said. ``labels``: see `hubbub.domain.labels`.
    """

    nick: str = ""
    username: str = ""
    realname: str = ""
    password: str = ""
    negotiating: bool = False
    version: int = 0
    welcome: Welcome | None = None
    away: str | None = None
    labels: dict[str, str] = {}

    @property
    def complete(self) -> bool:
        """Whether all is there."""
        return bool(self.nick and self.username and not self.negotiating)
