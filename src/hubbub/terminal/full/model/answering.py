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
    window = timeline.window
    if by > 0:
        events = window.events[window.place(seq + 1) :]
    else:
        events = window.events[: window.place(seq)][::-1]
    said = [one for one in events if is_message(one) and not timeline.look.hides(one)]
    return said[: abs(by)][-1] if by and said else None
