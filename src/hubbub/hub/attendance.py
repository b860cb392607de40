"""One user's presence in one room, beside what the log says of it."""

from __future__ import annotations

from msgspec import Struct

from hubbub.domain.commands import Join
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
    def consistent(self) -> bool:
        """Whether the log has in the room whom it should."""
        if self.present:
            return self.logged and self.recorded is self.user
        return not self.logged or (self.room.keeps_members and not self.for_good)
