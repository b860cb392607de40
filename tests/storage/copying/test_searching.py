"""Who searches finds the same after a move as before it."""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager
from pathlib import Path

from tests.storage.copying.servers import moved
from tests.storage.search.conftest import Searched, in_database, on_disk

QUERIES = (
    "text",
    "text 39",
    "한국어",
    "日本",
    "dish",
    "from:ben 12",
    "in:kitchen text",
    "hello",
    "first",
)


async def finds(opening: AbstractAsyncContextManager[Searched]) -> list[list[str]]:
    async with opening as searched:
        await searched.caught_up()
        return [await searched.all_pages(query, 7) for query in QUERIES]


async def test_the_same_is_found_there_and_back(data: Path, database: str, tmp_path: Path) -> None:
    before = await finds(on_disk(data))
    assert sum(map(len, before)) > 150
    assert all(before[:4])
    assert "hello again" in before[-2]
    assert before[-1] == []
    moved(data, database)
    assert await finds(in_database(database, tmp_path)) == before
    moved(database, tmp_path / "back")
    assert await finds(on_disk(tmp_path / "back")) == before
