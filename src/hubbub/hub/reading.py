"""How far users have read, and how much they have not: one marker for each user and room.

What is counted once is kept, so that the next count begins where the last one ended. Counting
never touches the path of messages: what is in memory is looked at when somebody asks, the rest is
counted by the log, off the event loop. Markers are saved together, every few seconds.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence

from hubbub.domain.errors import ChatError
from hubbub.domain.events import AnyEvent
from hubbub.domain.ids import UserId
from hubbub.domain.kinds import is_news, traits_of
from hubbub.domain.mentions import fold, mentions
from hubbub.domain.names import RoomName
from hubbub.domain.projection import target_of
from hubbub.domain.replies import MOST_UNREAD, ReadUpTo
from hubbub.domain.rules import RoomAccess
from hubbub.hub.clients import site_key
from hubbub.hub.fairqueue import FairQueue
from hubbub.hub.place import Place
from hubbub.hub.ports import Entry, KeepMarkers, Log, Marker, Settled, Stretch
from hubbub.hub.room import HubRoom
from hubbub.hub.session import User

LOOKED_AT = 4096  # events behind a marker in which texts are counted: four times what is shown
AT_ONCE = 256  # events that are looked at without leaving the loop: less than a millisecond,
CHARS_AT_ONCE = 8192  # unless they are long and odd: so many characters, two milliseconds
TRIES = 3  # in a room where more happens than fits in memory while it is counted
MARKERS = 1000  # of one user; in rooms beyond, nothing is counted
SAVE_SECONDS = 3.0  # so much reading a crash may make unread again
GROUP = 500  # markers that are saved together: some milliseconds of the writer


class Reading:
    """The markers of all users. ``append`` takes entries for the log.

    ``floor``: up to which ``seq`` a user is shown nothing of a room: it is not unread.
    ``blocked``: whom a user has blocked, whose texts are not unread either.
    ``by_client``: whether addresses tell clients apart, who take turns at counting; else users do.
    """

    def __init__(
        self,
        log: Log,
        append: Callable[[Entry], None],
        *,
        clock: Callable[[], float],
        floor: Callable[[User, HubRoom], int],
        blocked: Callable[[UserId | None], Collection[UserId]],
        by_client: bool = True,
    ) -> None:
        self._log = log
        self._append = append
        self._floor = floor
        self._blocked = blocked
        self._by_client = by_client
        self._queue = FairQueue(1, clock)
        # By user, and by the room's key: after a while of a full disk they are very many.
        self._unsaved: dict[UserId, dict[str, tuple[RoomName, int]]] = {}
        self._saved_at = 0.0

    def load(self, users: Iterable[User], markers: Iterable[Marker], heads: dict[str, int]) -> None:
        """Restores the markers that are in the log; ``heads`` has the rooms' heads by key."""
        by_id: dict[UserId | None, list[User]] = {}
        for user in users:
            by_id.setdefault(user.id, []).append(user)
        for marker in markers:
            key = marker.room.key
            for user in by_id.get(marker.user, ()) if key in heads else ():
                user.put_place(key, Place(min(marker.seq, heads[key])))
        for id, same in by_id.items():
            waiting = {} if id is None else self._unsaved.get(id, {})
            for key, (_, seq) in waiting.items():  # of a visit some seconds ago
                for user in same if key in heads else ():
                    user.put_place(key, Place(min(seq, heads[key])))

    def enter(self, user: User, room: HubRoom) -> None:
        """``user`` is in the room; events from before the first visit do not count as unread.

        In a direct conversation they do: all of it is for its people, also before they have looked.
        Nothing is kept for users without a token: they cannot ask, nor come back.
        """
        place = user.place(room.name.key)
        if place is None or place.seq > room.head:  # then it is of a room that was forgotten since
            direct = room.state.access is RoomAccess.DIRECT
            self._begin(user, room, 0 if direct else room.head)

    def belong(self, user: User, room: HubRoom) -> None:
        """``user`` is a member of ``room``, where nothing was read yet: all of it is unread.

        As in a direct conversation that somebody else has begun.
        """
        places = user.places
        if user.resumable and room.name.key not in places and len(places) < MARKERS:
            user.put_place(room.name.key, Place(0))

    def _begin(self, user: User, room: HubRoom, seq: int, *, saved: bool = False) -> bool:
        if not user.resumable or len(user.places) >= MARKERS:
            return False
        user.put_place(room.name.key, Place(seq))
        if not saved:
            self._note(user, room, seq)
        return True

    def move(self, user: User, room: HubRoom, seq: int, *, saved: bool = False) -> bool:
        """``user`` has read up to ``seq``; whether that is further than before.

        ``saved``: another server saves it.
        """
        place, seq = user.place(room.name.key), min(seq, room.head)
        if place is None:
            return self._begin(user, room, seq, saved=saved)
        if not user.resumable or seq <= place.seq:
            return False
        place.move(seq)
        if not saved:
            self._note(user, room, seq)
        return True

    # Counting

    def count_at_once(self, user: User, rooms: Sequence[HubRoom]) -> bool:
        """Counts up to the rooms' heads, if that takes a moment only; else False."""
        events_left = AT_ONCE
        tally = Tally(user, self._blocked(user.id), CHARS_AT_ONCE)
        for room in rooms:
            place = self._place(user, room)
            if place is None or not place.behind(room.head):
                continue
            events_left -= room.head - place.upto
            events = room.recent(place.upto, room.head) if events_left >= 0 else None
            if events is None or not tally.count(place, events):
                return False
        return True

    async def count(self, user: User, rooms: Sequence[HubRoom]) -> bool:
        """Counts up to the rooms' heads; False when the log cannot be read, or too many ask."""
        asker = site_key(user.client) if self._by_client else user.name.key
        try:
            async with self._queue.turn(asker, lambda: bool(user.sessions)):
                return await self._count(user, rooms)
        except ChatError:
            return False

    async def _count(self, user: User, rooms: Sequence[HubRoom]) -> bool:
        assert user.id is not None  # it has places
        id, name = user.id, str(user.name)
        for _ in range(TRIES):
            behind = [
                (place, place.seq, place.upto, room)
                for room in rooms
                if (place := self._place(user, room)) and place.behind(room.head)
            ]
            stretches = [
                Stretch(room.which, after, min(room.head, after + LOOKED_AT))
                for _, _, after, room in behind
            ]
            if not behind:
                return True  # somebody's other connection has asked the same
            heads = [room.head for *_, room in behind]
            without = tuple(self._blocked(id))
            counts = await self._log.count(stretches, id, name, MOST_UNREAD, without)
            if without != tuple(self._blocked(id)):
                continue
            for (place, seq, after, _), head, unread in zip(behind, heads, counts, strict=True):
                if (place.seq, place.upto) == (seq, after):  # nobody was quicker
                    place.add(head, unread.texts, unread.mentions)
            if self.count_at_once(user, rooms):
                return True
        return False

    def recount(self, user: User) -> None:
        """What was counted for ``user`` is counted anew when it is asked for."""
        for place in user.places.values():
            place.move(place.seq)

    def _place(self, user: User, room: HubRoom) -> Place | None:
        """Where what is unread begins; what the user is not shown is none of it."""
        place = user.place(room.name.key)
        if (
            place is not None
            and (room.hides_past or room.floor)
            and (place.seq < (floor := self._floor(user, room)))
        ):
            place.move(floor)
        named = place is not None and place.mentions and place.behind(room.head)
        if place is not None and named and not _still_named(place, room):
            place.move(place.seq)  # it is counted anew
        return place

    # Saving

    def tick(self, now: float) -> None:
        """Saves what has changed, every few seconds; a group each time until all of it is saved."""
        if self._unsaved and now - self._saved_at >= SAVE_SECONDS:
            self._save(GROUP)
            if not self._unsaved:
                self._saved_at = now

    def close(self) -> None:
        """Saves all that has changed."""
        while self._unsaved:
            self._save(GROUP)

    def forget(self, user: UserId) -> None:
        """The user's last name is free again; nobody can come back."""
        self._unsaved.pop(user, None)

    def rename_room(self, users: Iterable[User], was: RoomName, name: RoomName) -> None:
        """The room ``was`` is called ``name``."""
        if was.key == name.key:
            return
        for user in users:
            place = user.forget_place(was.key)
            if place is not None:
                user.put_place(name.key, place)
        for waiting in self._unsaved.values():
            if was.key in waiting:
                waiting[name.key] = name, waiting.pop(was.key)[1]

    def forget_rooms(self, users: Iterable[User], keys: set[str]) -> None:
        """Forgets the markers of rooms that are deleted; a new room of that name begins at 1."""
        for user in users:
            # In time with the fewer of both: some rooms go, while a user may know a thousand.
            for key in user.places.keys() & keys:
                user.forget_place(key)
                if user.id is not None:
                    self._unsaved.get(user.id, {}).pop(key, None)

    def _saved(self, outcome: Settled) -> None:
        """Markers that could not be saved are saved later."""
        entry = outcome.entry
        if outcome.error is not None and isinstance(entry, KeepMarkers):
            for one in entry.markers:
                waiting = self._unsaved.setdefault(one.user, {})
                waiting.setdefault(one.room.key, (one.room, one.seq))

    def _note(self, user: User, room: HubRoom, seq: int) -> None:
        if user.id is not None:
            self._unsaved.setdefault(user.id, {})[room.name.key] = room.name, seq

    def _save(self, most: int) -> None:
        markers: list[Marker] = []
        while self._unsaved and len(markers) < most:
            user, waiting = next(iter(self._unsaved.items()))
            while waiting and len(markers) < most:
                _, (room, seq) = waiting.popitem()
                markers.append(Marker(user, room, seq))
            if not waiting:
                del self._unsaved[user]
        if markers:
            self._append(KeepMarkers(tuple(markers), done=self._saved))


