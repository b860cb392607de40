"""Logging in to an account: by its password, by the token of a device, or by a code of who has
signed on elsewhere.
"""

from __future__ import annotations

import secrets

from hubbub.domain import commands as ask
from hubbub.domain.errors import LogUnavailable, NeedPassword
from hubbub.domain.ids import THE_SERVER, UserId
from hubbub.domain.names import UserName
from hubbub.domain.state import Member
from hubbub.hub.becoming import become, check_may_become
from hubbub.hub.directory import saved, turn_of, work
from hubbub.hub.factors import check_code
from hubbub.hub.ports import DeviceRecord, DeviceSeen, KeepDevice, Outdated, SecretKind, SwapSecret
from hubbub.hub.proving import check
from hubbub.hub.services import Services
from hubbub.hub.session import Session, User
from hubbub.hub.tokens import new_token
from hubbub.hub.users import hash_token
from hubbub.hub.welcoming import welcome

DEVICE_BYTES = 9  # of a device's id, which is no secret: 12 characters
SEEN_SECONDS = 300.0  # between two notes of when a device was here last


def account_asked(account: Member | None) -> UserId:
    """Whose account is asked for: nobody's, if there is none of that name."""
    return (account and account.id) or THE_SERVER


def log_in(
    hub: Services, session: Session, command: ask.Hello, id: UserId | None, name: UserName
) -> None:
    """Says hello as the account ``id`` that is called ``name``.

    None: there is no such account, and who gave a password hears what they hear of a wrong one.
    """
    work(hub, session, command, _log_in(hub, session, command, id or THE_SERVER, name))


async def _log_in(
    hub: Services, session: Session, command: ask.Hello, id: UserId, name: UserName
) -> None:
    check_may_become(session, command, id)
    hub.coming[session] = id
    try:
        device, token = None, command.token
        if token is not None:
            device = await device_of(hub, id, token)
        if device is not None:
            hub.attempts.remember(name.key, session.client.key)
        else:
            proof = await _check_password(hub, session, command, id, name)
            device, token = await _new_device(hub, session, command, id, proof)
        await come_in(hub, session, id, name, device)
        if not session.ended:
            welcome(hub, session, command, token)
    finally:
        hub.coming.pop(session, None)


async def come_in(
    hub: Services, session: Session, id: UserId, name: UserName, device: DeviceRecord | None
) -> None:
    """The session, which is among `Services.coming`, has proved to be that account's."""
    markers = await hub.log.markers(id)
    if session.ended:
        return
    _check_still(hub, session, id, name)
    user = hub.users.log_in(name, id, session)
    if user.comeback is not None and user.comeback.places is None:
        hub.reading.load([user], markers, hub.heads())
    become(hub, session, user)
    if device is not None:
        session.device = device.id
        see(hub, device)


def see(hub: Services, device: DeviceRecord) -> None:
    """Notes that ``device`` is here, unless that was noted a moment ago."""
    now = hub.clock()
    if now - device.seen > SEEN_SECONDS * 1000:
        hub.log.append(DeviceSeen(device.user, device.id, now))


async def _check_password(
    hub: Services, session: Session, command: ask.Hello, id: UserId, name: UserName
) -> str | None:
    """The hash of the password that was given; None for a code of a single sign-on."""
    if command.password is None:
        raise NeedPassword(
            f'The name "{name}" belongs to somebody who has an account here. If that is you, give '
            "its password; if not, please choose another name.",
            sign_on=hub.settings.sign_on_url,
        )
    hashed = await check(hub, session, id, name, command.password)
    if hashed is not None:  # else the provider has asked for what it wants
        if hub.passwords.outdated(hashed):
            hashed = await _renew(hub, session, id, command.password, hashed)
        await check_code(hub, session, id, name, command.code)
    _check_still(hub, session, id, name)
    return hashed


def _check_still(hub: Services, session: Session, id: UserId, name: UserName) -> None:
    """Raises why who has proved to be the account ``id`` does not come in."""
    account, here = hub.access.account(name), hub.users.get(name.key)
    # By the log it has another name if somebody else is here by this one.
    renamed = here is not None and here.id != id
    if account is None or account.id != id or renamed or session not in hub.coming:
        raise NeedPassword("Something has changed in this account just now. Please log in again.")
    hub.access.check_not_banned(User(name, id, account=True))


async def _renew(hub: Services, session: Session, id: UserId, password: str, hashed: str) -> str:
    """Keeps a hash as they are made now, unless there is another password meanwhile."""
    newer = await hub.passwords.hash(password, turn_of(session))
    try:
        await saved(hub, SwapSecret(SecretKind.PASSWORD, id, hashed, newer))
    except Outdated:
        return hashed
    return newer


async def device_of(hub: Services, id: UserId, token: str) -> DeviceRecord | None:
    """The device of the account whose token that is."""
    hashed = hash_token(token)
    found = [
        one for one in await hub.log.devices(id) if secrets.compare_digest(one.token_hash, hashed)
    ]
    return found[0] if found else None


async def _new_device(
    hub: Services, session: Session, command: ask.Hello, id: UserId, proof: str | None
) -> tuple[DeviceRecord | None, str | None]:
    """The device of this login, and its token: none for who keeps none, or on a full disk.

    Then they are in all the same, until the connection ends.
    """
    if not session.outlet.resumable or session.ended:
        return None, None
    device, token = new_device(hub, session, id, command.client)
    try:
        await saved(hub, KeepDevice(device, proof=proof))
    except Outdated as error:  # the password was changed meanwhile
        raise NeedPassword(error.message) from None
    except LogUnavailable:
        return None, None
    return device, token


def new_device(
    hub: Services, session: Session, id: UserId, client: str | None
) -> tuple[DeviceRecord, str]:
    """A device that logs in just now, and its token."""
    token, now = new_token(id), hub.clock()
    device = DeviceRecord(
        id=secrets.token_urlsafe(DEVICE_BYTES),
        user=id,
        token_hash=hash_token(token),
        client=client or "",
        address=session.client.key,
        since=now,
        seen=now,
    )
    return device, token
