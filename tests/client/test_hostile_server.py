"""A server that is hostile harms nobody: memory has bounds, pauses hold, nothing hangs or fails."""

from __future__ import annotations

import asyncio
import itertools
import json
from collections.abc import Callable
from typing import TypeVar

import pytest

from hubbub.client import Chat, Connected, Disconnected, Entered, Happened, Said, connect
from hubbub.client import backoff as pauses
from hubbub.client.address import Address
from hubbub.client.backoff import Backoff
from hubbub.client.inbox import CHARS_PER_UPDATE, MOST_UPDATES, Inbox
from hubbub.client.patience import MOST_ASKED_SECONDS, Patience
from hubbub.client.protocol import Protocol
from hubbub.client.updates import ReadElsewhere, Update
from hubbub.domain.errors import BadMessage, NameTaken
from hubbub.domain.events import Event
from hubbub.domain.names import UserName
from hubbub.domain.replies import (
    Events,
    Limits,
    ReadUpTo,
    RoomJoined,
    RoomLeft,
    SomeoneTyping,
    Welcome,
)
from hubbub.domain.state import Member, RoomState, by_key
from hubbub.domain.told import MAX_NAME_CHARS, MAX_PEOPLE, MAX_TEXT_CHARS
from hubbub.wire.json import decode_reply
from tests.client.hostile_server import (
    EVIL,
    Frame,
    Guest,
    HostileServer,
    deafness,
    events,
    said,
    silence,
)
from tests.patience import PATIENCE_SECONDS
from tests.stopwatch import Stopwatch

U = TypeVar("U", bound=Update)


async def until(chat: Chat, kind: type[U]) -> U:
    """Takes updates up to the first of that kind."""
    async with asyncio.timeout(PATIENCE_SECONDS):
        async for update in chat:
            if isinstance(update, kind):
                return update
    raise AssertionError(f"the chat ended without {kind.__name__}")


def inside(room: str = "General") -> Protocol:
    """A chat that is in a room, without I/O."""
    protocol = Protocol()
    protocol.join(room)
    protocol.hello(UserName.parse("ada"), "test")
    limits = Limits(4000, 65536, 0, 100, 100, 200)
    protocol.connected(Welcome(user="ada", server="s", log="l", limits=limits), 0.0)
    (join,) = protocol.commands(0.0)
    protocol.receive(RoomJoined(re=join.id, room=room, users=["ada"], head=0, after=0), 0.0)
    return protocol


# What is told has bounds


LONG = "x" * (MAX_NAME_CHARS + 1)
TOO_MUCH: list[Frame] = [
    {"type": "joined", "room": "R", "head": 0, "after": 0, "users": ["u"] * (MAX_PEOPLE + 1)},
    {"type": "joined", "room": LONG, "head": 0, "after": 0, "users": []},
    {"type": "who", "room": "R", "users": [LONG]},
    {"type": "rooms", "rooms": [{"name": "R", "users": 1, "head": 0}] * 100_001},
    {"type": "rooms", "rooms": [{"name": "R", "users": 10**400, "head": 0}]},
    {"type": "typing", "room": "R", "by": LONG},
    {"type": "read", "room": LONG, "seq": 1},
    {"type": "error", "code": "x", "message": "x" * 5000},
    {"type": "error", "code": "x", "message": "m", "suggestion": "x" * 5000},
    {"type": "bye", "reason": "x" * 5000, "message": "m"},
    {"type": "ack", "room": "R", "seq": 1, "at": 10**400},
    {"type": "events", "room": "R", "events": [said(1, by=LONG)]},
    {"type": "events", "room": "R", "events": [{**said(1), "at": 10**30}]},
    {"type": "events", "room": "R", "events": [said(2**53 + 1)]},
]


@pytest.mark.parametrize("frame", TOO_MUCH, ids=lambda frame: frame["type"])
def test_what_tells_too_much_is_left_out(frame: Frame) -> None:
    with pytest.raises(BadMessage):
        decode_reply(json.dumps(frame).encode())


