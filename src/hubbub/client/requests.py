"""Requests to the server with an answer to wait for; repeated on the next connection."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from functools import partial

from hubbub.client.errors import error_of
from hubbub.client.pending import Pending
from hubbub.client.sendable import check
from hubbub.client.source import Answered
from hubbub.client.updates import Update
from hubbub.domain.commands import Command
from hubbub.domain.errors import ChatError
from hubbub.domain.replies import Refused, Reply


class Request:
    """A command and its answer. The command must be idempotent: it may be sent twice."""

    __slots__ = ("answer", "command")

    def __init__(self, command: Command) -> None:
        self.command = command
        self.answer: Pending[Reply] = Pending()


class Requests:
    """A `Source` of requests, in the order in which they were made.

    ``max_bytes`` of a frame is set when a connection is made.
    """

    def __init__(self) -> None:
        self.max_bytes: int | None = None
        self._waiting: deque[Request] = deque()
        self._in_flight: list[Request] = []

    def ask(self, command: Command) -> Request:
        """Adds a request. Raises `BadMessage` or `LineTooLong` for one that cannot be sent."""
        check(command, self.max_bytes)
        request = Request(command)
        self._waiting.append(request)
        return request

    def cancel(self, request: Request) -> None:
        """Drops a request whose answer is not needed any more."""
        for requests in (self._waiting, self._in_flight):
            if request in requests:
                requests.remove(request)

    def next(self, now: float) -> tuple[Command, Answered] | None:
        while self._waiting:
            request = self._waiting.popleft()
            try:  # again: the limit may have become known, or have changed
                check(request.command, self.max_bytes)
            except ChatError as error:
                request.answer.reject(error)
            else:
                self._in_flight.append(request)
                return request.command, partial(self._answered, request)
        return None

    def due(self, now: float) -> float | None:
        return now if self._waiting else None

    def disconnected(self) -> None:
        self._waiting.extendleft(reversed(self._in_flight))
        self._in_flight.clear()

    def close(self, error: Exception) -> None:
        self.disconnected()
        while self._waiting:
            self._waiting.popleft().answer.reject(error)

    def _answered(self, request: Request, reply: Reply, now: float) -> Iterable[Update]:
        if request in self._in_flight:
            self._in_flight.remove(request)
        if isinstance(reply, Refused):
            request.answer.reject(error_of(reply))
        else:
            request.answer.resolve(reply)
        return ()
