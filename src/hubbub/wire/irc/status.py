"""Texts to those in a room who have a role: ``PRIVMSG @#room``.

https://modern.ircdocs.horse/#statusmsg-parameter

Each of them is written to alone, so that nobody else reads it, wherever they are and by whatever
client; before the text stands to whom it is. Clients of IRC are shown it as it was sent.
"""

from __future__ import annotations

from msgspec.structs import replace

from hubbub.domain.errors import InvalidName
from hubbub.domain.events import Said
from hubbub.domain.names import RoomName
from hubbub.domain.replies import Members
from hubbub.domain.rules import Role
from hubbub.wire.irc.directory import Directory
from hubbub.wire.irc.modes import PREFIXES, ROLES
from hubbub.wire.irc.names import CHANNEL_PREFIX, room_of

TAG = "+hubbub/to"
MAX_WRITTEN_TO = 20  # people: each is a conversation of its own
LEAST = {prefix: ROLES[letter] for letter, prefix in PREFIXES.items()}


def least_of(target: str) -> Role | None:
    """The role from which on a target means people; None if it is none of that kind."""
    return LEAST.get(target[:1]) if target[1:2] == CHANNEL_PREFIX else None


def people_of(members: Members, least: Role, me: str) -> list[str]:
    """Who is meant, but for who writes."""
    return [
        user
        for user in members.users
        if user != me and members.roles.get(user, Role.MEMBER).rank >= least.rank
    ]


def tagged(target: str, text: str, tags: dict[str, str]) -> tuple[str, dict[str, str]]:
    """The text and the tags that are sent to each."""
    return f"{target}: {text}", {**tags, TAG: target}


def as_sent(said: Said, target: str, directory: Directory, talk: RoomName) -> tuple[Said, str]:
    """A text of a direct conversation, and to whom it was, as clients of IRC are shown them.

    Anybody may send that tag. So both have to be in the room in which it is shown.
    """
    to = said.tags.get(TAG)
    if to is None or least_of(to) is None or not said.text.startswith(f"{to}: "):
        return said, target
    try:
        room = room_of(to[1:])
    except InvalidName:
        return said, target
    for one in directory.people(talk):
        member = directory.member(room, one.name)
        if member is None or member.id != one.id:
            return said, target
    return replace(said, text=said.text.removeprefix(f"{to}: ")), to
