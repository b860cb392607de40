"""What somebody new to IRC here stumbles over: names, keys, questions of programs, invitations."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator

import pytest

from tests.passwords import CheapPasswords
from tests.server.irc_client import IrcClient
from tests.server.serving import Server, serving


@pytest.fixture
async def server() -> AsyncIterator[Server]:
    async with serving(passwords=CheapPasswords()) as server:
        yield server


async def test_a_program_s_question_is_no_conversation_to_people(server: Server) -> None:
    ada = await IrcClient.come(server, "ada")
    async with server.web() as page:

        async def talks() -> list[str]:
            await page.send(json.dumps({"type": "rooms", "id": 7}))
            while (frame := json.loads(await page.recv())).get("re") != 7:
                pass
            return [one["name"] for one in frame["rooms"] if one["name"].startswith("@")]

        await page.send(json.dumps({"type": "hello", "user": "ben"}))
        while '"welcome"' not in str(await page.recv()):
            pass
        await ada.asks("PRIVMSG ben :\x01VERSION\x01", "NOTICE ben :\x01PING 1\x01")
        assert await talks() == []
        await ada.asks("PRIVMSG ben :tea?")
        assert len(await talks()) == 1


async def test_who_invites_is_told_so_once(server: Server) -> None:
    ada = await IrcClient.come(server, "ada", "invite-notify")
    eve, ben = (
        await IrcClient.come(server, "eve", "invite-notify"),
        await IrcClient.come(server, "ben"),
    )
    await ada.asks("JOIN #t")
    await eve.asks("JOIN #t")
    await ada.hears()
    told = await ada.asks("INVITE ben #t")
    assert [line.split()[1] for line in told] == ["341"]
    assert (await eve.hears())[-1].split()[1:] == ["INVITE", "ben", "#t"]
    assert (await ben.hears())[-1].split()[1:] == ["INVITE", "ben", "#t"]
    await eve.asks("INVITE zoe #t")
    assert not any(" INVITE " in line for line in await ada.hears())


async def test_a_channel_with_two_marks_is_told_to_be_the_one_that_is_joined(
    server: Server,
) -> None:
    ada = await IrcClient.come(server, "ada")
    told = await ada.asks("JOIN ##tea")
    assert told[0] == ":hubbub.chat 470 ada ##tea #tea :The channel is called that now."
    assert told[1].endswith(" JOIN #tea")
    assert not any(" 470 " in line for line in await ada.asks("PART #tea", "JOIN #tea"))


async def test_a_key_that_is_too_short_is_refused_with_what_it_has_to_be(server: Server) -> None:
    ada = await IrcClient.come(server, "ada")
    await ada.asks("JOIN #tea")
    for key in ("x", "x" * 65):
        [told] = await ada.asks(f"MODE #tea +k {key}")
        assert " 696 ada #tea k * :" in told
        assert " 4 " in told


async def test_who_comes_back_too_early_is_told_why_the_name_is_taken(server: Server) -> None:
    await IrcClient.come(server, "wanda")
    again = await IrcClient.connect(server)
    again.says("NICK wanda", "USER w 0 * :Wanda")
    await again.until(" 433 ")
    assert (await again.line()).startswith(
        ":hubbub.chat NOTICE * :If wanda is you, on a connection that was lost: "
    )
    again.says("NICK wanda_")
    await again.until(" 422 ")


async def test_a_guest_who_is_banned_is_so_by_any_other_name(server: Server) -> None:
    ada, ben = await IrcClient.come(server, "ada"), await IrcClient.come(server, "ben")
    await ada.asks("JOIN #t")
    await ben.asks("JOIN #t")
    await ada.asks("MODE #t +b ben!*@*")
    assert any(" KICK " in line for line in await ben.hears())
    assert " 474 " in (await ben.asks("JOIN #t"))[0]
    await ben.asks("NICK benny")
    assert " 474 " in (await ben.asks("JOIN #t"))[0]
    eve = await IrcClient.come(server, "eve")
    await eve.asks("JOIN #t")
    await ada.asks("MODE #t +b m:eve!*@*")
    await eve.asks("NICK evelyn")
    assert any(" 404 " in line for line in await eve.asks("PRIVMSG #t :still here"))


async def test_nobody_takes_a_name_in_a_room_that_is_banned_there(server: Server) -> None:
    ada, ben = await IrcClient.come(server, "ada"), await IrcClient.come(server, "ben")
    await ada.asks("JOIN #t", "MODE #t +b spam*!*@*")
    await ben.asks("JOIN #t")
    told = await ben.asks("NICK spammer")
    assert any(" PART #t " in line or " KICK #t " in line for line in told), told
    assert any(" 404 " in line or " 442 " in line for line in await ben.asks("PRIVMSG #t :buy"))