def test_a_text_that_is_longer_than_any_may_be_only_takes_its_place() -> None:
    frame = events(said(1), said(2, "x" * (MAX_TEXT_CHARS + 1)), said(3))
    reply = decode_reply(json.dumps(frame).encode())
    assert isinstance(reply, Events)
    assert [type(event) for event in reply.events] == [Said, Event, Said]
    assert [event.seq for event in reply.events] == [1, 2, 3]


def test_notices_of_rooms_that_we_are_not_in_are_left_out() -> None:
    protocol = inside()
    for number in range(10):
        assert not protocol.receive(ReadUpTo(room=f"R{number}", seq=1), 0.0)
        assert not protocol.receive(SomeoneTyping(room=f"R{number}", by="eve"), 0.0)
    assert protocol.receive(ReadUpTo(room="general", seq=1), 0.0)
    assert protocol.receive(SomeoneTyping(room="general", by="eve"), 0.0)


async def test_what_waits_for_a_slow_program_is_bounded_in_characters() -> None:
    inbox = Inbox(lambda: 0.0, lambda: None)
    taken = 0
    while await inbox.admits(lambda: True):
        inbox.put(Happened("General", Said(taken + 1, 0, "eve", "x" * MAX_TEXT_CHARS)))
        taken += 1
    assert taken <= MOST_UPDATES * CHARS_PER_UPDATE // MAX_TEXT_CHARS
    for _ in range(taken):
        await inbox.take()
    assert await inbox.admits(lambda: True)


async def test_notices_do_not_gather_while_the_program_takes_none() -> None:
    inbox = Inbox(lambda: 0.0, lambda: None)
    protocol = inside()
    for number in range(MOST_UPDATES):
        inbox.put(Happened("General", Event(number + 1, 0, "eve")))
    for number in range(5000):
        for update in protocol.receive(ReadUpTo(room=f"R{number}", seq=1), 0.0):
            inbox.put(update)
    for update in protocol.receive(ReadUpTo(room="General", seq=7), 0.0):
        inbox.put(update)
    inbox.end()
    late = [update async for update in taking(inbox) if isinstance(update, ReadElsewhere)]
    assert [update.seq for update in late] == [7]


async def taking(inbox: Inbox):  # type: ignore[no-untyped-def]
    while (update := await inbox.take()) is not None:
        yield update


def test_people_who_only_come_do_not_fill_memory() -> None:
    protocol = inside()
    room = protocol.rooms.get("General")
    assert room is not None
    names = (UserName.known(str(number), str(number)) for number in range(MAX_PEOPLE))
    room.state = RoomState(members=by_key(map(Member, names)))
    joined = {"kind": "joined", "seq": 1, "at": 0, "by": "eve"}
    protocol.receive(decode_reply(json.dumps(events(joined)).encode()), 0.0)
    assert room.state.head == 1
    assert len(room.state.members) == MAX_PEOPLE


# Pauses hold


@pytest.mark.parametrize("asked", [-1.0, 0.0, float("nan"), 1e-9])
def test_a_server_that_says_now_again_and_again_is_asked_ever_more_rarely(asked: float) -> None:
    patience = Patience()
    waits = [patience.wait(0.0, asked) for _ in range(12)]
    assert waits[0] > 0
    assert waits == sorted(waits)
    assert waits[-1] >= 30


@pytest.mark.parametrize("asked", [1e308, float("inf"), 10**9])
def test_no_server_puts_us_off_for_ever(asked: float) -> None:
    assert Patience().wait(0.0, asked) == MOST_ASKED_SECONDS


def test_a_room_with_a_hole_in_each_answer_is_entered_ever_more_rarely() -> None:
    protocol = inside()
    joins = 0
    for turn in range(1000):
        now = turn / 100
        protocol.receive(Events(room="General", events=[Said(2**53, 0, "eve", "x")]), now)
        for join in protocol.commands(now):
            joins += 1
            answer = RoomJoined(re=join.id, room="General", users=["ada"], head=0, after=0)
            protocol.receive(answer, now)
    assert 2 <= joins <= 6


