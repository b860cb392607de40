"""A connection that speaks IRC."""

from __future__ import annotations

import asyncio
import hashlib
import re
from collections.abc import Callable, Collection, Sequence
from functools import partial
from pathlib import Path

from hubbub import __version__
from hubbub.domain.commands import MAX_HISTORY, Command
from hubbub.domain.errors import InvalidName, NoSuchRoom
from hubbub.domain.events import AnyEvent, Joined, Left
from hubbub.domain.filenames import file_path
from hubbub.domain.files import File
from hubbub.domain.ids import UserId
from hubbub.domain.names import RoomName, UserName
from hubbub.domain.replies import Goodbye, Reply, RoomJoined
from hubbub.domain.rights import Action
from hubbub.domain.state import Member, RoomFacts
from hubbub.hub.directs import room_of
from hubbub.hub.hub import Hub
from hubbub.hub.ports import Pipe
from hubbub.hub.room import LIVE, HubRoom
from hubbub.hub.settings import ALL_HISTORY
from hubbub.server.clear import is_encrypted
from hubbub.server.connection import Connection
from hubbub.server.context import Context
from hubbub.server.ircgot import GotPipe
from hubbub.server.ircpeople import HubPeople, neighbours
from hubbub.server.localtime import LocalTime
from hubbub.server.tls.certificates import Certificates
from hubbub.wire.irc.capabilities import Cap
from hubbub.wire.irc.cutting import cut
from hubbub.wire.irc.format import IrcFormat
from hubbub.wire.irc.got import ask, has_got, is_asked, program_of
from hubbub.wire.irc.host import Host
from hubbub.wire.irc.lines import IrcReader
from hubbub.wire.irc.registration import Registration
from hubbub.wire.irc.subscribed import keys_of
from hubbub.wire.irc.vocabulary import VOCABULARY
from hubbub.wire.irc.wire import IrcWire

NO_FACTS = RoomFacts()
GONE = UserName.recall("somebody who is gone")
DAY_SECONDS = 86_400
MAX_MOTD_BYTES = 16 * 1024  # a few screens: each who comes is told all of it
MAX_MOTD_LINE = 400  # bytes
_NO_HOST = re.compile(r"[^A-Za-z0-9.-]+")


class HubDirectory(HubPeople):
    """What the wire asks the server: see `hubbub.wire.irc.directory.Directory`."""

    def __init__(self, hub: Hub, site: str, certificates: Certificates | None = None) -> None:
        super().__init__(hub)
        self._site = site
        self._certificates = certificates

    def account_of(self, id: str | None) -> str | None:
        """The name of the account with that id."""
        account = None if id is None else self._hub.access.account_of(UserId(id))
        return None if account is None else str(account.name)

    def id_of(self, name: str) -> str | None:
        """Who has that name now."""
        try:
            key = UserName.parse(name).key
        except InvalidName:
            return None
        user = self._hub.users.anywhere(key)
        if user is not None:
            return user.id
        account = self._hub.access.account(UserName.parse(name))
        return None if account is None else account.id

    def people(self, room: RoomName) -> Collection[Member]:
        """Whose direct conversation a room is."""
        found = self._hub.rooms.get(room.key)
        if found is None or not found.state.facts.direct:
            return ()
        here = list(found.state.members.values())
        if len(found.state.facts.direct) != 2 or len(here) == 2:
            return here
        # A guest who is gone is none of them any more, and it is between two nevertheless.
        known = {one.id for one in here}
        gone = [id for id in found.state.facts.direct if id not in known]
        return [*here, *(Member(GONE, id) for id in gone)]

    def talk(self, id: str | None, name: str) -> RoomName | None:
        """The conversation of the user ``id`` with who has that name."""
        other = self.id_of(name)
        if id is None or other is None:
            return None
        room = self._hub.rooms.get(room_of([UserId(id), UserId(other)]).key)
        return None if room is None or not room.head else room.name

    def link(self, file: File) -> str:
        """Where a file is found."""
        return self._site + file_path(file)

    def reread(self) -> None:
        """Reads the certificate again."""
        if self._certificates is not None:
            self._certificates.reload()

    def spread(self, name: str, cap: Cap, line: str) -> None:
        """Sends ``line`` to clients of IRC with ``cap`` who see somebody, in a room or a list."""
        met = neighbours(self._hub, name)
        hidden = self.hides(self.id_of(name))
        watching = () if hidden else self._hub.watchers.of(UserName.recall(name).key)
        for session in dict.fromkeys((*met, *watching)):
            outlet = session.outlet
            wanted = cap if session in met else cap | Cap.EXTENDED_MONITOR
            if isinstance(outlet, IrcConnection):
                outlet.overhear(wanted, line)

    def tell_others(self, wire: object, name: str, cap: Cap, line: str) -> None:
        """Sends ``line`` to all clients of IRC of who has that name but ``wire``."""
        user = self._hub.users.get(UserName.recall(name).key)
        for session in () if user is None else user.sessions:
            outlet = session.outlet
            if isinstance(outlet, IrcConnection) and not outlet.speaks_by(wire):
                outlet.overhear(cap, line)

    def now(self) -> int:
        """Milliseconds since the Unix epoch."""
        return self._hub.clock()

    def head(self, room: RoomName) -> int:
        """The number of the newest event that is shown."""
        found = self._hub.rooms.get(room.key)
        return 0 if found is None else found.state.head

    def exists(self, asker: str, room: RoomName) -> bool:
        """Whether there is a room of that name, as far as ``asker`` may know."""
        found, access = self._hub.rooms.get(room.key), self._hub.access
        viewer = self._user(asker)
        return found is not None and not isinstance(
            access.refusal(viewer, Action.READ, found), NoSuchRoom
        )

    def facts(self, room: RoomName) -> RoomFacts:
        """What holds in a room."""
        found = self._hub.rooms.get(room.key)
        return NO_FACTS if found is None else found.state.facts

    def member(self, room: RoomName, name: str) -> Member | None:
        """Who has that name in the room."""
        found = self._hub.rooms.get(room.key)
        return None if found is None else found.state.members.get(UserName.recall(name).key)

    def members(self, room: RoomName) -> Collection[Member]:
        """Who is in the room."""
        found = self._hub.rooms.get(room.key)
        return () if found is None else found.state.members.values()

    def rooms_each(self) -> int:
        """How many rooms one connection may be in."""
        return self._hub.settings.rooms_per_session


