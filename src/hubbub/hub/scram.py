"""Logging in by proving a password that is not told (`hubbub.domain.scram`).

Only for accounts that have turned it on: what is kept of a password for this is easier to guess
from than its hash.
"""

from __future__ import annotations

import secrets

from hubbub.domain import commands as ask
from hubbub.domain.errors import ChatError, NeedCode, WrongPassword
from hubbub.domain.ids import THE_SERVER, UserId
from hubbub.domain.names import UserName
from hubbub.domain.replies import Challenge
from hubbub.domain.scram import (
    NONCE_BYTES,
    Exchange,
    challenge,
    decoded,
    no_verifier,
    parse_first,
    prove,
)
from hubbub.hub.answering import answer_later
from hubbub.hub.becoming import check_may_become
from hubbub.hub.directory import turn_of, work
from hubbub.hub.logins import account_asked, come_in
from hubbub.hub.ports import KeepSecret, SecretKind
from hubbub.hub.services import Services
from hubbub.hub.session import Session
from hubbub.hub.welcoming import welcome

NO_CODES = (
    "This account has a second factor, for which there is no place in SCRAM. Log in with your "
    "password and a code, or by a certificate."
)


def log_in(hub: Services, session: Session, command: ask.HelloByProof) -> None:
    """Answers the first message with a challenge; the second one decides."""
    check_may_become(session, command, account_asked(hub.access.account(command.user)))
    exchange = hub.exchanges.pop(session, None)
    if exchange is not None:
        work(hub, session, command, _finish(hub, session, command, exchange))
        return
    first, name = parse_first(command.message), command.user

    async def begin() -> Challenge:
        account = hub.access.account(name)
        # Of who has no account it is looked up, too: the time tells nothing.
        id = (account and account.id) or THE_SERVER
        kept = await hub.log.secret(SecretKind.SCRAM, id)
        unknown = no_verifier(hub.search_cursors.derived("scram"), name.key)
        verifier = unknown if kept is None else decoded(kept)
        nonce = secrets.token_urlsafe(NONCE_BYTES)
        begun = challenge(first, nonce, verifier, known=kept is not None)
        if not session.ended:
            hub.exchanges[session] = begun
        return Challenge(message=begun.challenge)

    answer_later(hub, session, command, begin)


async def _finish(
    hub: Services, session: Session, command: ask.HelloByProof, exchange: Exchange
) -> None:
    name = command.user
    account = hub.access.account(name)
    id = None if account is None else account.id
    try:
        if id is not None:
            hub.coming[session] = id
        last = await _proved(hub, session, command, exchange, name, id)
        assert id is not None
        assert account is not None
        await come_in(hub, session, id, account.name, None)
        if not session.ended:
            session.outlet.reply(Challenge(re=command.id, message=last))
            welcome(hub, session, command, None)
    finally:
        hub.coming.pop(session, None)


async def _proved(
    hub: Services,
    session: Session,
    command: ask.HelloByProof,
    exchange: Exchange,
    name: UserName,
    id: UserId | None,
) -> str:
    """The last words to who has proved the password; raises what refuses them."""
    client = session.client.key
    hub.attempts.begin(name.key, client, hub.monotonic())
    try:
        kept = await hub.log.secret(SecretKind.SCRAM, id or THE_SERVER)
        factor = await hub.log.secret(SecretKind.FACTOR, id or THE_SERVER)
    except ChatError:
        hub.attempts.untried(name.key, client)
        raise
    same = kept is not None and decoded(kept) == exchange.verifier  # no other password since
    last = prove(exchange, command.message) if same else None
    if last is None:
        hub.tell_tried(name.key, session)
        raise WrongPassword(
            f'Nobody called "{name}" has turned SCRAM on with that password. Please check both, or '
            "log in with PLAIN."
        )
    hub.attempts.succeeded(name.key, client)
    if factor is not None:
        raise NeedCode(NO_CODES)
    return last


async def renewed(
    hub: Services, session: Session, id: UserId, password: str
) -> tuple[KeepSecret, ...]:
    """What has to be saved with a new password, if the account proves it."""
    if await hub.log.secret(SecretKind.SCRAM, id) is None:
        return ()
    verifier = await hub.passwords.verifier(password, turn_of(session))
    return (KeepSecret(SecretKind.SCRAM, id, verifier),)
