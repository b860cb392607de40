"""Sends the unsaved lines: pipelined, in order in each room, with retries."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial

from hubbub.client.errors import error_of
from hubbub.client.line import Line
from hubbub.client.me import Me
from hubbub.client.patience import Patience, passing
from hubbub.client.rooms import Rooms, Stage
from hubbub.client.sendable import check
from hubbub.client.sendqueue import SendQueue
from hubbub.client.source import Answered
from hubbub.client.updates import Held, Update
from hubbub.domain.commands import Command, Say, Write
from hubbub.domain.errors import ChatError, RateLimited, TextTooLong
from hubbub.domain.names import RoomName
from hubbub.domain.replies import Ack, Refused, Reply


class Speaking:
    """A `Source` of the lines of a `SendQueue`.

    ``me`` and ``max_bytes`` of a frame are set when a connection is made.
    """

    def __init__(self, queue: SendQueue, rooms: Rooms) -> None:
        self.me = Me()
        self.max_bytes: int | None = None
        self._queue = queue
        self._rooms = rooms
        self._patience = Patience()
        self._slow: dict[str, Patience] = {}  # by the key of a room in slow mode

    def check(self, line: Line) -> Write:
        """The command that sends ``line``; raises `ChatError` for one that cannot be sent."""
        room = RoomName.parse(line.room)
        command: Write
        if line.change is not None:
            command = line.change.command(room, line.nonce)
        else:
            command = Say(
                room=room,
                text=line.text,
                nonce=line.nonce,
                reply_to=line.reply_to,
                outside=line.outside,
                files=line.files,
            )
        check(command, self.max_bytes, TextTooLong)
        return command

    def next(self, now: float) -> tuple[Command, Answered] | None:
        if now < self._patience.until:
            return None
        while line := self._queue.next(partial(self._may_speak, now)):
            try:  # again: the limit may have changed, or the line is from an earlier run
                command = self.check(line)
            except ChatError as error:
                self._queue.failed(line, error)
            else:
                self._queue.sent(line, self.me, self._head(line.key))
                return command, partial(self._answered, line)
        return None

    def due(self, now: float) -> float | None:
        times = [self._patience.until] if self._queue.next(partial(self._may_speak, now)) else []
        for key, slow in self._slow.items():
            if slow.until > now and self._queue.has(key) and not self._queue.is_in_flight(key):
                times.append(max(slow.until, self._patience.until))
        return min(times, default=None)

    def disconnected(self) -> None:
        self._queue.disconnected()
        self._patience.reset()
        self._slow.clear()

    def close(self, error: Exception) -> None:
        for line in self._queue:  # they stay in the queue, to be saved for the next run
            line.result.reject(error)

    def _may_speak(self, now: float, line: Line) -> bool:
        room = self._rooms.by_key(line.key)
        if room is None or room.stage is not Stage.IN:
            return line.outside
        if line.change is not None or not room.is_slow:
            return True
        # One after the other, so that a later line is not taken when the one before had to wait.
        slow = self._slow.get(room.key)
        return not self._queue.is_in_flight(room.key) and (slow is None or slow.until <= now)

    def _head(self, key: str) -> int:
        room = self._rooms.by_key(key)
        return room.head if room is not None else 0

    def _answered(self, line: Line, reply: Reply, now: float) -> Iterable[Update]:
        if line.result.done:
            return ()
        if isinstance(reply, Ack):
            self._patience.reset()
            if line.change is None:
                self._slow.pop(line.key, None)
            self._queue.saved(line, reply)
        elif isinstance(reply, Refused) and passing(reply):
            room = self._rooms.by_key(line.key)
            slow = (
                reply.code == RateLimited.code
                and line.change is None
                and room is not None
                and room.is_slow
            )
            patience = self._slow.setdefault(line.key, Patience()) if slow else self._patience
            first = patience.tried == 0
            self._queue.again(line)
            pause = patience.wait(now, reply.retry_after)
            if first:
                return (Held(reply.message, pause, line.room if slow else None),)
        elif isinstance(reply, Refused):
            self._queue.failed(line, error_of(reply))
        return ()
