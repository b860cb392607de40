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
from hubbub.domain.commands import Command, Say
from hubbub.domain.errors import ChatError, TextTooLong
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

    def check(self, line: Line) -> Say:
        """The command that sends ``line``; raises `ChatError` for one that cannot be sent."""
        room = RoomName.parse(line.room)
        say = Say(
            room=room,
            text=line.text,
            nonce=line.nonce,
            reply_to=line.reply_to,
            outside=line.outside,
        )
        check(say, self.max_bytes, TextTooLong)
        return say

    def next(self, now: float) -> tuple[Command, Answered] | None:
        if now < self._patience.until:
            return None
        while line := self._queue.next(self._may_speak):
            try:  # again: the limit may have changed, or the line is from an earlier run
                say = self.check(line)
            except ChatError as error:
                self._queue.failed(line, error)
            else:
                self._queue.sent(line, self.me, self._head(line.key))
                return say, partial(self._answered, line)
        return None

    def due(self, now: float) -> float | None:
        return self._patience.until if self._queue.next(self._may_speak) else None

    def disconnected(self) -> None:
        self._queue.disconnected()
        self._patience.reset()

    def close(self, error: Exception) -> None:
        for line in self._queue:  # they stay in the queue, to be saved for the next run
            line.result.reject(error)

    def _may_speak(self, line: Line) -> bool:
        room = self._rooms.by_key(line.key)
        return line.outside or (room is not None and room.stage is Stage.IN)

    def _head(self, key: str) -> int:
        room = self._rooms.by_key(key)
        return room.head if room is not None else 0

    def _answered(self, line: Line, reply: Reply, now: float) -> Iterable[Update]:
        if line.result.done:
            return ()
        if isinstance(reply, Ack):
            self._patience.reset()
            self._queue.saved(line, reply)
        elif isinstance(reply, Refused) and passing(reply):
            first = self._patience.tried == 0
            self._queue.again(line)
            pause = self._patience.wait(now, reply.retry_after)
            if first:
                return (Held(reply.message, pause),)
        elif isinstance(reply, Refused):
            self._queue.failed(line, error_of(reply))
        return ()
