"""How busy the server is and who costs most, for whoever keeps it and looks: `hubbub top`.

Nothing is counted for it but the time that each client costs, which is measured anyway. What has
changed since the last look is found by comparing, once in a while and for as long as somebody
looks: a millisecond for ten thousand rooms.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from msgspec import Struct

from hubbub.hub.clients import Client, Clients
from hubbub.hub.histograms import Histogram
from hubbub.hub.room import HubRoom
from hubbub.hub.rooms import Rooms
from hubbub.hub.session import Session

MOST_ROWS = 50  # clients and rooms that are told of; a screen has room for fewer
MOST_NAMES = 5  # of the people of one client
STALE_SECONDS = 60.0  # a comparison with what was so long ago tells nothing of now
SHORT_SECONDS = 0.25  # nor does one with the moment before: several may look at once


class Ranges(Struct, frozen=True):
    """A `Histogram` at one moment."""

    bounds: Sequence[float]
    counts: Sequence[int]
    total: float

    @classmethod
    def of(cls, histogram: Histogram) -> Ranges:
        """Those of ``histogram`` now."""
        return cls(histogram.bounds, tuple(histogram.counts), histogram.total)


class BusyClient(Struct, frozen=True):
    """One client: its address, and ``busy``, the share of the event loop's time that it costs.

    ``people``: some of who are connected from there.
    """

    address: str
    connections: int
    busy: float
    people: Sequence[str] = ()


class BusyRoom(Struct, frozen=True):
    """One room: how many connections are ``here`` in it, and ``events`` a second."""

    name: str
    here: int
    events: float


class Costs:
    """What rooms and clients have come to by now, to be compared with at the next look."""

    def __init__(self) -> None:
        self._at: float | None = None
        self._heads: dict[HubRoom, int] = {}
        self._spent: dict[Client, float] = {}
        self._seconds: float | None = None
        self._events: dict[HubRoom, int] = {}
        self._busy: dict[Client, float] = {}

    def look(self, rooms: Rooms, clients: Clients, now: float) -> None:
        """Compares with what was at the last look, unless that was just now."""
        if self._at is not None and now - self._at < SHORT_SECONDS:
            return
        heads = {room: room.head for room in rooms}
        spent = {client: client.spent for client in clients if client.spent}
        self._seconds = None
        self._events, self._busy = {}, {}
        if self._at is not None and now - self._at <= STALE_SECONDS:
            self._seconds = now - self._at
            for room, head in heads.items():
                self._events[room] = head - self._heads.get(room, 0)
            for client, seconds in spent.items():
                self._busy[client] = seconds - self._spent.get(client, 0.0)
        self._at, self._heads, self._spent = now, heads, spent

    def room_rows(self) -> list[BusyRoom]:
        """The busiest rooms first; where nothing is said, those with the most people."""
        seconds = self._seconds or 1.0

        def row(room: HubRoom) -> BusyRoom:
            events = max(0, self._events.get(room, 0)) / seconds
            return BusyRoom(str(room.name), here(room), round(events, 3))

        def weight(room: HubRoom) -> tuple[int, int]:
            return self._events.get(room, 0), here(room)

        busiest = sorted(self._heads, key=weight, reverse=True)[:MOST_ROWS]
        return [row(room) for room in busiest if not room.gone]

    def client_rows(self, clients: Clients, sessions: Iterable[Session]) -> list[BusyClient]:
        """The most expensive clients first, and of those that cost nothing the largest ones."""
        seconds = self._seconds or 1.0

        def weight(client: Client) -> tuple[float, int]:
            return self._busy.get(client, 0.0), client.connections

        shown = sorted(clients, key=weight, reverse=True)[:MOST_ROWS]
        people: Mapping[Client, dict[str, None]] = {client: {} for client in shown}
        for session in sessions:
            names = people.get(session.client.taker)
            if names is not None and session.user is not None and len(names) < MOST_NAMES:
                names[str(session.user.name)] = None
        return [
            BusyClient(
                client.key,
                client.connections,
                round(self._busy.get(client, 0.0) / seconds, 4),
                tuple(people[client]),
            )
            for client in shown
            if client.connections or self._busy.get(client)
        ]


def here(room: HubRoom) -> int:
    """How many connections are in ``room``."""
    return len(room.behind) + sum(map(len, room.live.values()))
