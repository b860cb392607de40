"""Facts of a room's log, past tense, frozen. ``(room, seq)`` is an event's identity everywhere.

The structs are what the JSON protocol shows: ``{"kind": "said", "seq": 7, …}``.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from msgspec import Meta, Struct

from hubbub.domain.files import MAX_FILES, File
from hubbub.domain.ids import ToldId
from hubbub.domain.labels import LabelsChanged
from hubbub.domain.numbers import Seq
from hubbub.domain.reactions import MAX_KINDS, Emoji, Reaction, Redaction
from hubbub.domain.rules import (
    Exemption,
    HistoryFor,
    KeepDays,
    Most,
    Newcomers,
    Profile,
    Queued,
    Role,
    RoomAccess,
    Slow,
    Speakers,
    Topics,
    Uses,
    WayIn,
)
from hubbub.domain.told import MAX_IN_TALK, Count, Key, Name, Tags, Text, Time

UNSEQUENCED = 0
"""``seq`` of an event that is not in the log yet; the log's first event gets 1."""


class _ById(Struct, frozen=True, gc=False, omit_defaults=True, kw_only=True):
    """The author's id. None in events that an old version saved without it."""

    by_id: ToldId | None = None


class Event(_ById, frozen=True, gc=False, tag_field="kind", omit_defaults=True):
    """Base of all events.

    ``seq``: 1, 2, 3 … without holes in its room. ``at``: milliseconds since the Unix epoch,
    UTC, by the server's clock when the event was accepted. ``by``: the author's name at that
    time. ``by_id``: the author's id, which stays the same when the name changes hands.
    """

    seq: Seq
    at: Time
    by: Name


class Quote(Struct, frozen=True, gc=False, omit_defaults=True):
    """An excerpt of the message that a reply answers: its author, and its beginning on one line."""

    by: Name
    text: Text
    by_id: ToldId | None = None


class Said(Event, frozen=True, gc=False, tag="said"):
    """A message. ``reply_to`` is the ``seq`` of the text in the same room that it answers.

    ``notice``: a program says it, which others do not answer by themselves. ``tags``: what programs
    tell programs along with it.

    ``moved``: it was said elsewhere before and put behind what is here, at its own time: it is
    unread to nobody, and alerts nobody. ``files``: what belongs to it; then ``text`` may be "".

    The others are derived when the event is read, and not saved with it. ``quote`` is an excerpt of
    the text that it answers. ``rev`` is the ``seq`` of the last amendment that this form of the
    message includes; None if it includes none. ``edited_at``: when its text was changed last, in
    ms. ``redacted``: it was taken back, so that it has neither text nor files. ``reactions``: in
    the order in which their emoji came first. ``replies``: so many messages answer it; told in
    timelines only.
    """

    text: Text
    reply_to: Seq | None = None
    quote: Quote | None = None
    rev: Seq | None = None
    moved: bool = False
    files: Annotated[tuple[File, ...], Meta(max_length=10 * MAX_FILES)] = ()
    edited_at: Time | None = None
    redacted: Redaction | None = None
    reactions: Annotated[tuple[Reaction, ...], Meta(max_length=10 * MAX_KINDS)] = ()
    replies: Count = 0
    notice: bool = False
    tags: Tags = {}


class _Amendment(Event, frozen=True, gc=False):
    """Base of what changes an earlier message of the same room: the one with the number ``target``.

    It is no message itself, and no line of the timeline: what it does shows in that message.
    """

    target: Seq


class Edited(_Amendment, frozen=True, gc=False, tag="edited"):
    """``by`` has changed the text of their message: it says ``text`` from now on."""

    text: Text


class Redacted(_Amendment, frozen=True, gc=False, kw_only=True, tag="redacted"):
    """``by`` has taken a message back: what it said is gone, from the disk and from all quotes.

    ``author``: whose message it was, and ``author_id`` their id. ``reason``: what ``by`` says of
    it, on one line.
    """

    author: Name | None = None
    author_id: ToldId | None = None
    reason: Text | None = None


class Reacted(_Amendment, frozen=True, gc=False, kw_only=True, tag="reacted"):
    """``by`` reacts to a message with ``emoji``; with ``on`` false, not any more.

    ``quote``: an excerpt of the message. ``count``: so many people react with it to the message by
    now. Both are derived, and told only where they are at hand.
    """

    emoji: Emoji
    on: bool = True
    quote: Quote | None = None
    count: Count | None = None


class Pinned(Event, frozen=True, gc=False, kw_only=True, tag="pinned"):
    """``by`` has pinned the message ``target`` to the room; with ``on`` false, unpinned it.

    ``quote``: an excerpt of the message, derived as that of a reply.
    """

    target: Seq
    on: bool = True
    quote: Quote | None = None


class Joined(Event, frozen=True, gc=False, tag="joined"):
    """The user's first session entered the room. ``was``: the name they had here until now.

    ``role``: the one that they have by this, as who makes a room owns it. ``since``: the ``seq``
    since which they are a member, if it is not this one: of who has changed the name. ``passing``:
    the role is theirs for as long as they are in the room, as they are a guest. ``was_id``: their
    id until now, if it is another one: a role that passes is theirs still.
    """

    was: Name | None = None
    role: Role | None = None
    since: Seq | None = None
    passing: bool = False
    was_id: ToldId | None = None


