"""One connection of IRC as a conversation: lines in and commands out, replies in and lines out.

Each command of a client is a `Conversation`: it asks the hub by ``yield``, and is given the answer.
They come one after the other, so that what a client reads is in the order of what it has asked.
Only texts that need no answer go on at once.
"""

from __future__ import annotations

from collections.abc import Generator, Sequence

from msgspec import Struct
from msgspec.structs import replace

from hubbub.domain.commands import Command
from hubbub.domain.errors import ChatError
from hubbub.domain.events import AnyEvent
from hubbub.domain.ids import UserId
from hubbub.domain.names import RoomName, UserName
from hubbub.domain.replies import Goodbye, Refused, Reply
from hubbub.wire.irc import numerics as num
from hubbub.wire.irc.capabilities import NONE, Cap
from hubbub.wire.irc.conversation import (
    Handler,
    Rejected,
    Row,
    Running,
    Vocabulary,
    alone,
    nothing,
)
from hubbub.wire.irc.directory import Known
from hubbub.wire.irc.errors import is_quiet, numeric_of
from hubbub.wire.irc.format import IrcFormat
from hubbub.wire.irc.hints import in_irc
from hubbub.wire.irc.host import Host
from hubbub.wire.irc.labels import labelled
from hubbub.wire.irc.lines import Endless, IrcReader, NotUtf8, TooLong
from hubbub.wire.irc.message import Message, parse, parse_tags, written
from hubbub.wire.irc.names import spelled
from hubbub.wire.irc.registration import Registration


