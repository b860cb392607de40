"""Pages that live events overtake: of what is on a page, a later amendment may be here first.

They are of messages that we did not have then. So amendments are noted while a page is awaited,
and applied to it when it comes.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Sequence
from typing import TypeVar

from msgspec.structs import replace

from hubbub.domain.events import AnyEvent, Event
from hubbub.domain.projection import present, requoted, target_of
from hubbub.domain.replies import Messages, Page

P = TypeVar("P", bound=Page | Messages)

MOST_NOTED = 10_000  # of a room while a page is awaited: some seconds of a storm of reactions


class Overtaken:
    """By the key of a room, the amendments that came while pages were awaited."""

    def __init__(self) -> None:
        self._heard: dict[str, deque[Event]] = {}

    def hear(self, key: str, events: Iterable[Event]) -> None:
        """These events came while a page is awaited."""
        amendments = [event for event in events if target_of(event) is not None]
        if amendments:
            self._heard.setdefault(key, deque(maxlen=MOST_NOTED)).extend(amendments)

    def present(self, key: str, page: P) -> P:
        """``page`` as it is now."""
        heard = self._heard.get(key)
        if not heard:
            return page
        # A form says what it includes; a quote does not, and is as of the page's head.
        events = _requoted(page.events, [one for one in heard if one.seq > page.head])
        return replace(page, events=present(events, heard))

    def room_moved(self, key: str, to: str) -> None:
        """The room with that key has another one now."""
        heard = self._heard.pop(key, None)
        if heard is not None:
            self._heard[to] = heard

    def forget(self) -> None:
        """No page is awaited any more."""
        self._heard.clear()


def _requoted(events: Sequence[AnyEvent], amendments: Sequence[Event]) -> Sequence[AnyEvent]:
    for amendment in amendments:
        events = [requoted(event, amendment) for event in events]
    return events
