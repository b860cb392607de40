"""A connection that speaks IRC."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Sequence

from hubbub.domain.commands import Command
from hubbub.domain.events import AnyEvent, Joined, Left
from hubbub.domain.names import RoomName, UserName
from hubbub.domain.replies import Goodbye, Reply, RoomJoined
from hubbub.hub.ports import Outlet, Pipe
from hubbub.hub.room import LIVE, HubRoom
from hubbub.server.clear import came_encrypted
from hubbub.server.connection import Connection
from hubbub.server.context import Context
from hubbub.server.ircgot import GotPipe
from hubbub.server.irchost import make_host
from hubbub.server.localtime import LocalTime
from hubbub.wire.irc.capabilities import Cap
from hubbub.wire.irc.format import IrcFormat
from hubbub.wire.irc.got import ask, has_got, is_asked, program_of
from hubbub.wire.irc.host import Host
from hubbub.wire.irc.lines import IrcReader
from hubbub.wire.irc.registration import Registration
from hubbub.wire.irc.showing import show
from hubbub.wire.irc.subscribed import keys_of
from hubbub.wire.irc.vocabulary import VOCABULARY
from hubbub.wire.irc.wire import IrcWire


def host_of(context: Context) -> Host:
    """What the connections of IRC to the server of ``context`` share."""
    if context.irc is None:
        context.irc = make_host(context, context.site, LocalTime(), _client_of)
        context.hub.made_account = context.irc.account_made
    return context.irc


def _client_of(outlet: Outlet) -> IrcConnection | None:
    return outlet if isinstance(outlet, IrcConnection) else None


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
        self._wire.secure = came_encrypted(context, transport)
        self.comes_from(context.admission.origin(transport).address)
        self._cancel_name_timer()
        seconds = min(NAME_SECONDS, context.options.name_seconds)
        self._name_timer = context.loop.call_later(seconds, self._no_name_yet)
        context.heartbeat.add(self)

    def comes_from(self, address: str) -> None:
        """The client is at that address, which it alone is told when it asks."""
        self._wire.address = address

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
        return show(self._wire, room, events, own, elsewhere)

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
