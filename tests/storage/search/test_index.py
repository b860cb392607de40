"""The index's file: it follows the log, goes on after a crash, and begins anew when it must."""

from __future__ import annotations

import os
import sqlite3
import stat
from pathlib import Path

import pytest

from hubbub.domain.errors import SearchUnavailable
from hubbub.domain.search import parse_query
from hubbub.hub.ports import Search
from hubbub.storage.log import DATABASE, SqlLog
from hubbub.storage.search import finder, indexed, indexer, sqlite
from hubbub.storage.search.index import Index, Row, is_worthless, stamp_of
from hubbub.storage.search.sqlite import INDEX, SqlSearch, can_search
from tests.storage.search.conftest import Searched, on_disk, until
from tests.storage.talk import BEN, KITCHEN, Talk, said


def place(folder: Path) -> int:
    with sqlite3.connect(folder / INDEX) as connection:
        (found,) = connection.execute("SELECT place FROM state").fetchone()
    connection.close()
    return int(found)


def modes(folder: Path) -> list[int]:
    """The permissions of the index's files."""
    return [stat.S_IMODE(file.stat().st_mode) for file in folder.glob(f"{INDEX}*")]


def rows(*texts: str) -> list[Row]:
    return [Row(n, 1, n, n, "ada", text) for n, text in enumerate(texts, 1)]


def test_this_python_can_search() -> None:
    assert can_search()


async def test_an_index_goes_on_where_it_ended(tmp_path: Path) -> None:
    for number in range(3):
        async with on_disk(tmp_path) as searched:
            await searched.caught_up()
            assert place(tmp_path) == number
            await searched.say(f"tea {number}")
            assert len(await searched.texts("tea")) == number + 1


async def test_what_was_saved_without_an_index_is_found_after_the_next_start(
    tmp_path: Path,
) -> None:
    log = await SqlLog.open(tmp_path, durability="process")
    await Talk(log).settle(*(said(f"tea {number}") for number in range(2500)))
    await log.close()
    async with on_disk(tmp_path) as searched:
        await searched.caught_up()
        assert len(await searched.all_pages("tea", 50)) == 2500


@pytest.mark.parametrize(
    "harm",
    [
        lambda path: path.write_bytes(b"not a database, but a letter to a friend" * 100),
        lambda path: path.unlink(),
        lambda path: change(path, "UPDATE state SET version = 0"),
        lambda path: change(path, "UPDATE state SET log = 'another'"),
        lambda path: change(path, "UPDATE state SET stamp = 'another'"),
        lambda path: change(path, "UPDATE state SET place = 1000"),
        lambda path: change(path, "DROP TABLE state"),
        lambda path: change(path, "DELETE FROM state"),
    ],
)
async def test_an_index_that_is_worth_nothing_begins_anew(tmp_path: Path, harm: object) -> None:
    async with on_disk(tmp_path) as searched:
        await searched.say("tea", "coffee")
    assert callable(harm)
    harm(tmp_path / INDEX)
    async with on_disk(tmp_path) as searched:
        await searched.caught_up()
        assert await searched.texts("tea") == ["tea"]


async def test_a_log_that_was_restored_is_indexed_anew(tmp_path: Path) -> None:
    """The index is as long as the log, and the same log; but it went on in another way."""
    async with on_disk(tmp_path) as searched:
        await searched.say("tea")
    backup = (tmp_path / DATABASE).read_bytes()
    async with on_disk(tmp_path) as searched:
        await searched.say("coffee", "milk")
    (tmp_path / DATABASE).write_bytes(backup)
    log = await SqlLog.open(tmp_path, durability="process")
    await Talk(log).settle(said("water"), said("lemonade, by somebody else"))
    await log.close()
    change(tmp_path / DATABASE, "UPDATE events SET at = at + 1 WHERE id = 3")
    async with on_disk(tmp_path) as searched:
        await searched.caught_up()
        assert await searched.texts("from:ada") == ["lemonade, by somebody else", "water", "tea"]
        assert await searched.texts("coffee") == []


