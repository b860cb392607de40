"""Appending to the directory (`hubbub.domain.directory`), and doing what takes its time."""

from __future__ import annotations

from collections.abc import Coroutine
from functools import partial
from typing import Any

from msgspec.structs import replace

from hubbub.domain.commands import Command
from hubbub.domain.directory import DIRECTORY
from hubbub.domain.errors import ChatError, LogUnavailable, NeedAccount
from hubbub.domain.events import AnyEvent
from hubbub.domain.ids import UserId
from hubbub.domain.names import UserName
from hubbub.hub.access import named
from hubbub.hub.ports import Draft, KeepDevice, KeepSecret, Row, Settled, SwapSecret, Turn
from hubbub.hub.services import Services
from hubbub.hub.session import Session, User


def work(
    hub: Services, session: Session, command: Command, doing: Coroutine[Any, Any, None]
) -> None:
    """Does what takes its time; meanwhile the session's other commands wait."""

    async def do() -> None:
        try:
            await doing
        except ChatError as error:
            await hub.refuse_unless_done(session, command, error)
        hub.done(session)

    session.busy = True
    hub.spawn(do(), session.share)


def turn_of(session: Session) -> Turn:
    """Whose turn it is to have a password hashed: who has an account is known."""
    user = session.user
    return Turn(session.client.key, known=user is not None and user.account)


def account_id(user: User) -> UserId:
    """The id of somebody who has an account; raises `NeedAccount`."""
    if not user.account or user.id is None:
        raise NeedAccount("You are a guest here. To make an account: /register")
    return user.id


def name_now(hub: Services, session: Session, id: UserId) -> UserName:
    """What the account ``id`` of the session is called by now; raises `NeedAccount`.

    To be asked after each wait: it may have been renamed, or closed, from another device.
    """
    account = hub.access.account(named(session).name)
    if account is None or account.id != id:
        raise NeedAccount("This account is closed, or its name has changed just now.")
    return account.name


async def append(
    hub: Services, event: AnyEvent, *also: Row, keep: Session | None = None
) -> AnyEvent:
    """Appends to the directory; returns the event that is in it and shown. Raises what refuses it.

    ``keep``: the one session of its user that is not logged out by it; by another one it is.
    """
    hub.disk.check()
    if keep is not None:
        hub.kept[keep] = event
    try:
        outcome = await settled(hub, partial(Draft, DIRECTORY, event, also=also))
    finally:
        if keep is not None:
            hub.kept.pop(keep, None)
    if outcome.event is None:
        raise LogUnavailable("This could not be saved, so nothing has changed. Please try again.")
    return outcome.event


async def saved(hub: Services, entry: KeepDevice | KeepSecret | SwapSecret) -> None:
    """Saves what is no event; raises what refuses it."""
    await settled(hub, partial(replace, entry))


async def settled(hub: Services, entry: Any) -> Settled:
    """The outcome of the entry that ``entry(done=…)`` makes; raises what refuses it."""
    outcome = await hub.outcome(entry)
    if outcome.error is not None:
        raise outcome.error
    return outcome
