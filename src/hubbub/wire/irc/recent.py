"""What was shown last, as it is written: once for all who read alike, however they come by it.

Most are given the bytes of a batch. Who has said something of it, or is in several rooms, is shown
it alone, and who comes in just then catches up: of the same messages.
"""

from __future__ import annotations

from collections.abc import Sequence

from hubbub.domain.events import AnyEvent, Event

MOST = 128  # messages, and as many older ones: the last batches, for a few kinds of clients
MOST_CHARS = 1024  # of one; longer ones are made anew: a quarter of a megabyte in all

Key = tuple[int, int, str, bool]
Batch = tuple[Sequence[AnyEvent], int, bytes, Sequence[str]]


class Recent:
    """``shape``: the number of the capabilities. ``made``: how many events were not found here."""

    def __init__(self) -> None:
        self._batch: Batch = (), 0, b"", ()
        self._texts: dict[Key, tuple[Event, str]] = {}
        self._older: dict[Key, tuple[Event, str]] = {}
        self.made = 0

    def batch(self, events: Sequence[AnyEvent], shape: int) -> bytes | None:
        """The bytes of the batch that was written last, if it is that very one."""
        kept, by, data, _ = self._batch
        return data if kept is events and by == shape else None

    def texts(self, events: Sequence[AnyEvent], shape: int) -> Sequence[str]:
        """What shows each event of the batch that was written last, which has to be that one."""
        kept, by, _, texts = self._batch
        assert (kept, by) == (events, shape)
        return texts

    def keep_batch(
        self, events: Sequence[AnyEvent], shape: int, data: bytes, texts: Sequence[str]
    ) -> None:
        """It was written for clients with those capabilities; ``texts``: event by event."""
        self._batch = events, shape, data, texts

    def text(self, event: Event, shape: int, target: str, *, past: bool) -> str | None:
        """The messages that show ``event``, if it was lately."""
        key = id(event), shape, target, past
        found = self._texts.get(key) or self._older.get(key)
        return found[1] if found is not None and found[0] is event else None

    def keep(self, event: Event, shape: int, target: str, text: str, *, past: bool) -> None:
        """It was shown by ``text``."""
        self.made += 1
        if len(text) > MOST_CHARS:
            return
        if len(self._texts) >= MOST:
            self._older, self._texts = self._texts, {}  # to find the oldest one takes longer
        self._texts[id(event), shape, target, past] = event, text
