"""What administrators have done, over a hub: by who keeps the server, and by accounts."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest

from hubbub.admin.running import Administration, encode
from hubbub.domain import commands as ask
from hubbub.domain.errors import ChatError
from hubbub.domain.names import UserName
from hubbub.domain.rules import RoomAccess
from hubbub.hub.settings import HubSettings
from tests.admin.desk import URL, administration
from tests.hub.chat import Chat, chatting
from tests.hub.people import account, do, log_in, private, settle

SECRET = "correct horse battery"


class Keeper:
    """Who keeps the server, at its computer."""

    def __init__(self, chat: Chat) -> None:
        self.chat = chat
        self.tasks: Administration = administration(chat.hub)

    async def ask(self, task: str, **arguments: Any) -> Any:
        asked = asyncio.ensure_future(self.tasks.at_hand(task, json.dumps(arguments).encode()))
        while not asked.done():
            await settle(self.chat)
        return json.loads(encode(await asked))

    async def do(self, type: str, room: str = "/server", **fields: Any) -> Any:
        return (await self.ask("do", command={"type": type, "room": room, **fields}))["reply"]

    async def refused(self, task: str, **arguments: Any) -> str:
        """The code with which a task is refused."""
        with pytest.raises(ChatError) as refused:
            await self.ask(task, **arguments)
        return refused.value.code

    async def audit(self, room: str = "/server") -> list[tuple[str, str]]:
        """What was done in a room, and by whom."""
        page = await self.do("audit", room)
        return [(one["kind"], one["by"]) for one in page["events"]]


@pytest.fixture
async def chat() -> AsyncIterator[Chat]:
    async with chatting() as chat:
        yield chat


@pytest.fixture
def keeper(chat: Chat) -> Keeper:
    return Keeper(chat)


# Who keeps the server


async def test_somebody_is_made_the_owner_without_a_code(chat: Chat, keeper: Keeper) -> None:
    ada = await account(chat, "ada")
    assert (await keeper.ask("owner"))["owners"] == []
    assert (await keeper.ask("owner", user="ADA"))["owners"] == ["ada"]
    assert chat.hub.owner_code is None
    assert (await do(ada, ask.Bans, "/server")) == ["banned: ; muted: "]
    assert await keeper.refused("owner", user="ben") == "no-such-user"


async def test_what_the_operator_does_is_told_as_theirs(chat: Chat, keeper: Keeper) -> None:
    ada = await account(chat, "ada", "Lab")
    ben = await account(chat, "ben", "Lab")
    ada.news()
    await keeper.do("kick", "Lab", user="ben", reason="noise")
    assert "put out of Lab" in ben.news()
    assert "Lab 3 the operator put ben out" in ada.news()
    assert ("kicked", "the operator") in await keeper.audit("Lab")


async def test_a_private_room_is_read_and_changed_without_being_in_it(
    chat: Chat, keeper: Keeper
) -> None:
    ada = await account(chat, "ada", "Lab")
    await private(chat, ada)
    ada.say("the plan", "Lab")
    await settle(chat)
    page = await keeper.do("timeline", "Lab")
    assert [one["text"] for one in page["events"] if one["kind"] == "said"] == ["the plan"]
    assert (await keeper.ask("room", room="lab"))["users"] == ["ada"]
    await keeper.do("rules", "Lab", access="open")
    assert chat.hub.rooms["lab"].access is RoomAccess.OPEN
    assert chat.members("Lab") == ["ada"]


async def test_a_direct_conversation_is_counted_and_deleted_but_not_read(
    chat: Chat, keeper: Keeper
) -> None:
    ada, _ben = await account(chat, "ada"), await account(chat, "ben")
    await do(ada, ask.Direct, users=("ben",))
    await settle(chat)
    (talk,) = (room for room in chat.hub.rooms if room.state.facts.direct)
    name = str(talk.name)
    rooms = (await keeper.ask("rooms", direct=True))["rooms"]
    assert [one["direct"] for one in rooms if one["name"] == name] == [["ada", "ben"]]
    assert name not in [one["name"] for one in (await keeper.ask("rooms"))["rooms"]]
    for command in ("history", "timeline", "who", "audit", "bans"):
        with pytest.raises(ChatError, match="for its people alone"):
            await keeper.do(command, name)
    await keeper.do("delete", name)
    assert name.casefold() not in chat.hub.rooms


async def test_nobody_sees_the_operator_come_or_go(chat: Chat, keeper: Keeper) -> None:
    ada = await account(chat, "ada", "Lab")
    await keeper.do("topic", "Lab", topic="Tea")
    assert ada.news() == ["Lab 2 the operator: topic Tea"]
    assert chat.members("Lab") == ["ada"]
    assert "the operator" not in [str(user.name) for user in chat.hub.users]
    assert len(chat.hub.sessions) == 1


@pytest.mark.parametrize("type", ["say", "devices", "bye", "profile", "join", "direct"])
async def test_the_operator_is_nobody_who_speaks_or_has_an_account(
    type: str, chat: Chat, keeper: Keeper
) -> None:
    of: dict[str, dict[str, Any]] = {
        "say": {"room": "Lab", "text": "x", "outside": True},
        "join": {"room": "Lab"},
        "direct": {"users": ["ada"]},
    }
    fields = of.get(type, {})
    assert await keeper.refused("do", command={"type": type, **fields}) == "bad-message"


async def test_no_rate_limit_holds_the_operator_back() -> None:
    async with chatting(HubSettings(rate_limit=0.1, client_rate_limit=0.1)) as hurried:
        keeper = Keeper(hurried)
        for _ in range(300):
            await keeper.do("bans")


# Accounts


async def test_an_account_is_made_and_claimed_by_its_link(chat: Chat, keeper: Keeper) -> None:
    added = await keeper.ask("add-user", user="ada", role="owner")
    assert added["user"]["role"] == "owner"
    assert added["link"]["url"] == URL.rstrip("/") + "/" + added["link"]["fragment"]
    assert chat.connect().send(ask.Hello(user=UserName.parse("ada"), password="x")).news() == []
    newcomer = chat.connect()
    newcomer.send(
        ask.ResetPassword(user=UserName.parse("ada"), code=added["link"]["code"], password=SECRET)
    )
    await settle(chat)
    assert newcomer.news() == ["done"]
    ada = await log_in(chat, "ada")
    assert (await do(ada, ask.Bans, "/server")) == ["banned: ; muted: "]


async def test_an_account_with_a_password_needs_no_link(chat: Chat, keeper: Keeper) -> None:
    added = await keeper.ask("add-user", user="ada", password=SECRET)
    assert added["link"] is None
    assert (await log_in(chat, "ada")).session.user is not None
    assert await keeper.refused("add-user", user="ADA") == "name-taken"
    assert await keeper.refused("add-user", user="ben", password="12345") == "weak-password"
    chat.enter("eve")
    assert await keeper.refused("add-user", user="eve") == "name-taken"


async def test_an_account_is_closed_and_what_it_said_goes_along(chat: Chat, keeper: Keeper) -> None:
    ada = await account(chat, "ada", "Lab")
    ada.say("my secret", "Lab")
    await settle(chat)
    await keeper.ask("close-user", user="ada", empty=True)
    await settle(chat)
    assert ada.hung_up
    page = await keeper.do("timeline", "Lab")
    assert "my secret" not in json.dumps(page)
    kinds = await keeper.audit()
    assert ("kicked", "the operator") in kinds
    assert await keeper.refused("user", user="ada") == "no-such-user"


async def test_the_last_owner_stays(chat: Chat, keeper: Keeper) -> None:
    await keeper.ask("add-user", user="ada", role="owner")
    assert await keeper.refused("close-user", user="ada") == "bad-message"


async def test_people_are_listed_page_by_page(chat: Chat, keeper: Keeper) -> None:
    for name in ("ben", "ada", "eve"):
        await keeper.ask("add-user", user=name)
    first = await keeper.ask("users", limit=2)
    assert [one["name"] for one in first["users"]] == ["ada", "ben"]
    assert first["total"] == 3
    rest = await keeper.ask("users", limit=2, after=first["next"])
    assert [one["name"] for one in rest["users"]] == ["eve"]
    assert rest["next"] is None
    assert [one["name"] for one in (await keeper.ask("users", query="D"))["users"]] == ["ada"]
    chat.enter("guest")
    everybody = await keeper.ask("users", guests=True)
    assert [one["name"] for one in everybody["users"]] == ["ada", "ben", "eve", "guest"]


async def test_one_account_is_told_of(chat: Chat, keeper: Keeper) -> None:
    await account(chat, "ada", "Lab")
    told = await keeper.ask("user", user="Ada")
    assert told["user"]["here"]
    assert told["password"]
    assert told["rooms"] == [{"room": "Lab", "role": "owner", "member": True}]
    assert (told["sessions"], told["devices"]) == (1, 1)


async def test_devices_are_told_and_logged_out(chat: Chat, keeper: Keeper) -> None:
    ada = await account(chat, "ada")
    (device,) = (await keeper.ask("devices", user="ada"))["devices"]
    assert device["connected"] == 1
    assert await keeper.refused("revoke", user="ada", device="x") == "bad-message"
    assert await keeper.ask("revoke", user="ada", device=device["id"]) == {"devices": 1}
    told = (await keeper.do("audit"))["events"][-1]
    assert (told["kind"], told["for_them"]) == ("device", True)
    assert ada.hung_up
    assert (await keeper.ask("devices", user="ada"))["devices"] == []


async def test_a_link_gives_a_new_password(chat: Chat, keeper: Keeper) -> None:
    await account(chat, "ada")
    link = await keeper.ask("reset", user="ada")
    assert link["fragment"].startswith("#?user=ada&reset=")
    assert await keeper.refused("reset", user="ben") == "no-such-user"


# Rooms


async def test_all_rooms_are_listed(chat: Chat, keeper: Keeper) -> None:
    ada = await account(chat, "ada", "Lab", "Tea")
    await private(chat, ada)
    rooms = {one["name"]: one for one in (await keeper.ask("rooms"))["rooms"]}
    assert rooms.keys() == {"General", "Lab", "Tea"}
    assert rooms["Lab"]["access"] == "members"
    assert rooms["Lab"]["owners"] == ["ada"]
    assert rooms["Lab"]["here"] == 1


async def test_a_room_is_made_with_all_that_holds_in_it(chat: Chat, keeper: Keeper) -> None:
    await account(chat, "ada")
    made = await keeper.ask("make-room", room="Den", owner="ada", access="members", topic="Tea")
    assert made["room"]["owners"] == ["ada"]
    assert made["room"]["topic"] == "Tea"
    assert made["room"]["access"] == "members"
    assert await keeper.refused("make-room", room="den") == "name-taken"
    assert await keeper.refused("make-room", room="Hut", owner="ben") == "no-such-user"
    assert await keeper.refused("make-room", room="Hut", access="direct") == "bad-message"


async def test_an_invitation_leads_into_a_room_or_to_an_account(chat: Chat, keeper: Keeper) -> None:
    ada = await account(chat, "ada", "Lab")
    await private(chat, ada)
    link = await keeper.ask("invite", room="Lab", uses=2, days=1)
    assert link["fragment"].startswith("#?room=Lab&invite=")
    assert link["uses"] == 2
    ben = chat.enter("ben")
    await do(ben, ask.Join, "Lab", invite=link["code"])
    assert chat.members("Lab") == ["ada", "ben"]
    assert (await keeper.ask("invite", days=None))["fragment"].startswith("#?invite=")


# What is asked wrongly


async def test_what_is_no_task_and_what_it_does_not_take_is_refused(keeper: Keeper) -> None:
    assert await keeper.refused("dance") == "no-such-task"
    assert await keeper.refused("user") == "bad-message"
    assert await keeper.refused("user", user="ada", more=1) == "bad-message"
    assert await keeper.refused("user", user="a b") == "invalid-name"
    assert await keeper.refused("do", command={"type": "dance"}) == "bad-message"


async def test_the_state_of_the_server_is_told(chat: Chat, keeper: Keeper) -> None:
    await account(chat, "ada", "Lab")
    status = await keeper.ask("status")
    assert status["healthy"]
    assert status["serving"]
    assert (status["accounts"], status["people"], status["rooms"]) == (1, 1, 2)


async def test_a_snapshot_tells_who_costs_most_to_who_keeps_the_server(
    chat: Chat, keeper: Keeper
) -> None:
    ada = chat.enter("ada", "Tea")
    ada.session.client.opened()
    chat.hub.measures.committed(0.004, 3)
    await keeper.ask("top")
    ada.session.client.charge(0.25, chat.hub.monotonic())
    ada.say("tea?", room="Tea")
    chat.commit()
    chat.seconds += 1
    found = await keeper.ask("top")
    assert found["rooms"][0] == {"name": "Tea", "here": 1, "events": 1.0}
    assert found["clients"] == [
        {"address": "192.0.2.1", "connections": 1, "busy": 0.25, "people": ["ada"]}
    ]
    assert sum(found["commits"]["counts"]) == 1
    assert {"name": "websocket", "sessions": 1} in found["protocols"]
    counters = {one["name"]: one["value"] for one in found["counters"]}
    assert counters["events"] == len(chat.story("Tea"))
