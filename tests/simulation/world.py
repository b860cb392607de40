"""One simulated life of a server and its people, from a seed: the same one, the same life."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
from collections.abc import Callable, Iterator
from copy import deepcopy
from functools import partial
from random import Random
from typing import Any

import pytest

from hubbub.domain.directory import DIRECTORY
from hubbub.hub import catchup, journal, retention, services, tail
from hubbub.hub.access import ANYBODY
from hubbub.hub.hub import Hub
from hubbub.hub.settings import HubSettings
from hubbub.server import heartbeat
from hubbub.server.options import Options
from hubbub.server.run import serve
from tests.memorylog.log import Disk
from tests.simulation.disk import Moods, SlowLog
from tests.simulation.network import Network
from tests.simulation.people import JsonPerson, LinePerson, Person
from tests.simulation.promises import Books, promise
from tests.simulation.virtual_loop import VirtualLoop

NOON = 1_690_711_200_000
RESTORING = 0.15  # of all lives: in them a backup is made now and then, and restored
AMENDING = 0.3  # of all lives: in them people edit, take back and react as well
TRIMMING = 0.15  # of all lives: in them days pass now and then, and what is old goes
DAY_MS = 86_400_000
ROOMS = ("General", "Kitchen")
HOLD_SECONDS = 8.0
FORGETFUL = 0.15  # of all disks: they save what they report as refused, and less can be promised
SETTLE_SECONDS = 300.0  # of virtual time: after that, what is not settled never will be


class World:
    """The server, its disk, the network, the people. `live` runs it all."""

    def __init__(self, seed: int) -> None:
        self.dice = dice = Random(seed)
        self.loop = VirtualLoop()
        self.trace: list[tuple[Any, ...]] = []
        self.network = Network(self.loop, dice)
        self.disk = Disk("0" * 32)
        self.moods = Moods()
        self.books = Books(self.disk)
        if dice.random() < FORGETFUL:
            self.moods.forgetful = 0.5
            self.books.forgetful = True
        self.backup = deepcopy(self.disk)
        # Not our dice: the other lives go on as ever, those that broke once among them.
        restoring = Random(-1 - seed).random() < RESTORING
        self.happenings = self._HAPPENINGS + self._RESTORING * restoring
        self.trims = Random(-2 - seed).random() < TRIMMING
        if self.trims:
            self.happenings += self._TRIMMING
            self.books.trims = self.books.reorders = True
        self._amending = Random(-3 - seed)
        self.amends = self.books.amends = self._amending.random() < AMENDING
        self.hub: Hub | None = None
        self.log: SlowLog | None = None
        self.clock_offset = 0
        self._ids = itertools.count(1)
        self._server: asyncio.Task[None] | None = None
        self._stop: asyncio.Event | None = None
        self._failure: BaseException | None = None
        self._over = False
        self._looking: Hub | None = None
        self.settings = HubSettings(
            rate_limit=dice.choice([0, 0, 20]),
            rate_burst=40,
            history_on_join=dice.choice([0, 3, 100]),
            hold_seconds=HOLD_SECONDS,
            leave_grace_seconds=dice.choice([0.5, 5]),
            queue_events=dice.choice([4, 1000]),
        )
        self.options = Options(
            port=0,
            sessions_per_address=0,
            outbox_bytes=dice.choice([200, 2000, 65536]),
            name_seconds=10,
        )
        names = ("ada", "ben", "eve")[: dice.randint(1, 3)]
        self.json = [JsonPerson(self, name) for name in names]
        self.line = [LinePerson(self, "zoe", "General")] if dice.random() < 0.6 else []
        if self.amends:
            self.line = []  # who is shown no numbers
        self.people: list[Person] = [*self.json, *self.line]

    def note(self, *words: object) -> None:
        """Writes down what happens."""
        self.trace.append((round(self.loop.now, 6), *words))

    # A life

    def live(self, seconds: float = 12.0) -> None:
        """Lives, and looks at the promises all the while; raises what breaks."""
        self.loop.set_exception_handler(self._failed)
        self._life = self.loop.create_task(self._live(seconds))
        try:
            with contextlib.suppress(asyncio.CancelledError):
                self.loop.run_until_complete(self._life)
        finally:
            self._bury()
        if self._failure is not None:
            raise self._failure

    async def _live(self, seconds: float) -> None:
        self.start_server()
        for guest in self.json:
            for place in ROOMS[: self.dice.randint(1, 2)]:
                guest.protocol.join(place)
        for person in self.people:
            person.later()
            self._again(1.0, partial(self._act, person))
        self._again(1.5, self._something_happens)
        await asyncio.sleep(seconds)
        self._over = True
        await self._settle()
        await self._leave()

    def _again(self, mean: float, act: Callable[[], None]) -> None:
        def run() -> None:
            if not self._over:
                act()
                self.check()
                self.loop.call_later(self.dice.expovariate(1 / mean), run)

        self.loop.call_later(self.dice.expovariate(1 / mean), run)

    def _act(self, person: Person) -> None:
        if self.amends and isinstance(person, JsonPerson) and self._amending.random() < 0.5:
            for _ in range(self._amending.choice([1, 2, 4])):
                person.amend(self._amending.choice(ROOMS), self._amending)
            return
        chance = self.dice.random()
        if isinstance(person, LinePerson):
            if chance < 0.8:
                person.say()
            elif chance < 0.85:
                person.hang_up()
        elif isinstance(person, JsonPerson):
            place = self.dice.choice(ROOMS)
            if chance < 0.6:
                for _ in range(self.dice.choice([1, 1, 2, 8])):
                    person.say(place)
            elif chance < 0.7:
                person.ask(place)
            elif chance < 0.75:
                person.join(place)
            elif chance < 0.79:
                person.leave(place)
            elif chance < 0.82:
                person.hang_up()
            elif chance < 0.85:
                person.start_again()
            elif chance < 0.9:
                person.shed()
        if chance > 0.9 and person.link is not None:
            # A program that is busy, or a terminal that was stopped.
            person.link.client.pause_reading()
            self.loop.call_later(self.dice.random() * 10, person.link.client.resume_reading)

    # What happens to the world

    def _something_happens(self) -> None:
        happening = self.dice.choice(self.happenings)
        self.note("---", happening.__name__)
        happening(self)

    def kill(self) -> None:
        """kill -9, and a new start a little later."""
        if self._server is None:
            return
        assert self.log is not None
        self.network.kill_the_server()
        self.log.crash()
        self._server.cancel()
        self._server = None
        self.hub = None
        self.loop.call_later(self.dice.random() * 3, self.start_server)

    def restart(self) -> None:
        """SIGTERM, and a new start when it has ended."""
        if self._stop is not None:
            self._stop.set()

    def cut(self) -> None:
        """One connection breaks; the ends find out when they do."""
        links = self.network.open_links()
        if links:
            self.dice.choice(links).cut(
                client_after=self.dice.choice([0.0, 1.0, 10.0]) * self.dice.random(),
                server_after=self.dice.choice([0.0, 1.0, 20.0]) * self.dice.random(),
                arrives=self.dice.random() < 0.5,
            )

    def stop_the_network(self) -> None:
        """Nothing gets through for a while, on some connections."""
        for link in self.network.open_links():
            if self.dice.random() < 0.6:
                link.stop(self.dice.random() * 8)

    def slow_the_network(self) -> None:
        self.network.slow = self.dice.choice([0.001, 0.05, 0.5])

    def slow_the_disk(self) -> None:
        self.moods.sync_seconds = self.dice.choice([0.001, 0.05, 2.0])
        self.moods.read_seconds = self.dice.choice([0.001, 0.05, 2.0])

    def fill_the_disk(self) -> None:
        self.moods.full_until = self.loop.now + self.dice.random() * 4
        self.books.reorders = True

    def spoil_the_disk(self) -> None:
        self.moods.unreadable_until = self.loop.now + self.dice.random() * 4

    def turn_the_clock(self) -> None:
        self.clock_offset += self.dice.choice([-3_600_000, 3_600_000, -500])

    def back_up(self) -> None:
        """Somebody copies the disk."""
        self.backup = deepcopy(self.disk)

    def restore(self) -> None:
        """Somebody kills the server and puts the last backup back; all connections are gone."""
        self.kill()
        for person in self.people:
            if person.link is not None:
                person.link.client.abort()
        self.disk.__dict__.update(deepcopy(self.backup).__dict__)
        self.books.restored()

    def days_pass(self) -> None:
        """What was said until now is too old from now on, and looked for soon."""
        self.clock_offset += 2 * DAY_MS
        self.loop.call_later(self.dice.random() * 3, self.look_for_old)

    def look_for_old(self) -> None:
        """Whoever runs now looks through all rooms."""
        if self.hub is not None and self._looking is not self.hub:
            self.hub.spawn(self._look(self.hub))

    async def _look(self, hub: Hub) -> None:
        self._looking = hub
        hub.retention._since = hub.clock() - hub.monotonic() * 1000  # no clock has jumped
        await hub.retention.look()
        self._looking = None

    _RESTORING = (back_up, restore, restore)
    _TRIMMING = (days_pass, days_pass, days_pass)
    _HAPPENINGS = (
        kill,
        restart,
        cut,
        cut,
        cut,
        stop_the_network,
        slow_the_network,
        slow_the_disk,
        fill_the_disk,
        spoil_the_disk,
        turn_the_clock,
    )

    # The server

    def start_server(self) -> None:
        """A new process on the same disk."""
        if self._server is not None:
            return
        self.note("--- the server starts")
        self.log = SlowLog(self.disk, self.moods, self.loop, self.dice)
        self.hub = Hub(
            self.log,
            settings=self.settings,
            clock=lambda: NOON + self.clock_offset + int(self.loop.now * 1000),
            monotonic=self.loop.time,
            ids=self._ids.__next__,
        )
        if self.trims:
            self.hub.retention.days = lambda room: 1  # type: ignore[method-assign]
        self._stop = asyncio.Event()
        self._server = self.loop.create_task(self._serve(self.hub, self.log, self._stop))

    async def _serve(self, hub: Hub, log: SlowLog, stop: asyncio.Event) -> None:
        try:
            await serve(hub, self.options, announce=lambda _: None, stop=stop)
            await log.close()
        except asyncio.CancelledError:
            raise
        except BaseException as error:
            self._failed(self.loop, {"exception": error})
            raise
        self.note("--- the server has ended")
        self._server = None
        self.hub = None
        self.loop.call_later(self.dice.random(), self.start_server)

    # The end

    async def _settle(self) -> None:
        """Nothing happens any more: everything that was said is saved, and shown to all."""
        self.note("=== nothing happens any more")
        self.moods.__init__()  # type: ignore[misc]
        self.network.slow = 0.05
        for guest in self.json:
            if guest.shedding:
                guest.shed()
        end = self.loop.now + SETTLE_SECONDS
        self._drop_in()
        while not all(person.done for person in self.people) or not self._agree():
            self.check()
            self._drop_in()
            promise(self.loop.now < end, "did not settle", *self._unsettled())
            await asyncio.sleep(0.5)
        self.check()
        for person in self.people:
            for view in person.views.values():
                view.check()
        if self.amends:
            await self._read_afresh()
        while self.trims and not self._all_gone():
            promise(self.loop.now < end, "what is gone is on the disk", self.disk.gone)
            self.look_for_old()
            await asyncio.sleep(0.5)

    async def _read_afresh(self) -> None:
        """Who comes now sees what all others see, whether it is in memory or not."""
        assert self.hub is not None
        for place in list(self.hub.rooms):
            if place.listable:
                page = await self.hub.timeline(ANYBODY, place.name, limit=30)
                self.books.check_page(str(place.name), page.events)

    def _all_gone(self) -> bool:
        """Whether all is deleted that was told to be."""
        floors = {key: self.books.floor(key) for key in self.disk.events if key != DIRECTORY.key}
        return all(self.disk.gone.get(key, 0) == floor for key, floor in floors.items())

    def _drop_in(self) -> None:
        """What was saved and not told is learnt with the next event of its room."""
        if not self.books.forgetful or self.hub is None:
            return
        for key, name in self.disk.rooms.items():
            place = self.hub.rooms.get(key)
            if self.books.head(name) > (place.head if place else 0):
                LinePerson(self, f"passer{next(self._ids)}n", name).pass_by()

    def _agree(self) -> bool:
        """Whether the log, the hub, its presence and the people know the same who are in rooms."""
        hub = self.hub
        if hub is None or self.log is None or self.log.waiting:
            return False
        if any(key not in hub.rooms for key in self.disk.rooms):
            return False
        for place in hub.rooms:
            by_log = {
                record.member.name.key: record.member
                for record in self.disk.members.values()
                if record.room.key == place.name.key
            }
            there = {
                person.name
                for person in self.people
                if any(view.lower() == place.name.key for view in person.views)
                or (isinstance(person, LinePerson) and person.room.lower() == place.name.key)
            }
            present = set(hub.presence.in_room(place))
            if not (by_log == place.state.members and by_log.keys() == present == there):
                return False
        return True

    def _unsettled(self) -> list[object]:
        people: list[object] = [person.name for person in self.people if not person.done]
        hub = self.hub
        members = [
            (
                str(place.name),
                place.names(),
                [
                    (key, len(here.sessions), here.grace_until, here.writing, here.logged)
                    for key, here in (hub.presence.in_room(place).items() if hub else ())
                ],
            )
            for place in (hub.rooms if hub else ())
        ]
        return [*people, members, sorted(key for _, key in self.disk.members)]

    async def _leave(self) -> None:
        """Everybody goes, and nothing is left of them."""
        for person in self.people:
            person.connect = lambda: None  # type: ignore[method-assign]
            if person.link is not None:
                person.link.client.abort()
        await asyncio.sleep(4 * HOLD_SECONDS)
        if self.disk.guests:  # what a full disk would not forget, the next server does
            self.restart()
            await asyncio.sleep(4 * HOLD_SECONDS)
        hub = self.hub
        assert hub is not None
        promise(not hub.sessions, "sessions are left", hub.sessions)
        promise(len(hub.users) == 0, "names are left", len(hub.users))
        promise(not self.disk.members, "members are left", self.disk.members)
        promise(not self.disk.guests, "guests are left", self.disk.guests)
        promise(hub.stats()["texts_waiting"] == 0, "texts are left")
        for place in hub.rooms:
            left = place.live or hub.presence.in_room(place)
            promise(not left, "somebody is left in", place.name)

    def _bury(self) -> None:
        tasks = asyncio.all_tasks(self.loop)
        for task in tasks:
            task.cancel()
        if tasks:
            self.loop.run_until_complete(asyncio.gather(*tasks, return_exceptions=True))
        self.loop.close()

    # Promises

    def check(self) -> None:
        """Looks at what holds at any time."""
        self.books.check_log()
        hub = self.hub
        if hub is None:
            return
        for place in hub.rooms:
            live = {session for sessions in place.live.values() for session in sessions}
            promise(live <= hub.sessions.keys(), "someone who is gone is live in", place.name)
            for session in hub.sessions:
                inside = place in session.rooms
                places = (session in place.behind) + (session in live)
                promise(places == inside, "live, and behind", place.name)
                promise(not (session.stalled and session in live), "stalled, and live")
                if inside:
                    assert session.user is not None
                    key = session.user.name.key
                    here = hub.presence.in_room(place)
                    promise(session in here[key].sessions, "in a room and not present", key)

    def _failed(self, loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        """Whatever the loop complains of is a failure; the first one counts."""
        error = context.get("exception") or AssertionError(context.get("message"))
        if self._failure is None:
            self._failure = error
            self._life.cancel()


class InOrder(set[Any]):
    """A set that is gone through in the order in which things were added."""

    def __init__(self) -> None:
        super().__init__()
        self._order: dict[Any, None] = {}

    def __iter__(self) -> Iterator[Any]:
        return iter(self._order)

    def add(self, thing: Any) -> None:
        super().add(thing)
        self._order[thing] = None

    def discard(self, thing: Any) -> None:
        super().discard(thing)
        self._order.pop(thing, None)


def small_limits(patch: pytest.MonkeyPatch) -> None:
    """So that short lives meet the borders of pages, queues and what is in memory."""
    patch.setattr(tail, "TAIL_EVENTS", 3)
    patch.setattr(catchup, "PAGE_EVENTS", 4)
    patch.setattr(catchup, "CACHE_BYTES", 2000)
    patch.setattr(services, "MAX_IN_FLIGHT", 4)
    patch.setattr(journal, "RETRY_SECONDS", 0.5)
    patch.setattr(retention, "LOOKED_AT", 5)
    patch.setattr(retention, "DELETED_AT_ONCE", 3)
    # By address in memory, no two runs would go through them in the same order.
    for module in (services, heartbeat):
        patch.setattr(module, "set", InOrder, raising=False)
