from __future__ import annotations

import pytest

from hubbub.domain import commands as ask
from hubbub.domain import replies as told
from hubbub.domain.names import UserName
from hubbub.domain.rules import NEWCOMER_SECONDS, Newcomers, Role
from hubbub.hub.settings import HubSettings
from tests.hub.chat import Chat, Person, chatting
from tests.hub.people import account, do, log_in, server_owner

HOUR = 3600


async def careful(chat: Chat, rule: Newcomers = Newcomers.CAREFUL) -> Person:
    """Ada owns the Lab, where newcomers have to be careful."""
    ada = await account(chat, "ada", "Lab")
    await do(ada, ask.SetRules, newcomers=rule)
    ada.news()
    return ada


async def says(person: Person, text: str = "hello", room: str = "Lab") -> str:
    """What becomes of a text: "said", or the code of its refusal."""
    heard = await do(person, ask.Say, room, text=text)
    refused = [one.removeprefix("error ") for one in heard if one.startswith("error")]
    return refused[0] if refused else "said"


def is_new(person: Person) -> bool:
    """Whether the person was told so on coming in."""
    standing = person.last(told.RoomJoined).standing
    return standing is not None and standing.newcomer


async def test_newcomers_wait_between_two_texts(chat: Chat) -> None:
    await careful(chat)
    ben = chat.enter("ben", "Lab")
    assert await says(ben) == "said"
    assert await says(ben) == "rate-limited"
    refused = ben.last(told.Refused)
    assert refused.retry_after == pytest.approx(NEWCOMER_SECONDS, abs=0.01)
    assert "newcomers wait 10 seconds" in refused.message
    chat.pass_time(NEWCOMER_SECONDS + 0.1)
    assert await says(ben) == "said"


async def test_the_longer_wait_counts(chat: Chat) -> None:
    ada = await careful(chat)
    await do(ada, ask.SetRules, slow=30)
    ben = chat.enter("ben", "Lab")
    await says(ben)
    chat.pass_time(NEWCOMER_SECONDS + 1)
    assert await says(ben) == "rate-limited"
    assert "slow mode" in ben.last(told.Refused).message


@pytest.mark.parametrize(
    "text", ["see https://example.org", "HTTP://example.org!", "line\n(mailto:eve@example.org)"]
)
async def test_newcomers_post_no_links(chat: Chat, text: str) -> None:
    await careful(chat)
    ben = chat.enter("ben", "Lab")
    assert await says(ben, text) == "not-allowed"
    assert "links" in ben.last(told.Refused).message
    assert await says(ben, "https:// is how links begin") == "said"  # and it was no text yet


@pytest.mark.parametrize("rule", [Newcomers.CAREFUL, Newcomers.HELD])
async def test_nothing_is_a_way_around(chat: Chat, rule: Newcomers) -> None:
    ada = await careful(chat, rule)
    await do(ada, ask.Say, text="who is there?")
    first = ada.last(told.Ack).seq
    ben = chat.enter("ben", "Lab")
    link = "https://example.org"
    outcome = "said" if rule is Newcomers.CAREFUL else "held"
    for kind, fields in (
        (ask.Say, {"outside": True}),
        (ask.Say, {"reply_to": first}),
        (ask.Say, {"reply_to": first, "outside": True}),
        (ask.SayTo, {"to": UserName.parse("ada")}),
    ):
        assert await do(ben, kind, text=link, **fields) == ["error not-allowed"]
        heard = str(await do(ben, kind, text="hello", **fields))
        assert ("error held" in heard) is (outcome == "held")
        assert ("ack" in heard) is (outcome == "said")
        chat.pass_time(NEWCOMER_SECONDS + 0.1)


async def test_a_topic_is_no_way_around_either(chat: Chat) -> None:
    ada = await careful(chat)
    ben = chat.enter("ben", "Lab")
    assert await do(ben, ask.SetTopic, topic="see https://example.org") == ["error not-allowed"]
    assert "ack" in str(await do(ben, ask.SetTopic, topic="tea"))
    assert await says(ben) == "rate-limited"
    await do(ada, ask.SetRules, newcomers=Newcomers.HELD)
    chat.pass_time(NEWCOMER_SECONDS + 0.1)
    assert await do(ben, ask.SetTopic, topic="coffee") == ["error not-allowed"]
    assert await do(ben, ask.SetTopic, topic="") == ["error not-allowed"]
    assert "ack" in str(await do(ada, ask.SetTopic, topic="https://example.org"))


async def test_an_account_is_a_newcomer_for_a_day(chat: Chat) -> None:
    await careful(chat, Newcomers.HELD)
    ben = await account(chat, "ben", "Lab")
    assert is_new(ben)
    assert await says(ben) == "held"
    chat.pass_time(23.9 * HOUR)
    assert await says(ben) == "held"
    chat.pass_time(0.2 * HOUR)
    assert await says(ben) == "said"
    assert not is_new(await log_in(chat, "ben", "Lab"))


async def test_without_hours_only_guests_are_newcomers() -> None:
    async with chatting(HubSettings(rate_limit=0, newcomer_hours=0)) as chat:
        await careful(chat, Newcomers.HELD)
        assert await says(await account(chat, "ben", "Lab")) == "said"
        eve = chat.enter("eve", "Lab")
        assert is_new(eve)
        assert await says(eve) == "held"


async def test_who_has_a_role_is_no_newcomer(chat: Chat) -> None:
    ada = await careful(chat, Newcomers.HELD)
    ben, root = await account(chat, "ben", "Lab"), await server_owner(chat, "root", "Lab")
    await do(ada, ask.GiveRole, user="ben", role=Role.VOICE)
    assert not ben.last(told.RoomStanding).standing.newcomer
    for person in (ada, ben, root):
        assert await says(person) == "said"


async def test_nobody_is_one_where_there_is_no_such_rule(chat: Chat) -> None:
    ada = await careful(chat)
    ben = chat.enter("ben", "Lab")
    assert is_new(ben)
    await do(ada, ask.SetRules, newcomers=Newcomers.FREE)
    assert not ben.last(told.RoomStanding).standing.newcomer
    for _ in range(3):
        assert await says(ben, "https://example.org") == "said"


async def test_a_direct_conversation_has_no_newcomers(chat: Chat) -> None:
    ada, ben = await account(chat, "ada"), chat.enter("ben")
    await do(ben, ask.Direct, users=("ada",))
    room = ben.last(told.DirectRoom).room
    await do(ben, ask.Join, room)
    for _ in range(3):
        assert await says(ben, "https://example.org", room) == "said"
    assert await do(ada, ask.SetRules, room, newcomers=Newcomers.HELD) == ["error not-allowed"]
