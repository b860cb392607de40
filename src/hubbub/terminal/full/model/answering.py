"""What an answer may answer: texts that are loaded, found by where one reads."""

from __future__ import annotations

from hubbub.domain.events import Said
from hubbub.domain.kinds import is_message
from hubbub.terminal.full.model.timeline import Timeline


def lowest(timeline: Timeline) -> Said | None:
    """The text that is the lowest on the screen; or, if there is none on it, the newest."""
    for _, row in reversed(timeline.view()):
        event = timeline.window.get(row.seq) if row and row.seq else None
        if is_message(event):
            return event
    return beside(timeline, timeline.window.last + 1, -1)


def beside(timeline: Timeline, seq: int, by: int) -> Said | None:
    """The text so many texts after ``seq``, or before it if negative; or the last one that way."""
    found: Said | None = None
    step = 1 if by > 0 else -1
    while by and (event := timeline.window.get(seq + step)) is not None:
        seq += step
        if is_message(event) and not timeline.look.hides(event.by):
            found = event
            by -= step
    return found
