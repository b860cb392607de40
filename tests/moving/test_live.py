"""What people who are connected notice of an import."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from hubbub.domain import commands as ask
from hubbub.domain.events import Said
from hubbub.domain.replies import RoomJoined, RoomList, Welcome
from hubbub.moving.choices import Choices
from hubbub.moving.formats import open_source
from hubbub.moving.importing import import_rooms
from hubbub.moving.report import ImportReport
from hubbub.moving.served import Served
from tests.hub.chat import Chat, chatting
from tests.hub.people import account, log_in, settle
from tests.moving.samples import slack
from tests.moving.servers import OPERATOR

ALL = Choices(map={"Anna Meier": "ada"}, rooms={"general": "slack"}, private=True)


@pytest.fixture
async def chat() -> AsyncIterator[Chat]:
    async with chatting() as chat:
        yield chat


async def imported(chat: Chat, path: Path, choices: Choices = ALL) -> ImportReport:
    """An import, while the disk takes what comes."""
    with open_source(path) as source:
        moving = asyncio.ensure_future(import_rooms(Served(chat.hub), source, choices, OPERATOR))
        while not moving.done():
            chat.commit()
            await asyncio.sleep(0)
        return await moving


async def test_they_are_told_nothing_and_find_new_rooms(chat: Chat, tmp_path: Path) -> None:
    ada = await account(chat, "ada", "General")
    before = len(ada.received)
    await imported(chat, slack(tmp_path))
    await settle(chat)
    assert ada.received[before:] == []
    ada.send(ask.Rooms())
    await settle(chat)
    assert {"slack", "board"} <= {room.name for room in ada.last(RoomList).rooms}
    ada.join("slack")
    await settle(chat)
    texts = [one.text for one in ada.shown("slack") if isinstance(one, Said)]
    assert texts[0] == "hello @ben & all"
    assert len(texts) == 6


async def test_what_they_are_members_of_now_is_read(chat: Chat, tmp_path: Path) -> None:
    ada = await account(chat, "ada", "General")
    await imported(chat, slack(tmp_path))
    ada.join("board")
    await settle(chat)
    joined = ada.last(RoomJoined)
    assert (joined.room, joined.unread, joined.mentions) == ("board", 0, 0)
    ada.bye()
    again = await log_in(chat, "ada")
    welcome = again.last(Welcome)
    assert welcome.user == "ada"
    again.send(ask.Rooms())
    await settle(chat)
    (board,) = [room for room in again.last(RoomList).rooms if room.name == "board"]
    assert not board.unread


async def test_texts_that_go_into_their_room_are_shown_and_not_unread(
    chat: Chat, tmp_path: Path
) -> None:
    ada = await account(chat, "ada", "General")
    ben = await account(chat, "ben", "General")
    ben.say("now")
    await settle(chat)
    await imported(chat, slack(tmp_path), Choices(into={"general": "General"}))
    await settle(chat)
    moved = [one for one in ada.shown() if isinstance(one, Said) and one.moved]
    assert len(moved) == 6
    ada.send(ask.Rooms())
    await settle(chat)
    (general,) = [room for room in ada.last(RoomList).rooms if room.name == "General"]
    assert general.unread == 1
