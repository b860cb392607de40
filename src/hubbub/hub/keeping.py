"""What administrators do with the accounts of others: they make them, end them, log them out.

``by`` is who does it: an account that administers the server, or `hubbub.hub.operating.Operator`.
Whether they may is asked by whoever calls this. All of it is in the directory, as what people do
themselves is (`hubbub.hub.accounts`, `hubbub.hub.devices`).
"""

from __future__ import annotations

from hubbub.domain.errors import BadMessage, NameTaken, NoSuchUser
from hubbub.domain.events import UNSEQUENCED, AccountClosed, DeviceRevoked, Kicked, Registered
from hubbub.domain.ids import UserId
from hubbub.domain.names import UserName
from hubbub.domain.rules import Role
from hubbub.domain.state import Member
from hubbub.hub.choosing import choose_password
from hubbub.hub.clients import LOOPBACK
from hubbub.hub.directory import append
from hubbub.hub.ports import (
    ForgetCertificates,
    ForgetDevices,
    ForgetIdentities,
    KeepSecret,
    Row,
    SecretKind,
    TakeName,
    Turn,
)
from hubbub.hub.services import Services
from hubbub.hub.session import User

_TURN = Turn(LOOPBACK, known=True)


def account_named(hub: Services, name: UserName) -> Member:
    """The account of that name; raises `NoSuchUser`."""
    account = hub.access.account(name)
    if account is None or account.id is None:
        raise NoSuchUser(f"{name} has no account here.")
    return account


async def make_account(hub: Services, name: UserName, password: str | None) -> UserId:
    """Makes an account, into which nobody comes without ``password``, or a link for a new one.

    Raises `NameTaken`, `WeakPassword`, `LogUnavailable`.
    """
    _check_free(hub, name)
    chosen = None if password is None else choose_password(hub, password, str(name))
    id = hub.users.new_id()
    also: list[Row] = [TakeName(id, name)]
    with hub.users.reserved(name):
        if chosen is not None:
            hashed = await hub.passwords.hash(chosen, _TURN)
            also.append(KeepSecret(SecretKind.PASSWORD, id, hashed))
        await append(
            hub, Registered(UNSEQUENCED, hub.clock(), name, for_them=True, by_id=id), *also
        )
    return id


def _check_free(hub: Services, name: UserName) -> None:
    if hub.access.account(name) is not None:
        raise NameTaken(f"{name} has an account already.")
    if hub.users.is_taken(name, None):
        raise NameTaken(
            f'The name "{name}" is in use, is kept for somebody, or looks like that of another '
            "account. Please choose another one, or try again later."
        )


def is_last_owner(hub: Services, id: UserId) -> bool:
    """Whether nobody else owns the server."""
    roles = hub.access.directory.state.facts.roles
    return [one for one, role in roles.items() if role is Role.OWNER] == [id]


async def close_account(hub: Services, name: UserName, by: User, *, emptied: bool) -> None:
    """Ends the account; ``emptied``: what was said by it goes, too.

    The directory tells first that ``by`` has put them out. Raises `NoSuchUser`, `BadMessage`,
    `LogUnavailable`.
    """
    id = account_named(hub, name).id
    assert id is not None
    async with hub.locks.of(id):
        account = hub.access.account_of(id)
        if account is None:
            raise NoSuchUser(f"{name} has no account here any more.")
        if is_last_owner(hub, id):
            raise BadMessage(
                f"{account.name} is the only owner of this server. Make somebody else one first."
            )
        reason = "The account is closed."
        await append(
            hub,
            Kicked(UNSEQUENCED, hub.clock(), by.name, account.name, id, reason, by_id=by.id),
            ForgetDevices(id),
        )
        await append(
            hub,
            AccountClosed(UNSEQUENCED, hub.clock(), account.name, emptied, True, by_id=id),
            KeepSecret(SecretKind.PASSWORD, id, None),
            KeepSecret(SecretKind.FACTOR, id, None),
            KeepSecret(SecretKind.SCRAM, id, None),
            ForgetDevices(id),
            ForgetIdentities(id),
            ForgetCertificates(id),
        )


async def log_out(hub: Services, name: UserName, device: str | None) -> int:
    """Logs the account out on ``device``, or on all; on how many. Raises `NoSuchUser`,
    `BadMessage` for a device that is none, `LogUnavailable`.
    """
    account = account_named(hub, name)
    assert account.id is not None
    known = {one.id for one in await hub.log.devices(account.id)}
    if device is not None and device not in known:
        raise BadMessage(f"{account.name} is logged in on no such device.")
    event = DeviceRevoked(
        UNSEQUENCED, hub.clock(), account.name, device, for_them=True, by_id=account.id
    )
    await append(hub, event, ForgetDevices(account.id, only=device))
    return 1 if device is not None else len(known)
