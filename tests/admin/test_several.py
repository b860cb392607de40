"""What administrators are told by one of several servers on one log."""

from __future__ import annotations

import json
from typing import Any

from hubbub.admin.running import encode
from hubbub.hub.elsewhere import REFRESH_SECONDS
from tests.admin.desk import administration
from tests.hub.chat import UNHURRIED
from tests.hub.members import private_room, register
from tests.hub.several import Server, several
from tests.hub.test_three_nodes import guest_at


async def told(server: Server, task: str, **arguments: Any) -> Any:
    """What comes of a task that is asked for at ``server``."""
    done = await administration(server.hub).at_hand(task, json.dumps(arguments).encode())
    return json.loads(encode(done))


async def here(server: Server, room: str) -> int:
    """How many are connected who are in ``room``."""
    told_of: int = (await told(server, "room", room=room))["room"]["here"]
    return told_of


async def test_who_is_connected_anywhere_is_here() -> None:
    async with several() as them:
        one, two, three = them
        ada = await register(one, "ada")
        ben = await guest_at(them, two, "ben", "General")
        await guest_at(them, three, "eve", "General")
        await them.pass_time(UNHURRIED.lease_seconds)
        for server in them:
            users = (await told(server, "users", guests=True))["users"]
            assert [(row["name"], row["here"]) for row in users] == [
                ("ada", True),
                ("ben", True),
                ("eve", True),
            ]
            assert (await told(server, "user", user="ada"))["user"]["here"]
            status = await told(server, "status")
            assert (status["people"], status["sessions"], status["nodes"]) == (3, 1, 3)
            assert await here(server, "General") == 2
        ada.bye()
        ben.bye()
        await them.pass_time(REFRESH_SECONDS)
        users = (await told(three, "users", guests=True))["users"]
        assert [(row["name"], row["here"]) for row in users] == [("ada", False), ("eve", True)]
        assert (await told(three, "status"))["people"] == 1
        assert await here(one, "General") == 1


async def test_of_members_who_stay_those_are_counted_who_are_connected() -> None:
    async with several() as them:
        one, _, three = them
        ada, ben = await register(one, "ada"), await register(one, "ben")
        await private_room(one, ada, "Den", ben)
        await them.pass_time(1.0)
        assert (await here(one, "Den"), await here(three, "Den")) == (2, 2)
        ben.lose_connection()
        await them.pass_time(REFRESH_SECONDS)
        assert (await here(one, "Den"), await here(three, "Den")) == (1, 1)
