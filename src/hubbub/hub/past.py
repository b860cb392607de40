"""What of a room's past who came later is not shown: see `HistoryFor.SINCE`, and `Access.floor`."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec.structs import replace

from hubbub.domain.events import AnyEvent
from hubbub.domain.projection import told_of, without_past
from hubbub.domain.replies import Page


def past_in(events: Sequence[AnyEvent]) -> list[int]:
    """The numbers of the messages of which ``events`` tell something: in a quote, or a new text."""
    seqs = (told_of(event) for event in events)
    return [seq for seq in seqs if seq is not None]


def shown_behind(floor: int, events: Sequence[AnyEvent]) -> list[AnyEvent]:
    """Those of ``events`` that are behind ``floor``, without what they tell of what is not."""
    return [without_past(floor, event) for event in events if event.seq > floor]


def page_behind(floor: int, page: Page) -> Page:
    """``page`` for who is shown what is behind ``floor``."""
    return replace(page, events=shown_behind(floor, page.events)) if floor else page
