"""Which rooms are exported: all that everybody may read, or those that are named."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct

from hubbub.domain.alike import alike
from hubbub.domain.directory import is_directory
from hubbub.domain.errors import InvalidName
from hubbub.domain.names import RoomName
from hubbub.domain.queues import is_hidden
from hubbub.domain.rules import KEEPS_MEMBERS
from hubbub.hub.ports import MemberRecord, RoomRecord
from hubbub.moving.errors import MovingError
from hubbub.moving.ports import Server


class Selection(Struct, frozen=True):
    """``names``: these rooms, whoever may read them; None: all.

    ``private``: of all, also those that only their members read, and direct conversations.
    """

    names: Sequence[str] | None = None
    private: bool = False


class Selected(Struct, frozen=True):
    """The rooms, who is in them, and how many were left out."""

    rooms: list[RoomRecord]
    members: dict[str, list[MemberRecord]]
    left_out: int


async def select(server: Server, selection: Selection) -> Selected:
    """What is to be exported, as it is now. Raises `MovingError`, `LogUnavailable`."""
    records = [one for one in await server.log.rooms() if not _is_own(one.name)]
    if selection.names is not None:
        chosen, left_out = [_named(records, name) for name in selection.names], 0
        chosen = list({one.name.key: one for one in chosen}.values())
    else:
        chosen = [one for one in records if selection.private or not is_private(one)]
        left_out = len(records) - len(chosen)
    keys = {one.name.key for one in chosen}
    members: dict[str, list[MemberRecord]] = {}
    for member in await server.log.members():
        if member.room.key in keys:
            members.setdefault(member.room.key, []).append(member)
    return Selected(chosen, members, left_out)


def is_private(room: RoomRecord) -> bool:
    """Whether only some people read it."""
    return room.state.access in KEEPS_MEMBERS


def _is_own(name: RoomName) -> bool:
    return is_directory(name) or is_hidden(name)


def _named(records: Sequence[RoomRecord], typed: str) -> RoomRecord:
    try:
        key = RoomName.parse(typed).key
    except InvalidName as error:
        raise MovingError(error.message) from None
    for one in records:
        if one.name.key == key:
            return one
    for one in records:
        if key in {RoomName.recall(former).key for former in one.state.facts.former}:
            return one
    near = alike(typed, [one.name for one in records])
    hint = f" Is it {' or '.join(near)}?" if near else ""
    raise MovingError(f'There is no room "{typed}".{hint}')
