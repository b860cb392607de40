"""What programs say of somebody has changed: who is told of it.

Those who are in a room with them, or watch them, and whose clients ask for it by their protocol.
Of rooms they are told by the events there.
"""

from __future__ import annotations

from itertools import chain

from hubbub.domain.ids import UserId
from hubbub.domain.labels import difference
from hubbub.domain.names import UserName
from hubbub.domain.replies import Labelled
from hubbub.domain.rules import Profile
from hubbub.hub.services import Services
from hubbub.hub.session import Session


def appears_otherwise(before: Profile, now: Profile) -> bool:
    """Whether somebody wants to be seen otherwise ``now``, here or away."""
    return (before.status, before.note) != (now.status, now.note)


def tell_labels(
    hub: Services, name: UserName, id: UserId | None, before: Profile, now: Profile
) -> None:
    """Tells who may see that the labels of that user are others ``now``."""
    if before.labels == now.labels:
        return
    user = hub.users.get(name.key)
    rooms = dict.fromkeys(room for one in (user.sessions if user else ()) for room in one.rooms)
    if hub.tell_others is not None:  # they may be in rooms at another server
        there = (room for room in hub.rooms if room.live and name.key in room.state.members)
        rooms |= dict.fromkeys(there)
    readers = [
        reader
        for room in rooms
        for reader in (*room.behind, *chain.from_iterable(room.live.values()))
    ]
    watchers = () if now.hides_seen else hub.watchers.of(name.key)
    told = Labelled(user=name, user_id=id, labels=difference(before.labels, now.labels))
    for session in dict.fromkeys((*readers, *watchers)):
        if not isinstance(session, Session) or session.stalled:
            continue  # as with all that is told of people, it is lost to who does not read
        if session.outlet.tells_labels:
            session.outlet.reply(told)
