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


async def makes(server: Server, name: str, role: str) -> IrcClient:
    """Somebody with an account that root has made that on the server."""
    client = await IrcClient.come(server, name)
    await client.asks(f"REGISTER * * :{PASSWORD}")
    if role != "member":
        await roles(server, **{name: role})
        await client.hears()
    return client


async def roles(server: Server, **given: str) -> None:
    """Root makes people something on the server."""
    async with server.web() as web:
        await web.send(json.dumps({"type": "hello", "user": "root", "password": PASSWORD}))
        for name, role in given.items():
            command = {"type": "role", "room": "/server", "user": name, "role": role, "id": 1}
            await web.send(json.dumps(command))
            while '"re":1' not in (answer := str(await web.recv())):
                pass
            assert '"type":"error"' not in answer, answer


async def test_nobody_puts_out_who_is_as_much_on_the_server(server: Server) -> None:
    ben = await makes(server, "ben", "moderator")
    cleo = await makes(server, "cleo", "moderator")
    for name in ("cleo", "root"):
        told = (await ben.asks(f"KILL {name} :out"))[0]
        assert f" 481 ben :{name} is " in told, told
    assert (await ben.asks("KILL ben :out"))[0].endswith(
        ":That would be about yourself. To leave a room: /part"
    )
    for name in ("NickServ", "ChanServ", "hubbub.chat", "*", "#t"):
        assert " 401 ben " in (await ben.asks(f"KILL {name} :out"))[0]
    assert "PONG" not in str(await cleo.hears())


async def test_a_moderator_does_not_put_out_who_operates_as_an_owner(server: Server) -> None:
    ben = await makes(server, "ben", "moderator")
    eve, zoe = await IrcClient.come(server, "eve"), await makes(server, "zoe", "member")
    for somebody in (eve, zoe):
        await somebody.asks(f"OPER root :{PASSWORD}")
        assert " 481 ben :" in (await ben.asks(f"KILL {'eve' if somebody is eve else 'zoe'} :x"))[0]
        await somebody.hears()


async def test_lent_rights_end_with_those_of_the_lender(server: Server) -> None:
    await makes(server, "ben", "moderator")
    ada, eve = await IrcClient.come(server, "ada"), await IrcClient.come(server, "eve")
    await ada.asks(f"OPER ben :{PASSWORD}")
    assert " 313 " in " ".join(await eve.asks("WHOIS ada"))
    await roles(server, ben="member")
    assert any(line.endswith(" MODE ada -o") for line in await ada.hears())
    for command in ("KILL eve :out", "WALLOPS :tea", "REHASH", "STATS m", "STATS o"):
        told = await ada.asks(command)
        assert any(" 481 ada " in line for line in told) or command.startswith("STATS"), told
        assert not any(" 212 " in line or " 243 " in line for line in told)
    assert " 221 ada +wx" in (await ada.asks("MODE ada"))[0]
    assert " 313 " not in " ".join(await eve.asks("WHOIS ada"))
    await roles(server, ben="moderator")
    assert " 481 ada " in (await ada.asks("KILL eve :out"))[0], "they were not lent again"


async def test_who_administers_no_more_does_nothing_any_more(server: Server) -> None:
    ben = await makes(server, "ben", "moderator")
    eve = await IrcClient.come(server, "eve")
    assert " 221 ben +owx" in " ".join(await ben.asks("MODE ben"))
    await roles(server, ben="member")
    assert any(line.endswith(" MODE ben -o") for line in await ben.hears())
    for command in ("KILL eve :out", "WALLOPS :tea", "REHASH"):
        assert " 481 ben " in (await ben.asks(command))[0]
    assert not any("WALLOPS" in line for line in await eve.hears())


async def test_a_lender_who_is_banned_or_gone_lends_nothing(server: Server) -> None:
    for name, end in (("ben", "ban"), ("cleo", "close")):
        await makes(server, name, "moderator")
        ada = await IrcClient.come(server, f"of-{name}")
        await ada.asks(f"OPER {name} :{PASSWORD}")
        assert " 481 " not in " ".join(await ada.asks("WALLOPS :tea"))
        async with server.web() as web:
            who = "root" if end == "ban" else name
            asked = (
                {"type": "ban", "room": "/server", "user": name, "id": 1}
                if end == "ban"
                else {"type": "close-account", "password": PASSWORD, "id": 1}
            )
            await web.send(json.dumps({"type": "hello", "user": who, "password": PASSWORD}))
            await web.send(json.dumps(asked))
            while '"re":1' not in (answer := str(await web.recv())) and "logged-out" not in answer:
                pass
            assert '"type":"error"' not in answer, answer
        assert any(line.endswith(" -o") for line in await ada.hears())
        assert " 481 " in (await ada.asks("WALLOPS :tea"))[0]
