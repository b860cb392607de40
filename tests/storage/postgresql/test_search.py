"""Searches in a PostgreSQL: what stands beside the texts, what takes long, what fails."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import psycopg
import pytest

from hubbub.domain.directory import DIRECTORY
from hubbub.domain.errors import SearchUnavailable
from hubbub.domain.events import (
    FORMER_MEMBER,
    THE_SERVER,
    AccountClosed,
    AuthorForgotten,
    Registered,
    Said,
    Trimmed,
)
from hubbub.domain.names import RoomName
from hubbub.domain.search import parse_query
from hubbub.hub.ports import Draft, ForgetRoom, Trim
from hubbub.storage.postgresql import renewing
from hubbub.storage.postgresql.log import PostgresLog
from hubbub.storage.postgresql.search import PostgresSearch
from hubbub.storage.search import finder, vectored
from hubbub.storage.search.vectors import VERSION
from tests.postgres import Server, server
from tests.storage.search.conftest import Searched, in_database, until
from tests.storage.talk import ADA, BEN, GENERAL, IDS, KITCHEN, NOON, joined, said

SECRET = "unutterable"
NAME = "Adalgisa"


@pytest.fixture
async def searched(database: str, tmp_path: Path) -> AsyncIterator[Searched]:
    async with in_database(database, tmp_path) as searched:
        yield searched


def by_ada(text: str, room: RoomName = GENERAL) -> Draft:
    return Draft(room, Said(0, NOON, NAME, text, by_id=IDS[ADA]))


def forgotten(*, emptied: bool) -> Draft:
    event = AuthorForgotten(0, NOON, FORMER_MEMBER, emptied, by_id=IDS[ADA])
    return Draft(GENERAL, event)


def stands(url: str, word: str) -> bool:
    """Whether any event has ``word``, in whatever column."""
    with psycopg.connect(url) as connection:
        found = connection.execute(
            "SELECT count(*) FROM events WHERE position(lower(%s) IN lower(events::text)) > 0",
            (word,),
        ).fetchone()
    assert found is not None
    return bool(found[0])


def terms(url: str) -> list[str | None]:
    with psycopg.connect(url) as connection:
        found = connection.execute("SELECT CAST(terms AS text) FROM events ORDER BY id")
        return [one for (one,) in found]


async def test_only_texts_have_terms(searched: Searched, database: str) -> None:
    await searched.say(joined(), "Tea? http://x.example 世界")
    assert terms(database) == [
        None,
        f"'bada' 'c世' 'c界' 'l' 'p世界' 'r1' 'v{VERSION}' 'wexample' 'whttp' 'wtea' 'wx'",
    ]


OTHERS = {"earlier": VERSION - 1, "later": VERSION + 1, "with other words": VERSION + 1000}


def made_by_another(url: str, version: int, word: str) -> None:
    """The terms of all texts with ``word`` are such as this version would not make."""
    with psycopg.connect(url) as connection:
        connection.execute(
            "UPDATE events SET terms = CAST(%s AS tsvector) WHERE position(%s IN text) > 0",
            (f"'bsomebody' 'r1' 'v{version}' 'wsomething'", word),
        )


def versions(url: str) -> list[int]:
    with psycopg.connect(url) as connection:
        found = connection.execute(
            "SELECT term FROM events, unnest(tsvector_to_array(terms)) AS term"
            " WHERE left(term, 1) = 'v' ORDER BY term"
        )
        return [int(term[1:]) for (term,) in found]


@pytest.mark.parametrize("version", OTHERS.values(), ids=OTHERS.keys())
async def test_texts_of_servers_with_other_terms_are_found(
    searched: Searched, database: str, version: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(vectored, "WALKS", (2, 2, 2))
    monkeypatch.setattr(vectored, "WALKED", 2)
    texts = [f"{word} {number}" for number in range(8) for word in ("tea", "cup", "世界")]
    await searched.say(joined(), *texts)
    queries = ("tea", '"tea 3"', "世界", "te*", "from:ada tea", "in:General cup", "in:General")
    before = [await searched.all_pages(query, 50) for query in queries]
    made_by_another(database, version, "3")
    made_by_another(database, version, "6")
    assert [await searched.all_pages(query, 50) for query in queries] == before
    assert before[0] == [f"tea {number}" for number in reversed(range(8))]


async def test_terms_of_earlier_versions_are_made_anew_step_by_step(
    searched: Searched, database: str
) -> None:
    teas = [said(f"tea {number}", BEN) for number in range(5)]
    await searched.say(joined(), *teas, said("later", BEN), by_ada(SECRET))
    made = terms(database)
    made_by_another(database, VERSION - 1, "tea")
    made_by_another(database, VERSION - 1, SECRET)
    made_by_another(database, VERSION + 1, "later")
    await searched.talk.settle(forgotten(emptied=True))
    with psycopg.connect(database, autocommit=True) as connection:
        done = [renewing.renew(connection, 2) for _ in range(4)]
    assert done == [2, 2, 1, 0]
    assert versions(database) == [VERSION] * 5 + [VERSION + 1]
    assert terms(database)[:6] == made[:6]
    assert not stands(database, SECRET)


async def test_a_server_makes_the_terms_of_earlier_versions_anew(
    searched: Searched, database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    await searched.say(joined(), *(f"tea {number}" for number in range(5)))
    made_by_another(database, VERSION - 1, "tea")
    monkeypatch.setattr(renewing, "START_SECONDS", 0.0)
    monkeypatch.setattr(renewing, "STEP", 2)
    search = PostgresSearch(database)
    await until(lambda: versions(database) == [VERSION] * 5)
    await search.close()


async def test_who_takes_all_along_leaves_no_terms(searched: Searched, database: str) -> None:
    await searched.say(by_ada(SECRET), said("tea", BEN))
    assert stands(database, SECRET)
    await searched.talk.settle(forgotten(emptied=True))
    assert not stands(database, SECRET)
    assert not stands(database, NAME)
    assert await searched.texts("in:General") == ["tea"]


async def test_who_leaves_the_texts_leaves_them_without_the_name(
    searched: Searched, database: str
) -> None:
    await searched.say(joined(), by_ada("black tea"), said("tea", BEN))
    assert stands(database, NAME)
    await searched.talk.settle(forgotten(emptied=False))
    assert not stands(database, NAME)
    assert await searched.texts(f"from:{NAME}") == []
    assert await searched.texts("tea") == ["tea", "black tea"]
    assert terms(database)[:2] == [None, f"'b{FORMER_MEMBER}' 'r1' 'v{VERSION}' 'wblack' 'wtea'"]


async def test_a_deleted_room_keeps_no_terms_of_who_takes_all_along(
    searched: Searched, database: str
) -> None:
    registered = Draft(DIRECTORY, Registered(0, NOON, "ada", by_id=IDS[ADA]))
    await searched.say(registered, by_ada(SECRET, KITCHEN), said("hi", BEN, KITCHEN))
    await searched.talk.settle(
        ForgetRoom(KITCHEN),
        Draft(DIRECTORY, AccountClosed(0, NOON, "ada", emptied=True, by_id=IDS[ADA])),
    )
    assert not stands(database, SECRET)
    assert not stands(database, NAME)
    assert stands(database, "whi")


async def test_all_servers_find_a_text_as_soon_as_it_is_saved(
    searched: Searched, database: str
) -> None:
    other = PostgresSearch(database)
    for number in range(3):
        await searched.talk.settle(said(f"tea {number}"))
        for search in (searched.search, other):
            found = await search.find(parse_query("tea"), before=None, limit=9, rooms=None)
            assert found.finds[0].event.text == f"tea {number}"
    assert other.behind == 0
    await other.close()


async def test_a_text_with_more_words_than_can_be_kept_is_found_by_any_of_them(
    searched: Searched,
) -> None:
    # Each pair of these is another one: 0.9 MB of terms.
    chars = "".join(chr(0x20000 + n) + chr(0x4E00 + n % 97) for n in range(40_000))
    words = " ".join(f"{n:040}" for n in range(9000))
    await searched.say(chars, words, "tea")
    assert await searched.all_pages(chars[-3:], 5) == [chars]
    assert await searched.all_pages(f"{8999:040} from:ada", 5) == [words]
    assert await searched.all_pages("tea", 5) == ["tea"]


@pytest.mark.parametrize("room", ["", " in:General"])
async def test_a_search_that_takes_long_says_where_to_go_on(
    searched: Searched, monkeypatch: pytest.MonkeyPatch, room: str
) -> None:
    """However little time there is, each answer is further on, and in the end all is found."""
    monkeypatch.setattr(finder, "SEARCH_SECONDS", 0.0)
    monkeypatch.setattr(vectored, "WALKS", (10, 100, 100))
    await searched.say(*(said("odd" if n % 2 else "even") for n in range(1000)), "odd even")
    first = await searched.find("odd even" + room)
    assert [one.event.text for one in first.finds] == ["odd even"]
    assert first.next is not None
    assert await searched.all_pages("odd even" + room, 20) == ["odd even"]
    assert await searched.all_pages("odd from:ben" + room, 20) == []


@pytest.mark.parametrize("room", ["", " in:General"])
@pytest.mark.parametrize("many", [1, 7, 1000])
async def test_all_is_found_once_whichever_way_it_is_looked_for(
    searched: Searched, monkeypatch: pytest.MonkeyPatch, room: str, many: int
) -> None:
    """Walked a little, then by the index, which finds few or too many."""
    monkeypatch.setattr(vectored, "WALKS", (4, 4, 8))
    monkeypatch.setattr(vectored, "WALKED", 8)
    monkeypatch.setattr(vectored, "MANY", many)
    drafts = [
        said(f"{'tea' if n % 9 == 0 else 'milk'} {n}", room=KITCHEN if n % 5 == 0 else GENERAL)
        for n in range(300)
    ]
    await searched.say(*drafts)
    expected = [
        f"tea {n}" for n in reversed(range(300)) if n % 9 == 0 and not (room and n % 5 == 0)
    ]
    for limit in (1, 4, 50):
        assert await searched.all_pages("tea" + room, limit) == expected
    floors = {GENERAL.key: 100, KITCHEN.key: 0}
    texts: list[str] = []
    before: int | None = 1000
    while before is not None:
        found = await searched.search.find(
            parse_query("tea" + room), before=before, limit=99, rooms=floors
        )
        texts += [one.event.text for one in found.finds]
        before = found.next
    assert texts == [one for one in expected if (n := int(one[4:])) % 5 == 0 or n - n // 5 > 100]


async def test_without_time_for_the_index_it_is_walked(
    searched: Searched, monkeypatch: pytest.MonkeyPatch
) -> None:
    slow = vectored._BY_INDEX + " AND pg_sleep(1) IS NOT NULL"
    monkeypatch.setattr(vectored, "_BY_INDEX", slow)
    monkeypatch.setattr(vectored, "WALKS", (4, 4, 8))
    monkeypatch.setattr(vectored, "WALKED", 8)
    await searched.say("tea 1", *(f"milk {n}" for n in range(50)), "tea 2")
    assert await searched.all_pages("tea", 5) == ["tea 2", "tea 1"]


async def test_a_database_that_takes_too_long_is_told_as_such_and_asked_again_later(
    searched: Searched, monkeypatch: pytest.MonkeyPatch
) -> None:
    await searched.say("tea")
    with monkeypatch.context() as patch:
        patch.setattr(vectored, "_BY_ID", vectored._BY_ID + " AND pg_sleep(9) IS NOT NULL")
        with pytest.raises(SearchUnavailable, match="try again in a moment"):
            await searched.texts("tea")
    assert await searched.texts("tea") == ["tea"]


async def test_what_fails_is_told_the_operator_once_and_is_over_when_the_database_is_back(
    tmp_path: Path,
) -> None:
    told: list[Exception] = []
    with server(fsync="off") as own:
        log = await PostgresLog.open(own.url())
        search = PostgresSearch(own.url(), on_error=told.append)
        searched = Searched(log, search, tmp_path)
        await searched.say("tea")
        assert await searched.texts("tea") == ["tea"]
        own.stop()
        for _ in range(2):
            with pytest.raises(SearchUnavailable):
                await searched.texts("tea")
        assert len(told) == 1
        own.start(fsync="off")
        assert await searched.texts("tea") == ["tea"]
        await search.close()
        with pytest.raises(SearchUnavailable):
            await searched.texts("tea")
        await log.close()


async def test_connections_that_were_lost_while_nobody_searched_are_made_again(
    searched: Searched, postgresql: Server, database: str
) -> None:
    await searched.say("tea")
    assert await searched.texts("tea") == ["tea"]
    with postgresql.connect() as connection:
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = %s AND query LIKE '%%rooms.name, rooms.key%%'",
            (database.rsplit("/", 1)[1],),
        )
    assert await searched.texts("tea") == ["tea"]


async def test_what_a_room_has_trimmed_is_not_found_though_it_is_not_deleted_yet(
    searched: Searched, database: str
) -> None:
    await searched.say(*(f"{SECRET} {n}" for n in range(5)), "tea")
    await searched.talk.settle(Draft(GENERAL, Trimmed(0, NOON, THE_SERVER, 5)))
    assert await searched.texts(SECRET) == []
    assert await searched.texts("in:General") == ["tea"]
    assert stands(database, SECRET)
    await searched.talk.settle(Trim(GENERAL, 5, 100))
    assert not stands(database, SECRET)
