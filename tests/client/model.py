"""A server in memory, without I/O: what the protocol promises, in as few lines as it takes.

The pure tests hand commands to it; `tests.client.scripted` puts it behind a WebSocket.
"""

from __future__ import annotations

import itertools
from collections import deque
from collections.abc import Callable

from msgspec.structs import replace

from hubbub.domain import commands as ask
from hubbub.domain.errors import (
    BadCursor,
    BadMessage,
    BadTicket,
    ChatError,
    LogUnavailable,
    NameTaken,
    NeedPassword,
    NoSuchRoom,
    NotAllowed,
    NotInRoom,
    RateLimited,
    RoomHasTexts,
    RoomInUse,
)
from hubbub.domain.events import (
    AnyEvent,
    Edited,
    Joined,
    Left,
    Pinned,
    Reacted,
    Redacted,
    Said,
    TopicSet,
)
from hubbub.domain.files import File
from hubbub.domain.kinds import is_line, is_message
from hubbub.domain.names import RoomName, UserName
from hubbub.domain.projection import present, target_of
from hubbub.domain.quotes import quote_of, quote_of_said
from hubbub.domain.replies import (
    Ack,
    DirectRoom,
    Done,
    Events,
    Found,
    Goodbye,
    Limits,
    Members,
    Messages,
    Page,
    Pong,
    ReadUpTo,
    Refused,
    Reply,
    Result,
    RoomDeleted,
    RoomInfo,
    RoomJoined,
    RoomLeft,
    RoomList,
    Version,
    VersionList,
    Welcome,
)
from hubbub.domain.search import excerpt, fits, parse_query
from hubbub.domain.text import parse_text

HISTORY = 100
START = 1_690_729_200_000  # 2023-07-30 15:00:00 UTC, in ms


class ModelRoom:
    def __init__(self, name: str) -> None:
        self.name = name
        self.events: list[AnyEvent] = []
        self.members: dict[str, str] = {}

    @property
    def present(self) -> list[AnyEvent]:
        """Its events, each message as it is now."""
        amendments = [event for event in self.events if target_of(event) is not None]
        return present(self.events, amendments)

    @property
    def topic(self) -> str | None:
        topics = [event.topic for event in self.events if isinstance(event, TopicSet)]
        return (topics and topics[-1]) or None


class Peer:
    """One connection. ``out`` is what the server has said to it and the network has not taken."""

    def __init__(self, server: ModelServer) -> None:
        self.server = server
        self.out: deque[Reply] = deque()
        self.user: str | None = None
        self.token: str | None = None
        self.rooms: set[str] = set()
        self.closed = False
        self.tokens = float(server.limits.burst)
        self.stamp = server.now

    def tell(self, reply: Reply) -> None:
        self.out.append(reply)
        self.server.told(self)


