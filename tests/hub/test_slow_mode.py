from __future__ import annotations

import pytest

from hubbub.domain import commands as ask
from hubbub.domain import replies as told
from hubbub.domain.rules import Role
from hubbub.hub import slowmode
from tests.hub.chat import Chat
from tests.hub.people import account, do


async def test_everybody_waits_between_two_texts(chat: Chat) -> None:
    ada, ben, eve = (
        await account(chat, "ada", "Lab"),
        chat.enter("ben", "Lab"),
        chat.enter("eve", "Lab"),
    )
    await do(ada, ask.SetRules, slow=30)
    for person in (ben, eve):
        assert "error" not in str(await do(person, ask.Say, text="one"))
        assert await do(person, ask.Say, text="two") == ["error rate-limited"]
    refused = ben.last(told.Refused)
    assert "slow mode" in refused.message
    assert refused.retry_after == pytest.approx(30, abs=0.01)
    chat.pass_time(29)
    assert await do(ben, ask.Say, text="two") == ["error rate-limited"]
    chat.pass_time(1.5)
    assert "error" not in str(await do(ben, ask.Say, text="two"))
    await do(ada, ask.SetRules, slow=0)
    assert "error" not in str(await do(ben, ask.Say, text="three"))


async def test_who_has_a_role_need_not_wait(chat: Chat) -> None:
    ada, ben = await account(chat, "ada", "Lab"), await account(chat, "ben", "Lab")
    await do(ada, ask.SetRules, slow=30)
    await do(ada, ask.GiveRole, user="ben", role=Role.VOICE)
    for person in (ada, ben, ada, ben):
        assert "error" not in str(await do(person, ask.Say, text="quick"))


async def test_saying_it_from_outside_is_no_way_around(chat: Chat) -> None:
    ada, ben = await account(chat, "ada", "Lab"), chat.enter("ben", "Lab")
    await do(ada, ask.SetRules, slow=30)
    await do(ben, ask.Say, text="one")
    assert await do(ben, ask.Say, text="two", outside=True) == ["error rate-limited"]


async def test_the_longest_silent_are_forgotten_first(
    chat: Chat, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(slowmode, "MOST_REMEMBERED", 1)
    ada, ben, eve = (
        await account(chat, "ada", "Lab"),
        chat.enter("ben", "Lab"),
        chat.enter("eve", "Lab"),
    )
    await do(ada, ask.SetRules, slow=30)
    await do(ben, ask.Say, text="one")
    await do(eve, ask.Say, text="one")
    assert await do(eve, ask.Say, text="two") == ["error rate-limited"]
    assert "error" not in str(await do(ben, ask.Say, text="two"))
