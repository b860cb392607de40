"""The links in a timeline: the newest first, beginning with what is on the screen."""

from __future__ import annotations

from typing import NamedTuple

from hubbub.terminal.full.model.rows import Role, Row
from hubbub.terminal.full.model.timeline import Timeline

MOST = 200


class Link(NamedTuple):
    """A URL, and the ``seq`` of its event."""

    url: str
    seq: int


def links(timeline: Timeline, *, of: int | None = None) -> list[Link]:
    """The links of the event ``of``, in order; or of all loaded events, without duplicates."""
    if of is not None:
        return _of([row for row in timeline.blocks.rows if row.seq == of])
    rows = timeline.blocks.rows
    below = max(0, timeline.number_at(timeline.height) - timeline.base)
    return _of([*reversed(rows[:below]), *rows[below:]])[:MOST]


def _of(rows: list[Row]) -> list[Link]:
    found: dict[str, Link] = {}
    for row in rows:
        for run in row.runs:
            if run.role is Role.LINK:
                found.setdefault(run.key, Link(run.key, row.seq))
    return list(found.values())
