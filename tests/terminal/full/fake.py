"""A chat and a cache without network and disk, with the surface of the real ones."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from pathlib import Path
from typing import cast

from msgspec.structs import replace

from hubbub.client import (
    ChatClosed,
    ChatFailed,
    Connected,
    Disconnected,
    Entered,
    Happened,
    Line,
    LineState,
    Mark,
    Resume,
    RoomReset,
    Unsent,
    Update,
)
from hubbub.client.change import Change
from hubbub.client.me import Me
from hubbub.client.segment import NOTHING, Segment
from hubbub.client.updates import (
    LoggedOut,
    ProfileChanged,
    Renamed,
    RoomLost,
    RoomMoved,
    StandingChanged,
)
from hubbub.domain import commands as ask
from hubbub.domain.errors import (
    BadMessage,
    BadTicket,
    ChatError,
    NameTaken,
    NeedCode,
    NeedInvitation,
    NeedPassword,
    NoSuchRoom,
    NoSuchUser,
    NotInRoom,
    RoomHasTexts,
    WeakPassword,
    WrongPassword,
)
from hubbub.domain.events import (
    AnyEvent,
    Edited,
    Event,
    Joined,
    Kicked,
    Left,
    Pinned,
    Said,
    TopicSet,
)
from hubbub.domain.filenames import file_path
from hubbub.domain.files import File
from hubbub.domain.ids import UserId
from hubbub.domain.kinds import is_line, is_message
from hubbub.domain.names import RoomName, UserName
from hubbub.domain.projection import present, target_of
from hubbub.domain.quotes import quote_of
from hubbub.domain.replies import (
    Ack,
    BanList,
    Device,
    DirectRoom,
    Done,
    Found,
    Limits,
    Members,
    Messages,
    Page,
    Reply,
    Result,
    RoomInfo,
    RoomList,
    Standing,
    Version,
)
from hubbub.domain.rights import Action, why_not
from hubbub.domain.rules import CurrentBan, Profile, Role, RoomAccess, Status
from hubbub.domain.search import excerpt, fits, parse_query
from hubbub.domain.state import RoomState
from hubbub.domain.text import parse_text

LIMITS = Limits(text=400, line=32768, rate=0, burst=50, rooms=50, history=200, lines=50)
START = 1_690_729_200_000  # 2023-07-30 15:00:00 UTC, in ms


class FakeServer:
    """The rooms' logs. ``online``: it can be reached. ``takes``: it saves what is said. It
    greets, and finds rooms, while ``answering`` is set. ``timelines``: it has pages of lines only.
    ``answers``, ``refusals``: of commands, else `Done`. ``codes``: of second factors, ``invites``:
    of rooms; ``invitation`` is needed to register. ``people``: the ids of accounts, by names.
    ``former``: names of rooms, by the keys of those that they had. ``read``: how far rooms are, as
    it is told to members.
    """

    def __init__(self) -> None:
        self.attachments = FakeAttachments()
        self.log = "log-1"
        self.reachable = asyncio.Event()
        self.reachable.set()
        self.answering = asyncio.Event()
        self.answering.set()
        self.takes = True
        self.timelines = True
        self.refusal: ChatError | None = None
        self.rooms: dict[str, list[Event]] = {"General": []}
        self.users: dict[str, str] = {}
        self.chats: list[FakeChat] = []
        self.renamed: list[str] = []
        self.asked: list[str] = []
        self.passwords: dict[str, str] = {}
        self.ids: dict[str, UserId] = {}
        self.room_passwords: dict[str, str] = {}
        self.standings: dict[str, Standing] = {}
        self.away: dict[str, list[str]] = {}
        self.devices: list[Device] = []
        self.bans: dict[str, list[CurrentBan]] = {}
        self.done: list[ask.Command] = []
        self.answers: dict[type[ask.Command], Reply] = {}
        self.refusals: dict[type[ask.Command], ChatError] = {}
        self.codes: dict[str, str] = {}
        self.invites: dict[str, str] = {}
        self.invitation: str | None = None
        self.statuses: dict[str, dict[str, Status]] = {}
        self.profile = Profile()
        self.people: dict[str, UserId] = {}
        self.former: dict[str, str] = {}
        self.read: dict[str, int] = {}
        self.refuses: ChatError | None = None

    @property
    def online(self) -> bool:
        return self.reachable.is_set()

    def events(self, room: str) -> list[Event]:
        for name, events in self.rooms.items():
            if name.casefold() == room.casefold():
                return events
        return self.rooms.setdefault(room, [])

    def say(
        self,
        by: str,
        text: str,
        room: str = "General",
        *,
        reply_to: int | None = None,
        files: Sequence[File] = (),
    ) -> Event:
        answered = self.events(room)[reply_to - 1] if reply_to else None
        quote = quote_of(answered.by, answered.text) if is_message(answered) else None
        told = tuple(files)
        return self.append(
            room, lambda seq, at: Said(seq, at, by, text, reply_to, quote, files=told)
        )

    def present(self, room: str) -> list[AnyEvent]:
        """The events of a room, each message as it is now."""
        events = cast("list[AnyEvent]", self.events(room))
        return present(events, [one for one in events if target_of(one) is not None])

    def change(self, by: str, change: Change, room: str = "General") -> Event:
        """Somebody changes a message."""
        event = self.append(room, lambda seq, at: change.event(seq, at, Me(by)))
        if isinstance(event, Pinned):
            before = self.standings.get(room, Standing()).pins
            pins = tuple(one for one in before if one != event.target)
            self.stands(room, pins=(*pins, event.target) if event.on else pins)
        return event

    def join(self, by: str, room: str = "General") -> Event:
        return self.append(room, lambda seq, at: Joined(seq, at, by))

    def leave(self, by: str, room: str = "General") -> Event:
        return self.append(room, lambda seq, at: Left(seq, at, by))

    def append(self, room: str, make: object) -> Event:
        events = self.events(room)
        seq = len(events) + 1
        event: Event = make(seq, START + seq * 1000)  # type: ignore[operator]
        events.append(event)
        for chat in self.chats:
            chat.happened(room, event)
        return event

    def stands(self, room: str, **changes: object) -> None:
        """What holds in a room changes."""
        standing = replace(self.standings.get(room, Standing()), **changes)
        self.standings[room] = standing
        for chat in self.chats:
            if room in chat.inside:
                chat.tell(StandingChanged(room, standing))

    def profiled(self, profile: Profile) -> None:
        """Ada's account says something else of itself."""
        self.profile = profile
        for chat in self.chats:
            chat.tell(ProfileChanged(profile))

    def block(self, user: str, *, on: bool) -> None:
        if user not in self.people:
            raise NoSuchUser(f"Nobody called {user} has an account here.")
        blocked = dict(self.profile.blocked)
        blocked.pop(self.people[user], None)
        if on:
            blocked[self.people[user]] = user
        self.profiled(replace(self.profile, blocked=blocked))

    def choose(self, key: str, code: str, password: str) -> None:
        """Chooses a new password by the code of a link."""
        if code != "LINK":
            raise BadTicket("This link was used already, or is wrong.")
        self.passwords[key] = password

    def vanish(
        self,
        reason: str = "The connection broke.",
        *,
        code: str = "lost",
        planned: bool = False,
    ) -> None:
        self.reachable.clear()
        for chat in self.chats:
            chat.tell(Disconnected(reason, code, 3.0, 1, planned))

    def come_back(self) -> None:
        self.reachable.set()
        for chat in self.chats:
            chat.connect()

    def check_invitation(self, invite: str | None) -> None:
        if invite is not None and invite != self.invitation:
            raise BadTicket("This link was used already, or is wrong.")
        if self.invitation is not None and invite is None:
            raise NeedInvitation("On this server one needs an invitation to make an account.")

    def become_another_log(self) -> None:
        self.log = "log-2"
        self.rooms = {"General": []}


