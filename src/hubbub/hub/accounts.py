"""Accounts: how a guest gets one, names it otherwise and ends it, and who owns the server.

What lasts is in the directory (`hubbub.domain.directory`), and takes effect when its event is
shown, whichever server has appended it; see `hubbub.hub.logouts`. Secrets stand beside it, in the
same transaction.
"""

from __future__ import annotations

from hubbub.domain import commands as ask
from hubbub.domain.errors import (
    BadMessage,
    ChatError,
    GuestsOff,
    NameTaken,
    NeedName,
)
from hubbub.domain.events import (
    UNSEQUENCED,
    AccountClosed,
    Registered,
    Renamed,
    RoleGiven,
)
from hubbub.domain.ids import UserId
from hubbub.domain.names import UserName
from hubbub.domain.replies import Done
from hubbub.domain.rules import Role
from hubbub.hub.answering import answer_later
from hubbub.hub.becoming import become
from hubbub.hub.choosing import choose_password
from hubbub.hub.directory import account_id, append, name_now, turn_of, work
from hubbub.hub.logins import new_device
from hubbub.hub.ports import (
    ForgetCertificates,
    ForgetDevices,
    ForgetIdentities,
    KeepDevice,
    KeepSecret,
    Row,
    SecretKind,
    TakeName,
)
from hubbub.hub.proving import check
from hubbub.hub.services import Services
from hubbub.hub.session import Session, User
from hubbub.hub.tickets import check_registration
from hubbub.hub.welcoming import welcome


def no_guests(hub: Services) -> None:
    """Raises `GuestsOff` where nobody comes in without an account."""
    if hub.settings.guests == "off":
        raise GuestsOff("This server is for people with an account. Please log in with yours.")


def register(hub: Services, session: Session, command: ask.Register) -> None:
    """Makes a guest an account; or somebody who has said no name yet, under the one given here."""
    name = command.user if session.user is None else session.user.name
    if name is None:
        raise NeedName("Which name shall the account have? Say hello first, or give one.")
    if command.user is not None and command.user.key != name.key:
        raise BadMessage(f"You are called {name} here. To register another name, begin with it.")
    if session.user is not None and session.user.account:
        raise BadMessage("You have an account already. To change the password: /password")
    hub.filters.check_name(hub.access, session.user, name)
    ticket = check_registration(hub, session, command)
    if hub.access.account(name) is not None:
        raise NameTaken(f'The name "{name}" belongs to an account.')
    password = choose_password(hub, command.password, str(name))
    hub.take_disk(session, command, name)
    newcomer = session.user is None
    user = session.user or _newcomer(hub, session, name)
    work(
        hub, session, command, _registering(hub, session, command, user, password, ticket, newcomer)
    )


def _newcomer(hub: Services, session: Session, name: UserName) -> User:
    stranger = User(name, None)
    stranger.client = session.client.key
    hub.access.check_not_banned(stranger)
    user, _, _ = hub.users.claim(name, None, session, hub.monotonic())
    become(hub, session, user)
    return user


async def _registering(
    hub: Services,
    session: Session,
    command: ask.Register,
    user: User,
    password: str,
    ticket: str | None,
    newcomer: bool,
) -> None:
    try:
        await _register(hub, session, command, user, password, ticket)
    except ChatError:
        if newcomer and not session.ended:
            hub.users.end(session, deliberate=True, now=hub.monotonic())
            session.user = None
            hub.watchers.came(user)
        raise


async def _register(
    hub: Services,
    session: Session,
    command: ask.Register,
    user: User,
    password: str,
    ticket: str | None,
) -> None:
    if user.id is None:
        raise NameTaken(f'The name "{user.name}" belongs to somebody else by now.')
    async with hub.locks.of(user.id):
        hashed = await hub.passwords.hash(password, turn_of(session))
        if session.ended:
            return
        if user.account:
            raise BadMessage("You have an account already, made from another device just now.")
        also: list[Row] = [
            TakeName(user.id, user.name),
            KeepSecret(SecretKind.PASSWORD, user.id, hashed),
        ]
        device = token = None
        if session.outlet.resumable:
            device, token = new_device(hub, session, user.id, session.program)
            also.append(KeepDevice(device))
        with hub.users.reserved(user.name):
            event = Registered(UNSEQUENCED, hub.clock(), user.name, ticket, by_id=user.id)
            await append(hub, event, *also)
    session.device = None if device is None else device.id
    if not session.ended:
        welcome(hub, session, command, token)


def rename(hub: Services, session: Session, command: ask.Rename, user: User) -> None:
    """Gives the account another name; the rooms where they are present are told."""
    id, name = account_id(user), command.user
    hub.filters.check_name(hub.access, user, name)
    _check_free(hub, user.name, name, id)
    hub.take_disk(session, command, name)

    async def change() -> Done:
        async with hub.locks.of(id):
            now = name_now(hub, session, id)
            _check_free(hub, now, name, id)
            with hub.users.reserved(name):
                event = Renamed(UNSEQUENCED, hub.clock(), now, name, by_id=id)
                await append(hub, event, TakeName(id, name))
        return Done()

    answer_later(hub, session, command, change)


def _check_free(hub: Services, now: UserName, name: UserName, id: UserId) -> None:
    if str(name) == str(now):
        raise BadMessage(f"You are called {name} already.")
    account = hub.access.account(name)
    if hub.users.is_taken(name, id) or (account is not None and account.id != id):
        raise NameTaken(f'The name "{name}" is in use. Please choose another one.')


def close_account(hub: Services, session: Session, command: ask.CloseAccount, user: User) -> None:
    """Ends the account; `hubbub.hub.forgetting` takes its name off what was said."""
    id = account_id(user)
    hub.take_disk(session, command, user.name)

    async def close() -> Done:
        async with hub.locks.of(id):
            await check(hub, session, id, user.name, command.password)
            name = name_now(hub, session, id)
            roles = hub.access.directory.state.facts.roles
            if [one for one, role in roles.items() if role is Role.OWNER] == [id]:
                raise BadMessage("You own this server. Make somebody else its owner first.")
            await append(
                hub,
                AccountClosed(UNSEQUENCED, hub.clock(), name, command.empty, by_id=id),
                KeepSecret(SecretKind.PASSWORD, id, None),
                KeepSecret(SecretKind.FACTOR, id, None),
                KeepSecret(SecretKind.OFFER, id, None),
                KeepSecret(SecretKind.SCRAM, id, None),
                ForgetDevices(id),
                ForgetIdentities(id),
                ForgetCertificates(id),
            )
        return Done()

    answer_later(hub, session, command, close)


def own(hub: Services, session: Session, command: ask.Own, user: User) -> None:
    """Makes the account the server's owner, if nobody is and the code is the one that was shown."""
    id = account_id(user)
    code = hub.owner_code
    if code is None:
        raise BadMessage("This server has an owner already.")
    if not hub.is_owner_code(session, command.code):
        raise BadMessage("That is not the code which the server showed when it started.")
    hub.owner_code = None  # once

    async def become() -> Done:
        try:
            name = name_now(hub, session, id)
            await append(
                hub,
                RoleGiven(UNSEQUENCED, hub.clock(), name, name, id, role=Role.OWNER, by_id=id),
            )
        except ChatError:
            if Role.OWNER not in hub.access.directory.state.facts.roles.values():
                hub.owner_code = code  # else another server has heard it at the same moment
            raise
        return Done()

    answer_later(hub, session, command, become)
