"""Who is connected, whether to this server or to another one on the same log."""

from __future__ import annotations

from collections.abc import Iterator

from hubbub.domain.state import Member
from hubbub.hub.hub import Hub


def is_connected(hub: Hub, member: Member) -> bool:
    """Whether they are connected; of guests at other servers only `guests` knows."""
    here = hub.users.get(member.name.key)
    if here is not None and here.id == member.id and here.sessions:
        return True
    return hub.elsewhere is not None and hub.elsewhere.has(hub.access.directory, member.name.key)


def guests(hub: Hub) -> list[Member]:
    """The guests; those at other servers only if they are in a room."""
    found = {
        user.name.key: Member(user.name, user.id)
        for user in hub.users
        if user.sessions and not user.account
    }
    return list((dict(_guests_elsewhere(hub)) | found).values())


def people(hub: Hub) -> int:
    """How many people are connected; guests at other servers only if they are in a room."""
    keys = {one.user.name.key for one in hub.sessions if one.user is not None and not one.apart}
    if hub.elsewhere is not None:
        keys |= hub.elsewhere.there(hub.access.directory)
        keys.update(key for key, _ in _guests_elsewhere(hub))
    return len(keys)


def _guests_elsewhere(hub: Hub) -> Iterator[tuple[str, Member]]:
    if hub.elsewhere is None:
        return
    for room in hub.rooms:
        here = hub.presence.in_room(room)
        for key, member in room.state.members.items():
            if key in here or _has_account(hub, member):
                continue
            if hub.presence.is_present(room, key):
                yield key, member


def _has_account(hub: Hub, member: Member) -> bool:
    return member.id is not None and hub.access.account_of(member.id) is not None
