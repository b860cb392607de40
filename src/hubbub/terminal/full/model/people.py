"""Names to complete: recent speakers, then the other members, then those who have left."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice

from hubbub.domain.events import FORMER_MEMBER
from hubbub.domain.kinds import is_message
from hubbub.terminal.full.model.timeline import Timeline

LOOKED_AT = 200  # newest loaded events: an hour or a day of a room


def people(members: Sequence[str], timeline: Timeline) -> list[str]:
    """The members of a room, recent speakers first; then speakers who have left."""
    events = islice(reversed(timeline.window.events), LOOKED_AT)
    spoke = dict.fromkeys(event.by for event in events if is_message(event))
    spoke.pop(FORMER_MEMBER, None)
    there = set(members)
    present = [name for name in spoke if name in there]
    return list(dict.fromkeys([*present, *members, *spoke]))
