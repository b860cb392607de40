"""What clients of IRC ask about people, answered from the hub's memory."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from hubbub.domain.ids import UserId
from hubbub.domain.names import UserName
from hubbub.domain.replies import PersonHere
from hubbub.domain.rights import Action
from hubbub.domain.rules import Role, Status
from hubbub.hub.hub import Hub
from hubbub.hub.room import HubRoom
from hubbub.hub.session import Session, User
from hubbub.hub.watching import person_here
from hubbub.wire.irc.people import Counted, Seat


class HubPeople:
    """See `hubbub.wire.irc.people.People`."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub
        self._most = 0

    def person(self, asker: str, name: str) -> PersonHere:
        """Who has that name, and whether they are connected, as far as ``asker`` may know."""
        viewer = self._user(asker) or User(UserName.recall(asker), None)
        return person_here(self._hub, viewer, UserName.recall(name))

    def away(self, name: str, id: str | None = None) -> str | None:
        """Why somebody is away; None if they are not. ``id``: None where it is to be looked up."""
        if id is None:
            id = self._id(UserName.recall(name).key)
        profile = self._hub.access.profile_of(None if id is None else UserId(id))
        if profile.status is Status.HERE:
            return None
        return profile.note or profile.status.value

    def hides(self, id: str | None) -> bool:
        """Whether somebody wants nobody to know when they were here, but those they meet."""
        return self._hub.access.profile_of(None if id is None else UserId(id)).hides_seen

    def accepted(self, name: str) -> Mapping[str, str]:
        """The guests who may write to somebody under ``R``: the names of that time, by ids."""
        id = self._id(UserName.recall(name).key)
        profile = self._hub.access.profile_of(None if id is None else UserId(id))
        return {str(guest): known for guest, known in profile.accepted.items()}

    def _id(self, key: str) -> str | None:
        user = self._hub.users.anywhere(key)
        account = self._hub.access.directory.state.members.get(key)
        return user.id if user is not None else None if account is None else account.id

    def labels(self, name: str) -> Mapping[str, str] | None:
        """The labels of who has that name; None if there is nobody."""
        key = UserName.recall(name).key
        id = self._id(key) or self._hub.access.said_by_guests.id_of(key)
        return None if id is None else self._hub.access.profile_of(UserId(id)).labels

    def seats(self, asker: str, name: str) -> Sequence[Seat]:
        """The rooms in which somebody is that ``asker`` may know of."""
        hub, key = self._hub, UserName.recall(name).key
        user, viewer = self._user(name), self._user(asker)
        rooms = hub.rooms if hub.node is not None else _rooms_of(hub, user)
        seats = []
        for room in sorted(rooms, key=lambda room: room.name.key):
            member = room.state.members.get(key)
            if member is None or room.state.facts.direct or not room.listable:
                continue
            shared = viewer is not None and viewer.name.key in room.state.members
            if shared or (room.listed and hub.access.may(viewer, Action.LIST, room)):
                role = Role.MEMBER
                if member.id is not None:
                    role = room.state.facts.roles.get(member.id, role)
                seats.append(Seat(room.name, role, shared))
        return seats

    def met(self, asker: str) -> Sequence[str]:
        """Who is in the rooms in which ``asker`` is, themselves too."""
        viewer, names = self._user(asker), {UserName.recall(asker).key: asker}
        for room in _rooms_of(self._hub, viewer):
            for key, member in room.state.members.items():
                names.setdefault(key, str(member.name))
        return [names[key] for key in sorted(names)]

    def counted(self) -> Counted:
        """How many people, connections and rooms there are. Told to all who come: nothing is
        counted one by one of which there may be many.
        """
        hub = self._hub
        users = hub.users.connected
        self._most = max(self._most, users)
        return Counted(
            users=users,
            most=self._most,
            unknown=max(len(hub.sessions) - hub.users.sessions, 0),
            operators=len(self._operators()),
            rooms=hub.rooms.listed,
        )

    def _operators(self) -> set[User]:
        """Who is connected and administers the server, by an account or by one's rights."""
        hub = self._hub
        found = (hub.users.get(UserName.recall(name).key) for name in self.administrators())
        return {user for user in found if user is not None and user.sessions} | {
            session.user
            for session in hub.access.lent.sessions()
            if session.user and hub.access.server_role(session.user).rank >= ADMINISTERS
        }

    def administrators(self) -> Sequence[str]:
        """The names of the accounts that administer the server."""
        access = self._hub.access
        roles = access.directory.state.facts.roles
        found = (access.account_of(id) for id, role in roles.items() if role.rank >= ADMINISTERS)
        return sorted(str(member.name) for member in found if member is not None)

    def _user(self, name: str) -> User | None:
        return self._hub.users.get(UserName.recall(name).key)


ADMINISTERS = Role.MODERATOR.rank


def _rooms_of(hub: Hub, user: User | None) -> Iterable[HubRoom]:
    """The rooms in which somebody is who is connected here, and those to which they belong."""
    if user is None:
        return ()
    here = {room: None for session in user.sessions for room in session.rooms}
    return dict.fromkeys([*here, *hub.belonging.of(user.id)])


def neighbours(hub: Hub, name: str) -> Mapping[Session, None]:
    """The sessions of others in the rooms in which somebody is, each once."""
    key = UserName.recall(name).key
    user = hub.users.get(key)
    own = () if user is None else user.sessions
    found: dict[Session, None] = {}
    rooms = [room for one in own for room in one.rooms]
    if not own:  # at another server
        rooms = [room for room in hub.rooms if key in room.state.members]
    for room in dict.fromkeys(rooms):
        readers = [*room.behind, *(one for live in room.live.values() for one in live)]
        found |= {one: None for one in readers if isinstance(one, Session)}
    return {one: None for one in found if one not in own}
