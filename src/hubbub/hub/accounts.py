"""Accounts: how a guest gets one, logs in, changes the password, and where it is logged in.

What lasts is in the directory (`hubbub.domain.directory`), and takes effect when its event is
shown, whichever server has appended it; see `hubbub.hub.logouts`. Secrets stand beside it, in the
same transaction.
"""

from __future__ import annotations

import secrets
from collections.abc import Coroutine
from functools import partial
from typing import Any

from msgspec.structs import replace

from hubbub.domain import commands as ask
from hubbub.domain.directory import DIRECTORY
from hubbub.domain.errors import (
    AlreadyNamed,
    BadMessage,
    ChatError,
    GuestsOff,
    LogUnavailable,
    NameTaken,
    NeedAccount,
    NeedPassword,
    RateLimited,
    RegistrationClosed,
    WrongPassword,
)
from hubbub.domain.events import (
    UNSEQUENCED,
    AccountClosed,
    AnyEvent,
    DeviceRevoked,
    PasswordSet,
    Registered,
    Renamed,
    RoleGiven,
)
from hubbub.domain.ids import UserId
from hubbub.domain.names import UserName
from hubbub.domain.passwords import check_password, prepare
from hubbub.domain.replies import Device, DeviceList, Done
from hubbub.domain.rules import Role
from hubbub.hub.answering import answer_later
from hubbub.hub.ports import (
    DeviceRecord,
    Draft,
    ForgetDevices,
    ForgetGuest,
    KeepDevice,
    KeepSecret,
    Row,
    SecretKind,
    Settled,
    Turn,
)
from hubbub.hub.services import Services
from hubbub.hub.session import Session, User
from hubbub.hub.users import TOKEN_BYTES, hash_token
from hubbub.hub.welcoming import welcome

DEVICE_BYTES = 9  # of a device's id, which is no secret: 12 characters
SEEN_SECONDS = 300.0  # between two notes of when a device was here last


def work(
    hub: Services, session: Session, command: ask.Command, doing: Coroutine[Any, Any, None]
) -> None:
    """Does what takes its time; meanwhile the session's other commands wait."""

    async def do() -> None:
        try:
            await doing
        except ChatError as error:
            if not session.ended:
                hub.refuse(session, command, error)
        hub.done(session)

    session.busy = True
    hub.spawn(do(), session.share)


# Logging in


def log_in(
    hub: Services, session: Session, command: ask.Hello, id: UserId | None, name: UserName
) -> None:
    """Says hello as the account ``id`` that is called ``name``.

    None: there is no such account, and who gave a password hears what they hear of a wrong one.
    """
    work(hub, session, command, _log_in(hub, session, command, id, name))


async def _log_in(
    hub: Services, session: Session, command: ask.Hello, id: UserId | None, name: UserName
) -> None:
    if session.user is not None:
        raise AlreadyNamed(f"You are {session.user.name} already on this connection.")
    if command.token is not None and id is not None:
        device = await _device_of(hub, id, command.token)
        if device is not None:
            await _come_in(hub, session, command, id, name, device)
            return
    if command.password is None:
        raise NeedPassword(
            f'The name "{name}" belongs to somebody who has an account here. If that is you, give '
            "its password; if not, please choose another name."
        )
    await check(hub, session, id, name, command.password)
    now = hub.clock()
    token = secrets.token_urlsafe(TOKEN_BYTES) if session.outlet.resumable else None
    assert id is not None
    if token is None:
        await _come_in(hub, session, command, id, name, None)
        return
    record = new_device(hub, session, id, command.client, token, now)
    await saved(hub, KeepDevice(record))
    await _come_in(hub, session, command, id, name, record, token)


async def check(
    hub: Services, session: Session, id: UserId | None, name: UserName, password: str
) -> None:
    """Raises `WrongPassword` unless that is the account's, `RateLimited` after too many tries."""
    hashed = None if id is None else await hub.log.secret(SecretKind.PASSWORD, id)
    if not await is_right(hub, session, name.key, password, hashed):
        raise WrongPassword(
            f'There is no account "{name}" with that password. Please check both, and try again.'
        )
    if id is not None and hashed is not None and hub.passwords.outdated(hashed):
        newer = await hub.passwords.hash(prepare(password), turn_of(session))
        hub.log.append(KeepSecret(SecretKind.PASSWORD, id, newer))


def turn_of(session: Session) -> Turn:
    """Whose turn it is to have a password hashed: who has an account is known."""
    user = session.user
    return Turn(session.client.key, known=user is not None and user.account)


