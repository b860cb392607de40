"""The hub as people meet it: a log that commits when it is told to, a clock that stands still."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncIterator, Callable, Collection, Sequence
from contextlib import asynccontextmanager
from typing import Any, Self, TypeVar

from hubbub.credentials.totp import Totp
from hubbub.domain import commands as ask
from hubbub.domain import replies as told
from hubbub.domain.commands import Command
from hubbub.domain.events import (
    AnyEvent,
    AuthorForgotten,
    DirectBegun,
    Edited,
    Event,
    Invited,
    Joined,
    Kicked,
    Left,
    Pinned,
    Reacted,
    Redacted,
    Said,
    TopicSet,
    Trimmed,
    Trusted,
)
from hubbub.domain.names import RoomName, UserName
from hubbub.domain.replies import Reply
from hubbub.domain.sentences import sentence
from hubbub.hub.hub import Hub
from hubbub.hub.ports import Bus, Draft, Format, SingleSignOn
from hubbub.hub.settings import HubSettings
from hubbub.wire.json import decode_reply, encode
from tests.memorylog.log import Disk, MemoryLog
from tests.memorylog.search import MemorySearch
from tests.passwords import CheapPasswords

R = TypeVar("R", bound=Reply)

QUIET_ROUNDS = 6  # of the loop without a word: then nothing is on its way but what waits for a disk
NOON = 1_690_711_200_000
UNHURRIED = HubSettings(rate_limit=0)


class Spelling:
    """Events as a client reads them: JSON, without a wire's framing."""

    echoes = True

    def events(self, room: RoomName, events: Sequence[AnyEvent], *, past: bool = False) -> bytes:
        return encode(told.Events(room=room, events=events))

    def differ(self, events: Sequence[AnyEvent]) -> None:
        return None

    def notice(self, notice: Reply) -> bytes:
        return encode(notice)


class Mute(Spelling):
    """A format that shows no notices, as the line protocol's."""

    def notice(self, notice: Reply) -> bytes:
        return b""


class Silent(Spelling):
    """A format that shows nobody their own messages again, as IRC's."""

    echoes = False


SPELLING, MUTE, SILENT = Spelling(), Mute(), Silent()


