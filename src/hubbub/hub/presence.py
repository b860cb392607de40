"""Who sits in which room, and the joins and leaves that the log owes for it.

A `Seat` is one user's place in one room. Sessions come and go; the log follows: a `Joined` when
the first sits down, a `Left` when the last is gone. At most one of them is on its way to the log
for a seat at a time, and when it has settled the seat is looked at again. So a quick leave and
return, a refused write or a reconnect never make two joins in a row, nor a leave of someone who
is there.
"""

from __future__ import annotations

from collections import OrderedDict, deque
from collections.abc import Callable, Iterable
from functools import partial
from typing import TYPE_CHECKING

from hubbub.domain.commands import Join
from hubbub.domain.errors import ChatError
from hubbub.domain.events import AnyEvent
from hubbub.domain.names import UserName
from hubbub.domain.state import Member, member_change
from hubbub.hub.ports import Clock, Draft, Log, Monotonic, Settled
from hubbub.hub.room import HubRoom
from hubbub.hub.users import Former, User

if TYPE_CHECKING:
    from hubbub.hub.session import Session

GONE = 500  # leaves in one tick: after a restart thousands are due at the same time
RETRY_SECONDS = 1.0  # between attempts to log a leave that the log refused
PARTING_SECONDS = 1.0  # for which who leaves waits for a disk that does not answer


class Seat:
    """The place in one room that goes with a name.

    ``owner``: who sits here, or did last. ``member``: whom the log knows to be here; somebody
    else, while the name has a new owner and the leave of the former one is not logged yet.
    ``lingers_until``: while the time runs, a guest who was cut off counts as being here.
    ``arriving``: sessions whose join waits until the log has the owner in the room.
    """

    __slots__ = ("arriving", "lingers_until", "member", "owner", "room", "sessions", "writing")

    def __init__(self, room: HubRoom, owner: User) -> None:
        self.room = room
        self.owner = owner
        self.member = owner
        # Tuples are smaller than lists, and there is a seat for every member.
        self.sessions: tuple[Session, ...] = ()
        self.arriving: tuple[tuple[Session, Join], ...] = ()
        self.lingers_until: float | None = None
        self.writing = False

    def rises(self, session: Session) -> None:
        """``session`` sits here no longer."""
        self.sessions = tuple(other for other in self.sessions if other is not session)

    @property
    def taken(self) -> bool:
        """Whether the owner is here, or may be back in a moment."""
        return bool(self.sessions) or self.lingers_until is not None

    @property
    def logged(self) -> bool:
        """Whether somebody of this name is in the room by the log."""
        return self.owner.name.key in self.room.state.members

    @property
    def agrees(self) -> bool:
        """Whether the log has here whom it should."""
        if self.taken:
            return self.logged and self.member is self.owner
        return not self.logged


class Parting:
    """Somebody waits until the log has some leaves; ``over`` is called once."""

    __slots__ = ("_over", "owed")

    def __init__(self, owed: int, over: Callable[[], None]) -> None:
        self.owed = owed
        self._over: Callable[[], None] | None = over

    def end(self) -> None:
        """The log has them, or they took too long."""
        over, self._over = self._over, None
        if over is not None:
            over()


