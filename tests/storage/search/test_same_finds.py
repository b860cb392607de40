"""Whatever is said and sought, both databases give the finds that a scan of all texts gives."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from pathlib import Path
from typing import NamedTuple

from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from hubbub.domain.errors import ChatError
from hubbub.domain.names import RoomName, UserName
from hubbub.domain.search import Query, parse_query
from hubbub.hub.ports import Draft, ForgetRoom, Search
from tests.memorylog.log import MemoryLog
from tests.memorylog.search import MemorySearch
from tests.storage.search.conftest import Searched, in_database, on_disk
from tests.storage.talk import ADA, BEN, EVE, GENERAL, KITCHEN, NOON, said

DAY = 86_400_000
ALPHABET = "aAeéoöOßſ1²'\\\"世界好日ののเก👍👨‍👩\u200d–:&|!()* \n\t"
WORDS = st.sampled_from(
    [
        "tea",
        "Tea's",
        "teapot",
        "世界",
        "世界好",
        "の",
        "👍👍",
        "https://x.example",
        "łódź",
        "a'b\\c",
    ]
)
TEXTS = st.lists(WORDS | st.text(ALPHABET, min_size=1, max_size=6), min_size=1, max_size=6).map(
    " ".join
)


class Message(NamedTuple):
    text: str
    by: UserName
    room: RoomName
    days: int

    def draft(self) -> Draft:
        draft = said(self.text, self.by, self.room)
        return replace(draft, event=replace(draft.event, at=NOON + self.days * DAY))


MESSAGES = st.lists(
    st.builds(
        Message,
        TEXTS,
        st.sampled_from([ADA, BEN, EVE]),
        st.sampled_from([GENERAL, KITCHEN]),
        st.integers(-2, 2),
    ),
    min_size=1,
    max_size=12,
)
FILTERS = st.sampled_from(
    ["from:ada", "in:kitchen", "has:link", "after:2023-07-30", "before:2023-07-31"]
)
PHRASES = st.text(ALPHABET, min_size=1, max_size=8).map(lambda words: f'"{words}"')
PARTS = WORDS | FILTERS | PHRASES | st.text(ALPHABET, min_size=1, max_size=4)
QUERIES = st.lists(PARTS, min_size=1, max_size=3).map(" ".join)
ROOMS = st.none() | st.dictionaries(
    st.sampled_from([GENERAL.key, KITCHEN.key, "nowhere"]), st.integers(0, 6)
)


class Asked(NamedTuple):
    query: str
    limit: int
    rooms: dict[str, int] | None


def test_both_databases_give_the_same_finds(database: str, tmp_path: Path) -> None:
    with asyncio.Runner() as runner:
        stack = AsyncExitStack()
        there = runner.run(opened(stack, database, tmp_path))

        @settings(max_examples=50, deadline=None)
        @given(MESSAGES, st.lists(st.builds(Asked, QUERIES, st.integers(1, 5), ROOMS), min_size=5))
        def compare(messages: list[Message], questions: list[Asked]) -> None:
            runner.run(compared(there, messages, questions))

        try:
            compare()
        finally:
            runner.run(stack.aclose())


async def opened(stack: AsyncExitStack, database: str, folder: Path) -> list[Searched]:
    memory = MemoryLog(auto=True)
    return [
        Searched(memory, MemorySearch(memory.disk), folder),
        await stack.enter_async_context(on_disk(folder)),
        await stack.enter_async_context(in_database(database, folder)),
    ]


async def compared(there: list[Searched], messages: list[Message], questions: list[Asked]) -> None:
    """Says ``messages`` in new rooms; the rooms of the time before are deleted."""
    for searched in there:
        await searched.talk.settle(ForgetRoom(GENERAL), ForgetRoom(KITCHEN))
        await searched.say(*(one.draft() for one in messages))
    for asked in questions:
        try:
            query = parse_query(asked.query)
        except ChatError:
            continue
        scanned, *found = [await pages(one.search, query, asked) for one in there]
        assert found == [scanned, scanned], asked


async def pages(search: Search, query: Query, asked: Asked) -> list[tuple[str, int, list[str]]]:
    """All that is found, page by page."""
    found: list[tuple[str, int, list[str]]] = []
    before: int | None = None
    while True:
        page = await search.find(query, before=before, limit=asked.limit, rooms=asked.rooms)
        found += [(one.room.key, one.event.seq, one.excerpt) for one in page.finds]
        before = page.next
        if before is None:
            return found