class Left(Event, frozen=True, gc=False, tag="left"):
    """The user's last session left the room, or was lost and did not come back.

    ``now``: the user is still here under this other name, which a `Joined` tells, too. ``gone``:
    they are not connected any more, so that they have left all rooms. ``reason``: what they said.
    """

    now: Name | None = None
    gone: bool = False
    reason: Text | None = None


class Kicked(Event, frozen=True, gc=False, tag="kicked"):
    """``by`` has put ``user`` out of the room. ``reason``: what ``by`` says of it, on one line.

    ``user_id``: the id of ``user``; None where it is not known.
    """

    user: Name
    user_id: ToldId | None = None
    reason: Text | None = None


class TopicSet(Event, frozen=True, gc=False, tag="topic"):
    """``by`` has said what the room is about, on one line; "" takes the ``topic`` away."""

    topic: Text


class RulesSet(Event, frozen=True, gc=False, tag="rules"):
    """``by`` has changed what holds in the room. None: it stays as it was.

    ``password``: it was changed; what it is stands in no log. ``labels``: those that have changed.
    """

    access: RoomAccess | None = None
    speak: Speakers | None = None
    slow: Slow | None = None
    guests: bool | None = None
    history: HistoryFor | None = None
    archived: bool | None = None
    password: bool = False
    newcomers: Newcomers | None = None
    keep_days: KeepDays | None = None
    topics: Topics | None = None
    outside: bool | None = None
    most: Most | None = None
    signals: bool | None = None
    labels: LabelsChanged | None = None


class RoomRenamed(Event, frozen=True, gc=False, tag="room-renamed"):
    """``by`` has given the room the name ``name``. ``was``: its name until now."""

    name: Name
    was: Name


class RoomForgotten(Event, frozen=True, gc=False, tag="room-deleted"):
    """In the directory: ``by`` has deleted the ``room``. Its log stays, under no name."""

    room: Name


class DirectBegun(Event, frozen=True, gc=False, tag="direct"):
    """``by`` has begun a direct conversation with ``users``, ``by`` among them.

    The first event of such a room. ``ids`` are theirs, in the same order.
    """

    users: Annotated[Sequence[Name], Meta(max_length=MAX_IN_TALK)]
    ids: Annotated[tuple[ToldId, ...], Meta(max_length=MAX_IN_TALK)]


class _About(Event, frozen=True, gc=False):
    """Base of what ``by`` has done about ``user``, whose id is ``user_id`` if it is known."""

    user: Name
    user_id: ToldId | None = None


class Invited(_About, frozen=True, gc=False, tag="invited"):
    """``user`` may become a member. ``ticket``: by using that one, which ``by`` has made."""

    ticket: Key | None = None


class InvitationEnded(_About, frozen=True, gc=False, tag="invitation-ended"):
    """``user`` may not become a member any more, who was invited and has not come in."""


class RoleGiven(_About, frozen=True, gc=False, kw_only=True, tag="role"):
    """``user`` has the ``role`` from now on; `Role.MEMBER` takes away any other one.

    ``passing``: for as long as they are in the room, as they are a guest.
    """

    role: Role
    passing: bool = False


class RightsLent(_About, frozen=True, gc=False, tag="lent"):
    """In the directory: ``user`` has given the password of ``by``, who administers the server.

    On that one connection they may do what ``by`` may, until it ends.
    """


class Muted(_About, frozen=True, gc=False, kw_only=True, tag="muted"):
    """``user`` may say nothing in the room ``until`` that time; None: until somebody allows it."""

    until: Time | None = None
    reason: Text | None = None


class Unmuted(_About, frozen=True, gc=False, tag="unmuted"):
    """``user`` may speak again."""


class Banned(_About, frozen=True, gc=False, kw_only=True, tag="banned"):
    """``user`` is put out of the room and kept out: see `hubbub.domain.rules.CurrentBan`."""

    pattern: bool = False
    network: Key | None = None
    until: Time | None = None
    reason: Text | None = None


class Unbanned(_About, frozen=True, gc=False, kw_only=True, tag="unbanned"):
    """The ban that was event ``ban`` is taken back. ``user``: whom it was about."""

    ban: Seq


class Registered(Event, frozen=True, gc=False, tag="registered"):
    """In the directory: ``by`` has an account from now on, and is a member of the server.

    ``ticket``: the one that was used for it. ``sign_on``: by a single sign-on, without a password.
    ``for_them``: an administrator has made it.
    """

    ticket: Key | None = None
    sign_on: bool = False
    for_them: bool = False


class Renamed(Event, frozen=True, gc=False, tag="renamed"):
    """In the directory: the account ``by`` is called ``now``."""

    now: Name


class AccountClosed(Event, frozen=True, gc=False, tag="closed"):
    """In the directory: there is no account ``by`` any more. ``emptied``: their texts are, too.

    ``for_them``: an administrator has closed it.
    """

    emptied: bool = False
    for_them: bool = False


