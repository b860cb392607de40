"""How an account logs in without telling a password: certificates of clients, and SCRAM."""

from __future__ import annotations

from hubbub.domain import commands as ask
from hubbub.domain import fingerprints
from hubbub.domain.errors import BadMessage, NeedPassword, TooMany
from hubbub.domain.events import UNSEQUENCED, SignOnSet
from hubbub.domain.ids import UserId
from hubbub.domain.replies import WaysInTold
from hubbub.domain.rules import WayIn
from hubbub.hub.answering import answer_later
from hubbub.hub.directory import account_id, append, name_now, turn_of
from hubbub.hub.ports import (
    CERTIFICATES,
    ForgetCertificates,
    KeepSecret,
    Row,
    SecretKind,
    TakeIdentity,
)
from hubbub.hub.proving import check
from hubbub.hub.services import Services
from hubbub.hub.session import Session, User

MAX_CERTIFICATES = 5  # of one account: one for each of a person's devices


def tell(hub: Services, session: Session, command: ask.WaysIn, user: User) -> None:
    """Lists them."""
    id = account_id(user)
    answer_later(hub, session, command, lambda: _told(hub, session, id))


async def _told(hub: Services, session: Session, id: UserId) -> WaysInTold:
    return WaysInTold(
        certificates=await hub.log.certificates(id),
        here=session.outlet.certificate,
        scram=await hub.log.secret(SecretKind.SCRAM, id) is not None,
    )


def set_way(hub: Services, session: Session, command: ask.SetWayIn, user: User) -> None:
    """Opens a way in, for who gives the password; or closes one."""
    id, way, password = account_id(user), command.way, command.password
    if way is WayIn.PROVIDER:
        raise BadMessage("A single sign-on is linked in a browser.")
    if command.on and password is None:
        raise NeedPassword("Please give your password, too: nobody else shall do this for you.")
    print = _fingerprint(session, command) if way is WayIn.CERTIFICATE else ""
    hub.take_disk(session, command, user.name, print)

    async def change() -> WaysInTold:
        async with hub.locks.of(id):
            proof = None
            if command.on:
                proof = await check(hub, session, id, user.name, password or "")
            row = (
                await _certificate(hub, id, print, on=command.on)
                if way is WayIn.CERTIFICATE
                else await _scram(hub, session, id, password if command.on else None, proof)
            )
            if row is not None:
                name = name_now(hub, session, id)
                event = SignOnSet(UNSEQUENCED, hub.clock(), name, command.on, way, by_id=id)
                await append(hub, event, row)
            return await _told(hub, session, id)

    answer_later(hub, session, command, change)


def _fingerprint(session: Session, command: ask.SetWayIn) -> str:
    if command.certificate is not None:
        try:
            return fingerprints.parse(command.certificate).hex()
        except ValueError:
            raise BadMessage("A fingerprint is 64 hexadecimal digits, of SHA-256.") from None
    if session.outlet.certificate is None:
        raise BadMessage(
            "Your client has shown no certificate here. Let it show one, over TLS, or give the "
            "fingerprint (SHA-256)."
        )
    return session.outlet.certificate


async def _certificate(hub: Services, id: UserId, print: str, *, on: bool) -> Row | None:
    """What is to be saved; None if nothing changes."""
    known = await hub.log.certificates(id)
    if not on:
        if print not in known:
            raise BadMessage("You do not log in by that certificate.")
        return ForgetCertificates(id, only=print)
    if print in known:
        return None
    if len(known) >= MAX_CERTIFICATES:
        raise TooMany(f"You log in by {MAX_CERTIFICATES} certificates, as many as may be.")
    return TakeIdentity(id, CERTIFICATES, print)


async def _scram(
    hub: Services, session: Session, id: UserId, password: str | None, proof: str | None
) -> Row | None:
    """``password``: None to turn it off. ``proof``: its hash; None for a code of a sign-on."""
    if password is None:
        if await hub.log.secret(SecretKind.SCRAM, id) is None:
            return None
        return KeepSecret(SecretKind.SCRAM, id, None)
    if proof is None:
        raise BadMessage("SCRAM is for accounts with a password: choose one first.")
    return KeepSecret(
        SecretKind.SCRAM, id, await hub.passwords.verifier(password, turn_of(session))
    )
