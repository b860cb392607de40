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
    Audit,
    Bye,
    ChangePassword,
    CloseAccount,
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
    GuestsOff,
    NeedAccount,
    NeedCode,
    NeedPassword,
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
from hubbub.domain.replies import (
    Ack,
    BanList,
    DeviceList,
    DirectRoom,
    Done,
    Found,
    Goodbye,
    Invitation,
    Members,
    Page,
    Pong,
    Refused,
    Reply,
    RoomDeleted,
    RoomJoined,
    RoomLeft,
    RoomList,
    RoomMoved,
    Welcome,
)
from hubbub.domain.rules import RoomAccess
from hubbub.domain.slashes import Client, Needs
from hubbub.wire.line.asking import MOST_WRONG, NOT_YOURS, THIRD_WRONG, UNCHANGED, Ask, Question
from hubbub.wire.line.format import LineFormat, harmless
from hubbub.wire.line.lines import LineReader
from hubbub.wire.line.shown import (
    bans_lines,
    devices_lines,
    members_lines,
    room_line,
    standing_lines,
)
from hubbub.wire.line.telnet import HIDE, SHOW
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

TALK, RULES, LEFT, READ = "talk", "rules", "left", "read"
"""Ids of commands whose answers are told in another way, or not at all."""
RENAMED = "You have your new name."
CHANGED = "Your password is changed. Your other devices are logged out."
LOGGED_OUT = "That device is logged out."
ALL_OUT = "All your other devices are logged out."
GUESTS_NAME = (
    "A guest's name stays as long as you are connected. Type exit, and come back with another. "
    "To keep one for yourself, make an account: /register"
)
WRONG = frozenset({WrongPassword.code, NeedCode.code})
NONE_YET = "Nothing yet."
ANY_TIME = frozenset({"login", "quit", "exit"})
"""Commands, too, where a password is asked for: none is so short."""
TAKEN_BACK = frozenset({Ask.LOGIN, Ask.CODE, Ask.NEWCOMER, Ask.ROOM})
"""Questions after which another one is asked."""

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
    were. ``talks``: the direct conversations that are shown.
    """

    sought: str = ""
    more: str | None = None
    rooms_query: str | None = None
    more_rooms: str | None = None
    question: Question | None = None
    hidden: bool = False
    wrong: int = 0
    talks: tuple[RoomName, ...] = ()


NOTHING = Aside()


def tell(words: str) -> Command:
    """A command of which nothing comes but ``words``, when it is its turn: a flood of them is taken
    in turns, and stops with the outbox.
    """
    return Ping(id=words)


class LineWire:
    """One conversation. `receive` takes bytes; `next_command` returns the commands in them.

    The ``id`` of a command is mostly what is told when it is done: the answer gives it back, so
    that nothing has to be remembered meanwhile.
    """

    __slots__ = (
        "_aside",
        "_begun",
        "_ended",
        "_formats",
        "_next",
        "_room",
        "_wrong",
        "over",
        "reader",
        "stage",
    )

    def __init__(self, formats: tuple[LineFormat, LineFormat], max_line_bytes: int) -> None:
        """``formats``: for clients that end lines with LF, and with CRLF."""
        self._formats = formats
        self.reader = LineReader(max_line_bytes)
        self.stage = Stage.NAME
        self._room: RoomName | None = None
        self._next: tuple[Command, ...] = ()
        self._ended = False
        self._aside = NOTHING
        self._begun: bytes | None = b""  # all that came before the first line end
        self._wrong = False
        self.over = False
        """Whether the input was refused as another protocol: close the connection."""

    @property
    def format(self) -> LineFormat:
        """The format of lines, with the line end of the client's first line."""
        return self._formats[self.reader.crlf]

    # Bytes in

    def receive(self, data: bytes) -> None:
        """Adds received bytes to the input."""
        if self._wrong:
            return
        if self._begun is not None:
            self._look_at_the_beginning(data)
        self.reader.feed(data)

    def _look_at_the_beginning(self, data: bytes) -> None:
        """Checks that pauses do not turn an HTTP request without line ends into lines."""
        assert self._begun is not None
        begun = self._begun + data
        if is_request(begun) or (b"\n" not in begun and len(begun) > MAX_FIRST_BYTES):
            self._wrong = True
        self._begun = None if self._wrong or b"\n" in begun else begun

    def next_command(self) -> Command | None:
        """The next command, or None until more comes in.

        Raises a `ChatError` for a line that cannot be one; the line is then done with.
        """
        while True:
            if self._wrong:
                if self.over:
                    return None
                self.over = True
                self.reader.drop()
                raise BadMessage(NO_CHAT)
            if self._next:
                first, *rest = self._next
                self._next = tuple(rest)
                return first
            line = self.reader.next(blank=self._aside.question is not None)
            if line is None:
                if not self._ended:
                    return None
                self._ended = False
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
        self._ended = True

    @property
    def _half_a_method(self) -> bool:
        """Whether a name and what follows are "GET" or the like, in pieces."""
        begun, named = self._begun, self.stage is not Stage.NAME
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
        match reply:
            case Pong(re=str(told)) | Done(re=str(told)) | Ack(re=str(told)):
                return told.split("\n")
            case Welcome(user=user):
                return self._welcomed(user)
            case RoomList():
                return ["Available rooms:", *self._listed(reply)]
            case RoomJoined():
                return self._joined(reply)
            case RoomLeft(room=room, put_out=put_out, re=re):
                moved = self._moved_out_of(room)
                return self._ask_again() if moved and (put_out or re == LEFT) else []
            case RoomDeleted(room=room):
                self._moved_out_of(room)
                return [f"The room {room} is deleted.", *self._ask_again()]
            case RoomMoved(room=room, name=name):
                if self._room is not None and self._room.key == RoomName.parse(room).key:
                    self._room = RoomName.parse(name)
                return []
            case Members():
                return members_lines(reply)
            case Page():
                return self._page(reply)
            case Found():
                return self._found(reply)
            case DirectRoom():
                return self._talk(reply)
            case Invitation(room=room, by=by):
                return [f"{by} invites you to {room}. To go there: /join {room}"]
            case BanList():
                return bans_lines(reply, self.format.local_time)
            case DeviceList():
                return devices_lines(reply, self.format.local_time)
            case Refused():
                return self._refused(reply)
            case Goodbye(reason=reason, message=message):
                return [] if reason == "bye" else [message]
        return []

    def _welcomed(self, user: str) -> list[str]:
        if self.stage is not Stage.NAME:
            return [f"You have an account now. When you come back as {user}, give your password."]
        self.stage = Stage.ROOM
        self._note(question=None, wrong=0)
        self._then(Rooms(limit=ROOM_LINES))
        return []

    def _joined(self, reply: RoomJoined) -> list[str]:
        room, new, topic = reply.room, reply.new, reply.topic
        if reply.re == TALK:
            return []
        if reply.re == RULES:
            return standing_lines(room, reply.standing)
        # Who chooses the first room types a name that is asked for, and made so.
        made = new and self.stage is Stage.CHAT
        self._moved_to(RoomName.parse(room))
        about = [MADE] if made else [f"Topic: {topic}"] if topic else []
        return [f"Welcome to room {room}!", *about]

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

    def _refused(self, refused: Refused) -> list[str]:
        message, code, about = refused.message, refused.code, self._aside.question
        if refused.re == READ:
            return []  # nothing is kept of guests
        if refused.re == TALK and refused.room is not None:
            self._moved_out_of(refused.room)
        elif refused.re == RENAMED and code == NeedAccount.code:
            message = GUESTS_NAME
        elif self.stage is Stage.NAME and about is not None and code in WRONG:
            code_next = code == NeedCode.code
            if code_next is (about.ask is Ask.CODE):  # else the password was right
                self._note(wrong=self._aside.wrong + 1)
            if self._aside.wrong >= MOST_WRONG:
                self._note(question=None)
                self._then(Bye())
                return [message, THIRD_WRONG]
            ask = Ask.CODE if code_next else Ask.LOGIN
            self._note(question=Question(ask, about.about, about.given if code_next else ""))
        elif self.stage is Stage.NAME and code == NeedPassword.code and about is None:
            self._note(question=Question(Ask.LOGIN, str(refused.re)))
            message = NOT_YOURS.format(refused.re)
        elif self.stage is Stage.NAME and code == GuestsOff.code:
            self._note(question=Question(Ask.NEWCOMER, str(refused.re)))
        elif code == NeedPassword.code and refused.room is not None:
            self._note(question=Question(Ask.ROOM, refused.room))
            message = ""
        return [*([message] if message else []), *([] if self.over else self._ask_again())]

    def _listed(self, found: RoomList) -> list[str]:
        if found.next != self._aside.more_rooms:
            self._note(more_rooms=found.next)
        shown = {room.key for room in self._aside.talks}
        lines = [
            room_line(room, shown=room.name.lower() in shown)
            for room in found.rooms
            if room.people or room.access is not RoomAccess.DIRECT
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
        self._begun = None

    def _moved_out_of(self, room: str) -> bool:
        """Notes that the session is not in ``room`` any more; whether that was where one is."""
        key = RoomName.parse(room).key
        if self._room is not None and self._room.key == key:
            self.stage = Stage.ROOM
            return True
        if self._aside.talks:
            self._note(talks=tuple(talk for talk in self._aside.talks if talk.key != key))
        return False

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
            return Say(room=room, text=line)
        asked = VOCABULARY.read(word if room is None else line)
        if isinstance(asked, Mistake):
            if asked.name:
                self._need(VOCABULARY.rows[asked.name].needs)
            raise BadMessage(asked.why)
        if isinstance(asked, Message):
            if room is not None or asked.marked:
                return Say(room=self._here(), text=asked.text)
            return self._answer(word)
        self._need(VOCABULARY.rows[asked.name].needs)
        return COMMANDS[asked.name](self, asked.argument)

    def _answer(self, word: str) -> Command:
        """The answer to the question for a name, or for a room."""
        if is_header(word) or is_request_line(word):
            self._wrong = self.over = True
            self.reader.drop()
            raise BadMessage(NO_CHAT)
        if self.stage is Stage.NAME:
            return Hello(user=UserName.parse(word), id=word)
        return Join(room=RoomName.parse(word))

    # Questions

    def _ask(self, ask: Ask, about: str = "", given: str = "") -> Command:
        question = Question(ask, about, given)
        self._note(question=question)
        return tell(question.text)

    def _take_answer(self, question: Question, answer: str, word: str) -> Command:
        """What the answer to a question asks for. "" takes the question back."""
        asked = VOCABULARY.read(word)
        if isinstance(asked, Order) and asked.name in ANY_TIME:
            if asked.name == "login" and self.stage is Stage.NAME:
                self._note(question=None)
                return self._run_login(asked.argument)
            if asked.name in ("quit", "exit"):
                self._note(question=None)
                return Bye()
        if question.ask is Ask.LOGIN and answer:
            # The question stays open until the answer is known to be right.
            self._note(question=replace(question, given=answer))
            return Hello(user=UserName.parse(question.about), password=answer, id=question.about)
        if question.ask is Ask.CODE and answer:
            name, password = question.about, question.given
            return Hello(user=UserName.parse(name), password=password, code=word, id=name)
        self._note(question=None)
        if not answer:
            again = self._ask_again()
            return tell("\n".join(again if question.ask in TAKEN_BACK else [UNCHANGED, *again]))
        match question.ask:
            case Ask.ROOM:
                return Join(room=RoomName.parse(question.about), password=answer)
            case Ask.NEWCOMER:
                return Register(user=UserName.parse(question.about), password=answer)
            case Ask.REGISTER:
                return Register(password=answer)
            case Ask.OLD:
                return self._ask(Ask.NEW, given=answer)
            case Ask.NEW:
                return ChangePassword(old=question.given, new=answer, id=CHANGED)
            case _:
                return CloseAccount(password=answer)

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
        command = deed(VOCABULARY, Order("join", argument), DIRECTORY)
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
        return Delete(room=RoomName.parse(name) if name else self._here())

    def _run_history(self, number: str) -> Command:
        return Timeline(room=self._here(), limit=count(number) or HISTORY_LINES)

    def _run_reply(self, words: str) -> Command:
        name, text = name_and_text(words)
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
        return Register(password=password) if password else self._ask(Ask.REGISTER)

    def _run_password(self, words: str) -> Command:
        return self._do("password", words, CHANGED) if words else self._ask(Ask.OLD)

    def _run_close_account(self, _: str) -> Command:
        return self._ask(Ask.CLOSE)

    def _run_logout(self, device: str) -> Command:
        if not device:
            return Bye()
        if self.stage is Stage.NAME:
            raise BadMessage("Please type your name first.")
        return self._do("logout", device, ALL_OUT if device.lower() == "all" else LOGGED_OUT)

    def _run_msg(self, argument: str) -> Command:
        return self._do("msg", argument, people_and_text(argument)[1])

    def _run_rules(self, _: str) -> Command:
        return Join(room=self._here(), id=RULES)

    def _do(self, name: str, argument: str, told: str | None = None) -> Command:
        """What a command of `hubbub.domain.deeds` asks for; ``told`` when it is done."""
        room = self._here() if VOCABULARY.rows[name].needs is Needs.ROOM else DIRECTORY
        return replace(deed(VOCABULARY, Order(name, argument), room), id=told)


TOLD = {
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
    "msg": LineWire._run_msg,
    "register": LineWire._run_register,
    "login": LineWire._run_login,
    "password": LineWire._run_password,
    "logout": LineWire._run_logout,
    "close-account": LineWire._run_close_account,
    "rules": LineWire._run_rules,
    "server": partial(_run_deed, "server"),
    "quit": LineWire._run_quit,
    "exit": LineWire._run_quit,
}
"""By its name in `slashes`; ``say`` is done by reading it."""
