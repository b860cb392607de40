"""Who is present in which room, and the joins and leaves that the log is owed for it.

Presence is which sessions there are now; membership is in the log, which follows: a `Joined` when a
user's first session comes in, a `Left` when the last one is gone. For one user and room at most one
of them is on its way to the log at a time, and when it is there, what is owed is decided anew. So a
quick leave and return, a refused write or a reconnect never make two joins in a row, nor a leave of
somebody who is present.

An event that puts somebody out of a room goes the other way: presence follows the log.

Where several servers are on one log, the user may have sessions at others, too. So each tells the
log of its own attendances, beside the join or leave that it would be owed; the log appends the
event if they are the first ones of the user, or the last ones (`Attend` and `Depart`).
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Collection, Iterable, Mapping
from functools import partial
from types import MappingProxyType

from msgspec.structs import replace

from hubbub.domain.commands import Join
from hubbub.domain.errors import ChatError, NotInRoom
from hubbub.domain.events import UNSEQUENCED, AnyEvent, Joined, Left
from hubbub.domain.names import UserName
from hubbub.domain.state import member_changes
from hubbub.hub.attendance import Attendance, NodeAttendance
from hubbub.hub.departures import Departures
from hubbub.hub.ports import (
    ALONE,
    Attend,
    Clock,
    Depart,
    Done,
    Draft,
    Log,
    Monotonic,
    Row,
    Settled,
)
from hubbub.hub.room import HubRoom
from hubbub.hub.session import Former, Session, User

MOST_LEAVES = 500  # in one tick: after a restart thousands are due at the same time
RETRY_SECONDS = 1.0  # before a join or leave that the log refused is tried again

_NOBODY: Mapping[str, Attendance] = MappingProxyType({})


class Presence:
    """The attendances of all rooms, by the keys of the users' names.

    ``barred`` says why a user may not come into a room, just before their join is written.
    ``entered`` is called when a session's user is in the room by the log, with the ``seq`` of the
    join if it is known; ``refused`` when they may not, or the log has refused the join; ``put_out``
    for each session whose user was put out of the room; ``emptied`` when nobody is left in a room;
    ``appeared`` when a member with that key comes or goes where members stay while they are away.
    ``elsewhere`` tells whether the user with that key is present in a room at another server;
    ``gone`` whether a user is connected nowhere.
    """

    def __init__(
        self,
        log: Log,
        clock: Clock,
        monotonic: Monotonic,
        *,
        grace_seconds: float,
        node: str | None,
        barred: Callable[[User, HubRoom], ChatError | None],
        entered: Callable[[Session, Join, HubRoom, int | None], None],
        refused: Callable[[Session, Join, ChatError], None],
        put_out: Callable[[Session, HubRoom], None],
        emptied: Callable[[HubRoom], None],
        appeared: Callable[[HubRoom, str], None],
        elsewhere: Callable[[HubRoom, str], bool],
        gone: Callable[[User], bool],
        dead: Callable[[], bool],
        now: Callable[[HubRoom, int | None], HubRoom | None],
    ) -> None:
        """``node``: the id of this server, if others append to the log, too.

        None: it is alone, so that every member is here. ``dead``: whether the others have taken it
        for dead, and so have logged that its users have left; it has sent them elsewhere then.
        ``now``: the room with that id, or else the one that has the room's name.
        """
        self._log = log
        self._clock = clock
        self._monotonic = monotonic
        self._grace_seconds = grace_seconds
        self._node = node
        self._barred = barred
        self._entered = entered
        self._refused = refused
        self._put_out = put_out
        self._emptied = emptied
        self._appeared = appeared
        self._elsewhere = elsewhere
        self._gone = gone
        self._dead = dead
        self._now = now
        self._rooms: dict[HubRoom, dict[str, Attendance]] = {}
        self._in_grace: OrderedDict[Attendance, float] = OrderedDict()  # by deadline
        self._retries: list[tuple[float, Attendance]] = []
        self._departures = Departures()
        self._reasons: dict[Attendance, str] = {}  # that were given for leaves not logged yet

    # What others ask

    def in_room(self, room: HubRoom) -> Mapping[str, Attendance]:
        """The attendances in ``room``, by the keys of the users' names."""
        return self._rooms.get(room, _NOBODY)

    def is_in(self, session: Session, room: HubRoom) -> bool:
        """Whether ``session`` is in ``room``, or about to come in."""
        user = session.user
        here = self.in_room(room).get(user.name.key) if user is not None else None
        return here is not None and session in here.sessions

    def is_present(self, room: HubRoom, key: str) -> bool:
        """Whether the user with that key is in ``room`` now."""
        here = self.in_room(room).get(key)
        if here is not None and here.present:
            return True
        if self._node is None:
            return False
        if room.keeps_members:
            return self._elsewhere(room, key)
        return here is None and key in room.state.members  # who is not here is there

    def count(self, room: HubRoom) -> int:
        """How many users are in ``room`` now, at this server or another one."""
        here = self.in_room(room)
        present = sum(one.present for one in here.values())
        if self._node is None:
            return present
        others = room.state.members.keys() - (key for key, one in here.items() if one.present)
        if room.keeps_members:
            return present + sum(self._elsewhere(room, key) for key in others)
        return present + len(others - here.keys())  # who is not here is there

    def attended(self) -> list[HubRoom]:
        """The rooms in which somebody is present at this server, or was until a moment ago."""
        return list(self._rooms)

    def is_unused(self, room: HubRoom) -> bool:
        """Whether nobody is in ``room``, and nothing is on its way to its log."""
        return not (room in self._rooms or room.state.members or room.writes_coming)

    def is_changing(self, room: HubRoom) -> bool:
        """Whether a join or leave of ``room`` is on its way, or a session waits for one."""
        return any(here.writing or here.arriving for here in self.in_room(room).values())

    def who_stays(self, room: HubRoom) -> set[UserName]:
        """The names of users in ``room``, without users whose leave is not logged yet."""
        here = self.in_room(room)
        elsewhere = (one.name for key, one in room.state.members.items() if key not in here)
        return {one.recorded.name for one in here.values() if one.present} | set(elsewhere)

    def away(self, room: HubRoom) -> tuple[str, ...]:
        """The names of members of ``room`` who are not here now, where members stay meanwhile."""
        if not room.keeps_members:
            return ()
        members = room.state.members
        return tuple(
            str(members[key].name) for key in sorted(members) if not self.is_present(room, key)
        )

    def is_elsewhere(self, room: HubRoom, user: User) -> bool:
        """Whether ``user`` is a member of ``room`` who is present at another node, if at any."""
        if self._node is None or user.name.key in self.in_room(room):
            return False
        member = room.state.members.get(user.name.key)
        return member is not None and member.id is not None and member.id == user.id

    # What happens

    def load(self, room: HubRoom, user: User, now: float) -> None:
        """Takes a member of ``room`` whom the log has from before the start.

        Whose connection was to this server lost it when the server stopped.
        """
        if room.keeps_members and user.resumable:
            return
        here = self._attend(room, user)
        if isinstance(here, NodeAttendance):
            here.row = True  # though there is none: the leave is owed all the same
            here.lost = user.resumable
        if user.resumable:
            self._begin_grace(here, now)
        self._follow(here)

    def take_over(self, room: HubRoom, user: User, now: float, *, grace: bool) -> None:
        """The log has as this node's what another one has left: ``user`` was in ``room`` there.

        ``grace``: they may come back for a while; otherwise they had the time.
        """
        here = self.in_room(room).get(user.name.key)
        if here is None:
            here = self._attend(room, user)
        if isinstance(here, NodeAttendance):
            here.row = here.lost = True
        if grace and user.resumable and not here.present:
            self._begin_grace(here, now, told=True)
        self._follow(here)

    def only_at(self, places: Collection[tuple[int, str]]) -> None:
        """The log has this node's attendances at these ``places`` and no others.

        They are the ids of rooms, each with the key of a user's name.
        """
        for here in [here for inside in self._rooms.values() for here in inside.values()]:
            if not isinstance(here, NodeAttendance) or here.writing or here.unsure:
                continue
            if (here.room.id, here.user.name.key) not in places:
                here.row = False
                self._follow(here)

    def enter(self, session: Session, command: Join, room: HubRoom) -> None:
        """``session`` comes in; ``entered`` or ``refused`` tells how it went, maybe at once."""
        user = session.user
        assert user is not None
        user.now = None
        here = self.in_room(room).get(user.name.key)
        if here is None:
            here = self._attend(room, user)
            self._note(here)
        here.user = user
        here.for_good = False
        self._reasons.pop(here, None)
        if isinstance(here, NodeAttendance):
            here.now = None
            if here.grace_until is not None and here.recorded is user:
                # It may be over by the log: they have said goodbye at another node, or that has
                # taken over what is only kept here. So they come in when the log has them as
                # present again.
                here.row = False
        self._end_grace(here)
        here.sessions += (session,)
        if here.sessions == user.sessions:
            here.sessions = user.sessions  # one tuple for both, as mostly they have the same
        here.arriving += ((session, command),)
        self._follow(here)
        if user.was is not None:
            self._let_go(user.was.user, room)

    def leave(
        self,
        session: Session,
        room: HubRoom,
        *,
        deliberate: bool,
        now: float,
        for_good: bool = False,
        reason: str | None = None,
    ) -> None:
        """``session`` is gone. Who lost the connection stays for the grace period.

        ``for_good``: the user wants to be no member any more, also where members stay while they
        are away. Then the user's other sessions are out of the room, too. ``reason``: what they say
        of it, if that was the last one.
        """
        user = session.user
        assert user is not None
        here = self.in_room(room).get(user.name.key)
        if here is None:
            return  # the user was put out of the room
        here.remove(session)
        here.arriving = tuple(waiting for waiting in here.arriving if waiting[0] is not session)
        if for_good and room.keeps_members:
            here.for_good = True
            self._put_all_out(here)
        if isinstance(here, NodeAttendance):
            here.lost = not deliberate and user.resumable
        if reason is not None and not here.sessions:
            self._reasons[here] = reason
        if not here.sessions and not deliberate and user.resumable:
            self._begin_grace(here, now)
        self._follow(here)

    def step_out(self, session: Session, room: HubRoom, now: float) -> None:
        """``session`` is about to be somebody else's, and its user's name is given up.

        Who that is may come in within the grace period, and the room is told of a new name then.
        """
        user = session.user
        assert user is not None
        here = self.in_room(room).get(user.name.key)
        if here is None:
            return  # the user was put out of the room
        here.remove(session)
        here.for_good = True
        if isinstance(here, NodeAttendance):
            here.lost = False
        self._begin_grace(here, now, told=True)

    def _let_go(self, former: User, room: HubRoom) -> None:
        """Who has given up that name by `step_out` has it in ``room`` no longer."""
        here = self.in_room(room).get(former.name.key)
        if here is None or here.user is not former or here.sessions:
            return
        if here.for_good and here.grace_until is not None:
            self._end_grace(here)
            self._follow(here)

    def let_go(self, former: Former, rooms: Iterable[HubRoom]) -> None:
        """Nobody comes into ``rooms`` any more who was ``former``."""
        for room in rooms:
            self._let_go(former.user, room)

    def leave_for_good(self, room: HubRoom, user: User) -> None:
        """``user``, who is not connected any more, is no member of ``room`` from now on."""
        here = self.in_room(room).get(user.name.key)
        member = room.state.members.get(user.name.key)
        if here is None and not room.gone and member is not None and member.id == user.id:
            here = self._attend(room, user)
        if here is not None and not here.sessions:
            here.for_good = True
            self._end_grace(here)
            self._follow(here)

    def expel(self, room: HubRoom, is_hit: Callable[[User], bool]) -> None:
        """Puts all out of ``room`` who are hit by something that may hit many."""
        for key, member in list(room.state.members.items()):
            if key not in self.in_room(room) and is_hit(User(member.name, member.id)):
                self.leave_for_good(room, User(member.name, member.id))
        for here in list(self.in_room(room).values()):
            if is_hit(here.user):
                here.for_good = True
                self._put_all_out(here)
                self._end_grace(here)
                self._follow(here)

    def _put_all_out(self, here: Attendance, error: ChatError | None = None) -> None:
        """Neither do those come in whose join is on its way."""
        arriving, here.arriving = here.arriving, ()
        sessions, here.sessions = here.sessions, ()
        waiting = {session for session, _ in arriving}
        for session in sessions:
            if session not in waiting:
                self._put_out(session, here.room)
        for session, command in arriving:
            because = error or self._barred(here.user, here.room)
            gone = NotInRoom(f"You were put out of {here.room.name} just now.")
            self._refused(session, command, because or gone)

    def rename(self, former: User, user: User, seq: int) -> set[HubRoom]:
        """The account ``former`` is ``user`` by the event ``seq``; returns where they are present.

        Rooms are told by a join that names the former name, and a leave that names the new one.
        """
        rooms = {room for session in user.sessions for room in session.rooms}
        rooms |= {one.arriving for one in user.sessions if one.arriving is not None}
        present = set()
        for room in rooms:
            here = self.in_room(room).get(former.name.key)
            if here is None:
                continue
            present.add(room)
            if former.name.key == user.name.key:
                here.user = here.recorded = user
                continue
            later = self._attend(room, user)
            later.sessions = here.sessions
            later.arriving, here.arriving = here.arriving, ()
        if former.name.key == user.name.key:
            return present
        self.renamed(former, user, present, seq)
        for room in present:
            here = self.in_room(room)[former.name.key]
            self._follow(self.in_room(room)[user.name.key])
            here.sessions, here.for_good = (), True  # only now: the join has named who this was
            self._end_grace(here)
            self._follow(here)
        return present

    def given_up(self, user: User, rooms: Iterable[HubRoom]) -> None:
        """The name of ``user`` is free, so that no grace period in ``rooms`` has a purpose."""
        for room in rooms:
            here = self.in_room(room).get(user.name.key)
            if here is not None and here.user is user and here.grace_until is not None:
                if isinstance(here, NodeAttendance):
                    here.lost = False
                self._end_grace(here)
                self._follow(here)

    def renamed(
        self, former: User, user: User, rooms: Iterable[HubRoom], seq: int | None = None
    ) -> None:
        """``user`` was ``former`` until now; ``rooms``: where they may have been.

        ``seq``: of the event in the directory, if they have an account.
        """
        keys = {room.name.key for room in rooms if self._was_in(room, former)}
        former.now, user.was = user, Former(former, keys, seq)

    def owes(self, user: User, room: HubRoom) -> bool:
        """Whether the log has not yet what ``user`` has done: come, or gone."""
        here = self.in_room(room).get(user.name.key)
        return here is not None and not here.consistent

    def when_gone(
        self, user: User, rooms: Iterable[HubRoom], over: Callable[[], None], now: float
    ) -> None:
        """Calls ``over`` when the log has that ``user`` left ``rooms``; see `Departures.wait`."""
        found = [self.in_room(room).get(user.name.key) for room in rooms]
        self._departures.wait([here for here in found if here and not here.consistent], over, now)

    def vacate(self, room: HubRoom) -> list[Attendance]:
        """The room is no more, and the log is owed nothing for it; returns who was in it."""
        vacated = list(self._rooms.pop(room, {}).values())
        for here in vacated:
            self._end_grace(here)
            self._reasons.pop(here, None)
            self._departures.logged(here)
        return vacated

    def resume(self, room: HubRoom, vacated: Iterable[Attendance]) -> None:
        """``room`` is what the log has of one that was ``vacated``: it is owed the leaves."""
        for one in vacated:
            key = one.recorded.name.key
            here = self.in_room(room).get(key)
            if isinstance(one, NodeAttendance) and one.row and not one.writing:
                if here is None:
                    here = self._attend(room, one.recorded)
                if isinstance(here, NodeAttendance) and not here.writing:
                    here.row = True
                self._follow(here)

    def expelled(self, room: HubRoom, event: AnyEvent) -> None:
        """By ``event``, which was shown, somebody is no member any more who has not left.

        Their sessions are put out of the room. A session whose join is on its way behind that event
        comes in by it.
        """
        for change in member_changes(event):
            here = self.in_room(room).get(change.user.key)
            if here is not None and not here.logged:
                if isinstance(here, NodeAttendance) and not (here.writing or here.unsure):
                    here.row = False  # went with it
                self._expel(room, here)

    def renamed_elsewhere(self, room: HubRoom, event: Joined) -> None:
        """By ``event`` a guest is in ``room`` under a new name, maybe by another node's word."""
        here = self.in_room(room).get(UserName.recall(event.was or "").key)
        same = here is not None and event.by_id is not None and here.recorded.id == event.by_id
        if isinstance(here, NodeAttendance) and same and not here.sessions:
            here.now = UserName.recall(event.by)

    def left(self, room: HubRoom, event: Left) -> None:
        """A user has left, maybe by the word of another node: for good, if they are here, too."""
        here = self.in_room(room).get(UserName.recall(event.by).key)
        if not isinstance(here, NodeAttendance):
            return
        same = here.recorded.id == event.by_id
        if event.now is not None:
            if same and here.row and not here.sessions:
                self._moved(here, UserName.recall(event.now))
        elif not here.writing and not here.logged:
            here.row = here.unsure
            if same:
                self._expel(room, here)

    def _moved(self, here: NodeAttendance, now: UserName) -> None:
        """The row of this node may be under the new name, as by the log somebody was here yet."""
        later = self.in_room(here.room).get(now.key)
        if later is None:
            later = self._attend(here.room, User(now, here.recorded.id))
            assert isinstance(later, NodeAttendance)
            later.row = later.lost = True
        self._follow(later)

    def reloaded(self, room: HubRoom) -> None:
        """The log of ``room`` was ahead, and is not known in between: who is no member is out."""
        for here in list(self.in_room(room).values()):
            if here.logged:
                self._follow(here)
            else:
                self._expel(room, here)

    def _expel(self, room: HubRoom, here: Attendance) -> None:
        if self._dead():
            return
        arriving = {session for session, _ in here.arriving}
        for session in here.sessions:
            if session not in arriving:
                here.remove(session)
                self._put_out(session, room)
        self._end_grace(here)
        self._follow(here)

    def follow_all(self, room: HubRoom) -> None:
        """``room`` takes joins and leaves again, after it was given a name."""
        for here in list(self.in_room(room).values()):
            self._follow(here)

    def reconcile(self, room: HubRoom, *, opened: bool = False) -> None:
        """The room's log was ahead: it may have joins and leaves that it had reported as refused.

        A member whom nobody attends is given an attendance without a session, and so will leave.
        Where there are other nodes only if the room is ``opened`` just now, where members stayed
        while they were away: then the log knows whether they are present elsewhere.
        """
        absent = (self._node is None or opened) and not room.keeps_members
        for key, member in room.state.members.items() if absent else ():
            if key not in self.in_room(room):
                here = self._attend(room, User(member.name, member.id))
                if isinstance(here, NodeAttendance):
                    here.row = True
        for here in list(self.in_room(room).values()):
            self._follow(here)

    def tick(self, now: float) -> None:
        """Ends the grace periods that are over at ``now``, and tries again what was refused."""
        for _ in range(min(MOST_LEAVES, len(self._in_grace))):
            here, deadline = next(iter(self._in_grace.items()))
            if deadline > now:
                break
            self._end_grace(here)
            self._follow(here)
        self._departures.tick(now)
        if self._retries:
            due = [here for when, here in self._retries if when <= now]
            self._retries = [retry for retry in self._retries if retry[0] > now]
            for here in due:
                self._follow(here)

    # How the log follows

    def _attend(self, room: HubRoom, user: User) -> Attendance:
        kind = Attendance if self._node is None else NodeAttendance
        here = kind(room, user, user)
        self._rooms.setdefault(room, {})[user.name.key] = here
        return here

    def _begin_grace(self, here: Attendance, now: float, *, told: bool = False) -> None:
        """``told``: the log knows it."""
        self._end_grace(here)
        here.grace_until = self._in_grace[here] = now + self._grace_seconds
        if not told:
            self._tell_grace(here)

    def _tell_grace(self, here: Attendance) -> None:
        """Lets a goodbye at another node end what is kept here only for who may come back."""
        if self._node is not None and isinstance(here, NodeAttendance) and here.row:
            user = here.recorded
            self._log.append(Attend(self._node, here.room.name, user.name, user.id, grace=True))

    def _end_grace(self, here: Attendance) -> None:
        here.grace_until = None
        self._in_grace.pop(here, None)

    def _written(self, here: Attendance, joins: bool, outcome: Settled) -> None:
        """The join or leave that was on its way is on disk, or refused."""
        here.writing = False
        here.room.coming -= joins
        event, error = outcome.event, outcome.error
        if event is not None and outcome.room_id not in (None, here.room.id):
            self._undo(here, outcome)  # it was a room that has had the name since
        elif isinstance(here, NodeAttendance):
            here.unsure = error is not None  # a refused one may be there all the same
            here.row = joins or here.unsure
            here.told = outcome.duplicate and not joins  # with a nonce it would be one for ever
            if here.row and error is None and not here.sessions and here.grace_until is not None:
                self._tell_grace(here)
        if self.in_room(here.room).get(here.user.name.key) is not here:  # it was vacated meanwhile
            room = self._now(here.room, outcome.room_id)
            if room is not None:
                self.resume(room, [here])
        elif error is None or here.consistent:
            self._follow(here, event.seq if event is not None else None)
        else:
            self._turn_away(here, error)

    def _undo(self, here: Attendance, outcome: Settled) -> None:
        """The join is in another room than it was meant for: it is taken back there."""
        event, entry, user = outcome.event, outcome.entry, here.recorded
        if self._node is not None and isinstance(event, Joined) and isinstance(entry, Draft):
            left = Left(UNSEQUENCED, self._clock(), user.name, by_id=user.id)
            gone = Depart(self._node, entry.room, user.name, user.id)
            self._log.append(Draft(entry.room, left, also=(gone,), room_id=outcome.room_id))

    def _turn_away(self, here: Attendance, error: ChatError) -> None:
        """Sessions that wait for the join that the log refused are told; a leave is tried again.

        So is the join of a user who is present, but no member, because the log had saved a leave
        that it reported as refused. Not at once: a closed log refuses for ever.
        """
        self._end_grace(here)
        refused, here.arriving = here.arriving, ()
        for session, _ in refused:
            here.remove(session)
        for session, command in refused:
            self._refused(session, command, error)
        if here.consistent:
            self._follow(here)
        else:
            self._retries.append((self._monotonic() + RETRY_SECONDS, here))

    def _follow(self, here: Attendance, seq: int | None = None) -> None:
        """Writes the join or leave that is owed; if none is, lets in the sessions that wait.

        ``seq``: of the join by which they come in, if it is known.
        """
        room, key = here.room, here.user.name.key
        # It may have been removed while it was to be tried again, and replaced by another one.
        if here.writing or self.in_room(room).get(key) is not here:
            return
        if not here.consistent:
            joins = here.joins
            barred = self._barred(here.user, room) if joins else None
            if barred is None:
                self._write(here, joins=joins)
            else:
                self._bar(here, barred)
            return
        if here.present:
            arrived, here.arriving = here.arriving, ()
            for session, command in arrived:
                if session in here.sessions:
                    self._entered(session, command, room, seq)
                else:  # another one of the user was not let in, and with it none is
                    self._refused(session, command, NotInRoom(f"You may not enter {room.name}."))
        else:
            self._remove(here)
        self._departures.logged(here)

    def _bar(self, here: Attendance, error: ChatError) -> None:
        """Who is no member by the log, and may not be one, is put out, or does not come in."""
        self._end_grace(here)
        self._put_all_out(here, error)
        self._remove(here)
        self._departures.logged(here)

    def _note(self, here: Attendance) -> None:
        if here.room.keeps_members and here.logged:
            self._appeared(here.room, here.user.name.key)

    def _remove(self, here: Attendance) -> None:
        self._note(here)
        self._reasons.pop(here, None)
        others = self._rooms[here.room]
        del others[here.user.name.key]
        if not others:
            del self._rooms[here.room]
            self._emptied(here.room)

    def _write(self, here: Attendance, *, joins: bool) -> None:
        if here.room.frozen:
            self._retries.append((self._monotonic() + RETRY_SECONDS, here))
            return
        here.writing = True
        if joins:
            here.recorded = here.user
            here.room.coming += 1
        user, at = here.recorded, self._clock()
        event = self._join_of(here, at) if joins else self._leave_of(here, at)
        nonce = None
        if isinstance(event, Joined | Left):
            later = user if joins else user.now
            told = None if later is None else later.was
            if told is not None and told.renaming is not None:
                nonce = renaming_nonce(event, here.room, told.renaming)
        done = partial(self._written, here, joins)
        if self._node is None:
            also: tuple[Row, ...] = ()
            if isinstance(event, Left):  # not needed behind what puts them out in the same group
                also = (Depart(ALONE, here.room.name, user.name, user.id),)
            self._log.append(here.room.draft(event, nonce=nonce, done=done, also=also))
        else:
            self._write_row(self._node, here, event, nonce, done)

    def _join_of(self, here: Attendance, at: int) -> Joined:
        """The join of who is in the room now."""
        user, room = here.recorded, here.room
        former = self._former(user, room)
        owns = any(command.owns for _, command in here.arriving)
        role = room.role_of_maker(user, owns=owns)
        return room.state.join(
            user.name,
            at,
            None if former is None else former.name,
            was_id=None if former is None else former.id,
            role=role,
            passing=role is not None and not user.account,
            by_id=user.id,
        )

    def _leave_of(self, here: Attendance, at: int) -> Left:
        """The leave of who is in the room by the log."""
        user, now = here.recorded, self._new_name(here)
        gone, reason = now is None and self._gone(user), self._reasons.get(here)
        return here.room.state.leave(user.name, at, now, by_id=user.id, gone=gone, reason=reason)

    def _write_row(
        self, node: str, here: Attendance, event: Joined | Left, nonce: str | None, done: Done
    ) -> None:
        """The same with what this node tells of itself."""
        room, user = here.room.name, here.recorded
        if isinstance(event, Joined):
            row = Attend(node, room, user.name, user.id)
            self._log.append(here.room.draft(event, nonce=nonce, done=done, also=(row,)))
            return
        lost = isinstance(here, NodeAttendance) and here.lost and not here.for_good
        now = None if nonce is None or event.now is None else UserName.recall(event.now)
        gone = Depart(
            node,
            room,
            user.name,
            user.id,
            deliberate=not lost,
            everywhere=here.for_good,
            now=now,
        )
        if here.room.keeps_members and not here.for_good:
            self._log.append(replace(gone, done=done))  # who is away stays a member
        else:
            self._log.append(here.room.draft(event, nonce=nonce, done=done, also=(gone,)))

    # Renaming, which is told as a join and a leave that name each other

    def _former(self, user: User, room: HubRoom) -> User | None:
        """As whom ``user``, who joins, is in the room already. It is told once."""
        former, key = user.was, room.name.key
        if former is None or key not in former.rooms:
            return None
        member = room.state.members.get(user.name.key)
        if former.renaming is None and member is not None and member.id == user.id:
            return None  # they were here by that name all the time
        former.rooms.discard(key)
        there = self._is_recorded(former.user, room) or self.is_elsewhere(room, former.user)
        return former.user if there else None

    def _new_name(self, here: Attendance) -> UserName | None:
        """The name by which the user, who leaves, stays in the room, which was told of it.

        A name by itself does not tell: somebody else may have it by now.
        """
        if isinstance(here, NodeAttendance) and here.told:
            return None
        room, user = here.room, here.recorded
        now = user.now
        if now is None or now.was is None or now.was.user is not user:
            again = here.now if isinstance(here, NodeAttendance) else None
            member = None if again is None else room.state.members.get(again.key)
            return None if member is None or member.id != user.id else again
        told = room.name.key not in now.was.rooms
        return now.name if told and self._is_recorded(now, room) else None

    def _was_in(self, room: HubRoom, user: User) -> bool:
        """Whether the log has ``user`` in ``room``."""
        here = self.in_room(room).get(user.name.key)
        return here.recorded is user if here is not None else self.is_elsewhere(room, user)

    def _is_recorded(self, user: User, room: HubRoom) -> bool:
        here = self.in_room(room).get(user.name.key)
        return here is not None and here.recorded is user and here.present


def renaming_nonce(event: Joined | Left, room: HubRoom, mark: int | str) -> str | None:
    """By what the log knows again that ``room`` is told of a renaming, and looks whether it fits.

    Every server tells it, where the user is present or away. No nonce of a client begins so. None
    for an event that tells of no renaming. ``mark``: the ``seq`` of the renaming in the directory,
    or what tells a guest's, who is in none, from all others.
    """
    if isinstance(event, Joined):
        return None if event.was is None else f" as {mark} {room.first_key}"
    return None if event.now is None else f" was {mark} {room.first_key}"
