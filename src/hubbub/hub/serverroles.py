"""Tells an account, wherever it is connected, that it has another role on the whole server; and
those to whom it lends its rights.
"""

from __future__ import annotations

from hubbub.domain.ids import UserId
from hubbub.domain.replies import ProfileChanged
from hubbub.domain.rules import Role
from hubbub.hub import lending, standing
from hubbub.hub.services import Services


def told(hub: Services, id: UserId) -> None:
    """The directory has another role for the account ``id``; what it may do in rooms follows.

    Who administers the server no more lends nothing any more, also if they will again.
    """
    if hub.access.directory.state.facts.roles.get(id, Role.MEMBER).rank < Role.MODERATOR.rank:
        lending.take_back(hub, id)
    else:
        lending.tell_borrowers(hub, id)
    account = hub.access.account_of(id)
    user = None if account is None else hub.users.get(account.name.key)
    if user is None or user.id != id:
        return
    notice = ProfileChanged(profile=hub.access.profile_of(id), role=hub.access.server_role(user))
    for session in user.sessions:
        session.outlet.reply(notice)
    for room in {room for session in user.sessions for room in session.rooms}:
        standing.tell(hub, room, {id})
