"""A line one has said, from the moment it is typed until it is saved or has failed."""

from __future__ import annotations

import enum

from msgspec import Struct

from hubbub.client.me import Me
from hubbub.client.pending import Pending
from hubbub.domain.events import Said
from hubbub.domain.ids import UserId
from hubbub.domain.replies import Ack


class LineState(enum.Enum):
    """What the writer of a line is shown of it."""

    WAITING = "waiting"
    SAVED = "saved"
    FAILED = "failed"


class Unsent(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A line to keep when the program ends, so that its next run sends it, once.

    ``outside``: it is said without being in the room.
    ``sent_as`` is the name under which it may have been sent already, and ``sent_by`` by whom, if
    that is known; whoever keeps lines before they are sent sets both when that run was killed.
    ``seen`` is the ack to be expected, by an event in the room that looks like this line, which can
    only be one behind the event ``after``.
    ``doubt``: the server does not know the nonce any more, and the room's log has to be read to
    know whether the line is in it.
    """

    room: str
    text: str
    nonce: str
    reply_to: int | None = None
    outside: bool = False
    sent_as: str | None = None
    sent_by: UserId | None = None
    seen: Ack | None = None
    after: int = 0
    doubt: bool = False


class Way(enum.Enum):
    """Where a waiting line is; the send queue's own."""

    QUEUED = enum.auto()
    FLYING = enum.auto()
    DOUBT = enum.auto()


class Line:
    """A line on its way. To be read by the program; the send queue changes it.

    ``nonce`` is what the server knows it by. ``result`` is settled with the ack, or with why it
    was not saved. ``sent_as``, ``sent_by``, ``seen`` and ``after`` are those of `Unsent`.
    """

    __slots__ = (
        "after",
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
        """Which event it became, once it is saved."""
        return self.result.value

    @property
    def error(self) -> Exception | None:
        """Why it was not saved, once it has failed: a `ChatError`, or `ChatClosed`."""
        return self.result.error

    async def saved(self) -> Ack:
        """Waits until it is saved; raises the error when it is not."""
        return await self.result.wait()

    def became(self, key: str, event: Said) -> bool:
        """Whether ``event`` of the room ``key`` looks like this line, sent."""
        return (
            event.seq > self.after
            and Me(self.sent_as, self.sent_by).did(event)
            and event.text == self.text
            and event.reply_to == self.reply_to
            and key == self.key
        )

    def seen_at(self, seq: int) -> bool:
        """Whether the event ``seq`` is the one that looks like this line."""
        return self.seen is not None and self.seen.seq == seq

    def to_keep(self, after: int = 0) -> Unsent:
        """What the next run of the program needs to send it; ``after`` as in `Unsent`."""
        return Unsent(
            room=self.room,
            text=self.text,
            nonce=self.nonce,
            reply_to=self.reply_to,
            outside=self.outside,
            sent_as=self.sent_as,
            sent_by=self.sent_by,
            seen=self.seen,
            after=max(after, self.after),
            doubt=self.way is Way.DOUBT,
        )
