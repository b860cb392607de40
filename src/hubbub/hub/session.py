"""One connection of one user: its cursors, and what keeps it from taking the next command."""

from __future__ import annotations

from hubbub.domain.commands import Command
from hubbub.hub.clients import Client
from hubbub.hub.ports import Outlet
from hubbub.hub.rate import FULL
from hubbub.hub.room import LIVE, HubRoom
from hubbub.hub.share import Share
from hubbub.hub.users import User

MAX_IN_FLIGHT = 256  # texts of one session that wait for the disk; then reading from it pauses


class Session(Share):
    """What the hub knows of a connection. Made by `Hub.connect`.

    ``rooms`` are those that the session is in, in the order in which it came; they know its
    cursors. ``arriving`` is the room that it is about to enter. ``leaving``: it has said goodbye,
    and is only given what it had asked for before. While ``blocked`` it takes no command: the next
    one may come after `Outlet.ready` was called. It has a share of the loop's time of its own where
    addresses do not tell clients apart.
    """

    __slots__ = (
        "arriving",
        "bucket",
        "busy",
        "client",
        "ended",
        "in_flight",
        "leaving",
        "outlet",
        "rooms",
        "stalled",
        "user",
        "waiting",
    )

    def __init__(self, outlet: Outlet, client: Client) -> None:
        super().__init__()
        self.outlet = outlet
        self.client = client
        self.bucket = FULL
        self.user: User | None = None
        self.rooms: tuple[HubRoom, ...] = ()
        self.arriving: HubRoom | None = None
        self.in_flight = 0
        self.busy = False
        self.stalled = False
        self.ended = False
        self.leaving = False
        self.waiting: Command | None = None

    @property
    def share(self) -> Share:
        """Of whose time of the event loop it takes its turns."""
        return self.client.taker if self.client.shares else self

    @property
    def blocked(self) -> bool:
        """Whether the next command has to wait for `Outlet.ready`."""
        return self.busy or self.waiting is not None or self.ended

    def fall_behind(self) -> None:
        """Turns every live room into a cursor at what the session was last given."""
        for room in self.rooms:
            if room.cursor(self) == LIVE:
                room.seek(self, room.head)


class StallGate:
    """Keeps the sets of live sessions as they are while something is being written to them.

    A transport may report a full outbox in the middle of a write; the session it belongs to
    leaves the live sets when the ``with`` block ends, so that its cursor is behind all of it.
    """

    __slots__ = ("_open", "_stalled", "count")

    def __init__(self) -> None:
        self._open = True
        self._stalled: list[Session] = []
        self.count = 0

    def stalled(self, session: Session) -> None:
        """``session`` reports that its outbox is full."""
        self.count += 1
        if self._open:
            session.fall_behind()
        else:
            self._stalled.append(session)

    def __enter__(self) -> None:
        self._open = False

    def __exit__(self, *_: object) -> None:
        self._open = True
        if self._stalled:
            stalled, self._stalled = self._stalled, []
            for session in stalled:
                session.fall_behind()
