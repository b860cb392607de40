"""A conversation in the line protocol with a server that has a few rules and no time to wait."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec
from msgspec.structs import replace

from hubbub.domain.commands import (
    Accept,
    Audit,
    Bans,
    BeginFactor,
    Block,
    Bye,
    ChangePassword,
    CloseAccount,
    Command,
    ConfirmFactor,
    Delete,
    Devices,
    Direct,
    EndFactor,
    EndTicket,
    Hello,
    Join,
    Knock,
    Leave,
    MakeTicket,
    Own,
    Ping,
    Pins,
    Queue,
    Read,
    Register,
    Rename,
    Report,
    ResetPassword,
    Revoke,
    Rooms,
    Say,
    SayTo,
    Search,
    SetProfile,
    Settle,
    SetTopic,
    Tickets,
    Timeline,
    Who,
    Whois,
    Write,
)
from hubbub.domain.errors import (
    BadTicket,
    ChatError,
    GuestsOff,
    NameTaken,
    NeedCode,
    NeedInvitation,
    NeedPassword,
    NoSuchRoom,
    NoSuchUser,
    RoomInUse,
    TooManyRooms,
    WeakPassword,
    WrongPassword,
)
from hubbub.domain.events import Kicked, Said, TopicSet
from hubbub.domain.names import RoomName
from hubbub.domain.replies import (
    Ack,
    BanList,
    Device,
    DeviceList,
    DirectRoom,
    Done,
    FactorOffered,
    Found,
    Goodbye,
    Limits,
    Members,
    Messages,
    Page,
    Person,
    Pong,
    QueueList,
    ReadUpTo,
    RecoveryCodes,
    Refused,
    Reply,
    Result,
    RoomDeleted,
    RoomInfo,
    RoomJoined,
    RoomLeft,
    RoomList,
    TicketGiven,
    TicketList,
    Welcome,
)
from hubbub.domain.rules import Queued, QueueItem, Ticket
from hubbub.wire.line import LineFormat, LineWire
from hubbub.wire.line.lines import LineReader

MAX_LINE = 64
CODE = "123456"
PASSWORD = "correct horse"
WRONG = "That is not the password."
TIME = "2023-07-30 15:00:05"
TICKET = "0123456789abcdefABCDEF-_"


def picture(text: str) -> list[str]:
    return ["█▀", "▄ "]


FORMATS = (
    LineFormat(lambda at: TIME, picture=picture),
    LineFormat(lambda at: TIME, "\r\n", picture=picture),
)
LIMITS = Limits(text=4000, line=MAX_LINE, rate=0, burst=1, rooms=2, history=200)


def spell(command: Command) -> str:
    """A command in a few words: ``say General: hello``."""
    match command:
        case Hello(user=user, password=str(password), code=str(code)):
            return f"hello {user} with {password} and {code}"
        case Hello(user=user, password=str(password)):
            return f"hello {user} with {password}"
        case Hello(user=user):
            return f"hello {user}"
        case Direct(users=users):
            return f"direct {' '.join(users)}"
        case Say(room=room, text=text, outside=True):
            return f"say {room}, outside: {text}"
        case Join(room=room, after=int(after)):
            return f"join {room} after {after}"
        case Leave(room=room, for_good=False):
            return f"leave {room}"
        case Leave(room=room):
            return f"leave {room} for good"
        case SayTo(room=room, to=to, text=text):
            return f"reply {room} {to}: {text}"
        case Say(room=room, text=text):
            return f"say {room}: {text}"
        case Rooms() | Ping():
            return type(command).__name__.lower()
        case SetTopic(room=room, topic=topic):
            return f"topic {room}: {topic}"
        case Search(query=query, before=before, limit=limit):
            return f"search {query} {before} {limit}"
        case Timeline(room=room, limit=limit):
            return f"timeline {room} {limit}"
        case Join(room=room, invite=str(invite)):
            return f"join {room} {invite}"
        case Join(room=room, password=str(password)):
            return f"join {room} with {password}"
        case Join(room=room) | Who(room=room) | Delete(room=room):
            return f"{type(command).__name__.lower()} {room}"
    fields = msgspec.to_builtins(command, enc_hook=str)
    words = [str(value) for name, value in fields.items() if name not in ("type", "id")]
    return " ".join([fields["type"], *words])


class Talk:
    """Plays the server for one client. ``commands`` are what it understood, ``heard`` the bytes.

    The name ``taken`` is in use, the room ``full`` cannot be entered, and whoever enters ``lunhc``
    makes it. Nothing was said there, nor in ``Tea``, where somebody else is.

    ``lovelace`` has an account, ``careful`` one with a second factor, and ``newcomer`` needs one.
    The room ``Lab`` has a password. An account of ``member`` needs the invitation `TICKET`.
    """

    def __init__(self) -> None:
        self.wire = LineWire(FORMATS, LineReader(MAX_LINE))
        self.commands: list[str] = []
        self.refusals: list[str] = []
        self.heard = b""
        self.over = False

    @classmethod
    def of(cls, *pieces: bytes) -> Talk:
        """The conversation with a client that sends ``pieces``, one after the other."""
        talk = cls()
        for piece in pieces:
            talk.send(piece)
        return talk

    @property
    def lines(self) -> list[str]:
        """What the client heard."""
        return self.heard.decode().splitlines()

    def send(self, data: bytes) -> Talk:
        """The client sends ``data``."""
        self.wire.receive(data)
        return self.serve()

    def pause(self) -> Talk:
        """The client is silent for a while."""
        self.wire.pause()
        return self.serve()

    def end(self) -> Talk:
        """The client sends no more."""
        self.wire.end()
        return self.serve()

    def serve(self) -> Talk:
        """The server does all that was asked for."""
        while not self.over:
            try:
                command = self.wire.next_command()
            except ChatError as error:
                self.refusals.append(error.code)
                self.heard += self.wire.reply(Refused.of(error))
                continue
            if command is None:
                break
            self.commands.append(spell(command))
            for reply in self._answers(command):
                self.heard += self.wire.reply(replace(reply, re=command.id))
        return self

    def _answers(self, command: Command) -> Iterator[Reply]:
        match command:
            case Hello(user=user) if user.key == "taken":
                yield Refused.of(NameTaken('The name "taken" is in use.', suggestion="taken2"))
            case Hello(user=user, password=None) if user.key in ("lovelace", "careful"):
                yield Refused.of(NeedPassword('The name "lovelace" belongs to somebody.'))
            case Hello(user=user, password=str(password)) if password != PASSWORD:
                yield Refused.of(WrongPassword(WRONG))
            case Hello(user=user, code=code) if user.key == "careful" and code != CODE:
                yield Refused.of(NeedCode("Give a code." if code is None else "Not the code."))
            case Hello(user=user) if user.key in ("newcomer", "member"):
                yield Refused.of(GuestsOff("This server is for people with an account."))
            case Hello(user=user):
                yield Welcome(user=user, server="Hubbub", log="0", limits=LIMITS)
            case Rooms():
                yield RoomList(rooms=[RoomInfo("General", 2, 9), RoomInfo("Tea", 1, 4)])
            case Join(room=room) if room.key == "full":
                yield Refused.of(TooManyRooms("There are too many rooms."), room=room)
            case Join(room=room, invite=invite) if invite == TICKET:
                yield RoomJoined(room=room, users=["ada"], head=9, after=9)
            case Join(room=room, password=None) if room.key == "lab":
                yield Refused.of(NeedPassword("Lab asks for a password."), room=room)
            case Join(room=room, password=str(password)) if room.key == "lab":
                if password == PASSWORD:
                    yield RoomJoined(room=room, users=["ada"], head=9, after=9)
                else:
                    yield Refused.of(WrongPassword(WRONG), room=room)
            case Join(room=room, password=str()):
                message = f'There is no room "{room}" to come into with a password.'
                yield Refused.of(NoSuchRoom(message), room=room)
            case Join(room=room):
                new = room.key == "lunhc"
                yield RoomJoined(room=room, users=["ada"], head=9, after=9, new=new)
            case Delete(room=room) if room.key == "lunhc":
                yield RoomDeleted(room=room)
            case Delete(room=room):
                yield RoomLeft(room=room)  # as when the disk refuses
                yield Refused.of(RoomInUse("Ben is in it."), room=room)
            case Leave(room=room):
                yield RoomLeft(room=room)
            case SetTopic(room=room, topic=topic):
                self.heard += self.wire.format.events(room, [TopicSet(10, 0, "ada", topic)])
            case Say(room=room, text=text):  # and SayTo
                self._show(room, text)
            case Who(room=room):
                yield Members(room=room, users=["ada", "ben"])
            case Timeline(room=room) if room.key == "lunhc":
                yield Refused.of(NoSuchRoom('There is no room "lunhc".'), room=room)
            case Timeline(room=room) if room.key == "lab":
                yield Refused.of(NeedPassword("Lab asks for a password."), room=room)
            case Timeline(room=room):
                yield Page(
                    room=room, events=[Said(1, 0, "ben", "hi"), Said(2, 0, "eve", "a\nb")], head=2
                )
            case Search(query="nothing", before=before):
                yield Found(results=[], next=None if before else "9")
            case Search(query=query, before=before):
                result = Result("Tea", 7, 0, "eve", ["…so ", query, "\n\x1b"])
                yield Found(results=[result], next=None if before else "9")
            case Register(user=str(user), invite=invite) if "member" in user and invite != TICKET:
                if invite is None:
                    yield Refused.of(NeedInvitation("One needs an invitation."))
                else:
                    yield Refused.of(BadTicket("That is no good."))
            case BeginFactor(password=password) | EndFactor(password=password) if (
                password != PASSWORD
            ):
                yield Refused.of(WrongPassword(WRONG))
            case BeginFactor():
                yield FactorOffered(secret="ABCDEFGHIJ", uri="otpauth://totp/ada")
            case ConfirmFactor(code=code) if code != CODE:
                yield Refused.of(NeedCode("That is not the code."))
            case ConfirmFactor():
                yield RecoveryCodes(codes=["k3vt-2mzq", "7xbn-hdw5"])
            case ResetPassword(code=code) if code != TICKET:
                yield Refused.of(BadTicket("That is no good."))
            case ResetPassword(password="12345678"):
                yield Refused.of(WeakPassword("Too easy."))
            case MakeTicket(room=room, uses=uses, seconds=seconds, user=user, factor=factor):
                until = None if seconds is None else 0
                ticket = Ticket("5f3a", "ada", uses, None, until, user, None, factor)
                yield TicketGiven(room=room, code=TICKET, ticket=ticket)
            case Tickets(room=room):
                tickets = [Ticket("5f3a", "ada", 3, until=0), Ticket("77aa", "ben", user="eve")]
                yield TicketList(room=room, tickets=tickets if room == "General" else [])
            case Pins(room=room):
                pinned = [Said(3, 0, "ben", "be\nkind", rev=4, edited_at=0)]
                yield Messages(room=room, events=pinned if room == "General" else [], head=9)
            case Queue(room=room):
                yield QueueList(room=room, items=[QueueItem(4, Queued.KNOCK, 0, "eve")])
            case Whois(user=user):
                yield Person(user=user)
            case EndFactor() | ResetPassword() | EndTicket() | SetProfile() | Block() | Accept():
                yield Done()
            case Report() | Knock() | Settle():
                yield Done()
            case Register(password="weak") | ChangePassword(new="weak"):
                yield Refused.of(WeakPassword("Too easy."))
            case ChangePassword(old="wrong") | CloseAccount(password="wrong"):
                yield Refused.of(WrongPassword(WRONG))
            case Register():
                yield Welcome(user="ada", account=True, server="Hubbub", log="0", limits=LIMITS)
            case Rename() | Own() | Revoke() | ChangePassword():
                yield Done()
            case CloseAccount():
                self.over = True
                yield Goodbye(reason="logged-out", message="Your account is closed. Goodbye.")
            case Devices():
                yield DeviceList(devices=[Device("d1", "", "::1", 0, 0)])
            case Bans(room=room):
                yield BanList(room=room, bans=[])
            case Audit(room=room):
                yield Page(room=room, events=[Kicked(3, 0, "ben", "eve", None, "spam")], head=3)
            case Direct(users=users) if "joe" in users:
                yield Refused.of(NoSuchUser('There is nobody called "joe" here.'))
            case Direct(users=users):
                name = "".join(user.key for user in users)
                yield DirectRoom(room=f"@{name}", users=users, head=1, new="eve" in users)
            case Read(room=room, seq=seq):
                yield ReadUpTo(room=room, seq=seq)
            case Write(room=room):
                yield Ack(room=room, seq=10, at=0)
            case Bye():
                self.over = True
                yield Goodbye(reason="bye", message="Goodbye.")
            case _:
                yield Pong()

    def _show(self, room: RoomName, text: str) -> None:
        self.heard += self.wire.format.events(room, [Said(10, 0, "ada", text)])
