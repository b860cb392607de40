"""The client's side of the JSON protocol, without I/O: replies in; updates and commands out.

On each connection, `hello` makes the first command and `connected` takes the welcome. Then
`receive` takes each reply and `commands` gives the commands to send, until `disconnected`. At any
time the program may call `join`, `leave`, `send`, `ask` and the like.
"""

from __future__ import annotations

import itertools
import sys
from collections.abc import Iterable, Mapping

from msgspec.structs import replace

from hubbub.client.change import Does
from hubbub.client.directs import Directs
from hubbub.client.line import Line, Unsent
from hubbub.client.login import Login, Rename
from hubbub.client.marks import MarkResend, Marks
from hubbub.client.me import Me
from hubbub.client.membership import Membership
from hubbub.client.overtaken import Overtaken
from hubbub.client.pace import Pace
from hubbub.client.pending import Pending
from hubbub.client.reading import Reading
from hubbub.client.requests import Request, Requests, Then
from hubbub.client.resume import Mark, Resume
from hubbub.client.rooms import Room, Rooms, Stage, room_key
from hubbub.client.sendable import check, encoded
from hubbub.client.sendqueue import MAX_UNSENT, SendQueue
from hubbub.client.source import Answered, Source
from hubbub.client.speaking import Speaking
from hubbub.client.updates import (
    Announced,
    Connected,
    Entered,
    Invited,
    LoggedOut,
    PresenceChanged,
    ProfileChanged,
    ReadElsewhere,
    Renamed,
    RoomReset,
    SomeoneIsTyping,
    StandingChanged,
    Update,
    Warned,
)
from hubbub.domain import replies
from hubbub.domain.commands import Bye, Command, Hello, Join, Read, Typing
from hubbub.domain.errors import ChatError, Forbidden, NotAllowed, NotInRoom
from hubbub.domain.events import Event, Joined
from hubbub.domain.names import RoomName, UserName
from hubbub.domain.replies import (
    DirectRoom,
    Events,
    Invitation,
    Limits,
    Messages,
    Page,
    ReadUpTo,
    Reply,
    RoomDeleted,
    RoomLeft,
    RoomMoved,
    RoomStanding,
    SomeoneTyping,
    Welcome,
)
from hubbub.domain.text import parse_text

STAMPS = "stamps"
"""The feature of servers that check the times of cursors; others do not know the field."""


