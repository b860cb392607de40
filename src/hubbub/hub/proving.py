"""Passwords that are given as a proof: of an account, or of a room."""

from __future__ import annotations

from hubbub.domain.errors import ChatError, WrongPassword
from hubbub.domain.ids import UserId
from hubbub.domain.names import RoomName, UserName
from hubbub.hub.ports import SecretKind
from hubbub.hub.services import Services
from hubbub.hub.session import Session


async def check(hub: Services, session: Session, id: UserId, name: UserName, password: str) -> str:
    """The hash of the account's password, which this is.

    Raises `WrongPassword` if it is not, `RateLimited` after too many tries.
    """
    hashed = await proved(hub, session, name.key, password, SecretKind.PASSWORD, id)
    if hashed is None:
        raise WrongPassword(
            f'There is no account "{name}" with that password. Please check both, and try again.'
        )
    return hashed


async def proved(
    hub: Services,
    session: Session,
    account: str,
    password: str,
    kind: SecretKind,
    owner: UserId | RoomName,
) -> str | None:
    """The hash that is kept of this password; None if it is another one, or there is none.

    Raises `RateLimited` after too many wrong tries: before anything is read, so that a flood of
    them costs nothing. ``account``: what the password is of, for counting these.
    """
    client = session.client.key
    turn = hub.attempts.begin(account, client, hub.monotonic())
    try:
        hashed = await hub.log.secret(kind, owner)
        right = await hub.passwords.verify(password, hashed, turn)
    except ChatError:
        hub.attempts.untried(account, client)
        raise
    if not right:
        return None
    hub.attempts.succeeded(account, client)
    return hashed
