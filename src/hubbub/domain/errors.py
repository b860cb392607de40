"""Broken rules. Each has a stable code; every wire says it in its own words."""

from __future__ import annotations

from typing import ClassVar


class ChatError(Exception):
    """A command that cannot be done, with a sentence for the person who asked.

    ``code`` is stable and part of the protocol (docs/protocol.md lists all of them).
    ``suggestion`` is something near that would be accepted; ``retry_after`` is in seconds.
    """

    code: ClassVar[str] = "refused"

    def __init__(
        self, message: str, *, suggestion: str | None = None, retry_after: float | None = None
    ) -> None:
        super().__init__(message)
        self.message = message
        self.suggestion = suggestion
        self.retry_after = retry_after


class InvalidName(ChatError):
    """A user's or a room's name breaks the rules of `hubbub.domain.names`."""

    code = "invalid-name"


class NameTaken(ChatError):
    """Someone else uses the name, or it is held for someone who lost the connection."""

    code = "name-taken"


class AlreadyNamed(ChatError):
    """A second ``hello`` on one connection."""

    code = "already-named"


class NeedName(ChatError):
    """A command that needs a user came before ``hello``."""

    code = "need-name"


class NotInRoom(ChatError):
    """The session has not joined the room it speaks of."""

    code = "not-in-room"


class NoSuchRoom(ChatError):
    """Reading a room that nobody has made yet (joining would make it)."""

    code = "no-such-room"


class RoomHasTexts(ChatError):
    """Deleting a room in which something was said: what was said stays."""

    code = "room-has-texts"


class RoomInUse(ChatError):
    """Deleting a room in which somebody else is."""

    code = "room-in-use"


class RoomStays(ChatError):
    """Deleting the room with which the server begins."""

    code = "room-stays"


class TooManyRooms(ChatError):
    """The session is in as many rooms as one may be, or there are too many rooms in all."""

    code = "too-many-rooms"


class TooManySessions(ChatError):
    """The address, or the whole server, has as many connections as it may have."""

    code = "too-many-sessions"


class EmptyText(ChatError):
    """A message without anything visible in it."""

    code = "empty-text"


class TextTooLong(ChatError):
    """A message over the limit; it is refused, never cut."""

    code = "text-too-long"


class LineTooLong(ChatError):
    """More bytes without an end of line (or in one frame) than a client may send."""

    code = "line-too-long"


class RateLimited(ChatError):
    """Too many commands; ``retry_after`` says when the next one is welcome."""

    code = "rate-limited"


class BadCursor(ChatError):
    """A cursor beyond the end of the room's log: the client knows another log than this."""

    code = "bad-cursor"


class BadMessage(ChatError):
    """What came in is not of the protocol's form."""

    code = "bad-message"


class LogUnavailable(ChatError):
    """The log could not save it (disk full, I/O error): nothing was changed or shown."""

    code = "log-unavailable"


class SearchUnavailable(ChatError):
    """There is no search on this server, or its index cannot be read."""

    code = "search-unavailable"


class ShuttingDown(ChatError):
    """The server is stopping; the client should come back in a moment."""

    code = "shutting-down"
