"""One user's presence in one room, beside what the log says of it."""

from __future__ import annotations

from msgspec import Struct

from hubbub.domain.commands import Join
from hubbub.domain.names import UserName
from hubbub.hub.room import HubRoom
from hubbub.hub.session import Session, User


class Attendance(Struct, eq=False, gc=False):  # nothing that it holds refers to it
    """Who is present in ``room`` under one name, and whether the log agrees.

    ``user``: who has the name now. ``recorded``: the user whom the log has in the room under it;
    somebody else for as long as the leave of the name's former user is not in the log.
    ``sessions``: those by which the user is present. ``arriving``: those of them whose join waits
    until the log has the user in the room. ``grace_until``: a guest who lost the last connection
    counts as present until then, on the monotonic clock. ``writing``: a join or a leave is on its
    way to the log. ``for_good``: who is not present leaves, even where members stay while away.
    """

    room: HubRoom
    user: User
    recorded: User
    # Tuples are smaller than lists, and there is one of these for every member.
    sessions: tuple[Session, ...] = ()
    arriving: tuple[tuple[Session, Join], ...] = ()
    grace_until: float | None = None
    writing: bool = False
    for_good: bool = False

    def remove(self, session: Session) -> None:
        """``session`` is not in the room any more."""
        self.sessions = tuple(other for other in self.sessions if other is not session)

    @property
    def present(self) -> bool:
        """Whether the user is here, or lost the connection so recently that it counts."""
        return bool(self.sessions) or self.grace_until is not None

    @property
    def logged(self) -> bool:
        """Whether the log has somebody of this name in the room."""
        return self.user.name.key in self.room.state.members

    @property
    def joins(self) -> bool:
        """Whether a join is owed, if it is not `consistent`; else a leave is."""
        return not self.logged

    @property
    def consistent(self) -> bool:
        """Whether the log has in the room whom it should."""
        if self.present:
            return self.logged and self.recorded is self.user
        return not self.logged or (self.room.keeps_members and not self.for_good)


class NodeAttendance(Attendance, eq=False, gc=False):
    """The same where other servers have sessions of the user, too.

    Then the log decides, by the attendances of all nodes, whether a join or a leave is the first
    one or the last one. ``row``: this node's attendance is in the log, or may be. ``unsure``: the
    last answer of the log was lost, so that events that were saved before it say nothing of the
    row. ``lost``: the last connection was lost, and nobody has said goodbye. ``now``: the name
    under which the user has come back, to another node. ``told``: the log has had the leave that
    names the new name, and they have come in again since.
    """

    row: bool = False
    unsure: bool = False
    lost: bool = False
    now: UserName | None = None
    told: bool = False

    @property
    def is_member(self) -> bool:
        """Whether the log has this user in the room, and not somebody else of the name."""
        member = self.room.state.members.get(self.user.name.key)
        return member is not None and member.id == self.user.id

    @property
    def joins(self) -> bool:
        """See `Attendance.joins`."""
        return self.present and not (self.row and self.recorded is not self.user)

    @property
    def consistent(self) -> bool:
        """See `Attendance.consistent`."""
        if self.present:
            return self.row and self.is_member and self.recorded is self.user
        return not self.row and not (self.for_good and self.is_member)
