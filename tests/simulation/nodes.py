"""Lives of several servers on one log, which are killed, stand still and come back.

Each life has a seed. In the end the log tells of each user's comings and goings in turn, and the
members of each room are those who are connected.
"""

from __future__ import annotations

import asyncio
import itertools
from random import Random

from hubbub.domain.events import Joined, Left
from hubbub.hub.settings import HubSettings
from tests.hub.chat import Person
from tests.hub.several import Server, Several
from tests.simulation.promises import promise

ROOMS = ("General", "Kitchen")
NAMES = ("ada", "ben", "eve", "lin", "mia")
SETTINGS = HubSettings(
    rate_limit=0,
    leave_grace_seconds=2.0,
    hold_seconds=8.0,
    lease_seconds=6.0,
    silent_room_seconds=0,
    sessions_per_address=0,
)
MOST_SERVERS = 4


class Nodes:
    """Some servers and their people, for one life."""

    def __init__(self, seed: int) -> None:
        self.dice = Random(seed)
        self.them = Several(SETTINGS)
        self.people: list[Person] = []
        self.asleep: dict[Server, bool] = {}
        """Those that stand still, and whether the log had known of them until then."""
        self._numbers = itertools.count(1)

    async def live(self, steps: int = 60) -> None:
        """Lives; raises `Broken` for a promise that was not kept."""
        for _ in range(3):
            await self.them.add()
        try:
            for _ in range(steps):
                await self._step()
                for _ in range(self.dice.choice([0, 1, 3])):
                    await asyncio.sleep(0)
            for server in list(self.asleep):
                await self._wake(server)
            await self.them.pass_time(6 * SETTINGS.lease_seconds)
            self._check()
        finally:
            for server in self.them.servers:
                await server.crash()
                for task in server.hub.tasks:
                    task.cancel()

    async def _step(self) -> None:
        dice, running = self.dice, self._running()
        server = dice.choice(running)
        here = [one for one in self.people if one.open and one.chat is server]
        person = dice.choice(here) if here else None
        chance = dice.random()
        if person is None or chance < 0.2:
            self._connect(server)
        elif chance < 0.4:
            self._send(person, "join", dice.choice(ROOMS))
        elif chance < 0.5:
            self._send(person, "leave", dice.choice(ROOMS))
        elif chance < 0.6:
            person.lose_connection()
        elif chance < 0.65:
            person.bye()
        elif chance < 0.7:
            server.commit(1)
        elif chance < 0.75:
            server.log.fail_next(1)
            server.commit()
        elif chance < 0.85:
            await self.them.tell(1)
        elif chance < 0.93:
            await self.them.pass_time(dice.choice([1.0, 3.0]))
        elif chance < 0.95 and len(running) > 1:
            self._kill(server)
        elif chance < 0.97 and len(running) > 1:
            server.stopped = True
            self.asleep[server] = server.id in self.them.disk.nodes
            await self.them.pass_time(dice.choice([2.0, 20.0]))
        elif self.asleep:
            await self._wake(dice.choice(list(self.asleep)))
        if len(self.them.running) + len(self.asleep) < 2:
            await self.them.add()

    def _running(self) -> list[Server]:
        for server in self.them.running:
            if server.hub.lost.is_set():  # its process begins anew
                server.stopped = True
        if not self.them.running:
            raise AssertionError("there is no server any more")
        return self.them.running

    def _connect(self, server: Server) -> None:
        name = self.dice.choice(NAMES)
        known = [one for one in self.people if one.token and _name(one) == name]
        token = known[-1].token if known and self.dice.random() < 0.8 else None
        person = server.connect(line=self.dice.random() < 0.15)
        self.people.append(person.hello(name, token))

    def _send(self, person: Person, what: str, room: str) -> None:
        if person.session.user is not None:
            getattr(person, what)(room)

    def _kill(self, server: Server) -> None:
        self.them.kill(server)
        server.hub.sessions.clear()

    async def _wake(self, server: Server) -> None:
        """The process goes on; if others have taken over, it saves nothing any more."""
        known = self.asleep.pop(server)
        server.stopped = False
        dead = known and server.id not in self.them.disk.nodes
        before = {key: len(events) for key, events in self.them.disk.events.items()}
        for person in [one for one in self.people if one.chat is server and one.open]:
            self._send(person, "join", ROOMS[0])
        server.pass_time(self.them.disk.seconds - server.seconds)
        for _ in range(3):
            await server.quiet()
            server.commit()
            server.pass_time(1.0 if dead else 0.0)  # a renewal may be refused by another failure
        if dead:
            after = {key: len(events) for key, events in self.them.disk.events.items()}
            promise(after == before, "a dead server has saved something", server.id)
            promise(server.hub.lost.is_set(), "a dead server does not know it", server.id)
            promise(not server.hub.sessions, "it goes on all the same", server.id)
            server.stopped = True

    def _check(self) -> None:
        for room in ROOMS:
            inside: dict[str, str | None] = {}
            for event in self.them.disk.events.get(room.lower(), []):
                if isinstance(event, Joined):
                    promise(event.by not in inside, "joined twice", room, event)
                    inside[event.by] = event.by_id
                elif isinstance(event, Left):
                    promise(event.by in inside, "left twice", room, event)
                    promise(inside.pop(event.by) == event.by_id, "somebody else left", event)
            here = {
                session.user.name
                for server in self.them.running
                for session in server.hub.sessions
                if session.user and any(one.name == room for one in session.rooms)
            }
            promise(set(inside) == here, "others are members than are here", room, inside, here)
            for server in self.them.running:
                known = server.hub.rooms.get(room.lower())
                names = set(known.names()) if known is not None else set()
                promise(names == here, "a server knows others", room, server.id, names, here)


def _name(person: Person) -> str:
    return str(person.session.user.name) if person.session.user is not None else ""
