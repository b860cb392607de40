"""Passes: words that stand in the address of a file, so that no token has to.

Browsers load pictures without headers of ours, and addresses end up in histories and logs. A pass
says who asks, is good for an hour or two, and for reading files alone. It is the same for an hour,
so that a browser knows a picture again that it has.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from typing import TYPE_CHECKING

from hubbub.domain.errors import WrongToken
from hubbub.domain.ids import UserId
from hubbub.domain.names import UserName
from hubbub.hub.session import User

if TYPE_CHECKING:
    from hubbub.hub.services import Services

HOUR_MS = 3_600_000
PURPOSE = "passes for files"
MAC_BYTES = 16
MAX_PASS_CHARS = 512

_OVER = "This address of a file is not good any more. Open it from the message again."


def make(hub: Services, user: User) -> str:
    """A pass of ``user``, and until when it is good at least."""
    until = (hub.clock() // HOUR_MS + 2) * HOUR_MS
    name = "" if user.account else base64.urlsafe_b64encode(str(user.name).encode()).decode()
    said = f"{user.id}.{until}.{name.rstrip('=')}"
    return f"{said}.{_mac(hub, said)}"


async def read(hub: Services, word: str) -> User:
    """Whose pass it is; raises `WrongToken`, and `Forbidden` for who is banned from the server."""
    said, _, mac = word.rpartition(".")
    parts = said.split(".")
    try:
        known = len(word) <= MAX_PASS_CHARS and hmac.compare_digest(mac, _mac(hub, said))
        if not known or len(parts) != 3 or int(parts[1]) <= hub.clock():
            raise WrongToken(_OVER)
    except (TypeError, ValueError):  # not ASCII
        raise WrongToken(_OVER) from None
    id, _, name = parts
    user = await _user(hub, UserId(id), name)
    hub.access.check_not_banned(user)
    return user


async def _user(hub: Services, id: UserId, name: str) -> User:
    if not name:
        account = hub.access.account_of(id)
        if account is None:
            raise WrongToken(_OVER)
        return User(account.name, id, account=True)
    try:
        padded = name + "=" * (-len(name) % 4)
        guest = UserName.recall(base64.urlsafe_b64decode(padded).decode())
    except (binascii.Error, UnicodeDecodeError):
        raise WrongToken(_OVER) from None
    here = hub.users.get(guest.key)
    if here is not None and here.id == id:
        return here
    kept = await hub.log.guest(guest.key)
    if kept is None or kept.id != id:
        raise WrongToken(_OVER)  # somebody else has the name by now, or nobody
    return User(kept.name, id)


def _mac(hub: Services, said: str) -> str:
    key = hub.search_cursors.derived(PURPOSE)
    digest = hmac.digest(key, said.encode(errors="replace"), hashlib.sha256)
    return digest[:MAC_BYTES].hex()


async def guest_of(hub: Services, name: UserName, token: str, client: str) -> User:
    """The guest of that name, whose ``token`` it is, who asks from ``client`` (its key).

    Raises `WrongToken`, `Forbidden`, `RateLimited`, `LogUnavailable`.
    """
    from hubbub.hub.users import hash_token

    hashed = hash_token(token)
    hub.wrong_tokens.check(hashed.hex(), client, hub.monotonic())
    user = hub.users.proven(name, token)
    if user is None:
        kept = await hub.log.guest(name.key)
        if kept is None or not hmac.compare_digest(kept.token_hash, hashed):
            hub.wrong_tokens.failed(hashed.hex(), client, hub.monotonic())
            raise WrongToken("That is not the token of a guest with this name, or not any more.")
        user = User(kept.name, kept.id)
        user.client = client
    hub.access.check_not_banned(user)
    return user
