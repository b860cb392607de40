"""Requests to the server with an answer to wait for; mostly repeated on the next connection."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable
from functools import partial

from hubbub.client.errors import InDoubt, error_of
from hubbub.client.pending import Pending
from hubbub.client.sendable import check
from hubbub.client.source import Answered
from hubbub.client.updates import Update
from hubbub.domain.commands import (
    CloseAccount,
    Command,
    Conversation,
    History,
    Pins,
    Register,
    Revoke,
    Timeline,
)
from hubbub.domain.errors import ChatError
from hubbub.domain.replies import Done, Refused, Reply

IN_DOUBT = (
    "This may be done or not: the connection was lost before the server said so. Please look, and "
    "do it again if need be."
)

PAGES = (History, Timeline, Pins, Conversation)
"""What is answered with messages in the form that they have at that moment."""

Then = Callable[[Reply], Iterable[Update]]
"""Called with an answer that is no refusal; returns updates for the program."""


def _nothing(reply: Reply) -> Iterable[Update]:
    return ()


class Request:
    """A command and its answer.

    ``repeat``: it is idempotent, and is sent again if the connection is lost. ``then`` takes the
    answer before the program does.
    """

    __slots__ = ("answer", "command", "repeat", "then")

    def __init__(self, command: Command, *, repeat: bool = True, then: Then = _nothing) -> None:
        self.command = command
        self.repeat = repeat
        self.then = then
        self.answer: Pending[Reply] = Pending()


class Requests:
    """A `Source` of requests, in the order in which they were made.

    ``max_bytes`` of a frame is set when a connection is made.
    """

    def __init__(self) -> None:
        self.max_bytes: int | None = None
        self._waiting: deque[Request] = deque()
        self._in_flight: list[Request] = []

    def ask(self, command: Command, *, repeat: bool = True, then: Then = _nothing) -> Request:
        """Adds a request. Raises `BadMessage` or `LineTooLong` for one that cannot be sent."""
        check(command, self.max_bytes)
        request = Request(command, repeat=repeat, then=then)
        self._waiting.append(request)
        return request

    @property
    def awaits_page(self) -> bool:
        """Whether messages were asked for, and have not come yet."""
        return any(isinstance(request.command, PAGES) for request in self._in_flight)

    @property
    def registering(self) -> str | None:
        """The password of the account that we are making; None if we are making none."""
        commands = (request.command for request in (*self._in_flight, *self._waiting))
        return next((one.password for one in commands if isinstance(one, Register)), None)

    def registered(self, welcome: Reply) -> None:
        """We have an account, as a new connection's ``welcome`` tells: whoever made it is told."""
        for request in [one for one in self._waiting if isinstance(one.command, Register)]:
            self._waiting.remove(request)
            request.answer.resolve(welcome)

    def logged_out(self, error: Exception) -> None:
        """The server has logged us out, perhaps because one of these requests asked for it."""
        for request in self._in_flight:
            if isinstance(request.command, (CloseAccount, Revoke)):
                request.answer.resolve(Done())
        self.close(error)

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
        for request in reversed(self._in_flight):
            if request.repeat:
                self._waiting.appendleft(request)
            else:
                request.answer.reject(InDoubt(IN_DOUBT))
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
            return ()
        updates = request.then(reply)
        request.answer.resolve(reply)
        return updates
