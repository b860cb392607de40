"""Whose names one may want to write: those who spoke last, who is there, and who was."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice

from hubbub.domain.kinds import is_message
from hubbub.terminal.full.model.timeline import Timeline

LOOKED_AT = 200  # newest events that are loaded: an hour or a day of a room


def people(members: Sequence[str], timeline: Timeline) -> list[str]:
    """Who is in the room, those who spoke last first; then who spoke and has left."""
    events = islice(reversed(timeline.window.events), LOOKED_AT)
    spoke = dict.fromkeys(event.by for event in events if is_message(event))
    there = set(members)
    present = [name for name in spoke if name in there]
    return list(dict.fromkeys([*present, *members, *spoke]))
