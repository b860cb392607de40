"""Single sign-on: who somebody is at the provider, and which account is theirs here.

By issuer and subject an account is found again, never by its name: the provider's names say
nothing about who has one here. The second factor of an account is not asked for; that is the
provider's matter.
"""

from __future__ import annotations

import secrets
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress

from msgspec import Struct

from hubbub.domain import commands as ask
from hubbub.domain.errors import (
    BadMessage,
    InvalidName,
    NameTaken,
    SignOnFailed,
    WrongToken,
)
from hubbub.domain.events import UNSEQUENCED, Registered, SignOnSet
from hubbub.domain.ids import UserId
from hubbub.domain.names import UserName, suggest_free
from hubbub.hub import errands
from hubbub.hub.attempts import TOKENS, Attempts
from hubbub.hub.clients import address_of
from hubbub.hub.directory import account_id, append, name_now
from hubbub.hub.fairqueue import FairQueue
from hubbub.hub.limits import too_fast
from hubbub.hub.ports import (
    ForgetIdentities,
    Identity,
    SecretKind,
    SignOn,
    SingleSignOn,
    TakeIdentity,
    TakeName,
)
from hubbub.hub.proving import check
from hubbub.hub.services import Services
from hubbub.hub.session import Session, User
from hubbub.hub.signoncodes import Purpose
from hubbub.hub.tickets import check_registration

AT_ONCE = 8  # clients for which the provider is asked at the same time
TRIES = 5  # for a name that nobody takes meanwhile
NAMELESS = "member"  # who has no name at the provider that could be one here
PROVIDER = " provider"  # what wrong answers are counted of, as no account is called


class SignedOn(Struct, frozen=True):
    """Whose account it is, and how they are called."""

    user: UserId
    name: UserName


class SignOns:
    """Lets people in whom ``provider`` knows. ``client``: address and port from which it is asked.

    ``name``: what people call it. ``public_url``: where browsers open this server.
    """

    def __init__(self, hub: Services, provider: SingleSignOn) -> None:
        self.name = hub.settings.sign_on_name
        self.public_url = hub.settings.public_url
        self._hub = hub
        self._provider = provider
        self._turns = FairQueue(AT_ONCE, hub.monotonic)
        self._wrong = Attempts(TOKENS)

    async def begin(self, redirect: str, client: str) -> SignOn:
        """Where to send a browser, which comes back to ``redirect``. Raises a `ChatError`."""
        self._take_command(client)
        async with self._turns.turn(self._hub.asker(client)):
            return await self._provider.begin(redirect)

    async def finish(self, sign_on: SignOn, answer: Mapping[str, str], client: str) -> Identity:
        """Who has come back. Raises a `ChatError`."""
        hub, key = self._hub, self._hub.clients.at(address_of(client)).key
        self._take_command(client)
        self._wrong.check(PROVIDER, key, hub.monotonic())
        try:
            async with self._turns.turn(self._hub.asker(client)):
                return await self._provider.finish(sign_on, answer)
        except SignOnFailed:
            self._wrong.failed(PROVIDER, key, hub.monotonic())
            raise

    def _take_command(self, client: str) -> None:
        wait = self._hub.clients.at(address_of(client)).command(self._hub.monotonic(), 0.0)
        if wait > 0:
            raise too_fast("Too much comes from your address.", ask.Ping(), wait)

    async def account_for(self, identity: Identity, invite: str | None, client: str) -> SignedOn:
        """The account of ``identity``; a new one, if there is none.

        Raises `RegistrationClosed`, `BadTicket`, `Forbidden` for who is banned, `RateLimited`, …
        """
        hub = self._hub
        with errands.errand(hub, address_of(client)) as session:
            for _ in range(TRIES):
                id = await hub.log.identity(identity.issuer, identity.subject)
                account = None if id is None else hub.access.account_of(id)
                if id is not None and account is not None:
                    _check_not_banned(hub, session, User(account.name, id, account=True))
                    return SignedOn(id, account.name)
                with suppress(NameTaken):  # by somebody meanwhile: look again
                    return await _make(hub, session, identity, invite)
        raise SignOnFailed("No name was free for you just now. Please begin again.")

    async def code(self, purpose: Purpose, user: UserId) -> str:
        """A new code of ``user``, who has come back. Raises `LogUnavailable`, `SignOnFailed`."""
        return await self._hub.codes_of_sign_ons.give(purpose, user)

    async def whose(self, code: str) -> SignedOn:
        """Who has come back with that code in a browser; raises `SignOnFailed`."""
        hub = self._hub
        id = await hub.codes_of_sign_ons.whose(Purpose.BROWSER, code)
        account = None if id is None else hub.access.account_of(id)
        if id is None or account is None:
            raise SignOnFailed("The sign-on took too long. Please begin again.")
        return SignedOn(id, account.name)

    # Accounts with a password

    async def has_link(self, token: str, client: str) -> bool:
        """Whether the account logs in by single sign-on. Raises what `errands.ask` raises."""
        async with _account(self._hub, token, client) as (_, id, _):
            return await self._hub.log.has_identity(id)

    async def begin_link(self, token: str, password: str, client: str) -> str:
        """A code for who wants to log in by single sign-on, too, and has given the password."""
        async with _account(self._hub, token, client) as (session, id, name):
            await check(self._hub, session, id, name, password)
            return await self.code(Purpose.LINK, id)

    async def link(self, code: str, identity: Identity, client: str) -> SignedOn:
        """Whoever is ``identity`` logs in to the account that the code is of."""
        hub = self._hub
        id = await hub.codes_of_sign_ons.take(Purpose.LINK, code)
        if id is None:
            raise SignOnFailed("This took too long. Please begin again, in your account's dialog.")
        with errands.errand(hub, address_of(client)) as session:
            async with hub.locks.of(id):
                account = hub.access.account_of(id)
                if account is None:
                    raise SignOnFailed("Your account was closed meanwhile.")
                _check_not_banned(hub, session, User(account.name, id, account=True))
                whose = await hub.log.identity(identity.issuer, identity.subject)
                if whose is not None and whose != id:
                    raise NameTaken("Who you are there has an account of their own here already.")
                if whose is None:
                    words = (account.name, identity.issuer, identity.subject)
                    hub.take_disk(session, ask.Ping(), *words)
                    event = SignOnSet(UNSEQUENCED, hub.clock(), account.name, True, by_id=id)
                    await append(hub, event, TakeIdentity(id, identity.issuer, identity.subject))
        return SignedOn(id, account.name)

    async def unlink(self, token: str, password: str, client: str) -> None:
        """The account logs in by its password alone. Raises `BadMessage` if it has none."""
        hub = self._hub
        async with _account(hub, token, client) as (session, id, named), hub.locks.of(id):
            await check(hub, session, id, named, password)
            if not await hub.log.has_identity(id):
                raise BadMessage("You do not log in by single sign-on.")
            if await hub.log.secret(SecretKind.PASSWORD, id) is None:
                raise BadMessage("Choose a password first: there would be no way left to log in.")
            hub.take_disk(session, ask.Ping(), named)
            name = name_now(hub, session, id)
            event = SignOnSet(UNSEQUENCED, hub.clock(), name, False, by_id=id)
            await append(hub, event, ForgetIdentities(id))


