"""Administrators by IRC, from socket to socket: OPER, KILL, WALLOPS, and who sees that."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator

import pytest

from tests.passwords import CheapPasswords
from tests.server.irc_client import IrcClient
from tests.server.serving import Server, serving

PASSWORD = "correct horse battery"


@pytest.fixture
async def server() -> AsyncIterator[Server]:
    """One that root owns, who is connected by a page."""
    async with serving(passwords=CheapPasswords()) as server, server.web() as web:
        code = server.hub.owner_code
        for command in (
            {"type": "hello", "user": "root"},
            {"type": "register", "password": PASSWORD},
            {"type": "own", "code": code},
            {"type": "ping", "id": 1},
        ):
            await web.send(json.dumps(command))
        while '"type":"pong"' not in str(await web.recv()):
            pass
        yield server


async def test_rights_are_lent_and_given_back(server: Server) -> None:
    ada = await IrcClient.come(server, "ada")
    assert " 491 ada :" in (await ada.asks("OPER root wrong"))[0]
    assert " 491 ada :" in (await ada.asks("OPER nobody wrong"))[0]
    told = await ada.asks(f"OPER root :{PASSWORD}")
    assert sorted(line.split()[1] for line in told) == ["381", "MODE"]
    ben = await IrcClient.come(server, "ben")
    assert " 313 ben ada :" in " ".join(await ben.asks("WHOIS ada"))
    assert " 252 ben 2 :" in " ".join(await ben.asks("LUSERS"))
    assert (await ada.asks("MODE ada -o"))[0].endswith(" MODE ada -o")
    assert " 313 " not in " ".join(await ben.asks("WHOIS ada"))
    assert " 481 ada :" in (await ada.asks("KILL ben"))[0]


async def test_an_operator_puts_somebody_out(server: Server) -> None:
    ada, ben = await IrcClient.come(server, "ada"), await IrcClient.come(server, "ben")
    await ben.asks("JOIN #tea")
    eve = await IrcClient.come(server, "eve")
    await eve.asks("JOIN #tea")
    assert " 481 eve :" in (await eve.asks("KILL ben :no"))[0]
    await ada.asks(f"OPER root :{PASSWORD}")
    await ada.asks("KILL ben :enough")
    last = ""
    while line := await ben.line():
        last = line
    assert last.startswith("ERROR :Closing link: ")
    assert any(" QUIT " in line and line.startswith(":ben!") for line in await eve.hears())
    assert " 401 ada zoe :" in (await ada.asks("KILL zoe"))[0]


async def test_everybody_hears_what_an_operator_tells_everybody(server: Server) -> None:
    ada, ben = await IrcClient.come(server, "ada"), await IrcClient.come(server, "ben")
    await ben.asks("MODE ben -w")
    eve = await IrcClient.come(server, "eve")
    assert " 481 ada :" in (await ada.asks("WALLOPS :tea"))[0]
    await ada.asks(f"OPER root :{PASSWORD}")
    await ada.asks("WALLOPS :tea at four")
    assert (await eve.until(" WALLOPS "))[-1].endswith(" WALLOPS :tea at four")
    assert not [line for line in await ben.hears() if "WALLOPS" in line]


async def test_who_administers_the_server_needs_nobody_s_password(server: Server) -> None:
    root = await IrcClient.connect(server)
    root.says(f"PASS :root:{PASSWORD}", "NICK root", "USER r 0 * :Root")
    await root.until(" 422 ")
    assert (await root.asks("MODE root"))[0].endswith(" 221 root +owx")
    assert " 382 root " in (await root.asks("REHASH"))[0]
    assert " 243 root O * * root" in (await root.asks("STATS o"))[0]
