"""Random lives: people join, talk, stall, vanish and come back, the disk fails, the server crashes.

Whatever happens, a device's view of a room is the log from where it came in: gapless, in order,
each line once, and nothing that is not on disk.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from dataclasses import dataclass, field

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from hubbub.domain import replies as told
from hubbub.domain.events import Event, Joined, Left, Said
from hubbub.domain.names import RoomName
from hubbub.hub import catchup, journal, room, services, tail
from hubbub.hub.settings import HubSettings
from tests.hub.chat import Chat, Person
from tests.hub.test_surprises import ForgetfulLog
from tests.memorylog.log import Disk, MemoryLog

ROOMS = ("General", "Kitchen", "Garden")
NAMES = ("ada", "ben", "eve")
SETTINGS = HubSettings(
    rate_limit=0,
    history_on_join=3,
    rooms_per_session=2,
    hold_seconds=30,
    leave_grace_seconds=5,
    held_per_address=2,
    queue_events=6,
)
EXPECTED = {"log-unavailable", "name-taken", "not-in-room", "too-many-rooms"}

MOST_DEVICES = 7

someone = st.integers(0, MOST_DEVICES - 1)
somewhere = st.sampled_from(ROOMS)


@dataclass
class Device:
    """What a client keeps: its token, a cursor for each room, the texts nobody has acknowledged."""

    name: str
    line: bool
    token: str | None = None
    person: Person | None = None
    heard: int = 0
    views: dict[str, int] = field(default_factory=dict)
    unacked: dict[str, tuple[str, str]] = field(default_factory=dict)
    acked: dict[str, tuple[str, int]] = field(default_factory=dict)
    asked: int = 0
    answered: int = 0
    pings: list[int] = field(default_factory=list)

    def speak(self, person: Person, text: str, where: str, nonce: str | None) -> None:
        """Says a text on the connection of the moment; each with a nonce is answered, once."""
        self.asked += nonce is not None
        person.say(text, where, nonce=nonce)


class Life(RuleBasedStateMachine):
    """A chat with random people. Time, the disk and the loop move only when a rule says so."""

    def __init__(self) -> None:
        super().__init__()
        self.loop = asyncio.new_event_loop()
        self.patch = pytest.MonkeyPatch()
        # Small, so that short lives meet the borders of pages, queues and what is in memory.
        self.patch.setattr(tail, "TAIL_EVENTS", 3)
        self.patch.setattr(catchup, "PAGE_EVENTS", 4)
        self.patch.setattr(catchup, "CACHE_BYTES", 2000)
        self.patch.setattr(services, "MAX_IN_FLIGHT", 4)
        self.patch.setattr(journal, "RETRY_SECONDS", 0.0)
        self.devices: list[Device] = []
        self.said = 0

    @initialize()
    def open(self) -> None:
        """Three people are talking in two rooms; one of them has no token."""
        self.chat = self._open(None)
        for name in NAMES:
            self._connect(name, line=name == "eve")
        self._settle()
        for who in range(len(NAMES)):
            self.join(who, "General")
            self.join(who, "Kitchen")
        self._settle()

    # People

    @rule(name=st.sampled_from(NAMES), line=st.booleans())
    def connect(self, name: str, line: bool) -> None:
        if len(self.devices) < MOST_DEVICES:
            self._connect(name, line)

    @rule(who=someone)
    def connect_a_second_device(self, who: int) -> None:
        device = self._pick(who)
        if device is not None and device.token is not None and len(self.devices) < MOST_DEVICES:
            self._connect(device.name, False, device.token)

    def _connect(self, name: str, line: bool, token: str | None = None) -> None:
        device = Device(name, line, token)
        self.devices.append(device)
        self._do(lambda: self._arrive(device))

    @rule(who=someone, where=somewhere)
    def join(self, who: int, where: str) -> None:
        self._as(who, lambda device, person: person.join(where))

    @rule(who=someone, where=somewhere, back=st.integers(0, 5))
    def join_with_a_cursor(self, who: int, where: str, back: int) -> None:
        def run(device: Device, person: Person) -> None:
            if where in device.views:
                person.join(where, after=max(0, device.views[where] - back))

        self._as(who, run)

    @rule(who=someone, where=somewhere, texts=st.integers(1, 6))
    def say(self, who: int, where: str, texts: int) -> None:
        def run(device: Device, person: Person) -> None:
            for _ in range(texts):
                self.said += 1
                nonce = None if device.line else f"nonce {self.said}"
                if nonce is not None:
                    device.unacked[nonce] = (where, f"text {self.said}")
                device.speak(person, f"text {self.said}", where, nonce)

        self._as(who, run)

    @rule(who=someone, which=st.integers(0, 20))
    def resend(self, who: int, which: int) -> None:
        def run(device: Device, person: Person) -> None:
            if device.unacked:
                nonce = sorted(device.unacked)[which % len(device.unacked)]
                where, text = device.unacked[nonce]
                device.speak(person, text, where, nonce)

        self._as(who, run)

    @rule(who=someone)
    def ping(self, who: int) -> None:
        def run(device: Device, person: Person) -> None:
            device.pings.append(device.asked)
            person.ping()

        self._as(who, run)

    @rule(who=someone, where=somewhere)
    def leave(self, who: int, where: str) -> None:
        self._as(who, lambda device, person: person.leave(where))

    @rule(who=someone)
    def say_goodbye(self, who: int) -> None:
        self._as(who, lambda device, person: person.bye())

    @rule(who=someone)
    def lose_connection(self, who: int) -> None:
        self._as(who, lambda device, person: self._lose(device))

    @rule(who=someone)
    def come_back(self, who: int) -> None:
        if self.devices:
            device = self.devices[who % len(self.devices)]
            if device.person is None:
                self._do(lambda: self._arrive(device))

    @rule(who=someone, writes=st.integers(0, 3))
    def stall(self, who: int, writes: int) -> None:
        def run(device: Device, person: Person) -> None:
            if writes == 0:
                person.stop_reading()
            else:
                person.stalls_at = writes

        self._as(who, run)

    @rule(who=someone)
    def read_on(self, who: int) -> None:
        def run(device: Device, person: Person) -> None:
            if person.session.stalled:
                person.read_on()

        self._as(who, run)

    # The world

    @rule()
    def commit_all(self) -> None:
        self._do(self.chat.commit)

    @rule(entries=st.integers(1, 5))
    def commit(self, entries: int) -> None:
        self._do(lambda: self.chat.commit(entries))

    @rule(entries=st.integers(1, 3))
    def fail(self, entries: int) -> None:
        self._do(lambda: self.chat.fail(min(entries, self.chat.log.waiting)))

    @rule(seconds=st.sampled_from([0.5, 1.0, 5.0, 30.0]))
    def pass_time(self, seconds: float) -> None:
        self._do(lambda: self.chat.pass_time(seconds))

    @rule(rounds=st.integers(1, 4))
    def let_the_loop_turn(self, rounds: int) -> None:
        for _ in range(rounds):
            self._do(lambda: None)

    @rule()
    def crash(self) -> None:
        disk = self.chat.log.disk
        self.loop.run_until_complete(self.chat.crash())
        for device in list(self.devices):
            if device.person is not None:
                self._read(device)
                device.person = None
        self.devices = [device for device in self.devices if not device.line]
        self.chat = self._open(disk)

    @rule()
    def let_everything_settle(self) -> None:
        self._settle()
        for device in list(self.devices):
            if device.person is not None:
                for place in device.person.session.rooms:
                    assert device.views[place.name] == self._head(place.name)
                assert device.pings == []

    # What holds after each step

    @invariant()
    def nothing_is_written_to_who_is_gone(self) -> None:
        assert self.chat.lost_words == 0

    @invariant()
    def views_are_slices_of_the_log(self) -> None:
        for device in list(self.devices):
            if device.person is not None:
                self._read(device)

    @invariant()
    def cursors_and_live_sets_agree(self) -> None:
        for place in self._hub_rooms():
            live = {session for sessions in place.live.values() for session in sessions}
            for session in self.chat.hub.sessions:
                assert (session in place.behind) + (session in live) == (place in session.rooms)
                assert not (session.stalled and session in live)
            assert live | place.behind.keys() <= self.chat.hub.sessions.keys()

    @invariant()
    def presence_agrees_with_sessions(self) -> None:
        for session in self.chat.hub.sessions:
            for place in session.rooms:
                assert session.user is not None
                here = self.chat.hub.presence.in_room(place)
                assert session in here[session.user.name.key].sessions
                assert session.user.name.key in place.state.members

    @invariant()
    def joins_and_leaves_take_turns(self) -> None:
        for where in ROOMS:
            inside: set[str] = set()
            for event in self._log(where):
                match event:
                    case Joined():
                        assert event.by not in inside, f"{event.by} joined {where} twice"
                        inside.add(event.by)
                    case Left():
                        inside.remove(event.by)
                    case Said():
                        assert event.by in inside, f"{event.by} spoke in {where} from outside"

    def teardown(self) -> None:
        try:
            self._settle()
            self._check_members()
            for device in list(self.devices):
                if device.person is not None:
                    self._do(lambda device=device: self._lose(device))  # type: ignore[misc]
            self._let_all_time_pass()
            self._check_nothing_is_left()
            # What a full disk would not forget is forgotten by the next server.
            disk = self.chat.log.disk
            self.loop.run_until_complete(self.chat.crash())
            self.chat = self._open(disk)
            self._let_all_time_pass()
            assert disk.guests == {}
        finally:
            self.loop.run_until_complete(self.chat.crash())
            self.loop.close()
            self.patch.undo()

    # Steps

    def _open(self, disk: Disk | None) -> Chat:
        chat = Chat(SETTINGS, disk=disk, log=self.make_log)
        self.loop.run_until_complete(chat.start())
        return chat

    @staticmethod
    def make_log(disk: Disk | None) -> MemoryLog:
        return MemoryLog(disk=disk)

    def _do(self, step: Callable[[], object]) -> None:
        async def run() -> None:
            step()

        self.loop.run_until_complete(run())

    def _pick(self, who: int) -> Device | None:
        here = [device for device in self.devices if device.person is not None]
        return here[who % len(here)] if here else None

    def _as(self, who: int, run: Callable[[Device, Person], object]) -> None:
        device = self._pick(who)
        if device is not None and device.person is not None:
            person = device.person
            self._do(lambda: run(device, person))

    def _arrive(self, device: Device) -> None:
        """Connects, says hello, joins from its cursors, sends again what was not acknowledged."""
        device.person = self.chat.connect(line=device.line)
        device.heard = 0
        device.pings.clear()
        device.asked = device.answered = 0
        device.person.hello(device.name, device.token)
        for where, cursor in device.views.items():
            device.person.join(where, after=cursor)
        for nonce, (where, text) in device.unacked.items():
            device.speak(device.person, text, where, nonce)

    def _lose(self, device: Device) -> None:
        assert device.person is not None
        self._read(device)
        if device.person is not None:
            device.person.lose_connection()
            device.person = None
            if device.line:
                self.devices.remove(device)

    def _let_all_time_pass(self) -> None:
        for _ in range(3):
            self._do(lambda: self.chat.pass_time(SETTINGS.hold_seconds))
            self._settle()

    def _settle(self) -> None:
        """Until nobody is told anything any more."""
        before = -1
        while self.chat.log.waiting or self.chat.words != before:
            before = self.chat.words
            self._learn()
            for device in list(self.devices):
                person = device.person
                if person is not None:
                    person.stalls_at = None
                    if person.session.stalled:
                        self._do(person.read_on)
            self._do(self.chat.commit)
            self.loop.run_until_complete(self.chat.quiet())
        self.views_are_slices_of_the_log()

    def _learn(self) -> None:
        """Lets the hub learn what the log has; this log tells of everything."""

    # Checks

    def _read(self, device: Device) -> None:
        person = device.person
        assert person is not None
        new = person.received[device.heard :]
        device.heard = len(person.received)
        for reply in new:
            self._take(device, reply)
            if device.person is None:
                return
        if person.hung_up:
            device.person = None
            person.open = False
            self.devices.remove(device)

    def _take(self, device: Device, reply: told.Reply) -> None:
        match reply:
            case told.Welcome(token=token):
                device.token = token
            case told.RoomJoined(room=where, after=after, head=head):
                assert after <= head <= self._head(where)
                device.views[where] = after
            case told.RoomLeft(room=where):
                del device.views[where]
            case told.Events(room=where, events=events):
                for event in events:
                    assert event.seq == device.views[where] + 1, "a hole or a double"
                    assert event == self._log(where)[event.seq - 1], "not what is on disk"
                    device.views[where] = event.seq
            case told.Ack(nonce=str(nonce), room=where, seq=seq):
                device.answered += 1
                saved = self._log(where)[seq - 1]
                before = device.acked.setdefault(nonce, (where, seq))
                assert before == (where, seq), "another ack for the same text"
                if nonce in device.unacked:
                    assert isinstance(saved, Said)
                    assert (where, saved.text) == device.unacked.pop(nonce)
            case told.Pong():
                assert device.answered >= device.pings.pop(0), "not a barrier"
            case told.Refused(code=code, nonce=nonce):
                device.answered += nonce is not None
                assert code in EXPECTED, reply
                if code == "name-taken":
                    self._give_up(device)

    def _give_up(self, device: Device) -> None:
        """The name is somebody else's now."""
        assert device.person is not None
        person, device.person = device.person, None
        self._do(person.lose_connection)
        self.devices.remove(device)

    def _log(self, where: str) -> list[Event]:
        return list(self.chat.log.disk.events.get(RoomName.parse(where).key, []))

    def _head(self, where: str) -> int:
        return len(self._log(where))

    def _hub_rooms(self) -> list[room.HubRoom]:
        return list(self.chat.hub.rooms)

    def _check_members(self) -> None:
        """When all is settled, the log, the hub and its presence have the same people."""
        for place in self._hub_rooms():
            by_log = {
                record.member.name.key: record.member
                for record in self.chat.log.disk.members.values()
                if record.room.key == place.name.key
            }
            assert by_log == place.state.members
            assert by_log.keys() == set(self.chat.hub.presence.in_room(place))

    def _check_nothing_is_left(self) -> None:
        hub = self.chat.hub
        assert not hub.sessions
        assert len(hub.users) == 0
        assert hub.stats()["texts_waiting"] == 0
        assert self.chat.log.disk.members == {}
        for place in self._hub_rooms():
            assert not hub.presence.in_room(place)
            assert not place.live
            assert place.recent(place.head - 1, place.head) in (None, [])


