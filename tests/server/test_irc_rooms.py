"""Rooms by IRC, on a whole server: what each of several clients is shown."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator

import pytest

from tests.passwords import CheapPasswords
from tests.server.serving import Chatter, LineClient, Server, serving

HOST = re.compile(r"guest/[0-9a-f]{10}")


@pytest.fixture
async def server() -> AsyncIterator[Server]:
    async with serving(passwords=CheapPasswords()) as server:
        yield server


class Irc:
    """A client of IRC. A ping is its barrier."""

    def __init__(self, line: LineClient, nick: str) -> None:
        self.line = line
        self.nick = nick

    async def sends(self, *lines: str) -> list[str]:
        """Sends the lines; returns what came until all of it was done."""
        for line in lines:
            self.line.send(f"{line}\r\n")
        return await self.hears()

    async def hears(self) -> list[str]:
        """What came since the last time, with hosts left out."""
        self.line.send("PING barrier\r\n")
        lines = await self.line.until(" PONG hubbub.chat barrier")
        return [HOST.sub("…", line.removeprefix(":")) for line in lines[:-1]]


async def comes(server: Server, nick: str, *lines: str, caps: str = "") -> Irc:
    """Somebody who has registered, and sent these lines."""
    client = Irc(await server.line(), nick)
    wanted = f"CAP REQ :{caps}\r\nCAP END\r\n" if caps else ""
    client.line.send(f"{wanted}NICK {nick}\r\nUSER {nick} 0 * :{nick}\r\n")
    await client.sends(*lines)
    return client


async def test_who_makes_a_room_is_its_operator_and_everybody_is_shown_so(server: Server) -> None:
    ada = await comes(server, "ada")
    names = await ada.sends("JOIN #Lab")
    assert names == [
        "ada!~ada@… JOIN #Lab",
        "hubbub.chat 353 ada = #Lab :@ada",
        "hubbub.chat 366 ada #Lab :End of /NAMES list.",
    ]
    ben = await comes(server, "ben")
    assert (await ben.sends("JOIN #Lab"))[1] == "hubbub.chat 353 ben = #Lab :@ada ben"
    assert await ada.sends("MODE #Lab +o ben") == [
        "ben!~ben@… JOIN #Lab",
        "ada!~ada@… MODE #Lab +o ben",
    ]
    assert await ben.hears() == ["ada!~ada@… MODE #Lab +o ben"]


async def test_rules_are_modes_in_all_clients(server: Server) -> None:
    ada = await comes(server, "ada", "JOIN #Lab")
    ben = await comes(server, "ben", "JOIN #Lab")
    await ada.hears()
    assert await ada.sends("MODE #Lab +nt") == ["ada!~ada@… MODE #Lab +tn"]
    told = await ada.sends("MODE #Lab")
    assert told[0] == "hubbub.chat 324 ada #Lab +tn"
    assert re.fullmatch(r"hubbub\.chat 329 ada #Lab \d+", told[1])
    assert await ben.sends("TOPIC #Lab :soup") == [
        "ada!~ada@… MODE #Lab +tn",
        "hubbub.chat 482 ben #Lab :Only the moderators of Lab (ada) may say what the room is "
        "about.",
    ]
    async with server.web() as socket:
        eve = Chatter(socket)
        await eve.enter("eve", "Lab")
        await eve.send({"type": "say", "room": "Lab", "text": "by JSON"})
        await eve.hear("ack")
        await ada.hears()
        await ada.sends("MODE #Lab +v eve", "MODE #Lab +m")
        await eve.ask("pong", type="ping")
        frames = [event for event in eve.events if event["kind"] in ("role", "rules")][-2:]
        assert [one.get("role") or one.get("speak") for one in frames] == ["voice", "voices"]


async def test_a_key_and_a_limit_keep_people_out(server: Server) -> None:
    ada = await comes(server, "ada", "JOIN #Lab", "MODE #Lab +kl correct-horse-battery 2")
    ben = await comes(server, "ben")
    assert (await ben.sends("JOIN #Lab"))[0].startswith("hubbub.chat 475 ben #Lab :")
    assert (await ben.sends("JOIN #Lab wrong-horse-battery"))[0].startswith("hubbub.chat 475 ")
    assert (await ben.sends("JOIN #Lab correct-horse-battery"))[0] == "ben!~ben@… JOIN #Lab"
    eve = await comes(server, "eve")
    assert (await eve.sends("JOIN #Lab correct-horse-battery"))[0].startswith("hubbub.chat 471 ")
    assert (await ada.sends("MODE #Lab -kl"))[-1] == "ada!~ada@… MODE #Lab -kl *"
    assert (await eve.sends("JOIN #Lab"))[0] == "eve!~eve@… JOIN #Lab"


async def test_who_is_banned_by_the_name_is_put_out_and_kept_out(server: Server) -> None:
    ada = await comes(server, "ada", "JOIN #Lab")
    ben = await comes(server, "ben", "JOIN #Lab")
    await ada.hears()
    assert await ada.sends("MODE #Lab +b b*n!*@*") == [
        "ada!~ada@… MODE #Lab +b b*n!*@*",
        "ada!~ada@… KICK #Lab ben :Banned from the channel.",
    ]
    assert await ben.hears() == [
        "ada!~ada@… MODE #Lab +b b*n!*@*",
        "ada!~ada@… KICK #Lab ben :Banned from the channel.",
    ]
    assert (await ben.sends("JOIN #Lab"))[0].startswith("hubbub.chat 474 ben #Lab :")
    assert await ada.sends("MODE #Lab b", "MODE #Lab -b B*N!*@*") == [
        "hubbub.chat 367 ada #Lab b*n!*@*",
        "hubbub.chat 368 ada #Lab :End of channel ban list.",
        "ada!~ada@… MODE #Lab -b b*n!*@*",
    ]
    assert (await ben.sends("JOIN #Lab"))[0] == "ben!~ben@… JOIN #Lab"


async def test_who_needs_no_invitation_or_has_one_comes_in(server: Server) -> None:
    ada = await comes(server, "ada", "JOIN #Lab", "MODE #Lab +i", "MODE #Lab +I ben!*@*")
    ben, eve = await comes(server, "ben"), await comes(server, "eve", caps="invite-notify")
    assert (await eve.sends("JOIN #Lab"))[0].startswith("hubbub.chat 473 eve #Lab :")
    assert (await ben.sends("JOIN #Lab"))[0] == "ben!~ben@… JOIN #Lab"
    assert (await ada.sends("INVITE eve #Lab"))[-1] == "hubbub.chat 341 ada eve #Lab"
    assert await eve.hears() == ["ada!~ada@… INVITE eve #Lab"]
    assert (await eve.sends("JOIN #Lab"))[0] == "eve!~eve@… JOIN #Lab"
    assert await ada.sends("INVITE eve #Lab") == [
        "eve!~eve@… JOIN #Lab",
        "hubbub.chat 443 ada eve #Lab :eve is in Lab already.",
    ]


async def test_people_are_put_out(server: Server) -> None:
    ada = await comes(server, "ada", "JOIN #Lab")
    ben = await comes(server, "ben", "JOIN #Lab")
    eve = await comes(server, "eve", "JOIN #Lab")
    await ada.hears()
    assert await ada.sends("KICK #Lab ben,eve,nobody :enough") == [
        "ada!~ada@… KICK #Lab ben :enough",
        "ada!~ada@… KICK #Lab eve :enough",
        'hubbub.chat 401 ada nobody :There is nobody called "nobody" here.',
    ]
    assert (await ben.hears())[-1] == "ada!~ada@… KICK #Lab ben :enough"
    assert (await eve.hears())[-1] == "ada!~ada@… KICK #Lab eve :enough"
    assert (await eve.sends("KICK #Lab ada"))[0].startswith("hubbub.chat 482 eve #Lab :")


async def test_a_room_that_is_renamed_is_told_to_each_as_it_knows(server: Server) -> None:
    ada = await comes(server, "ada", "JOIN #Lab", caps="draft/channel-rename")
    ben = await comes(server, "ben", "JOIN #Lab")
    await ada.hears()
    assert await ada.sends("RENAME #Lab #Cellar :why not") == [
        "ada!~ada@… RENAME #Lab #Cellar :why not"
    ]
    assert (await ben.hears())[:2] == [
        "ben!~ben@… PART #Lab :The channel is called #Cellar now.",
        "ben!~ben@… JOIN #Cellar",
    ]
    assert await ada.sends("PRIVMSG #Cellar :here") == []
    assert await ben.hears() == ["ada!~ada@… PRIVMSG #Cellar :here"]


async def test_what_is_unlisted_is_listed_to_those_inside(server: Server) -> None:
    ada = await comes(server, "ada", "JOIN #Lab", "MODE #Lab +s")
    ben = await comes(server, "ben")
    assert (await ada.sends("LIST *la*"))[1] == "hubbub.chat 322 ada #Lab 1 :"
    assert [line.split()[1] for line in await ben.sends("LIST *la*")] == ["321", "323"]
    assert [line.split()[1] for line in await ben.sends("NAMES")] == ["366"]


async def test_a_text_to_the_operators_is_for_them_alone(server: Server) -> None:
    ada = await comes(server, "ada", "JOIN #Lab")
    ben = await comes(server, "ben", "JOIN #Lab", "PRIVMSG @#Lab :help")
    eve = await comes(server, "eve", "JOIN #Lab")
    assert "ben!~ben@… PRIVMSG @#Lab :help" in await ada.hears() + await ada.hears()
    assert not [line for line in await eve.hears() if "help" in line]
    assert ben.nick == "ben"
