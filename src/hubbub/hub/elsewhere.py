"""What there is at the other servers on the same log, of what does not last.

Who is writing there; how far somebody has read there who is here, too; and who is present there in
rooms whose members stay while they are away. That is told as a whole when it changes, and again
every few seconds, so that a lost message is made up for; who is not told of any more is not there.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Container, Iterator, Sequence

from hubbub.domain.directory import is_directory
from hubbub.domain.events import AnyEvent
from hubbub.domain.ids import UserId
from hubbub.domain.names import UserName
from hubbub.domain.replies import SomeoneTyping
from hubbub.domain.state import member_changes
from hubbub.hub import announcing
from hubbub.hub.following import Following
from hubbub.hub.guestsay import GuestsElsewhere
from hubbub.hub.ports import (
    Announces,
    Attending,
    Came,
    Ephemeral,
    GuestsSay,
    HasRead,
    Signalling,
    Tried,
    Typed,
)
from hubbub.hub.reading import read_up_to
from hubbub.hub.room import HubRoom
from hubbub.hub.services import Services
from hubbub.hub.session import User
from hubbub.hub.signalling import signalled

REFRESH_SECONDS = 10.0  # in which all rooms are told of once
LATE_SECONDS = 3 * REFRESH_SECONDS  # two messages in a row may be lost
WINDOWS = 5  # of this length: when one is used again, who has come in it before is forgotten
MOST_AT_ONCE = 1000  # users of a room that is told of when it changes; larger ones wait their turn
MOST_USERS = 5000  # in one message: less than 1 MiB, whatever their names are
MOST_READ = 1000  # markers ahead of what is shown here: then the log is far ahead of this server
FIRST_SECONDS = 3.0  # for which who has joined counts as present, if nobody tells of it
READ_SECONDS = 10.0  # how long they wait for it

NOBODY: frozenset[str] = frozenset()

Source = tuple[str, str, int]
"""Whose statement it is: a node's, about a room, and which part."""


