"""Names that nobody can have: on one server, and where there are several."""

from __future__ import annotations

from typing import Any

import pytest

from hubbub.domain import commands as ask
from hubbub.domain.names import UserName
from tests.hub.chat import chatting
from tests.hub.members import PASSWORD, settle
from tests.hub.test_two_hubs import Line

KEEPER = UserName.parse("Keeper")
LIKE_IT = ["Keeper", "keeper", "Kee\u0440er"]  # the last one with a Cyrillic letter


@pytest.fixture(params=["alone", "among several"])
def more(request: pytest.FixtureRequest) -> dict[str, Any]:
    """How the server is made."""
    bus = Line().end() if request.param == "among several" else None
    return {"kept_back": [KEEPER], "bus": bus}


@pytest.mark.parametrize("name", LIKE_IT)
async def test_nobody_comes_in_by_it_or_makes_an_account(name: str, more: dict[str, Any]) -> None:
    async with chatting(**more) as chat:
        user = UserName.parse(name)
        for command in (ask.Hello(user=user), ask.Register(user=user, password=PASSWORD)):
            person = chat.connect("192.0.2.1")
            person.send(command)
            await settle(chat)
            assert person.news() == ["error name-taken"]


@pytest.mark.parametrize("name", LIKE_IT)
async def test_nobody_is_renamed_to_it(name: str, more: dict[str, Any]) -> None:
    async with chatting(**more) as chat:
        ada = chat.connect("192.0.2.1")
        ada.send(ask.Hello(user=UserName.parse("ada")))
        await settle(chat)
        ada.news()
        ada.send(ask.Hello(user=UserName.parse(name), again=True))
        await settle(chat)
        assert ada.news() == ["error name-taken"]
        ada.send(ask.Register(password=PASSWORD))
        await settle(chat)
        ada.news()
        ada.send(ask.Rename(user=UserName.parse(name)))
        await settle(chat)
        assert ada.news() == ["error name-taken"]


async def test_a_name_that_only_begins_like_it_is_as_free_as_any(more: dict[str, Any]) -> None:
    async with chatting(**more) as chat:
        person = chat.connect("192.0.2.1")
        person.send(ask.Hello(user=UserName.parse("keepers")))
        await settle(chat)
        assert person.news() == ["welcome keepers"]
