"""Who costs most: found by comparing two looks at the hub."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from hubbub.hub.settings import HubSettings
from hubbub.hub.snapshots import MOST_NAMES, BusyClient, BusyRoom, Costs
from tests.hub.chat import Chat, chatting


@pytest.fixture
async def chat() -> AsyncIterator[Chat]:
    async with chatting() as chat:
        yield chat


def look(chat: Chat, costs: Costs, seconds: float = 0.0) -> None:
    chat.seconds += seconds
    costs.look(chat.hub.rooms, chat.hub.clients, chat.hub.monotonic())


def rows(chat: Chat, costs: Costs) -> list[BusyClient]:
    return costs.client_rows(chat.hub.clients, chat.hub.sessions)


async def test_rooms_are_told_with_what_was_said_since_the_last_look(chat: Chat) -> None:
    ada = chat.enter("ada", "General", "Tea")
    chat.enter("ben", "General")
    costs = Costs()
    look(chat, costs)
    assert costs.room_rows() == [BusyRoom("General", 2, 0.0), BusyRoom("Tea", 1, 0.0)]
    for text in ("one", "two", "three"):
        ada.say(text, room="Tea")
    chat.commit()
    look(chat, costs, 2.0)
    assert costs.room_rows() == [BusyRoom("Tea", 1, 1.5), BusyRoom("General", 2, 0.0)]


async def test_who_keeps_the_loop_busy_is_first_with_the_people_there(chat: Chat) -> None:
    quiet, busy = chat.hub.clients.at("192.0.2.7"), chat.connect("192.0.2.8").session.client
    for client in (quiet, quiet, busy):
        client.opened()
    names = [f"eve{number}" for number in range(MOST_NAMES + 2)]
    for name in names:
        chat.connect("192.0.2.8").hello(name)
    costs = Costs()
    look(chat, costs)
    busy.charge(0.5, chat.hub.monotonic())
    look(chat, costs, 1.0)
    assert rows(chat, costs) == [
        BusyClient("192.0.2.8", 1, 0.5, tuple(names[:MOST_NAMES])),
        BusyClient("192.0.2.7", 2, 0.0),
    ]


async def test_behind_a_proxy_the_cost_of_each_session_is_told_with_its_address() -> None:
    async with chatting(HubSettings(sessions_per_address=0)) as chat:
        ada = chat.connect().session
        ada.client.opened()
        costs = Costs()
        look(chat, costs)
        ada.share.charge(0.25, chat.hub.monotonic())
        look(chat, costs, 1.0)
        assert rows(chat, costs) == [BusyClient("192.0.2.1", 1, 0.25)]


async def test_a_look_long_ago_or_just_now_is_not_compared_with(chat: Chat) -> None:
    ada = chat.enter("ada", "General")
    costs = Costs()
    look(chat, costs)
    ada.say("one")
    chat.commit()
    look(chat, costs, 100.0)
    assert costs.room_rows() == [BusyRoom("General", 1, 0.0)]
    ada.say("two")
    chat.commit()
    look(chat, costs, 1.0)
    look(chat, costs, 0.1)
    assert costs.room_rows() == [BusyRoom("General", 1, 1.0)], "two may look at once"
