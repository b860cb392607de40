"""The menus of a room and of a member: actions, each with the command that does it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from hubbub.terminal.full.model.room import Room
from hubbub.terminal.full.screens.picker import Picker
from hubbub.terminal.full.widgets.picking import Option

COPY = "its page"  # stands for an action that has no command
MOST_MEMBERS = 500  # rows: to find another member, the person types a part of the name


class Act(NamedTuple):
    """An action. ``typed`` is the command that does it. One that ends with a space is put into the
    input instead, to be completed.
    """

    label: str
    typed: str


def room_acts(room: Room, alerts: str) -> list[Act]:
    """The actions for the current room; ``alerts`` is its present alert level."""
    levels = {
        "all": "Alert me to every message",
        "mentions": "Alert me to mentions only",
        "off": "No alerts from this room",
    }
    return [
        Act("Mark all as read", "/read"),
        Act("Who is here", "/who"),
        *(Act(label, f"/alerts {level}") for level, label in levels.items() if level != alerts),
        Act("Search in this room", f"/search in:{room.name} "),
        Act("Copy the link to this room", COPY),
        Act("Leave this room", "/leave"),
        *[Act("Delete this room, in which nothing was said", "/delete")] * room.is_silent,
    ]


def member_acts(name: str, room: str) -> list[Act]:
    """The actions for a member of a room."""
    return [
        Act(f"Mention {name}", f"@{name} "),
        Act(f"What {name} has said here", f"/search from:{name} in:{room}"),
        Act(f"Do not show me what {name} writes", f"/ignore {name}"),
    ]


class Menu(Picker[str]):
    """A menu; closes with the ``typed`` of the action."""

    def __init__(self, title: str, acts: Sequence[Act]) -> None:
        super().__init__(title)
        self._acts = acts

    def offered(self, typed: str) -> Sequence[tuple[Option, str]]:
        words = typed.casefold().split()
        fitting = [one for one in self._acts if all(word in one.label.casefold() for word in words)]
        return [(Option(one.label, one.typed.strip()), one.typed) for one in fitting]


class People(Picker[str]):
    """The members of a room; closes with a name."""

    def __init__(self, title: str, names: Sequence[str]) -> None:
        super().__init__(title)
        self._names = names

    def offered(self, typed: str) -> Sequence[tuple[Option, str]]:
        part = typed.casefold().removeprefix("@").strip()
        fitting = [name for name in self._names if part in name.casefold()]
        fitting.sort(key=lambda name: not name.casefold().startswith(part))
        return [(Option(name), name) for name in fitting[:MOST_MEMBERS]]