class Person:
    """One connection, and all that was written to it. The hub's `Outlet`.

    Commands wait their turn, as bytes in a socket do. ``stalls_at`` is the number of writes that
    the outbox takes until it reports to be full, in the middle of whatever is being written.
    """

    def __init__(self, chat: Chat, address: str, *, resumable: bool) -> None:
        self.chat = chat
        self.resumable = resumable
        self.patient = self.tells_labels = False
        self.certificate: str | None = None
        self.protocol = "websocket" if resumable else "line"
        self.format: Format = SPELLING if resumable else MUTE
        self.received: list[Reply] = []
        self.open = True
        self.hung_up = False
        self.stalls_at: int | None = None
        self.token: str | None = None
        self._told = 0
        self._commands: list[Command] = []
        self._pumping = False
        self.session = chat.hub.connect(self, chat.hub.clients.at(address))

    # What the hub asks of an outlet

    @property
    def pipe(self) -> Person:
        return self

    def write(self, data: bytes) -> None:
        if not self.open:
            self.chat.lost_words += 1
        self.chat.words += 1
        self._hear(decode_reply(data))
        if self.stalls_at is not None:
            self.stalls_at -= 1
            if self.stalls_at <= 0:
                self.stalls_at = None
                self.chat.hub.stall(self.session)

    def read_when_gone(self, room: RoomName) -> int | None:
        return 0 if self.resumable else None

    def show(self, room: RoomName, events: Sequence[AnyEvent], own: Collection[int]) -> bytes:
        shown = [event for event in events if event.seq not in own]
        return self.format.events(room, shown) if shown else b""

    def reply(self, reply: Reply) -> None:
        if isinstance(reply, told.Labelled):  # which JSON does not have
            self._hear(reply)
        else:
            self.write(encode(reply))

    def ready(self) -> None:
        self._pump()

    def close(self) -> None:
        self.hung_up = True

    # What a person does

    def send(self, *commands: Command) -> Self:
        """Sends ``commands``, one behind the other."""
        self._commands += commands
        self._pump()
        return self

    def hello(self, name: str, token: str | None = None) -> Self:
        return self.send(ask.Hello(user=UserName.parse(name), token=token))

    def join(self, room: str = "General", after: int | None = None, at: int | None = None) -> Self:
        return self.send(ask.Join(room=RoomName.parse(room), after=after, after_at=at))

    def leave(self, room: str = "General") -> Self:
        return self.send(ask.Leave(room=RoomName.parse(room)))

    def say(
        self,
        text: str,
        room: str = "General",
        *,
        nonce: str | None = None,
        reply_to: int | None = None,
    ) -> Self:
        return self.send(
            ask.Say(room=RoomName.parse(room), text=text, nonce=nonce, reply_to=reply_to)
        )

    def read(self, seq: int, room: str = "General", at: int | None = None) -> Self:
        return self.send(ask.Read(room=RoomName.parse(room), seq=seq, at=at))

    def ping(self) -> Self:
        return self.send(ask.Ping())

    def bye(self) -> Self:
        return self.send(ask.Bye())

    def lose_connection(self) -> None:
        """The socket is gone; nothing may be written to it any more."""
        self.open = False
        self.chat.hub.end(self.session, deliberate=False)

    def stop_reading(self) -> None:
        """The outbox is full."""
        self.chat.hub.stall(self.session)

    def read_on(self) -> None:
        """The outbox has room again."""
        self.chat.hub.unstall(self.session)
        self._pump()

    # What a person hears

    def news(self) -> list[str]:
        """What has come since this was last asked, in short words."""
        new = self.received[self._told :]
        self._told = len(self.received)
        return [word for reply in new for word in words(reply)]

    def all(self, kind: type[R]) -> list[R]:
        """All replies of one kind."""
        return [reply for reply in self.received if isinstance(reply, kind)]

    def last(self, kind: type[R]) -> R:
        """The latest reply of one kind."""
        return self.all(kind)[-1]

    def shown(self, room: str = "General") -> list[Event]:
        """The events of ``room`` that came, in the order in which they came."""
        return [
            event for reply in self.all(told.Events) if reply.room == room for event in reply.events
        ]

    def story(self, room: str = "General") -> list[str]:
        """The events of ``room`` that came, in short words."""
        return [word(event) for event in self.shown(room)]

    def _hear(self, reply: Reply) -> None:
        self.received.append(reply)
        if isinstance(reply, told.Welcome):
            self.token = reply.token

    def _pump(self) -> None:
        if self._pumping:
            return
        self._pumping = True
        try:
            while self._commands and not self.session.blocked and not self.session.stalled:
                self.chat.hub.handle(self.session, self._commands.pop(0))
        finally:
            self._pumping = False


