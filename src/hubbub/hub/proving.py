"""Passwords that are given as a proof: of an account, or of a room."""

from __future__ import annotations

from hubbub.domain.errors import ChatError, WrongPassword
from hubbub.domain.ids import UserId
from hubbub.domain.names import RoomName, UserName
from hubbub.hub.ports import SecretKind
from hubbub.hub.services import Services
from hubbub.hub.session import Session


async def check(
    hub: Services, session: Session, id: UserId, name: UserName, password: str
) -> str | None:
    """The hash of the account's password, which this is; None for a code of a single sign-on.

    Raises `WrongPassword` if it is neither, `RateLimited` after too many tries.
    """
    if await hub.codes_of_sign_ons.prove(password, id):
        hub.attempts.remember(name.key, session.client.key)
        return None
    hashed = await proved(hub, session, name.key, password, SecretKind.PASSWORD, id)
    if hashed is None:
        own = session.user is not None and session.user.id == id
        raise WrongPassword(
            "That is not your password. Please try again."
            if own
            else f'There is no account "{name}" with that password. Please check both, and try '
            "again.",
            sign_on=hub.settings.sign_on_url,
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
        if hashed is not None:
            hub.tell_tried(account, session)
        return None
    hub.attempts.succeeded(account, client)
    return hashed
