"""The unsaved lines: each is logged exactly once, and in order.

A line keeps its nonce (its idempotency key) until it is saved or refused, so that the server
recognises a resend. The server forgets the nonces of a guest some minutes after the connection is
lost. A line that was sent before that is *in doubt*: it may be saved or not. It waits until the
room's log was read up to the head: if it was not found there, it is sent again. A line from outside
of the room fails instead, as its room's log is not read.

Changes of messages do not wait for texts, nor texts for them: only changes of one message go in
order, one after the other, so that none that was refused for the moment comes behind a later one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from hubbub.client.errors import InDoubt, QueueFull
from hubbub.client.line import Line, Unsent, Way
from hubbub.client.me import Me
from hubbub.domain.events import Event
from hubbub.domain.kinds import is_message
from hubbub.domain.names import RoomName
from hubbub.domain.replies import Ack

IN_DOUBT = (
    "This may be saved or not: the connection was lost before the server said so, and it does not "
    "know us any more. Please look in the room."
)

MAX_UNSENT = 1000  # lines: hours of typing, and at 4,000 characters a line a few megabytes


class SendQueue:
    """All unsaved lines, in the order in which they were sent by the program."""

    def __init__(self, limit: int = MAX_UNSENT) -> None:
        self.limit = limit
        self._lines: dict[str, Line] = {}
        self._tried: dict[str, Line] = {}  # lines that were sent at least once
        self._floors: dict[str, int] = {}  # by room: its unsaved lines will have a higher seq

    def __len__(self) -> int:
        return len(self._lines)

    def __iter__(self) -> Iterator[Line]:
        return iter(list(self._lines.values()))

    def add(self, line: Line) -> None:
        """Adds a line; raises `QueueFull`."""
        if len(self._lines) >= self.limit:
            raise QueueFull(
                f"{self.limit:,} lines wait to be saved, as many as may. This one was not taken; "
                "please wait until the others are saved."
            )
        self._lines[line.nonce] = line
        if line.sent_as is not None:
            self._tried[line.nonce] = line

    def find(self, nonce: str | None) -> Line | None:
        """The unsaved line with that nonce."""
        return self._lines.get(nonce) if nonce is not None else None

    def has(self, key: str) -> bool:
        """Whether the room with that key has unsaved lines."""
        return any(line.key == key for line in self._lines.values())

    def next(self, ready: Callable[[Line], bool]) -> Line | None:
        """The next line to send among those that are ``ready``, those of each lane in order."""
        blocked: set[tuple[str, int | None]] = set()
        for line in self._lines.values():
            pipelined = line.way is Way.IN_FLIGHT and line.change is None
            if pipelined or line.lane in blocked:
                continue
            if line.way is Way.QUEUED and ready(line):
                return line
            blocked.add(line.lane)
        return None

    # The outcome of a line

    def sent(self, line: Line, me: Me, head: int) -> None:
        """``line`` is sent under the name and id ``me``; ``head`` is its room's."""
        line.way = Way.IN_FLIGHT
        if line.sent_as is None:
            line.after = head
        line.sent_as, line.sent_by = me
        self._tried[line.nonce] = line

    def again(self, line: Line) -> None:
        """``line`` is to be sent again, in its place."""
        line.way = Way.QUEUED

    def saved(self, line: Line, ack: Ack) -> None:
        """The server has saved ``line``."""
        self._drop(line)
        if line.change is None:
            # The acks of texts come in order: no unsaved one became an event up to this one.
            self._raise_floor(line.key, ack.seq)
        line.result.resolve(ack)

    def failed(self, line: Line, error: Exception) -> None:
        """The server has refused ``line`` for good."""
        self._drop(line)
        line.result.reject(error)

    # Connections come and go

    def disconnected(self) -> None:
        """Lines in flight are to be sent again."""
        for line in self._lines.values():
            if line.way is Way.IN_FLIGHT:
                line.way = Way.QUEUED

    def nonces_lost(self) -> None:
        """The server has forgotten the nonces of the lines that were sent: they are in doubt.

        That holds for a line that was seen in its room, too: a backup without it may be restored.
        """
        for line in list(self._tried.values()):
            if line.outside:  # nobody reads that room's log here
                self.failed(line, InDoubt(IN_DOUBT))
            else:
                line.way = Way.DOUBT

    def recognise(self, key: str, event: Event) -> None:
        """Finds the line that probably became ``event``, if any, and notes its ack."""
        if not self._tried or (is_message(event) and event.seq <= self._floors.get(key, 0)):
            return
        if any(line.key == key and line.seen_at(event.seq) for line in self._tried.values()):
            return
        for line in self._tried.values():
            if line.seen is None and line.became(key, event):
                line.seen = Ack(room=line.room, seq=event.seq, at=event.at, nonce=line.nonce)
                return

    def resolve_doubt(self, key: str) -> None:
        """The room's log was read to the head: lines in doubt were found there, or are resent."""
        doubtful = [one for one in self._tried.values() if one.way is Way.DOUBT and one.key == key]
        for line in doubtful:
            if line.seen is None:
                line.way = Way.QUEUED
                line.sent_as = line.sent_by = None
                del self._tried[line.nonce]
        there = [(line.seen.seq, line) for line in doubtful if line.seen is not None]
        for _, line in sorted(there, key=lambda one: one[0]):
            if line.seen is not None:
                self.saved(line, line.seen)

    def room_moved(self, key: str, name: RoomName) -> None:
        """The room with that key is called ``name`` now."""
        for line in self._lines.values():
            if line.key == key:
                line.key, line.room = name.key, str(name)
        floor = self._floors.pop(key, 0)
        if floor:
            self._floors[name.key] = max(floor, self._floors.get(name.key, 0))

    def is_in_flight(self, key: str) -> bool:
        """Whether a text for that room is with the server, and not answered yet."""
        lane = key, None
        return any(one.lane == lane and one.way is Way.IN_FLIGHT for one in self._lines.values())

    def reset(self, key: str) -> None:
        """The room has another log: events of the old one do not count."""
        self._floors.pop(key, None)
        for line in self._tried.values():
            if line.key == key:
                line.seen, line.after = None, 0

    def to_keep(self) -> list[Unsent]:
        """The lines for the next run of the program."""
        return [
            line.to_keep(self._floors.get(line.key, 0) if line.change is None else 0)
            for line in self._lines.values()
        ]

    def _raise_floor(self, key: str, seq: int) -> None:
        self._floors[key] = max(seq, self._floors.get(key, 0))
        for line in self._tried.values():
            if line.lane == (key, None) and line.seen is not None and line.seen.seq <= seq:
                line.seen = None

    def _drop(self, line: Line) -> None:
        self._lines.pop(line.nonce, None)
        self._tried.pop(line.nonce, None)
