"""Writes to the log in batches, one at a time, so that live texts wait for one at most."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import partial
from time import monotonic

from hubbub.domain.errors import ChatError, LogUnavailable
from hubbub.hub.ports import Done, Draft, Entry, Settled
from hubbub.moving.errors import Stopped
from hubbub.moving.ports import Server

BATCH_EVENTS = 500  # of one transaction: some milliseconds of the writer
GENTLE_EVENTS = 100  # while people are connected: what a live text waits for
BATCH_CHARS = 512 * 1024
MAX_PAUSE_SECONDS = 0.1  # after a batch, while people are connected: as long as it took

Then = Callable[[Settled], None]


class Batches:
    """Gathers entries, and appends them."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._entries: list[tuple[Callable[[Done], Entry], Then, bool]] = []
        self._chars = 0

    async def add(self, draft: Draft, then: Then, *, may_fail: bool = False) -> None:
        """Appends ``draft`` with one of the next batches; ``then`` is given its outcome.

        ``may_fail``: also that it breaks a rule here. Raises `Stopped` if a batch cannot be
        written, nor what was to come behind it.
        """
        self._entries.append((partial(_with, draft), then, may_fail))
        self._chars += len(getattr(draft.event, "text", ""))
        most = GENTLE_EVENTS if self._server.is_busy() else BATCH_EVENTS
        if len(self._entries) >= most or self._chars >= BATCH_CHARS:
            await self.flush()

    async def flush(self) -> None:
        """Appends all that waits. Raises `Stopped`."""
        if not self._entries:
            return
        entries, self._entries, self._chars = self._entries, [], 0
        began = monotonic()
        try:
            self._server.check_disk()
        except ChatError as error:
            raise stopped(error) from None
        settled = await self._server.settle([make for make, _, _ in entries])
        refused = None
        for outcome, (_, then, may_fail) in zip(settled, entries, strict=True):
            why = outcome.error
            if why is None or (may_fail and not isinstance(why, LogUnavailable)):
                then(outcome)
            else:
                refused = refused or why
        if refused is not None:
            raise stopped(refused)
        if self._server.is_busy():
            await asyncio.sleep(min(monotonic() - began, MAX_PAUSE_SECONDS))


def stopped(error: ChatError) -> Stopped:
    """What is said when the log takes nothing more."""
    return Stopped(
        f"The import has stopped: {error.message} Rooms that were not whole by then are seen by "
        "nobody. Give the same command again, and it goes on from there."
    )


def _with(draft: Draft, done: Done) -> Draft:
    return Draft(draft.room, draft.event, nonce=draft.nonce, done=done, also=draft.also)
