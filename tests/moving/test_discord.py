"""Exports of DiscordChatExporter."""

from __future__ import annotations

from pathlib import Path

import pytest

from hubbub.moving.choices import Choices
from hubbub.moving.errors import BadFile
from hubbub.moving.stream import Message, Room
from tests.moving.samples import DISCORD, discord, discord_message, items_of
from tests.moving.servers import in_memory


async def test_texts_have_their_authors_times_and_answers(tmp_path: Path) -> None:
    async with in_memory() as place:
        report = await place.take(discord(tmp_path / "lobby.json"), Choices())
        texts = await place.texts("lobby")
        events = await place.events("lobby")
    assert texts == [
        ("Anna.Meier", "hello **all**", None),
        ("ben", "an answer @Anna.Meier :tada:", 2),
        (
            "Anna.Meier",
            "a.png: https://cdn.example/a.png\n> News\n> https://n.example\n> one\n> two",
            None,
        ),
        ("Anna.Meier", "elsewhere", None),
        ("Anna.Meier", "(forwarded)\nhello **all**", None),
    ]
    assert events[1].at == 1623177121123
    assert report.skipped == {"reactions": 3, "lines of Discord's own: who came, calls, pins": 1}


def test_parts_of_a_channel_are_in_the_order_of_their_messages(tmp_path: Path) -> None:
    discord(tmp_path / "b.json", DISCORD[:2])
    discord(tmp_path / "a.json", DISCORD[3:])
    found = items_of(tmp_path)
    assert [one.id for one in found if isinstance(one, Message)] == [
        "1001",
        "1002",
        "1004",
        "1005",
        "1006",
    ]
    assert len([one for one in found if isinstance(one, Room)]) == 1


async def test_a_direct_conversation_is_between_those_who_wrote(tmp_path: Path) -> None:
    path = discord(tmp_path / "dm.json", type="DirectTextChat", name="ben")
    (room,) = [one for one in items_of(path) if isinstance(one, Room)]
    assert (room.direct, room.private, room.members) == (True, True, ("11", "12"))
    async with in_memory() as place:
        await place.take(path, Choices())
        assert await place.rooms() == []
        await place.take(path)
        (name,) = await place.rooms()
        assert len(await place.texts(name)) == 5


def test_what_is_no_export_is_told_with_its_line(tmp_path: Path) -> None:
    path = discord(tmp_path / "a.json", [discord_message(1, "a") | {"timestamp": "soon"}])
    with pytest.raises(BadFile, match=r"a.json, line 20: This is no time: 'soon'"):
        items_of(path)
    path.write_text('{"guild": {"id": "1"}, "messages": []}')
    with pytest.raises(BadFile, match="it has no channel"):
        items_of(path)


def test_an_export_larger_than_memory_is_read_piece_by_piece(tmp_path: Path) -> None:
    path = discord(tmp_path / "a.json", [discord_message(at % 60, "x" * 5000) for at in range(400)])
    assert len([one for one in items_of(path) if isinstance(one, Message)]) == 400
