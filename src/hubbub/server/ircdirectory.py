"""What the wire of IRC asks the server, answered from the hub's memory."""

from __future__ import annotations

from collections.abc import Callable, Collection
from contextlib import AbstractContextManager, nullcontext
from typing import Protocol

from hubbub.domain.errors import InvalidName, NoSuchRoom
from hubbub.domain.filenames import file_path
from hubbub.domain.files import File
from hubbub.domain.ids import UserId
from hubbub.domain.names import RoomName, UserName
from hubbub.domain.rights import Action
from hubbub.domain.state import Member, RoomFacts
from hubbub.hub.directs import room_of
from hubbub.hub.hub import Hub
from hubbub.hub.ports import Outlet
from hubbub.hub.room import HubRoom
from hubbub.server.ircpeople import HubPeople, neighbours
from hubbub.server.tls.certificates import Certificates
from hubbub.wire.irc.capabilities import Cap

NO_FACTS = RoomFacts()
GONE = UserName.recall("somebody who is gone")


class Overhears(Protocol):
    """A connection that is told what the hub knows nothing of."""

    def overhear(self, caps: Cap, line: str) -> None:
        """Sends ``line``, if the client has these capabilities."""
        ...

    def speaks_by(self, wire: object) -> bool:
        """Whether it is the connection of that one."""
        ...


class HubDirectory(HubPeople):
    """What the wire asks the server: see `hubbub.wire.irc.directory.Directory`."""

    def __init__(
        self,
        hub: Hub,
        site: str,
        client_of: Callable[[Outlet], Overhears | None],
        certificates: Certificates | None = None,
    ) -> None:
        """``client_of``: the connection of IRC that an outlet is; None if it is another one."""
        super().__init__(hub)
        self._site = site
        self._client_of = client_of
        self._certificates = certificates

    def account_of(self, id: str | None) -> str | None:
        """The name of the account with that id."""
        account = None if id is None else self._hub.access.account_of(UserId(id))
        return None if account is None else str(account.name)

    def id_of(self, name: str) -> str | None:
        """Who has that name now."""
        try:
            key = UserName.parse(name).key
        except InvalidName:
            return None
        user = self._hub.users.anywhere(key)
        if user is not None:
            return user.id
        account = self._hub.access.account(UserName.parse(name))
        return None if account is None else account.id

    def people(self, room: RoomName) -> Collection[Member]:
        """Whose direct conversation a room is."""
        found = self._hub.rooms.get(room.key)
        if found is None or not found.state.facts.direct:
            return ()
        here = list(found.state.members.values())
        if len(found.state.facts.direct) != 2 or len(here) == 2:
            return here
        # A guest who is gone is none of them any more, and it is between two nevertheless.
        known = {one.id for one in here}
        gone = [id for id in found.state.facts.direct if id not in known]
        return [*here, *(Member(self._former_name(found, id), id) for id in gone)]

    def _former_name(self, room: HubRoom, id: UserId) -> UserName:
        """What a guest was called who is gone, if that is in memory and is nobody else's by now."""
        newest = (event.by for event in room.tail.backwards(0) if event.by_id == id)
        name = next(newest, None)
        return GONE if name is None or self.id_of(name) is not None else UserName.recall(name)

    def talk(self, id: str | None, name: str) -> RoomName | None:
        """The conversation of the user ``id`` with who has that name."""
        other = self.id_of(name)
        if id is None or other is None:
            return None
        room = self._hub.rooms.get(room_of([UserId(id), UserId(other)]).key)
        return None if room is None or not room.head else room.name

    def writing_to(self, name: str, author: str) -> AbstractContextManager[None]:
        """Lasts while ``author`` writes to who has that name, and may."""
        id, writer = self.id_of(name), self._user(author)
        if id is None or writer is None:
            return nullcontext()
        if self._hub.access.blocked(writer, UserId(id), UserName.recall(name)) is not None:
            return nullcontext()  # so that nobody is held up by who is kept from them
        return self._hub.letters.write(UserId(id))

    def link(self, file: File) -> str:
        """Where a file is found."""
        return self._site + file_path(file)

    def reread(self) -> None:
        """Reads the certificate again."""
        if self._certificates is not None:
            self._certificates.reload()

    def spread(self, name: str, cap: Cap, line: str) -> None:
        """Sends ``line`` to clients of IRC with ``cap`` who see somebody, in a room or a list."""
        met = neighbours(self._hub, name)
        hidden = self.hides(self.id_of(name))
        watching = () if hidden else self._hub.watchers.of(UserName.recall(name).key)
        for session in dict.fromkeys((*met, *watching)):
            client = self._client_of(session.outlet)
            if client is not None:
                client.overhear(cap if session in met else cap | Cap.EXTENDED_MONITOR, line)

    def tell_others(self, wire: object, name: str, cap: Cap, line: str) -> None:
        """Sends ``line`` to all clients of IRC of who has that name but ``wire``."""
        user = self._hub.users.get(UserName.recall(name).key)
        for session in () if user is None else user.sessions:
            client = self._client_of(session.outlet)
            if client is not None and not client.speaks_by(wire):
                client.overhear(cap, line)

    def now(self) -> int:
        """Milliseconds since the Unix epoch."""
        return self._hub.clock()

    def head(self, room: RoomName) -> int:
        """The number of the newest event that is shown."""
        found = self._hub.rooms.get(room.key)
        return 0 if found is None else found.state.head

    def exists(self, asker: str, room: RoomName) -> bool:
        """Whether there is a room of that name, as far as ``asker`` may know."""
        found, access = self._hub.rooms.get(room.key), self._hub.access
        viewer = self._user(asker)
        return found is not None and not isinstance(
            access.refusal(viewer, Action.READ, found), NoSuchRoom
        )

    def facts(self, room: RoomName) -> RoomFacts:
        """What holds in a room."""
        found = self._hub.rooms.get(room.key)
        return NO_FACTS if found is None else found.state.facts

    def member(self, room: RoomName, name: str) -> Member | None:
        """Who has that name in the room."""
        found = self._hub.rooms.get(room.key)
        return None if found is None else found.state.members.get(UserName.recall(name).key)

    def members(self, room: RoomName) -> Collection[Member]:
        """Who is in the room."""
        found = self._hub.rooms.get(room.key)
        return () if found is None else found.state.members.values()

    def rooms_each(self) -> int:
        """How many rooms one connection may be in."""
        return self._hub.settings.rooms_per_session
