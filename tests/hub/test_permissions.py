"""The permission matrix: all commands, by all kinds of viewers, about all kinds of rooms.

What is expected is written down anew here, by hand, and not taken from the code that decides.
"""

from __future__ import annotations

import sys
from functools import cache
from typing import Any

import pytest

from hubbub.domain import commands as ask
from hubbub.domain import replies as told
from hubbub.domain.errors import ChatError
from hubbub.domain.events import Said
from hubbub.domain.names import RoomName, UserName
from hubbub.domain.rules import Role, RoomAccess
from hubbub.hub.access import ANYBODY
from hubbub.hub.handlers import HANDLERS
from hubbub.wire.json import encode
from tests.hub.chat import Chat, Person, chatting
from tests.hub.people import account, do, log_in, server_owner, settle
from tests.memorylog.log import Disk

ROOM, ABSENT = "Hideout", "Missing"

ROOMS = ("open", "unlisted", "locked", "private", "direct", "archived", "no guests", "directory")
VIEWERS = (
    "nobody",
    "guest",
    "account",
    "member",
    "voice",
    "moderator",
    "owner",
    "administrator",
    "root",
    "banned",
    "invited",
    "muted",
)
INSIDE = ("member", "voice", "moderator", "owner", "muted")
TALKING = ("member", "owner")  # whose direct conversation it is

OWN = (ask.Leave, ask.Say, ask.SetTopic, ask.Typing, ask.Signal)
READING = (ask.History, ask.Timeline, ask.Who, ask.Read, ask.Pins)
MODERATING = (
    *(ask.Kick, ask.Mute, ask.Unmute, ask.Ban, ask.Unban, ask.Bans, ask.Audit),
    *(ask.Exempt, ask.SetFilter, ask.Queue, ask.Settle),
)
AMENDING = (ask.Edit, ask.Redact, ask.React, ask.Pin, ask.Versions, ask.Conversation)
INVITING = (ask.Invite, ask.MakeTicket, ask.Tickets)
OWNING = (ask.SetRules, ask.RenameRoom, ask.GiveRole, ask.Delete)

COMMANDS: dict[type[ask.Command], dict[str, Any]] = {
    ask.Join: {},
    ask.Leave: {},
    ask.Say: {"text": "hello"},
    ask.Edit: {"text": "hello again"},
    ask.Redact: {"user": "owner"},
    ask.React: {"emoji": "👍"},
    ask.Pin: {},
    ask.Pins: {},
    ask.Versions: {"target": 1},
    ask.Conversation: {"target": 1},
    ask.SetTopic: {"topic": "plans"},
    ask.Typing: {},
    ask.Signal: {"text": "VERSION"},
    ask.History: {},
    ask.Timeline: {},
    ask.Who: {},
    ask.Read: {"seq": 1, "at": 1_690_711_200_000},
    ask.Kick: {"user": "member"},
    ask.Mute: {"user": "member", "seconds": 60},
    ask.Unmute: {"user": "muted"},
    ask.Ban: {"user": "member"},
    ask.Unban: {"user": "banned"},
    ask.Exempt: {"user": "member"},
    ask.Bans: {},
    ask.Audit: {},
    ask.SetRules: {"slow": 5},
    ask.RenameRoom: {"name": "Elsewhere"},
    ask.GiveRole: {"user": "member", "role": Role.VOICE},
    ask.Delete: {},
    ask.Invite: {"user": "account"},
    ask.MakeTicket: {},
    ask.Tickets: {},
    ask.EndInvitation: {"user": "invited"},
    ask.SetFilter: {"pattern": "spam*"},
    ask.Knock: {},
    ask.Report: {"user": "owner"},
    ask.Queue: {},
    ask.Settle: {"item": 1},
}

ELSEWHERE = {
    ask.Hello,
    ask.Formerly,
    ask.Rooms,
    ask.Search,
    ask.Ping,
    ask.Bye,
    ask.Direct,
    ask.SayTo,
    ask.EndTicket,
}
"""About no room, or tried below; `SayTo` is a `Say`, and test_tickets has who ends which ticket."""


