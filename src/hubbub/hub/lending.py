"""Operating the server by the name and the password of an account that administers it.

Whoever knows them may, on one connection, whatever user that is of. The directory says who has done
so, by an event that names both.
"""

from __future__ import annotations

from hubbub.domain import commands as ask
from hubbub.domain.errors import BadMessage, NeedPassword, NotAllowed
from hubbub.domain.events import UNSEQUENCED, RightsLent
from hubbub.domain.ids import THE_SERVER, UserId
from hubbub.domain.names import UserName
from hubbub.domain.replies import Done, ProfileChanged
from hubbub.domain.rules import Role
from hubbub.hub import standing
from hubbub.hub.access import named
from hubbub.hub.answering import answer_later
from hubbub.hub.directory import append
from hubbub.hub.factors import check_code
from hubbub.hub.proving import check
from hubbub.hub.services import Services
from hubbub.hub.session import Session, User


def operate(hub: Services, session: Session, command: ask.Operate, user: User) -> None:
    """Lends the session the rights of an account, or gives them back."""
    if not command.on:
        if hub.access.lent.give_back(session):
            tell(hub, session)
        session.outlet.reply(Done(re=command.id))
        return
    name, password = command.user, command.password
    if name is None or password is None:
        raise BadMessage("Whose rights? An account that administers the server has a password.")

    async def lend() -> Done:
        account = hub.access.account(name)
        id = (account and account.id) or THE_SERVER
        hub.coming[session] = id
        try:
            called = name if account is None else account.name
            await _lend(hub, session, id, called, password, command.code)
        finally:
            hub.coming.pop(session, None)
        return Done()

    answer_later(hub, session, command, lend)


async def _lend(
    hub: Services, session: Session, id: UserId, name: UserName, password: str, code: str | None
) -> None:
    if await check(hub, session, id, name, password) is not None:
        await check_code(hub, session, id, name, code)
    _check_administers(hub, id, name)
    user = named(session)
    if user.id != id:
        event = RightsLent(UNSEQUENCED, hub.clock(), name, user.name, user.id, by_id=id)
        await append(hub, event)
        _check_administers(hub, id, name)  # still
    if session not in hub.coming:
        raise NeedPassword("Something has changed in this account just now. Please try again.")
    if not session.ended:
        hub.access.lent.lend(session, id)
        tell(hub, session)


def _check_administers(hub: Services, id: UserId, name: UserName) -> None:
    roles = hub.access.directory.state.facts.roles
    if roles.get(id, Role.MEMBER).rank < Role.MODERATOR.rank:
        raise NotAllowed(f"{name} does not administer this server.")


def take_back(hub: Services, id: UserId) -> None:
    """The account ``id`` has another password, say: nobody has its rights any more."""
    for session in hub.access.lent.take_back(id):
        tell(hub, session)


def end_for_banned(hub: Services) -> None:
    """Who is banned from the server lends nothing any more."""
    for id in hub.access.lent.lenders():
        account = hub.access.account_of(id)
        lender = None if account is None else User(account.name, id, account=True)
        if lender is None or hub.access.ban_of(lender, hub.access.directory) is not None:
            take_back(hub, id)


def tell_borrowers(hub: Services, id: UserId) -> None:
    """The account ``id`` may do other things than before, and so may those who have its rights."""
    for session in hub.access.lent.by(id):
        tell(hub, session)


def tell(hub: Services, session: Session) -> None:
    """The user of ``session`` may do other things than before."""
    user = session.user
    if user is None:
        return
    profile, role = hub.access.profile_of(user.id), hub.access.server_role(user)
    for one in user.sessions:
        one.outlet.reply(ProfileChanged(profile=profile, role=role))
    for room in {room for one in user.sessions for room in one.rooms}:
        standing.tell(hub, room, {user.id})
    hub.watchers.changed(user.name.key)
