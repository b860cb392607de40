"""What this disk takes to keep a page: the least that a durable message can take."""

from __future__ import annotations

import os
import time
from pathlib import Path
from statistics import median

from benchmarks.bench import Bench
from benchmarks.samples import Measures

PAGE_BYTES = 4096 + 24  # what SQLite appends to its write-ahead log for one changed page
PAGES = 3  # that a single message changes, about: the events and their two indexes
PAUSE_SECONDS = 0.02  # between two of them, as in a quiet room


def on_disk(bench: Bench) -> Measures:
    """Appends to a file as one message does, and waits each time until it is on the disk."""
    path = bench.folder / "appended"
    try:
        return {"p50_ms": median(_syncs(path, bench.of(200, 50))) * 1000}
    finally:
        path.unlink(missing_ok=True)


def _syncs(path: Path, count: int) -> list[float]:
    taken = []
    data = os.urandom(PAGES * PAGE_BYTES)
    file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        for _ in range(count):
            time.sleep(PAUSE_SECONDS)
            began = time.perf_counter()
            os.write(file, data)
            os.fdatasync(file)
            taken.append(time.perf_counter() - began)
    finally:
        os.close(file)
    return taken
