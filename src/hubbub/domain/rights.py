"""Who may do what in a room: one row for each action. docs/rights.md is generated from it.

`why_not` is for whoever knows what somebody is in a room: the server, and clients, which offer only
what one may do. The page has the same in ``chat/rights.js``; both pass tests/vectors/rights.json.
Whether a room is there for somebody at all is decided in `hubbub.hub.access`.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from typing import Protocol

from msgspec import Struct
from msgspec.structs import replace

from hubbub.domain.errors import ChatError, NeedAccount, NotAllowed
from hubbub.domain.rules import Role, RoomAccess, Speakers, Topics


class Action(Enum):
    """What is done in a room, or with it. The values are what the protocol tells clients."""

    LIST = "list"
    READ = "read"
    ENTER = "enter"
    SPEAK = "speak"
    REDACT = "redact"
    PIN = "pin"
    TOPIC = "topic"
    LEAVE = "leave"
    INVITE = "invite"
    KICK = "kick"
    MUTE = "mute"
    BAN = "ban"
    AUDIT = "audit"
    RULES = "rules"
    ROLE = "role"
    RENAME = "rename"
    DELETE = "delete"


class Right(Struct, frozen=True):
    """``least``: the role from which on one may. ``does``: what, as it follows "may".

    ``needs_account``: guests may not, unless they have a role in the room. ``when_archived``: also
    in a room that is closed for good. ``in_direct``: also in a direct conversation, and all of them
    alike. ``to_lesser``: it is done to somebody, whose role must be below one's own.
    ``when_unowned``: everybody may in a room that nobody owns. ``is_said``: others read it, so that
    who may not speak may not do it.
    """

    least: Role
    does: str
    needs_account: bool = False
    when_archived: bool = False
    in_direct: bool = False
    to_lesser: bool = False
    when_unowned: bool = False
    is_said: bool = False


RIGHTS: dict[Action, Right] = {
    Action.LIST: Right(
        Role.MEMBER,
        "see in lists that there is such a room",
        when_archived=True,
        in_direct=True,
    ),
    Action.READ: Right(
        Role.MEMBER,
        "read what is said in it, and see who is in it",
        when_archived=True,
        in_direct=True,
    ),
    Action.ENTER: Right(Role.MEMBER, "come in", when_archived=True, in_direct=True),
    Action.SPEAK: Right(Role.MEMBER, "say something", in_direct=True, is_said=True),
    Action.REDACT: Right(Role.MODERATOR, "take back what others have said", when_archived=True),
    Action.PIN: Right(Role.MODERATOR, "pin a message, and unpin it", in_direct=True),
    Action.TOPIC: Right(Role.MEMBER, "say what the room is about", is_said=True),
    Action.LEAVE: Right(Role.MEMBER, "leave", when_archived=True, in_direct=True),
    Action.INVITE: Right(Role.MEMBER, "invite somebody", needs_account=True),
    Action.KICK: Right(Role.MODERATOR, "put somebody out", to_lesser=True),
    Action.MUTE: Right(Role.MODERATOR, "mute somebody, and let them speak again", to_lesser=True),
    Action.BAN: Right(
        Role.MODERATOR,
        "ban somebody, end a ban, and set which words may not be said",
        when_archived=True,
        to_lesser=True,
    ),
    Action.AUDIT: Right(
        Role.MODERATOR,
        "see who was put out, muted or banned, by whom and why, and decide what waits",
        when_archived=True,
    ),
    Action.RULES: Right(
        Role.OWNER,
        "say who may come in, read and speak, and close the room for good",
        when_archived=True,
    ),
    Action.ROLE: Right(Role.OWNER, "give and take roles", when_archived=True),
    Action.RENAME: Right(Role.OWNER, "rename the room", when_archived=True),
    Action.DELETE: Right(
        Role.OWNER,
        "delete the room, with all that was said in it",
        when_archived=True,
        when_unowned=True,
    ),
}
"""In the order of docs/rights.md."""

_TOPIC_BY_MODERATORS = replace(RIGHTS[Action.TOPIC], least=Role.MODERATOR)

NAMED = 3  # people who are named as those who may; of more, the others are counted


class Stands(Protocol):
    """What holds in a room, and what somebody is there: a `hubbub.domain.replies.Standing`, say.

    ``owned``: somebody has a role there. ``roles``: of those who are known to have one.
    """

    @property
    def access(self) -> RoomAccess: ...
    @property
    def role(self) -> Role: ...
    @property
    def speak(self) -> Speakers: ...
    @property
    def topics(self) -> Topics: ...
    @property
    def archived(self) -> bool: ...
    @property
    def owned(self) -> bool: ...
    @property
    def muted(self) -> bool: ...
    @property
    def roles(self) -> Mapping[str, Role]: ...


def may(action: Action, stands: Stands, *, account: bool, to: Role = Role.MEMBER) -> bool:
    """Whether somebody who is let into a room may do ``action`` there.

    ``account``: they have one. ``to``: the role of whom it is done to.
    """
    return why_not(action, stands, "", account=account, to=to) is None


def why_not(
    action: Action, stands: Stands, room: str, *, account: bool, to: Role = Role.MEMBER
) -> ChatError | None:
    """Why somebody may not do ``action`` in ``room``, as a sentence for them; None: they may."""
    right = RIGHTS[action]
    if stands.access is RoomAccess.DIRECT and not right.in_direct:
        return NotAllowed("A direct conversation belongs to all who are in it, alike.")
    if right.needs_account and not account and stands.role is Role.MEMBER:
        return NeedAccount(f"Only who has an account may {right.does}: /register makes one.")
    if right.when_unowned and not stands.owned:
        return None
    right = _as_ruled(action, right, stands)
    if stands.access is not RoomAccess.DIRECT and stands.role.rank < right.least.rank:
        return NotAllowed(_who_may(right, stands, room))
    if stands.archived and not right.when_archived:
        return NotAllowed(f"{room} is closed: it can be read, and nothing more is said in it.")
    if right.to_lesser and to.rank >= stands.role.rank:
        return NotAllowed(f"That may only be done to people with a lesser role in {room}.")
    return _silenced(stands, room, account) if right.is_said else None


def _as_ruled(action: Action, right: Right, stands: Stands) -> Right:
    """``right`` as the rules of the room make it."""
    if action is Action.TOPIC and stands.topics is Topics.MODERATORS:
        return _TOPIC_BY_MODERATORS
    return right


def _silenced(stands: Stands, room: str, account: bool) -> ChatError | None:
    if stands.muted:
        return NotAllowed(f"You are muted in {room}: you can read, and say nothing for now.")
    if stands.speak is Speakers.VOICES and stands.role is Role.MEMBER:
        names = _named(stands, Role.VOICE)
        return NotAllowed(f"In {room} only people with a role speak{names}.")
    if stands.speak is Speakers.MEMBERS and not account and stands.role is Role.MEMBER:
        return NeedAccount(f"In {room} only people with an account speak: /register makes one.")
    return None


def _who_may(right: Right, stands: Stands, room: str) -> str:
    if not stands.owned:
        return f"Nobody owns {room}, so only the administrators of this server may {right.does}."
    who = "owners" if right.least is Role.OWNER else "moderators"
    return f"Only the {who} of {room}{_named(stands, right.least)} may {right.does}."


def _named(stands: Stands, least: Role) -> str:
    """Who has that role or a higher one: `` (ada, ben and 3 others)``; "" if nobody is known."""
    names = sorted(name for name, role in stands.roles.items() if role.rank >= least.rank)
    if len(names) > NAMED + 1:
        names = [*names[:NAMED], f"{len(names) - NAMED} others"]
    if not names:
        return ""
    *others, last = names
    return f" ({', '.join(others)} and {last})" if others else f" ({last})"
