"""Caches in a folder of their own, closed at the end."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from hubbub.client.cache import Bounds, Cache
from tests.client.cache.talk import SERVER

Open = Callable[..., Cache]


@pytest.fixture
def open_cache(tmp_path: Path) -> Iterator[Open]:
    """Opens the cache as another client would; what the test leaves open is closed."""
    opened: list[Cache] = []

    def open(bounds: Bounds = Bounds(), folder: Path = tmp_path) -> Cache:  # noqa: B008
        cache = Cache.open(SERVER, folder, bounds=bounds)
        opened.append(cache)
        return cache

    yield open
    for cache in opened:
        cache.close()


@pytest.fixture
def cache(open_cache: Open) -> Cache:
    cache = open_cache()
    assert cache.problem is None
    cache.log = "log-1"
    return cache
