"""Runs the chat: sessions come, ask, and go. What they ask for is done in `hubbub.hub.handlers`."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from functools import partial
from typing import Any

from hubbub.domain.commands import Command, Say, Typing
from hubbub.domain.errors import ChatError, RateLimited, ShuttingDown, TooManyRooms
from hubbub.domain.names import RoomName
from hubbub.domain.replies import Found, Goodbye, Page, Refused, RoomInfo
from hubbub.hub import joining
from hubbub.hub.catchup import CatchUp
from hubbub.hub.handlers import FREE, HANDLERS, room_named, welcome
from hubbub.hub.history import Span, read_page
from hubbub.hub.journal import Journal
from hubbub.hub.ports import (
    Clock,
    Draft,
    ForgetGuest,
    Guest,
    KeepGuest,
    KeepMarkers,
    Log,
    MakeRoom,
    Monotonic,
    Outlet,
    Search,
    Settled,
)
from hubbub.hub.presence import Presence, Seat
from hubbub.hub.rate import take_token
from hubbub.hub.reading import Reading
from hubbub.hub.room import HubRoom
from hubbub.hub.rules import Rules
from hubbub.hub.searching import find
from hubbub.hub.session import MAX_IN_FLIGHT, Session, StallGate
from hubbub.hub.stats import Stats
from hubbub.hub.users import User, Users

TICK_SECONDS = 0.5  # how exact holds, grace periods and retries are


class Hub:
    """The chat. ``await hub.start()``, ``run()`` in a task; then `connect` and `handle`."""

    def __init__(
        self,
        log: Log,
        *,
        rules: Rules,
        clock: Clock,
        monotonic: Monotonic,
        ids: Callable[[], int],
        search: Search | None = None,
    ) -> None:
        self.log = log
        self.search = search
        self.rules = rules
        self.clock = clock
        self.monotonic = monotonic
        self.rooms: dict[str, HubRoom] = {}
        self.sessions: set[Session] = set()
        self.counts = Stats()
        self.gate = StallGate()
        self.catchup = CatchUp(log)
        self.reading = Reading(log, log.append)
        self.users = Users(
            hold_seconds=rules.hold_seconds,
            held_per_address=rules.held_per_address,
            ids=ids,
            freed=self._freed,
        )
        self.presence = Presence(
            log,
            clock,
            grace_seconds=rules.leave_grace_seconds,
            entered=partial(joining.entered, self),
            refused=partial(joining.refused, self),
            emptied=self._emptied,
        )
        self.journal = Journal(
            log,
            rules,
            self.gate,
            self.counts,
            others=self._settled,
            woken=self._wake,
            mended=self.presence.reconcile,
            spawn=self.spawn,
        )
        self._tasks: set[asyncio.Task[None]] = set()
        self._closing = False

    # Life

    async def start(self) -> None:
        """Takes up where the log ends; those who were in rooms then were cut off."""
        now = self.monotonic()
        for record in await self.log.rooms():
            self.rooms[record.name.key] = HubRoom(record.name, record.head, record.at)
        self.users.load(await self.log.guests(), now)
        heads = {key: room.head for key, room in self.rooms.items()}
        self.reading.load(self.users, await self.log.markers(), heads)
        for member in await self.log.members():
            user = self.users.get(member.user.key)
            if user is None or user.guest is None or user.guest.id != member.author:
                user = User(member.user, None, "")  # who cannot come back
            self.presence.load(self.rooms[member.room.key], user, now)
        if not self.rooms and self.rules.first_room:
            first = RoomName.parse(self.rules.first_room)
            self.rooms[first.key] = HubRoom(first)
            self.log.append(MakeRoom(first))

    async def run(self) -> None:
        """Feeds those who are behind and lets time pass, until cancelled."""
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self.catchup.run())
                while True:
                    await asyncio.sleep(TICK_SECONDS)
                    self.tick()
        finally:
            for task in self._tasks:
                task.cancel()

    def tick(self) -> None:
        """Lets holds and grace periods end, by the clock that was handed in."""
        now = self.monotonic()
        self.catchup.tick()
        self.presence.tick(now)
        self.users.tick(now)
        self.reading.tick(now)

    async def close(self) -> None:
        """Takes no more commands, saves what is on its way, says goodbye to all.

        Who can come back with a token stays a member, and finds the seat held at the next start;
        who cannot has left.
        """
        self._closing = True
        await self.journal.idle()
        self.reading.close()
        for session in list(self.sessions):
            session.outlet.reply(
                Goodbye(
                    reason=ShuttingDown.code,
                    message="The server is shutting down. What you said is saved.",
                )
            )
            if session.keeps_token:
                self._forget(session)
            else:
                self.end(session, deliberate=True)
            session.outlet.close()

    # Sessions

    def connect(self, outlet: Outlet, address: str, *, keeps_token: bool) -> Session:
        """A new session. ``keeps_token``: its client can prove later to be the same guest."""
        session = Session(outlet, address, keeps_token, self.gate)
        self.sessions.add(session)
        self.counts.sessions_ever += 1
        return session

    def handle(self, session: Session, command: Command) -> None:
        """Does what ``session`` asks for, now or as soon as what it asked before is done.

        Texts go to the log one behind the other; any other command waits until they are saved
        and shown. While `Session.blocked`, no further command may be handed in.
        """
        if session.ended:
            return
        if self._may_go(session, command):
            self._run(session, command)
        else:
            session.waiting = command

    def end(self, session: Session, *, deliberate: bool) -> None:
        """The connection is over: by the user's wish (``deliberate``), or lost."""
        if session.ended:
            return
        now = self.monotonic()
        rooms = session.rooms
        self._forget(session)
        if session.user is None:
            return
        if session.arriving is not None:
            rooms += (session.arriving,)
        for room in rooms:
            self.presence.leave(session, room, deliberate=deliberate, now=now)
        self.users.end(session, deliberate=deliberate, now=now)

    def unstall(self, session: Session) -> None:
        """The outbox of ``session`` has room again: it catches up."""
        session.stalled = False
        self.catchup.feed_all(session)

    # What others read

    def room_list(self, user: User | None = None) -> list[RoomInfo]:
        """All rooms, those with the most users first; for ``user`` with what is unread."""
        infos = [room.info(user) for room in self.rooms.values()]
        infos.sort(key=lambda info: (-info.users, info.name.lower()))
        return infos

    async def page(
        self,
        room: RoomName,
        *,
        before: int | None = None,
        after: int | None = None,
        around: int | None = None,
        limit: int = 50,
    ) -> Page:
        """A page of a room's log; raises `NoSuchRoom`, `BadMessage`, `LogUnavailable`."""
        found = room_named(self, room)
        span = Span(found.head, before=before, after=after, around=around, limit=limit)
        return await read_page(self.log, found, span)

    async def find(self, query: str, *, before: str | None = None, limit: int = 20) -> Found:
        """What anybody may find; raises what `hubbub.hub.searching.find` raises."""
        return await find(self, None, query, before, limit)

    @property
    def healthy(self) -> bool:
        """Whether the log took what it was last given."""
        return self.journal.healthy

    def stats(self) -> dict[str, int]:
        """Counters since the start, and how much there is of everything now."""
        return self.counts.as_dict() | {
            "sessions": len(self.sessions),
            "users": len(self.users),
            "rooms": len(self.rooms),
            "texts_waiting": self.journal.texts,
            "stalls": self.gate.count,
            "pages_read": self.catchup.pages_read,
            "search_behind": self.search.behind if self.search else 0,
        }

    # For the handlers

    def spawn(self, work: Coroutine[Any, Any, None]) -> None:
        """Runs ``work`` in a task that the hub owns."""
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def refuse(self, session: Session, command: Command, error: ChatError) -> None:
        """Tells ``session`` why ``command`` was not done."""
        self.counts.refused += 1
        nonce = command.nonce if isinstance(command, Say) else None
        room = getattr(command, "room", None)
        session.outlet.reply(Refused.of(error, command.id, room=room, nonce=nonce))

    def done(self, session: Session) -> None:
        """A command that took its time is done; the next one may go."""
        session.busy = False
        self._wake(session)

    def open_room(self, name: RoomName) -> HubRoom:
        """The room of that name, new if need be; raises `TooManyRooms`."""
        room = self.rooms.get(name.key)
        if room is None:
            if 0 < self.rules.rooms <= len(self.rooms):
                raise TooManyRooms(
                    f"There are {len(self.rooms):,} rooms already, as many as there may be. "
                    "Join one of them."
                )
            room = self.rooms[name.key] = HubRoom(name)
        return room

    # Steps

    def _may_go(self, session: Session, command: Command) -> bool:
        if session.busy:
            return False
        if not isinstance(command, Say):
            return session.in_flight == 0
        if session.in_flight >= MAX_IN_FLIGHT:
            return False
        if self.journal.full:
            self.journal.wait_for_room(session)
            return False
        return True

    def _run(self, session: Session, command: Command) -> None:
        try:
            if self._closing:
                raise ShuttingDown("The server is shutting down. Please come back in a moment.")
            if not isinstance(command, FREE):
                self._take_token(session, command)
            HANDLERS[type(command)](self, session, command)
        except ChatError as error:
            if not (isinstance(command, Typing) and isinstance(error, RateLimited)):
                self.refuse(session, command, error)

    def _take_token(self, session: Session, command: Command) -> None:
        rules = self.rules
        session.bucket, wait = take_token(session.bucket, rules.rate, rules.burst, self.monotonic())
        if wait > 0:
            what = "This line was not sent" if isinstance(command, Say) else "This was not done"
            raise RateLimited(
                f"You are too fast. {what}; try again in {max(wait, 0.1):.1f} s.",
                retry_after=round(wait + 0.001, 3),
            )

    def _wake(self, session: Session) -> None:
        command = session.waiting
        if command is not None:
            if session.ended or not self._may_go(session, command):
                return
            session.waiting = None
            self._run(session, command)
        if not session.blocked:
            session.outlet.ready()

    def _forget(self, session: Session) -> None:
        session.ended = True
        session.waiting = None
        self.sessions.discard(session)
        for room in session.rooms:
            room.leave(session)

    def _settled(self, outcome: Settled) -> None:
        entry = outcome.entry
        if isinstance(entry, Draft) and isinstance(entry.context, Seat):
            seq = outcome.event.seq if outcome.event else None
            self.presence.settled(entry.context, seq, outcome.error, self.monotonic())
        elif isinstance(entry, KeepGuest) and isinstance(entry.context, tuple):
            session, command, token = entry.context
            # A guest whom a full disk could not save is welcome; the token lasts until a restart.
            if not session.ended:
                welcome(self, session, command, token)
                self.done(session)
        elif isinstance(entry, KeepMarkers):
            self.reading.settled(outcome)

    def _freed(self, guest: Guest) -> None:
        self.reading.forget(guest)
        self.log.append(ForgetGuest(guest))

    def _emptied(self, room: HubRoom) -> None:
        room.forget()
        first = self.rules.first_room
        if room.head == 0 and not (first and RoomName.parse(first).key == room.name.key):
            self.rooms.pop(room.name.key, None)  # its first join was refused: it never was