def _check_not_banned(hub: Services, session: Session, user: User) -> None:
    user.client = session.client.key
    hub.access.check_not_banned(user)


async def _make(
    hub: Services, session: Session, identity: Identity, invite: str | None
) -> SignedOn:
    name = _free_name(hub, identity.name)
    _check_not_banned(hub, session, User(name, None))
    command = ask.Register(user=name, password="", invite=invite)
    ticket = check_registration(hub, session, command)
    hub.take_disk(session, command, name, identity.issuer, identity.subject)
    id = hub.users.new_id()
    with hub.users.reserved(name):
        await append(
            hub,
            Registered(UNSEQUENCED, hub.clock(), name, ticket, sign_on=True, by_id=id),
            TakeName(id, name),
            TakeIdentity(id, identity.issuer, identity.subject),
        )
    return SignedOn(id, name)


def _free_name(hub: Services, wish: str) -> UserName:
    """A name like ``wish`` that nobody has, neither an account nor a guest."""
    name = _valid(wish)
    if not hub.users.has(name.key):
        return name
    near = suggest_free(name, hub.users)
    return near or UserName.parse(f"{NAMELESS}{secrets.randbelow(10**9)}")


def _valid(wish: str) -> UserName:
    """A name near ``wish``. Of an e-mail address it is what is before the @."""
    joined = "-".join(wish.partition("@")[0].split())
    for near in (joined, _near(joined)):
        with suppress(InvalidName):
            return UserName.parse(near)
    return UserName.parse(NAMELESS)


def _near(name: str) -> str:
    try:
        return UserName.parse(name)
    except InvalidName as error:
        return error.suggestion or ""


@asynccontextmanager
async def _account(
    hub: Services, token: str, client: str
) -> AsyncIterator[tuple[Session, UserId, UserName]]:
    """Who has the token of a device, in a session of their own."""
    with errands.errand(hub, address_of(client)) as session:
        await errands.come_in_with(hub, session, token, hub.asker(client))
        user = session.user
        if user is None:
            raise WrongToken("You were logged out just now. Please log in again.")
        wait = session.client.command(hub.monotonic(), 0.0)
        if wait > 0:
            raise too_fast("Too much comes from your address.", ask.Ping(), wait)
        yield session, account_id(user), user.name