async def test_an_index_that_breaks_while_it_is_used_begins_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with on_disk(tmp_path) as searched:
        await searched.say("tea")
        with monkeypatch.context() as patch:

            def broken(*_: object, **__: object) -> None:
                error = sqlite3.DatabaseError("database disk image is malformed")
                error.sqlite_errorname = "SQLITE_CORRUPT_VTAB"
                raise error

            patch.setattr(sqlite, "find", broken)
            with pytest.raises(SearchUnavailable, match="try again in a moment"):
                await searched.texts("tea")
        search = searched.search
        assert isinstance(search, SqlSearch)
        await until(lambda: search._indexer.generation == 2)
        await searched.say("more tea")
        assert await searched.texts("tea") == ["more tea", "tea"]


async def test_an_index_that_breaks_while_it_is_written_is_told_and_begins_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(indexer, "RETRY_SECONDS", 0.01)
    async with on_disk(tmp_path) as searched:
        await searched.say("tea")
    change(tmp_path / INDEX, "UPDATE texts_data SET block = x'00'")
    told: list[Exception] = []
    log = await SqlLog.open(tmp_path, durability="process")
    search = SqlSearch.open(tmp_path / DATABASE, log.id, on_error=told.append, pauses=False)
    log.watch(search.committed, search.erase)
    await Talk(log).settle(said("more tea"))
    await until(lambda: search._indexer.generation == 2)
    searched = Searched(log, search, tmp_path)
    await searched.caught_up()
    assert await searched.texts("tea") == ["more tea", "tea"]
    assert [is_worthless(error) for error in told] == [True]
    await search.close()
    await log.close()


@pytest.mark.skipif(os.name != "posix", reason="files have no such permissions there")
async def test_nobody_else_may_read_the_index_whatever_was_there(tmp_path: Path) -> None:
    async with on_disk(tmp_path) as searched:
        await searched.say("tea")
        assert modes(tmp_path) == [0o600] * 3
    (tmp_path / INDEX).chmod(0o644)
    async with on_disk(tmp_path) as searched:
        assert await searched.texts("tea") == ["tea"]
        assert modes(tmp_path) == [0o600] * 3


