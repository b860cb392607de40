"""Runs the chat: sessions come, ask, and go. What they ask for is done in `hubbub.hub.handlers`."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING

from msgspec.structs import replace

from hubbub.domain.commands import MAX_ROOMS_LISTED, Command, Hello
from hubbub.domain.directory import DIRECTORY, is_directory
from hubbub.domain.errors import (
    BadMessage,
    ChatError,
    ShuttingDown,
)
from hubbub.domain.events import (
    AccountClosed,
    AnyEvent,
    AuthorForgotten,
    Banned,
    Exempted,
    Invited,
    Joined,
    Left,
    Redacted,
    Renamed,
    RoomRenamed,
)
from hubbub.domain.kinds import EXPULSIONS, changes_members, is_message, traits_of
from hubbub.domain.names import RoomName, UserName
from hubbub.domain.queues import is_queue
from hubbub.domain.replies import (
    RESTARTING,
    Found,
    Goodbye,
    Invitation,
    Messages,
    Page,
    Reply,
    RoomList,
)
from hubbub.domain.replies import Presence as Appearance
from hubbub.domain.rights import Action
from hubbub.domain.rules import KEEPS_MEMBERS, NETWORK_TO_COME, Role
from hubbub.domain.state import Member, RoomFacts
from hubbub.hub import (
    cursors,
    directs,
    diskwatch,
    errands,
    filepasses,
    filing,
    forgetting,
    joining,
    logouts,
    moderating,
    passages,
    profiles,
    queues,
    roomnames,
    settling,
    standing,
)
from hubbub.hub.access import Access, Viewer, may_come
from hubbub.hub.appearing import Appearances
from hubbub.hub.attempts import CODES, TOKENS, Attempts
from hubbub.hub.belonging import Belonging
from hubbub.hub.catchup import CatchUp
from hubbub.hub.clients import Client, Clients, address_of, client_key
from hubbub.hub.diskwatch import DiskWatch
from hubbub.hub.fairqueue import FairQueue
from hubbub.hub.filters import Filters
from hubbub.hub.following import Following
from hubbub.hub.handlers import HANDLERS
from hubbub.hub.history import AnySpan, Span, read_in_turn
from hubbub.hub.journal import GAP_SECONDS, Journal
from hubbub.hub.knocks import Knocks
from hubbub.hub.listing import look
from hubbub.hub.measures import Measures
from hubbub.hub.mutes import Mutes
from hubbub.hub.networks import Networks
from hubbub.hub.nopasswords import NoPasswords, NoSecondFactor
from hubbub.hub.past import page_behind
from hubbub.hub.ports import (
    Bus,
    Clock,
    FileRecord,
    ForgetGuest,
    Format,
    Guest,
    Log,
    MakeRoom,
    MemberRecord,
    Monotonic,
    Outlet,
    Passwords,
    RoomRecord,
    Search,
    SecondFactor,
    SingleSignOn,
)
from hubbub.hub.presence import Presence
from hubbub.hub.rate import Buckets
from hubbub.hub.readers import Readers
from hubbub.hub.reading import Reading
from hubbub.hub.retention import Retention
from hubbub.hub.room import HubRoom, Reader
from hubbub.hub.rooms import Rooms
from hubbub.hub.searchcursors import SearchCursors
from hubbub.hub.searching import AT_ONCE, find
from hubbub.hub.services import Services
from hubbub.hub.session import Session, User
from hubbub.hub.settings import HubSettings
from hubbub.hub.signoncodes import SignOnCodes
from hubbub.hub.signons import SignOns
from hubbub.hub.silence import SilentRooms
from hubbub.hub.slowmode import SlowMode
from hubbub.hub.snapshots import Costs
from hubbub.hub.stallgate import StallGate
from hubbub.hub.stats import Stats
from hubbub.hub.sweeping import Sweeping
from hubbub.hub.tails import Tails
from hubbub.hub.timeline import LineSpan
from hubbub.hub.turns import Turns
from hubbub.hub.uploading import FilePorts, Uploading
from hubbub.hub.users import Users
from hubbub.hub.watchers import Watchers
from hubbub.hub.watching import person_here
from hubbub.hub.whereabouts import Whereabouts

if TYPE_CHECKING:
    from hubbub.hub.elsewhere import Elsewhere
    from hubbub.hub.node import Node

TICK_SECONDS = 0.5  # how exact holds, grace periods and retries are
OWNER_CODE_CHARS = 8  # 32 bits: tries are counted as those of a password
LATE_RENAMINGS = 2000  # events of the directory in which they are looked for at the start
PAGES_AT_ONCE = 2  # pages of history that are read from the log at the same time


DROPPING = (AccountClosed, AuthorForgotten, Redacted)
"""What may take files along; also `Trimmed`, and deleted rooms, which have time."""


class Hub(Services):
    """The chat. ``await hub.start()``, ``run()`` in a task; then `connect` and `handle`."""

    handlers = HANDLERS

    def __init__(
        self,
        log: Log,
        *,
        settings: HubSettings,
        clock: Clock,
        monotonic: Monotonic,
        ids: Callable[[], int],
        search: Search | None = None,
        stopwatch: Monotonic | None = None,
        bus: Bus | None = None,
        passwords: Passwords | None = None,
        factor: SecondFactor | None = None,
        provider: SingleSignOn | None = None,
        measures: Measures | None = None,
        gap_seconds: float = GAP_SECONDS,
        files: FilePorts | None = None,
        kept_back: Iterable[UserName] = (),
    ) -> None:
        """``stopwatch`` measures what clients cost; without one they cost nothing.

        ``bus``: other servers are on the same log; without one there are none. ``passwords``:
        without them nobody can have an account, nor a second factor without ``factor``, nor sign on
        elsewhere without ``provider``. ``measures``: where others measure, too. ``gap_seconds``:
        for which others may tell of what is missing, before it is read from the log. ``files``:
        without them none can be sent. ``kept_back``: names that no user can take.
        """
        super().__init__()
        self.takes_files = files is not None and settings.file_bytes > 0
        self.uploading = None if files is None else Uploading(self, files)
        self.takes_files = files is not None and settings.file_bytes > 0
        self.sweeping = None if self.uploading is None else Sweeping(self, self.uploading)
        self.log = log
        self.search = search
        self.searches = FairQueue(AT_ONCE, stopwatch or monotonic)
        self.pages = FairQueue(PAGES_AT_ONCE, stopwatch or monotonic)
        self.settings = settings
        self.clock = clock
        self.monotonic = monotonic
        self.clients = Clients(settings, monotonic)
        self.turns = Turns(stopwatch or monotonic)
        self.tails = Tails(settings.cache_bytes)
        self.rooms = Rooms(self.tails)
        self.networks = Networks(log)
        self.search_cursors = SearchCursors(log)
        self.access = Access(self.rooms, clock, self.networks, guests=settings.guests == "on")
        self.belonging = Belonging()
        self.slow = SlowMode()
        self.filters = Filters()
        self.knocks = Knocks()
        self._mutes = Mutes()
        self.attempts = Attempts()
        self.wrong_tokens = Attempts(TOKENS)
        self.errand_rates = Buckets()
        self.codes = Attempts(CODES)
        self.factor = factor or NoSecondFactor()
        self.passwords = passwords or NoPasswords()
        self.codes_of_sign_ons = SignOnCodes(log, self.outcome, clock)
        self._sign_ons = None if provider is None else SignOns(self, provider)
        self.owner_code = None
        self.counts = Stats()
        self.measures = measures or Measures()
        self.costs = Costs()
        self.gate = StallGate()
        self.catchup = CatchUp(log, self.turns, self._floor)
        self.reading = Reading(
            log,
            log.append,
            clock=stopwatch or monotonic,
            by_client=settings.by_client,
            floor=self.access.floor,
            blocked=lambda id: self.access.profile_of(id).blocked,
        )
        self.readers = Readers(log, log.append, clock)
        self._among: Node | None = None if bus is None else self._node_of(f"{ids():x}")
        self.node = self._among
        self.users = Users(
            hold_seconds=settings.hold_seconds,
            held_per_client=settings.held_per_address,
            ids=ids,
            freed=self._freed,
            accounts=lambda: self.access.directory.state.members,
            released=None if self._among is None else self._among.free,
            kept_back=kept_back,
        )
        self.appearances = Appearances(self._tell_of)
        self.watchers = Watchers(partial(person_here, self), self._moved)
        self.presence = Presence(
            log,
            clock,
            monotonic,
            grace_seconds=settings.leave_grace_seconds,
            node=None if self.node is None else self.node.id,
            barred=self._barred,
            entered=partial(joining.entered, self),
            refused=partial(joining.refused, self),
            put_out=joining.put_out,
            emptied=self.emptied,
            appeared=self._appeared,
            elsewhere=self._is_elsewhere,
            gone=self._is_gone,
            dead=self._is_dead,
            now=lambda room, id: self.rooms.with_id(id) or self.rooms.named(room.name.key),
        )
        self.following = None if bus is None else Following(bus, log, self.rooms)
        self.tell_others = None if self.following is None else self.following.tell
        self.elsewhere: Elsewhere | None = None
        self._whereabouts = None if bus is None else Whereabouts(self, self._reloaded)
        self.whereabouts = self._whereabouts
        self.first_room = RoomName.parse(settings.first_room).key if settings.first_room else ""
        self.journal = Journal(
            log,
            settings,
            self.gate,
            self.counts,
            self.rooms,
            first_room=self.first_room,
            woken=self.wake,
            appended=None if self.following is None else self.following.appended,
            caught_up=self.presence.reconcile,
            shown=self._shown,
            refused=self._write_refused,
            spawn=self.spawn,
            turns=self.turns,
            floor=self._floor,
            whereabouts=self.whereabouts,
            monotonic=monotonic,
            gap_seconds=gap_seconds,
        )
        if self._among is not None and self.following is not None:
            from hubbub.hub.elsewhere import Elsewhere

            self.journal.fenced = self._among.lease.lose
            self.elsewhere = Elsewhere(self, self.following, self._among.id, seconds=TICK_SECONDS)
            moved, heard = partial(roomnames.moved, self), self.elsewhere.heard
            back = self._went_back
            others = self._among.lease.heard_of_others
            over = self._failed_over
            self.following.begin(self._advance, moved, heard, self.doubt, back, others, over)
        self.retention = Retention(self)
        self.disk = DiskWatch(log, settings.free_disk_bytes)
        self._disk_looked_at = monotonic()
        self._silent = SilentRooms(
            self.rooms,
            log,
            clock,
            seconds=settings.silent_room_seconds,
            now=monotonic(),
            first=self.first_room,
            is_unused=self.presence.is_unused,
            dropped=partial(self.reading.forget_rooms, self.users),
            back=self.doubt,
        )

    # Life

    async def start(self, returning: float = 0.0) -> None:
        """Restores the state that is in the log; its members have lost their connections.

        ``returning``: they were told to come back within so many seconds, and count as lost only
        then.
        """
        now = self.monotonic() + returning
        rooms, members = await self._read_saved()
        for known in rooms:
            self.rooms.make(known.name, known.state, known.id)
        if DIRECTORY.key not in self.rooms:
            self.rooms.make(DIRECTORY)
        others = None if self.following is None else self.outcome
        await self.networks.load(others)
        await self.search_cursors.load(others)
        if self.node is None:
            self.users.load(await self.log.guests(), now)
            self.reading.load(self.users, await self.log.markers(), self.heads())
        directory = self.access.directory
        for record in members:
            if record.room.key in self.rooms:  # else another server has just made it
                self.rooms[record.room.key].restore(record.member)
        self.access.know_accounts()
        if self.node is None:
            self._load(members, now)
        directory.restored()
        self.filters.changed(directory.state.facts)
        for room in self.rooms:
            self._restored(room)
        if self._among is None:
            await self._rename_members()
            self._leave_all_forgotten()
        else:
            self._among.lease.begin()
            await self._rename_members()
        if Role.OWNER not in directory.state.facts.roles.values():
            # The same at each start, and on each server: whichever is asked knows it.
            self.owner_code = (
                self.search_cursors.derived("owner code").hex()[:OWNER_CODE_CHARS].upper()
            )
        if not self.rooms and self.settings.first_room:
            first = RoomName.parse(self.settings.first_room)
            self.rooms.make(first)
            self.log.append(MakeRoom(first))
        await self.disk.look()
        if self.uploading is not None:
            await self.uploading.load()
        if self.access.directory.head:
            self.spawn(forgetting.carry_on(self))
        for room in self.rooms:
            settling.check_waiting(self, room)

    async def _read_saved(self) -> tuple[list[RoomRecord], list[MemberRecord]]:
        """All rooms of the log, and who is in them.

        Other servers may give rooms other names, or delete them, between one reading and the other.
        """
        while True:
            rooms, members = await self.log.rooms(), await self.log.members()
            keys = {} if self.node is None else await self.log.keys()
            if self.node is None or all(keys.get(one.id or 0) == one.name.key for one in rooms):
                return rooms, members

    def _load(self, members: Sequence[MemberRecord], now: float) -> None:
        """Those of ``members`` whom nobody attends were here when the server stopped."""
        for record in members:
            if not is_directory(record.room) and not self._has_another_name(record):
                user = self._returning(record.member, now)
                self.presence.load(self.rooms[record.room.key], user, now)

    def _leave_all_forgotten(self) -> None:
        for room in self.rooms:
            if room.keeps_members:
                self._leave_forgotten(room)

    async def adopt(self, names: Collection[RoomName]) -> None:
        """Shows rooms whose logs were written beside the hub (`hubbub.domain.unfinished`).

        What was said in them is not unread, for nobody. Raises `LogUnavailable`.
        """
        keys = {name.key for name in names}
        members = [one for one in await self.log.members() if one.room.key in keys]
        records = [one for one in await self.log.rooms() if one.name.key in keys]
        now, new = self.monotonic(), dict[str, HubRoom]()
        for record in records:
            key = record.name.key
            room = self.rooms.named(key)
            if room is None:
                new[key] = self.rooms.make(record.name, record.state, record.id)
            else:  # somebody has come in meanwhile, as into one that is not there
                self.journal.advance(room, record.state.head)
        for one in members:
            room = new.get(one.room.key)
            if room is not None and not self._has_another_name(one):
                room.restore(one.member)
                user = self._known(User(one.member.name, one.member.id))
                self.presence.load(room, user, now)
        for room in new.values():
            self._restored(room)
            for user in self.users if room.keeps_members else ():
                if room.has_member(user.id):
                    self.reading.move(user, room, room.head)

    def _node_of(self, id: str) -> Node:
        """This server as one of several."""
        from hubbub.hub.node import Node

        return Node(
            self,
            id,
            returning=self._returning,
            alone=self._leave_all_forgotten,
            parting=_parting,
            died=self._nodes_died,
        )

    def _advance(self, room: HubRoom, upto: int, events: Sequence[AnyEvent]) -> None:
        """Other servers have appended to ``room`` up to ``upto``; ``events`` are the last of it."""
        if room.watched:
            self.slow.heard(room, events, self.monotonic())
        self.journal.hear(room, upto, events)

    def _went_back(self) -> None:
        if self._among is not None:
            self._among.go_back()

    def _failed_over(self) -> None:
        if self._among is not None:
            self._among.lease.doubt()
        self.journal.failed_over()

    def _restored(self, room: HubRoom) -> None:
        """All that the log has of ``room`` is there."""
        room.restored()
        self.rooms.know_former(room)
        self.belonging.changed(room)
        self._mutes.changed(room, self.clock())

    def _reloaded(self, room: HubRoom) -> None:
        """The saved state of ``room`` was taken, with what had happened between."""
        self._restored(room)
        self.catchup.forget_pages()
        self.presence.reloaded(room)
        standing.tell(self, room)
        for session in list(room.behind):
            if isinstance(session, Session):
                self.catchup.feed(session, room)

    async def run(self) -> None:
        """Feeds sessions that are behind and runs the timers, until cancelled."""
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self.catchup.run())
                group.create_task(self.retention.run())
                if self.sweeping is not None:
                    group.create_task(self.sweeping.run())
                if self.following is not None:
                    group.create_task(self.following.run(self.search_cursors.derived("bus")))
                if self._whereabouts is not None:
                    group.create_task(self._whereabouts.run())
                while True:
                    due = self.monotonic() + TICK_SECONDS
                    await asyncio.sleep(TICK_SECONDS)
                    self.measures.late(self.monotonic() - due)
                    self.tick()
        finally:
            for task in self.tasks:
                task.cancel()

    def tick(self) -> None:
        """Lets holds and grace periods end, by the clock that was handed in."""
        now = self.monotonic()
        self.catchup.tick(now)
        if self._among is not None:
            self._among.tick(now)
        self.presence.tick(now)
        self.appearances.tick()
        if self.elsewhere is not None:
            self.elsewhere.tick(now)
        self.users.tick(now)
        self.reading.tick(now)
        self.readers.tick(now)
        self.clients.tick()
        for room in self._mutes.over(self.clock()):
            standing.tell(self, room, only=room.state.facts.muted)
        if not self.disk.takes_nothing:
            self._silent.tick(now)
        if now - self._disk_looked_at >= diskwatch.LOOK_SECONDS:
            self._disk_looked_at = now
            self.spawn(self.disk.look())

    async def close(self, comebacks: Callable[[int], Sequence[float]] | None = None) -> None:
        """Takes no more commands, saves what is on its way, says goodbye to all.

        Who can come back with a token stays a member, and is taken for present at the next start;
        who cannot has left. ``comebacks``: another server takes over at once; it tells after how
        many seconds each of so many clients is to come back.
        """
        self.closing = True
        await self.journal.idle()
        self.reading.close()
        self.readers.close()
        sessions = list(self.sessions)
        times = [None] * len(sessions) if comebacks is None else comebacks(len(sessions))
        for session, seconds in zip(sessions, times, strict=True):
            session.outlet.reply(_parting(seconds))
            if session.outlet.resumable and not session.leaving:
                self.forget(session)
            else:
                self.end(session, deliberate=True)
            session.outlet.close()
        if self._among is not None:
            last = max((seconds for seconds in times if seconds is not None), default=0.0)
            self._among.lease.leave(last + self.settings.leave_grace_seconds)

    # Sessions

    def connect(self, outlet: Outlet, client: Client) -> Session:
        """A new session of ``client``."""
        session = Session(outlet, client)
        self.sessions[session] = None
        self.counts.sessions_ever += 1
        return session

    def handle(self, session: Session, command: Command) -> None:
        """Does what ``session`` asks for, now or as soon as what it asked before is done.

        Texts go to the log one behind the other; any other command waits until they are saved
        and shown. While `Session.blocked`, no further command may be handed in.
        """
        if session.ended:
            return
        if self.may_go(session, command):
            self.run_command(session, command)
        else:
            session.waiting = command

    def reformat(self, session: Session, before: Format) -> None:
        """The client of ``session`` reads otherwise than ``before`` from now on."""
        for room in session.rooms:
            room.refile(session, before)

    def stall(self, session: Session) -> None:
        """The outbox of ``session`` is full: from here on it is behind, at its present cursor."""
        if not session.stalled:
            session.stalled = True
            self.gate.stalled(session)

    def unstall(self, session: Session) -> None:
        """The outbox of ``session`` has room again: it catches up."""
        session.stalled = False
        self.catchup.feed_all(session)
        self.watchers.catch_up(session)

    # What others read

    def room_list(
        self,
        viewer: Viewer,
        *,
        query: str | None = None,
        after: str | None = None,
        limit: int = MAX_ROOMS_LISTED,
    ) -> RoomList:
        """A page of the rooms, those with the most users first; raises `BadMessage`.

        See `hubbub.domain.commands.Rooms`.
        """
        page = look(
            self.rooms,
            self.access,
            self.belonging,
            viewer,
            query=query,
            after=after,
            limit=limit,
        )
        return page.shown(viewer)

    async def page(
        self,
        viewer: Viewer,
        room: RoomName,
        *,
        before: int | None = None,
        after: int | None = None,
        after_at: int | None = None,
        around: int | None = None,
        limit: int = 50,
        client: str = "",
    ) -> Page:
        """A page of a room's log, when it is the turn of ``client`` (see `find`).

        ``after_at``: the time of the event ``after`` as the client knows it, to be looked at.
        Raises `NoSuchRoom`, `BadMessage`, `BadCursor`, `LogUnavailable`, `RateLimited`.
        """
        self.access.check_reader(viewer)
        await self.know(viewer, room, after, around)
        found = self.access.room_named(viewer, Action.READ, room)
        floor = self.access.floor(viewer, found)
        span = Span(found.head, before=before, after=after, around=around, limit=limit, floor=floor)
        if after_at is not None:
            if after is None:
                raise BadMessage("after_at goes with after: it is the time of that event.")
            if after > floor and not cursors.fits(found, room, after, after_at):
                asker = self.asker(client)
                await cursors.look_up(self.pages, asker, self.log, found, after, after_at)
        return await self._read(viewer, found, span, client)

    async def timeline(
        self,
        viewer: Viewer,
        room: RoomName,
        *,
        before: int | None = None,
        after: int | None = None,
        around: int | None = None,
        limit: int = 50,
        client: str = "",
    ) -> Page:
        """A page of a room's timeline, when it is the turn of ``client`` (see `find`).

        Raises `NoSuchRoom`, `BadMessage`, `LogUnavailable`, `RateLimited`.
        """
        self.access.check_reader(viewer)
        await self.know(viewer, room, after, around)
        found = self.access.room_named(viewer, Action.READ, room)
        floor = self.access.floor(viewer, found)
        span = LineSpan(
            found.head, before=before, after=after, around=around, limit=limit, floor=floor
        )
        return await self._read(viewer, found, span, client)

    async def pins(self, viewer: Viewer, room: RoomName, *, client: str = "") -> Messages:
        """The messages that are pinned to a room, the newest pin first.

        Raises `NoSuchRoom`, `LogUnavailable`, `RateLimited`.
        """
        self.access.check_reader(viewer)
        await self.know(viewer, room)
        found = self.access.room_named(viewer, Action.READ, room)
        return await passages.pinned(self, viewer, found, self.asker(client))

    async def conversation(
        self, viewer: Viewer, room: RoomName, target: int, *, client: str = ""
    ) -> Messages:
        """The messages that are joined with ``target`` by replies; raises as `timeline`."""
        self.access.check_reader(viewer)
        await self.know(viewer, room, target)
        found = self.access.room_named(viewer, Action.READ, room)
        found.state.check_there(target, self.access.floor(viewer, found))
        return await passages.joined_with(self, viewer, found, target, self.asker(client))

    async def _read(self, viewer: Viewer, room: HubRoom, span: AnySpan, client: str) -> Page:
        page = await read_in_turn(self.pages, self.asker(client), self.log, room, span)
        self.access.check_still(viewer, Action.READ, room)
        return page_behind(self.access.floor(viewer, room), page)

    async def find(
        self,
        viewer: Viewer,
        query: str,
        *,
        before: str | None = None,
        limit: int = 20,
        client: str = "",
    ) -> Found:
        """What ``viewer`` finds; raises what `hubbub.hub.searching.find` raises.

        ``client``: the address and port from which it is asked.
        """
        return await find(self, viewer, query, before, limit, client=self.asker(client))

    # What accounts do without a connection

    async def identify(self, token: str, client: str = "") -> User:
        """Whose token it is, to be asked for as a viewer.

        Raises `WrongToken`, `Forbidden`, `RateLimited`, `LogUnavailable`.
        """
        key = client_key(address_of(client))
        return (await errands.identify(self, token, key, self.asker(client)))[0]

    async def ask(self, token: str, command: Command, client: str = "") -> Reply:
        """The answer to a command of whose token that is; raises what `identify` raises."""
        return await errands.ask(self, token, command, address_of(client), self.asker(client))

    async def identify_guest(self, name: UserName, token: str, client: str = "") -> User:
        """The guest of that name, whose token it is; raises as `identify`."""
        return await filepasses.guest_of(self, name, token, client_key(address_of(client)))

    def file_pass(self, user: User) -> str:
        """A word for the addresses of files that ``user`` may read."""
        return filepasses.make(self, user)

    async def identify_by_pass(self, word: str, client: str = "") -> User:
        """Whose pass it is; raises `WrongToken`, `Forbidden`, `LogUnavailable`."""
        user = await filepasses.read(self, word)
        if not user.client:
            user.client = client_key(address_of(client))
        return user

    async def file(self, viewer: Viewer, id: str, client: str = "") -> FileRecord:
        """A file that ``viewer`` may have; raises what `hubbub.hub.filing.find` raises."""
        return await filing.find(self, viewer, id, client)

    async def log_in(self, command: Hello, client: str = "") -> Reply:
        """The answer to somebody who logs in with a password."""
        return await errands.log_in(self, command, address_of(client))

    def server_role(self, viewer: Viewer) -> Role:
        """What ``viewer`` is on the whole server."""
        return self.access.server_role(viewer)

    @property
    def sign_ons(self) -> SignOns | None:
        """Single sign-on; None where there is none."""
        return self._sign_ons

    @property
    def server_name(self) -> str:
        """What the server is called."""
        return self.settings.server_name

    @property
    def line_bytes(self) -> int:
        """Bytes of the longest command."""
        return self.settings.line_bytes

    @property
    def healthy(self) -> bool:
        """Whether the log took what it was last given, and may be given more.

        Not while the lease may be over: what waits for an answer was not refused yet.
        """
        cut_off = self._among is not None and self._among.lease.may_be_over
        return self.journal.healthy and not self.disk.takes_nothing and not cut_off

    def stats(self) -> dict[str, float]:
        """Counters since the start, and how much there is of everything now."""
        disk, backup_at = self.disk.seen, self.measures.backup_at
        known: dict[str, float] = {f"{name}_bytes": size for name, size in disk.files.items()}
        if self.following is not None:
            known |= self.following.stats()
        if self._among is not None:
            lease = self._among.lease
            known |= {"nodes": 1 + lease.others, "lease_age_seconds": lease.age}
        if disk.free is not None:
            known |= {"disk_free_bytes": disk.free, "disk_kept_free_bytes": self.disk.floor}
        if backup_at is not None:
            known["last_backup_timestamp_seconds"] = backup_at / 1000
        return (
            known
            | self.counts.as_dict()
            | {
                "clients": len(self.clients),
                "rooms_forgotten": self._silent.forgotten,
                "turns_queued": self.turns.queued_ever,
                "tail_bytes": self.tails.total,
                "sessions": len(self.sessions),
                "users": len(self.users),
                "rooms": self.rooms.listed,
                "texts_waiting": self.journal.pending,
                "stalls": self.gate.count,
                "uploads_open": 0 if self.uploading is None else self.uploading.open,
                "pages_read": self.catchup.pages_read,
                "search_behind": self.search.behind if self.search else 0,
            }
        )

    def labelled(self) -> dict[str, Mapping[str, int]]:
        """The same, for what is counted by kinds of it."""
        files, measures = self.measures.files, self.measures
        of_files: dict[str, Mapping[str, int]] = {}
        if files is not None:
            of_files = {
                "files": {"said": files.said, "unsaid": files.unsaid},
                "file_bytes": {"said": files.said_bytes, "unsaid": files.unsaid_bytes},
            }
        return of_files | {
            "examinations": measures.examined,
            "uploads_refused": measures.uploads_refused,
            "refusals": self.counts.refusals,
            "sessions_by_protocol": Counter(one.outlet.protocol for one in self.sessions),
        }

    def _freed(self, guest: Guest, *, last: bool) -> None:
        if last and self.access.account_of(guest.id) is None:
            self.reading.forget(guest.id)
            for room in self.belonging.of(guest.id):
                self.presence.leave_for_good(room, User(guest.name, guest.id))
        self.log.append(ForgetGuest(guest))

    def _returning(self, member: Member, now: float) -> User:
        """Who was in a room when the server stopped, if they can come back."""
        user = self._known(User(member.name, member.id))
        self.users.has_been_here(user)
        if user.account:
            self.users.hold(user, now)
        return user

    def _has_another_name(self, record: MemberRecord) -> bool:
        """Whether that is an account which was renamed, in a room where it stays a member."""
        member = record.member
        if not self.rooms[record.room.key].keeps_members:
            return False
        account = None if member.id is None else self.access.account_of(member.id)
        return account is not None and account.name.key != member.name.key

    async def _rename_members(self) -> None:
        """Tells rooms of renamings that they do not know: the server was stopped in between."""
        directory = self.access.directory
        names = {member.id: member.name for member in directory.state.members.values()}
        late = [
            (room, member, names[member.id])
            for room in self.rooms
            if room.keeps_members
            for member in room.state.members.values()
            if member.id in names and names[member.id].key != member.name.key
        ]
        if late:
            after = max(0, directory.head - LATE_RENAMINGS)
            events = await self.log.read(DIRECTORY.key, after, directory.head)
            last = {event.by_id: event.seq for event in events if isinstance(event, Renamed)}
            for room, member, name in late:
                if member.id is not None:
                    seq = last.get(member.id, directory.head)
                    logouts.rename_member(self, room, member.name, name, member.id, seq)

    def _leave_forgotten(self, room: HubRoom) -> None:
        """Guests whose names are free by now are no members any more."""
        for member in list(room.state.members.values()):
            user, account = self.users.get(member.name.key), self.access.account(member.name)
            known = user if account is None else account
            if known is None and member.id is not None:
                known = self.access.account_of(member.id)  # about to have its new name
            if known is None or known.id != member.id:
                self.presence.leave_for_good(room, User(member.name, member.id))

    def _shown(self, room: HubRoom, events: Sequence[AnyEvent], before: RoomFacts) -> None:
        """What was shown in ``room``, where ``before`` held, may change more than that."""
        if is_queue(room.name):
            queues.changed(self, room, events)
            settling.check_reports(self, room, events)
            return
        facts, seen = room.state.facts, list[Callable[[], None]]()
        if room is self.access.directory:
            seen = profiles.shown(self, events)
            if facts is not before:
                self.filters.changed(facts)
        for event in events:
            if isinstance(event, Banned) and event.network == NETWORK_TO_COME:
                moderating.ban_network(self, room, event)  # before they are gone
            if room is self.access.directory:
                self.access.shown(event)
                logouts.shown(self, event)
            elif type(event) in EXPULSIONS:
                self.presence.expelled(room, event)
                if isinstance(event, Banned) and (event.pattern or event.network):
                    self.presence.expel(room, partial(self._is_banned, room))
            elif isinstance(event, Exempted):  # or not any more, so that bans hold for them
                self.presence.expel(room, partial(self._is_banned, room))
            elif self.node is not None and isinstance(event, Left):
                self.presence.left(room, event)
            elif self.node is not None and isinstance(event, Joined) and event.was is not None:
                self.presence.renamed_elsewhere(room, event)
            if self.sweeping is not None and isinstance(event, DROPPING):
                self.sweeping.soon()
            if isinstance(event, AccountClosed) and self.uploading is not None and event.by_id:
                self.spawn(self.uploading.forget(event.by_id))
            if traits_of(event).forgets or traits_of(event).trims:
                self.catchup.forget_pages()
            if isinstance(event, Redacted):
                self.catchup.forget_pages()  # which have the text that is gone
                settling.taken_back(self, room, event)
            if isinstance(event, Invited):
                self._invited(room, event)
            elif isinstance(event, RoomRenamed):
                roomnames.renamed(self, room, event)
                self.presence.follow_all(room)
        for tell in seen:
            tell()
        joined = room.keeps_members and any(map(changes_members, events))
        if room.listable and (facts is not before or joined):
            self.belonging.changed(room)
        if joined and room.listable and self.elsewhere is not None:
            self.elsewhere.joined(room, events)
        if before.guests and not facts.guests:
            self.presence.expel(room, self._is_guest)
        if (
            not facts.direct
            and facts.access in KEEPS_MEMBERS
            and before.access not in KEEPS_MEMBERS
        ):
            self.presence.expel(room, partial(_is_late, room, before))
        told = {name: getattr(before, name) for name in standing.NOT_TOLD}
        if facts.muted is not before.muted:
            self._mutes.changed(room, self.clock())
        if facts is not before and replace(facts, **told) != before:
            if before.access in KEEPS_MEMBERS and not room.keeps_members:
                self.presence.reconcile(room, opened=True)
            standing.tell(self, room)
        elif facts.trusted is not before.trusted:
            standing.tell(self, room, only=facts.trusted.keys() ^ before.trusted.keys())
        if facts.direct and any(map(is_message, events)):
            directs.said(self, room, events)

    def _floor(self, reader: Reader, room: HubRoom) -> int:
        return self.access.floor(reader.user, room) if isinstance(reader, Session) else room.head

    def _barred(self, user: User, room: HubRoom) -> ChatError | None:
        return self.access.refusal(user, Action.ENTER, room)

    def _is_banned(self, room: HubRoom, user: User) -> bool:
        return self.access.ban_of(self._known(user), room) is not None

    def _is_guest(self, user: User) -> bool:
        return not self._known(user).account

    def _known(self, user: User) -> User:
        """All that is known of ``user``, of whom there may be no more than the log has."""
        found, account = self.users.get(user.name.key), self.access.account(user.name)
        if found is not None and found.id == user.id:
            return found
        if account is not None and account.id == user.id:
            return User(account.name, account.id, account=True)
        return user

    def _nodes_died(self, nodes: Sequence[str]) -> None:
        if self.elsewhere is not None:
            self.elsewhere.forget(nodes)

    def _moved(self, key: str, here: bool) -> None:
        if self.elsewhere is not None:
            self.elsewhere.came(key, here=here)

    def _appeared(self, room: HubRoom, key: str) -> None:
        self.appearances.changed(room, key)
        if self.elsewhere is not None:
            self.elsewhere.changed(room)

    def _is_dead(self) -> bool:
        return self.node is not None and self.node.is_dead()

    def _is_gone(self, user: User) -> bool:
        """Whether ``user`` has no connection any more, at any server, nor who that is by now."""
        known = self._known(user)
        return not (self.is_connected(known) or (known.now and known.now.connected))

    def _is_elsewhere(self, room: HubRoom, key: str) -> bool:
        return self.elsewhere is not None and self.elsewhere.has(room, key)

    def _tell_of(self, room: HubRoom, key: str) -> None:
        """Tells ``room`` how the member with that key appears, unless there is none any more."""
        member = room.state.members.get(key)
        if member is not None and not room.gone:
            profile, here = self.access.profile_of(member.id), self.presence.is_present(room, key)
            seen = Appearance(
                room=room.name,
                user=member.name,
                here=here,
                status=profile.status,
                note="" if self.access.is_muted(member.id, room) else profile.note,
            )
            with self.gate:
                room.tell(seen, but=room.told_elsewhere_of(key, member.id))

    def _invited(self, room: HubRoom, event: Invited) -> None:
        user = self.users.get(UserName.recall(event.user).key)
        by_themselves = event.ticket is not None or event.by_id == event.user_id
        if user is not None and user.id == event.user_id and not by_themselves:
            for session in user.sessions:
                session.outlet.reply(Invitation(room=room.name, by=event.by))

    def _write_refused(self, room: HubRoom) -> None:
        if self.presence.is_unused(room):
            self.emptied(room)

    def emptied(self, room: HubRoom) -> None:
        room.forget()
        unused = self.presence.is_unused(room)
        never_was = room.head == 0 and unused and room.name.key != self.first_room
        never_was = never_was and room.listable
        if never_was and self.rooms.get(room.name.key) is room:
            self.rooms.drop(room)  # what would have been its first event was refused
            if room.instead_of is not None:
                self.belonging.changed(room.instead_of)
                self.presence.reconcile(room.instead_of)


def _parting(back_in: float | None) -> Goodbye:
    """The server's last words. ``back_in``: it expects the client again in so many seconds."""
    if back_in is None:
        return Goodbye(
            reason=ShuttingDown.code,
            message="The server is shutting down. What you said is saved.",
        )
    return Goodbye(
        reason=RESTARTING,
        message="The server restarts: connect again in a moment. What you said is saved.",
        reconnect=back_in,
    )


def _is_late(room: HubRoom, before: RoomFacts, user: User) -> bool:
    """Whether the join of ``user`` is on its way behind what has closed the room to others."""
    invited = user.id is not None and may_come(user.id, before)
    return user.name.key not in room.state.members and not invited
