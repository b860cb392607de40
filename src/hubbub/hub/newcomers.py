"""Who is a newcomer in a room: see `hubbub.domain.rules.Newcomers`."""

from __future__ import annotations

from hubbub.domain.rules import Newcomers, Role
from hubbub.hub.room import HubRoom
from hubbub.hub.services import Services
from hubbub.hub.session import User

HOUR_MS = 3_600_000


def is_newcomer(hub: Services, user: User, room: HubRoom) -> bool:
    """Whether ``user`` is one for whom the rule holds in ``room``; nobody is where there is none.

    Guests are, and accounts that are younger than the setting says, unless they have a role there
    or on the server, or a moderator has let a text of theirs through.
    """
    facts = room.state.facts
    if facts.newcomers is Newcomers.FREE or facts.direct or user.id in facts.trusted:
        return False
    if hub.access.role(user, room) is not Role.MEMBER or hub.access.server_role(user).rank:
        return False
    account = hub.access.account(user.name) if user.account else None
    if account is None:
        return True
    since = 0 if account.profile is None else account.profile.registered
    return hub.clock() - since < hub.settings.newcomer_hours * HOUR_MS
