"""What every search does, over a log in memory or on a database."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from msgspec.structs import replace

from hubbub.domain.names import RoomName
from hubbub.domain.search import parse_query
from hubbub.hub.ports import Draft, Find, ForgetRoom
from tests.storage.search.conftest import Searched
from tests.storage.talk import ADA, BEN, EVE, GENERAL, KITCHEN, joined, left, said

LONG = "averyveryveryveryveryveryveryveryveryverylongone"


async def test_texts_of_all_rooms_are_found_newest_first(searched: Searched) -> None:
    await searched.say(
        joined(ADA), said("tea for one"), said("TEA", BEN, KITCHEN), said("coffee"), said("Tea?")
    )
    await searched.say(left(ADA))
    assert await searched.texts("tea") == ["Tea?", "TEA", "tea for one"]
    assert await searched.texts("nothing") == []


async def test_a_find_is_the_event_as_the_log_has_it(searched: Searched) -> None:
    await searched.say("what?", said("tea", BEN, reply_to=1))
    (found,) = (await searched.find("tea")).finds
    assert isinstance(found, Find)
    assert (found.room, found.event.seq, found.event.by) == (GENERAL, 2, "ben")
    assert (found.event.text, found.event.reply_to) == ("tea", 1)


@pytest.mark.parametrize(
    "query, expected",
    [
        ("one", "one two three"),
        ("three one", "one two three"),
        ('"one two"', "one two three"),
        ('"two one"', None),
        ("thr*", "one two three"),
        ('"two thr*"', None),
        ("ON", None),
        ("on*", "one two three"),
        ("GRUSSE", "Grüße aus Köln"),
        ("koln", "Grüße aus Köln"),
        ("я", "Это я"),
        ("ЭТО", "Это я"),
        ("世", "你好，世界"),
        ("好", "你好，世界"),
        ("世界", "你好，世界"),
        ("界好", None),
        ("好世", None),
        ("你好世界", None),
        ("日本", "日本語のテキスト"),
        ("の", "日本語のテキスト"),
        ("語のテ", "日本語のテキスト"),
        ("수야", "지수야 안녕"),
        ("小明 请", "Ada和小明请看"),
        ("ada小明", None),
        ("Ada和小明", "Ada和小明请看"),
        ("👍", "ok 👍👍"),
        ("👍👍", "ok 👍👍"),
        (LONG, LONG),
        ("from:ben", "by ben"),
        ("from:BEN by", "by ben"),
        ("from:nobody", None),
        ("in:kitchen", "in the kitchen"),
        ("in:KITCHEN the kitchen", "in the kitchen"),
        ("in:nowhere", None),
        ("has:link", "see https://x.example/tea?a=b"),
        ("has:link from:ben", None),
        ("x.example", "see https://x.example/tea?a=b"),
    ],
)  # fmt: skip
async def test_words_of_any_script_are_found(
    searched: Searched, query: str, expected: str | None
) -> None:
    await searched.say(
        "one two three",
        "Grüße aus Köln",
        "Это я",
        "你好，世界",
        "日本語のテキスト",
        "지수야 안녕",
        "Ada和小明请看",
        "ok 👍👍",
        LONG,
        "see https://x.example/tea?a=b",
        said("by ben", BEN),
        said("in the kitchen", EVE, KITCHEN),
    )
    assert await searched.texts(query) == ([] if expected is None else [expected])


@pytest.mark.parametrize("limit", [1, 2, 3, 50])
async def test_page_by_page_each_text_comes_once(searched: Searched, limit: int) -> None:
    await searched.say(*(said(f"tea {number}") for number in range(7)), "coffee")
    expected = [f"tea {number}" for number in reversed(range(7))]
    assert await searched.all_pages("tea", limit) == expected
    assert await searched.all_pages("from:ada tea", limit) == expected
    assert (await searched.find("tea", limit=7)).next is None


async def test_what_comes_between_two_pages_moves_nothing(searched: Searched) -> None:
    await searched.say("tea 1", "tea 2", "tea 3")
    first = await searched.find("tea", limit=2)
    await searched.say("tea 4")
    assert await searched.texts("tea", before=first.next) == ["tea 1"]


async def test_only_the_rooms_that_one_may_read_are_looked_at(searched: Searched) -> None:
    await searched.say(*(said(f"secret {n}", room=KITCHEN) for n in range(30)), "tea", "no secret")
    for rooms, expected in (
        ([GENERAL.key], ["no secret"]),
        ([], []),
        (["nowhere"], []),
        ([GENERAL.key, "nowhere"], ["no secret"]),
    ):
        assert await searched.texts("secret", limit=1, rooms=rooms) == expected
        assert (await searched.find("secret", limit=1, rooms=rooms)).next is None
    assert await searched.texts("in:kitchen", rooms=[GENERAL.key]) == []
    assert len(await searched.texts("from:ada", rooms=[GENERAL.key, KITCHEN.key], limit=50)) == 32


@pytest.mark.parametrize("indexed", [True, False])
async def test_what_is_not_behind_a_rooms_floor_is_as_if_it_was_not_there(
    searched: Searched, indexed: bool
) -> None:
    drafts = [said("secret", room=room) for _ in range(5) for room in (GENERAL, KITCHEN)]
    if indexed:
        await searched.say(*drafts)
    else:
        await searched.caught_up()
        await searched.talk.settle(*drafts)
    for query in ("secret", "from:ada"):
        for floors, places in (
            ({GENERAL.key: 5, KITCHEN.key: 3}, [(KITCHEN, 5), (KITCHEN, 4)]),
            ({GENERAL.key: 4}, [(GENERAL, 5)]),
            ({GENERAL.key: 9}, []),
        ):
            finds = await searched.search.find(
                parse_query(query), before=None, limit=len(places) or 1, rooms=floors
            )
            assert [(one.room, one.event.seq) for one in finds.finds] == places
            assert finds.next is None


@pytest.mark.parametrize("indexed", [True, False])
async def test_what_was_said_in_a_room_that_was_deleted_is_not_found(
    searched: Searched, indexed: bool
) -> None:
    await searched.say(said("secret 1", room=KITCHEN), "no secret")
    if not indexed:
        await searched.talk.settle(said("secret 2", room=KITCHEN))
    await searched.talk.settle(ForgetRoom(KITCHEN))
    assert await searched.texts("secret") == ["no secret"]
    assert await searched.texts("secret in:kitchen") == []
    await searched.say(said("secret 3", room=KITCHEN))
    assert await searched.texts("secret") == ["secret 3", "no secret"]
    assert await searched.texts("secret in:kitchen") == ["secret 3"]
    assert await searched.all_pages("secret", 1) == ["secret 3", "no secret"]


async def test_days_are_looked_at_as_the_clock_said_even_if_it_jumped(searched: Searched) -> None:
    days = ["2026-01-02", "2026-01-01", "2026-01-03", "2026-01-02"]
    await searched.say(*(at(day, f"tea {n}") for n, day in enumerate(days)))
    assert await searched.texts("after:2026-01-02") == ["tea 3", "tea 2", "tea 0"]
    assert await searched.texts("tea before:2026-01-02") == ["tea 1"]
    assert await searched.texts("after:2026-01-02 before:2026-01-03 tea") == ["tea 3", "tea 0"]
    assert await searched.texts("after:2026-01-04") == []
    assert await searched.texts("before:2025-01-04 tea") == []


async def test_an_empty_log_has_nothing_to_find(searched: Searched) -> None:
    await searched.caught_up()
    assert await searched.texts("tea") == []
    assert await searched.texts("after:2020-01-01") == []


async def test_what_means_something_to_the_index_means_nothing_in_a_query(
    searched: Searched,
) -> None:
    await searched.say("tea AND NOT coffee", "x OR y NEAR z", "words : {facts}", "\ue0001 \ue002")
    assert await searched.texts("and not") == ["tea AND NOT coffee"]
    assert await searched.texts("NEAR(z)") == ["x OR y NEAR z"]
    assert await searched.texts("words:facts") == ["words : {facts}"]
    assert await searched.texts("'DROP TABLE texts;--") == []


def at(day: str, text: str) -> Draft:
    draft = said(text, room=RoomName.parse("General"))
    when = int(datetime.fromisoformat(f"{day}T12:00:00").replace(tzinfo=UTC).timestamp()) * 1000
    return replace(draft, event=replace(draft.event, at=when))