class ModelServer:
    """``now`` is its clock in seconds; ``log_is_full`` makes it refuse to save."""

    def __init__(self, *, rate: float = 0, burst: int = 50, line: int = 32768) -> None:
        self.limits = Limits(text=4000, line=line, rate=rate, burst=burst, rooms=50, history=200)
        self.log = "log-1"
        self.features: tuple[str, ...] = (
            "read",
            "renames",
            "resume",
            "search",
            "stamps",
            "timeline",
        )
        self.start = START
        self.now = 0.0
        self.log_is_full = False
        self.too_fast = 0
        self.rooms: dict[str, ModelRoom] = {}
        self.peers: list[Peer] = []
        self.guests: dict[str, str] = {}  # name's key -> token
        self.accounts: dict[str, str] = {}  # name's key -> password
        self.links: set[str] = set()  # codes by which a new password is chosen, once
        self.markers: dict[tuple[str, str], int] = {}
        self.nonces: dict[tuple[str, str], tuple[str, AnyEvent]] = {}
        self.told: Callable[[Peer], None] = lambda _: None
        self._numbers = itertools.count(1)
        self.room("General")

    # What tests do to it

    def room(self, name: str) -> ModelRoom:
        return self.rooms.setdefault(RoomName.parse(name).key, ModelRoom(name))

    def say(self, room: str, by: str, text: str) -> AnyEvent:
        """Someone else says something."""
        return self._append(self.room(room), Said(0, 0, by, text))

    def change(self, room: str, draft: AnyEvent) -> AnyEvent:
        """Someone else changes a message: ``draft`` is an amendment, or a pin."""
        return self._append(self.room(room), draft)

    def set_topic(self, room: str, by: str, topic: str) -> AnyEvent:
        """Someone else says what a room is about."""
        return self._append(self.room(room), TopicSet(0, 0, by, topic))

    def come(self, room: str, by: str) -> AnyEvent:
        """Someone else comes in."""
        return self._append(self.room(room), Joined(0, 0, by))

    def forget_guests(self) -> None:
        """The names of those who are away are free again, and their nonces unknown."""
        online = {UserName.parse(peer.user).key for peer in self.peers if peer.user}
        self.guests = {key: token for key, token in self.guests.items() if key in online}

    def become_another_log(self) -> None:
        """Emptied, or restored from a backup, while nobody is connected."""
        assert not self.peers
        self.log = f"log-{next(self._numbers)}-again"
        self.rooms.clear()
        self.nonces.clear()
        self.guests.clear()
        self.room("General")

    def restore(self, upto: int, room: str = "General") -> None:
        """A backup of the same log: the room's first ``upto`` events, and an hour has passed."""
        assert not self.peers
        del self.room(room).events[upto:]
        self.room(room).members.clear()
        self.nonces = {
            key: (name, event) for key, (name, event) in self.nonces.items() if event.seq <= upto
        }
        self.start += 3_600_000

    def texts(self, room: str = "General") -> list[str]:
        return [event.text for event in self.room(room).events if isinstance(event, Said)]

    # What the network does

    def connect(self) -> Peer:
        peer = Peer(self)
        self.peers.append(peer)
        return peer

    def lose(self, peer: Peer) -> None:
        peer.closed = True
        if peer in self.peers:
            self.peers.remove(peer)

    def receive(self, peer: Peer, command: ask.Command) -> None:
        if peer.closed:
            return
        try:
            self._limit_rate(peer, command)
            self._do(peer, command)
        except ChatError as error:
            self.too_fast += isinstance(error, RateLimited)
            nonce = command.nonce if isinstance(command, ask.Write) else None
            room = getattr(command, "room", None)
            peer.tell(Refused.of(error, command.id, room=room, nonce=nonce))

    # What it promises

    def _limit_rate(self, peer: Peer, command: ask.Command) -> None:
        rate, burst = self.limits.rate, self.limits.burst
        if rate <= 0 or isinstance(command, ask.Ping | ask.Bye | ask.Leave):
            return
        peer.tokens = min(float(burst), peer.tokens + (self.now - peer.stamp) * rate)
        peer.stamp = self.now
        if peer.tokens < 1:
            raise RateLimited("You are too fast.", retry_after=(1 - peer.tokens) / rate)
        peer.tokens -= 1

    def _do(self, peer: Peer, command: ask.Command) -> None:
        match command:
            case ask.Hello():
                self._hello(peer, command)
            case ask.Register():
                self._register(peer, command)
            case ask.ResetPassword(user=user, code=code, password=password):
                if code not in self.links:
                    raise BadTicket("This link was used already.")
                self.links.discard(code)
                self.accounts[user.key] = password
                peer.tell(Done(re=command.id))
            case ask.Rooms(query=query, after=after, limit=limit):
                infos = [
                    RoomInfo(room.name, len(room.members), len(room.events))
                    for room in self.rooms.values()
                    if all(word in room.name.lower() for word in (query or "").lower().split())
                ]
                infos.sort(key=lambda info: (-info.users, info.name))
                begin = int(after or 0)
                end = begin + limit
                next = str(end) if end < len(infos) else None
                total = len(self.rooms)
                answer = RoomList(re=command.id, rooms=infos[begin:end], next=next, total=total)
                peer.tell(answer)
            case ask.Join():
                self._join(peer, command)
            case ask.Leave():
                room = self._own(peer, command.room)
                peer.rooms.discard(command.room.key)
                peer.tell(RoomLeft(re=command.id, room=room.name))
                self._gone(peer, command.room.key)
            case ask.Delete():
                self._delete(peer, command)
            case ask.SetTopic(topic=topic):
                room = self._own(peer, command.room)
                draft = TopicSet(0, 0, peer.user or "", topic)
                self._once(peer, command, lambda: self._append(room, draft), room)
            case ask.Say():
                self._say(peer, command)
            case ask.Amend():
                self._amend(peer, command)
            case ask.Pins(room=name):
                room = self._known(name)
                pins: dict[int, None] = {}
                for event in room.events:
                    if isinstance(event, Pinned):
                        pins.pop(event.target, None)
                        pins.update({event.target: None} if event.on else {})
                found = [room.present[seq - 1] for seq in reversed(pins)]
                peer.tell(self._messages(command, room, found))
            case ask.Versions(room=name, target=target):
                room = self._known(name)
                found = [one for one in room.events if one.seq == target]
                if not found or not isinstance(said := found[0], Said):
                    raise BadMessage("That is no message.")
                edits = [e for e in room.events if isinstance(e, Edited) and e.target == target]
                versions = [Version(said.at, said.text)]
                versions += [Version(one.at, one.text) for one in edits]
                peer.tell(
                    VersionList(re=command.id, room=room.name, target=target, versions=versions)
                )
            case ask.Conversation(room=name, target=target):
                room = self._known(name)
                joined = {target}
                for event in room.events:
                    if isinstance(event, Said) and event.reply_to in joined:
                        joined.add(event.seq)
                found = [one for one in room.present if one.seq in joined]
                peer.tell(self._messages(command, room, found))
            case ask.Who():
                room = self._known(command.room)
                peer.tell(
                    Members(re=command.id, room=room.name, users=sorted(room.members.values()))
                )
            case ask.History() | ask.Timeline():
                room = self._known(command.room)
                events, head = room.present, len(room.events)
                if command.after is not None:
                    events = events[command.after :][: command.limit]
                else:
                    events = events[: None if command.before is None else command.before - 1]
                    events = events[-command.limit :]
                first, last = (events[0].seq, events[-1].seq) if events else (1, 0)
                if isinstance(command, ask.Timeline):
                    events = [event for event in events if is_line(event)]
                page = Page(re=command.id, room=room.name, events=events, head=head)
                peer.tell(replace(page, first=first, last=last))
            case ask.Read():
                self._read(peer, command)
            case ask.Search():
                self._search(peer, command)
            case ask.Direct(users=users):
                names = tuple(map(str, users))
                peer.tell(DirectRoom(re=command.id, room="@model", users=names, head=0))
            case ask.Ping() | ask.Formerly():
                peer.tell(Pong(re=command.id))
            case ask.Bye():
                peer.tell(Goodbye(re=command.id, reason="bye", message="Goodbye."))
                rooms, peer.rooms = peer.rooms, set()
                self.lose(peer)
                for key in rooms:
                    self._gone(peer, key)
                self.guests.pop(UserName.parse(peer.user or "?").key, None)

    def _hello(self, peer: Peer, command: ask.Hello) -> None:
        name = command.user
        token = self.guests.get(name.key)
        password = self.accounts.get(name.key)
        if password is not None and token != command.token and command.password != password:
            raise NeedPassword("This name has an account.")
        if password is not None and token is not None:
            pass
        elif token is None:
            token = self.guests[name.key] = f"token-{next(self._numbers)}"
        elif token != command.token:
            raise NameTaken(f'The name "{name}" is in use.', suggestion=f"{name}2")
        peer.user, peer.token = str(name), token
        self._welcome(peer, command, str(name), token)

    def _register(self, peer: Peer, command: ask.Register) -> None:
        name = UserName.parse(peer.user or "")
        self.accounts[name.key] = command.password
        token = self.guests[name.key] = f"device-{next(self._numbers)}"
        self._welcome(peer, command, str(name), token)

    def _welcome(self, peer: Peer, command: ask.Command, user: str, token: str) -> None:
        peer.tell(
            Welcome(
                re=command.id,
                user=user,
                token=token,
                account=UserName.parse(user).key in self.accounts,
                server="Model",
                log=self.log,
                limits=self.limits,
                features=self.features,
            )
        )

    def _join(self, peer: Peer, command: ask.Join) -> None:
        new = command.room.key not in self.rooms
        room = self.room(command.room)
        self._check(room, command.after, command.after_at)
        assert peer.user is not None
        key = UserName.parse(peer.user).key
        if key not in room.members:
            if self.log_is_full:
                raise LogUnavailable("The disk is full.")
            room.members[key] = peer.user
            self._append(room, Joined(0, 0, peer.user))
        after = command.after
        if after is None:
            after = max(0, len(room.events) - HISTORY)
        peer.rooms.add(command.room.key)
        peer.tell(
            RoomJoined(
                re=command.id,
                room=room.name,
                users=sorted(room.members.values()),
                head=len(room.events),
                after=after,
                at=room.events[-1].at if room.events and after == len(room.events) else None,
                new=new,
                topic=room.topic,
            )
        )
        if room.events[after:]:
            peer.tell(Events(room=room.name, events=room.events[after:]))

    def _check(self, room: ModelRoom, seq: int | None, at: int | None) -> None:
        if "stamps" not in self.features:
            assert at is None, "a server of old times takes no such field"
        if seq is None:
            return
        if seq > len(room.events) or (at is not None and seq and room.events[seq - 1].at != at):
            raise BadCursor("This is another log than the one you know.")

    def _say(self, peer: Peer, command: ask.Say) -> None:
        room = self.room(command.room) if command.outside else self._own(peer, command.room)

        def append() -> AnyEvent:
            text = command.text
            if not command.files:
                text = parse_text(text, self.limits.text, self.limits.lines)
            files = tuple(File(one.id, one.id, 1, "text/plain", one.alt) for one in command.files)
            by = peer.user or ""
            return self._append(room, Said(0, 0, by, text, command.reply_to, files=files))

        self._once(peer, command, append, room)

    def _amend(self, peer: Peer, command: ask.Amend) -> None:
        room = self._own(peer, command.room)
        by, seq = peer.user or "", command.target or 0

        def append() -> AnyEvent:
            said = room.present[seq - 1] if 0 < seq <= len(room.events) else None
            if not is_message(said):
                raise BadMessage("That is no message.")
            if said.redacted is not None:
                raise BadMessage("That message was taken back.")
            draft: AnyEvent
            match command:
                case ask.Edit(text=text):
                    if said.by != by:
                        raise NotAllowed("Only its author may change a message.")
                    draft = Edited(0, 0, by, seq, text)
                case ask.Redact():
                    draft = Redacted(0, 0, by, seq, author=said.by)
                case ask.React(emoji=emoji, on=on):
                    draft = Reacted(0, 0, by, seq, emoji=emoji, on=on)
                case ask.Pin(on=on):
                    draft = Pinned(0, 0, by, target=seq, on=on, quote=quote_of_said(said))
                case _:
                    raise BadMessage("That is no change of a message.")
            return self._append(room, draft)

        self._once(peer, command, append, room)

    @staticmethod
    def _messages(command: ask.Command, room: ModelRoom, events: list[AnyEvent]) -> Messages:
        return Messages(re=command.id, room=room.name, events=events, head=len(room.events))

    def _once(
        self,
        peer: Peer,
        command: ask.Say | ask.SetTopic | ask.Amend,
        append: Callable[[], AnyEvent],
        room: ModelRoom,
    ) -> None:
        """A resend is answered with the first outcome."""
        assert peer.token is not None
        assert command.nonce is not None
        known = self.nonces.get((peer.token, command.nonce))
        if known is None:
            if self.log_is_full:
                raise LogUnavailable("The disk is full.")
            known = self.nonces[peer.token, command.nonce] = room.name, append()
        name, event = known
        peer.tell(Ack(re=command.id, room=name, seq=event.seq, at=event.at, nonce=command.nonce))

    def _delete(self, peer: Peer, command: ask.Delete) -> None:
        room = self._known(command.room)
        if any(isinstance(event, Said) for event in room.events):
            raise RoomHasTexts("Something was said there.")
        if set(room.members) - {UserName.parse(peer.user or "?").key}:
            raise RoomInUse("Somebody else is in it.")
        del self.rooms[command.room.key]
        for one in self.peers:
            if command.room.key in one.rooms and one is not peer:
                one.tell(RoomDeleted(room=room.name))
            one.rooms.discard(command.room.key)
        peer.tell(RoomDeleted(re=command.id, room=room.name))

    def _read(self, peer: Peer, command: ask.Read) -> None:
        room = self._own(peer, command.room)
        if command.at is not None:
            self._check(room, command.seq, command.at)
        place = (peer.user or "", command.room.key)
        seq = self.markers[place] = max(command.seq, self.markers.get(place, 0))
        now = ReadUpTo(room=room.name, seq=seq, unread=len(room.events) - seq, mentions=0)
        peer.tell(replace(now, re=command.id))
        for other in self.peers:
            if other is not peer and other.user == peer.user:
                other.tell(now)

    def _search(self, peer: Peer, command: ask.Search) -> None:
        query = parse_query(command.query)
        results = [
            Result(room.name, one.seq, one.at, one.by, excerpt(one.text, spots))
            for room in self.rooms.values()
            for one in reversed(room.events)
            if isinstance(one, Said)
            and (spots := fits(query, at=one.at, by=one.by, text=one.text)) is not None
        ]
        start = int(command.before or 0)
        page, rest = results[start:][: command.limit], results[start + command.limit :]
        next = str(start + command.limit) if rest else None
        peer.tell(Found(re=command.id, results=page, next=next))

    def _append(self, room: ModelRoom, draft: AnyEvent) -> AnyEvent:
        seq = len(room.events) + 1
        at = self.start + 5000 * (seq - 1)
        event: AnyEvent
        match draft:
            case Said():
                event = Said(seq, at, draft.by, draft.text, draft.reply_to, files=draft.files)
                answered = room.events[draft.reply_to - 1] if draft.reply_to else None
                if isinstance(answered, Said):
                    event = replace(event, quote=quote_of(answered.by, answered.text))
            case Joined():
                event = Joined(seq, at, draft.by)
            case Left():
                event = Left(seq, at, draft.by)
            case TopicSet():
                event = TopicSet(seq, at, draft.by, draft.topic)
            case _:
                event = replace(draft, seq=seq, at=at)
        room.events.append(event)
        for peer in list(self.peers):
            if RoomName.parse(room.name).key in peer.rooms:
                peer.tell(Events(room=room.name, events=[event]))
        return event

    def _gone(self, peer: Peer, key: str) -> None:
        room, user = self.rooms[key], UserName.parse(peer.user or "?")
        others = [other for other in self.peers if other is not peer and other.user == peer.user]
        if not any(key in other.rooms for other in others) and user.key in room.members:
            del room.members[user.key]
            self._append(room, Left(0, 0, user))

    def _known(self, name: RoomName) -> ModelRoom:
        if name.key not in self.rooms:
            raise NoSuchRoom(f'There is no room "{name}".')
        return self.rooms[name.key]

    def _own(self, peer: Peer, name: RoomName) -> ModelRoom:
        if name.key not in peer.rooms:
            raise NotInRoom(f"You are not in {name}. Join it first.")
        return self.rooms[name.key]
