"""What was shown last, as it is written: once for all who read alike, however they come by it.

Most are given the bytes of a batch. Who has said something of it, or is in several rooms, is shown
it alone, and who comes in just then catches up: of the same messages.
"""

from __future__ import annotations

from collections.abc import Sequence

from hubbub.domain.events import AnyEvent, Event

MOST = 256  # messages: the last batches of some busy rooms, for a few kinds of clients
MOST_CHARS = 1024  # of one; longer ones are made anew: a quarter of a megabyte in all

Key = tuple[int, int, str, bool]


class Recent:
    """``shape``: the number of the capabilities. ``made``: how many events were not found here."""

    def __init__(self) -> None:
        self._batch: tuple[Sequence[AnyEvent], int, bytes] = (), 0, b""
        self._texts: dict[Key, tuple[Event, str]] = {}
        self.made = 0

    def batch(self, events: Sequence[AnyEvent], shape: int) -> bytes | None:
        """The bytes of the batch that was written last, if it is that very one."""
        kept, by, data = self._batch
        return data if kept is events and by == shape else None

    def keep_batch(self, events: Sequence[AnyEvent], shape: int, data: bytes) -> None:
        """It was written for clients with those capabilities."""
        self._batch = events, shape, data

    def text(self, event: Event, shape: int, target: str, *, past: bool) -> str | None:
        """The messages that show ``event``, if it was lately."""
        found = self._texts.get((id(event), shape, target, past))
        return found[1] if found is not None and found[0] is event else None

    def keep(self, event: Event, shape: int, target: str, text: str, *, past: bool) -> None:
        """It was shown by ``text``."""
        self.made += 1
        if len(text) > MOST_CHARS:
            return
        if len(self._texts) >= MOST:
            self._texts.clear()  # to find the oldest one takes longer than to write some again
        self._texts[id(event), shape, target, past] = event, text
