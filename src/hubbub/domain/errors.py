"""The errors of the chat. Each has a stable code; every wire has its own form for it."""

from __future__ import annotations

from typing import ClassVar


class ChatError(Exception):
    """A command that cannot be done, with a sentence for the person who asked.

    ``code`` is stable and part of the protocol (docs/protocol.md lists all of them).
    ``suggestion`` is a similar value that would be accepted; ``retry_after`` is in seconds.
    ``sign_on`` is the address of a page that shows a code, which is taken instead of a password.
    """

    code: ClassVar[str] = "refused"

    def __init__(
        self,
        message: str,
        *,
        suggestion: str | None = None,
        retry_after: float | None = None,
        sign_on: str | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.suggestion = suggestion
        self.retry_after = retry_after
        self.sign_on = sign_on


class InvalidName(ChatError):
    """A user's or a room's name breaks the rules of `hubbub.domain.names`."""

    code = "invalid-name"


class NameTaken(ChatError):
    """Someone else uses the name, or it is held for someone who lost the connection."""

    code = "name-taken"


class NeedPassword(ChatError):
    """The name belongs to an account; its password, or a token of one of its devices, is needed."""

    code = "need-password"


class WrongPassword(ChatError):
    """There is no account of that name with that password."""

    code = "wrong-password"


class WrongToken(ChatError):
    """It is no token of a device on which somebody is logged in, or not any more."""

    code = "wrong-token"


class NeedCode(ChatError):
    """The account has a second factor, of which a code is needed, too."""

    code = "need-code"


class NeedAccount(ChatError):
    """Only who has an account may do that."""

    code = "need-account"


class NotAllowed(ChatError):
    """The user may not do that there. The message says who may."""

    code = "not-allowed"


class Forbidden(ChatError):
    """The user is banned from the room, or from the server. The message says until when and why."""

    code = "banned"


class NoSuchUser(ChatError):
    """There is nobody of that name."""

    code = "no-such-user"


class Held(ChatError):
    """The text waits until a moderator has let it through; it is not to be sent again."""

    code = "held"


class Filtered(ChatError):
    """A word in the text may not be said in the room."""

    code = "filtered"


class TooMany(ChatError):
    """There are as many roles, bans or invitations in the room as there may be."""

    code = "too-many"


class RegistrationClosed(ChatError):
    """This server lets nobody make an account by themselves."""

    code = "registration-closed"


class NeedInvitation(ChatError):
    """This server lets people make an account who have an invitation: the code of a link."""

    code = "need-invitation"


class BadTicket(ChatError):
    """The code of a link is wrong, was used already, or its time is over."""

    code = "bad-ticket"


class GuestsOff(ChatError):
    """This server lets nobody in without an account."""

    code = "guests-off"


class AlreadyNamed(ChatError):
    """A second ``hello`` on one connection."""

    code = "already-named"


class NeedName(ChatError):
    """A command that needs a user came before ``hello``."""

    code = "need-name"


class NoSuchTask(ChatError):
    """There is no such task of an administrator, or it is not for whoever asks."""

    code = "no-such-task"


class NotInRoom(ChatError):
    """The session is not in the room that the command names."""

    code = "not-in-room"


class NoSuchRoom(ChatError):
    """The room to be read does not exist (joining would create it)."""

    code = "no-such-room"


class RoomHasTexts(ChatError):
    """The room to be deleted has messages, and messages are kept."""

    code = "room-has-texts"


class RoomInUse(ChatError):
    """The room to be deleted has another member."""

    code = "room-in-use"


class RoomFull(ChatError):
    """As many people are in the room as its rules let in."""

    code = "room-full"


class RoomStays(ChatError):
    """The room to be deleted is the one that the server begins with."""

    code = "room-stays"


class TooManyRooms(ChatError):
    """The session, or the server, has reached its limit of rooms."""

    code = "too-many-rooms"


class TooManySessions(ChatError):
    """The address, or the server, has reached its limit of connections."""

    code = "too-many-sessions"


class EmptyText(ChatError):
    """A message without anything visible in it."""

    code = "empty-text"


class TextTooLong(ChatError):
    """A message over the limit; it is refused, never cut."""

    code = "text-too-long"


class WeakPassword(ChatError):
    """What was chosen as a password is too easy to guess, or cannot be one."""

    code = "weak-password"


class SignOnFailed(ChatError):
    """A single sign-on did not tell who it is: refused, too late, or not as it must be."""

    code = "sign-on-failed"


class LineTooLong(ChatError):
    """A line or a frame over the limit of bytes."""

    code = "line-too-long"


class RateLimited(ChatError):
    """Too many commands; the next one is accepted after ``retry_after``."""

    code = "rate-limited"


class BadCursor(ChatError):
    """A cursor beyond the head of the room's log: the client knows another log."""

    code = "bad-cursor"


class BadMessage(ChatError):
    """The message does not follow the protocol."""

    code = "bad-message"


class LogUnavailable(ChatError):
    """The log could not save the event (disk full, I/O error): nothing was changed or shown."""

    code = "log-unavailable"


class SearchUnavailable(ChatError):
    """There is no search on this server, or its index cannot be read."""

    code = "search-unavailable"


class InternalError(ChatError):
    """A fault of the server. The message has an id, by which its log tells what went wrong."""

    code = "internal-error"


class ShuttingDown(ChatError):
    """The server is stopping; the client should come back in a moment."""

    code = "shutting-down"
