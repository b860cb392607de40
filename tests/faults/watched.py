"""`hubbub` with a watch on each step of its event loop: `python -m tests.faults.watched serve …`.

A step is one callback: while it runs, nobody else is served. Its processor time is measured, not
the time that passes, so that a busy machine changes nothing. Each address of the loopback network
is a client of its own here, as computers of a network would be.
"""

from __future__ import annotations

import asyncio
import gc
import mmap
import os
import struct
import sys
import threading
import time
from asyncio import events
from collections.abc import Callable, Sequence
from ipaddress import ip_address
from pathlib import Path
from typing import Any

from hubbub.domain.events import AnyEvent

FIGURES = struct.Struct("dQQd")
WATCHED = "Peace"
VARIABLE = "HUBBUB_TEST_STEPS"
SLOW_SECONDS = 0.050


class Steps:
    """The figures of a watched server, which it and the test share in a file."""

    def __init__(self, path: Path) -> None:
        if not path.exists():
            path.write_bytes(bytes(FIGURES.size))
        with path.open("r+b") as file:
            self._shared = mmap.mmap(file.fileno(), FIGURES.size)

    def write(self, worst: float, slow: int, steps: int) -> None:
        """Sets all figures but the next."""
        FIGURES.pack_into(self._shared, 0, worst, slow, steps, self.shown_at)

    def read(self) -> tuple[float, int, int]:
        """The worst step in seconds, how many were slow, how many there were."""
        worst, slow, steps, _ = FIGURES.unpack_from(self._shared, 0)
        return worst, slow, steps

    @property
    def shown_at(self) -> float:
        """Processor time of the loop's thread when the last text was shown in the `WATCHED` room,
        less what passed while it was saved.

        So whoever said it need not be quick to read it: a busy machine changes nothing.
        """
        return float(FIGURES.unpack_from(self._shared, 0)[3])

    @shown_at.setter
    def shown_at(self, seconds: float) -> None:
        FIGURES.pack_into(self._shared, 0, *self.read(), seconds)


def watch_steps(steps: Steps) -> None:
    """Measures every callback of every asyncio loop of this process."""
    collections: list[int] = []
    gc.callbacks.append(
        lambda phase, info: collections.append(info["generation"]) if phase == "stop" else None
    )
    run = events.Handle._run
    clock = time.thread_time

    def measured(self: events.Handle) -> None:
        collections.clear()
        began = clock()
        run(self)
        took = clock() - began
        worst, slow, count = steps.read()
        if took > SLOW_SECONDS:
            slow += 1
            sys.stderr.write(f"a step took {took:.3f} s ({collections}): {self!r}\n")
        steps.write(max(worst, took), slow, count + 1)

    events.Handle._run = measured  # type: ignore[method-assign]


def watch_texts(steps: Steps) -> None:
    """Notes when events of the watched room are shown.

    What the loop does for others while the writer has a text does not count: the disk takes its
    time, and so do other programs on this machine. (`tests/storage/test_busy_loop.py` is about
    the writer and a busy loop.)
    """
    from hubbub.hub.ports import Draft
    from hubbub.hub.room import Floor, HubRoom
    from hubbub.storage.writer import Given, Writer

    publish, give, tell = HubRoom.publish, Writer._give, Writer._tell
    loop_clock = time.pthread_getcpuclockid(threading.get_ident())
    given_at = saving = 0.0

    def has_watched(entries: Sequence[object]) -> bool:
        return any(isinstance(one, Draft) and one.room == WATCHED for one in entries)

    def handed(self: Writer, given: Given) -> None:
        nonlocal given_at
        if given.entries and has_watched(given.entries):
            given_at = time.thread_time()
        give(self, given)

    def telling(self: Writer, callback: Callable[[Any], object], value: Any) -> None:
        nonlocal saving
        if getattr(callback, "func", None) == self._deliver and has_watched(
            [one.entry for one in value]
        ):
            saving = time.clock_gettime(loop_clock) - given_at
        tell(self, callback, value)

    def noted(self: HubRoom, events: Sequence[AnyEvent], floor: Floor | None = None) -> int:
        nonlocal saving
        told = publish(self, events, floor)
        if self.name == WATCHED:
            steps.shown_at = time.thread_time() - saving
            saving = 0.0
        return told

    HubRoom.publish = noted  # type: ignore[method-assign]
    Writer._give = handed  # type: ignore[method-assign]
    Writer._tell = telling  # type: ignore[method-assign]


def main() -> None:
    """Runs the command line."""
    import hubbub.hub.clients
    from hubbub.cli import main as run
    from hubbub.cli import serving

    key = hubbub.hub.clients.client_key

    def by_address(address: str) -> str:
        is_loopback = address and ip_address(address).is_loopback
        return address if is_loopback else key(address)

    hubbub.hub.clients.client_key = by_address
    serving._loop_factory = lambda: asyncio.new_event_loop
    steps = Steps(Path(os.environ[VARIABLE]))
    watch_steps(steps)
    watch_texts(steps)
    run()


if __name__ == "__main__":
    main()