class ForgetfulLife(Life):
    """The same, where the disk now and then saves what it reports as refused."""

    @staticmethod
    def make_log(disk: Disk | None) -> MemoryLog:
        return ForgetfulLog(disk=disk)

    @rule(entries=st.integers(1, 3))
    def forget(self, entries: int) -> None:
        def run() -> None:
            assert isinstance(self.chat.log, ForgetfulLog)
            self.chat.log.forgets = True
            self.chat.log.commit(entries)
            self.chat.log.forgets = False

        self._do(run)

    @invariant()
    def joins_and_leaves_take_turns(self) -> None:
        """A join that was saved and not told may be followed by another one."""

    def _learn(self) -> None:
        """What was saved and not told is learnt with the next event of its room."""
        for where in ROOMS:
            place = self.chat.hub.rooms.get(where.lower())
            if self._head(where) > (place.head if place else 0):
                self._do(lambda where=where: self._drop_in(where))  # type: ignore[misc]
                self.loop.run_until_complete(self.chat.quiet())

    def _drop_in(self, where: str) -> None:
        zoe = self.chat.connect(line=True).hello("zoe").join(where).bye()
        self.chat.commit()
        assert zoe.open


LIVES = settings(
    max_examples=5000 if os.environ.get("HUBBUB_LONG") else 120,
    stateful_step_count=50,
    deadline=None,
    database=None,
    suppress_health_check=list(HealthCheck),
)

TestLife = Life.TestCase
TestLife.settings = LIVES
TestForgetfulLife = ForgetfulLife.TestCase
TestForgetfulLife.settings = LIVES
