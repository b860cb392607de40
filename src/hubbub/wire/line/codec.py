"""The line protocol as a conversation: a name, a room, then texts and commands.

The codec keeps the state of the conversation, since the meaning of a line depends on the replies
that were sent before it.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum

from msgspec import Struct
from msgspec.structs import replace

from hubbub.domain.commands import (
    MAX_NAME_QUERY_CHARS,
    Bye,
    Command,
    Delete,
    Hello,
    Join,
    Leave,
    Ping,
    Rooms,
    Say,
    SayTo,
    Search,
    SetTopic,
    Timeline,
    Who,
)
from hubbub.domain.errors import BadMessage
from hubbub.domain.names import RoomName, UserName
from hubbub.domain.orders import Message, Mistake, Vocabulary, count, name_and_text, topic_in
from hubbub.domain.replies import (
    Ack,
    Found,
    Goodbye,
    Members,
    Page,
    Pong,
    Refused,
    Reply,
    RoomDeleted,
    RoomJoined,
    RoomLeft,
    RoomList,
    Welcome,
)
from hubbub.domain.slashes import Client, Needs
from hubbub.wire.line.format import LineFormat, harmless
from hubbub.wire.line.lines import LineReader
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

GREETING = "Welcome to Hubbub! What is your name?"


class Stage(Enum):
    """The state of the conversation: what the next line means."""

    NAME = "name"
    ROOM = "room"
    CHAT = "chat"


class Pages(Struct, frozen=True):
    """Where ``/search more`` and ``/rooms more`` go on, and with which words.

    Most connections never ask: they share `NO_PAGES`.
    """

    sought: str = ""
    more: str | None = None
    rooms_query: str | None = None
    more_rooms: str | None = None


NO_PAGES = Pages()


class LineWire:
    """One conversation. `receive` takes bytes; `next_command` returns the commands in them."""

    __slots__ = (
        "_begun",
        "_ended",
        "_formats",
        "_next",
        "_pages",
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
        self._pages = NO_PAGES
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
            line = self.reader.next()
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
        if type(reply) is Ack:  # by far the most, and all patterns are tried before one fits none
            return b""
        match reply:
            case Welcome():
                self.stage = Stage.ROOM
                self._then(Rooms(limit=ROOM_LINES))
                return b""
            case RoomList():
                return self._encode(["Available rooms:", *self._listed(reply)])
            case RoomJoined(room=room, new=new, topic=topic):
                # Who chooses the first room types a name that is asked for, and made so.
                made = new and self.stage is Stage.CHAT
                self._moved_to(RoomName.parse(room))
                about = [MADE] if made else [f"Topic: {topic}"] if topic else []
                return self._encode([f"Welcome to room {room}!", *about])
            case RoomLeft(room=room, put_out=put_out):
                self._moved_out_of(room)
                return self._encode(self._ask_again()) if put_out else b""
            case RoomDeleted(room=room):
                self._moved_out_of(room)
                return self._encode([f"The room {room} is deleted.", *self._ask_again()])
            case Members(room=room, users=users, topic=topic):
                count = f"{len(users)} user{'' if len(users) == 1 else 's'}"
                about = [f"Topic: {topic}"] if topic else []
                return self._encode([f"In {room} ({count}): {', '.join(users)}", *about])
            case Page(room=room, events=events):
                lines = [line for event in events for line in self.format.lines(event)]
                return self._encode([f"The last {len(events)} of {room}:", *lines])
            case Found():
                return self._encode(self._found(reply))
            case Pong():  # see `_run_help`
                return self._encode(VOCABULARY.help_lines())
            case Refused(message=message):
                return self._encode([message, *([] if self.over else self._ask_again())])
            case Goodbye(reason=reason, message=message):
                return b"" if reason == "bye" else self._encode([message])
        return b""

    def _listed(self, found: RoomList) -> list[str]:
        if found.next != self._pages.more_rooms:
            self._pages = replace(self._pages, more_rooms=found.next)
        lines = [
            f"  {room.name} ({room.users} user{'' if room.users == 1 else 's'})"
            + (f" – {room.topic}" if room.topic else "")
            for room in found.rooms
        ]
        if found.next is not None:
            total = "" if found.total is None else f" There are {found.total:,} rooms."
            return [*lines, f"More: /rooms more, or a part of a name: /rooms WORD.{total}"]
        return lines or [
            "  (none yet)" if self._pages.rooms_query is None else "  (no more like that)"
        ]

    def _found(self, found: Found) -> list[str]:
        self._pages = replace(self._pages, more=found.next)
        lines = [self.format.result(result) for result in found.results]
        if found.next is not None:
            return [*(lines or ["Nothing so far."]), "More: /search more"]
        return [*lines, "No more."] if lines else ["Nothing found."]

    def _ask_again(self) -> list[str]:
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
            self._then(Leave(room=self._room))
        self.stage = Stage.CHAT
        self._room = room
        self._begun = None

    def _moved_out_of(self, room: str) -> None:
        if self._room is not None and self._room.key == RoomName.parse(room).key:
            self.stage = Stage.ROOM

    # Lines to commands

    def _then(self, command: Command) -> None:
        self._next += (command,)

    def _understand(self, line: str) -> Command | None:
        word = line.strip()
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
            return Hello(user=UserName.parse(word))
        return Join(room=RoomName.parse(word))

    def _need(self, needs: Needs) -> None:
        if needs is Needs.ROOM:
            self._here()
        elif needs is Needs.NAME and self.stage is Stage.NAME:
            raise BadMessage("Please type your name first.")

    def _here(self) -> RoomName:
        if self._room is None or self.stage is not Stage.CHAT:
            raise BadMessage("You are not in a room yet. Type the name of one.")
        return self._room

    def _run_help(self, _: str) -> Command:
        # A command like any other: a flood of them is taken in turns, and stops with the outbox.
        return Ping()

    def _run_rooms(self, query: str) -> Command:
        if query == "more":
            if self._pages.more_rooms is None:
                raise BadMessage("There are no more rooms to show. All of them: /rooms")
            return Rooms(
                query=self._pages.rooms_query, after=self._pages.more_rooms, limit=ROOM_LINES
            )
        if len(query) > MAX_NAME_QUERY_CHARS:
            raise BadMessage(f"No room's name has more than {MAX_NAME_QUERY_CHARS} characters.")
        self._pages = replace(self._pages, rooms_query=query or None)
        return Rooms(query=self._pages.rooms_query, limit=ROOM_LINES)

    def _run_who(self, _: str) -> Command:
        return Who(room=self._here())

    def _run_topic(self, text: str) -> Command:
        room = self._here()
        return SetTopic(room=room, topic=topic_in(text)) if text else Who(room=room)

    def _run_join(self, name: str) -> Command:
        room = RoomName.parse(name)
        if self.stage is Stage.CHAT:
            here = self._here()
            if room.key == here.key:
                raise BadMessage(f"You are in {here} already.")
        return Join(room=room)

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
            if self._pages.more is None:
                raise BadMessage("There are no more results. To find something else: /search WORDS")
            return Search(query=self._pages.sought, before=self._pages.more, limit=SEARCH_LINES)
        self._pages = replace(self._pages, sought=query)
        return Search(query=query, limit=SEARCH_LINES)

    def _run_quit(self, _: str) -> Command:
        return Bye()


COMMANDS: dict[str, Callable[[LineWire, str], Command]] = {
    "join": LineWire._run_join,
    "delete": LineWire._run_delete,
    "rooms": LineWire._run_rooms,
    "who": LineWire._run_who,
    "topic": LineWire._run_topic,
    "reply": LineWire._run_reply,
    "search": LineWire._run_search,
    "history": LineWire._run_history,
    "help": LineWire._run_help,
    "quit": LineWire._run_quit,
    "exit": LineWire._run_quit,
}
"""By its name in `slashes`; ``say`` is done by reading it."""
