"""Tasks about people: who has an account, who administers the server, where they are logged in."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from msgspec import Meta

from hubbub.admin.connected import guests, is_connected
from hubbub.admin.links import Link, make_link
from hubbub.admin.paging import After, Limit, Query, page
from hubbub.admin.rooms import may_know
from hubbub.admin.tasks import Arguments, Call, Result
from hubbub.domain.commands import MAX_DEVICE_CHARS, GiveRole, MakeTicket, Password
from hubbub.domain.directory import DIRECTORY
from hubbub.domain.errors import NameTaken, NoSuchUser
from hubbub.domain.names import UserName
from hubbub.domain.replies import Device
from hubbub.domain.rules import Role
from hubbub.domain.state import Member
from hubbub.hub import keeping
from hubbub.hub.devices import told_devices
from hubbub.hub.keeping import account_named
from hubbub.hub.ports import SecretKind

MAX_ROOMS_TOLD = 200  # of one person
CLAIM_DAYS = 7  # in which a new account is claimed by its link
DAY_SECONDS = 86_400


class UserRow(Result, frozen=True, kw_only=True):
    """Somebody. ``registered``: since when they have an account (ms). ``here``: connected now.

    ``role``: on the whole server. ``banned``: from it.
    """

    name: str
    id: str | None = None
    account: bool = False
    role: Role = Role.MEMBER
    registered: int | None = None
    here: bool = False
    banned: bool = False


# Who is there


class ListUsers(Arguments, frozen=True, kw_only=True):
    """``guests``: who is here without an account, too."""

    query: Query | None = None
    after: After | None = None
    limit: Limit = 100
    guests: bool = False


class UserPage(Result, frozen=True, kw_only=True):
    """People by name. ``next``: the ``after`` of the next page. ``total``: how many fit in all."""

    users: list[UserRow]
    next: str | None = None
    total: int = 0


async def list_users(call: Call, asked: ListUsers) -> UserPage:
    """Lists accounts."""
    directory = call.hub.access.directory.state
    people = list(directory.members.values())
    without = guests(call.hub) if asked.guests else []
    people += without
    connected = {one.name.key for one in without}
    found, next, total = await page(
        people, lambda one: one.name.key, query=asked.query, after=asked.after, limit=asked.limit
    )
    rows = [_row(call, one, here=one.name.key in connected) for one in found]
    return UserPage(users=rows, next=next, total=total)


def _row(call: Call, member: Member, *, here: bool = False) -> UserRow:
    """``here``: they are known to be connected."""
    access, id = call.hub.access, member.id
    account = access.account(member.name)
    known = account is not None and account.id == id
    facts = access.directory.state.facts
    now = call.hub.clock()
    return UserRow(
        name=str(member.name),
        id=id,
        account=known,
        role=facts.roles.get(id, Role.MEMBER) if known and id is not None else Role.MEMBER,
        registered=access.profile_of(id).registered or None if known else None,
        here=here or is_connected(call.hub, member),
        banned=any(ban.user_id == id and not ban.is_over(now) for ban in facts.bans),
    )


class Who(Arguments, frozen=True, kw_only=True):
    """An account, by its name."""

    user: UserName


class InRoom(Result, frozen=True, kw_only=True):
    """Where somebody is a member, or has a role."""

    room: str
    role: Role = Role.MEMBER
    member: bool = False


class UserDetails(Result, frozen=True, kw_only=True):
    """What is known of an account.

    ``seen``: when it was here last (ms). ``sessions``: its connections to the server that is asked,
    which may be one of several. ``password``, ``factor``: it has one. ``rooms``: those
    that whoever asks may know of; direct conversations are not among them.
    """

    user: UserRow
    seen: int | None = None
    sessions: int = 0
    devices: int = 0
    password: bool = False
    factor: bool = False
    sign_on: bool = False
    about: str = ""
    rooms: Sequence[InRoom] = ()


async def show_user(call: Call, asked: Who) -> UserDetails:
    """Tells of one account."""
    hub = call.hub
    account = account_named(hub, asked.user)
    id = account.id
    assert id is not None
    devices = await hub.log.devices(id)
    user = hub.users.get(account.name.key)
    sessions = len(user.sessions) if user is not None and user.id == id else 0
    rooms: list[InRoom] = []
    for room in hub.rooms:
        member = room.state.members.get(account.name.key)
        inside = member is not None and member.id == id
        role = room.state.facts.roles.get(id)
        if (inside or role) and not room.state.facts.direct and may_know(call, room):
            rooms.append(InRoom(room=str(room.name), role=role or Role.MEMBER, member=inside))
        if len(rooms) == MAX_ROOMS_TOLD:
            break
    row = _row(call, account)
    return UserDetails(
        user=row,
        seen=hub.clock() if row.here else max((one.seen for one in devices), default=None),
        sessions=sessions,
        devices=len(devices),
        password=await hub.log.secret(SecretKind.PASSWORD, id) is not None,
        factor=await hub.log.secret(SecretKind.FACTOR, id) is not None,
        sign_on=await hub.log.has_identity(id),
        about=hub.access.profile_of(id).about,
        rooms=rooms,
    )


# Making and ending accounts


class AddUser(Arguments, frozen=True, kw_only=True):
    """``password``: without one, the answer has a link by which one is chosen, for some days.

    ``role``: on the whole server.
    """

    user: UserName
    password: Password | None = None
    role: Role = Role.MEMBER


class Added(Result, frozen=True, kw_only=True):
    """An account that was made. ``link``: by which its password is chosen, once."""

    user: UserRow
    link: Link | None = None


async def add_user(call: Call, asked: AddUser) -> Added:
    """Makes an account."""
    account = call.hub.access.account(asked.user)
    if account is not None and asked.role is Role.OWNER:
        raise NameTaken(
            f"{account.name} has an account already. To make it an owner: hubbub admin owner "
            f"{account.name}"
        )
    await keeping.make_account(call.hub, asked.user, asked.password)
    if asked.role is not Role.MEMBER:
        await call.ask(GiveRole(room=DIRECTORY, user=asked.user, role=asked.role))
    link = None
    if asked.password is None:
        link = await make_link(
            call,
            MakeTicket(room=DIRECTORY, user=asked.user, seconds=CLAIM_DAYS * DAY_SECONDS),
        )
    return Added(user=_row(call, account_named(call.hub, asked.user)), link=link)


class CloseUser(Arguments, frozen=True, kw_only=True):
    """``empty``: what was said by the account goes, too."""

    user: UserName
    empty: bool = False


class Closed(Result, frozen=True, kw_only=True):
    """The account ``user`` is closed."""

    user: str


async def close_user(call: Call, asked: CloseUser) -> Closed:
    """Ends an account."""
    await keeping.close_account(call.hub, asked.user, call.by.user, emptied=asked.empty)
    return Closed(user=str(asked.user))


# Who administers the server


class Owner(Arguments, frozen=True, kw_only=True):
    """``user``: who is to be an owner of the server; None only asks."""

    user: UserName | None = None


class Owners(Result, frozen=True, kw_only=True):
    """Who owns the server, and who administers it beside them."""

    owners: list[str]
    administrators: Sequence[str] = ()


async def owner(call: Call, asked: Owner) -> Owners:
    """Tells who owns the server, or makes somebody an owner."""
    if asked.user is not None:
        account = call.hub.access.account(asked.user)
        if account is None:
            raise NoSuchUser(
                f"{asked.user} has no account here. To make one: hubbub admin add-user "
                f"{asked.user} --owner"
            )
        await call.ask(GiveRole(room=DIRECTORY, user=account.name, role=Role.OWNER))
    return owners_of(call)


def owners_of(call: Call) -> Owners:
    """Who owns the server, and who administers it."""
    roles = call.hub.access.directory.state.facts.roles
    names: dict[Role, list[str]] = {Role.OWNER: [], Role.MODERATOR: []}
    for id, role in roles.items():
        account = call.hub.access.account_of(id)
        if account is not None and role in names:
            names[role].append(str(account.name))
    return Owners(owners=sorted(names[Role.OWNER]), administrators=sorted(names[Role.MODERATOR]))


# Where they are logged in


class Reset(Arguments, frozen=True, kw_only=True):
    """``factor``: the second factor ends by it, too."""

    user: UserName
    factor: bool = False
    days: Annotated[int, Meta(ge=1, le=365)] = CLAIM_DAYS


async def reset(call: Call, asked: Reset) -> Link:
    """Makes a link by which an account gets a new password, once."""
    ticket = MakeTicket(
        room=DIRECTORY, user=asked.user, factor=asked.factor, seconds=asked.days * DAY_SECONDS
    )
    return await make_link(call, ticket)


class Devices(Result, frozen=True, kw_only=True):
    """Where an account is logged in, the device seen last first."""

    devices: list[Device]


async def devices(call: Call, asked: Who) -> Devices:
    """Tells where an account is logged in."""
    account = account_named(call.hub, asked.user)
    assert account.id is not None
    user = call.hub.users.get(account.name.key)
    sessions = () if user is None or user.id != account.id else user.sessions
    return Devices(devices=await told_devices(call.hub, account.id, sessions, None))


class Revoke(Arguments, frozen=True, kw_only=True):
    """``device``: by its id; None: all of them."""

    user: UserName
    device: Annotated[str, Meta(max_length=MAX_DEVICE_CHARS)] | None = None


class Revoked(Result, frozen=True, kw_only=True):
    """So many devices of the account are logged out."""

    devices: int


async def revoke(call: Call, asked: Revoke) -> Revoked:
    """Logs an account out on one device, or on all."""
    return Revoked(devices=await keeping.log_out(call.hub, asked.user, asked.device))
