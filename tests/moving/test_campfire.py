"""Transcripts of Campfire."""

from __future__ import annotations

from pathlib import Path

import pytest

from hubbub.moving.choices import Choices
from hubbub.moving.errors import BadFile
from tests.moving.samples import campfire, items_of
from tests.moving.servers import in_memory


async def test_texts_have_their_authors_and_times(tmp_path: Path) -> None:
    async with in_memory() as place:
        report = await place.take(campfire(tmp_path), Choices())
        assert await place.texts("Cold-Ice-Cream") == [
            ("Anna.Meier", "Hello", None),
            ("Anna.Meier", "```\na\nb\n```", None),
        ]
        assert (await place.events("Cold-Ice-Cream"))[1].at == 1258917102000
    assert sum(report.skipped.values()) == 2


def test_what_is_no_file_of_campfires_is_told(tmp_path: Path) -> None:
    (campfire(tmp_path) / "zoo.json").write_text('{"animals": []}')
    with pytest.raises(BadFile, match=r'zoo.json, line 1: A file of Campfire.s has no "animals"'):
        items_of(tmp_path, "campfire")
