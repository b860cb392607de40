"""Edited texts are found by their new words, and those that were taken back not at all."""

from __future__ import annotations

from pathlib import Path

import pytest

from hubbub.domain.events import Said, Trimmed
from hubbub.hub.ports import Draft, Trim
from hubbub.storage.search import indexer
from hubbub.storage.search.index import Index
from tests.storage.remains import indexed, left_on_disk
from tests.storage.search.conftest import Searched, on_disk, until
from tests.storage.talk import ADA, BEN, GENERAL, NOON, said
from tests.storage.test_amending import edit, react, redact


async def test_an_edited_text_is_found_by_its_new_words_only(searched: Searched) -> None:
    await searched.say("green tea", said("black tea", BEN), "coffee")
    await searched.say(edit(1, "white wine"), edit(1, "red wine"), react(1, "👍"))
    assert await searched.texts("wine") == ["red wine"]
    assert await searched.texts("white") == []
    assert await searched.texts("tea") == ["black tea"]
    assert await searched.texts("from:Ada") == ["coffee", "red wine"]
    assert await searched.texts("in:General") == ["coffee", "black tea", "red wine"]
    await searched.say(edit(1, "green tea"))
    assert await searched.texts("tea") == ["black tea", "green tea"]
    (_, find) = (await searched.find("tea")).finds
    assert isinstance(find.event, Said)
    assert (find.event.seq, find.event.rev) == (1, 7)
    assert [reaction.emoji for reaction in find.event.reactions] == ["👍"]


async def test_what_was_taken_back_is_not_found(searched: Searched) -> None:
    await searched.say("green tea", "black tea", "more tea")
    await searched.say(redact(2), edit(1, "white tea"), redact(1))
    for query in ("tea", "in:General", f"from:{ADA}"):
        assert await searched.texts(query) == ["more tea"]
    for query in ("green", "black", "white"):
        assert await searched.texts(query) == []


async def test_what_was_edited_has_its_place_on_the_pages_of_an_answer(searched: Searched) -> None:
    await searched.say(*(f"tea {number}" for number in range(10)), "water")
    await searched.say(edit(3, "tea with milk"), edit(11, "tea at last"), redact(6))
    expected = ["tea at last", *(f"tea {number}" for number in (9, 8, 7, 6, 4, 3))]
    expected += ["tea with milk", "tea 1", "tea 0"]
    for limit in (1, 3, 4, 20):
        assert await searched.all_pages("tea", limit) == expected
    first = await searched.find("tea", limit=4)
    await searched.say(edit(10, "tea again"), edit(2, "tea too"), redact(4), redact(8))
    rest = await searched.find("tea", limit=20, before=first.next)
    assert [one.event.text for one in rest.finds] == [
        *("tea 6", "tea 4", "tea with milk", "tea too", "tea 0")
    ]


async def test_a_text_that_was_empty_is_found_once_it_says_something(searched: Searched) -> None:
    await searched.say("", "one")
    await searched.say(edit(1, "tea"), edit(2, ""))
    assert await searched.texts("tea") == ["tea"]
    assert await searched.texts("one") == []
    await searched.say(edit(2, "two"), edit(1, ""))
    assert await searched.texts("in:General") == ["two"]


SECRET = "unutterable"


async def test_an_index_has_no_word_left_of_what_was_taken_back(tmp_path: Path) -> None:
    async with on_disk(tmp_path) as searched:
        await searched.say(*(f"{SECRET} {SECRET}{number}" for number in range(200)), "tea")
        await searched.say(*(edit(number, f"un{SECRET} {number}") for number in range(1, 100)))
        assert indexed(tmp_path, SECRET)
        generation = searched.search._indexer.generation  # type: ignore[attr-defined]
        await searched.say(*map(redact, range(1, 201)))
        await until(lambda: not left_on_disk(tmp_path, SECRET))
        assert not indexed(tmp_path, SECRET)
        assert await searched.texts("tea") == ["tea"]
        await searched.say("more tea")
        assert await searched.texts("tea") == ["more tea", "tea"]
        assert searched.search._indexer.generation == generation, "it was not made anew"  # type: ignore[attr-defined]
    assert left_on_disk(tmp_path, SECRET) == []


async def test_an_index_that_did_not_hear_of_it_is_made_anew(tmp_path: Path) -> None:
    """The server ended in between: what the text was nobody knows any more."""
    async with on_disk(tmp_path) as searched:
        await searched.say(f"{SECRET} one", f"{SECRET} two", "tea")
        await searched.search.close()  # type: ignore[attr-defined]
        await searched.talk.settle(edit(2, "tea for two"), redact(1))
        assert indexed(tmp_path, SECRET)
    async with on_disk(tmp_path) as searched:
        await until(lambda: not left_on_disk(tmp_path, SECRET + " one"))
        await until(lambda: not indexed(tmp_path, "one"))
        await searched.caught_up()
        assert await searched.texts("tea") == ["tea", "tea for two"]
        assert await searched.texts(SECRET) == []


async def test_what_was_not_cleaned_up_is_after_the_next_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(Index, "clean_up", lambda _: False)
        async with on_disk(tmp_path) as searched:
            await searched.say(f"{SECRET} one", "tea")
            await searched.say(redact(1))
            assert await searched.texts("in:General") == ["tea"]
    assert left_on_disk(tmp_path, SECRET)
    async with on_disk(tmp_path) as searched:
        await until(lambda: not left_on_disk(tmp_path, SECRET))
        assert await searched.texts("tea") == ["tea"]


async def test_a_large_index_is_cleaned_of_much_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cleaned: list[Index] = []

    def clean_up(index: Index) -> bool:
        cleaned.append(index)
        return True

    monkeypatch.setattr(indexer, "CLEAN_RATIO", 1e9)
    monkeypatch.setattr(Index, "clean_up", clean_up)
    async with on_disk(tmp_path) as searched:
        await searched.say("one", "two", "three")
        for number in (1, 2, 3):
            await searched.say(redact(number))
            await until(lambda: bool(cleaned))
        await searched.caught_up()
        assert len(cleaned) == 1


async def test_edits_of_what_is_trimmed_are_found_no_more(tmp_path: Path) -> None:
    async with on_disk(tmp_path) as searched:
        await searched.say("green tea", "black tea", edit(1, "white tea"), "coffee")
        await searched.say(Draft(GENERAL, Trimmed(0, NOON, "server", 1)))
        await searched.say(edit(2, "no tea"))
        assert await searched.texts("white") == []
        await searched.talk.settle(Trim(GENERAL, 1, 100))
        await searched.say("more tea")
        assert await searched.texts("tea") == ["more tea", "no tea"]