class Chat:
    """A hub over a `MemoryLog`. Nothing is on disk before `commit`; no time passes by itself."""

    def __init__(
        self,
        settings: HubSettings = UNHURRIED,
        *,
        disk: Disk | None = None,
        log: Callable[[Disk | None], MemoryLog] = lambda disk: MemoryLog(disk=disk),
        bus: Bus | None = None,
        first_id: int = 1,
        provider: SingleSignOn | None = None,
        gap_seconds: float = 0,
        kept_back: Collection[UserName] = (),
    ) -> None:
        self.settings = settings
        self.seconds = 0.0
        self.ticking = 0.0
        """How many seconds pass between two looks at the clock."""
        self.words = 0
        self.lost_words = 0
        self.log = log(disk)
        saved = len(self.log.disk.order) + len(self.log.disk.guests)  # so that no id is given twice
        self.hub = Hub(
            self.log,
            settings=settings,
            clock=lambda: NOON + int(self.seconds * 1000),
            monotonic=self._monotonic,
            search=MemorySearch(self.log.disk),
            ids=itertools.count(first_id + 1000 * saved).__next__,
            bus=bus,
            passwords=CheapPasswords(),
            factor=Totp(),
            provider=provider,
            gap_seconds=gap_seconds,
            kept_back=kept_back,
        )
        self._feeder: asyncio.Task[None] | None = None

    def _monotonic(self) -> float:
        self.seconds += self.ticking
        return self.seconds

    async def start(self) -> None:
        """Starts the hub, and what feeds those who are behind."""
        starting = asyncio.get_running_loop().create_task(self.hub.start())
        while not starting.done():  # where there are other servers, it waits for the disk
            await asyncio.sleep(0)
            if self.hub.following is not None:
                self.commit()
        await starting
        self._feeder = asyncio.get_running_loop().create_task(self.hub.catchup.run())

    async def crash(self) -> None:
        """Ends everything as kill -9 would: what was not committed is lost."""
        assert self._feeder is not None
        self._feeder.cancel()
        await asyncio.wait([self._feeder])

    # People

    def connect(self, address: str = "192.0.2.1", *, line: bool = False) -> Person:
        """Someone who has not said hello yet; ``line``: one who keeps no token."""
        return Person(self, address, resumable=not line)

    def enter(self, name: str, *rooms: str, line: bool = False) -> Person:
        """Someone who has said hello and joined ``rooms``, all committed; the news is heard."""
        person = self.connect(line=line).hello(name)
        self.commit()
        for room in rooms:
            person.join(room)
            self.commit()
        person.news()
        return person

    # The log and the clock

    def commit(self, limit: int | None = None) -> None:
        """Everything that waits for the disk, or the oldest ``limit`` of it, is saved."""
        if limit is not None:
            self.log.commit(limit)
            return
        while self.log.waiting:
            self.log.commit()

    @property
    def drafts(self) -> int:
        """Events that wait for the disk."""
        return sum(isinstance(entry, Draft) for entry in self.log.queued)

    def fail(self, entries: int | None = None) -> None:
        """What waits for the disk, or the oldest ``entries`` of it, is refused."""
        count = self.log.waiting if entries is None else entries
        self.log.fail_next(count)
        self.log.commit(count)

    def pass_time(self, seconds: float) -> None:
        """The clock moves on, and the hub looks at it."""
        self.seconds += seconds
        self.hub.tick()

    async def quiet(self) -> None:
        """Lets the loop turn until nobody is told anything any more."""
        still = 0
        while still < QUIET_ROUNDS:
            before = self.words
            await asyncio.sleep(0)
            still = still + 1 if self.words == before else 0

    def story(self, room: str = "General") -> list[str]:
        """The room's log, in short words."""
        return [word(event) for event in self.log.disk.events.get(RoomName.parse(room).key, [])]

    def members(self, room: str = "General") -> list[str]:
        """Who is in the room, as the hub tells it."""
        return list(self.hub.rooms[RoomName.parse(room).key].names())


def word(event: Event) -> str:
    """``2 ada: hello``."""
    match event:
        case Said(text=text, reply_to=None):
            return f"{event.seq} {event.by}: {text}"
        case Said(text=text, reply_to=other):
            return f"{event.seq} {event.by} to {other}: {text}"
        case Joined():
            return f"{event.seq} {event.by} joined"
        case Left():
            return f"{event.seq} {event.by} left"
        case TopicSet(topic=topic):
            return f"{event.seq} {event.by}: topic {topic}"
        case Kicked(user=user):
            return f"{event.seq} {event.by} put {user} out"
        case DirectBegun(users=users):
            return f"{event.seq} {event.by} began with {', '.join(users)}"
        case AuthorForgotten():
            return f"{event.seq} {event.by} is forgotten"
        case Invited(user=user):
            return f"{event.seq} {event.by} invited {user}"
        case Trimmed(floor=floor):
            return f"{event.seq} nothing up to {floor}"
        case Edited(target=target, text=text):
            return f"{event.seq} {event.by} edits {target}: {text}"
        case Redacted(target=target):
            return f"{event.seq} {event.by} takes back {target}"
        case Reacted(target=target, emoji=emoji, on=on):
            return f"{event.seq} {event.by} {'+' if on else '-'}{emoji} {target}"
        case Pinned(target=target, on=on):
            return f"{event.seq} {event.by} {'pins' if on else 'unpins'} {target}"
        case Trusted(user=user):
            return f"{event.seq} {event.by} trusts {user}"
        case _ if (told_of := sentence(event)) is not None:
            return f"{event.seq} {told_of}"
    raise AssertionError(event)


