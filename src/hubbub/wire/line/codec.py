"""The line protocol as a conversation: a name, a room, then texts and commands.

The codec keeps the state of the conversation, since the meaning of a line depends on the replies
that were sent before it.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum
from functools import partial

from msgspec import Struct
from msgspec.structs import replace

from hubbub.domain.commands import (
    MAX_NAME_QUERY_CHARS,
    Amend,
    Audit,
    Bye,
    Command,
    Delete,
    Hello,
    Join,
    Leave,
    Ping,
    Read,
    Register,
    Rooms,
    Say,
    SayTo,
    Search,
    SetTopic,
    Timeline,
    Who,
)
from hubbub.domain.deeds import DEEDS, deed, people_and_text
from hubbub.domain.directory import DIRECTORY
from hubbub.domain.errors import (
    BadMessage,
    Forbidden,
    GuestsOff,
    InvalidName,
    NeedAccount,
    NeedCode,
    NeedPassword,
    NoSuchRoom,
    NotAllowed,
    WrongPassword,
)
from hubbub.domain.names import RoomName, UserName
from hubbub.domain.orders import (
    Message,
    Mistake,
    Order,
    Vocabulary,
    count,
    name_and_text,
    topic_in,
)
from hubbub.domain.passwords import INSTEAD
from hubbub.domain.replies import (
    Ack,
    Announced,
    BanList,
    DeviceList,
    DirectRoom,
    Done,
    FactorOffered,
    Found,
    Goodbye,
    Invitation,
    Members,
    Messages,
    Page,
    Person,
    Pong,
    QueueList,
    RecoveryCodes,
    Refused,
    Reply,
    RoomDeleted,
    RoomJoined,
    RoomLeft,
    RoomList,
    RoomMoved,
    RoomStanding,
    TicketGiven,
    TicketList,
    Warned,
    Welcome,
)
from hubbub.domain.slashes import Client, Needs
from hubbub.domain.tickets import room_link
from hubbub.wire.line.asking import (
    CHANGED,
    FACTOR_OFF,
    MOST_WRONG,
    NOT_YOURS,
    RESET,
    THIRD_WRONG,
    UNCHANGED,
    Ask,
    Question,
    answered,
    refused,
)
from hubbub.wire.line.format import LineFormat, harmless
from hubbub.wire.line.lines import LineReader
from hubbub.wire.line.shown import (
    bans_lines,
    devices_lines,
    filters_lines,
    is_listed,
    members_lines,
    room_line,
    standing_lines,
)
from hubbub.wire.line.telnet import HIDE, SHOW
from hubbub.wire.line.told import (
    DONE,
    codes_lines,
    link_lines,
    links_lines,
    offer_lines,
    person_lines,
    pinned,
    profile_lines,
    queue_lines,
    seen_line,
    strangers_line,
    waiting_line,
)
from hubbub.wire.requests import (
    MAX_FIRST_BYTES,
    is_header,
    is_method_in_pieces,
    is_request,
    is_request_line,
)

VOCABULARY = Vocabulary(Client.LINE)

HISTORY_LINES = 20  # when nobody says how many: less than a screen
ROOM_LINES = 50  # rooms at a time: more than a class or a team has
SEARCH_LINES = 10  # results at a time: half a screen

NO_CHAT = (
    "This looks like a request of a browser, and not like chat. Please open the page itself in "
    "the browser, or connect with netcat or telnet."
)

MADE = "This room is new: you have just made it. To take it back: /delete"

MOST_TALKS = 10  # direct conversations that are shown at once; older ones come back with a text

TALK, RULES, LEFT, READ, FILTERS = "talk", "rules", "left", "read", "filters"
DELETED = "deleted"
"""Ids of commands whose answers are told in another way, or not at all."""
LOOK = " look"
"""Whether a room is there: no word that is told."""
THERE = frozenset({NeedPassword.code, NeedAccount.code, Forbidden.code, NotAllowed.code})
NOT_THERE = "There is no room {} yet. Type it once more to make it."
NOT_SAID = "You are in no room, so nobody has read that. {}"
RENAMED = "You have your new name."
LOGGED_OUT = "That device is logged out."
ALL_OUT = "All your other devices are logged out."
GUESTS_NAME = (
    "A guest's name stays as long as you are connected. Type exit, and come back with another. "
    "To keep one for yourself, make an account: /register"
)
WRONG = frozenset({WrongPassword.code, NeedCode.code})
NONE_YET = "Nothing yet."
ANY_TIME = frozenset({"login", "reset", "quit", "exit"})
"""Commands, too, where a password is asked for: none is so short."""
BEGIN_AGAIN = frozenset({"register", "password", "factor", "close-account"})
"""Who has mistyped a secret may type the command that asks for it again: no secret begins so."""

GREETING = "Welcome to Hubbub! What is your name?"


class Stage(Enum):
    """The state of the conversation: what the next line means."""

    NAME = "name"
    ROOM = "room"
    CHAT = "chat"


class Aside(Struct, frozen=True):
    """What is to be remembered of some conversations. Most of them share `NOTHING`.

    ``sought``, ``more``, ``rooms_query`` and ``more_rooms``: where ``/search more`` and ``/rooms
    more`` go on, and with which words. ``question``: the one that the next line answers.
    ``hidden``: telnet was asked to show nothing of what is typed. ``wrong``: so many passwords
    were. ``talks``: the direct conversations that are shown. ``begun``: all that came before the
    first line end; None when that has come. ``unfit``: the input is another protocol's. ``over``:
    it was refused as that. ``ended``: no more input comes. ``waiting``: so many things wait for
    whom it is told to, who moderates. ``wary``: one was put out while one may have been typing, so
    that a line may be no name of a room; ``named`` is entered without a look whether it is there.
    ``aside``: the direct conversation in which one has said something last, and not in the room.
    """

    sought: str = ""
    more: str | None = None
    rooms_query: str | None = None
    more_rooms: str | None = None
    question: Question | None = None
    hidden: bool = False
    wrong: int = 0
    talks: tuple[RoomName, ...] = ()
    begun: bytes | None = None
    unfit: bool = False
    over: bool = False
    ended: bool = False
    waiting: int = 0
    wary: bool = False
    named: RoomName | None = None
    aside: RoomName | None = None


NOTHING = Aside()
BEGINNING = Aside(begun=b"")


def tell(words: str) -> Command:
    """A command of which nothing comes but ``words``, when it is its turn: a flood of them is taken
    in turns, and stops with the outbox.
    """
    return Ping(id=words)


class LineWire(Struct, eq=False, gc=False):  # in no cycle, as `LineReader`
    """One conversation. `receive` takes bytes; `next_command` returns the commands in them.

    ``formats``: for clients that end lines with LF, and with CRLF.

    The ``id`` of a command is mostly what is told when it is done: the answer gives it back, so
    that nothing has to be remembered meanwhile.
    """

    formats: tuple[LineFormat, LineFormat]
    reader: LineReader
    stage: Stage = Stage.NAME
    _room: RoomName | None = None
    _next: tuple[Command, ...] = ()
    _aside: Aside = BEGINNING

    @property
    def over(self) -> bool:
        """Whether the input was refused as another protocol: close the connection."""
        return self._aside.over

    @property
    def format(self) -> LineFormat:
        """The format of lines, with the line end of the client's first line."""
        return self.formats[self.reader.crlf]

    # Bytes in

    def receive(self, data: bytes) -> None:
        """Adds received bytes to the input."""
        aside = self._aside
        if aside.unfit:
            return
        if aside.begun is not None:
            self._look_at_the_beginning(aside.begun + data)
        self.reader.feed(data)

    def _look_at_the_beginning(self, begun: bytes) -> None:
        """Checks that pauses do not turn an HTTP request without line ends into lines."""
        ends = b"\n" in begun
        unfit = is_request(begun) or (not ends and len(begun) > MAX_FIRST_BYTES)
        self._note(begun=None if unfit or ends else begun, unfit=unfit)

    def next_command(self) -> Command | None:
        """The next command, or None until more comes in.

        Raises a `ChatError` for a line that cannot be one; the line is then done with.
        """
        while True:
            if self._aside.unfit:
                if self.over:
                    return None
                raise self._another_protocol()
            if self._next:
                first, *rest = self._next
                self._next = tuple(rest)
                return first
            line = self.reader.next(blank=self._aside.question is not None)
            if line is None:
                if not self._aside.ended:
                    return None
                self._note(ended=False)
                return Bye()
            command = self._understand(line)
            if command is not None:
                return command

    def pause(self) -> None:
        """The client has paused, which ends its line if it sends no line ends."""
        if not self._half_a_method:
            self.reader.pause()

    def end(self) -> None:
        """The client has ended its side: the input is still processed, then it leaves."""
        if self._half_a_method:
            self.reader.drop()
        self.reader.finish()
        self._note(ended=True)

    @property
    def _half_a_method(self) -> bool:
        """Whether a name and what follows are "GET" or the like, in pieces."""
        begun, named = self._aside.begun, self.stage is not Stage.NAME
        return begun is not None and named and is_method_in_pieces(begun)

    # Words out

    def reply(self, reply: Reply) -> bytes:
        """The lines of a reply; b"" for one that people need not read."""
        if type(reply) is Ack and reply.re is None:  # by far the most
            return b""
        data = self._encode(self._lines(reply))
        return data if self._aside is NOTHING else self._with_echo(data, reply)

    def _with_echo(self, data: bytes, reply: Reply) -> bytes:
        """``data`` with what tells telnet whether to show what is typed."""
        aside = self._aside
        hide = aside.question is not None and type(reply) is not Goodbye
        if hide is aside.hidden or not self.reader.telnet:
            return data
        self._note(hidden=hide)
        return data + HIDE if hide else SHOW + data

    def _lines(self, reply: Reply) -> list[str]:
        when = self.format.local_time
        match reply:
            case Done(re=re) if re == RESET:
                self._note(question=None)
                return [RESET, *self._ask_again()]
            case Pong(re=str(told)) | Done(re=str(told)) | Ack(re=str(told)):
                if told in (CHANGED, FACTOR_OFF):
                    self._note(question=None)
                return told.split("\n")
            case Welcome():
                return self._welcomed(reply)
            case RoomList():
                return ["Available rooms:", *self._listed(reply)]
            case RoomJoined():
                return self._joined(reply)
            case RoomLeft(room=room, put_out=put_out, re=re):
                moved = self._moved_out_of(room)
                if moved and put_out:
                    self._note(wary=True, named=self._room)
                return self._ask_again() if moved and (put_out or re == LEFT) else []
            case RoomDeleted(room=room, re=re):
                if self._moved_out_of(room) and re is None:
                    self._note(wary=True, named=None)
                return [f"The room {room} is deleted.", *self._ask_again()]
            case RoomMoved(room=room, name=name):
                if self._is_here(room):
                    self._room = RoomName.parse(name)
                return []
            case Members():
                return members_lines(reply)
            case Page(room=room, re=re) if re == LOOK:
                self._then(Join(room=RoomName.parse(room)))
                return []
            case Page():
                return self._page(reply)
            case Messages(room=room, events=events):
                lines = [line for event in events for line in self.format.lines(event)]
                return [pinned(room, bool(lines)), *lines]
            case Found():
                return self._found(reply)
            case DirectRoom():
                return self._talk(reply)
            case Invitation(room=room, by=by):
                return [f"{by} invites you to {room}. To go there: /join {room}"]
            case Warned(message=message):
                return [f"To who administers this server: {message}"]
            case Announced(by=by, text=text):
                return [f"{by} tells everybody: {text}"]
            case BanList(re=re):
                return (filters_lines if re == FILTERS else bans_lines)(reply, when)
            case DeviceList():
                return devices_lines(reply, when)
            case QueueList():
                return queue_lines(reply, when)
            case TicketGiven():
                return link_lines(reply, when)
            case TicketList():
                return links_lines(reply, when)
            case Person():
                return person_lines(reply, when)
            case RoomStanding(room=room, standing=standing) if self._is_here(room):
                return self._waits(standing.waiting)
            case FactorOffered(uri=uri):
                self._note(question=Question(Ask.CONFIRM))
                return [*offer_lines(reply, self.format.picture(uri)), *self._ask_again()]
            case RecoveryCodes():
                self._note(question=None)
                return codes_lines(reply.codes)
            case Refused():
                return self._refused(reply)
            case Goodbye(reason=reason, message=message):
                self._note(question=None)
                return [] if reason == "bye" else [message]
        return []

    def _welcomed(self, welcome: Welcome) -> list[str]:
        user, profile = welcome.user, welcome.profile
        self._note(question=None, wrong=0)
        if self.stage is not Stage.NAME:
            return [f"You have an account now. When you come back as {user}, give your password."]
        self.stage = Stage.ROOM
        self._then(Rooms(limit=ROOM_LINES))
        return [] if profile is None else profile_lines(profile)

    def _joined(self, reply: RoomJoined) -> list[str]:
        room, new, topic = reply.room, reply.new, reply.topic
        if reply.re == TALK:
            return []
        if reply.re == RULES:
            return standing_lines(room, reply.standing)
        # Who chooses the first room types a name that is asked for, and made so.
        made = new and self.stage is Stage.CHAT
        self._moved_to(RoomName.parse(room))
        if self._aside.wary:
            self._note(wary=False, named=None)
        if self._aside.question is not None and self._aside.question.ask is Ask.ROOM:
            self._note(question=None)
        about = [MADE] if made else [f"Topic: {topic}"] if topic else []
        if self._aside.waiting:
            self._note(waiting=0)
        waits = [] if reply.standing is None else self._waits(reply.standing.waiting)
        return [f"Welcome to room {room}!", *about, *waits]

    def _waits(self, waiting: int) -> list[str]:
        """What waits for who moderates the room, if that is more than was told."""
        before = self._aside.waiting
        if waiting == before:
            return []
        self._note(waiting=waiting)
        return [waiting_line(waiting)] if waiting > before else []

    def _page(self, page: Page) -> list[str]:
        count = len(page.events)
        header = f"The last {count} of {page.room}:"
        if isinstance(page.re, str):
            header = page.re.format(count) if count else NONE_YET
        return [header, *(line for event in page.events for line in self.format.lines(event))]

    def _talk(self, reply: DirectRoom) -> list[str]:
        """The direct conversation that was asked for, or in which something was said."""
        room, text = RoomName.parse(reply.room), reply.re
        if text is None:
            self._listen(room, reply.head)
        elif text:
            self._listen(room, reply.head)
            self._note(aside=room)
            self._then(Say(room=room, text=str(text), outside=True))
        elif reply.new:
            names = ",".join(reply.users)
            return [f"Nothing was said here yet. To begin: /msg {names} TEXT"]
        else:
            header = f"The last {{}} of you and {', '.join(reply.users)}:"
            self._then(Timeline(room=room, limit=HISTORY_LINES, id=header))
            self._then(Read(room=room, seq=reply.head, id=READ))
        return []

    def _listen(self, room: RoomName, after: int) -> None:
        """Has the direct conversation shown from there on, unless it is already."""
        talks = self._aside.talks
        if room in talks:
            return
        if len(talks) >= MOST_TALKS:
            self._then(Leave(room=talks[0], for_good=False))
            talks = talks[1:]
        self._note(talks=(*talks, room))
        self._then(Join(room=room, after=after, id=TALK))

    def _refused(self, error: Refused) -> list[str]:
        message, code, question = error.message, error.code, self._aside.question
        if error.re == READ:
            return []  # nothing is kept of guests
        if error.re == LOOK and self._aside.named is not None:
            if code in THERE:
                self._then(Join(room=self._aside.named))  # who goes there is told why not
                return []
            if code == NoSuchRoom.code:
                message = NOT_THERE.format(self._aside.named)
            else:
                self._note(named=None)
        if error.re == TALK and error.room is not None:
            self._moved_out_of(error.room)
        elif error.re == RENAMED and code == NeedAccount.code:
            message = GUESTS_NAME
        elif question is not None:
            wrong = question.ask in (Ask.LOGIN, Ask.CODE) and code in WRONG
            if wrong and (code == NeedCode.code) is (question.ask is Ask.CODE):
                self._note(wrong=self._aside.wrong + 1)  # else the password was right
            if self._aside.wrong >= MOST_WRONG:
                self._note(question=None)
                self._then(Bye())
                return [message, THIRD_WRONG]
            again = refused(question, code)
            if again is not None and again.ask is Ask.ROOM and self.stage is not Stage.CHAT:
                again = None  # which room is asked instead
            self._note(question=again)
        elif self.stage is Stage.NAME and code == NeedPassword.code:
            self._note(question=Question(Ask.LOGIN, str(error.re)))
            message = NOT_YOURS.format(error.re)
            if error.sign_on is not None:
                message = f"{message} {INSTEAD.format(error.sign_on)}"
        elif self.stage is Stage.NAME and code == GuestsOff.code:
            self._note(question=Question(Ask.NEWCOMER, str(error.re)))
        elif code == NeedPassword.code and error.room is not None:
            self._note(question=Question(Ask.ROOM, error.room))
            message = ""
        return [*([message] if message else []), *([] if self.over else self._ask_again())]

    def _listed(self, found: RoomList) -> list[str]:
        if found.next != self._aside.more_rooms:
            self._note(more_rooms=found.next)
        shown = {room.key for room in self._aside.talks}
        lines = [
            room_line(room, shown=room.name.lower() in shown)
            for room in found.rooms
            if is_listed(room)
        ]
        if found.next is not None:
            total = "" if found.total is None else f" There are {found.total:,} rooms."
            return [*lines, f"More: /rooms more, or a part of a name: /rooms WORD.{total}"]
        return lines or [
            "  (none yet)" if self._aside.rooms_query is None else "  (no more like that)"
        ]

    def _found(self, found: Found) -> list[str]:
        self._note(more=found.next)
        lines = [self.format.result(result) for result in found.results]
        if found.next is not None:
            return [*(lines or ["Nothing so far."]), "More: /search more"]
        return [*lines, "No more."] if lines else ["Nothing found."]

    def _ask_again(self) -> list[str]:
        if self._aside.question is not None:
            return [self._aside.question.text]
        match self.stage:
            case Stage.NAME:
                return ["What is your name?"]
            case Stage.ROOM:
                return ["Which room?"]
            case Stage.CHAT:
                return []

    def _encode(self, lines: list[str]) -> bytes:
        newline = self.format.newline
        return "".join([harmless(line) + newline for line in lines]).encode(errors="replace")

    def _moved_to(self, room: RoomName) -> None:
        # A room is left when the next one is entered: who is refused there stays where they were.
        if self.stage is Stage.CHAT and self._room is not None and self._room.key != room.key:
            self._then(Leave(room=self._room, for_good=False))
        self.stage = Stage.CHAT
        self._room = room
        if self._aside.begun is not None:
            self._note(begun=None)

    def _moved_out_of(self, room: str) -> bool:
        """Notes that the session is not in ``room`` any more; whether that was where one is."""
        key = RoomName.parse(room).key
        if self._is_here(room):
            self.stage = Stage.ROOM
            return True
        if self._aside.talks:
            self._note(talks=tuple(talk for talk in self._aside.talks if talk.key != key))
        return False

    def _is_here(self, room: str) -> bool:
        return self._room is not None and self._room.key == RoomName.parse(room).key

    def _note(self, **changes: object) -> None:
        """Remembers something, or that there is no more to be remembered."""
        aside = replace(self._aside, **changes)
        self._aside = NOTHING if aside == NOTHING else aside

    # Lines to commands

    def _then(self, command: Command) -> None:
        self._next += (command,)

    def _understand(self, line: str) -> Command | None:
        word = line.strip()
        if self._aside.question is not None:
            return self._take_answer(self._aside.question, line if word else "", word)
        if not word:
            return None
        room = self._room if self.stage is Stage.CHAT else None
        if room is not None and VOCABULARY.is_text(line, word):
            return self._say(room, line)
        asked = VOCABULARY.read(word if room is None else line)
        if isinstance(asked, Mistake):
            if asked.name:
                self._need(VOCABULARY.rows[asked.name].needs)
            raise BadMessage(asked.why)
        if isinstance(asked, Message):
            if room is not None or asked.marked:
                return self._say(self._here(), asked.text)
            return self._answer(word)
        self._need(VOCABULARY.rows[asked.name].needs)
        return COMMANDS[asked.name](self, asked.argument)

    def _say(self, room: RoomName, text: str) -> Command:
        if self._aside.aside is not None:
            self._note(aside=None)
        return Say(room=room, text=text)

    def _answer(self, word: str) -> Command:
        """The answer to the question for a name, or for a room."""
        if is_header(word) or is_request_line(word):
            raise self._another_protocol()
        if self.stage is Stage.NAME:
            return Hello(user=UserName.parse(word), id=word)
        return _joining(word) or self._go_to(word)

    def _go_to(self, word: str) -> Command:
        """Enters a room; who was put out makes none by a line that was meant for others."""
        aside = self._aside
        try:
            room = RoomName.parse(word)
        except InvalidName as error:
            raise InvalidName(NOT_SAID.format(error.message)) if aside.wary else error from None
        if not aside.wary or (aside.named is not None and aside.named.key == room.key):
            return Join(room=room)
        self._note(named=room)
        return Timeline(room=room, limit=1, id=LOOK)

    def _another_protocol(self) -> BadMessage:
        self._note(unfit=True, over=True)
        self.reader.drop()
        return BadMessage(NO_CHAT)

    # Questions

    def _ask(self, ask: Ask, about: str = "", given: str = "") -> Command:
        question = Question(ask, about, given)
        self._note(question=question)
        return tell(question.text)

    def _take_answer(self, question: Question, answer: str, word: str) -> Command:
        """What the answer to a question asks for. "" takes the question back."""
        asked = VOCABULARY.read(word)
        if isinstance(asked, Order) and asked.name in ANY_TIME:
            if asked.name in ("login", "reset") and self.stage is Stage.NAME:
                self._note(question=None)
                return COMMANDS[asked.name](self, asked.argument)
            if asked.name in ("quit", "exit"):
                self._note(question=None)
                return Bye()
        if isinstance(asked, Order) and asked.name in BEGIN_AGAIN and self.stage is not Stage.NAME:
            self._note(question=None)
            return COMMANDS[asked.name](self, asked.argument)
        if not answer:
            self._note(question=None)
            back = self.stage is Stage.NAME or question.ask is Ask.ROOM  # another one is asked
            return tell("\n".join([*([] if back else [UNCHANGED]), *self._ask_again()]))
        step = answered(question, answer)
        self._note(question=step.question)
        if step.command is not None:
            return step.command
        return tell("\n".join([*([step.told] if step.told else []), *self._ask_again()]))

    def _need(self, needs: Needs) -> None:
        if needs is Needs.ROOM:
            self._here()
        elif needs is Needs.NAME and self.stage is Stage.NAME:
            raise BadMessage("Please type your name first.")

    def _here(self) -> RoomName:
        if self._room is None or self.stage is not Stage.CHAT:
            raise BadMessage("You are not in a room yet. Type the name of one.")
        return self._room

    def _run_help(self, part: str) -> Command:
        return tell("\n".join(VOCABULARY.help_lines(part)))

    def _run_rooms(self, query: str) -> Command:
        if query == "more":
            if self._aside.more_rooms is None:
                raise BadMessage("There are no more rooms to show. All of them: /rooms")
            return Rooms(
                query=self._aside.rooms_query, after=self._aside.more_rooms, limit=ROOM_LINES
            )
        if len(query) > MAX_NAME_QUERY_CHARS:
            raise BadMessage(f"No room's name has more than {MAX_NAME_QUERY_CHARS} characters.")
        self._note(rooms_query=query or None)
        return Rooms(query=self._aside.rooms_query, limit=ROOM_LINES)

    def _run_who(self, _: str) -> Command:
        return Who(room=self._here())

    def _run_topic(self, text: str) -> Command:
        room = self._here()
        return SetTopic(room=room, topic=topic_in(text)) if text else Who(room=room)

    def _run_join(self, argument: str) -> Command:
        command = _joining(argument) or deed(VOCABULARY, Order("join", argument), DIRECTORY)
        assert isinstance(command, Join)
        if self.stage is Stage.CHAT:
            here = self._here()
            if command.room.key == here.key:
                raise BadMessage(f"You are in {here} already.")
        return command

    def _run_leave(self, name: str) -> Command:
        return Leave(room=RoomName.parse(name) if name else self._here(), id=LEFT)

    def _run_delete(self, name: str) -> Command:
        if not name and self.stage is not Stage.CHAT:
            raise BadMessage(VOCABULARY.lacking("delete"))
        return Delete(room=RoomName.parse(name) if name else self._here(), id=DELETED)

    def _run_history(self, number: str) -> Command:
        return Timeline(room=self._here(), limit=count(number) or HISTORY_LINES)

    def _run_reply(self, words: str) -> Command:
        name, text = name_and_text(words)
        self._note(aside=None)
        return SayTo(room=self._here(), to=UserName.parse(name), text=text)

    def _run_search(self, query: str) -> Command:
        if query == "more":
            if self._aside.more is None:
                raise BadMessage("There are no more results. To find something else: /search WORDS")
            return Search(query=self._aside.sought, before=self._aside.more, limit=SEARCH_LINES)
        self._note(sought=query)
        return Search(query=query, limit=SEARCH_LINES)

    def _run_quit(self, _: str) -> Command:
        return Bye()

    # Accounts

    def _run_login(self, name: str) -> Command:
        if self.stage is not Stage.NAME:
            raise BadMessage("You have come in already. Type exit, and log in when you come back.")
        if not name:
            return tell("What is your name?")
        return self._ask(Ask.LOGIN, UserName.parse(name.removeprefix("@")))

    def _run_register(self, password: str) -> Command:
        if not password:
            return self._ask(Ask.REGISTER)
        self._note(question=Question(Ask.REGISTER, given=password, sent=True))
        return Register(password=password)

    def _run_password(self, words: str) -> Command:
        return self._do("password", words, CHANGED) if words else self._ask(Ask.OLD)

    def _run_close_account(self, what: str) -> Command:
        if what.lower() not in ("", "empty"):
            raise BadMessage(
                "Type /close-account to end your account, or /close-account empty to take away "
                "all that you said, too."
            )
        return self._ask(Ask.EMPTY if what else Ask.CLOSE)

    def _run_factor(self, what: str) -> Command:
        if what.lower() not in ("", "off"):
            raise BadMessage("Type /factor to turn your second factor on, /factor off to end it.")
        return self._ask(Ask.FACTOR_OFF if what else Ask.FACTOR)

    def _run_reset(self, argument: str) -> Command:
        name, code = name_and_text(argument)
        return self._ask(Ask.RESET, UserName.parse(name.removeprefix("@")), code)

    def _run_about(self, text: str) -> Command:
        if not text:
            raise BadMessage("Type /about and a line about you, or /about - to take it away.")
        return self._do("about", text, TOLD["about"])

    def _run_seen(self, how: str) -> Command:
        return self._do("seen", how, seen_line(how))

    def _run_strangers(self, how: str) -> Command:
        return self._do("strangers", how, strangers_line(how))

    def _run_filter(self, word: str) -> Command:
        return self._do("filter", word, None if word else FILTERS)

    def _run_logout(self, device: str) -> Command:
        if not device:
            return Bye()
        if self.stage is Stage.NAME:
            raise BadMessage("Please type your name first.")
        return self._do("logout", device, ALL_OUT if device.lower() == "all" else LOGGED_OUT)

    def _run_msg(self, argument: str) -> Command:
        return self._do("msg", argument, people_and_text(argument)[1])

    def _run_own(self, name: str, argument: str) -> Command:
        """What is about one's newest text, which may be in a direct conversation."""
        room, aside = self._here(), self._aside.aside
        command = deed(VOCABULARY, Order(name, argument), room)
        assert isinstance(command, Amend)
        return command if aside is None or command.user else replace(command, room=aside)

    def _run_rules(self, _: str) -> Command:
        return Join(room=self._here(), id=RULES)

    def _do(self, name: str, argument: str, told: str | None = None) -> Command:
        """What a command of `hubbub.domain.deeds` asks for; ``told`` when it is done."""
        room = self._here() if VOCABULARY.rows[name].needs is Needs.ROOM else DIRECTORY
        return replace(deed(VOCABULARY, Order(name, argument), room), id=told)