class FakeAttachments:
    """Files: ``uploaded``, by their ids. Uploads wait for ``going``; ``refusal``: that of each."""

    def __init__(self) -> None:
        self.uploaded: dict[str, Path] = {}
        self.picture = b""
        self.refusal: ChatError | None = None
        self.going = asyncio.Event()
        self.going.set()

    async def upload(self, path: Path, *, told: Callable[[int, int], None] | None = None) -> File:
        if told is not None:
            told(1, 4)
        await self.going.wait()
        if self.refusal is not None:
            raise self.refusal
        id = f"f{len(self.uploaded)}"
        self.uploaded[id] = path
        return self.file(id)

    def file(self, id: str) -> File:
        path = self.uploaded[id]
        return File(id=id, name=path.name, size=path.stat().st_size, type="text/plain")

    async def link(self, file: File) -> str:
        return await self.link_to(file_path(file))

    async def link_to(self, path: str) -> str:
        return f"http://example.org{path}?pass=p"

    async def thumbnail(self, file: File) -> bytes:
        return self.picture


class FakeChat:
    """One user's chat; everything happens at once."""

    def __init__(self, server: FakeServer, resume: Resume) -> None:
        self._server = server
        self._resume = resume
        self.user: str | None = resume.user
        self.limits: Limits | None = None
        self.log = resume.log
        self.cursors: dict[str, int] = dict(resume.cursors)
        self.inside: set[str] = set()
        self.queue: list[Line] = [Line(one, one.room.casefold()) for one in resume.unsent]
        self.updates: asyncio.Queue[Update | ChatFailed] = asyncio.Queue()
        self.typed: list[str] = []
        self.marks: dict[str, int] = {}
        self.hurried = 0
        self.closed = False
        self._met = False
        self._name = resume.user
        self._nonces = itertools.count()
        self.account = FakeAccount(server, self)
        self.moderation = FakeModeration(server)
        self.attachments = server.attachments

    # The surface

    async def say(
        self, room: str, text: str, *, reply_to: int | None = None, files: Sequence[str] = ()
    ) -> Ack:
        assert self.user is not None
        told = [self.attachments.file(one) for one in files]
        event = self._server.say(self.user, text, room, reply_to=reply_to, files=told)
        return Ack(room=room, seq=event.seq, at=event.at)

    def standing(self, room: str) -> Standing:
        return self._server.standings.get(room, Standing())

    def people(self, room: str) -> list[str]:
        return list(self._server.standings.get(room, Standing()).people)

    def why_not(self, action: Action, room: str, *, to: str | None = None) -> ChatError | None:
        standing = self._server.standings.get(room, Standing())
        theirs = standing.roles.get(to or "", Role.MEMBER)
        return why_not(action, standing, room, account=self.account.exists, to=theirs)

    async def attendance(self, room: str) -> Members:
        self._server.asked.append(f"who {room}")
        return Members(
            room=room,
            users=self.members(room),
            away=self._server.away.get(room, []),
            status=self._server.statuses.get(room, {}),
        )

    async def do(self, command: ask.Command) -> Reply:
        refused = self._server.refusals.get(type(command))
        if refused is not None:
            raise refused
        if isinstance(command, ask.CloseAccount):
            self.account.close(command.password)
        elif isinstance(command, ask.ResetPassword):
            self._server.choose(command.user.key, command.code, command.password)
        elif isinstance(command, ask.SetProfile):
            said = {
                field: value
                for field in ("about", "status", "note", "hides_seen")
                if (value := getattr(command, field)) is not None
            }
            self._server.profiled(replace(self._server.profile, **said))
        elif isinstance(command, ask.Block):
            self._server.block(command.user, on=command.on)
        if not isinstance(command, ask.Whois):
            self._server.done.append(command)
        return self._server.answers.get(type(command), Done())

    async def direct(self, *users: str) -> DirectRoom:
        name = f"@{'-'.join(sorted(users))}"
        self._server.stands(name, access=RoomAccess.DIRECT, people=users)
        await self.join(name)
        return DirectRoom(room=name, users=users, head=0)

    @property
    def online(self) -> bool:
        return self._server.online and self._met

    @property
    def unsent(self) -> Sequence[Line]:
        return list(self.queue)

    @property
    def has_updates(self) -> bool:
        return not self.updates.empty()

    def members(self, room: str) -> list[str]:
        state = RoomState()
        for event in self._server.events(room):
            state.apply(event)
        return sorted((member.name for member in state.members.values()), key=str.casefold)

    def topic(self, room: str) -> str:
        state = RoomState()
        for event in self._server.events(room):
            state.apply(event)
        return state.topic

    async def set_topic(self, room: str, topic: str) -> None:
        by = self.user or ""
        self._server.append(room, lambda seq, at: TopicSet(seq, at, by, topic))

    def resume(self) -> Resume:
        unsent = [line.to_keep(0) for line in self.queue]
        return Resume(
            user=self.user,
            user_id=self._server.ids.get(self.user or ""),
            account=self.account.exists,
            token="t",
            log=self.log,
            cursors=self.cursors,
            unsent=unsent,
        )

    @property
    def me(self) -> Me:
        return Me(self.user)

    async def start(self, user: str | None) -> None:
        self._server.chats.append(self)
        if user is not None:
            self._name = user
            self.connect()
        elif not self._server.online:
            self.tell(Disconnected("There is no server.", "unreachable", 3.0, 1))

    async def hello(
        self,
        user: str,
        *,
        password: str | None = None,
        code: str | None = None,
        register: bool = False,
        invite: str | None = None,
        reset: str | None = None,
    ) -> str:
        await self._server.answering.wait()
        name = UserName.parse(user)
        await self._server.reachable.wait()
        if reset is not None:
            self._server.choose(name.key, reset, password or "")
        if register:
            self._server.check_invitation(invite)
            self._server.passwords[name.key] = password or ""
        elif self._server.refuses is not None:
            raise self._server.refuses
        right = self._server.passwords.get(name.key)
        if right is not None and password is None:
            raise NeedPassword(f"{name} has an account: its password is needed.")
        if right is not None and password != right:
            raise WrongPassword("The name or the password is wrong.")
        lacks = self._server.codes.get(name.key)
        if lacks is not None and code != lacks:
            raise NeedCode("A code of your second factor is needed.")
        self.account.exists = right is not None
        taken = self._server.users.get(name.key)
        if taken is not None:
            raise NameTaken(f"{name} is taken.", suggestion=f"{name}2")
        self._name = name
        self.connect()
        return str(name)

    async def formerly(self, user: str, token: str) -> None:
        self._server.renamed.append(user)

    def connect(self) -> None:
        if self._name is None or not self._server.online:
            return
        self.user = str(self._name)
        again, self._met = self._met, True
        self.limits = LIMITS
        profile = self._server.profile if self.account.exists else None
        id = self._server.ids.get(self.user)
        connected = Connected(self.user, "Hubbub", self._server.log, LIMITS, (), again, id)
        self.tell(replace(connected, account=self.account.exists, profile=profile))
        if self.log not in (None, self._server.log):
            for room in self.cursors:
                self.tell(RoomReset(room))
            self.cursors = dict.fromkeys(self.cursors, 0)
        self.log = self._server.log
        self.inside.clear()
        for room in list(self.cursors):
            if room in self._server.invites:
                self.lose(room, NoSuchRoom("There is no such room for you."), forget=True)
            else:
                self._enter(room, again)
        self._send_all()

    async def list_rooms(
        self, query: str | None = None, *, after: str | None = None, limit: int = 500
    ) -> RoomList:
        self._server.asked.append(f"rooms {query} {after}" if query or after else "rooms")
        words = (query or "").lower().split()
        rooms = self._server.rooms
        names = [name for name in rooms if all(word in name.lower() for word in words)]
        begin = int(after or 0)
        end = begin + limit
        own = [name for name in names[end:] if name in self._server.read and after is None]
        infos = [
            RoomInfo(
                name,
                len(self.members(name)),
                len(rooms[name]),
                rooms[name][-1].at if rooms[name] else None,
                topic=self.topic(name) or None,
                access=self._server.standings.get(name, Standing()).access,
                read=self._server.read.get(name),
            )
            for name in (*names[begin:end], *own)
        ]
        next = str(end) if end < len(names) else None
        return RoomList(rooms=infos, next=next, total=len(rooms))

    async def join(
        self,
        room: str,
        *,
        after: int | None = None,
        after_at: int | None = None,
        password: str | None = None,
        invite: str | None = None,
    ) -> Entered:
        name = str(RoomName.parse(room))
        await self._server.reachable.wait()
        if name in self._server.invites and invite != self._server.invites[name]:
            raise NoSuchRoom(f'There is no room "{name}" for you, and none can be made.')
        right = self._server.room_passwords.get(name)
        if right is not None and password is None:
            raise NeedPassword(f"{name} asks for a password.")
        if right is not None and password != right:
            raise WrongPassword("That is not its password.")
        head = len(self._server.events(name))
        self.cursors[name] = max(0, head - 100) if after is None else after
        return self._enter(name, False, history=after is None)

    async def leave(self, room: str) -> None:
        self.cursors.pop(room, None)
        self.inside.discard(room)
        assert self.user is not None
        self._server.leave(self.user, room)

    async def delete(self, room: str) -> None:
        if any(is_message(event) for event in self._server.events(room)):
            raise RoomHasTexts(f"Something was said in {room}: it stays.")
        self.cursors.pop(room, None)
        self.inside.discard(room)
        del self._server.rooms[room]

    async def search(self, query: str, *, before: str | None = None, limit: int = 20) -> Found:
        self._server.asked.append(f"search {query} {before}")
        found = [
            Result(name, one.seq, one.at, one.by, excerpt(one.text, spots))
            for name, events in self._server.rooms.items()
            for one in reversed(events)
            if is_message(one)
            and (spots := fits(parse_query(query), at=one.at, by=one.by, text=one.text)) is not None
        ]
        start = int(before or 0)
        rest = found[start + limit :]
        return Found(
            results=found[start : start + limit], next=str(start + limit) if rest else None
        )

    def read(self, room: str, seq: int) -> None:
        self.marks[room] = seq

    def send(self, room: str, text: str, *, reply_to: int | None = None) -> Line:
        if self.closed:
            raise ChatClosed("The chat was closed.")
        if room not in self.cursors and room not in self.inside and self.online:
            raise NotInRoom(f"You are not in {room}.")
        text = parse_text(text, LIMITS.text, LIMITS.lines)
        unsent = Unsent(room=room, text=text, nonce=f"n{next(self._nonces)}", reply_to=reply_to)
        line = Line(unsent, room.casefold())
        self.queue.append(line)
        self._send_all()
        return line

    def send_change(self, room: str, change: Change) -> Line:
        unsent = Unsent(room=room, nonce=f"n{next(self._nonces)}", change=change)
        line = Line(unsent, room.casefold())
        self.queue.append(line)
        self._send_all()
        return line

    async def pins(self, room: str) -> Messages:
        present = self._server.present(room)
        pinned = reversed(self._server.standings.get(room, Standing()).pins)
        events = [event for seq in pinned for event in present if event.seq == seq]
        return Messages(room=room, events=events, head=len(present))

    async def versions(self, room: str, seq: int) -> Sequence[Version]:
        events = self._server.events(room)
        edits = [one for one in events if isinstance(one, Edited) and one.target == seq]
        said = events[seq - 1]
        assert isinstance(said, Said)
        return [Version(said.at, said.text), *(Version(one.at, one.text) for one in edits)]

    async def conversation(self, room: str, seq: int) -> Messages:
        present = self._server.present(room)
        talk = [one for one in present if is_message(one) and seq in (one.seq, one.reply_to)]
        return Messages(room=room, events=talk, head=len(present))

    async def history(
        self, room: str, *, before: int | None = None, after: int | None = None, limit: int = 50
    ) -> Page:
        room = self._server.former.get(room.casefold(), room)
        events = await self._asked("history", room, before, after)
        if after is not None:
            return self._page(room, after, min(len(events), after + limit))
        last = len(events) if before is None else before - 1
        return self._page(room, max(0, last - limit), last)

    async def timeline(
        self, room: str, *, before: int | None = None, after: int | None = None, limit: int = 50
    ) -> Page:
        if not self._server.timelines:
            return await self.history(room, before=before, after=after, limit=limit)
        events = await self._asked("timeline", room, before, after)
        lines = [event.seq for event in events if is_line(event)]
        if after is not None:
            beyond = [seq for seq in lines if seq > after][limit:]
            return self._page(room, after, beyond[0] - 1 if beyond else len(events))
        last = len(events) if before is None else before - 1
        older = [seq for seq in lines if seq <= last][:-limit]
        return self._page(room, older[-1] if older else 0, last)

    async def _asked(
        self, command: str, room: str, before: int | None, after: int | None
    ) -> list[Event]:
        await self._server.answering.wait()
        self._server.asked.append(f"{command} {before} {after}")
        if room.casefold() not in map(str.casefold, self._server.rooms):
            raise NoSuchRoom(f'There is no room "{room}".')
        return self._server.events(room)

    def _page(self, room: str, after: int, last: int) -> Page:
        events = self._server.present(room)
        return Page(
            room=room,
            events=[event for event in events[after:last] if is_line(event)],
            head=len(events),
            first=after + 1,
            last=last,
        )

    def typing(self, room: str) -> None:
        self.typed.append(room)

    def reconnect_now(self) -> None:
        self.hurried += 1

    async def close(self, *, patience: float = 5.0) -> None:
        self.closed = True
        for line in self.queue:
            line.result.reject(ChatClosed("The chat was closed."))
        if self in self._server.chats:
            self._server.chats.remove(self)

    def __aiter__(self) -> AsyncIterator[Update]:
        return self

    async def __anext__(self) -> Update:
        update = await self.updates.get()
        if isinstance(update, ChatFailed):
            raise update
        return update

    # The script's side

    def log_out(self, why: str) -> None:
        self._met = False
        self.tell(LoggedOut(self.user or "", NeedPassword(why)))

    def lose(self, room: str, error: ChatError, *, forget: bool = False) -> None:
        self.inside.discard(room)
        self.cursors.pop(room, None)
        self.tell(RoomLost(room, error, forget))

    def move(self, room: str, name: str) -> None:
        self._server.rooms[name] = self._server.rooms.pop(room)
        if room in self._server.standings:
            self._server.standings[name] = self._server.standings.pop(room)
        self.inside.discard(room)
        self.inside.add(name)
        self.cursors[name] = self.cursors.pop(room)
        self.tell(RoomMoved(room, name))

    def fail(self, error: ChatFailed) -> None:
        self.closed = True
        for line in self.queue:
            line.result.reject(error)
        self.updates.put_nowait(error)

    def tell(self, update: Update) -> None:
        self.updates.put_nowait(update)

    def happened(self, room: str, event: Event) -> None:
        for name in self.inside:
            if name.casefold() == room.casefold() and self.online:
                self.tell(Happened(name, event))
                self.cursors[name] = event.seq

    def _enter(self, room: str, again: bool, *, history: bool = False) -> Entered:
        after = self.cursors[room]
        assert self.user is not None
        if self.user not in self.members(room):
            self._server.join(self.user, room)
        events = self._server.events(room)
        entered = Entered(
            room,
            tuple(self.members(room)),
            len(events),
            after,
            again,
            topic=self.topic(room),
            standing=self._server.standings.get(room, Standing()),
        )
        self.tell(entered)
        for event in events[after:]:
            self.tell(Happened(room, event, history))
        self.cursors[room] = len(events)
        self.inside.add(room)
        return entered

    def _send_all(self) -> None:
        while self.queue and self.online and self._server.takes:
            line = self.queue.pop(0)
            if self._server.refusal is not None:
                line.result.reject(self._server.refusal)
                continue
            assert self.user is not None
            if line.change is not None:
                said = self._server.present(line.room)[line.change.target - 1]
                if is_message(said) and said.redacted is not None:
                    line.result.reject(BadMessage("That message was taken back."))
                    continue
                event = self._server.change(self.user, line.change, line.room)
            else:
                event = self._server.say(self.user, line.text, line.room, reply_to=line.reply_to)
            ack = Ack(room=line.room, seq=event.seq, at=event.at, nonce=line.nonce)
            line.seen = ack
            line.result.resolve(ack)

    def is_saved(self, line: Line) -> bool:
        return line.state is LineState.SAVED


