"""The rooms that match what is typed, the most likely first, and a new room of that name."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from hubbub.domain.alike import alike
from hubbub.domain.errors import InvalidName
from hubbub.domain.names import RoomName
from hubbub.domain.replies import RoomInfo
from hubbub.terminal.full.model.news import badge
from hubbub.terminal.full.model.rooms import Rooms, is_talk, key_of, label_of

MOST = 100  # rows: to find another room, the person types more of its name


class RoomChoice(NamedTuple):
    """A room to go to, with a note about it. ``made``: it would be a new one. ``people``: it is the
    direct conversation with them.
    """

    name: str
    note: str = ""
    made: bool = False
    people: str = ""

    @property
    def label(self) -> str:
        """What people call it."""
        return self.people or self.name


def choices(typed: str, rooms: Rooms, others: Iterable[RoomInfo]) -> list[RoomChoice]:
    """The rooms whose names have all words of ``typed``: first the exact name, then names that
    begin with it, then the rest; each time our own rooms first, those with unread texts before
    others. If there are none, rooms with a similar name (typing errors). A room that could be made
    comes last.
    """
    mine = [
        RoomChoice(room.name, badge(room.unread), people=room.label if room.is_direct else "")
        for room in rooms.by_interest()
    ]
    known = {key_of(choice.name) for choice in mine}
    rest = [
        RoomChoice(one.name, _about(one), people=label_of(one) if is_talk(one) else "")
        for one in others
    ]
    rest = [choice for choice in rest if key_of(choice.name) not in known]
    found = [
        (rank, one) for one in (*mine, *rest) if (rank := rank_of(typed, one.label)) is not None
    ]
    fitting = [one for _, one in sorted(found, key=lambda pair: pair[0])][:MOST]
    if not fitting:
        by_name = {one.label: one for one in (*mine, *rest)}
        fitting = [by_name[name] for name in alike(typed, by_name)]
    name = new_name(typed)
    if name and all(key_of(one.name) != key_of(name) for _, one in found):
        fitting.append(RoomChoice(name, made=True))
    return fitting


def fits(typed: str, name: str) -> bool:
    """Whether a room's name has all words of ``typed``, in any order."""
    return rank_of(typed, name) is not None


def new_name(typed: str) -> str | None:
    """The name of the room that could be made; for an invalid name, a similar valid one."""
    if not typed.strip():
        return None
    try:
        return str(RoomName.parse(typed))
    except InvalidName as error:
        return error.suggestion


def rank_of(typed: str, name: str) -> int | None:
    """How well a name matches: 0 is best; None: not at all."""
    words, folded, begin = typed.casefold().split(), name.casefold(), typed.casefold().strip()
    if not words:
        return 0
    if folded == begin or key_of(name) == key_of(typed):
        return 0
    if folded.startswith(begin):
        return 1
    letters, sought = _letters(folded), _letters(begin)
    if letters and letters == sought:
        return 1
    if all(word in folded for word in words):
        return 2
    return 3 if sought and sought in letters else None


def _letters(text: str) -> str:
    """``text`` without separators, so that "teamlambda" matches "team-lambda"."""
    return "".join(filter(str.isalnum, text))


def _about(room: RoomInfo) -> str:
    if is_talk(room):
        return "direct conversation"
    if room.invited:
        return "you are invited"
    users = "1 user" if room.users == 1 else f"{room.users:,} users"
    return f"{users} – {room.topic}" if room.topic else users
