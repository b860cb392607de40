"""The names of those who serve: nobody else can have them."""

from __future__ import annotations

from hubbub.domain.names import UserName

NICKSERV = "NickServ"
CHANSERV = "ChanServ"
HISTSERV = "HistServ"
SERVICES = tuple(map(UserName.parse, (NICKSERV, CHANSERV, HISTSERV)))


def is_service(nick: str) -> bool:
    """Whether one of them is called that."""
    return any(nick.lower() == name.lower() for name in SERVICES)