class FakeAccount:
    """The account of one chat; its password is the server's."""

    def __init__(self, server: FakeServer, chat: FakeChat) -> None:
        self.exists = False
        self._server = server
        self._chat = chat

    @property
    def _key(self) -> str:
        return UserName.parse(self._chat.user or "").key

    async def register(self, password: str, *, invite: str | None = None) -> None:
        if len(password) < 8:
            raise WeakPassword("A password has 8 characters or more.")
        self._server.check_invitation(invite)
        self._server.passwords[self._key] = password
        self.exists = True

    async def change_password(self, old: str, new: str) -> None:
        self._check(old)
        self._server.passwords[self._key] = new

    async def devices(self) -> Sequence[Device]:
        return list(self._server.devices)

    async def revoke(self, device: str | None = None) -> None:
        kept = [
            one
            for one in self._server.devices
            if (one.current if device is None else one.id != device)
        ]
        self._server.devices = kept
        if not any(one.current for one in kept):
            self._chat.log_out("This device was logged out.")

    async def rename(self, user: str) -> None:
        was, self._chat.user = self._chat.user or "", user
        if was in self._server.ids:
            self._server.ids[user] = self._server.ids.pop(was)
        self._chat.tell(Renamed(user, was))

    def close(self, password: str) -> None:
        self._check(password)
        del self._server.passwords[self._key]
        self._chat.log_out("There is no such account any more.")

    async def own(self, code: str) -> None:
        if code != "CODE":
            raise BadMessage("That is not the code.")
        self._server.asked.append("own")

    def _check(self, password: str) -> None:
        if self._server.passwords.get(self._key) != password:
            raise WrongPassword("That is not your password.")


