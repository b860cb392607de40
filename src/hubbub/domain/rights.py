"""Who may do what in a room: one row for each action. docs/rights.md is generated from it.

What is not told by role alone stands in `hubbub.hub.access`, which is the only place that asks.
"""

from __future__ import annotations

from enum import Enum

from msgspec import Struct

from hubbub.domain.rules import Role


class Action(Enum):
    """What is done in a room, or with it. The values are what the protocol tells clients."""

    LIST = "list"
    READ = "read"
    ENTER = "enter"
    SPEAK = "speak"
    TOPIC = "topic"
    LEAVE = "leave"
    INVITE = "invite"
    KICK = "kick"
    MUTE = "mute"
    BAN = "ban"
    AUDIT = "audit"
    RULES = "rules"
    ROLE = "role"
    DELETE = "delete"


class Right(Struct, frozen=True):
    """``least``: the role from which on one may. ``does``: what, as it follows "may".

    ``needs_account``: guests may not, whatever the room. ``when_archived``: also in a room that is
    closed for good.
    """

    least: Role
    does: str
    needs_account: bool = False
    when_archived: bool = False


RIGHTS: dict[Action, Right] = {
    Action.LIST: Right(Role.MEMBER, "see in lists that there is such a room", when_archived=True),
    Action.READ: Right(
        Role.MEMBER, "read what is said in it, and see who is in it", when_archived=True
    ),
    Action.ENTER: Right(Role.MEMBER, "come in", when_archived=True),
    Action.SPEAK: Right(Role.MEMBER, "say something"),
    Action.TOPIC: Right(Role.MEMBER, "say what the room is about"),
    Action.LEAVE: Right(Role.MEMBER, "leave", when_archived=True),
    Action.INVITE: Right(Role.MEMBER, "invite somebody", needs_account=True),
    Action.KICK: Right(Role.MODERATOR, "put somebody out"),
    Action.MUTE: Right(Role.MODERATOR, "take the word from somebody, and give it back"),
    Action.BAN: Right(Role.MODERATOR, "ban somebody, and end a ban", when_archived=True),
    Action.AUDIT: Right(
        Role.MODERATOR, "see who was put out, muted or banned, by whom and why", when_archived=True
    ),
    Action.RULES: Right(
        Role.OWNER,
        "say who may come in, read and speak, and close the room for good",
        when_archived=True,
    ),
    Action.ROLE: Right(Role.OWNER, "give and take roles", when_archived=True),
    Action.DELETE: Right(Role.OWNER, "delete the room", when_archived=True),
}
"""In the order of docs/rights.md."""

WITHOUT_ROLES = frozenset({Action.DELETE})
"""What everybody may do in a room that nobody owns, as far as it harms nobody: delete it while
nothing was said in it."""