async def is_right(
    hub: Services, session: Session, account: str, password: str, hashed: str | None
) -> bool:
    """Whether ``hashed`` is of this password; raises `RateLimited` after too many wrong tries.

    ``account``: what the password is of, for counting these.
    """
    client = session.client.key
    turn = hub.attempts.begin(account, client, hub.monotonic())
    try:
        right = await hub.passwords.verify(prepare(password), hashed, turn)
    except RateLimited:
        hub.attempts.untried(account, client)
        raise
    if right:
        hub.attempts.succeeded(account, client)
    return right


async def _device_of(hub: Services, id: UserId, token: str) -> DeviceRecord | None:
    """The device of the account whose token that is."""
    hashed = hash_token(token)
    found = [
        one for one in await hub.log.devices(id) if secrets.compare_digest(one.token_hash, hashed)
    ]
    return found[0] if found else None


def new_device(
    hub: Services, session: Session, id: UserId, client: str | None, token: str, now: int
) -> DeviceRecord:
    """A device that logs in just now, with that token."""
    return DeviceRecord(
        id=secrets.token_urlsafe(DEVICE_BYTES),
        user=id,
        token_hash=hash_token(token),
        client=client or "",
        address=session.client.key,
        since=now,
        seen=now,
    )


async def _come_in(
    hub: Services,
    session: Session,
    command: ask.Hello,
    id: UserId,
    name: UserName,
    device: DeviceRecord | None,
    token: str | None = None,
) -> None:
    """The session has proved to be the account's."""
    markers = await hub.log.markers(id)
    account = hub.access.account(name)
    if session.ended:
        return
    if account is None or account.id != id:
        raise NeedPassword(f'The name "{name}" has just changed hands. Please log in again.')
    hub.access.check_not_banned(User(account.name, id, account=True))
    user = hub.users.log_in(account.name, id, session)
    session.user = user
    session.device = device.id if device is not None else None
    if user.places is None:
        hub.reading.load([user], markers, hub.heads())
    now = hub.clock()
    if device is not None and now - device.seen > SEEN_SECONDS * 1000:
        hub.log.append(KeepDevice(replace(device, seen=now)))
    welcome(hub, session, command, token or command.token)


# What an account does


def register(hub: Services, session: Session, command: ask.Register, user: User) -> None:
    """Makes a guest an account."""
    if user.account:
        raise BadMessage("You have an account already. To change the password: /password")
    if hub.settings.registration != "open":
        raise RegistrationClosed("On this server nobody can make an account by themselves.")
    if user.id is None or hub.access.account(user.name) is not None:
        raise NameTaken(f'The name "{user.name}" belongs to an account by now.')
    password = check_password(command.password, name=str(user.name))
    hub.take_disk(session, command, user.name)
    work(hub, session, command, _register(hub, session, command, user, password))


async def _register(
    hub: Services, session: Session, command: ask.Register, user: User, password: str
) -> None:
    hashed = await hub.passwords.hash(password, turn_of(session))
    if session.ended or user.account or user.id is None:
        return
    token = secrets.token_urlsafe(TOKEN_BYTES) if session.outlet.resumable else None
    also: list[Row] = [KeepSecret(SecretKind.PASSWORD, user.id, hashed)]
    record = None
    if token is not None:
        record = new_device(hub, session, user.id, None, token, hub.clock())
        also.append(KeepDevice(record))
    if user.guest is not None:
        also.append(ForgetGuest(user.guest))
    await append(hub, Registered(UNSEQUENCED, hub.clock(), user.name, by_id=user.id), *also)
    hub.users.register(user)
    session.device = None if record is None else record.id
    if not session.ended:
        welcome(hub, session, command, token)


def change_password(
    hub: Services, session: Session, command: ask.ChangePassword, user: User
) -> None:
    """Gives the account another password, and logs its other devices out."""
    id = account_id(user)
    new = check_password(command.new, name=str(user.name))
    hub.take_disk(session, command, user.name)

    async def change() -> Done:
        await check(hub, session, id, user.name, command.old)
        hashed = await hub.passwords.hash(new, turn_of(session))
        await append(
            hub,
            PasswordSet(UNSEQUENCED, hub.clock(), user.name, by_id=id),
            KeepSecret(SecretKind.PASSWORD, id, hashed),
            ForgetDevices(id, but=session.device),
            keep=session,
        )
        return Done()

    answer_later(hub, session, command, change)


def devices(hub: Services, session: Session, command: ask.Devices, user: User) -> None:
    """Lists where the account is logged in."""
    id = account_id(user)

    async def found() -> DeviceList:
        connected = [one.device for one in user.sessions]
        records = await hub.log.devices(id)
        return DeviceList(
            devices=[
                Device(
                    id=one.id,
                    client=one.client,
                    address=one.address,
                    since=one.since,
                    seen=hub.clock() if one.id in connected else one.seen,
                    current=one.id == session.device,
                    connected=connected.count(one.id),
                )
                for one in records
            ]
        )

    answer_later(hub, session, command, found)


