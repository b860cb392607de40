from __future__ import annotations

import time
from pathlib import Path
from threading import Event

import pytest

from hubbub.storage.search import indexer as indexer_module
from hubbub.storage.search.index import Row
from hubbub.storage.search.indexer import Indexer
from hubbub.storage.search.source import Source
from tests.patience import PATIENCE_SECONDS


class Distracted(Source):
    """Has nothing yet; while it is asked for the first time, three events are saved."""

    def __init__(self) -> None:
        self.indexer: Indexer
        self.asked = Event()

    def stamp(self, place: int) -> str | None:
        return None

    def newest(self) -> int:
        return 0

    def next(self, place: int, most: int) -> list[Row]:
        if not self.asked.is_set():
            self.indexer.committed(3)
            self.asked.set()
        return []


def test_what_is_saved_while_nothing_is_found_is_still_to_be_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(indexer_module, "GATHER_SECONDS", 60.0)
    source = Distracted()
    indexer = source.indexer = Indexer(
        tmp_path / "index.db", "log", source, troubled=lambda error: None, mended=lambda: None
    )
    indexer.start()
    assert source.asked.wait(PATIENCE_SECONDS)
    time.sleep(0.1)  # it has seen that there was nothing
    seen = indexer.behind
    indexer.stop()
    assert seen >= 3
