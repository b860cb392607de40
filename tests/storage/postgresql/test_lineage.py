"""What was shown is there yet, or clients are told that the log is another one."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence

import psycopg
import pytest

from hubbub.domain.errors import LogUnavailable, SearchUnavailable
from hubbub.domain.search import parse_query
from hubbub.hub.ports import Shown
from hubbub.storage.postgresql import lineage
from hubbub.storage.postgresql.lineage import Origin, id_of
from hubbub.storage.postgresql.log import PostgresLog
from hubbub.storage.postgresql.search import PostgresSearch
from tests.storage.talk import GENERAL, NOON, Talk, said, texts


@pytest.fixture
async def talk(database: str) -> AsyncIterator[Talk]:
    log = await PostgresLog.open(database)
    yield Talk(log)
    await log.close()


async def shown(talk: Talk) -> list[Shown]:
    """The newest events of all rooms, as a server has shown them that has shown all."""
    return [
        Shown(one.id, one.state.head, one.state.at)
        for one in await talk.log.rooms()
        if one.id is not None
    ]


async def holds(talk: Talk, there: Sequence[Shown]) -> bool:
    return await talk.log.holds(lambda: there)


def move(monkeypatch: pytest.MonkeyPatch, timeline: str = "00000002") -> None:
    """From now on connections lead to a standby that was promoted."""
    there = Origin("1", timeline, "today")
    monkeypatch.setattr(lineage, "_origin", lambda _: there)


async def generation(url: str) -> str:
    async with await psycopg.AsyncConnection.connect(url) as connection:
        found = await (await connection.execute(lineage.GENERATION)).fetchone()
    assert found is not None
    return str(found[0])


async def execute(url: str, *statements: str) -> None:
    async with await psycopg.AsyncConnection.connect(url, autocommit=True) as connection:
        for statement in statements:
            await connection.execute(statement.encode())


LOSE = ("DELETE FROM events WHERE seq > 1", "UPDATE rooms SET head = 1")
CUT = (
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
    " WHERE pid <> pg_backend_pid() AND datname = current_database()"
)


def test_another_generation_is_another_log() -> None:
    first = "0123456789abcdef0123456789abcdef"
    ids = [id_of(first, number) for number in range(1, 10)]
    assert ids[0] == first
    assert len(set(ids)) == len(ids)
    assert all(len(one) == 32 and int(one, 16) >= 0 for one in ids)


async def test_a_log_that_has_all_that_was_shown_stays_the_same(talk: Talk, database: str) -> None:
    await talk.settle(said("one"), said("two"))
    there = await shown(talk)
    talk.log.doubt()
    assert await holds(talk, there)
    await talk.settle(said("three"))
    talk.log.doubt()
    assert await holds(talk, there)
    assert await generation(database) == "1"


@pytest.mark.parametrize(
    "lose",
    [
        LOSE,
        (f"UPDATE events SET at = {NOON + 86_400_000} WHERE seq = 2",),
    ],
)
async def test_a_log_that_lacks_what_was_shown_gets_another_id(
    talk: Talk, database: str, lose: Sequence[str]
) -> None:
    await talk.settle(said("one"), said("two"))
    there = await shown(talk)
    await execute(database, *lose)
    talk.log.doubt()
    assert not await holds(talk, there)
    assert await generation(database) == "2"
    again = await PostgresLog.open(database)
    await again.close()
    assert again.id == id_of(talk.log.id, 2) != talk.log.id


async def test_an_event_that_was_trimmed_and_a_room_that_was_deleted_are_not_lost(
    talk: Talk, database: str
) -> None:
    await talk.settle(said("one"), said("two"))
    there = await shown(talk)
    await execute(database, "DELETE FROM events WHERE seq = 2")
    talk.log.doubt()
    assert await holds(talk, [*there, Shown(4711, 3, NOON)])


async def test_a_room_that_a_promoted_standby_does_not_have_is_lost(
    talk: Talk, database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    await talk.settle(said("one"))
    there = await shown(talk)
    assert await holds(talk, there)
    move(monkeypatch)
    await execute(database, CUT)
    await nothing_can_be_read(talk)
    assert not await holds(talk, [*there, Shown(4711, 3, NOON)])


async def nothing_can_be_read(talk: Talk) -> None:
    with pytest.raises(LogUnavailable):
        await talk.log.read(GENERAL.key, 0, 10)


async def test_nothing_is_read_nor_saved_before_another_database_was_compared(
    talk: Talk, database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    await talk.settle(said("one"))
    there = await shown(talk)
    assert await holds(talk, there)
    move(monkeypatch)
    await execute(database, CUT)
    await nothing_can_be_read(talk)
    (one,) = await talk.settle(said("two", nonce="2"))
    assert isinstance(one.error, LogUnavailable)
    assert await holds(talk, there)
    await asyncio.sleep(0.3)  # until the writer connects again
    (one,) = await talk.settle(said("two", nonce="2"))
    assert one.error is None
    assert texts(await talk.log.read(GENERAL.key, 0, 10)) == ["one", "two"]
    assert await generation(database) == "1"


async def test_servers_with_one_origin_have_compared_with_the_same_database(
    talk: Talk, database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PGTZ", "Asia/Kolkata")
    log = await PostgresLog.open(database)
    await log.close()
    before = talk.log.origin
    assert before == log.origin != ""
    await talk.settle(said("one"))
    there = await shown(talk)
    assert await holds(talk, there)
    move(monkeypatch)
    await execute(database, CUT)
    await nothing_can_be_read(talk)
    assert talk.log.origin == before
    assert await holds(talk, there)
    assert talk.log.origin != before


async def test_nothing_is_found_before_another_database_was_compared(
    talk: Talk, database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    await talk.settle(said("one"))
    there = await shown(talk)
    assert await holds(talk, there)
    assert isinstance(talk.log, PostgresLog)
    search = PostgresSearch(database, admit=talk.log.admit)
    query = parse_query("one")
    assert (await search.find(query, before=None, limit=5, rooms=None)).finds
    move(monkeypatch)
    await execute(database, CUT)
    with pytest.raises(SearchUnavailable):
        await search.find(query, before=None, limit=5, rooms=None)
    assert await holds(talk, there)
    assert (await search.find(query, before=None, limit=5, rooms=None)).finds
    await search.close()


async def test_of_two_servers_that_notice_one_raises_the_generation(
    talk: Talk, database: str
) -> None:
    log = await PostgresLog.open(database)
    other = Talk(log)
    await talk.settle(said("one"), said("two"))
    there = await shown(talk)
    await execute(database, *LOSE)
    for one in (talk, other):
        one.log.doubt()
    found = await asyncio.gather(holds(talk, there), holds(other, there))
    assert not any(found)
    assert await generation(database) == "2"
    await log.close()


async def test_who_has_lost_nothing_notices_it_at_the_next_look(talk: Talk, database: str) -> None:
    assert await holds(talk, [])
    await execute(database, "UPDATE meta SET value = '2' WHERE key = 'generation'")
    await talk.log.heads()
    assert not await holds(talk, [])
    assert await generation(database) == "2"


async def test_a_generation_that_was_lost_with_the_log_is_not_used_again(database: str) -> None:
    first = await PostgresLog.open(database)
    await first.close()
    await execute(database, "UPDATE meta SET value = '2' WHERE key = 'generation'")
    log = await PostgresLog.open(database)
    await execute(database, "UPDATE meta SET value = '1' WHERE key = 'generation'")
    await log.heads()
    assert not await holds(Talk(log), [])
    await log.close()
    assert await generation(database) == "3"


async def test_servers_on_one_database_name_its_run_alike_whatever_their_settings(
    talk: Talk, database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PGTZ", "Asia/Tokyo")
    monkeypatch.setenv("PGDATESTYLE", "German")
    other = await PostgresLog.open(database)
    origin = other.origin
    await other.close()
    assert isinstance(talk.log, PostgresLog)
    assert origin == talk.log.origin != ""
