"""Where people belong without being there: rooms that only members read, and invitations.

By users' ids, so that a list or a hello need not look at all rooms.
"""

from __future__ import annotations

from collections.abc import Iterator

from hubbub.domain.ids import UserId
from hubbub.domain.rules import Exemption, RoomAccess
from hubbub.hub.access import may_come
from hubbub.hub.room import HubRoom


class Belonging:
    """The rooms of each user, kept up to date by `changed`."""

    def __init__(self) -> None:
        self._rooms: dict[UserId, dict[HubRoom, None]] = {}
        self._users: dict[HubRoom, frozenset[UserId]] = {}

    def changed(self, room: HubRoom) -> None:
        """What holds in ``room`` has changed, or who is in it, where only members read."""
        if room.gone:  # another one has its name by now, say
            self.gone(room)
            return
        before = self._users.get(room, frozenset())
        members = room.ids if room.ids is not None and room.listable else frozenset()
        facts = room.state.facts
        now = frozenset(id for id in members if id is not None) | facts.invited.keys()
        if room.keeps_members:  # who has left is still shown the way back
            now |= {id for id in facts.roles if may_come(id, facts)}
        if facts.access is RoomAccess.MEMBERS:  # and who needs no invitation
            exempt = (one for one in facts.exemptions if one.of is Exemption.INVITATIONS)
            now |= {one.user_id for one in exempt if one.user_id is not None}
        for user in before - now:
            rooms = self._rooms[user]
            del rooms[room]
            if not rooms:
                del self._rooms[user]
        for user in now - before:
            self._rooms.setdefault(user, {})[room] = None
        if now:
            self._users[room] = now
        else:
            self._users.pop(room, None)

    def gone(self, room: HubRoom) -> None:
        """There is no such room any more."""
        for user in self._users.pop(room, frozenset()):
            self._rooms[user].pop(room, None)

    def of(self, user: UserId | None) -> Iterator[HubRoom]:
        """The rooms to which ``user`` belongs, or is invited, in the order in which that came."""
        return iter(() if user is None else tuple(self._rooms.get(user, ())))