FORMER_MEMBER = "former member"
"""The name under which stands what somebody did whose account was closed. No user can have it: a
name has no space.
"""


class AuthorForgotten(Event, frozen=True, gc=False, tag="forgotten"):
    """What ``by_id`` did in the room before this event stands under `FORMER_MEMBER` from now on.

    ``by`` is that name. ``emptied``: what they said is gone, too: its ``text`` is "". So it is on
    the disk, in searches and in quotes.
    """

    emptied: bool = False


class ProfileSet(Event, frozen=True, gc=False, tag="profile"):
    """In the directory: the account ``by`` says this of itself; ``registered`` is not among it."""

    profile: Profile


THE_SERVER = "the server"
"""The author of what follows from a rule, and nobody did. No user can have it: a name has no space.
"""


class Trimmed(Event, frozen=True, gc=False, tag="trimmed"):
    """The room has lost its events up to the one with the number ``floor``: they were too old.

    They are gone from the disk, from searches and from quotes. ``by`` is `THE_SERVER`.
    """

    floor: Seq


class FilterSet(Event, frozen=True, gc=False, kw_only=True, tag="filter"):
    """``by`` lets nobody say what fits ``pattern``, or with ``on`` false, lets them again.

    The pattern is as it was typed: see `hubbub.domain.commands.SetFilter`. In the directory: in all
    rooms.
    """

    pattern: Text
    on: bool = True


class Trusted(_About, frozen=True, gc=False, tag="trusted"):
    """A text of ``user`` was let through: they are no newcomer in the room any more."""


class PutInQueue(Event, frozen=True, gc=False, kw_only=True, tag="queued"):
    """In the queue of a room: ``by`` asks its moderators for something.

    See `hubbub.domain.rules.QueueItem`. ``nonce``: what the author's client has called a text that
    waits, by which the log knows it again when it is said.
    """

    item: Queued
    text: Text = ""
    about: Seq | None = None
    user: Name | None = None
    user_id: ToldId | None = None
    reply_to: Seq | None = None
    reason: Text | None = None
    nonce: Key | None = None


class Settled(Event, frozen=True, gc=False, kw_only=True, tag="settled"):
    """In the queue of a room: ``by`` has decided what the event ``queued`` asked for."""

    queued: Seq
    approved: bool = False


class Exempted(_About, frozen=True, gc=False, kw_only=True, tag="exempted"):
    """``user``, or guests by a ``pattern``, are exempt ``of`` something; with ``on`` false no more.

    See `hubbub.domain.rules.CurrentExemption`.
    """

    of: Exemption
    pattern: bool = False
    on: bool = True


class PasswordSet(Event, frozen=True, gc=False, tag="password"):
    """In the directory: ``by`` has another password; the devices that used the old one are out.

    ``kept``: the device on which it was changed, which stays logged in. ``ticket``: the one that
    was used for it.
    """

    kept: Key | None = None
    ticket: Key | None = None


class DeviceRevoked(Event, frozen=True, gc=False, tag="device"):
    """In the directory: ``by`` has revoked ``device``, by its id; None: all but the one used.

    ``kept``: the id of that one. ``for_them``: an administrator has done it.
    """

    device: Key | None = None
    kept: Key | None = None
    for_them: bool = False


class FactorSet(Event, frozen=True, gc=False, tag="factor"):
    """In the directory: ``by`` logs in with a second factor from now on, or without one."""

    on: bool


class SignOnSet(Event, frozen=True, gc=False, tag="sign-on"):
    """In the directory: ``by`` logs in by a single sign-on, too, from now on; or not any more.

    Or in another ``way`` in which no password is told.
    """

    on: bool
    way: WayIn = WayIn.PROVIDER


class TicketMade(Event, frozen=True, gc=False, tag="ticket"):
    """``by`` has made a `hubbub.domain.rules.Ticket` for the room, or for the server.

    ``ticket``: its id. The code is in no log.
    """

    ticket: Key
    uses: Uses = 1
    until: Time | None = None
    user: Name | None = None
    user_id: ToldId | None = None
    factor: bool = False


class TicketEnded(Event, frozen=True, gc=False, tag="ticket-ended"):
    """``by`` has ended a ticket."""

    ticket: Key


AnyEvent = (
    Said
    | Joined
    | Left
    | Kicked
    | TopicSet
    | RulesSet
    | RoomRenamed
    | DirectBegun
    | Invited
    | RoleGiven
    | Muted
    | Unmuted
    | Banned
    | Unbanned
    | Registered
    | Renamed
    | AccountClosed
    | PasswordSet
    | DeviceRevoked
    | FactorSet
    | SignOnSet
    | TicketMade
    | TicketEnded
    | RoomForgotten
    | InvitationEnded
    | AuthorForgotten
    | Trimmed
    | ProfileSet
    | FilterSet
    | Trusted
    | PutInQueue
    | Settled
    | Edited
    | Redacted
    | Reacted
    | Pinned
    | Exempted
    | RightsLent
)
"""For typed decoding: the union of all kinds."""
