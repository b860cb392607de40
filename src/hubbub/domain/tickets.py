"""Codes of tickets: how they look, and where they stand in a link for a browser.

A code is for a room, for an account, or for a new password: see `hubbub.domain.rules.Ticket`. The
page has the same in ``text/tickets.js``.
"""

from __future__ import annotations

import re
from typing import NamedTuple
from urllib.parse import parse_qsl, urlencode

from hubbub.domain.directory import DIRECTORY

SIGN = "#?"
MOST_CHARS = 2000  # of a link that is looked at
CODE_CHARS = 24
_CODE = re.compile(f"[A-Za-z0-9_-]{{{CODE_CHARS}}}")


def is_code(word: str) -> bool:
    """Whether ``word`` looks like a code. So may a password; only the server knows."""
    return _CODE.fullmatch(word) is not None


def fragment(room: str, code: str, user: str | None = None) -> str:
    """What stands behind the address of a server, for its page. Browsers send it to no server.

    ``user``: whose password is chosen by it.
    """
    if user is not None:
        return SIGN + urlencode({"user": user, "reset": code})
    if room == DIRECTORY:
        return SIGN + urlencode({"invite": code})
    return SIGN + urlencode({"room": room, "invite": code})


class RoomLink(NamedTuple):
    """What a link into a room says."""

    room: str
    code: str


def room_link(typed: str) -> RoomLink | None:
    """The link into a room that was pasted, with what is before its fragment; None if it is none.

    A room's name may have a #, and no ?.
    """
    said = _said(typed)
    room, code = said.get("room"), said.get("invite")
    return RoomLink(room, code) if room and code else None


def invitation_code(typed: str) -> str:
    """The code of an invitation that was typed; or of a link to the server that was pasted."""
    return _said(typed).get("invite") or typed.strip()


def _said(typed: str) -> dict[str, str]:
    """What stands in the fragment of a link that was pasted; nothing if it is none."""
    _, sign, rest = typed.strip()[:MOST_CHARS].partition(SIGN)
    return dict(parse_qsl(rest)) if sign and " " not in rest else {}
