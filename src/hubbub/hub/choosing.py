"""Passwords that are chosen: what this server asks of them."""

from __future__ import annotations

from hubbub.domain.passwords import check_password, prepare
from hubbub.hub.services import Services

ALLOW = "allow"


def choose_password(hub: Services, password: str, name: str) -> str:
    """The `prepare`d password for the account ``name``; raises `WeakPassword`."""
    if hub.settings.weak_passwords == ALLOW:
        return prepare(password)
    return check_password(password, name=name)