def host_of(context: Context) -> Host:
    """What the connections of IRC to the server of ``context`` share."""
    if context.irc is None:
        context.irc = make_host(context, context.site, LocalTime())
        context.hub.made_account = context.irc.account_made
    return context.irc


def make_host(context: Context, site: str, local_time: Callable[[int], str]) -> Host:
    """What they share, at first."""
    hub, options, certificates = context.hub, context.options, context.certificates
    network = _in_one_word(hub.settings.server_name) or "Hubbub"
    key = hashlib.sha256(f"{hub.log.id} cloaks".encode()).digest()
    lines = hub.settings.history_on_join
    return Host(
        network if "." in network else f"{network.lower()}.chat",
        network,
        f"hubbub-{__version__}",
        key,
        HubDirectory(hub, site, certificates),
        since=context.since,
        motd=partial(motd, options.motd),
        sts_seconds=0 if certificates is None else options.irc_sts_days * DAY_SECONDS,
        sts_port=options.irc_tls_port or options.port,
        lines=MAX_HISTORY if lines == ALL_HISTORY else min(lines, MAX_HISTORY),
        local_time=local_time,
    )


def motd(said: str) -> list[str]:
    """The lines of the setting ``motd``: a text, or ``@`` and a path of a file, read each time."""
    if said.startswith("@"):
        try:
            with Path(said[1:]).expanduser().open(encoding="utf-8", errors="replace") as file:
                said = file.read(MAX_MOTD_BYTES)
        except OSError:
            return []
    return [line for text in said.splitlines() for line in cut(text, MAX_MOTD_LINE) or [" "]]


def _in_one_word(text: str) -> str:
    return _NO_HOST.sub("-", text.strip())


def _told_elsewhere(event: AnyEvent, others: Sequence[HubRoom]) -> bool:
    """Whether ``event`` says what another room of the session says: a new name, or a quit.

    The first room tells that somebody has another name, so that what follows is by somebody known;
    the last one tells that they are gone.
    """
    if (isinstance(event, Joined) and event.was is not None) or (
        isinstance(event, Left) and event.gone
    ):
        name = event.by
    else:
        return False
    key = UserName.recall(name).key
    return any(
        (member := room.state.members.get(key)) is not None and member.id == event.by_id
        for room in others
        if not room.state.facts.direct
    )


NAME_SECONDS = 10.0
"""For NICK and USER, which programs send at once; a person who is asked for another name has the
time of all others."""
CALM = 4
"""IRC is pinged so many times less often than a page: a telephone's radio sleeps between, and
programs are used to minutes."""