class Presence:
    """All seats. ``entered`` is told when a session's user is in the room by the log."""

    def __init__(
        self,
        log: Log,
        clock: Clock,
        monotonic: Monotonic,
        *,
        grace_seconds: float,
        alone: bool,
        entered: Callable[[Session, Join, HubRoom, int | None], None],
        refused: Callable[[Session, Join, ChatError], None],
        put_out: Callable[[Session, HubRoom], None],
        emptied: Callable[[HubRoom], None],
    ) -> None:
        """``alone``: no other server appends to the log, so that every member is of this one."""
        self._log = log
        self._clock = clock
        self._monotonic = monotonic
        self._grace_seconds = grace_seconds
        self._alone = alone
        self._entered = entered
        self._refused = refused
        self._put_out = put_out
        self._emptied = emptied
        self._lingering: OrderedDict[Seat, float] = OrderedDict()  # who was lost first is first
        self._owed: list[tuple[float, Seat]] = []
        self._parting: dict[Seat, list[Parting]] = {}
        self._partings: deque[tuple[float, Parting]] = deque()

    def load(self, room: HubRoom, user: User, now: float) -> None:
        """Takes a member who is in the log from before the start.

        The connection was lost when the server stopped, if it was to this server.
        """
        room.restore(Member(user.name, user.id))
        if not self._alone:
            return
        seat = room.seats[user.name.key] = Seat(room, user)
        if user.resumable:
            self._linger(seat, now)
        self._follow(seat)

    def enter(self, session: Session, command: Join, room: HubRoom) -> None:
        """``session`` sits down; ``entered`` or ``refused`` tells how it went, maybe at once."""
        user = session.user
        assert user is not None
        user.now = None
        seat = room.seats.get(user.name.key)
        if seat is None:
            seat = room.seats[user.name.key] = Seat(room, user)
        seat.owner = user
        self._stop_lingering(seat)
        seat.sessions += (session,)
        if seat.sessions == user.sessions:
            seat.sessions = user.sessions  # one tuple for both, as mostly they have the same
        seat.arriving += ((session, command),)
        self._follow(seat)

    def leave(self, session: Session, room: HubRoom, *, deliberate: bool, now: float) -> None:
        """``session`` gets up. A guest who was cut off keeps the seat for the grace period."""
        user = session.user
        assert user is not None
        seat = room.seats[user.name.key]
        seat.rises(session)
        seat.arriving = tuple(waiting for waiting in seat.arriving if waiting[0] is not session)
        if not seat.sessions and not deliberate and user.resumable:
            self._linger(seat, now)
        self._follow(seat)

    def given_up(self, user: User, rooms: Iterable[HubRoom]) -> None:
        """The name of ``user`` is free: where they were cut off a moment ago, nobody comes back."""
        for room in rooms:
            seat = room.seats.get(user.name.key)
            if seat is not None and seat.owner is user and seat.lingers_until is not None:
                self._stop_lingering(seat)
                self._follow(seat)

    def renamed(self, former: User, user: User, rooms: Iterable[HubRoom]) -> None:
        """``user`` was ``former`` until now; ``rooms``: where they may have been."""
        seats = [room.seats.get(former.name.key) for room in rooms]
        here = {seat.room.name.key for seat in seats if seat and seat.member is former}
        former.now, user.was = user, Former(former, here)

    def when_gone(
        self, user: User, rooms: Iterable[HubRoom], over: Callable[[], None], now: float
    ) -> None:
        """Calls ``over`` when the log has that ``user`` left ``rooms``; maybe at once.

        After `PARTING_SECONDS` it is called in any case.
        """
        key = user.name.key
        owed = [seat for room in rooms if (seat := room.seats.get(key)) and not seat.agrees]
        parting = Parting(len(owed), over)
        if not owed:
            parting.end()
            return
        for seat in owed:
            self._parting.setdefault(seat, []).append(parting)
        self._partings.append((now + PARTING_SECONDS, parting))

    def vacate(self, room: HubRoom) -> None:
        """The room goes, and its seats with it: the log is owed nothing for them."""
        seats, room.seats = room.seats, {}
        for seat in seats.values():
            self._stop_lingering(seat)
            self._part(seat)

    def expelled(self, room: HubRoom, event: AnyEvent) -> None:
        """By ``event``, which was shown, somebody is a member no more who has not left.

        Their sessions are put out of the room; one whose join is on its way comes in anew by it.
        """
        change = member_change(event)
        seat = room.seats.get(change.user.key) if change is not None else None
        if seat is None or seat.logged:
            return
        arriving = {session for session, _ in seat.arriving}
        for session in seat.sessions:
            if session not in arriving:
                seat.rises(session)
                self._put_out(session, room)
        self._stop_lingering(seat)
        self._follow(seat)

    def sits(self, session: Session, room: HubRoom) -> bool:
        """Whether ``session`` has a seat in ``room``, or is about to."""
        user = session.user
        seat = room.seats.get(user.name.key) if user is not None else None
        return seat is not None and session in seat.sessions

    def _settled(self, seat: Seat, outcome: Settled) -> None:
        """The join or leave that was on its way is on disk, or refused."""
        seat.writing = False
        event, error = outcome.event, outcome.error
        if error is None or seat.agrees:
            self._follow(seat, event.seq if event is not None else None)
        else:
            self._turn_away(seat, error, self._monotonic())

    def reconcile(self, room: HubRoom) -> None:
        """The room's log was ahead: it may have joins or leaves that it had reported as refused."""
        for key, member in room.state.members.items() if self._alone else ():
            if key not in room.seats:
                room.seats[key] = Seat(room, User(member.name, member.id))  # nobody sits there
        for seat in list(room.seats.values()):
            self._follow(seat)

    def tick(self, now: float) -> None:
        """Lets those go whose grace is over, and tries owed leaves again."""
        for _ in range(min(GONE, len(self._lingering))):
            seat, deadline = next(iter(self._lingering.items()))
            if deadline > now:
                break
            self._stop_lingering(seat)
            self._follow(seat)
        while self._partings and self._partings[0][0] <= now:
            self._partings.popleft()[1].end()
        if self._owed:
            due = [seat for when, seat in self._owed if when <= now]
            self._owed = [owed for owed in self._owed if owed[0] > now]
            for seat in due:
                self._follow(seat)

    def _linger(self, seat: Seat, now: float) -> None:
        self._stop_lingering(seat)
        seat.lingers_until = self._lingering[seat] = now + self._grace_seconds

    def _stop_lingering(self, seat: Seat) -> None:
        seat.lingers_until = None
        self._lingering.pop(seat, None)

    def _turn_away(self, seat: Seat, error: ChatError, now: float) -> None:
        """Those who wait for what the log refused are told; what else is owed is tried again later.

        That is a leave; or the join of one who is here, but not by the log, which had saved a leave
        that it reported as refused. Not at once: a closed log refuses for ever.
        """
        self._stop_lingering(seat)
        refused, seat.arriving = seat.arriving, ()
        for session, _ in refused:
            seat.rises(session)
        for session, command in refused:
            self._refused(session, command, error)
        if seat.agrees:
            self._follow(seat)
        else:
            self._owed.append((now + RETRY_SECONDS, seat))

    def _follow(self, seat: Seat, seq: int | None = None) -> None:
        """Makes the log follow the seat, or lets those in who wait for it."""
        room, key = seat.room, seat.owner.name.key
        # One that was cleared away may still be on the list of what is owed; another one of that
        # name may stand there by now, and the log follows only that.
        if seat.writing or room.seats.get(key) is not seat:
            return
        if not seat.agrees:
            self._write(seat, joins=not seat.logged)
            return
        if seat.taken:
            arrived, seat.arriving = seat.arriving, ()
            for session, command in arrived:
                if session in seat.sessions:
                    self._entered(session, command, room, seq)
        else:
            del room.seats[key]
            if not room.seats:
                self._emptied(room)
        self._part(seat)

    def _part(self, seat: Seat) -> None:
        """Nothing is owed for ``seat`` any more."""
        for parting in self._parting.pop(seat, ()):
            parting.owed -= 1
            if not parting.owed:
                parting.end()
        while self._partings and not self._partings[0][1].owed:
            self._partings.popleft()

    def _write(self, seat: Seat, *, joins: bool) -> None:
        seat.writing = True
        if joins:
            seat.member = seat.owner
        user, state, at = seat.member, seat.room.state, self._clock()
        self._log.append(
            Draft(
                seat.room.name,
                state.join(user.name, at, _was(user, seat.room), by_id=user.id)
                if joins
                else state.leave(user.name, at, _now(user, seat.room), by_id=user.id),
                done=partial(self._settled, seat),
            )
        )


def _was(user: User, room: HubRoom) -> UserName | None:
    """Whose join is nobody new: who ``user`` was is still in the room. It is told once."""
    former, key = user.was, room.name.key
    if former is None or key not in former.rooms:
        return None
    former.rooms.discard(key)
    seat = room.seats.get(former.user.name.key)
    here = seat is not None and seat.member is former.user and seat.taken
    return former.user.name if here else None


def _now(user: User, room: HubRoom) -> UserName | None:
    """Whose leave is none: the room was told who ``user`` is now, and they are in it.

    A name by itself does not tell: somebody else may have it by now.
    """
    now = user.now
    if now is None or now.was is None or now.was.user is not user:
        return None
    seat = room.seats.get(now.name.key)
    here = seat is not None and seat.member is now and seat.taken
    return now.name if here and room.name.key not in now.was.rooms else None