def _joining(typed: str) -> Join | None:
    """What a link into a room asks for; None if it is none."""
    link = room_link(typed)
    return None if link is None else Join(room=RoomName.parse(link.room), invite=link.code)


TOLD = {
    **DONE,
    "nick": RENAMED,
    "own": "You own this server now. What you may do: /help room",
    "server": "It is done, for the whole server.",
    "audit": "What was done, newest last:",
}
"""What is told when a command is done that nobody else is told of."""


def _run_deed(name: str, wire: LineWire, argument: str) -> Command:
    command = wire._do(name, argument, TOLD.get(name))
    return replace(command, id=TOLD["audit"]) if isinstance(command, Audit) else command


COMMANDS: dict[str, Callable[[LineWire, str], Command]] = {
    **{name: partial(_run_deed, name) for name in DEEDS},
    "join": LineWire._run_join,
    "leave": LineWire._run_leave,
    "delete": LineWire._run_delete,
    "rooms": LineWire._run_rooms,
    "who": LineWire._run_who,
    "topic": LineWire._run_topic,
    "reply": LineWire._run_reply,
    "search": LineWire._run_search,
    "history": LineWire._run_history,
    "help": LineWire._run_help,
    "edit": lambda wire, text: wire._run_own("edit", text),
    "undo": lambda wire, name: wire._run_own("undo", name),
    "msg": LineWire._run_msg,
    "register": LineWire._run_register,
    "login": LineWire._run_login,
    "password": LineWire._run_password,
    "logout": LineWire._run_logout,
    "close-account": LineWire._run_close_account,
    "factor": LineWire._run_factor,
    "reset": LineWire._run_reset,
    "about": LineWire._run_about,
    "seen": LineWire._run_seen,
    "strangers": LineWire._run_strangers,
    "filter": LineWire._run_filter,
    "rules": LineWire._run_rules,
    "server": partial(_run_deed, "server"),
    "quit": LineWire._run_quit,
    "exit": LineWire._run_quit,
}
"""By its name in `slashes`; ``say`` is done by reading it."""