class FakeModeration:
    """Keeps what was asked for, in ``done`` of the server."""

    def __init__(self, server: FakeServer) -> None:
        self._server = server

    async def do(self, command: ask.Write) -> None:
        if self._server.refusal is not None:
            raise self._server.refusal
        self._server.done.append(command)

    async def bans(self, room: str) -> BanList:
        return BanList(
            room=room,
            bans=self._server.bans.get(room, []),
            muted={"eve": None},
            filters=["spam*"],
            invited=["ben"],
        )

    async def audit(self, room: str, *, before: int | None = None, limit: int = 50) -> Page:
        events = [one for one in self._server.events(room) if isinstance(one, Kicked)]
        return Page(room=room, events=events, head=len(events))


class FakeCache:
    """The interface of `hubbub.client.cache.Cache`, in memory; survives a client in its test."""

    def __init__(self) -> None:
        self.last_user: str | None = None
        self.kept: Resume | None = None
        self.problem: str | None = None
        self.drafts: dict[str, str] = {}
        self.marks: dict[str, Mark] = {}
        self.shown: str | None = None
        self._log: str | None = None
        self.known: dict[str, Segment] = {}
        self.private: set[str] = set()
        self.closed = False

    @property
    def log(self) -> str | None:
        return self._log

    @log.setter
    def log(self, log: str | None) -> None:
        if self._log not in (None, log):
            self.known.clear()
        self._log = log

    def token(self, user: str) -> str | None:
        return None

    def resume(self, user: str | None = None) -> Resume | None:
        if self.kept is None or user not in (None, self.kept.user):
            return None
        cursors = {
            room: known.last for room, known in self.known.items() if room in self.kept.cursors
        }
        return replace(self.kept, cursors=cursors, log=self.log, marks=self.marks)

    def keep_resume(self, resume: Resume) -> None:
        self.kept = resume

    def keep_lines(self, unsent: Sequence[Unsent]) -> None:
        self.kept = replace(self.kept or Resume(), unsent=unsent)

    def keep_drafts(self, user: str, drafts: Mapping[str, str]) -> None:
        self.drafts.update(drafts)

    def take_drafts(self, user: str) -> dict[str, str]:
        drafts, self.drafts = self.drafts, {}
        return drafts

    def add(self, room: str, events: Sequence[Event]) -> None:
        known = self.known.get(room, NOTHING)
        fresh = [event for event in events if event.seq > known.last]
        if not fresh:
            return
        if known.empty or fresh[0].seq != known.last + 1:
            known = Segment(fresh[0].seq, fresh[0].seq - 1)
        self.known[room] = Segment(known.first, fresh[-1].seq, [*known.events, *fresh])

    def add_older(self, room: str, page: Segment) -> None:
        known = self.known.get(room, NOTHING)
        if not known.empty and not page.empty and page.last == known.first - 1:
            self.known[room] = Segment(page.first, known.last, [*page.events, *known.events])

    def page(
        self, room: str, *, before: int | None = None, after: int | None = None, limit: int
    ) -> Segment:
        known = self.known.get(room, NOTHING)
        if after is not None:
            known = known.behind(after)
            whole = len(known.events) < limit
            return known if whole else known.before(known.events[limit - 1].seq + 1)
        known = known if before is None else known.before(before)
        return known if len(known.events) < limit else known.behind(known.events[-limit].seq - 1)

    def span(self, room: str) -> tuple[int, int] | None:
        known = self.known.get(room, NOTHING)
        return None if known.empty else (known.first, known.last)

    def rooms(self) -> list[str]:
        return list(self.known)

    def set_private(self, room: str, *, private: bool) -> None:
        (self.private.add if private else self.private.discard)(room)

    def is_private(self, room: str) -> bool:
        return room in self.private

    def forget_private(self) -> None:
        for room in self.private:
            self.forget(room)

    def rename_room(self, was: str, name: str) -> None:
        if was in self.known:
            self.known[name] = self.known.pop(was)
        if was in self.private:
            self.private.add(name)

    def rename_user(self, was: str, user: str) -> None:
        if self.kept is not None and self.kept.user == was:
            self.kept = replace(self.kept, user=user)

    def keep_mark(self, user: str, room: str, mark: Mark) -> None:
        self.marks[room] = mark

    def last_room(self, user: str) -> str | None:
        return self.shown

    def keep_last_room(self, user: str, room: str) -> None:
        self.shown = room

    def forget(self, room: str) -> None:
        self.known.pop(room, None)

    def reset(self, room: str) -> None:
        self.forget(room)
        self.marks.pop(room, None)

    def close(self) -> None:
        self.closed = True
