"""The second factor of accounts: turned on and off, and asked for at a login.

What is kept of one is a secret (`SecretKind.FACTOR`): what its device makes codes of, the step of
the last code that was right, and the hashes of the recovery codes that are left.
"""

from __future__ import annotations

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from hubbub.domain import commands as ask
from hubbub.domain.errors import BadMessage, NeedCode
from hubbub.domain.events import UNSEQUENCED, FactorSet
from hubbub.domain.ids import UserId
from hubbub.domain.names import UserName
from hubbub.domain.replies import Done, FactorOffered, RecoveryCodes
from hubbub.hub.answering import answer_later
from hubbub.hub.directory import account_id, append, name_now, saved
from hubbub.hub.ports import KeepSecret, SecretKind
from hubbub.hub.proving import check
from hubbub.hub.services import Services
from hubbub.hub.session import Session, User

MOST_OFFERED = 1000  # secrets that wait for their first code; the oldest goes
UNUSED = -1  # the step of the last code, before there was one


class Factor(Struct, frozen=True):
    """What is kept of a second factor. ``recovery``: in hexadecimal digits."""

    secret: str
    last: int
    recovery: tuple[str, ...]


async def factor_of(hub: Services, id: UserId) -> Factor | None:
    """The second factor of an account; None if it has none."""
    kept = await hub.log.secret(SecretKind.FACTOR, id)
    return None if kept is None else msgspec.json.decode(kept, type=Factor)


def kept(id: UserId, factor: Factor | None) -> KeepSecret:
    """Saves it, or that there is none."""
    value = None if factor is None else msgspec.json.encode(factor).decode()
    return KeepSecret(SecretKind.FACTOR, id, value)


async def check_code(
    hub: Services, session: Session, id: UserId, name: UserName, code: str | None
) -> None:
    """Raises `NeedCode` unless the account needs none, or this one is right; it is used up by it.

    Raises `RateLimited` after too many tries.
    """
    async with hub.locks.of(id):  # or two logins at once use one code
        factor = await factor_of(hub, id)
        if factor is None:
            return
        if code is None:
            raise NeedCode(
                "This account has a second factor. Please give the code that your device shows, or "
                "one of your recovery codes."
            )
        client = session.client.key
        hub.codes.begin(name.key, client, hub.monotonic())
        rest = _after_use(hub, factor, code)
        if rest is None:
            raise NeedCode("That is not the code, or it was used already. Wait for the next one.")
        hub.codes.succeeded(name.key, client)
        await saved(hub, kept(id, rest))  # before anybody is let in


def _after_use(hub: Services, factor: Factor, code: str) -> Factor | None:
    """What is left of the factor when the code was used; None: it is wrong."""
    step = hub.factor.verify(factor.secret, code, now=hub.clock(), last=factor.last)
    if step is not None:
        return replace(factor, last=step)
    used = hub.factor.recovery_hash(code).hex()
    if used not in factor.recovery:
        return None
    return replace(factor, recovery=tuple(one for one in factor.recovery if one != used))


def begin(hub: Services, session: Session, command: ask.BeginFactor, user: User) -> None:
    """Offers a secret for a device. Nothing is changed before a code shows that it has it."""
    id = account_id(user)

    async def offer() -> FactorOffered:
        await check(hub, session, id, user.name, command.password)
        if await factor_of(hub, id) is not None:
            raise BadMessage(
                "You have a second factor already. Turn it off first, also for new recovery codes."
            )
        name = name_now(hub, session, id)
        secret = hub.factor.secret()
        hub.offered.pop(id, None)
        hub.offered[id] = secret
        if len(hub.offered) > MOST_OFFERED:
            del hub.offered[next(iter(hub.offered))]
        uri = hub.factor.uri(secret, name=str(name), issuer=hub.settings.server_name)
        return FactorOffered(secret=secret, uri=uri)

    answer_later(hub, session, command, offer)


def confirm(hub: Services, session: Session, command: ask.ConfirmFactor, user: User) -> None:
    """Turns the second factor on, by the first code that the device shows."""
    id = account_id(user)
    hub.take_disk(session, command, user.name)

    async def turn_on() -> RecoveryCodes:
        async with hub.locks.of(id):
            secret = hub.offered.get(id)
            if secret is None and await factor_of(hub, id) is not None:  # an answer was lost, say
                raise BadMessage(
                    "Your second factor is on already. If you have no recovery codes, turn it off, "
                    "and on again."
                )
            if secret is None:
                raise BadMessage("No second factor was offered to you. Ask for one first.")
            hub.codes.begin(user.name.key, session.client.key, hub.monotonic())
            step = hub.factor.verify(secret, command.code, now=hub.clock(), last=UNUSED)
            if step is None:
                raise NeedCode("That is not the code. Wait for the next one, and check the clock.")
            hub.codes.succeeded(user.name.key, session.client.key)
            codes = hub.factor.recovery_codes()
            hashes = tuple(hub.factor.recovery_hash(code).hex() for code in codes)
            await _set(hub, session, id, Factor(secret, step, hashes))
            hub.offered.pop(id, None)
        return RecoveryCodes(codes=codes)

    answer_later(hub, session, command, turn_on)


def end(hub: Services, session: Session, command: ask.EndFactor, user: User) -> None:
    """Turns the second factor off."""
    id = account_id(user)
    hub.take_disk(session, command, user.name)

    async def turn_off() -> Done:
        async with hub.locks.of(id):
            await check(hub, session, id, user.name, command.password)
            if await factor_of(hub, id) is None:
                raise BadMessage("You have no second factor.")
            await _set(hub, session, id, None)
        return Done()

    answer_later(hub, session, command, turn_off)


async def _set(hub: Services, session: Session, id: UserId, factor: Factor | None) -> None:
    name = name_now(hub, session, id)
    event = FactorSet(UNSEQUENCED, hub.clock(), name, factor is not None, by_id=id)
    await append(hub, event, kept(id, factor))
