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
from hubbub.hub.ports import KeepSecret, Outdated, SecretKind, SwapSecret
from hubbub.hub.proving import check
from hubbub.hub.services import Services
from hubbub.hub.session import Session, User

WRONG_CODE = "That is not the code, or it was used already. Wait for the next one."
UNUSED = -1  # the step of the last code, before there was one


class Factor(Struct, frozen=True):
    """What is kept of a second factor. ``recovery``: in hexadecimal digits."""

    secret: str
    last: int
    recovery: tuple[str, ...]


async def factor_of(hub: Services, id: UserId) -> Factor | None:
    """The second factor of an account; None if it has none."""
    kept = await hub.log.secret(SecretKind.FACTOR, id)
    return None if kept is None else _decoded(kept)


def _decoded(kept: str) -> Factor:
    return msgspec.json.decode(kept, type=Factor)


def _encoded(factor: Factor) -> str:
    return msgspec.json.encode(factor).decode()


async def check_code(
    hub: Services, session: Session, id: UserId, name: UserName, code: str | None
) -> None:
    """Raises `NeedCode` unless the account needs none, or this one is right; it is used up by it.

    Raises `RateLimited` after too many tries.
    """
    async with hub.locks.of(id):  # or a second login at once is told to wait for another code
        kept = await hub.log.secret(SecretKind.FACTOR, id)
        if kept is None:
            return
        factor = _decoded(kept)
        if code is None:
            raise NeedCode(
                "This account has a second factor. Please give the code that your device shows, or "
                "one of your recovery codes."
            )
        client = session.client.key
        hub.codes.begin(name.key, client, hub.monotonic())
        rest = _after_use(hub, factor, code)
        if rest is None:
            hub.tell_tried(name.key, session, code=True)
            raise NeedCode(WRONG_CODE)
        hub.codes.succeeded(name.key, client)
        try:  # before anybody is let in
            await saved(hub, SwapSecret(SecretKind.FACTOR, id, kept, _encoded(rest)))
        except Outdated:  # another server has let somebody in by it
            raise NeedCode(WRONG_CODE) from None


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
        await saved(hub, KeepSecret(SecretKind.OFFER, id, secret))
        uri = hub.factor.uri(secret, name=str(name), issuer=hub.settings.server_name)
        return FactorOffered(secret=secret, uri=uri)

    answer_later(hub, session, command, offer)


def confirm(hub: Services, session: Session, command: ask.ConfirmFactor, user: User) -> None:
    """Turns the second factor on, by the first code that the device shows."""
    id = account_id(user)
    hub.take_disk(session, command, user.name)

    async def turn_on() -> RecoveryCodes:
        async with hub.locks.of(id):
            secret = await hub.log.secret(SecretKind.OFFER, id)
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
                hub.tell_tried(user.name.key, session, code=True)
                raise NeedCode("That is not the code. Wait for the next one, and check the clock.")
            hub.codes.succeeded(user.name.key, session.client.key)
            codes = hub.factor.recovery_codes()
            hashes = tuple(hub.factor.recovery_hash(code).hex() for code in codes)
            await _set(hub, session, id, None, Factor(secret, step, hashes))
        return RecoveryCodes(codes=codes)

    answer_later(hub, session, command, turn_on)


def end(hub: Services, session: Session, command: ask.EndFactor, user: User) -> None:
    """Turns the second factor off."""
    id = account_id(user)
    hub.take_disk(session, command, user.name)

    async def turn_off() -> Done:
        async with hub.locks.of(id):
            await check(hub, session, id, user.name, command.password)
            kept = await hub.log.secret(SecretKind.FACTOR, id)
            if kept is None:
                raise BadMessage("You have no second factor.")
            await _set(hub, session, id, kept, None)
        return Done()

    answer_later(hub, session, command, turn_off)


async def _set(
    hub: Services, session: Session, id: UserId, was: str | None, factor: Factor | None
) -> None:
    """``was``: what is kept of the one before."""
    name = name_now(hub, session, id)
    event = FactorSet(UNSEQUENCED, hub.clock(), name, factor is not None, by_id=id)
    swap = SwapSecret(SecretKind.FACTOR, id, was, None if factor is None else _encoded(factor))
    await append(hub, event, swap, KeepSecret(SecretKind.OFFER, id, None))
