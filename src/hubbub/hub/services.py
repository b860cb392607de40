"""What the handlers of commands work with: the parts of the hub, and what becomes of a command."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable, Coroutine, Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, Protocol

from hubbub.domain.commands import Amend, Command, Formerly, Hello, Typing, Write
from hubbub.domain.directory import DIRECTORY
from hubbub.domain.errors import (
    ChatError,
    InvalidName,
    NeedAccount,
    NoSuchRoom,
    NotAllowed,
    RateLimited,
    ShuttingDown,
    TooManyRooms,
)
from hubbub.domain.events import AnyEvent
from hubbub.domain.ids import UserId
from hubbub.domain.names import RoomName, UserName
from hubbub.domain.queues import is_hidden
from hubbub.domain.replies import Refused
from hubbub.domain.rights import Action
from hubbub.domain.scram import Exchange
from hubbub.hub.access import Access, Viewer
from hubbub.hub.appearing import Appearances
from hubbub.hub.attempts import Attempts
from hubbub.hub.belonging import Belonging
from hubbub.hub.catchup import CatchUp
from hubbub.hub.clients import Clients, address_of, client_key, site_key
from hubbub.hub.diskwatch import DiskWatch
from hubbub.hub.fairqueue import FairQueue
from hubbub.hub.filters import Filters
from hubbub.hub.following import Following
from hubbub.hub.journal import Journal, Others
from hubbub.hub.knocks import Knocks
from hubbub.hub.letters import Letters
from hubbub.hub.limits import EVENT_BYTES, PATIENCE_SECONDS, not_done, spoken, too_fast
from hubbub.hub.locks import Locks
from hubbub.hub.measures import Measures
from hubbub.hub.networks import Networks
from hubbub.hub.ports import (
    Clock,
    DeviceSeen,
    Entry,
    Ephemeral,
    HasRead,
    Log,
    Monotonic,
    Passwords,
    Search,
    SecondFactor,
    Settled,
    Tried,
)
from hubbub.hub.presence import Presence
from hubbub.hub.rate import Buckets, take_token
from hubbub.hub.readers import Readers
from hubbub.hub.reading import Reading
from hubbub.hub.resending import first_ack, may_be_known
from hubbub.hub.room import LIVE, HubRoom
from hubbub.hub.rooms import Rooms
from hubbub.hub.searchcursors import SearchCursors
from hubbub.hub.session import MAX_IN_FLIGHT, Former, Session, User
from hubbub.hub.settings import HubSettings
from hubbub.hub.share import Share
from hubbub.hub.signoncodes import SignOnCodes
from hubbub.hub.slowmode import SlowMode
from hubbub.hub.stallgate import StallGate
from hubbub.hub.stats import Stats
from hubbub.hub.turns import Turns
from hubbub.hub.users import Users
from hubbub.hub.watchers import Watchers


class Among(Protocol):
    """This server among several on one log: `hubbub.hub.node.Node`."""

    @property
    def id(self) -> str:
        """New at each start."""
        ...

    @property
    def others(self) -> int:
        """How many more servers there are."""
        ...

    @property
    def ahead(self) -> int:
        """The ms by which this computer's clock was before the database's at the last renewal."""
        ...

    def is_dead(self) -> bool:
        """Whether the others have taken this one for dead, when something looks like it."""
        ...

    def claim(self, session: Session, command: Hello) -> None:
        """Gives the session its name."""
        ...

    def formerly(self, session: Session, command: Formerly, user: User) -> None:
        """Takes notice of a new name."""
        ...

    def looks_up(self, session: Session, command: Command, again: Callable[[], None]) -> bool:
        """Whether it is first looked up who at other servers ``command`` is about."""
        ...


@dataclass(frozen=True, slots=True)
class Handler:
    """Does a command: ``do(services, session, command)``, which raises a `ChatError` to refuse it.

    ``free``: no rate limit holds it back.
    """

    do: Callable[[Services, Session, Any], None]
    free: bool = False


class Services:
    """The base of the hub, which makes the parts; ``handlers`` says what each command does."""

    handlers: Mapping[type[Command], Handler]
    log: Log
    search: Search | None
    searches: FairQueue
    pages: FairQueue
    settings: HubSettings
    clock: Clock
    monotonic: Monotonic
    clients: Clients
    turns: Turns
    rooms: Rooms
    counts: Stats
    measures: Measures
    gate: StallGate
    catchup: CatchUp
    reading: Reading
    readers: Readers
    users: Users
    presence: Presence
    appearances: Appearances
    watchers: Watchers
    journal: Journal
    disk: DiskWatch
    access: Access
    networks: Networks
    search_cursors: SearchCursors
    belonging: Belonging
    slow: SlowMode
    filters: Filters
    knocks: Knocks
    attempts: Attempts
    wrong_tokens: Attempts
    errand_rates: Buckets[UserId]
    """What accounts have used of their rate without a connection."""
    codes: Attempts
    """The wrong codes of second factors."""
    factor: SecondFactor
    codes_of_sign_ons: SignOnCodes
    exchanges: dict[Session, Exchange]
    """Who is proving a password at this moment."""
    passwords: Passwords
    whereabouts: Others | None
    """Asks the log for what other servers did; None where there are none."""
    owner_code: str | None
    """What makes an account the server's owner, as long as it has none."""
    tell_others: Callable[[Ephemeral], None] | None
    """Tells the other servers on the log what does not last; None where there are none."""
    first_room: str
    """The key of the room with which a server begins."""
    node: Among | None
    """This server among several on one log; None: it is alone."""
    following: Following | None
    made_account: Callable[[UserName, UserId], None] | None = None
    """Is told when a guest has an account, whichever server has made it."""
    takes_files: bool
    """Whether people can send files here."""

    def __init__(self) -> None:
        self.sessions: dict[Session, None] = {}  # smaller than a set, and there are many
        self.exchanges = {}
        self.closing = False
        self.lost = asyncio.Event()
        """Set when others have taken over from this server, or the log went back: it has to begin
        anew."""
        self.tasks: set[asyncio.Task[None]] = set()
        self.kept: dict[Session, AnyEvent] = {}
        """Sessions that are not logged out by the event that they are appending just now."""
        self.coming: dict[Session, UserId] = {}
        """Sessions that are proving to be an account's, as long as nothing speaks against it."""
        self.locks = Locks()
        self.letters = Letters()

    def is_owner_code(self, session: Session, code: str) -> bool:
        """Whether that is what makes an owner; raises `RateLimited` after too many tries."""
        if self.owner_code is None:
            return False
        client = session.client.key
        self.attempts.begin(DIRECTORY.key, client, self.monotonic())
        typed = code.strip().upper().encode(errors="replace")
        right = secrets.compare_digest(typed, self.owner_code.encode())
        if right:
            self.attempts.succeeded(DIRECTORY.key, client)
        else:
            self.tell_tried(DIRECTORY.key, session)
        return right

    def tell_tried(self, account: str, session: Session, *, code: bool = False) -> None:
        """Tells the other servers of a wrong try: see `hubbub.hub.attempts`."""
        if self.tell_others is not None:
            self.tell_others(Tried(account, session.client.key, code))

    async def outcome(self, entry: Callable[..., Entry]) -> Settled:
        """Appends what ``entry(done=…)`` makes, and returns its outcome; never raises it."""
        arrived = asyncio.get_running_loop().create_future()
        outcomes: list[Settled] = []

        def done(outcome: Settled) -> None:
            outcomes.append(outcome)
            arrived.set_result(None)

        self.log.append(entry(done=done))
        await asyncio.shield(arrived)
        # Taken out: an outcome leads to its entry, and that to this, and no garbage collector sees
        # such a circle, as it does not look into outcomes (gc=False).
        return outcomes.pop()

    def spawn(self, work: Coroutine[Any, Any, None], share: Share | None = None) -> None:
        """Runs ``work`` in a task that the hub owns; ``share`` is charged with its time."""
        if share is not None:
            work = self.turns.metered(share, work)
        task = asyncio.get_running_loop().create_task(work)
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)

    def refuse(self, session: Session, command: Command, error: ChatError) -> None:
        """Tells ``session`` why ``command`` was not done."""
        self.counts.refuse(error.code)
        nonce = command.nonce if isinstance(command, Write) else None
        room = getattr(command, "room", None)
        session.outlet.reply(Refused.of(error, command.id, room=room, nonce=nonce))

    async def refuse_unless_done(
        self, session: Session, command: Command, error: ChatError
    ) -> None:
        """Refuses ``command``, unless it was done before: then the answer is that of the first
        time. Meanwhile the session has to be busy.
        """
        user = session.user
        if may_be_known(user, command, error):
            assert user is not None
            assert isinstance(command, Write)
            try:
                ack = await first_ack(self.log, self.rooms, user, command)
            except ChatError as unknown:
                ack, error = None, unknown
            if ack is not None:
                self.counts.duplicates += 1
                if not session.ended:
                    session.outlet.reply(ack)
                return
        if not session.ended:
            self.refuse(session, command, error)

    def reader(self, session: Session) -> str:
        """Who takes turns at reading old pages for ``session``."""
        return session.client.taker.key if self.settings.by_client else f"session {id(session)}"

    def asker(self, client: str) -> str:
        """Who takes turns for somebody who asks from that address and port."""
        # Behind a proxy all come from one address, and each connection of it has a turn.
        return site_key(client_key(address_of(client))) if self.settings.by_client else client

    def doubt(self, room: HubRoom) -> None:
        """Something does not fit: looks what other servers have made of ``room``."""
        if self.whereabouts is not None:
            self.whereabouts.doubt(room)

    async def know(self, viewer: Viewer, name: RoomName, *seqs: int | None) -> None:
        """Asks the log for a room that this server does not know, or events that it has not shown.

        Other servers may have made them a moment ago. Raises `LogUnavailable`.
        """
        if self.whereabouts is None or self.knows(viewer, name, seqs):
            return
        if self._is_there(viewer, self.rooms.get(name.key)) is False:
            await self.log.room(name.key)  # for the time that it takes
            return
        room = await self.whereabouts.know(name)
        if room is not None and self._is_there(viewer, room):
            await self.whereabouts.reach(room, max((seq or 0 for seq in seqs), default=0))

    def knows(self, viewer: Viewer, name: RoomName, seqs: Iterable[int | None]) -> bool:
        """Whether this server has shown so much of the room of that name, which ``viewer`` sees.

        For others it is not there: it must take as long as with one that is not.
        """
        room = self.rooms.get(name.key)
        if room is None or not self._is_there(viewer, room):
            return False
        return all(seq is None or seq <= room.head for seq in seqs)

    def _is_there(self, viewer: Viewer, room: HubRoom | None) -> bool | None:
        """Whether ``room`` is there for ``viewer``; None if there is none."""
        if room is None:
            return None
        return not isinstance(self.access.refusal(viewer, Action.READ, room), NoSuchRoom)

    def _know_first(self, session: Session, command: Command, work: Callable[[], None]) -> bool:
        """Whether ``work`` has to wait for what the log is asked first: see `know`."""
        name = getattr(command, "room", None)
        seqs = [getattr(command, field, None) for field in ("after", "around", "seq", "target")]
        if name is None or is_hidden(name) or self.knows(session.user, name, seqs):
            return False

        async def ask() -> None:
            try:
                await self.know(session.user, name, *seqs)
            except ChatError as error:
                if not session.ended:
                    self.refuse(session, command, error)
                self.done(session)
            else:
                self.go_on(session, command, work)

        session.busy = True
        self.spawn(ask(), session.share)
        return True

    def handle(self, session: Session, command: Command) -> None:
        """Does what ``session`` asks for; see `hubbub.hub.hub.Hub.handle`."""
        raise NotImplementedError

    def done(self, session: Session) -> None:
        """A command that took its time is done; the next one may go."""
        session.busy = False
        self.wake(session)

    def take_disk(
        self, session: Session, command: Command, *words: str | None, events: int = 1
    ) -> None:
        """Takes what so many ``events`` with these ``words`` need of the disk.

        Everything that a client chooses counts, or the shortest text with the longest nonce would
        take 800 times of what is counted. Raises `LogUnavailable`, `RateLimited`.
        """
        self.disk.check()
        size = events * EVENT_BYTES + sum(
            len(word.encode(errors="replace")) for word in words if word
        )
        wait = session.client.store(size, self.monotonic())
        if wait > 0:
            raise RateLimited(
                f"What came from your address within a day takes "
                f"{self.settings.client_bytes_per_day >> 20} MiB of the disk, as much as may be. "
                f"{not_done(command)}; come back in {spoken(wait)}.",
                retry_after=round(wait + 0.001, 3),
            )

    def heads(self) -> dict[str, int]:
        """The heads of all rooms, by their keys."""
        return {room.name.key: room.head for room in self.rooms}

    def check_rooms(self) -> None:
        """Raises `TooManyRooms` when the server has as many as it may have."""
        if 0 < self.settings.rooms <= len(self.rooms):
            raise TooManyRooms(
                f"There are as many rooms already as there may be, {self.settings.rooms:,}. "
                "Join one of them."
            )

    def take_room(self, session: Session) -> None:
        """Takes one of the rooms that a client may make in a day; raises `RateLimited`."""
        wait = session.client.room(self.monotonic())
        if wait > 0:
            raise RateLimited(
                f"From your address {self.settings.client_rooms_per_day} rooms were made within a "
                f"day, as many as may be. Join one that is there, or come back in {spoken(wait)}.",
                retry_after=round(wait + 0.001, 3),
            )

    def emptied(self, room: HubRoom) -> None:
        """Nobody is in ``room`` any more, or what would have been its first event was refused."""
        raise NotImplementedError

    def check_name(self, name: RoomName) -> None:
        """Raises `InvalidName` for what no room may be called."""
        if name.key.startswith("@"):  # a wide ＠ is the same
            raise InvalidName(
                f'"{name}" cannot be a room: @ is for people. To write to somebody: /msg NAME TEXT'
            )

    def open_room(self, name: RoomName, session: Session, action: Action) -> HubRoom:
        """The room of that name, in which ``action`` is to be done; new if need be.

        Raises `NoSuchRoom`, `TooManyRooms`, `RateLimited`.
        """
        room = self.access.room_to_make(session.user, action, name)
        if room is not None:
            return room
        self.check_rooms()
        self.take_room(session)
        self.check_name(name)
        self.filters.check_name(self.access, session.user, name)
        made = self.rooms.make(name)
        made.maker = None if session.user is None else session.user.id
        return made

    def may_go(self, session: Session, command: Command) -> bool:
        if session.busy:
            return False
        if not isinstance(command, Write) or _is_about_newest(command):
            return session.in_flight == 0
        if session.in_flight >= MAX_IN_FLIGHT:
            return False
        if self.journal.full:
            self.journal.wait_for_room(session)
            return False
        return True

    def run_command(self, session: Session, command: Command) -> None:
        try:
            if self.closing:
                raise ShuttingDown("The server is shutting down. Please come back in a moment.")
            handler = self.handlers[type(command)]
            work = partial(handler.do, self, session, command)
            if self.whereabouts is not None:
                work = partial(self._look_first, session, command, work)
            # Before anything is looked up, which costs the log something.
            if not handler.free and (wait := self._take_token(session, command)):
                self.do_later(session, command, wait, work)
            else:
                work()
        except ChatError as error:
            self._failed(session, command, error)

    def _look_first(self, session: Session, command: Command, work: Callable[[], None]) -> None:
        """Does ``work`` as soon as it is known whom and what at other servers it is about."""
        again = partial(self._look_first, session, command, work)
        if self.node is not None and self.node.looks_up(session, command, again):
            return
        if not self._know_first(session, command, work):
            work()

    def _failed(self, session: Session, command: Command, error: ChatError) -> None:
        if isinstance(command, Typing) and _is_not_told(command, error):
            return
        if may_be_known(session.user, command, error):
            session.busy = True
            self.spawn(self._refuse_later(session, command, error), session.share)
        else:
            self.refuse(session, command, error)

    async def _refuse_later(self, session: Session, command: Command, error: ChatError) -> None:
        await self.refuse_unless_done(session, command, error)
        self.done(session)

    def _take_token(self, session: Session, command: Command) -> float:
        """Takes a token of the session, and of its client; the seconds to wait for them."""
        settings, now = self.settings, self.monotonic()
        patience = PATIENCE_SECONDS if session.outlet.patient else 0.0
        session.bucket, wait = take_token(
            session.bucket, settings.rate_limit, settings.rate_burst, now, patience=patience
        )
        if wait > patience:
            raise too_fast("You are too fast.", command, wait)
        more = session.client.command(now, PATIENCE_SECONDS)
        if more > PATIENCE_SECONDS:
            raise too_fast("Too much comes from your address.", command, more)
        return max(wait, more)

    def do_later(
        self, session: Session, command: Command, seconds: float, work: Callable[[], None]
    ) -> None:
        """Does the ``work`` of ``command`` after so many seconds; what else comes waits for it."""

        self.counts.delayed += 1
        session.busy = True
        asyncio.get_running_loop().call_later(seconds, self.go_on, session, command, work)

    def go_on(self, session: Session, command: Command, work: Callable[[], None]) -> None:
        """Does the ``work`` of ``command``, for which something had to be waited; then the next."""
        if session.ended:
            return
        session.busy = False
        try:
            if self.closing:
                raise ShuttingDown("The server is shutting down. Please come back in a moment.")
            work()
        except ChatError as error:
            self._failed(session, command, error)
        self.wake(session)

    def wake(self, session: Session) -> None:
        command = session.waiting
        if command is not None:
            if session.ended or not self.may_go(session, command):
                return
            session.waiting = None
            self.run_command(session, command)
        if not session.blocked:
            session.outlet.ready()

    def forget(self, session: Session) -> None:
        session.ended = True
        session.waiting = None
        self.sessions.pop(session, None)
        self.exchanges.pop(session, None)
        user = session.user
        device = None if session.apart else session.device
        if user is not None and user.id is not None and device is not None:
            self.log.append(DeviceSeen(user.id, device, self.clock()))
        self.watchers.drop(session)
        self.access.lent.give_back(session)
        for room in session.rooms:
            room.leave(session)

    def is_connected(self, user: User) -> bool:
        """Whether ``user`` has a connection to this server, or as far as is known to another."""
        here = self.users.get(user.name.key)
        if here is not None and here.id == user.id and here.connected:
            return True
        return self.node is not None and self.presence.is_present(
            self.access.directory, user.name.key
        )

    def note_read(self, session: Session, rooms: Iterable[HubRoom]) -> None:
        """What an account was shown is read, on a wire that has no word for that."""
        user = session.user
        if user is None or not user.account:
            return
        for room in rooms:
            if room.cursor(session) != LIVE:
                continue
            upto = session.outlet.read_when_gone(room.name)
            seq = room.head if upto is None else upto
            if seq and self.reading.move(user, room, seq):
                self.tell_read(user, room, seq)

    def tell_read(self, user: User, room: HubRoom, seq: int) -> None:
        """Tells the other servers how far ``user`` has read."""
        if self.tell_others is not None and user.id is not None:
            self.tell_others(HasRead(str(user.name), user.id, room.name.key, seq))

    def end(self, session: Session, *, deliberate: bool, reason: str | None = None) -> None:
        """The connection is over: by the user's wish (``deliberate``), or lost.

        ``reason``: what the rooms are told of it.
        """
        if session.ended:
            session.busy = False
            return
        now = self.monotonic()
        deliberate = deliberate or session.leaving
        rooms = session.rooms
        self.note_read(session, session.rooms)
        if session.user is not None:
            self.readers.ended(session.user)
        self.forget(session)
        if session.user is None:
            return
        if session.arriving is not None:
            rooms += (session.arriving,)
        for room in rooms:
            self.presence.leave(session, room, deliberate=deliberate, now=now, reason=reason)
        user, was = session.user, session.user.was
        self.users.end(session, deliberate=deliberate, now=now)
        self.ended(user, was, deliberate=deliberate)

    def ended(self, user: User, was: Former | None, *, deliberate: bool) -> None:
        """A session of ``user``, who ``was`` somebody before, is over: it may be the last one."""
        if not user.connected:
            self.access.said_by_guests.drop(user.id)
            self.watchers.came(user)
        if not user.account and self.users.get(user.name.key) is not user:
            for room in self.belonging.of(user.id):
                self.presence.leave_for_good(room, user)
        if deliberate and not user.sessions:
            self.presence.given_up(user, filter(None, map(self.rooms.get, user.places)))
        if was is not None and not user.sessions and (deliberate or not user.resumable):
            self.presence.let_go(was, filter(None, map(self.rooms.named, was.rooms)))


def _is_about_newest(command: Write) -> bool:
    """Whether it is about a newest message, which may be one that is on its way to the log."""
    return isinstance(command, Amend) and command.target is None


def _is_not_told(command: Typing, error: ChatError) -> bool:
    """Who may not write to somebody alone hears so when they say something, not at each key."""
    blocked = isinstance(error, NotAllowed | NeedAccount) and command.room.startswith("@")
    return blocked or isinstance(error, RateLimited)