class Elsewhere:
    """Tells the other servers of this one's people, and hears of theirs."""

    def __init__(self, hub: Services, following: Following, node: str, *, seconds: float) -> None:
        """``node``: the id of this server. ``seconds``: between two ticks."""
        self._hub = hub
        self._following = following
        self._node = node
        self._ticks = max(1, round(REFRESH_SECONDS / seconds))
        self._there: dict[str, dict[Source, frozenset[str]]] = {}
        self._told_at: OrderedDict[Source, float] = OrderedDict()  # the oldest first
        self._first: OrderedDict[tuple[HubRoom, str], float] = OrderedDict()  # the oldest first
        self._changed: dict[HubRoom, None] = {}
        self._round: list[HubRoom] = []
        self._round_at = -REFRESH_SECONDS
        self._read: dict[tuple[UserId, str], tuple[HasRead, float]] = {}
        self._came: dict[str, bool] = {}
        self._guests = GuestsElsewhere(
            hub, self._node, following.tell, every=REFRESH_SECONDS, late=LATE_SECONDS
        )

    # What is here

    def changed(self, room: HubRoom) -> None:
        """Others are present in ``room`` than before."""
        self._changed[room] = None

    def came(self, key: str, *, here: bool) -> None:
        """The user with that key is connected to this server, or is not any more."""
        self._came[key] = here

    def joined(self, room: HubRoom, events: Sequence[AnyEvent]) -> None:
        """``events`` are shown in ``room``, whose members stay while they are away.

        Who comes in by one of them, and not here, is taken for present until that is told.
        """
        self.changed(room)
        until = self._hub.monotonic() + FIRST_SECONDS
        for event in events if not room.state.facts.direct else ():
            for change in member_changes(event):
                if change.present and change.user.key not in self._hub.presence.in_room(room):
                    self._first.pop((room, change.user.key), None)
                    self._first[room, change.user.key] = until

    def tick(self, now: float) -> None:
        """Tells of some rooms, and forgets what was not told of for a long time."""
        for room in self._changed:
            if len(self._hub.presence.in_room(room)) <= MOST_AT_ONCE:
                self._tell_of(room)
        self._changed.clear()
        self._tell_who_came()
        self._guests.tick(now)
        if not self._round and now - self._round_at >= REFRESH_SECONDS:
            self._round_at = now
            self._round = [self._hub.access.directory, *self._hub.presence.attended()]
            self._at_once = -(-len(self._round) // self._ticks)
        for _ in range(min(len(self._round), self._at_once) if self._round else 0):
            room = self._round.pop()
            if room.keeps_members and not room.gone:
                self._tell_of(room)
        while self._told_at:
            source, at = next(iter(self._told_at.items()))
            if now - at < LATE_SECONDS:
                break
            self._put(source, NOBODY)
        while self._first:
            (room, key), until = next(iter(self._first.items()))
            if now < until:
                break
            del self._first[room, key]
            if not self._hub.presence.is_present(room, key):
                self._hub.appearances.changed(room, key)
        for message, until in list(self._read.values()) if self._read else ():
            self._has_read(message, until)

    def _tell_who_came(self) -> None:
        came = list(self._came.items())
        self._came.clear()
        for start in range(0, len(came), MOST_USERS):
            some = came[start : start + MOST_USERS]
            here, gone = [
                [key for key, is_here in some if is_here is which] for which in (True, False)
            ]
            self._following.tell(Came(self._node, here, gone))

    def _tell_of(self, room: HubRoom) -> None:
        users = list(self._here(room))
        for part, start in enumerate(range(0, max(1, len(users)), MOST_USERS)):
            some = users[start : start + MOST_USERS]
            self._following.tell(Attending(self._node, room.name.key, some, part))

    def _here(self, room: HubRoom) -> Iterator[str]:
        """The keys of who is present in ``room``; in the directory, of who is connected at all."""
        if is_directory(room.name):
            return (one.name.key for one in self._hub.users if one.sessions and one.connected)
        present = self._hub.presence.in_room(room).items()
        return (key for key, here in present if here.present)

    # What is there

    def has(self, room: HubRoom, key: str) -> bool:
        """Whether the user with that key is present in ``room`` at another server.

        In the directory: whether they are connected there at all.
        """
        told = self._there.get(room.name.key)
        if told is not None and any(key in users for users in told.values()):
            return True
        return (room, key) in self._first

    def there(self, room: HubRoom) -> set[str]:
        """The keys of all for whom `has` holds because another server has told so."""
        return set().union(*self._there.get(room.name.key, {}).values())

    def forget(self, nodes: Container[str]) -> None:
        """These servers are dead, so that nobody is there."""
        for source in [source for source in self._told_at if source[0] in nodes]:
            self._put(source, NOBODY)

    def heard(self, message: Ephemeral) -> None:
        """Another server has told that."""
        match message:
            case Typed():
                self._typed(message)
            case Signalling():
                signalled(self._hub, message)
            case HasRead():
                self._has_read(message, self._hub.monotonic() + READ_SECONDS)
            case Tried(account=account, client=client, code=code):
                attempts = self._hub.codes if code else self._hub.attempts
                attempts.failed_elsewhere(account, client, self._hub.monotonic())
            case Attending(node=node, room=room, users=users, part=part) if node != self._node:
                self._put((node, room, part), frozenset(users))
            case Came() if message.node != self._node:
                self._have_come(message)
            case Announces(by=by, text=text):
                announcing.tell(self._hub, by, text)
            case GuestsSay():
                self._guests.heard(message)

    def _have_come(self, message: Came) -> None:
        """Keeps who has come until all of them are told of again, which takes so long at most."""
        key, gone = self._hub.access.directory.name.key, frozenset(message.gone)
        for source, users in list(self._there.get(key, {}).items()):
            if source[0] == message.node and not gone.isdisjoint(users):
                self._put(source, users - gone)
        if message.here:
            window = int(self._hub.monotonic() // REFRESH_SECONDS) % WINDOWS
            late = (message.node, key, -1 - window)
            known = self._there.get(key, {}).get(late, NOBODY)
            self._put(late, known.union(message.here))

    def _typed(self, message: Typed) -> None:
        hub, name = self._hub, UserName.recall(message.user)
        room = hub.rooms.get(message.room)
        if room is None or not room.live or not room.may_tell_typing(hub.monotonic()):
            return
        user = hub.users.get(name.key)
        mine = () if user is None or user.id != message.id else user.sessions
        with hub.gate:
            room.tell(SomeoneTyping(room=room.name, by=name), but=mine)

    def _put(self, source: Source, users: frozenset[str]) -> None:
        """By ``source`` those are there, and nobody else."""
        _, key, _ = source
        told = self._there.setdefault(key, {})
        before = told.pop(source, NOBODY)
        self._told_at.pop(source, None)
        if users:
            told[source] = users
            self._told_at[source] = self._hub.monotonic()
        elif not told:
            del self._there[key]
        room = self._hub.rooms.named(key)
        if room is self._hub.access.directory:
            self._hub.watchers.moved(before, users)
        elif room is not None:
            for user in (before | users) if self._first else ():
                self._first.pop((room, user), None)
            for user in before ^ users if room.live else ():
                self._hub.appearances.changed(room, user)

    def _has_read(self, message: HasRead, until: float) -> None:
        """Moves the marker, as soon as what was read is shown here, and tells who has it."""
        hub, at = self._hub, (message.id, message.room)
        user = hub.users.get(UserName.recall(message.user).key)
        room = hub.rooms.get(message.room)
        self._read.pop(at, None)
        if user is None or user.id != message.id or room is None:
            return
        if message.seq > room.head:
            if len(self._read) < MOST_READ and hub.monotonic() < until:
                self._read[at] = message, until
        elif hub.reading.move(user, room, message.seq, saved=True):
            hub.spawn(self._tell_read(user, room))

    async def _tell_read(self, user: User, room: HubRoom) -> None:
        hub = self._hub
        if not hub.reading.count_at_once(user, (room,)):
            await hub.reading.count(user, (room,))
        told = read_up_to(user, room)
        for session in user.sessions:
            if not session.stalled and not session.ended:
                session.outlet.reply(told)