def test_every_command_about_a_room_is_tried() -> None:
    about = {kind for kind in HANDLERS if "room" in kind.__struct_fields__}
    assert about - ELSEWHERE == COMMANDS.keys()


# What is expected


def reads(room: str, who: str) -> bool:
    """Whether ``who`` may read the ``room``."""
    if room == "directory":
        return who in ("administrator", "root")
    if room == "direct":
        return who in TALKING
    if room in ("locked", "private"):
        return who in INSIDE
    return who != "banned" and not (room == "no guests" and who in ("guest", "nobody"))


def hidden(room: str, who: str) -> str:
    """What is answered to who may not read."""
    if who == "nobody":
        return "need-name"
    if room in ("private", "direct", "directory"):
        return "no-such-room"
    if who == "banned":
        return "banned"
    return "need-password" if room == "locked" else "need-account"


def rank(room: str, who: str) -> int:
    """0: nobody in particular, 1: a voice, 2: moderates, 3: owns."""
    if room == "directory":
        return {"administrator": 2, "root": 3}.get(who, 0)
    if room == "direct":
        return 0
    if who in ("administrator", "root"):
        return 3
    return {"voice": 1, "moderator": 2, "owner": 3}.get(who, 0)


def expected(room: str, who: str, kind: type[ask.Command]) -> str:
    """The code of the answer; "ok" if it is done."""
    if who == "nobody":
        return "need-name"
    if kind is ask.Join:
        return _comes_in(room, who)
    if kind is ask.Knock:  # whatever the room: it tells nobody anything
        return "need-account" if who == "guest" else "ok"
    if not reads(room, who):
        return "not-in-room" if kind in OWN else hidden(room, who)
    if room == "directory":
        if kind in (*OWN, ask.Join):
            return "not-in-room"
        done = {
            *READING,
            ask.MakeTicket,
            ask.Tickets,
            ask.Kick,
            ask.Ban,
            ask.Unban,
            ask.Bans,
            ask.Audit,
            ask.SetFilter,
            ask.Queue,
        }
        if kind in (ask.Settle, ask.Redact, ask.Versions, ask.Conversation):
            return "bad-message"  # nothing waits, or is said, there
        return (
            "ok"
            if kind in done or (kind in (ask.GiveRole, ask.SetRules) and who == "root")
            else "not-allowed"
        )
    if kind in AMENDING:
        return _amends(room, who, kind)
    if room == "direct" and kind not in (*READING, ask.Leave, ask.Say, ask.Typing, ask.Signal):
        return "not-allowed"
    if kind is ask.Report:
        return "bad-message" if who == "owner" else "ok"  # who has said it
    if kind is ask.EndInvitation and who != "guest" and rank(room, who) < 2:
        return "not-allowed"  # somebody else has invited them
    silent = room == "archived" or who == "muted"
    if kind in (ask.Say, ask.SetTopic, ask.Typing, ask.Signal):
        return "not-allowed" if silent else "ok"
    if kind in (ask.EndInvitation, *INVITING) and who == "guest":
        return "need-account"
    least = 2 if kind in MODERATING else 3 if kind in OWNING else 0
    if rank(room, who) < least:
        return "not-allowed"
    closed = room == "archived" and kind in (
        ask.Kick,
        ask.Mute,
        ask.Unmute,
        ask.EndInvitation,
        *INVITING,
    )
    return "not-allowed" if closed else "ok"


def _amends(room: str, who: str, kind: type[ask.Command]) -> str:
    """What the owner has said is the only message."""
    if kind is ask.Conversation:
        return "ok"
    if kind in (ask.Redact, ask.Versions):
        return "ok" if who == "owner" or rank(room, who) >= 2 else "not-allowed"
    if room == "archived":
        return "not-allowed"
    if kind is ask.Pin:
        return "ok" if room == "direct" or rank(room, who) >= 2 else "not-allowed"
    if who == "muted":
        return "not-allowed"
    return "ok" if kind is ask.React or who == "owner" else "bad-message"


