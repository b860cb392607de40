"""For whom the bans of a room do not hold, and who comes into it without an invitation."""

from __future__ import annotations

from typing import NamedTuple

from hubbub.domain import commands as ask
from hubbub.domain.errors import BadMessage, NotAllowed, TooMany
from hubbub.domain.events import UNSEQUENCED, Exempted
from hubbub.domain.ids import UserId
from hubbub.domain.names import UserName
from hubbub.domain.patterns import parse_pattern
from hubbub.domain.rules import MAX_EXEMPTIONS, Exemption
from hubbub.hub.moderating import check_known, submit, target
from hubbub.hub.room import HubRoom
from hubbub.hub.services import Services
from hubbub.hub.session import Session, User

_EXEMPT = {
    Exemption.BANS: "exempt from the bans of",
    Exemption.INVITATIONS: "let in without an invitation into",
}


def exempt(hub: Services, session: Session, command: ask.Exempt, user: User, room: HubRoom) -> None:
    """Begins it, or ends it."""
    if (command.user is None) is (command.pattern is None):
        raise BadMessage("Whom? Give either a name, or a pattern of guests' names, as in friend*")
    if room is hub.access.directory:
        raise NotAllowed("The bans of a server hold for all whom they are about.")
    whom = _begun(hub, room, command) if command.on else _ended(hub, room, command)
    event = Exempted(
        UNSEQUENCED,
        hub.clock(),
        user.name,
        whom.user,
        whom.id,
        of=command.of,
        pattern=whom.pattern,
        on=command.on,
        by_id=user.id,
    )
    submit(hub, session, command, user, room, event)


class _Whom(NamedTuple):
    """A user, or guests by a pattern."""

    user: str
    id: UserId | None = None
    pattern: bool = False


def _begun(hub: Services, room: HubRoom, command: ask.Exempt) -> _Whom:
    if command.user is None:
        whom = _Whom(parse_pattern(command.pattern or ""), pattern=True)
    else:
        person = target(hub, room, command.user).user
        check_known(person)
        whom = _Whom(person.name, person.id)
    exemptions = room.state.facts.exemptions
    same = (command.of, whom.pattern, whom.id or whom.user)
    if len(exemptions) >= MAX_EXEMPTIONS and all(one.whom != same for one in exemptions):
        raise TooMany(f"There are {MAX_EXEMPTIONS} exemptions in {room.name}, as many as may be.")
    return whom


def _ended(hub: Services, room: HubRoom, command: ask.Exempt) -> _Whom:
    """Of one that there is, whose user may have another name by now."""
    by_pattern = command.user is None
    named = UserName.recall(command.pattern or str(command.user))
    account = None if command.user is None else hub.access.account(command.user)
    for one in room.state.facts.exemptions:
        same = UserName.recall(one.user).key == named.key and one.pattern is by_pattern
        known = account is not None and account.id == one.user_id
        if one.of is command.of and (same or known):
            return _Whom(one.user, one.user_id, one.pattern)
    raise BadMessage(f"{named} is not {_EXEMPT[command.of]} {room.name}. To see who is: /bans")
