"""What a person is told of each update. Pure: updates in, lines out."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

from hubbub.client import (
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
    Renamed,
    RoomAccess,
    RoomLost,
    RoomMoved,
    RoomReset,
    StandingChanged,
    Status,
    Update,
    Warned,
)
from hubbub.client.errors import UNTRUSTED
from hubbub.domain.errors import NotInRoom
from hubbub.domain.events import Event
from hubbub.domain.replies import MOST_UNREAD
from hubbub.domain.sentences import is_told_later
from hubbub.terminal.mentioning import mentioning
from hubbub.terminal.plain.lines import LocalTime, about, direct_lines, event_lines
from hubbub.wire.line.told import profile_lines, status_line, waiting_line

MOST_AWAY = 1000  # people of whom it is remembered that they were told to be away or busy
LOST = "Connection lost. What you write is kept, and sent when it is back."
BACK = "Back online."


class Teller:
    """Tells of one room at a time, the one that was entered last, and of the connection.

    What is said once is said once: that the connection is lost, not that each attempt failed.
    """

    def __init__(
        self,
        local: LocalTime = time.localtime,
        people: Callable[[str], Sequence[str]] = lambda room: (),
        mine: Callable[[Event], bool] = lambda event: False,
    ) -> None:
        """``people``: whose direct conversation a room is. ``mine``: whether an event is ours.

        Who is not ``watched`` by a person is not told of a way to log in again.
        """
        self.local = local
        self.people = people
        self.mine = mine
        self.site: Callable[[], str] = lambda: ""  # where the server's web page is
        self.watched = True
        self._untrusted = ""  # why the server's key is not accepted, as it was told
        self._lost = False
        self._refused = False
        self._planned = False
        self._waiting = 0
        self._away: dict[str, None] = {}
        self._past = range(0)  # what was in the room when it was entered, or when we came back
        self.room: str | None = None

    def tell(self, update: Update) -> list[str]:
        """The lines for ``update``, not made safe yet but for what others said."""
        match update:
            case Happened(room, event) if room == self.room:
                past = event.seq in self._past
                if past and not is_told_later(event, self._past):
                    return []
                return event_lines(event, self.local, self.site())
            case Happened(room, event, history=False) if people := self.people(room):
                return direct_lines(
                    event, people, mine=self.mine(event), local=self.local, site=self.site()
                )
            case Entered(again=again) if not is_direct(update):
                self._past = past_of(update)
                return [] if again else self._entered(update)
            case RoomMoved(room, name) if room == self.room:
                self.room = name
            case Invited(room, by):
                return [f"{by} invites you to {room}. To go there, type /join {room}"]
            case Warned(message):
                return [f"To who administers this server: {message}"]
            case Announced(by, text):
                return [f"{by} tells everybody: {text}"]
            case Renamed(user=user):
                return [f"You are called {user} now."]
            case LoggedOut(error=error) if self.watched:
                self._lost = True
                return [
                    error.message,
                    "What you write is kept, and sent after you have typed /login",
                ]
            case Disconnected(planned=True):
                self._planned = True
            case Disconnected(code=code, reason=reason) if code in UNTRUSTED:
                return [*self._once_lost(), *self._once_untrusted(reason)]
            case Disconnected():
                return self._once_lost()
            case Connected(user=user, again=True):
                return self._back(user)
            case Connected(profile=profile) if profile is not None:
                return profile_lines(profile)
            case StandingChanged(room, standing) if room == self.room:
                return self._waits(standing.waiting)
            case PresenceChanged(room, here=True) if room == self.room:
                return self._seen(update)
            case NameRefused():
                return self._name_refused(update)
            case Held(reason=reason):
                return [f"{reason} What you wrote is kept, and tried again."]
            case RoomReset(room) if room == self.room:
                return [
                    f"The server was emptied or restored, so {room} has a different history now. "
                    "What you saw above may not be in it. This is the room now:"
                ]
            case RoomLost(room, error=error) if room == self.room:
                self.room = None
                if isinstance(error, NotInRoom):
                    return [error.message]  # it says so itself
                return [f"You are not in {room} any more: {error.message}"]
        return []

    def _entered(self, entered: Entered) -> list[str]:
        self.room, self._waiting = entered.room, 0
        self._away.clear()
        topic = [about(entered.room, entered.topic)] if entered.topic else []
        waits = self._waits(entered.standing.waiting)
        return [f"Welcome to room {entered.room}!", *topic, *_news(entered), *waits]

    def _waits(self, waiting: int) -> list[str]:
        """What waits for who moderates the room, if that is more than was told."""
        before, self._waiting = self._waiting, waiting
        return [waiting_line(waiting)] if waiting > before else []

    def _seen(self, presence: PresenceChanged) -> list[str]:
        """Who is away or busy, and is back; not who merely comes and goes."""
        user = presence.user
        if presence.status is Status.HERE:
            if user not in self._away:
                return []
            del self._away[user]
        else:
            self._away[user] = None
            if len(self._away) > MOST_AWAY:
                del self._away[next(iter(self._away))]
        return [status_line(user, presence.status, presence.note)]

    def _once_untrusted(self, reason: str) -> list[str]:
        before, self._untrusted = self._untrusted, reason
        return [reason] if reason != before else []

    def _once_lost(self) -> list[str]:
        if self._lost:
            return []
        self._lost = True
        return [LOST]

    def _back(self, user: str) -> list[str]:
        renamed = [f"You are {user} now."] if self._refused else []
        quiet = self._planned and not self._lost
        self._lost = self._refused = self._planned = False
        return renamed if quiet else [BACK, *renamed]

    def _name_refused(self, refused: NameRefused) -> list[str]:
        if self._refused:
            return []
        self._refused = True
        return [
            f"The server does not let you in as {refused.name} again: {refused.error.message}",
            "To take another name, type /nick NAME. Or wait: your old one is tried again.",
        ]


def _news(entered: Entered) -> list[str]:
    """How much is new since we were there last, and how to see what does not follow by itself."""
    new, named = entered.unread or 0, entered.mentions or 0
    if not new:
        return []
    more = "+" if new >= MOST_UNREAD else ""
    what = f"{new:,}{more} new since you were here{mentioning(new, named)}"
    if misses_new(entered):
        return [f"{what}. /history {entered.head - (entered.read or 0)} shows them."]
    return [f"{what}."]


def past_of(entered: Entered) -> range:
    """The numbers of the events that follow now and are not new; messages among them are as they
    are by now.
    """
    return range(entered.after + 1, entered.head + 1)


def is_direct(entered: Entered) -> bool:
    """Whether it is a direct conversation, which is shown beside the room."""
    return entered.standing.access is RoomAccess.DIRECT


def misses_new(entered: Entered) -> bool:
    """Whether something new is before the lines that a room begins with."""
    return bool(entered.unread) and (entered.read or 0) < entered.after