def _comes_in(room: str, who: str) -> str:
    if room == "directory":
        return "not-allowed" if reads(room, who) else "no-such-room"
    if reads(room, who) or (who == "invited" and room in ("locked", "private")):
        return "ok"
    return hidden(room, who)


def lists(room: str, who: str) -> bool:
    """Whether ``who`` is shown the room in lists."""
    if room == "directory":
        return False
    if room in ("private", "direct"):
        return reads(room, who) or (room == "private" and who == "invited")
    if room == "unlisted":  # for who has been there
        return who in (*INSIDE, "invited")
    return True


def finds(room: str, who: str) -> bool:
    """Whether a search finds what was said there."""
    return reads(room, who) and lists(room, who)


# How it is tried

_DISKS: dict[str, Disk] = {}
_NAMES: dict[str, str] = {"directory": "/server"}


async def prepared(room: str) -> Disk:
    """A disk with such a room, and everybody who is something in it."""
    if room not in _DISKS:
        async with chatting() as chat:
            await _prepare(chat, room)
            for one in list(chat.hub.sessions):
                chat.hub.end(one, deliberate=False)
            chat.pass_time(4)
            await settle(chat)
            _DISKS[room] = chat.log.disk
    return copied(_DISKS[room])


def copied(disk: Disk) -> Disk:
    """One with the same on it."""
    copy = Disk(disk.id)
    vars(copy).update(disk.copy())
    return copy


async def _prepare(chat: Chat, room: str) -> None:
    root = await server_owner(chat)
    people = {
        name: await account(chat, name)
        for name in VIEWERS
        if name not in ("nobody", "guest", "root")
    }
    await do(root, ask.GiveRole, "/server", user="administrator", role=Role.MODERATOR)
    owner = people["owner"]
    if room == "directory":
        await do(root, ask.Ban, "/server", pattern="banned*")
        return
    if room == "direct":
        await do(owner, ask.Direct, users=("member",))
        name = _NAMES[room] = owner.last(told.DirectRoom).room
        await do(owner, ask.Join, name)
        await do(owner, ask.Say, name, text="a needle, member, banned and guest")
        return
    for name in INSIDE[::-1]:
        if name != "owner":
            people[name].news()
    await do(owner, ask.Join, ROOM)
    for name in ("member", "voice", "moderator", "muted"):
        await do(people[name], ask.Join, ROOM)
    await do(owner, ask.GiveRole, ROOM, user="voice", role=Role.VOICE)
    await do(owner, ask.GiveRole, ROOM, user="moderator", role=Role.MODERATOR)
    await do(owner, ask.Mute, ROOM, user="muted")
    await do(owner, ask.Invite, ROOM, user="invited")
    await do(owner, ask.Ban, ROOM, user="banned")
    await do(owner, ask.Say, ROOM, text="a needle, member, banned and guest")
    await do(people["member"], ask.Report, ROOM, user="owner")
    rules: dict[str, dict[str, Any]] = {
        "unlisted": {"access": RoomAccess.UNLISTED},
        "locked": {"access": RoomAccess.LOCKED, "password": "open sesame please"},
        "private": {"access": RoomAccess.MEMBERS},
        "archived": {"archived": True},
        "no guests": {"guests": False},
    }
    if room in rules:
        heard = await do(owner, ask.SetRules, ROOM, **rules[room])
        assert "error" not in str(heard)


def name_of(room: str) -> str:
    return _NAMES.get(room, ROOM)


async def come(chat: Chat, who: str) -> Person:
    """The viewer, who has said hello, unless it is nobody."""
    if who == "nobody":
        return chat.connect()
    return chat.enter("guest") if who == "guest" else await log_in(chat, who)


def outcome(person: Person, since: int) -> str:
    """How the last command went."""
    refusals = [one for one in person.received[since:] if isinstance(one, told.Refused)]
    return refusals[-1].code if refusals else "ok"


