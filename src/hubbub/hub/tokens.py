"""Tokens of devices say by themselves whose they are: the account's id, a dot, and the secret."""

from __future__ import annotations

import secrets

from hubbub.domain.ids import UserId
from hubbub.hub.users import TOKEN_BYTES


def new_token(id: UserId) -> str:
    """A token for a device on which the account ``id`` logs in."""
    return f"{id}.{secrets.token_urlsafe(TOKEN_BYTES)}"


def owner_of(token: str) -> UserId | None:
    """Whose token it says to be, which is not proved yet; None for one of a guest."""
    id, dot, _ = token.partition(".")
    return UserId(id) if dot else None