def words(reply: Reply) -> list[str]:
    """A reply in short words; `Events` are as many as there are events."""
    match reply:
        case told.Events(room=room, events=events):
            return [f"{room} {word(event)}" for event in events]
        case told.Welcome(user=user):
            return [f"welcome {user}"]
        case told.RoomJoined(room=room, users=users, after=after):
            return [f"joined {room} after {after} with {', '.join(users)}"]
        case told.RoomLeft(room=room, put_out=put_out):
            return [f"put out of {room}" if put_out else f"left {room}"]
        case told.RoomDeleted(room=room):
            return [f"deleted {room}"]
        case told.Ack(room=room, seq=seq, nonce=nonce):
            return [f"ack {room} {seq}" + (f" {nonce}" if nonce else "")]
        case told.Pong():
            return ["pong"]
        case told.ReadUpTo(room=room, seq=seq, unread=unread, mentions=mentions):
            return [f"{room} read to {seq}, unread {unread}, mentions {mentions}"]
        case told.Found(results=results, next=next):
            found = [f"{one.room} {one.seq} {'|'.join(one.excerpt)}" for one in results]
            return ["; ".join(["found", *found]) + (f"; next {next}" if next else "")]
        case told.Signalled(room=room, by=by, tags=tags, text=text):
            return [f"{by} signals in {room}: {tags or text}"]
        case told.SomeoneTyping(room=room, by=by):
            return [f"{by} is typing in {room}"]
        case told.Presence(room=room, user=user, here=here, status=status):
            return [f"{user} is {status.value if here else 'gone'} in {room}"]
        case told.Labelled(user=user, labels=labels):
            return [f"{user} is labelled {labels}"]
        case told.ProfileChanged():
            return ["profile"]
        case told.Person(user=user, here=here):
            return [f"{user} is {'here' if here else 'gone'}"]
        case told.PeopleHere(people=people):
            return [f"{one.user} {'here' if one.here else 'gone'}" for one in people]
        case told.Announced(by=by, text=text):
            return [f"{by} announces: {text}"]
        case told.Goodbye(reason=reason):
            return [f"goodbye {reason}"]
        case told.Refused(code=code, nonce=nonce):
            return [f"error {code}" + (f" {nonce}" if nonce else "")]
        case told.Members(room=room, users=users):
            return [f"in {room}: {', '.join(users)}"]
        case told.Page(room=room, events=events):
            return [f"page of {room}: {', '.join(word(event) for event in events)}"]
        case told.Messages(room=room, events=events):
            return [f"messages of {room}: {', '.join(word(event) for event in events)}"]
        case told.VersionList(target=target, versions=versions):
            return [f"versions of {target}: {', '.join(one.text for one in versions)}"]
        case told.Done():
            return ["done"]
        case told.DeviceList(devices=devices):
            return ["devices: " + ", ".join(one.client for one in devices)]
        case told.FactorOffered():
            return ["factor"]
        case told.RecoveryCodes(codes=codes):
            return [f"{len(codes)} recovery codes"]
        case told.TicketGiven(room=room):
            return [f"ticket of {room}"]
        case told.TicketList(tickets=tickets):
            return [f"{len(tickets)} tickets"]
        case told.Invitation(room=room, by=by):
            return [f"{by} invites to {room}"]
        case told.Warned(message=message):
            return [f"warning: {message}"]
        case told.RoomStanding(room=room):
            return [f"standing in {room}"]
        case told.DirectRoom(users=users):
            return [f"direct with {', '.join(users)}"]
        case told.RoomMoved(room=room, name=name):
            return [f"{room} is {name}"]
        case told.BanList(bans=bans, muted=muted):
            return [f"banned: {', '.join(ban.user for ban in bans)}; muted: {', '.join(muted)}"]
        case told.QueueList(room=room, items=items):
            found = [f"{item.seq} {item.kind.value} by {item.by}: {item.text}" for item in items]
            return [f"queue of {room}: {', '.join(found)}"]
        case told.RoomList(rooms=rooms):
            return ["rooms: " + ", ".join(f"{room.name} {room.users}" for room in rooms)]
    raise AssertionError(reply)


@asynccontextmanager
async def chatting(settings: HubSettings = UNHURRIED, **more: Any) -> AsyncIterator[Chat]:
    """A chat that has started, until the end of the block."""
    chat = Chat(settings, **more)
    await chat.start()
    chat.commit()
    try:
        yield chat
    finally:
        await chat.crash()
    assert chat.lost_words == 0, "bytes for a connection that is gone"