async def test_a_link_in_its_place_is_put_away_and_not_followed(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    meant_by_eve = tmp_path / "somebody's"
    folder.mkdir()
    (folder / INDEX).symlink_to(meant_by_eve)
    async with on_disk(folder) as searched:
        await searched.say("tea")
        assert await searched.texts("tea") == ["tea"]
    assert not meant_by_eve.exists()
    assert not (folder / INDEX).is_symlink()


async def test_a_full_disk_is_told_once_and_search_goes_on_later(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(indexer, "RETRY_SECONDS", 0.01)
    told: list[Exception] = []
    failures = 3
    add = Index.add

    def failing(self: Index, *arguments: object) -> None:
        nonlocal failures
        if failures:
            failures -= 1
            raise sqlite3.OperationalError("database or disk is full")
        add(self, *arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(Index, "add", failing)
    log = await SqlLog.open(tmp_path, durability="process")
    search = SqlSearch.open(tmp_path / DATABASE, log.id, on_error=told.append, pauses=False)
    log.watch(search.committed, search.erase)
    await Talk(log).settle(said("tea"))
    await until(lambda: search.behind == 0)
    assert [str(error) for error in told] == ["database or disk is full"]
    await search.close()
    await log.close()


def test_the_operator_is_told_what_fails_and_never_to_mend_the_log_for_it(
    caplog: pytest.LogCaptureFixture,
) -> None:
    broken = sqlite3.DatabaseError("database disk image is malformed")
    broken.sqlite_errorname = "SQLITE_CORRUPT"
    sqlite.log_error(broken)
    sqlite.log_error(sqlite3.OperationalError("database or disk is full"))
    assert caplog.messages == [
        "The search index is damaged. It is made again from the log.",
        "The search index fails, and is tried again. The chat goes on. "
        "OperationalError: database or disk is full",
    ]


async def test_a_transaction_that_fails_leaves_the_index_as_it_was(tmp_path: Path) -> None:
    stamps = {row.id: stamp_of(row) for row in rows("tea", "tea")}
    path = tmp_path / INDEX
    kept = Index.open(path, "log", stamps.get)
    kept.add(rows("tea"))

    def stop() -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        kept.add(rows("tea", "more tea")[1:], stop)
    kept.close()
    again = Index.open(path, "log", stamps.get)
    assert again.place == 1
    again.close()
    with sqlite3.connect(path) as connection:
        assert connection.execute("SELECT count(*) FROM docs").fetchone() == (1,)
    connection.close()


async def test_who_stops_the_server_does_not_wait_for_the_index(tmp_path: Path) -> None:
    log = await SqlLog.open(tmp_path, durability="process")
    await Talk(log).settle(*(said("tea " * 100) for _ in range(3000)))
    search = SqlSearch.open(tmp_path / DATABASE, log.id)
    await until((tmp_path / INDEX).exists)
    await search.close()
    with pytest.raises(SearchUnavailable):
        await search.find(parse_query("tea"), before=None, limit=1, rooms=None)
    await log.close()
    async with on_disk(tmp_path) as searched:
        await searched.caught_up()
        assert len(await open_page(searched.search)) == 50


async def test_a_search_that_takes_long_says_where_to_go_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However little time there is, each answer is further on, and in the end all is found."""
    monkeypatch.setattr(finder, "SEARCH_SECONDS", 0.0)
    monkeypatch.setattr(indexed, "FIRST_STRETCH", 100)
    async with on_disk(tmp_path) as searched:
        await searched.say(*(said("odd" if n % 2 else "even") for n in range(1000)), "odd even")
        first = await searched.find("odd even")
        assert [one.event.text for one in first.finds] == ["odd even"]
        assert first.next is not None
        assert await searched.all_pages("odd even", 20) == ["odd even"]
        assert await searched.all_pages("odd from:ben", 20) == []


async def test_what_was_said_a_moment_ago_is_found_before_it_is_indexed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with on_disk(tmp_path) as searched:
        await searched.say("tea 1", "tea 2")
        monkeypatch.setattr(indexer, "GATHER_SECONDS", 3600.0)
        await searched.talk.settle(
            said("tea 3"), said("coffee"), said("tea 4", room=KITCHEN), said("tea 5", BEN)
        )
        assert searched.search.behind == 4
        assert await searched.texts("tea") == ["tea 5", "tea 4", "tea 3", "tea 2", "tea 1"]
        assert await searched.all_pages("tea", 1) == ["tea 5", "tea 4", "tea 3", "tea 2", "tea 1"]
        assert await searched.texts("tea in:Kitchen") == ["tea 4"]
        assert await searched.texts("tea", rooms=["kitchen"]) == ["tea 4"]
        assert await searched.texts("tea from:ben") == ["tea 5"]
        monkeypatch.setattr(finder, "SEARCH_SECONDS", 0.0)
        assert await searched.all_pages("tea", 2) == ["tea 5", "tea 4", "tea 3", "tea 2", "tea 1"]
        monkeypatch.setattr(indexed, "MOST_FRESH", 2)  # behind by more, some are not found
        assert await searched.all_pages("tea", 2) == ["tea 5", "tea 4", "tea 2", "tea 1"]
        monkeypatch.setattr(indexed, "FRESH_CHARS", 9)  # however long they are
        assert await searched.all_pages("tea", 2) == ["tea 5", "tea 2", "tea 1"]


async def test_pauses_are_taken_and_change_nothing(tmp_path: Path) -> None:
    log = await SqlLog.open(tmp_path, durability="process")
    search = SqlSearch.open(tmp_path / DATABASE, log.id)
    log.watch(search.committed, search.erase)
    await Talk(log).settle(*(said("tea " * 50) for _ in range(300)))
    await until(lambda: search.behind == 0)
    assert len(await open_page(search)) == 50
    await search.close()
    await log.close()


async def open_page(search: Search) -> list[object]:
    """A page of results, however many answers it takes on a busy machine."""
    query, found = parse_query("tea"), list[object]()
    before: int | None = None
    while len(found) < 50:
        finds = await search.find(query, before=before, limit=50 - len(found), rooms=None)
        found += finds.finds
        before = finds.next
        if before is None:
            break
    return found


def change(path: Path, statement: str) -> None:
    with sqlite3.connect(path) as connection:
        connection.execute(statement)
    connection.close()