class IrcConnection(Connection):
    """Any client of IRC. A guest's name is held while the connection lasts, no longer."""

    __slots__ = ("_caps", "_format", "_got", "_heard", "_pinged", "_wire")

    patient = True
    protocol = "irc"

    def __init__(self, context: Context, host: Host) -> None:
        super().__init__(context)
        self._wire = IrcWire(host, IrcReader(), VOCABULARY, registration=Registration())
        self._heard = context.loop.time()
        self._pinged = False
        self._caps, self._format = self._wire.caps, self._wire.format
        self._got: GotPipe | None = None  # most are guests, who need none

    @property
    def pipe(self) -> Pipe:
        if program_of(self._wire) is None:
            return self._transport
        if self._got is None:
            self._got = GotPipe(self._transport, self._ask_whether_got)
        return self._got

    def _ask_whether_got(self) -> bool:
        """Asks, unless it has asked before and is not answered yet: then it returns True."""
        if is_asked(self._wire):
            return True
        session = self.session
        cursors = ((room, room.cursor(session)) for room in session.rooms)
        ask(
            self._wire,
            [(room.name, room.head if at == LIVE else at) for room, at in cursors],
        )
        self._flush()
        return False

    def read_when_gone(self, room: RoomName) -> int | None:
        """What a program of an account has got for sure."""
        if Cap.READ_MARKER in self._wire.caps:
            return 0
        return None if self._got is None else has_got(self._wire, room)

    @property
    def tells_labels(self) -> bool:
        return bool(keys_of(self._wire))

    def speaks_by(self, wire: object) -> bool:
        """Whether it is the connection of that one."""
        return self._wire is wire

    @property
    def format(self) -> IrcFormat:
        return self._format

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        context = self.context
        self._wire.secure = is_encrypted(transport) or context.admission.origin(transport).secure
        self._cancel_name_timer()
        seconds = min(NAME_SECONDS, context.options.name_seconds)
        self._name_timer = context.loop.call_later(seconds, self._no_name_yet)
        context.heartbeat.add(self)

    def _no_name_yet(self) -> None:
        loop, seconds = self.context.loop, self.context.options.name_seconds
        if self._wire.asked_for_another_name:
            self._name_timer = loop.call_later(max(seconds - NAME_SECONDS, 0.0), self._no_name)
        else:
            self._no_name(min(NAME_SECONDS, seconds))

    @property
    def waits(self) -> bool:
        """Whether nothing is to be read for it now."""
        return self._paused

    def take(self, data: bytes) -> None:
        self._heard = self.context.loop.time()
        self._pinged = False
        self._wire.receive(data)

    def overhear(self, caps: Cap, line: str) -> None:
        """Sends what the hub knows nothing of, if the client has these capabilities.

        Not to one that does not read: it would have to be kept, however much others say.
        """
        if self._wire.caps & caps == caps and not self.session.stalled:
            self._wire.beside(line)
            self._flush()

    def next_command(self) -> Command | None:
        user = self.session.user
        if user is not None and user.account:
            self._wire.follow(user.name, user.id)
        command = self._wire.next_command()
        if self._wire.caps is not self._caps:
            before, self._caps, self._format = self._format, self._wire.caps, self._wire.format
            if self._format is not before:
                self.context.hub.reformat(self.session, before)
        self._flush()
        return command

    def has_more(self) -> bool:
        return self._wire.has_more

    def encode(self, reply: Reply) -> bytes:
        data = self._wire.reply(reply)
        if type(reply) is RoomJoined and isinstance(self.pipe, GotPipe):
            self.pipe.note()
        if self._wire.wants_turn:
            self.context.loop.call_soon(self.pump)
        return data

    def show(self, room: RoomName, events: Sequence[AnyEvent], own: Collection[int]) -> bytes:
        """What is told once is left out of rooms where it was told, or will be."""
        if own and self._got is not None:
            self._got.note()  # it has what it has said itself, which it may be shown nothing of
        rooms = [one for one in self.session.rooms if one.name.key != room.key]
        elsewhere = (
            [event.seq for event in events if _told_elsewhere(event, rooms)] if rooms else ()
        )
        return self._wire.show(room, events, own, elsewhere)

    def left_deliberately(self) -> bool:
        """Only who has an account can come back as the same."""
        return not self._wire.account

    def eof_received(self) -> bool:
        # `printf … | nc` ends its side at once: what it sent is done before the connection ends.
        self._wire.end()
        self.pump()
        return True

    def connection_lost(self, exc: Exception | None) -> None:
        self.context.heartbeat.discard(self)
        if self._got is not None:
            self._got.close()
        self._wire.close()
        super().connection_lost(exc)

    def stood_still(self, seconds: float) -> None:
        """The server was suspended for so long; this was no silence of the client."""
        self._heard += seconds

    def beat(self, now: float) -> None:
        """Pings a client that was silent for long; cuts off one that does not answer."""
        options, silent = self.context.options, now - self._heard
        if self._paused or self._transport.get_write_buffer_size() > 0:
            self._heard = now
        elif silent > CALM * options.idle_seconds:
            seconds = f"{CALM * options.idle_seconds:.0f} seconds"
            self.reply(Goodbye(reason="too-slow", message=f"Ping timeout: {seconds}"))
            self.context.hub.end(
                self.session,
                deliberate=self.left_deliberately(),
                reason=f"nothing heard for {seconds}",
            )
            self.close()
        elif silent > CALM * options.ping_seconds and not self._pinged and self._wire.nick:
            self._pinged = True
            self._wire.ping()
            self._flush()

    def _flush(self) -> None:
        data = self._wire.output()
        if data and not self._transport.is_closing():
            self._transport.write(data)