@pytest.mark.parametrize("who", VIEWERS)
@pytest.mark.parametrize("room", ROOMS)
async def test_who_may_may_and_who_may_not_changes_nothing(room: str, who: str) -> None:
    disk = await prepared(room)
    wrong = []
    for kind, fields in COMMANDS.items():
        async with chatting(disk=copied(disk)) as chat:
            person, name = await come(chat, who), name_of(room)
            given = {**fields, **_for_directory(kind)} if room == "directory" else dict(fields)
            if "target" in fields:
                given["target"] = _seq_of_text(chat, name)
            if kind in OWN and reads(room, who) and who != "nobody":
                await do(person, ask.Join, name)
            before, since = len(chat.log.disk.order), len(person.received)
            await do(person, kind, name, **given)
            found = outcome(person, since)
            if found != expected(room, who, kind):
                wrong.append(f"{kind.__name__}: {found}, not {expected(room, who, kind)}")
            elif found != "ok" and len(chat.log.disk.order) != before:
                wrong.append(f"{kind.__name__}: refused, and something was saved")
    assert not wrong


def _seq_of_text(chat: Chat, room: str) -> int:
    events = chat.log.disk.events[RoomName.parse(room).key]
    return next((event.seq for event in events if isinstance(event, Said)), 1)


def _for_directory(kind: type[ask.Command]) -> dict[str, Any]:
    if kind is ask.GiveRole:
        return {"role": Role.MODERATOR}
    if kind is ask.SetRules:
        return {"slow": None, "keep_days": 30}
    return {"user": "banned*"} if kind is ask.Unban else {}


HIDING = [
    (room, who)
    for room in ("private", "direct", "directory")
    for who in VIEWERS
    if not reads(room, who)
]


NO_ADMINISTRATOR = "Only who administers this server may do that."
NO_ROOM = r"There is no room \"ROOM\". Joining it would make it."


@pytest.mark.parametrize("room, who", HIDING)
async def test_a_hidden_room_is_answered_as_one_that_is_not_there(room: str, who: str) -> None:
    disk = await prepared(room)
    for kind, fields in COMMANDS.items():
        if kind is ask.Join:
            continue  # it makes the room that is not there
        async with chatting(disk=copied(disk)) as chat:
            person = await come(chat, who)
            answers = [await _answer(person, kind, one, fields) for one in (name_of(room), ABSENT)]
            if room == "directory":  # which every server has: who may not see it is told why
                answers[0] = answers[0].replace(NO_ADMINISTRATOR, NO_ROOM)
            assert answers[0] == answers[1], kind


async def _answer(
    person: Person, kind: type[ask.Command], room: str, fields: dict[str, Any]
) -> str:
    since = len(person.received)
    await do(person, kind, room, **fields)
    told_all = b" ".join(map(encode, person.received[since:])).decode()
    return told_all.replace(room, "ROOM")


@pytest.mark.parametrize("who", VIEWERS)
@pytest.mark.parametrize("room", ROOMS)
async def test_lists_searches_and_counts_tell_of_what_one_may_read(room: str, who: str) -> None:
    async with chatting(disk=await prepared(room)) as chat:
        person, name = await come(chat, who), name_of(room)
        await do(person, ask.Rooms)
        answer = person.last(told.RoomList)
        found = [one for one in answer.rooms if one.name == name]
        assert bool(found) is lists(room, who)
        assert answer.total == 1 + lists(room, who)
        if found and not reads(room, who):
            (info,) = found
            assert (info.head, info.users, info.at, info.unread) == (0, 0, None, None)
            assert (info.mentions, info.read, info.people) == (None, None, ())
        if who == "nobody":
            await _nobody_learns(chat, room)
            return
        search = await do(person, ask.Search, query="needle")
        assert ("|needle|" in search[0]) is finds(room, who)
        if room != "directory":
            search = await do(person, ask.Search, query=f"in:{name} needle")
            assert search[0].startswith("found; " if reads(room, who) else "error no-such-room")
        assert name in str(person.received) or not lists(room, who)


