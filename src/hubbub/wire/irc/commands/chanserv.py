"""ChanServ: rooms, for who knows no other way to ask for them. Mostly it does what MODE does."""

from __future__ import annotations

from hubbub.domain.commands import GiveRole, Who
from hubbub.domain.ids import UserId
from hubbub.domain.names import RoomName, UserName
from hubbub.domain.replies import Members
from hubbub.domain.rules import Role
from hubbub.wire.irc.commands.services import Answer, Service, Word, ask_as, command_of, says
from hubbub.wire.irc.conversation import Conversation
from hubbub.wire.irc.names import channel, room_of
from hubbub.wire.irc.servicenames import CHANSERV
from hubbub.wire.irc.wire import IrcWire


def register(service: Service, wire: IrcWire, rest: str) -> Conversation | None:
    """REGISTER: a room is somebody's for good, as is each that who has an account has made."""
    if not rest.startswith("#"):
        service.usage(wire, "REGISTER")
        return None
    if not wire.account:
        service.tell(wire, "A room is kept for who has an account. To make one: NickServ REGISTER")
        return None
    return _register(service, wire, room_of(rest.split(maxsplit=1)[0]))


def _register(service: Service, wire: IrcWire, room: RoomName) -> Conversation:
    known = yield Who(room=room)
    assert isinstance(known, Members)
    mine = known.roles.get(wire.nick) is Role.OWNER
    passing = UserId(wire.user_id or "") in wire.host.directory.facts(room).passing
    if not mine or passing:
        yield GiveRole(room=room, user=UserName.recall(wire.nick), role=Role.OWNER)
    source = f"{CHANSERV}!services@{wire.host.name}"
    wire.send("MODE", channel(known.room), "+o", wire.nick, source=source)
    service.tell(wire, f"{channel(known.room)} is yours: who makes a room here owns it.")


def info(service: Service, wire: IrcWire, rest: str) -> Conversation:
    """INFO: whose a room is."""
    known = yield Who(room=room_of(rest))
    assert isinstance(known, Members)
    owners = sorted(name for name, role in known.roles.items() if role is Role.OWNER)
    whose = f"is owned by {', '.join(owners)}" if owners else "is owned by nobody"
    service.tell(wire, f"{channel(known.room)} {whose}. {len(known.users)} are in it.")
    if known.topic:
        service.tell(wire, known.topic)


def by_mode(word: str, letter: str) -> Answer:
    """Gives or takes a mode that is about people: oneself, if nobody is named."""

    def answer(service: Service, wire: IrcWire, rest: str) -> Conversation | None:
        room, *people = rest.split()
        if not room:
            service.usage(wire, word)
            return None
        names = people or [wire.nick]
        letters = f"{letter[0]}{letter[1] * len(names)}"
        return ask_as(wire, "MODE", room, letters, *names)

    return _if_named(word, answer)


def by_command(word: str, command: str, places: int) -> Answer:
    """Does what a command does; its last parameter may have spaces."""

    def answer(service: Service, wire: IrcWire, rest: str) -> Conversation:
        return ask_as(wire, command, *rest.split(None, places - 1))

    return _if_named(word, answer)


def _if_named(word: str, answer: Answer) -> Answer:
    """Only where a room is named; else it is said how."""

    def checked(service: Service, wire: IrcWire, rest: str) -> Conversation | None:
        if rest.startswith("#"):
            return answer(service, wire, rest)
        service.usage(wire, word)
        return None

    return checked


def invite(service: Service, wire: IrcWire, rest: str) -> Conversation | None:
    """INVITE: somebody else into a room."""
    room, *people = rest.split() or [""]
    if not room.startswith("#") or not people:
        service.usage(wire, "INVITE")
        return None
    return ask_as(wire, "INVITE", people[0], room)


_SET = "Rooms are set up by MODE here: /mode #room shows how this one is."

SERVICE = Service(
    CHANSERV,
    "I keep rooms. Who makes a room and has an account owns it, without asking me.",
    {
        "REGISTER": Word(register, "#room", "the room is yours, also when you have gone"),
        "INFO": Word(_if_named("INFO", info), "#room", "whose it is"),
        "OP": Word(by_mode("OP", "+o"), "#room [nickname ...]", "makes somebody an owner"),
        "DEOP": Word(by_mode("DEOP", "-o"), "#room [nickname ...]", "no owner any more"),
        "HALFOP": Word(by_mode("HALFOP", "+h"), "#room [nickname ...]", "a moderator"),
        "DEHALFOP": Word(by_mode("DEHALFOP", "-h"), "#room [nickname ...]", "a moderator no more"),
        "VOICE": Word(by_mode("VOICE", "+v"), "#room [nickname ...]", "makes somebody a voice"),
        "DEVOICE": Word(by_mode("DEVOICE", "-v"), "#room [nickname ...]", "no voice any more"),
        "OWNER": Word(by_mode("OWNER", "+q"), "#room [nickname ...]", "makes somebody an owner"),
        "DEOWNER": Word(by_mode("DEOWNER", "-q"), "#room [nickname ...]", "no owner any more"),
        "TOPIC": Word(by_command("TOPIC", "TOPIC", 2), "#room topic", "what it is about"),
        "KICK": Word(by_command("KICK", "KICK", 3), "#room nickname [why]", "puts somebody out"),
        "BAN": Word(by_mode("BAN", "+b"), "#room mask", "keeps somebody out"),
        "UNBAN": Word(by_mode("UNBAN", "-b"), "#room mask", "lets somebody in again"),
        "INVITE": Word(invite, "#room nickname", "invites somebody"),
        "SET": Word(says(_SET)),
        "DROP": Word(says("To give a room up, make somebody else its owner: OWNER #room nickname")),
    },
)

ROWS = {"CS": command_of(SERVICE), "CHANSERV": command_of(SERVICE)}
