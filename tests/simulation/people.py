"""Those who chat: with the client library's protocol over a WebSocket, or with bare lines."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from functools import partial
from random import Random
from typing import TYPE_CHECKING, cast

import msgspec

from hubbub.client.change import Change, Does
from hubbub.client.line import Line, Unsent
from hubbub.client.protocol import Protocol
from hubbub.client.resume import Resume
from hubbub.client.rooms import Stage
from hubbub.client.updates import Entered, Happened, RoomLost, RoomReset, Update
from hubbub.domain.commands import Command, History, Ping, Timeline, Who
from hubbub.domain.errors import BadMessage, NotAllowed
from hubbub.domain.events import Event, Trimmed
from hubbub.domain.names import RoomName, UserName
from hubbub.domain.projection import target_of
from hubbub.domain.replies import Events, Goodbye, Page, Refused, Reply, Welcome
from hubbub.server.localtime import LocalTime
from hubbub.wire.json import decode_reply, encode
from hubbub.wire.line import LineFormat
from tests.simulation.promises import View, promise

if TYPE_CHECKING:
    from tests.simulation.network import Link
    from tests.simulation.world import World

HANDSHAKE = (
    b"GET /ws HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
)
PASSING = {"log-unavailable", "shutting-down"}
FORMAT = LineFormat(LocalTime())


def frame(opcode: int, payload: bytes) -> bytes:
    """A frame masked with zeros: as good as any mask, and what it carries can be read."""
    size = len(payload)
    head = (
        bytes((0x80 | opcode, 0x80 | size))
        if size < 126
        else bytes((0x80 | opcode, 0xFE)) + size.to_bytes(2)
    )
    return head + b"\0\0\0\0" + payload


class Person(asyncio.Protocol):
    """One who has a connection, or tries to get one."""

    def __init__(self, world: World, name: str) -> None:
        self.world = world
        self.name = name
        self.dice: Random = world.dice
        self.link: Link | None = None
        self.said = 0
        self.views: dict[str, View] = {}

    @property
    def connected(self) -> bool:
        """Whether there is a connection, as far as this side knows."""
        return self.link is not None

    @property
    def done(self) -> bool:
        """Whether all was saved and shown."""
        raise NotImplementedError

    def connect(self) -> None:
        """Tries to connect; again a little later if nobody listens."""
        if self.link is None:
            self.link = self.world.network.connect(self)
            if self.link is None:
                self.later()

    def later(self) -> None:
        """Connects after a pause."""
        self.world.loop.call_later(self.dice.random() * 2, self.connect)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)

    def connection_lost(self, exc: Exception | None) -> None:
        self.world.note(self.name, "is cut off")
        self.link = None
        self.lost()
        self.later()

    def lost(self) -> None:
        """The connection is gone."""

    def next_text(self, room: str) -> str:
        """A text that nobody has said before; some are long."""
        self.said += 1
        text = f"{self.name} {self.said} in {room}"
        if self.dice.random() < 0.1:
            text += " " + "x" * self.dice.randint(1, 500)
        self.world.books.said(self.name, room, text)
        self.world.note(self.name, "says", text[:40])
        return text


class JsonPerson(Person):
    """Has the client library's protocol, and keeps what it keeps when the program ends."""

    def __init__(self, world: World, name: str) -> None:
        super().__init__(world, name)
        self.protocol = Protocol()
        self.greeted = False
        self.shedding = False
        self._open = False
        self._data = bytearray()
        self._timer: asyncio.TimerHandle | None = None
        self._texts: dict[str, str] = {}

    # What a person does

    def join(self, room: str) -> None:
        self.protocol.join(room)
        self.pump()

    def leave(self, room: str) -> None:
        if self.protocol.rooms.get(room) is not None:
            self.protocol.leave(room).then(partial(self._left, room))
            self.pump()

    def _left(self, room: str) -> None:
        self.views.pop(room, None)

    def say(self, room: str) -> None:
        wanted = self.protocol.rooms.get(room)
        if wanted is not None and wanted.leaving is None:
            text = self.next_text(room)
            nonce = f"{self.name}-{self.said}"
            self._texts[nonce] = text
            self._watch(self.protocol.send(Unsent(room=room, text=text, nonce=nonce)))
            self.pump()

    def ask(self, room: str) -> None:
        command: Command = self.dice.choice(
            [
                Ping(),
                Who(room=RoomName.parse(room)),
                History(room=RoomName.parse(room), limit=self.dice.randint(1, 9)),
                History(room=RoomName.parse(room), after=0, limit=3),
            ]
        )
        self.protocol.ask(command)
        wanted = self.protocol.rooms.get(room)
        if wanted is not None and wanted.stage is Stage.IN:
            self.protocol.typing(room)
        self.pump()

    def amend(self, room: str, dice: Random) -> None:
        """Does something to a message that was shown, or looks at some, maybe older ones."""
        view, wanted = self.views.get(room), self.protocol.rooms.get(room)
        if view is None or wanted is None or wanted.leaving is not None:
            return
        if dice.random() < 0.25:
            self._look(room, dice)
            return
        does = dice.choice([Does.EDIT, Does.REDACT, Does.REACT, Does.REACT, Does.REACT])
        own = does is not Does.REACT
        known = [one for one in view.messages.values() if not own or one.by == self.name]
        if not known:
            return
        target = dice.choice(known[-6:]).seq
        self.said += 1
        text = f"{self.name} edits {self.said}" if does is Does.EDIT else ""
        emoji, on = ("👍", dice.random() < 0.7) if does is Does.REACT else ("", True)
        change = Change(does=does, target=target, text=text, emoji=emoji, on=on)
        self.world.note(self.name, does.value, target, text or on)
        unsent = Unsent(room=room, nonce=f"{self.name}-{self.said}", change=change)
        self._watch(self.protocol.send(unsent))
        self.pump()

    def _look(self, room: str, dice: Random) -> None:
        place = {dice.choice(["before", "after", "around"]): dice.randint(1, 40)}
        name, view = RoomName.parse(room), self.views[room]
        limit = dice.randint(1, 9)
        place = place if dice.random() < 0.7 else {}
        command: Command = Timeline(room=name, limit=limit, **place)
        if dice.random() < 0.5:
            command = History(room=name, limit=limit, **place)

        def then(reply: Reply) -> Iterable[Update]:
            if isinstance(reply, Page) and self.views.get(room) is view:
                view.look(reply.events)
            return ()

        self.protocol.ask(command, then=then)
        self.pump()

    def start_again(self) -> None:
        """The program ends and is started again, with what it kept."""
        if self.dice.random() < 0.5:  # one way keeps the lines that wait as lines, the other not
            kept = self.protocol.resume()
        else:
            kept = self._written_and_read(self.protocol.resume())
        self.world.note(self.name, "starts again")
        self.hang_up()
        self.protocol = Protocol(kept)
        for line in self.protocol.queue:
            self._watch(line)

    def hang_up(self) -> None:
        """Is gone without a word."""
        if self.link is not None:
            self.link.client.abort()

    def shed(self) -> None:
        """Takes no events for a while: they are let go, and asked for again."""
        self.shedding = not self.shedding
        if not self.shedding and self.protocol.rooms.catch_up():
            self.pump()

    @property
    def done(self) -> bool:
        """Whether all was saved and shown."""
        if not self.greeted or self.protocol.queue or self.protocol.expecting:
            return False
        return all(
            room.shown in self.views
            and self.views[room.shown].seq == self.world.books.head(room.shown)
            for room in self.protocol.rooms
        )

    # The connection

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        self._open = self.greeted = False
        self._data.clear()
        self.transport.write(HANDSHAKE)
        self._send(self.protocol.hello(UserName.parse(self.name), "simulated"))

    def data_received(self, data: bytes) -> None:
        self._data += data
        if not self._open:
            end = self._data.find(b"\r\n\r\n")
            if end < 0:
                return
            if not self._data.startswith(b"HTTP/1.1 101 "):
                # The handshake took longer than a person with netcat is waited for.
                promise(self._data.startswith(b"Welcome "), "no upgrade", bytes(self._data))
                self.hang_up()
                return
            del self._data[: end + 4]
            self._open = True
        while self.link is not None and (found := self._next_frame()) is not None:
            self._frame(*found)
        self.pump()

    def lost(self) -> None:
        self.greeted = False
        self.protocol.disconnected()

    def pump(self) -> None:
        """Sends what there is to be sent."""
        if not self.greeted or self.link is None:
            return
        now = self.world.loop.now
        for command in self.protocol.commands(now):
            self._send(command)
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        due = self.protocol.due(now)
        if due is not None:
            self._timer = self.world.loop.call_at(max(due, now + 0.001), self.pump)

    def _send(self, command: Command) -> None:
        self.transport.write(frame(1, encode(command)))

    def _next_frame(self) -> tuple[int, bytes] | None:
        data = self._data
        if len(data) < 2:
            return None
        size, start = data[1], 2
        if size >= 126:
            start = 4 if size == 126 else 10
            size = int.from_bytes(data[2:start])
        if len(data) < start + size:
            return None
        opcode, payload = data[0] & 15, bytes(data[start : start + size])
        del data[: start + size]
        return opcode, payload

    def _frame(self, opcode: int, payload: bytes) -> None:
        if opcode == 1:
            self._reply(payload)
        elif opcode == 9:
            self.transport.write(frame(10, payload))
        elif opcode == 8:
            self.transport.write(frame(8, payload))
            self.transport.close()

    def _reply(self, payload: bytes) -> None:
        reply = decode_reply(payload)
        now = self.world.loop.now
        if isinstance(reply, Goodbye):
            self.transport.close()
        elif not self.greeted:
            if isinstance(reply, Welcome):
                self.greeted = True
                self._show(self.protocol.connected(reply, now))
            else:
                allowed = isinstance(reply, Refused) and reply.code in {*PASSING, "name-taken"}
                promise(allowed, "not welcome", self.name, reply)
                self.transport.close()
        elif isinstance(reply, Events) and self.shedding:
            self.protocol.rooms.shed(reply)
        else:
            if isinstance(reply, Refused):
                self.world.note(self.name, "is refused:", reply.code, reply.nonce)
                # Of rooms that one is not in, much can be asked in vain; but a text is not lost.
                changes = (
                    {"bad-message", "not-allowed", "rate-limited"} if self.world.amends else set()
                )
                allowed = reply.code in PASSING | changes or reply.nonce is None
                promise(allowed, "refused for good", self.name, reply)
            if isinstance(reply, Page):
                self._check_page(reply)
            self._show(self.protocol.receive(reply, now))

    def _check_page(self, page: Page) -> None:
        """Nothing that was told to be gone is in a page that comes later."""
        view = self.views.get(page.room)
        if view is not None and not self.world.books.went_back:
            seqs = [event.seq for event in page.events]
            promise(min(seqs, default=view.gone + 1) > view.gone, "it is back", self.name, page)

    # What is shown

    def _show(self, updates: list[Update]) -> None:
        for update in updates:
            match update:
                case Entered(room=room, after=after):
                    view = self.views.get(room)
                    if view is None:
                        self.views[room] = View(self.world.books, self.name, room, after)
                    else:
                        promise(view.seq == after, "resumed elsewhere", self.name, update, view.seq)
                case Happened(room=room, event=event):
                    self.views[room].show(event)
                case RoomReset(room=room):
                    books = self.world.books
                    promise(books.went_back or books.trims, "a room was reset", self.name, update)
                    self.views.pop(room, None)
                case RoomLost(room=room):
                    # A backup without it was restored, and whether it was private is not known to
                    # a program that has begun since.
                    promise(self.world.books.went_back, "lost a room", self.name, update)
                    self.views.pop(room, None)
                    self.world.loop.call_soon(self.join, room)

    def _watch(self, line: Line) -> None:
        def settled() -> None:
            self.world.note(self.name, "has an answer for", line.nonce)
            ack = line.result.value
            if line.change is not None:
                # Somebody may have taken it back at that moment; or who it was is forgotten.
                error = line.result.error
                allowed = ack is not None or self.world.books.went_back
                promise(
                    allowed or isinstance(error, (BadMessage, NotAllowed)),
                    "a change failed",
                    self.name,
                    error,
                )
            elif ack is None:
                went_back = self.world.books.went_back
                promise(went_back, "a line failed", self.name, line.nonce, line.result.error)
            else:
                self.world.books.check_ack(self.name, self._texts[line.nonce], ack)

        line.result.then(settled)

    def _written_and_read(self, kept: Resume) -> Resume:
        return msgspec.json.decode(msgspec.json.encode(kept), type=Resume)


