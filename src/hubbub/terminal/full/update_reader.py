"""Takes the chat's updates (connections, events, typing), and shows and caches them."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from hubbub.client.errors import UNTRUSTED
from hubbub.client.updates import (
    Announced,
    Connected,
    Disconnected,
    Entered,
    Happened,
    Held,
    Invited,
    LoggedOut,
    NameRefused,
    PresenceChanged,
    ProfileChanged,
    ReadElsewhere,
    Renamed,
    RoomLost,
    RoomMoved,
    RoomReset,
    SomeoneIsTyping,
    StandingChanged,
    Update,
    Warned,
)
from hubbub.domain.errors import ChatError, NotInRoom
from hubbub.domain.events import AuthorForgotten, Edited, Event, Joined, Redacted, Said
from hubbub.domain.kinds import floor_of, is_news, texts_of, traits_of
from hubbub.domain.projection import target_of
from hubbub.domain.quotes import quote_of_said
from hubbub.domain.replies import Standing
from hubbub.domain.rules import KEEPS_MEMBERS, Profile, RoomAccess
from hubbub.terminal.full.model.display import shown
from hubbub.terminal.full.model.lines import Notice
from hubbub.terminal.full.model.room import NOBODY_LEFT, Room
from hubbub.terminal.full.model.rows import Role
from hubbub.terminal.full.ports import ChatPort
from hubbub.terminal.full.read_markers import ReadMarkers
from hubbub.terminal.full.state import State

BATCH = 200  # events that are shown together if they come faster than they can be shown
BATCH_CHARS = 20_000  # characters of texts, likewise: their layout takes some tens of milliseconds
OWN_JOIN_WITHIN = 3  # events before the head among which our own join is, when we have just joined
MADE = "Made as {}: this room is new. To take it back: /delete"
ALONE = "Only you and {} read what is said here."
GONE = "The message that you were changing was taken back."
AFRESH = "The server was emptied or restored since you were here: this is the room as it is now."


class UpdateReader:
    """Applies updates to the rooms of ``state``; events that come quickly, in batches."""

    def __init__(self, state: State, markers: ReadMarkers) -> None:
        self._state = state
        self._markers = markers
        self._welcomes: dict[Room, tuple[Notice, int]] = {}
        self._afresh: set[Room] = set()
        self._batch: dict[str, list[Happened]] = {}
        self._batched = 0
        self._batched_chars = 0

    async def read(self, chat: ChatPort) -> None:
        """Takes all updates of ``chat`` until it ends."""
        async for update in chat:
            if isinstance(update, Happened):
                self._batch.setdefault(update.room, []).append(update)
                self._batched += 1
                self._batched_chars += sum(map(len, texts_of(update.event)))
            else:
                self.flush()
                self._take(update)
            full = self._batched >= BATCH or self._batched_chars >= BATCH_CHARS
            if full or not chat.has_updates:
                self.flush()
                await asyncio.sleep(0)  # keys are read and frames are drawn meanwhile
        self.flush()

    def _take(self, update: Update) -> None:
        match update:
            case Connected():
                self._connected(update)
            case Disconnected():
                self._disconnected(update)
            case NameRefused(name=name, error=error):
                self._state.status = self._state.status.refused(name)
                self._state.note_everywhere(
                    f"{error.message} To go on under another name, type /nick NAME.", Role.WARNING
                )
            case LoggedOut(user=user, error=error):
                self._logged_out(user, error)
            case Renamed(user=user, was=was):
                self._renamed(user, was)
            case StandingChanged(room=name) if room := self._state.rooms.get(name):
                self._keep_private(room, update.standing)
                self._stands(room, update.standing)
            case ProfileChanged(profile=profile):
                self._profiled(profile)
            case PresenceChanged(room=name, user=user) if room := self._state.rooms.get(name):
                room.seen_as(user, update.status, here=update.here)
            case RoomMoved(room=was, name=name):
                self._moved(was, name)
            case Invited(room=name, by=by):
                self._state.listener.invited(name, by)
            case Warned(message=message):
                self._state.listener.warned(message)
            case Announced(by=by, text=text):
                self._state.listener.announced(by, text)
            case Entered():
                self._entered(update)
            case ReadElsewhere(room=name) if room := self._state.rooms.get(name):
                room.unread.elsewhere(update.seq, update.unread, update.mentions)
                self._markers.recount(room)
            case SomeoneIsTyping(room=name, by=by):
                room = self._state.rooms.get(name)
                ours = by == self._state.user
                if room is not None and not ours and not room.timeline.look.ignored.has(by):
                    room.typing(by, self._state.clock())
            case Held(reason=reason, room=str()):
                self._state.listener.told(reason, bad=True)
            case Held(reason=reason):
                self._state.listener.told(
                    f"The server cannot take messages at the moment: {reason}", bad=True
                )
            case RoomReset(room=name) if room := self._state.rooms.get(name):
                self._reset(room)
            case RoomLost(room=name) if (
                room := self._state.rooms.get(name)
            ) is not None and room.of_another:
                self._state.rooms.remove(room)
                self._state.keep()
            case RoomLost(room=name, error=error) if room := self._state.rooms.get(name):
                room.inside = False
                room.shut = error.message
                room.has(())
                room.away = frozenset()
                why = f"You are not in this room any more: {error.message}"
                if isinstance(error, NotInRoom):
                    why = error.message  # it says so itself
                self._state.note(room, why, Role.WARNING)
                self._state.keep()
                if update.forget:
                    self._state.cache.forget(room.name)
            case RoomLost(room=name, forget=True):
                self._state.cache.forget(name)
        self._state.listener.changed()

    def flush(self) -> None:
        """Shows and caches the events of the batch."""
        if not self._batched:
            return
        batch, self._batch = self._batch, {}
        self._batched = self._batched_chars = 0
        for name, happened in batch.items():
            room = self._state.rooms.get(name)
            if room is not None:  # otherwise we have left it meanwhile
                self._happened(room, happened)
        self._state.listener.changed()

    def _happened(self, room: Room, happened: Sequence[Happened]) -> None:
        events = [one.event for one in happened]
        self._state.cache.add(room.name, events)
        known = max((one.event.seq for one in happened if one.history), default=0)
        looking = self._state.attention.looking and room is self._state.rooms.current
        spoken = room.take(events, self._state.me, known=known, looking=looking)
        if room.amended({seq for event in events if (seq := target_of(event)) is not None}):
            self._state.listener.given_back(room, GONE)
        for event in events:
            if isinstance(event, AuthorForgotten):
                room.forget(event)
            elif isinstance(event, Redacted):
                self._state.typed.taken_back(room.name, event.target)
            elif isinstance(event, Said | Edited) and self._state.me.did(event):
                seq = event.target if isinstance(event, Edited) else event.seq
                self._state.typed.said(room.name, seq, event.text)
        if (floor := floor_of(events)) and room.answers is not None and room.answers.seq <= floor:
            room.answers = None
        self._place_welcome(room, events)
        if looking:
            self._markers.report(room)
        if any(traits_of(event).membership for event in events):
            room.has(self._state.chat.members(room.name))
            self._stands(room, self._state.chat.standing(room.name))
        if any(isinstance(event, AuthorForgotten) for event in events):
            room.lost_somebody(self._state.user)
        room.topic = self._state.chat.topic(room.name)
        unseen = not looking or not self._state.attention.watched(self._state.clock())
        if spoken and unseen and not room.catching_up:
            text = spoken.text or quote_of_said(spoken).text
            self._state.listener.mentioned(room.name, spoken.by, text)
        elif not looking and (news := self._news(room, happened)):
            self._state.listener.said(room.name, news.by, news.text or quote_of_said(news).text)

    def _news(self, room: Room, happened: Sequence[Happened]) -> Said | None:
        """The last new text, if it is somebody else's."""
        for one in reversed(happened):
            event, hides = one.event, room.timeline.look.hides
            if is_news(event) and not one.history and not hides(event):
                return None if self._state.me.did(event) else event
        return None

    def _connected(self, update: Connected) -> None:
        self._state.cache.log = update.log
        self._state.offline.clear()
        back = self._state.status.lost and not self._state.status.planned
        self._state.status = self._state.status.connected(update)
        self._state.cache.last_user = update.user
        self._profiled(update.profile or Profile())
        self._state.keep()
        if back:
            self._state.note_everywhere("You are connected again.")
        for room in self._state.rooms:
            self._relook(room)

    def _disconnected(self, update: Disconnected) -> None:
        before = self._state.status
        first = (before.online or before.planned) and not update.planned
        self._state.offline.set()
        self._state.status = self._state.status.disconnected(update, self._state.clock())
        if first:
            self._state.note_everywhere(
                f"{update.reason} What you write is kept, and sent as soon as there is a "
                "connection again.",
                Role.WARNING,
            )
        elif update.code in UNTRUSTED and update.reason != before.reason:
            self._state.note_everywhere(update.reason, Role.WARNING)

    def _entered(self, update: Entered) -> None:
        direct = update.standing.access is RoomAccess.DIRECT
        # Direct conversations come by themselves.
        room = (self._state.rooms.add if direct else self._state.rooms.get)(update.room)
        if room is None:
            return
        room.name = update.room
        room.inside = True
        room.of_another = False
        room.shut = ""
        self._keep_private(room, update.standing)
        self._stands(room, update.standing)
        room.has(self._state.chat.members(room.name))
        self._state.attendance.ask(room, entered=True)
        room.topic = update.topic
        if update.read is not None:
            self._count(room, update, update.read)
        room.catching_up = update.head if 0 < room.shown < update.head else 0
        if not (update.again or room.shown):
            room.timeline.window.head = update.after
        if room in self._afresh:
            self._afresh.discard(room)
            room.timeline.note(Notice(AFRESH, Role.WARNING), after=update.head)
        if not room.welcomed and direct:
            room.welcomed = True
            room.timeline.note(Notice(ALONE.format(shown(room.label))), after=0)
        elif not room.welcomed:
            room.welcomed = True
            welcome = Notice(f"Welcome to room {shown(room.name)}!", Role.WELCOME)
            room.timeline.note(welcome, after=update.head)
            self._welcomes[room] = welcome, update.head
        if room.made or update.new:
            room.made = False
            room.timeline.note(Notice(MADE.format(shown(room.name))), after=update.head)
        self._relook(room)
        self._state.keep()

    def _keep_private(self, room: Room, standing: Standing) -> None:
        """What only members may read is kept for this user alone, who may share the computer."""
        room.private = standing.access in KEEPS_MEMBERS
        self._state.cache.set_private(room.name, private=room.private)

    def _stands(self, room: Room, standing: Standing) -> None:
        room.standing = standing
        room.timeline.set_pins(standing.pins)
        if room.people != NOBODY_LEFT:  # what was told on coming in has the former name still
            room.people = self._state.chat.people(room.name) or standing.people or room.people
        self._state.attendance.ask(room)

    def _moved(self, was: str, name: str) -> None:
        state = self._state
        state.cache.rename_room(was, name)
        state.listener.moved(was, name)
        room = state.rooms.get(was)
        if room is None:  # we have left it meanwhile
            return
        merged = state.rooms.rename(room, name)
        if merged is not None:
            room.draft = room.draft or merged.draft
        state.keep()  # an event tells of it

    def _profiled(self, profile: Profile) -> None:
        self._state.profile = profile
        self._state.listener.profiled(profile)

    def _renamed(self, user: str, was: str) -> None:
        self._state.called(user)
        self._state.cache.rename_user(was, user)
        self._state.cache.last_user = user
        self._state.keep()
        for room in self._state.rooms:
            self._relook(room)
        self._state.note_everywhere(f"Your name is {shown(user)} now. It was {shown(was)} before.")

    def _logged_out(self, user: str, error: ChatError) -> None:
        self._state.offline.set()
        self._state.status = self._state.status.logged_out()
        self._state.note_everywhere(
            f"You are logged out: {error.message} What you write is kept. To log in again, type "
            "/login",
            Role.WARNING,
        )
        self._state.keep()
        self._state.cache.forget_private()
        self._state.listener.logged_out(user, error)

    def _count(self, room: Room, update: Entered, read: int) -> None:
        """Takes the server's read marker; if ours is further, reports that to the server."""
        unread = room.unread
        if not unread.count(update.head, read, update.unread, update.mentions, room.shown):
            self._markers.report(room)
        elif unread.texts and room is self._state.rooms.current:
            room.open()
        self._markers.recount(room)

    def _place_welcome(self, room: Room, events: Sequence[Event]) -> None:
        """Moves the welcome before the line of our own join, where people expect it."""
        welcome, head = self._welcomes.get(room, (None, 0))
        if welcome is None:
            return
        for event in events:
            ours = isinstance(event, Joined) and self._state.me.did(event)
            if ours and head - OWN_JOIN_WITHIN < event.seq <= head:
                room.timeline.move_notice(welcome, event.seq - 1)
        if room.shown >= head:
            del self._welcomes[room]

    def _reset(self, room: Room) -> None:
        self._state.cache.reset(room.name)
        if room.shown:
            self._afresh.add(room)
        room.reset()

    def _relook(self, room: Room) -> None:
        look = room.timeline.look
        room.timeline.restyle(look._replace(me=self._state.me, direct=room.is_direct))
        room.settle_own(self._state.user)