def test_who_is_put_out_of_a_room_again_and_again_enters_it_ever_more_rarely() -> None:
    protocol = inside()
    joins = 0
    for turn in range(1000):
        now = turn / 100
        protocol.receive(RoomLeft(room="General"), now)
        for join in protocol.commands(now):
            joins += 1
            answer = RoomJoined(re=join.id, room="General", users=["ada"], head=0, after=0)
            protocol.receive(answer, now)
    assert 2 <= joins <= 6


@pytest.fixture
def real_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pauses, "FIRST_SECONDS", (0.2, 0.5))
    monkeypatch.setattr(pauses, "CAP_SECONDS", 30.0)


class Pauses(Backoff):
    """Pauses of a moment each, which are counted."""

    SECONDS = 0.05

    def __init__(self) -> None:
        super().__init__(lambda low, high: self.SECONDS)
        self.count = 0
        self._began = asyncio.get_running_loop().time()

    def pause(self) -> float:
        self.count += 1
        return super().pause()

    def were_kept(self, count: int) -> bool:
        """Whether there were at least so many, and all of them have passed since the begin."""
        passed = asyncio.get_running_loop().time() - self._began
        return self.count >= count and passed >= 0.8 * self.SECONDS * count


async def losses(chat: Chat, count: int) -> None:
    """Waits for so many."""
    for _ in range(count):
        await until(chat, Disconnected)


async def close_after_hello(guest: Guest) -> None:
    await guest.next("hello")


async def say_goodbye(guest: Guest) -> None:
    await guest.welcome()
    await guest.tell({"type": "bye", "reason": EVIL[:4], "message": "Away."})


async def call_back_at_once(guest: Guest) -> None:
    await guest.welcome()
    bye = {"type": "bye", "reason": "restarting", "message": "I am back.", "reconnect": 0}
    await guest.tell(bye)


@pytest.mark.usefixtures("real_pauses")
@pytest.mark.parametrize("script", [close_after_hello, say_goodbye, call_back_at_once])
async def test_a_server_that_lets_nobody_stay_is_not_stormed(
    script: Callable[[Guest], object],
) -> None:
    async with HostileServer(script) as server:  # type: ignore[arg-type]
        pauses = Pauses()
        chat = Chat(Address.parse(server.address), persistent=True, backoff=pauses)
        await chat.start("ada")
        await losses(chat, 5)
        assert pauses.were_kept(4)
        await chat.close(patience=0)


@pytest.mark.usefixtures("real_pauses")
async def test_asking_for_a_name_makes_one_more_attempt_and_no_storm() -> None:
    async with HostileServer(close_after_hello) as server:
        pauses = Pauses()
        chat = Chat(Address.parse(server.address), persistent=True, backoff=pauses)
        await chat.start(None)
        hello = asyncio.create_task(chat.hello("ada"))
        await losses(chat, 6)
        assert pauses.were_kept(4)
        hello.cancel()
        await chat.close(patience=0)


async def test_a_name_that_is_refused_now_and_now_and_now_is_not_stormed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(pauses, "CAP_SECONDS", 30.0)

    async def once(guest: Guest) -> None:
        if server.met == 1:
            await guest.welcome()
            return
        while True:
            await guest.refuse(await guest.next("hello"), "name-taken", retry_after=-1)

    async with HostileServer(once) as server:
        chat = Chat(
            Address.parse(server.address),
            persistent=True,
            backoff=Backoff(lambda low, high: 0.05),
        )
        await chat.start("ada")
        refusals = 0
        began = asyncio.get_running_loop().time()
        async with asyncio.timeout(PATIENCE_SECONDS):
            async for update in chat:
                refusals += type(update).__name__ == "NameRefused"
                if refusals == 5:
                    break
        assert asyncio.get_running_loop().time() - began >= 4 * 0.04
        await chat.close(patience=0)


# The chat goes on, or says why not


