"""What a client of IRC can learn of what is not its own: nothing, by whatever command."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator

import pytest

from tests.passwords import CheapPasswords
from tests.server.irc_client import IrcClient
from tests.server.serving import Chatter, Server, serving

CAPS = (
    "message-tags batch echo-message labeled-response draft/multiline draft/chathistory "
    "draft/event-playback draft/metadata-3 draft/read-marker draft/message-redaction"
)
PASSWORD = "correct-horse-battery"
ASKED = (
    *("NAMES {}", "WHO {}", "WHO {} %cuhsnfdlaor", "LIST {}", "TOPIC {}", "TOPIC {} :soup"),
    *("MODE {}", "MODE {} +b", "MODE {} +e", "MODE {} +I", "MODE {} +i", "MODE {} +o ada"),
    *("MODE {} +b x!*@*", "MODE {} -k x", "MODE {} +l 3", "KNOCK {}", "INVITE ada {}"),
    *("INVITE eve {}", "INVITE nobody {}", "KICK {} ada", "KICK {} eve", "PART {}"),
    *("PRIVMSG {} :hi", "NOTICE {} :hi", "PRIVMSG @{} :hi", "PRIVMSG {} :\x01VERSION\x01"),
    *("@+typing=active TAGMSG {}", "@+x=y TAGMSG {}", "@label=a PRIVMSG {} :hi"),
    *("@label=a NOTICE {} :hi", "@+draft/react=👍;+draft/reply={key}/1 TAGMSG {}"),
    *("@+draft/reply={key}/1 PRIVMSG {} :hi", "CHATHISTORY LATEST {} * 10"),
    *("CHATHISTORY AROUND {} msgid={key}/1 10", "MARKREAD {}", "REDACT {} {key}/1"),
    *("METADATA {} LIST", "METADATA {} SYNC", "METADATA {} SET a :b", "RENAME {} #other"),
    *("CS INFO {}", "CS REGISTER {}", "CS OP {} eve", "CS BAN {} ada", "CS INVITE {} eve"),
    "BATCH +1 draft/multiline {}\r\n@batch=1 PRIVMSG {} :one\r\n@batch=1 PRIVMSG {} :two\r\n"
    "BATCH -1",
)
"""Each of a room. What comes into a room tells that its name is taken, and is not here."""


@pytest.fixture
async def server() -> AsyncIterator[Server]:
    async with serving(passwords=CheapPasswords()) as server:
        yield server


async def account(server: Server, name: str, caps: str = "") -> IrcClient:
    """Somebody who has an account."""
    client = await IrcClient.come(server, name, caps)
    client.says(f"NS REGISTER {PASSWORD}")
    await client.until(" 900 ")
    await client.hears()
    return client


async def answers(client: IrcClient, asked: str, room: str) -> list[str]:
    """What is told of ``room``, without its name."""
    lines = await client.asks(asked.replace("{}", f"#{room}").replace("{key}", room.lower()))
    lines = [re.sub(r"b\d+", "…", line) for line in lines]
    return [re.sub(room, "…", line, flags=re.IGNORECASE) for line in lines]


@pytest.mark.parametrize("guest", [True, False], ids=["guest", "account"])
@pytest.mark.parametrize("room", ["private", "PRIVATE", "former", "later"])
async def test_of_a_private_room_all_is_told_as_of_none(
    server: Server, room: str, *, guest: bool
) -> None:
    ada = await account(server, "ada")
    for name in ("Private", "Former"):
        await ada.asks(f"JOIN #{name}", f"MODE #{name} +i", f"PRIVMSG #{name} :not for you")
    await ada.asks("RENAME #Former #Later")
    eve = await (IrcClient.come if guest else account)(server, "eve", CAPS)
    await eve.hears()
    for asked in ASKED:
        none = "nowhere" if room.islower() else "NOWHERE"
        assert await answers(eve, asked, room) == await answers(eve, asked, none), asked


async def test_who_does_not_want_to_be_seen_is_not_seen_in_lists_of_friends(server: Server) -> None:
    ada = await account(server, "ada")
    eve = await IrcClient.come(server, "eve", "extended-monitor setname account-notify away-notify")
    assert any(" 730 " in line for line in await eve.asks("MONITOR + ada"))
    async with server.web() as socket:
        client = Chatter(socket)
        await client.ask("welcome", type="hello", user="ada", password=PASSWORD)
        await client.ask("done", type="profile", hides_seen=True)
    assert any(" 731 " in line for line in await eve.hears())
    await ada.asks("SETNAME :Somebody else", "AWAY :lunch", "AWAY")
    assert await eve.hears() == []