def revoke(hub: Services, session: Session, command: ask.Revoke, user: User) -> None:
    """Logs a device out, or all others."""
    id = account_id(user)
    hub.take_disk(session, command, command.device)

    async def out() -> Done:
        if command.device is not None and command.device not in {
            one.id for one in await hub.log.devices(id)
        }:
            raise BadMessage("You are logged in on no such device. To see them: /devices")
        also = (
            ForgetDevices(id, but=session.device)
            if command.device is None
            else ForgetDevices(id, only=command.device)
        )
        event = DeviceRevoked(UNSEQUENCED, hub.clock(), user.name, command.device, by_id=id)
        await append(hub, event, also, keep=session if command.device is None else None)
        return Done()

    answer_later(hub, session, command, out)


def rename(hub: Services, session: Session, command: ask.Rename, user: User) -> None:
    """Gives the account another name; the rooms where they are present are told."""
    id, name = account_id(user), command.user
    if str(name) == str(user.name):
        raise BadMessage(f"You are called {name} already.")
    taken = hub.access.account(name) or hub.users.get(name.key)
    if taken is not None and taken.id != id:
        raise NameTaken(f'The name "{name}" is in use. Please choose another one.')
    hub.take_disk(session, command, name)

    async def change() -> Done:
        await append(hub, Renamed(UNSEQUENCED, hub.clock(), user.name, name, by_id=id))
        return Done()

    answer_later(hub, session, command, change)


def close_account(hub: Services, session: Session, command: ask.CloseAccount, user: User) -> None:
    """Ends the account. What was said stays."""
    id = account_id(user)
    if hub.access.server_role(user) is Role.OWNER:
        raise BadMessage("You own this server. Make somebody else its owner first.")
    hub.take_disk(session, command, user.name)

    async def close() -> Done:
        await check(hub, session, id, user.name, command.password)
        await append(
            hub,
            AccountClosed(UNSEQUENCED, hub.clock(), user.name, by_id=id),
            KeepSecret(SecretKind.PASSWORD, id, None),
            KeepSecret(SecretKind.FACTOR, id, None),
            ForgetDevices(id),
        )
        return Done()

    answer_later(hub, session, command, close)


def own(hub: Services, session: Session, command: ask.Own, user: User) -> None:
    """Makes the account the server's owner, if nobody is and the code is the one that was shown."""
    id = account_id(user)
    hub.attempts.begin(DIRECTORY.key, session.client.key, hub.monotonic())
    code = hub.owner_code
    if code is None:
        raise BadMessage("This server has an owner already.")
    if not secrets.compare_digest(command.code.strip().upper().encode(), code.encode()):
        raise BadMessage("That is not the code which the server showed when it started.")
    hub.attempts.succeeded(DIRECTORY.key, session.client.key)

    async def become() -> Done:
        hub.owner_code = None
        event = RoleGiven(
            UNSEQUENCED, hub.clock(), user.name, user.name, id, role=Role.OWNER, by_id=id
        )
        await append(hub, event)
        return Done()

    answer_later(hub, session, command, become)


def account_id(user: User) -> UserId:
    """The id of somebody who has an account; raises `NeedAccount`."""
    if not user.account or user.id is None:
        raise NeedAccount("You are a guest here. To make an account: /register")
    return user.id


def no_guests(hub: Services) -> None:
    """Raises `GuestsOff` where nobody comes in without an account."""
    if hub.settings.guests == "off":
        raise GuestsOff("This server is for people with an account. Please log in with yours.")


# The log


async def append(
    hub: Services, event: AnyEvent, *also: Row, keep: Session | None = None
) -> AnyEvent:
    """Appends to the directory; returns the event that is in it and shown. Raises what refuses it.

    ``keep``: the one session of its user that is not logged out by it.
    """
    hub.disk.check()
    if keep is not None:
        hub.kept.add(keep)
    try:
        outcome = await settled(hub, partial(Draft, DIRECTORY, event, also=also))
    finally:
        if keep is not None:
            hub.kept.discard(keep)
    if outcome.event is None:
        raise LogUnavailable("This could not be saved, so nothing has changed. Please try again.")
    return outcome.event


async def saved(hub: Services, entry: KeepDevice) -> None:
    """Saves what is no event; raises what refuses it."""
    await settled(hub, partial(KeepDevice, entry.device))


async def settled(hub: Services, entry: Any) -> Settled:
    """The outcome of the entry that ``entry(done=…)`` makes; raises what refuses it."""
    outcome = await hub.outcome(entry)
    if outcome.error is not None:
        raise outcome.error
    return outcome