def read_up_to(user: User, room: HubRoom) -> ReadUpTo:
    """How far ``user`` has read ``room``, and how much is unread behind that, if it is counted."""
    info = room.info(user.place(room.name.key))
    return ReadUpTo(room=room.name, seq=info.read or 0, unread=info.unread, mentions=info.mentions)


def _still_named(place: Place, room: HubRoom) -> bool:
    """Whether all that was counted behind ``place`` says what it said when it was counted."""
    few = room.head - place.upto <= AT_ONCE
    events = room.recent(place.upto, room.head) if few else None
    return events is not None and not any(
        traits_of(event).forgets
        or (traits_of(event).rewords and place.seq < (target_of(event) or 0) <= place.upto)
        for event in events
    )


class Tally:
    """Counts texts and mentions of one user, for as long as they cost less than ``chars``.

    ``blocked``: whose texts are left out.
    """

    def __init__(self, user: User, blocked: Collection[UserId], chars: int) -> None:
        self._left_out = {user.id, *blocked}
        self._name = str(user.name)
        self._folded = fold(self._name)
        self._chars = chars

    def count(self, place: Place, events: Sequence[AnyEvent]) -> bool:
        """Counts the events behind ``place``; whether that was all of them."""
        texts = named = 0
        for event in events:
            # An edit mentions nobody: the log knows what was said at first.
            if self._chars < 0 or (is_news(event) and event.edited_at is not None):
                place.add(event.seq - 1, texts, named)
                return False
            if is_news(event) and event.by_id not in self._left_out:
                texts += 1
                named += self._is_named(event.text)
        if events:
            place.add(events[-1].seq, texts, named)
        return True

    def _is_named(self, text: str) -> bool:
        # Nearly always the name is nowhere in it, which costs hardly anything to find out.
        if text.isascii():
            self._chars -= len(text) // 128
            folded = text.lower()
        else:
            self._chars -= len(text) // 2
            folded = fold(text)
        if self._folded not in folded:
            return False
        self._chars -= len(text)
        return mentions(text, self._name)
