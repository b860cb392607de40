"""One connection of IRC as a conversation: lines in and commands out, replies in and lines out.

Each command of a client is a `Conversation`: it asks the hub by ``yield``, and is given the answer.
They come one after the other, so that what a client reads is in the order of what it has asked.
Only texts that need no answer go on at once.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Generator, Mapping, Sequence
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from hubbub.domain.commands import Command
from hubbub.domain.errors import ChatError
from hubbub.domain.events import AnyEvent, Joined
from hubbub.domain.ids import UserId
from hubbub.domain.names import RoomName, UserName
from hubbub.domain.replies import Goodbye, Refused, Reply
from hubbub.wire.irc import numerics as num
from hubbub.wire.irc.capabilities import NONE, Cap
from hubbub.wire.irc.directory import Known
from hubbub.wire.irc.errors import is_quiet, numeric_of
from hubbub.wire.irc.format import PUTTING_OUT, IrcFormat
from hubbub.wire.irc.hints import in_irc
from hubbub.wire.irc.host import Host
from hubbub.wire.irc.labels import labelled
from hubbub.wire.irc.lines import Endless, IrcReader, NotUtf8, TooLong
from hubbub.wire.irc.message import Message, parse, parse_tags, written
from hubbub.wire.irc.names import spelled
from hubbub.wire.irc.registration import Registration

Conversation = Generator["Command | Sequence[Command] | None", Reply, None]
"""Asks the hub by ``yield``; is given the answer, or `Rejected` is raised there. ``yield None``
waits for one more answer to the same question. Of several commands the last one's answer is waited
for, and `Rejected` is raised if one of them is refused: what has no answer goes before a `Ping`.
"""

Handler = Callable[["IrcWire", Message], Conversation | Command | None]
"""Begins what a message asks for. A command that is returned, and not yielded, is not waited for:
only its refusal is told.
"""


class Row(Struct, frozen=True):
    """One command. ``least``: parameters that it needs. ``early``: before registration, too.

    ``late``: and after it.
    """

    handler: Handler
    least: int = 0
    early: bool = False
    late: bool = True


class Vocabulary(Struct, frozen=True):
    """What is understood and told: the tables of the modules that need this one.

    ``told``: what each kind of reply says that was not asked for. ``beside``: what an event tells
    one client beside its messages. ``cut_off``: what is done with lines that have no end.
    """

    commands: Mapping[str, Row]
    told: Mapping[type[Reply], Callable[[IrcWire, Any], None]]
    beside: Callable[[IrcWire, RoomName, AnyEvent], list[str]]
    cut_off: Handler


class Rejected(Exception):
    """The hub has refused what a conversation has asked for."""

    def __init__(self, refused: Refused) -> None:
        super().__init__(refused.message)
        self.refused = refused


class Running(Struct):
    """The conversation that goes on. ``re``: the id of the command whose answer it waits for.

    ``first``, ``last``: those of the commands that were asked together with it. ``lines``: what it
    has said so far. ``labelled``: nothing that was said has the label yet. ``does``: the key of the
    room in which it says or changes something, which the client is shown with the label;
    ``gathers``: with all else that the conversation says.
    """

    message: Message
    conversation: Conversation
    re: int = 0
    first: int = 0
    last: int = 0
    lines: list[str] = []
    label: str = ""
    labelled: bool = False
    does: str = ""
    gathers: bool = False


class IrcWire(Struct, eq=False, gc=False):  # `close` breaks what circles there are
    """`receive` takes bytes, `next_command` returns the commands in them.

    ``nick``: who the client is, or wants to be; ``known``: what it has said of itself, when it is
    registered, and by all connections with that name. ``secure``: nobody can listen to it on the
    way. ``registration``: what it has told of itself so far; None when it is registered.
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
    known: Known | None = None
    registration: Registration | None = None
    rooms: tuple[RoomName, ...] = ()
    extra: dict[str, object] | None = None
    over: bool = False
    has_more: bool = False
    _id: int = 0
    _running: Running | None = None
    _next: tuple[Command, ...] = ()
    _out: tuple[str, ...] = ()
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
        self.has_more, told = False, len(self._out)
        while True:
            if self._next:
                return self._take_next()
            if self._running is not None or self.over:
                return None
            if self._later:
                (message, handler, _), *rest = self._later
                self._later = tuple(rest)
                command = self.start(message, handler)
                if command is not None:
                    return command
                continue
            if len(self._out) > told:
                self.has_more = True
                return None
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
        label = message.tags.get("label", "") if Cap.LABELED_RESPONSE in self.caps else ""
        if label:
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
            begun = _alone(begun)
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
        self._running = Running(message, _nothing(), label=label, labelled=bool(label))

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

    def _finish(self) -> None:
        """What was asked is answered: with the label, if it had one."""
        running, self._running = self._running, None
        if running is None:
            return
        lines = running.lines
        if running.labelled:
            lines = labelled(self.host.name, running.label, lines, self.new_batch)
        self._out += tuple(lines)

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
            self._out += (line,)

    def beside(self, line: str) -> None:
        """One message that is no part of an answer."""
        self._out += (line,)

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
        out, self._out = self._out, ()
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

    def show(
        self,
        room: RoomName,
        events: Sequence[AnyEvent],
        own: Collection[int],
        elsewhere: Collection[int] = (),
    ) -> bytes:
        """``events`` as this client alone is shown them. ``own``: those that it has said itself.

        ``elsewhere``: those that it is told of with another room, but for what somebody is here.
        """
        format = self.format
        about = format.differ(events)
        if not own and not elsewhere and (about is None or self.user_id not in about):
            return format.events(room, events)  # the bytes that others are given
        texts: list[str] = []
        target = None if room.startswith("@") else f"#{room}"
        for event in events:
            if event.seq in elsewhere or self._knows_name(event):
                texts += format.beside_the_name(room, target, event)
                continue
            if event.seq not in own:
                told = format.told(room, target, event)
                if type(event) in PUTTING_OUT and is_put_out(told, target, self.nick):
                    self.extra = {**(self.extra or {}), PUT_OUT: room.key}
                texts.append(told)
                texts += self.vocabulary.beside(self, room, event) if target else []
            elif Cap.ECHO_MESSAGE in self.caps:
                texts += self._own(room, target, event)
        return "".join(texts).encode(errors="replace")

    def _knows_name(self, event: AnyEvent) -> bool:
        """Whether ``event`` tells of the client's own new name, by which it was told already."""
        if not isinstance(event, Joined) or event.was is None or event.by_id != self.user_id:
            return False
        if event.by == self.nick:
            return True
        self.take_name(event.by, event.by_id)  # another program of the account has renamed it
        return False

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

    def _own(self, room: RoomName, target: str | None, event: AnyEvent) -> list[str]:
        """What the client has done: as a part of the answer, if it has put a label to that."""
        running, format = self._running, self.format
        if running is None or running.does != room.key or not running.labelled:
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
PUT_OUT = "put out"  # in `IrcWire.extra`: of which room the client was told that it is out


def is_put_out(told: str, target: str | None, nick: str) -> bool:
    """Whether it is told that somebody is put out of a channel."""
    lines = (parse(line) for line in told.split("\r\n") if " KICK " in line)  # or its reason has it
    return any(one and one.command == "KICK" and one.params[:2] == (target, nick) for one in lines)


def _nothing() -> Conversation:
    return
    yield


def _alone(command: Command) -> Conversation:
    """Asks for one thing whose answer says nothing more."""
    yield command


def attempt(
    wire: IrcWire, message: Message, command: Command, about: str
) -> Generator[Command | None, Reply, Reply | None]:
    """Asks for one of several things: tells why it is refused, and goes on with None then."""
    try:
        return (yield command)
    except Rejected as error:
        wire.refuse(error.refused, message, about)
        return None