class LinePerson(Person):
    """Has netcat. A lost connection makes somebody new of them, as nothing proves who they were."""

    def __init__(self, world: World, name: str, room: str) -> None:
        super().__init__(world, name)
        self.room = room
        self.inside = False
        self._passing = False
        self._base = name
        self._lives = 0
        self._data = b""
        self._seqs: list[int] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        self._lives += 1
        self.name = f"{self._base}{self._lives}"
        self._data, self._seqs, self.inside = b"", None, False
        self.transport.write(f"{self.name}\n{self.room}\n".encode())

    def pass_by(self) -> None:
        """Comes in and goes."""
        self._passing = True
        self.connect()

    def say(self) -> None:
        if self.inside:
            self.transport.write(self.next_text(self.room).encode() + b"\n")

    def hang_up(self) -> None:
        if self.link is None:
            return
        if self.dice.random() < 0.5:
            self.transport.write(b"exit\n")
        else:
            self.link.client.abort()

    def lost(self) -> None:
        self.inside = False

    def later(self) -> None:
        if not self._passing:
            super().later()

    def data_received(self, data: bytes) -> None:
        *lines, self._data = (self._data + data).split(b"\n")
        for line in lines:
            self._line(line.decode())

    @property
    def done(self) -> bool:
        """Whether all was shown."""
        head = self.world.books.head(self.room)
        log = self.world.books.log(self.room)
        return self.inside and self._seqs is not None and head in self._reached(log, self._seqs)

    def _reached(self, log: Sequence[Event], seqs: list[int]) -> list[int]:
        """Where who has been shown the events up to one of ``seqs`` may be by now.

        Some events have no line, and what amends a message has one only live. Who was behind when
        old ones went goes on at what is left.
        """
        floors = {one.floor for one in log if isinstance(one, Trimmed)}
        reached = {*seqs, *(floor for floor in floors if floor >= min(seqs, default=0))}
        for event in log:
            silent = target_of(event) is not None or not FORMAT.lines(event)
            if event.seq - 1 in reached and silent:
                reached.add(event.seq)
        return sorted(reached)

    def _line(self, line: str) -> None:
        if line.startswith("Welcome to room"):
            self.inside = True
            if self._passing:
                self.transport.write(b"exit\n")
        elif line == "Which room?":  # the log did not take the join
            self.transport.write(f"{self.room}\n".encode())
        elif line.startswith("["):
            # Two joins in one second look alike: all places in the log that fit are kept in mind.
            log = self.world.books.log(self.room)
            before = range(len(log)) if self._seqs is None else self._reached(log, self._seqs)
            fits = [
                seq + 1 for seq in before if seq < len(log) and _is_line_of(log, log[seq], line)
            ]
            promise(bool(fits), "a line that is not the next one of the log", self.name, line)
            self._seqs = fits


def _is_line_of(log: Sequence[Event], event: Event, line: str) -> bool:
    """Whether ``line`` shows ``event``: what is amended in any form, told by time and author."""
    lines = FORMAT.lines(event)
    if lines == [line]:
        return True
    amended = target_of(event) is not None or any(target_of(one) == event.seq for one in log)
    return amended and bool(lines) and line.split()[:3] == lines[0].split()[:3]
