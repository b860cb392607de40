"""What guests say of themselves, told to the other servers on the log, and heard from them."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator

from hubbub.domain.names import UserName
from hubbub.hub.guests import Source
from hubbub.hub.labelling import appears_otherwise, tell_labels
from hubbub.hub.ports import Ephemeral, GuestSays, GuestsSay
from hubbub.hub.services import Services

MOST_GUESTS = 1000  # in one message: less than 1 MiB, if they say no more than why they are away
MOST_CHARS = 250_000  # of what they have labels for: as much, whatever these are


class GuestsElsewhere:
    """Tells, as the server ``node``, of the guests here, and keeps what others tell.

    It is told when it changes, and ``every`` so many seconds; what is not told any more for
    ``late`` seconds does not hold any more.
    """

    def __init__(
        self,
        hub: Services,
        node: str,
        tell: Callable[[Ephemeral], None],
        *,
        every: float,
        late: float,
    ) -> None:
        self._hub = hub
        self._node = node
        self._tell = tell
        self._every = every
        self._late = late
        self._due = 0.0
        self._parts = 0  # that were told last time
        self._told_at: OrderedDict[Source, float] = OrderedDict()  # the oldest first

    def tick(self, now: float) -> None:
        """Tells of the guests here if it is time, and forgets what is late."""
        if self._hub.access.said_by_guests.changed or now >= self._due:
            self._due = now + self._every
            self._tell_all()
        while self._told_at:
            source, at = next(iter(self._told_at.items()))
            if now - at < self._late:
                break
            self._take(GuestsSay(source[0], (), source[1]))

    def _tell_all(self) -> None:
        parts = list(parts_of(self._hub.access.said_by_guests.here()))
        self._hub.access.said_by_guests.changed = False
        for part in range(max(len(parts), self._parts)):  # those that are empty by now, too
            some = parts[part] if part < len(parts) else []
            self._tell(GuestsSay(self._node, some, part))
        self._parts = len(parts)

    def heard(self, message: GuestsSay) -> None:
        """Another server tells of its guests."""
        if message.node != self._node:
            self._take(message)

    def _take(self, message: GuestsSay) -> None:
        hub, source = self._hub, (message.node, message.part)
        self._told_at.pop(source, None)
        if message.guests:
            self._told_at[source] = hub.monotonic()
        changed = hub.access.said_by_guests.heard(source, message.guests)
        appear = [one.key for one in changed if appears_otherwise(one.before, one.now)]
        for room in hub.rooms if appear else ():
            for key in appear if room.live else ():
                if key in room.state.members:
                    hub.appearances.changed_by_themselves(room, key)
        for one in changed:
            hub.watchers.changed(one.key)
            guest = hub.users.anywhere(one.key)
            name = UserName.recall(one.key) if guest is None else guest.name
            tell_labels(hub, name, one.id, one.before, one.now)


def parts_of(guests: Iterable[GuestSays]) -> Iterator[list[GuestSays]]:
    """Who is told of together."""
    part: list[GuestSays] = []
    chars = 0
    for guest in guests:
        more = sum(len(label) + len(value) for label, value in guest.labels.items())
        if part and (len(part) == MOST_GUESTS or chars + more > MOST_CHARS):
            yield part
            part, chars = [], 0
        part.append(guest)
        chars += more
    if part:
        yield part