class Protocol:
    """The state of one chat across all its connections.

    Times (``now``) are monotonic, in seconds. ``renamed`` is called when we have another name.
    """

    def __init__(
        self,
        resume: Resume | None = None,
        *,
        max_unsent: int = MAX_UNSENT,
        directs: bool = False,
    ) -> None:
        """Continues from ``resume``. ``directs``: direct conversations are entered by themselves.

        Raises `InvalidName` and `BadMessage` for invalid contents.
        """
        resume = resume or Resume()
        self.me = Me(resume.user, resume.user_id)
        self.token = resume.token
        self.log = resume.log
        self.limits: Limits | None = None
        self.online = False
        self.rooms = Rooms()
        self.queue = SendQueue(max_unsent)
        self._membership = Membership(self.rooms, self.queue.has, self._room_lost, self._room_moved)
        self._requests = Requests()
        self._overtaken = Overtaken()
        self.account = Login(self._requests, exists=resume.account)
        self.renamed: Rename = lambda name: None
        self._directs = Directs(self.rooms, self._requests, self._enter, watched=directs)
        self._speaking = Speaking(self.queue, self.rooms)
        marks = Marks(resume.marks)
        self._reading = Reading(marks)
        self._marks_to_resend: dict[str, None] = {}
        self._sources: tuple[Source, ...] = (
            MarkResend(marks, self._marks_to_resend, self.rooms.by_key),
            self._membership,
            self._requests,
            self._speaking,
            self._reading,
            MarkResend(marks, self._marks_to_resend, lambda _: True),
        )
        self._pace = Pace(0, 0, 0.0)
        self._ids = itertools.count(1)
        self._answers: dict[int, Answered] = {}
        if self.user is not None and self.token is not None:
            encoded(Hello(user=UserName.recall(self.user), token=self.token))
            self.account.keep(UserName.recall(self.user), self.token)
        self._met = False
        self.renames = False  # whether the server knows the command `Formerly`
        self.timelines = False  # whether it knows the command `Timeline`
        self._typing: RoomName | None = None
        self._leaving = False
        for name, after in resume.cursors.items():
            room = RoomName.parse(name)
            at = resume.stamps.get(name)
            check(Join(room=room, after=after, after_at=at), None)
            known = self.rooms.want(room, after, at)
            if resume.opened is not None:
                known.opened = known.shown in resume.opened
        for name, mark in resume.marks.items():
            check(Read(room=RoomName.parse(name), seq=mark.seq, at=mark.at), None)
        for unsent in resume.unsent:
            room = RoomName.parse(unsent.room)
            self.queue.add(Line(unsent, room.key if unsent.outside else self.rooms.want(room).key))

    @property
    def user(self) -> str | None:
        """Our name as the server writes it; None before the first welcome."""
        return self.me.name

    # Requests of the program

    def join(
        self,
        name: str,
        after: int | None = None,
        at: int | None = None,
        password: str | None = None,
        invite: str | None = None,
    ) -> Pending[Entered]:
        """Wants to be in a room; ``after`` and ``at`` are the cursor, if one is known.

        ``invite``: the code of a link. Raises `InvalidName`, and `BadMessage` for an invalid
        cursor, password or code.
        """
        room = RoomName.parse(name)
        command = Join(room=room, after=after, after_at=at, password=password, invite=invite)
        check(command, None)
        return self._membership.join(room, after, at, password, invite)

    def _enter(self, room: RoomName, after: int) -> None:
        """Wants to be in a room behind the event ``after``, without anybody waiting for it."""
        self.rooms.want(room, after)

    def wait_no_more(self, name: str, entered: Pending[Entered]) -> None:
        """Drops a result of `join` that is not needed any more; the room is joined all the same."""
        room = self.rooms.get(name)
        if room is not None and entered in room.waiters:
            room.waiters.remove(entered)

    def leave(self, name: str, *, for_good: bool = True) -> Pending[None]:
        """Wants to leave a room as soon as our lines there are saved."""
        room = self.rooms.get(name)
        if room is None:
            left: Pending[None] = Pending()
            left.resolve(None)
            return left
        return self._membership.leave(room, for_good=for_good)

    def send(self, unsent: Unsent) -> Line:
        """Queues a line for a room that we want to be in, or for one from outside.

        Raises `InvalidName`, `NotInRoom`, `QueueFull`, `TextTooLong` for a text that no frame
        holds, and the errors of `hubbub.domain.text.parse_text`.
        """
        room = self.rooms.get(unsent.room)
        inside = room is not None and room.leaving is None
        if not (inside or unsent.outside):
            raise NotInRoom(f"You are not in {unsent.room}. Join it first.")
        unsent = replace(unsent, outside=not inside)
        if room is None:
            key = RoomName.parse(unsent.room).key
        else:
            key = room.key
            if room_key(unsent.room) != key:  # a former name, which may be another room's by now
                unsent = replace(unsent, room=room.shown)
        limits = self.limits
        most = (limits.text, limits.lines) if limits else (sys.maxsize, sys.maxsize)
        line = Line(_parsed(unsent, *most), key)
        self._speaking.check(line)
        self.queue.add(line)
        return line

    def ask(self, command: Command, *, repeat: bool = True, then: Then | None = None) -> Request:
        """Queues a command with an answer; ``repeat`` and ``then`` as in `Request`.

        Raises `BadMessage` or `LineTooLong` for one that cannot be sent.
        """
        if then is None:
            return self._requests.ask(command, repeat=repeat)
        return self._requests.ask(command, repeat=repeat, then=then)

    def cancel(self, request: Request) -> None:
        """Drops a request whose answer is not needed any more."""
        self._requests.cancel(request)

    def read(self, name: str, seq: int, at: int | None = None) -> None:
        """Moves the read marker of a room to the event ``seq``; ``at`` is its time, if known.

        Raises `InvalidName` and `BadMessage`.
        """
        room = RoomName.parse(name)
        check(Read(room=room, seq=seq, at=at), None)
        known = self.rooms.get(room)
        self._reading.read(room if known is None else known.name, seq, at)

    def recall(self, marks: Mapping[str, Mark]) -> None:
        """Restores read markers of an earlier run; they are sent before the rooms are joined.

        Raises `InvalidName` and `BadMessage`.
        """
        for name, mark in marks.items():
            room = RoomName.parse(name)
            check(Read(room=room, seq=mark.seq, at=mark.at), None)
            self._reading.marks.move(room, mark.seq, mark.at)
            if self._reading.stamps:
                self._marks_to_resend[room.key] = None

    def typing(self, name: str) -> None:
        """Tells a room that we are typing, if that can be sent now."""
        self._typing = RoomName.parse(name)

    def goodbye(self) -> None:
        """Ends the chat: the next command is the last one."""
        self._leaving = True

    def resume(self) -> Resume:
        """The state to store, so that the next run can continue from here."""
        rooms = [room for room in self.rooms if room.cursor]
        return Resume(
            user=self.user,
            user_id=self.me.id,
            account=self.account.exists,
            token=self.token,
            log=self.log,
            cursors={room.shown: room.cursor.seq for room in self.rooms if room.cursor},
            stamps={
                room.shown: room.cursor.at
                for room in self.rooms
                if room.cursor and room.cursor.at is not None
            },
            unsent=self.queue.to_keep(),
            marks=self._reading.marks.all(),
            opened=[str(room.shown) for room in rooms if room.was_open] if rooms else None,
        )

    # A connection's life

    def hello(
        self, user: UserName, client: str, password: str | None = None, code: str | None = None
    ) -> Hello:
        """The first command of a connection, with our token for that name, if we have one.

        A token of any name that was ours is used: so we can return to a name that the server still
        holds for us.
        """
        token = self.account.token(user)
        return Hello(user=user, token=token, password=password, code=code, client=client)

    def connected(self, welcome: Welcome, now: float) -> list[Update]:
        """Takes the server's welcome."""
        stamps = STAMPS in welcome.features
        self._refuse_lines_of_another(welcome)
        if not self._knows_nonces(welcome):
            self.queue.nonces_lost()
            self._marks_to_resend.update(
                dict.fromkeys(self._reading.marks.keys() if stamps else ())
            )
        updates: list[Update] = [
            Connected(
                welcome.user,
                welcome.server,
                welcome.log,
                welcome.limits,
                tuple(welcome.features),
                self._met,
                welcome.user_id,
                welcome.account,
                welcome.role,
                welcome.profile,
            )
        ]
        was = self.me.name
        if welcome.account and was not in (None, welcome.user) and welcome.user_id == self.me.id:
            updates.append(Renamed(welcome.user, was or ""))  # on another device, meanwhile
        if self.log not in (None, welcome.log):
            updates += self._membership.another_log()
            self._forget_seen(updates)
        self.log = welcome.log
        self._welcomed(welcome)
        self.limits = welcome.limits
        self._pace = Pace(welcome.limits.rate, welcome.limits.burst, now)
        self._speaking.max_bytes = self._requests.max_bytes = welcome.limits.line
        self._reading.supported = "read" in welcome.features
        self._membership.stamps = self._reading.stamps = stamps
        self.renames = "renames" in welcome.features
        self.timelines = "timeline" in welcome.features
        self._membership.connected()
        self._directs.connected(welcome.features)
        self._met = self.online = True
        return updates

    def _refuse_lines_of_another(self, welcome: Welcome) -> None:
        """What one account has written is not sent as another one's."""
        if not self.account.exists or self.me.id in (None, welcome.user_id):
            return
        for line in self.queue:
            why = f"You wrote this as {self.user}, and are {welcome.user} now. It was not sent."
            self.queue.failed(line, NotAllowed(why))

    def _knows_nonces(self, welcome: Welcome) -> bool:
        """Whether the server knows the nonces of what we have sent before.

        An account's are known by its id for good; a guest's as long as the token is.
        """
        if welcome.account and welcome.user_id is not None and welcome.user_id == self.me.id:
            return welcome.log == self.log
        return welcome.token is not None and welcome.token == self.token

    def _welcomed(self, welcome: Welcome) -> None:
        self.token = welcome.token
        self.known_as(Me(welcome.user, welcome.user_id))
        self.account.welcomed(welcome)

    def registered(self, reply: Reply) -> Iterable[Update]:
        """Takes the answer to a `Register`: we are who we were, and have an account."""
        if isinstance(reply, Welcome):
            self._welcomed(reply)
        return ()

    def called(self, user: UserName) -> Iterable[Update]:
        """Our account has another name."""
        was = self.me.name
        if was is None or was == str(user):
            return ()
        self.account.renamed(UserName.recall(was), user)
        self.known_as(Me(str(user), self.me.id))
        self.renamed(user)
        return (Renamed(str(user), was),)

    def logged_out(self, error: ChatError) -> Update:
        """The server does not let us in any more. Lines and rooms stay, for a new login."""
        self._requests.logged_out(error)
        self.disconnected()
        user = self.me.name or ""
        if not isinstance(error, Forbidden):  # a ban may end, and then the token counts again
            self.account.forget(UserName.recall(user))
            self.token = None
        return LoggedOut(user, error)

    def known_as(self, me: Me) -> None:
        """Takes our name and id as the server has them."""
        self.me = self._speaking.me = me

    def receive(self, reply: Reply, now: float) -> list[Update]:
        """Takes one reply."""
        if isinstance(reply, Events):
            return self._events(reply, now)
        if isinstance(reply, SomeoneTyping):
            return [SomeoneIsTyping(reply.room, reply.by)] if self.rooms.get(reply.room) else []
        if isinstance(reply, ReadUpTo) and reply.re is None:
            room = self.rooms.get(reply.room)
            if room is None:  # the inbox keeps one such update per room: their number is bounded so
                return []
            self._reading.server_marker(room.name, reply.seq)
            mentions = reply.unread if room.is_direct else reply.mentions
            return [ReadElsewhere(reply.room, reply.seq, reply.unread, mentions)]
        if isinstance(reply, RoomLeft) and reply.re is None:
            if reply.put_out:
                return list(self._membership.put_out(reply.room))
            self._membership.moved_out(reply.room, now)
            return []
        if isinstance(reply, RoomMoved):
            return list(self._membership.moved(reply.room, reply.name))
        if isinstance(reply, RoomStanding):
            return self._standing(reply)
        if isinstance(reply, replies.Presence):
            return self._presence(reply)
        if isinstance(reply, replies.ProfileChanged):
            self.account.profile = reply.profile
            if reply.role is not None:
                self.account.role = reply.role
            return [ProfileChanged(reply.profile)]
        if isinstance(reply, Invitation):
            return [Invited(reply.room, reply.by)]
        if isinstance(reply, replies.Warned):
            return [Warned(reply.message)]
        if isinstance(reply, replies.Announced):
            return [Announced(reply.by, reply.text)]
        if isinstance(reply, DirectRoom) and reply.re is None:
            self._directs.told(reply)
            return []
        deleted: Iterable[Update] = ()
        if isinstance(reply, RoomDeleted):
            deleted = self._membership.deleted(reply.room, elsewhere=reply.re is None)
        if isinstance(reply.re, int) and (answered := self._answers.pop(reply.re, None)):
            self._pace.answered(reply.re)
            if isinstance(reply, (Page, Messages)):
                reply = self._overtaken.present(self.rooms.key_of(reply.room), reply)
            updates = list(answered(reply, now))
            if not self._requests.awaits_page:
                self._overtaken.forget()
            self._forget_seen(updates)
            for update in updates:
                if isinstance(update, Entered):
                    self._entered(update)
            return updates
        return list(deleted)

    @property
    def expecting(self) -> bool:
        """Whether answers are outstanding."""
        return bool(self._answers)

    def commands(self, now: float) -> list[Command]:
        """The commands to send now."""
        if not self.online:
            return []
        if self._leaving:
            self.online = False
            return [Bye()]
        commands: list[Command] = []
        while self._pace.wait(now) == 0.0:
            for source in self._sources:
                if found := source.next(now):
                    commands.append(self._number(*found, now))
                    break
            else:
                break
        if self._typing is not None:
            if self._pace.wait(now) == 0.0 and not self.queue:
                self._pace.spend(now)
                commands.append(Typing(room=self._typing))
            self._typing = None
        return commands

    def due(self, now: float) -> float | None:
        """When the next command may be sent, if nothing else happens; None: not by time alone."""
        wait = self._pace.wait(now) if self.online else None
        if wait is None:
            return None
        times = [due for source in self._sources if (due := source.due(now)) is not None]
        return max(min(times), now + wait) if times else None

    def disconnected(self) -> None:
        """The connection is gone."""
        self.online = False
        self._answers.clear()
        self._overtaken.forget()
        for source in self._sources:
            source.disconnected()

    def close(self, error: Exception) -> None:
        """There will be no more connections: everything that is awaited fails with ``error``."""
        self.online = False
        for source in self._sources:
            source.close(error)

    # Internal

    def _number(self, command: Command, answered: Answered, now: float) -> Command:
        id = next(self._ids)
        self._pace.sent(id, now)
        self._answers[id] = answered
        return replace(command, id=id)

    def _events(self, reply: Events, now: float) -> list[Update]:
        room = self.rooms.get(reply.room)
        if room is None:
            return []
        inside, standing = room.stage is Stage.IN, room.standing
        happened = room.take(reply)
        if self._requests.awaits_page:
            self._overtaken.hear(room.key, [one.event for one in happened])
        self._reading.marks.learn(room.key, reply.events)
        if inside and room.stage is Stage.OUT:
            self._membership.enters_again(room, now)
        renamed: list[Update] = []
        for one in happened:
            self.queue.recognise(room.key, one.event)
            if one.event.seq > room.catching_up_to:
                renamed += self._renamed_by(one.event)
        self._caught_up(room)
        stands: list[Update] = []
        if room.standing.pins != standing.pins:
            stands = [StandingChanged(room.shown, room.standing)]
        return [*happened, *renamed, *stands]

    def _renamed_by(self, event: Event) -> Iterable[Update]:
        """Our account was given another name, on another device."""
        ours = self.account.exists and event.by_id is not None and event.by_id == self.me.id
        if ours and isinstance(event, Joined) and event.was == self.me.name:
            return self.called(UserName.recall(event.by))
        return ()

    def _standing(self, reply: RoomStanding) -> list[Update]:
        room = self.rooms.get(reply.room)
        if room is None:
            return []
        room.stands(reply.standing)
        return [StandingChanged(room.shown, reply.standing)]

    def _presence(self, reply: replies.Presence) -> list[Update]:
        room = self.rooms.get(reply.room)
        if room is None:
            return []
        here, status, note = reply.here, reply.status, reply.note
        return [PresenceChanged(room.shown, reply.user, here, status, note)]

    def _room_moved(self, before: str, name: RoomName) -> None:
        """The room with the key ``before`` is called ``name`` now."""
        self.queue.room_moved(before, name)
        self._reading.room_moved(before, name)
        self._overtaken.room_moved(before, name.key)
        if before in self._marks_to_resend:
            del self._marks_to_resend[before]
            self._marks_to_resend[name.key] = None

    def _entered(self, entered: Entered) -> None:
        room = self.rooms.get(entered.room)
        if room is not None and entered.read is not None:
            at = entered.at if entered.read == entered.after else None
            self._reading.server_marker(room.name, entered.read, at)
        self._caught_up(room)

    def _caught_up(self, room: Room | None) -> None:
        if room is not None and room.caught_up:
            self.queue.resolve_doubt(room.key)

    def _forget_seen(self, updates: list[Update]) -> None:
        for update in updates:
            if isinstance(update, RoomReset):
                self.queue.reset(room_key(update.room))
                self._reading.forget(room_key(update.room))

    def _room_lost(self, room: Room, error: Exception) -> None:
        for line in self.queue:
            if line.key == room.key and not line.outside:
                self.queue.failed(line, error)


def _parsed(unsent: Unsent, max_chars: int, max_lines: int) -> Unsent:
    """``unsent`` with its text as it is logged; raises what `parse_text` raises.

    A message with files needs no text. Whether one that is edited has files, the server knows.
    """
    change = unsent.change
    if change is None:
        if unsent.files and not unsent.text.strip():
            return replace(unsent, text="")
        return replace(unsent, text=parse_text(unsent.text, max_chars, max_lines))
    if change.does is Does.EDIT and change.text.strip():
        text = parse_text(change.text, max_chars, max_lines)
        return replace(unsent, change=replace(change, text=text))
    return unsent