async def _nobody_learns(chat: Chat, room: str) -> None:
    """What HTTP asks, without a name."""
    hub, name = chat.hub, RoomName.parse(name_of(room))
    shown = [one.name for one in hub.room_list(ANYBODY).rooms]
    assert (str(name) in shown) is lists(room, "nobody")
    assert bool((await hub.find(ANYBODY, "needle")).results) is finds(room, "nobody")
    for read in (hub.page, hub.timeline):
        if reads(room, "nobody"):
            assert "needle" in str(await read(ANYBODY, name))
        else:
            with pytest.raises(ChatError) as refused:
                await read(ANYBODY, name)
            assert refused.value.code in (hidden(room, "guest"), "need-account")
    listed = room in ("open", "locked", "archived", "no guests")
    assert hub.stats()["rooms"] == 1 + listed  # what /metrics tells


@pytest.mark.parametrize("who", ["guest", "account", "root", "banned", "invited"])
@pytest.mark.parametrize("room", ["private", "direct", "locked"])
async def test_nothing_that_happens_in_it_reaches_others(room: str, who: str) -> None:
    if reads(room, who):
        pytest.fail("they may read it")
    async with chatting(disk=await prepared(room)) as chat:
        name = name_of(room)
        person, owner = await come(chat, who), await log_in(chat, "owner")
        await do(owner, ask.Join, name)
        heard = len(person.received)
        await do(owner, ask.Say, name, text=f"{who}, guest and all: hello")
        await do(owner, ask.Typing, name)
        await do(owner, ask.Edit, name, text=f"{who}: hello again")
        await do(owner, ask.React, name, emoji="👍")
        await do(owner, ask.Pin, name)
        await do(owner, ask.Redact, name)
        if room != "direct":
            await do(owner, ask.SetTopic, name, topic=f"about {who}")
            await do(owner, ask.Kick, name, user="member")
            await do(owner, ask.SetRules, name, slow=9)
            await do(owner, ask.RenameRoom, name, name="Cellar")
        assert len(person.received) == heard


# The same work


def calls(chat: Chat, person: Person, command: ask.Command) -> int:
    """How many functions are called to answer."""
    count = 0

    def profile(frame: object, event: str, arg: object) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    sys.setprofile(profile)
    try:
        chat.hub.handle(person.session, command)
    finally:
        sys.setprofile(None)
    return count


MORE_CALLS = 40  # some microseconds, among the hundreds that a socket takes


@pytest.mark.parametrize("room", ["private", "direct", "directory"])
async def test_it_is_the_same_work_to_answer_whether_it_is_there(room: str) -> None:
    async with chatting(disk=await prepared(room)) as chat:
        person = await come(chat, "account")
        for kind, fields in COMMANDS.items():
            if kind is ask.Join:
                continue
            given = _parsed(fields)
            there, absent = (
                [
                    calls(chat, person, kind(room=RoomName.parse(name), **given))  # type: ignore[call-arg]
                    for _ in range(3)
                ][-1]
                for name in (name_of(room), ABSENT)
            )
            assert abs(there - absent) <= MORE_CALLS, kind


async def test_it_is_the_same_work_however_many_are_in_it(chat: Chat) -> None:
    owner, eve = await account(chat, "ada", "Lab"), chat.enter("eve")
    await do(owner, ask.SetRules, access=RoomAccess.MEMBERS)
    # Twice: the first refusal is a new one to whoever counts them.
    few = [calls(chat, eve, ask.Who(room=RoomName.parse("Lab"))) for _ in range(2)][-1]
    for number in range(200):
        await do(owner, ask.Invite, user=str(chat.enter(f"p{number}").session.user.name))  # type: ignore[union-attr]
    assert calls(chat, eve, ask.Who(room=RoomName.parse("Lab"))) == few


@cache
def _name(raw: str) -> UserName:
    return UserName.parse(raw)


def _parsed(fields: dict[str, Any]) -> dict[str, Any]:
    parsed = dict(fields)
    if "user" in parsed:
        parsed["user"] = _name(parsed["user"])
    if "name" in parsed:
        parsed["name"] = RoomName.parse(parsed["name"])
    return parsed