async def flood(guest: Guest) -> None:
    await guest.let_in()
    noise: list[Frame | str] = [
        {"type": "pong"},
        {"type": "pong", "re": 10**9},
        {"type": "typing", "room": "General", "by": "eve"},
        {"type": "read", "room": "General", "seq": 3, "unread": 0},
        {"type": "error", "re": None, "code": "x", "message": EVIL.replace("\ud83d", "")},
        {"type": "joined", "room": "Other", "users": [], "head": 9, "after": 9},
        {"type": "welcome", "user": "eve", "server": "", "log": "", "limits": {}},
        {"type": "ack", "room": "General", "seq": 1, "at": 1, "nonce": "never"},
        {"type": "what"},
        events(said(0)),
        events(room="Other"),
    ]
    for _ in range(200):
        await guest.tell(
            *noise, "{", "[" * 10_000, "null", '"\ud83d"'.encode("utf-8", "replace").decode()
        )
    await guest.tell(events(said(1, "still here")))
    while True:
        command = await guest.next()
        await guest.tell({"type": "pong", "re": command.get("id")})


async def test_a_flood_of_what_was_never_asked_for_changes_nothing() -> None:
    async with HostileServer(flood) as server, connect(server.address, user="ada") as chat:
        await chat.join("General")
        happened = await until(chat, Happened)
        assert isinstance(happened.event, Said)
        assert happened.event.text == "still here"
        async with asyncio.timeout(PATIENCE_SECONDS):
            await chat.ping()
        assert chat.user == "ada"


async def test_events_that_repeat_go_back_or_leap_are_told_once_and_in_order() -> None:
    async def confuse(guest: Guest) -> None:
        await guest.let_in()
        await guest.tell(events(said(1), said(1), said(2)), events(said(1), said(2)))
        await guest.tell(events(said(2**53)), events(said(4)))
        join = await guest.next("join")
        await guest.joined(join, head=3)
        await guest.tell(events(said(3)))
        await silence(guest)

    async with HostileServer(confuse) as server, connect(server.address, user="ada") as chat:
        await chat.join("General")
        found = [(await until(chat, Happened)).event.seq for _ in range(3)]
        assert found == [1, 2, 3]
        assert server.commands("join")[1]["after"] == 2


async def test_limits_that_cannot_be_are_no_welcome() -> None:
    async def absurd(guest: Guest) -> None:
        await guest.welcome(limits={"text": -5, "line": 10**400, "burst": 1, "rate": 1})
        await guest.tell({"type": "bye", "reason": "bye", "message": "So?"})
        await deafness(guest)

    async with HostileServer(absurd) as server:
        with pytest.raises(ConnectionError, match="So"):
            async with connect(server.address, user="ada"):
                pass


@pytest.mark.parametrize("script", [silence, deafness])
async def test_leaving_takes_a_second_when_the_server_answers_nothing(
    script: Callable[[Guest], object],
) -> None:
    async def mute(guest: Guest) -> None:
        await guest.welcome()
        await script(guest)  # type: ignore[misc]

    async with HostileServer(mute) as server:
        chat = Chat(Address.parse(server.address), persistent=True)
        await chat.start("ada")
        await until(chat, Connected)
        watch = Stopwatch()
        await chat.close(patience=0)
        assert watch.seconds < 1.2


async def test_leaving_takes_a_second_in_a_flood_of_large_frames() -> None:
    async def large(guest: Guest) -> None:
        await guest.let_in()
        for first in itertools.count(1, 200):
            await guest.tell(events(*(said(first + more, "x" * 5000) for more in range(200))))

    async with HostileServer(large) as server:
        chat = Chat(Address.parse(server.address), persistent=True)
        await chat.start("ada")
        await chat.join("General")
        await until(chat, Entered)
        watch = Stopwatch()
        await chat.close(patience=0)
        assert watch.seconds < 1.5


async def test_a_name_refused_with_an_endless_suggestion_is_told_without_it() -> None:
    async def refuse(guest: Guest) -> None:
        hello = await guest.next("hello")
        await guest.refuse(hello, "name-taken", suggestion="x" * 10_000)
        await guest.refuse(hello, "name-taken", suggestion="ben")
        await deafness(guest)

    async with HostileServer(refuse) as server:
        with pytest.raises(NameTaken) as taken:
            async with connect(server.address, user="ada"):
                pass
        assert taken.value.suggestion == "ben"
