"""A line: a text that we send, or a change of one, until it is saved or has failed."""

from __future__ import annotations

import enum

from msgspec import Struct

from hubbub.client.change import Change
from hubbub.client.me import Me
from hubbub.client.pending import Pending
from hubbub.domain.events import Event
from hubbub.domain.files import Attachment
from hubbub.domain.ids import UserId
from hubbub.domain.kinds import is_message
from hubbub.domain.replies import Ack


class LineState(enum.Enum):
    """The state of a line as its writer sees it."""

    WAITING = "waiting"
    SAVED = "saved"
    FAILED = "failed"


class Unsent(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An unsaved line, to be stored when the program ends: its next run sends it, exactly once.

    ``change``: it changes a message, and is no text of its own. ``files``: what was uploaded for
    it.
    ``outside``: it is sent without entering the room.
    ``sent_as`` and ``sent_by`` are the name and the user id under which it may have been sent
    already. A run that finds lines of a killed run sets both.
    ``seen`` is the expected ack, from an event in the room that looks like this line. It can only
    be an event after ``after``.
    ``doubt``: the server has forgotten the nonce, so the room's log has to be searched for the
    line.
    """

    room: str
    # Older versions need a text, and so refuse what they would say instead of doing it.
    text: str = ""
    nonce: str
    reply_to: int | None = None
    change: Change | None = None
    files: tuple[Attachment, ...] = ()
    outside: bool = False
    sent_as: str | None = None
    sent_by: UserId | None = None
    seen: Ack | None = None
    after: int = 0
    doubt: bool = False


class Way(enum.Enum):
    """Where an unsaved line is; used by the send queue only."""

    QUEUED = enum.auto()
    IN_FLIGHT = enum.auto()
    DOUBT = enum.auto()


class Line:
    """A line on its way. The program may only read it; the send queue changes it.

    ``nonce`` is its idempotency key. ``result`` is the ack, or the error with which it failed.
    ``change``, ``files``, ``sent_as``, ``sent_by``, ``seen`` and ``after`` are those of `Unsent`.
    """

    __slots__ = (
        "after",
        "change",
        "files",
        "key",
        "nonce",
        "outside",
        "reply_to",
        "result",
        "room",
        "seen",
        "sent_as",
        "sent_by",
        "text",
        "way",
    )

    def __init__(self, unsent: Unsent, key: str) -> None:
        self.room = unsent.room
        self.text = unsent.text
        self.nonce = unsent.nonce
        self.reply_to = unsent.reply_to
        self.change = unsent.change
        self.files = unsent.files
        self.outside = unsent.outside
        self.sent_as = unsent.sent_as
        self.sent_by = unsent.sent_by
        self.key = key
        self.result: Pending[Ack] = Pending()
        self.seen = unsent.seen
        self.after = unsent.after
        self.way = Way.DOUBT if unsent.doubt else Way.QUEUED

    @property
    def state(self) -> LineState:
        """Waiting, saved or failed."""
        if not self.result.done:
            return LineState.WAITING
        return LineState.FAILED if self.result.error else LineState.SAVED

    @property
    def ack(self) -> Ack | None:
        """The acknowledgement, with the event that it became; None until it is saved."""
        return self.result.value

    @property
    def error(self) -> Exception | None:
        """Why it has failed: a `ChatError` or `ChatClosed`; None if it has not."""
        return self.result.error

    async def saved(self) -> Ack:
        """Waits until it is saved; raises the error with which it fails."""
        return await self.result.wait()

    @property
    def lane(self) -> tuple[str, int | None]:
        """Lines of one lane go in order: the texts of a room, or the changes of one message."""
        return self.key, None if self.change is None else self.change.target

    def became(self, key: str, event: Event) -> bool:
        """Whether ``event`` of the room ``key`` looks like this line, sent."""
        if key != self.key or event.seq <= self.after:
            return False
        if not Me(self.sent_as, self.sent_by).did(event):
            return False
        if self.change is not None:
            return self.change.became(event)
        if not is_message(event) or event.reply_to != self.reply_to:
            return False
        if event.redacted is not None:  # somebody has taken it back meanwhile
            return True
        ids = [file.id for file in event.files]
        return event.text == self.text and ids == [file.id for file in self.files]

    def seen_at(self, seq: int) -> bool:
        """Whether the event ``seq`` is the one that looks like this line."""
        return self.seen is not None and self.seen.seq == seq

    def to_keep(self, after: int = 0) -> Unsent:
        """The line for the next run of the program; ``after`` as in `Unsent`."""
        return Unsent(
            room=self.room,
            text=self.text,
            nonce=self.nonce,
            reply_to=self.reply_to,
            change=self.change,
            files=self.files,
            outside=self.outside,
            sent_as=self.sent_as,
            sent_by=self.sent_by,
            seen=self.seen,
            after=max(after, self.after),
            doubt=self.way is Way.DOUBT,
        )
