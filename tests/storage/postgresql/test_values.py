"""What is saved comes back as it was, and what a PostgreSQL cannot hold is refused by itself."""

from __future__ import annotations

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from hubbub.domain.errors import BadMessage, LogUnavailable
from hubbub.domain.events import Said
from hubbub.hub.ports import Draft
from hubbub.storage.postgresql.log import PostgresLog
from hubbub.storage.postgresql.unnested import array_of
from tests.postgres import Server
from tests.storage.talk import ADA, BEN, GENERAL, IDS, Talk, said, texts

LARGEST = 2**63 - 1
WHOLE = some.characters(exclude_categories=["Cs"], exclude_characters="\0")


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(some.lists(some.none() | some.text(WHOLE)), some.lists(some.integers(-LARGEST, LARGEST)))
def test_arrays_are_read_as_they_were(
    asked: psycopg.Connection, words: list[str | None], numbers: list[int]
) -> None:
    found = asked.execute(
        "SELECT CAST(%s AS text[]), CAST(%s AS bigint[])", (array_of(words), array_of(numbers))
    )
    assert found.fetchone() == (words, numbers)


@pytest.fixture(scope="module")
def asked(postgresql: Server) -> object:
    with postgresql.connect() as connection:
        yield connection


ODD = [
    "",
    "NULL",
    "null",
    "{}",
    '"',
    "\\",
    '\\"',
    "a,b",
    "{1,2}",
    " ",
    "\n",
    "'",
    "%s",
    ":a",
    "\u2028",
]


async def test_texts_that_look_like_something_else_come_back(database: str) -> None:
    log = await PostgresLog.open(database, durability="process")
    talk = Talk(log)
    await talk.settle(*map(said, ODD))
    for text in ODD:
        await talk.say(text)
    assert texts(await talk.all()) == ODD * 2
    await log.close()


@pytest.mark.parametrize("odd", ["a\0b", "half of \ud800"])
async def test_what_cannot_be_kept_is_refused_and_nothing_else(database: str, odd: str) -> None:
    """No client can say either: a text has no control characters, and is whole."""
    log = await PostgresLog.open(database, durability="process")
    talk = Talk(log)
    found = await talk.settle(said("one"), said(odd), said("two", by=BEN))
    assert [one.error is None for one in found] == [True, False, True]
    error = (await talk.say(odd)).error
    # One that says "later" would be sent again and again.
    assert isinstance(error, BadMessage if "\0" in odd else LogUnavailable)
    found = await talk.settle(said("three", nonce="n"), said("four", nonce=odd))
    assert [one.error is None for one in found] == [True, False]
    assert texts(await talk.all()) == ["one", "two", "three"]
    await log.close()


async def test_a_number_of_too_many_bits_is_refused_and_nothing_else(database: str) -> None:
    log = await PostgresLog.open(database, durability="process")
    talk = Talk(log)
    late = Draft(GENERAL, Said(0, 2**63, ADA, "late", by_id=IDS[ADA]))
    found = await talk.settle(said("one"), late, said("two"))
    assert [one.error is None for one in found] == [True, False, True]
    assert texts(await talk.all()) == ["one", "two"]
    await log.close()