class IrcWire(Struct, eq=False, gc=False):  # `close` breaks what circles there are
    """`receive` takes bytes, `next_command` returns the commands in them.

    ``nick``: who the client is, or wants to be; ``known``: what it has said of itself, when it is
    registered, and by all connections with that name. ``secure``: nobody can listen to it on the
    way. ``address``: from where it comes; "" if that is not known. ``registration``: what it has
    told of itself so far; None when it is registered.
    ``extra``: what few clients need, by what it is for. ``has_more``: see `next_command`.
    """

    host: Host
    reader: IrcReader
    vocabulary: Vocabulary
    caps: Cap = NONE
    nick: str = ""
    user_id: UserId | None = None
    account: bool = False
    secure: bool = False
    address: str = ""
    known: Known | None = None
    registration: Registration | None = None
    rooms: tuple[RoomName, ...] = ()
    extra: dict[str, object] | None = None
    over: bool = False
    has_more: bool = False
    _id: int = 0
    _running: Running | None = None
    _next: tuple[Command, ...] = ()
    _out: list[str] | None = None  # most say nothing now, and need no list
    _sent: dict[int, tuple[str, str]] | None = None
    _later: tuple[tuple[Message, Handler, str], ...] = ()

    @property
    def format(self) -> IrcFormat:
        """How events are written to this client."""
        return self.host.format(self.caps)

    # Bytes in

    def receive(self, data: bytes) -> None:
        """Adds received bytes to the input."""
        self.reader.feed(data)

    def end(self) -> None:
        """The client sends nothing more: it goes, when all is done that it has asked for."""
        self.reader.end()
        self.reader.feed(b"QUIT\r\n")

    def next_command(self) -> Command | None:
        """The next command for the hub, or None: until more comes in, or the answer to the last.

        Or, with `has_more`, until its next turn: what is answered from memory may be a lot.
        """
        self.has_more, told = False, len(self._out or ())
        while True:
            if self._next:
                return self._take_next()
            if self._running is not None or self.over:
                return None
            if len(self._out or ()) > told:
                self.has_more = True
                return None
            if self._later:
                (message, handler, _), *rest = self._later
                self._later = tuple(rest)
                command = self.start(message, handler)
                if command is not None:
                    return command
                continue
            try:
                line = self.reader.next()
            except TooLong:
                self.numeric(num.ERR_INPUTTOOLONG, "That line is too long: please split it.")
                continue
            except NotUtf8 as error:
                self._tell_not_utf8(*error.args)
                continue
            except Endless:
                return self.start(Message("QUIT"), self.vocabulary.cut_off)
            if line is None:
                return None
            parsed = parse(line)
            if parsed is not None:
                command = self._begin(parsed)
                if command is not None:
                    return command

    def _tell_not_utf8(self, tags: str, command: str) -> None:
        label = parse_tags(tags).get("label", "") if Cap.LABELED_RESPONSE in self.caps else ""
        words = "This server takes UTF-8 only: nothing was done. Please choose it in your client."
        labels = {"label": label} if label else {}
        self.send("FAIL", command, "INVALID_UTF8", words, **labels)

    def _take_next(self) -> Command | None:
        if not self._next:
            return None
        command, *rest = self._next
        self._next = tuple(rest)
        return command

    def row(self, command: str) -> Row | None:
        """What there is by the name ``command``."""
        return self.vocabulary.commands.get(command)

    def _begin(self, message: Message) -> Command | None:
        row = self.row(message.command)
        if row is not None:
            self.host.commands[message.command] += 1
            if self.known is not None and message.command in SPEAKING:
                self.known.active = self.host.directory.now()
        early = self.registration is not None
        label = message.tags.get("label", "") if message.tags else ""
        if label and Cap.LABELED_RESPONSE in self.caps:
            self.answers(message, label)
        command = self._look_up(message, row, early=early)
        if command is None and self._running is not None and self._running.re == 0:
            self._finish()
        return command

    def _look_up(self, message: Message, row: Row | None, *, early: bool) -> Command | None:
        if row is None:
            if early:
                self._tell_unregistered()
                return None
            self.numeric(num.ERR_UNKNOWNCOMMAND, message.command, "There is no such command.")
            return None
        if early and not row.early:
            self._tell_unregistered()
            return None
        if not early and not row.late:
            self.numeric(num.ERR_ALREADYREGISTRED, "You have done that already.")
            return None
        if len(message.params) < row.least:
            self.numeric(num.ERR_NEEDMOREPARAMS, message.command, "Something is missing in that.")
            return None
        return self.start(message, row.handler)

    def start(self, message: Message, handler: Handler) -> Command | None:
        """Begins what ``message`` asks for. Returns the first command of it, if there is one."""
        try:
            begun = handler(self, message)
        except ChatError as error:
            self.refuse(Refused.of(error), message)
            self._finish()
            return None
        if begun is None:
            self._finish()
            return None
        if isinstance(begun, Command):
            if self._running is None:
                return self._not_waited_for(begun, message)
            begun = alone(begun)
        # What the handler has said before it asks for something is a part of the answer, too.
        label, lines = "", list[str]()
        if self._running is not None:
            label, lines = self._running.label, self._running.lines
        self._running = Running(message, begun, lines=lines, label=label, labelled=bool(label))
        self._go_on(None)
        return self._take_next()

    def _tell_unregistered(self) -> None:
        self.numeric(num.ERR_NOTREGISTERED, "Say who you are first: NICK and USER.")

    def _not_waited_for(self, command: Command, message: Message) -> Command:
        """Remembers nothing but what its refusal is to be told about, until it is answered."""
        self._id += 1
        if self._sent is None:
            self._sent = {}
        self._sent[self._id] = message.command, message[0]
        if len(self._sent) > MAX_UNANSWERED:
            del self._sent[next(iter(self._sent))]
        return replace(command, id=self._id)

    # The conversation

    def _go_on(self, answer: Reply | None) -> None:
        running = self._running
        assert running is not None
        conversation = running.conversation
        try:
            if isinstance(answer, Refused):
                command = conversation.throw(Rejected(answer))
            else:
                command = conversation.send(answer)  # type: ignore[arg-type]  # None begins it
        except StopIteration:
            self._finish()
            return
        except Rejected as error:
            self.refuse(error.refused, running.message)
            self._finish()
            return
        except ChatError as error:
            self.refuse(Refused.of(error), running.message)
            self._finish()
            return
        if command is None:
            running.re = running.last
            return
        running.first = self._id + 1
        for one in (command,) if isinstance(command, Command) else command:
            self._id += 1
            self._next += (replace(one, id=self._id),)
        running.re = running.last = self._id

    def answers(self, message: Message, label: str) -> None:
        """What is said from here on answers ``message``, which has that label."""
        self._running = Running(message, nothing(), label=label, labelled=bool(label))

    def answers_later(self) -> str:
        """What goes on now is answered with a later message: its label is no more, and returned."""
        running = self._running
        label = "" if running is None else running.label
        self._running = None
        return label

    def does(self, room: RoomName, *, gathers: bool = False) -> None:
        """The conversation says or changes something in ``room``: see `Running`."""
        if self._running is not None:
            self._running.does, self._running.gathers = room.key, gathers

    @property
    def label(self) -> str:
        """The label of the conversation; "" if it has none."""
        return "" if self._running is None else self._running.label

    def later(self, message: Message, handler: Handler, about: str = "") -> None:
        """Does something by itself, as if the client had sent ``message``, when it is its turn.

        ``about``: of what is about the same, the last is done. Who does not read has no turn, and
        others may make it do something again and again.
        """
        if about:
            self._later = tuple(one for one in self._later if one[2] != about)
        self._later += ((message, handler, about),)

    def do_now(self, about: str) -> Generator[Command | Sequence[Command] | None, Reply, bool]:
        """Does what is to be done `later` about something that begins so; whether there is any."""
        mine = [one for one in self._later if one[2].startswith(about)]
        self._later = tuple(one for one in self._later if one not in mine)
        for message, handler, _ in mine:
            begun = handler(self, message)
            try:
                if begun is not None and not isinstance(begun, Command):
                    yield from begun
            except Rejected as error:
                self.refuse(error.refused, message)
        return bool(mine)

    def _finish(self) -> None:
        """What was asked is answered: with the label, if it had one."""
        running, self._running = self._running, None
        if running is None:
            return
        lines = running.lines
        if running.labelled:
            lines = labelled(self.host.name, running.label, lines, self.new_batch)
        self._writes(lines)

    def new_batch(self) -> str:
        """What a new batch is called."""
        self._id += 1
        return f"b{self._id}"

    @property
    def wants_turn(self) -> bool:
        """Whether there is something to be done that needs no more input."""
        return bool(self._next) or (self._running is None and bool(self._later))

    @property
    def asked_for_another_name(self) -> bool:
        """Whether the client has said who it is, and has to choose another nickname."""
        registration = self.registration
        return registration is not None and bool(registration.username) and not registration.nick

    def ping(self) -> None:
        """Asks whether the client is there."""
        self.say(f"PING :{self.host.name}\r\n")

    def close(self) -> None:
        """The connection is over."""
        if self.registration is None and self.nick:
            self.host.departs(self.nick, self.user_id)
        self._running, self._next, self.over = None, (), True

    # Words out

    def send(self, command: str, *params: str, source: str | None = None, **tags: str) -> None:
        """One message, by the server if no other source is named."""
        self.say(written(command, *params, source=source or self.host.name, tags=tags))

    def say(self, line: str) -> None:
        """One message as it is written."""
        if self._running is not None:
            self._running.lines.append(line)
        else:
            self._writes((line,))

    def _writes(self, lines: Sequence[str]) -> None:
        if self._out is None:
            self._out = []
        self._out += lines

    def beside(self, line: str) -> None:
        """One message that is no part of an answer."""
        self._writes((line,))

    def numeric(self, number: str, *params: str) -> None:
        """A numeric. The nickname before its parameters is put there."""
        self.send(number, self.nick or "*", *params)

    def refuse(self, refused: Refused, message: Message, about: str = "") -> None:
        """Tells why something was not done."""
        about = about or message[0]
        if is_quiet(message.command, refused.code) and not self.label:
            return
        number = numeric_of(message.command, refused.code, about)
        self.numeric(
            number, *((about,) if about and " " not in about else ()), in_irc(refused.message)
        )

    @property
    def me(self) -> str:
        """This client as the source of a message."""
        return self.host.source(self.nick, self.user_id)

    def output(self) -> bytes:
        """Takes what is to be written, in front of what comes later."""
        out, self._out = self._out, None
        return "".join(out).encode(errors="replace") if out else b""

    def reply(self, reply: Reply) -> bytes:
        """What a reply of the hub says to this client."""
        running = self._running
        if running is not None and running.re and reply.re is not None:
            refused = isinstance(reply, Refused) and reply.re in range(running.first, running.re)
            if reply.re == running.re or refused:
                running.re = 0
                self._go_on(reply)
                return self.output()
        if self._sent and isinstance(reply.re, int):
            sent = self._sent.pop(reply.re, None)
            if sent is not None and type(reply) is Refused:
                self.refuse(reply, Message(sent[0], (sent[1],)))
            if sent is not None:
                return self.output()
        if isinstance(reply, Refused):
            self.send("NOTICE", self.nick or "*", reply.message)
            return self.output()
        tell = self.vocabulary.told.get(type(reply))
        if self.registration is not None and type(reply) is not Goodbye:
            tell = None  # who has logged in, and has not come yet, is told nothing of others
        if tell is not None:
            self._running = None  # what comes by itself is no part of an answer
            try:
                tell(self, reply)
            finally:
                self._running = running
        return self.output()

    def follow(self, name: str, id: UserId | None) -> None:
        """The user of this connection is called ``name`` by now, whoever has renamed them."""
        if self.registration is None and id == self.user_id and spelled(name) != self.nick:
            before = self.me
            self.take_name(name, id)
            self.beside(written("NICK", self.nick, source=before))

    def take_name(self, name: str, id: UserId | None) -> None:
        """The client has another name, and has said of itself what it has said."""
        known, nick = self.known, spelled(name)
        if known is not None and UserName.recall(nick).key == UserName.recall(self.nick).key:
            known.nick = nick
        elif known is not None:
            self.host.departs(self.nick, self.user_id)
            self.known = self.host.arrives(nick, replace(known, sessions=1))
        self.nick, self.user_id = nick, id

    def labels(self, room: RoomName) -> bool:
        """Whether what is done in ``room`` just now has a label that nothing has yet."""
        running = self._running
        return running is not None and running.labelled and running.does == room.key

    def own(self, room: RoomName, target: str | None, event: AnyEvent) -> list[str]:
        """What the client has done: as a part of the answer, if it has put a label to that."""
        running, format = self._running, self.format
        if running is None or not self.labels(room):
            return format.lines(room, target, event)
        if running.gathers:
            running.lines += format.lines(room, target, event)
            return []
        running.labelled = False
        lines = format.labelled(room, target, event, running.label)
        if len(lines) < 2 or " BATCH +" in lines[0]:
            return lines
        lines = format.lines(room, target, event)
        return labelled(self.host.name, running.label, lines, self.new_batch)


SPEAKING = frozenset({"PRIVMSG", "NOTICE"})  # by which somebody is not idle
MAX_UNANSWERED = 300  # texts on their way to the disk, and signals, which are never answered


def attempt(
    wire: IrcWire, message: Message, command: Command, about: str
) -> Generator[Command | None, Reply, Reply | None]:
    """Asks for one of several things: tells why it is refused, and goes on with None then."""
    try:
        return (yield command)
    except Rejected as error:
        wire.refuse(error.refused, message, about)
        return None
