"""More mistakes with IRC that other servers and clients were known for, tried on a server.

Each names the public reports that it comes from.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from hubbub.hub.settings import HubSettings
from tests.passwords import CheapPasswords
from tests.patience import PATIENCE_SECONDS
from tests.scenarios.test_known_mistakes_with_irc import ALL, PASSWORD, sends, together, words
from tests.server.irc_client import IrcClient
from tests.server.serving import Server, serving


@pytest.fixture
async def server() -> AsyncIterator[Server]:
    async with serving(passwords=CheapPasswords()) as server:
        yield server


# Coming


async def test_who_asks_for_an_older_list_is_given_one_line(server: Server) -> None:
    """Ergo #2068, solanum #11, #17: clients of before 302 took the first line for all of it, and
    found no SASL.
    """
    for asked in ("CAP LS", "CAP LS 301", "CAP LS 300"):
        client = await sends(server, f"{asked}\r\n".encode())
        [line] = await client.until("CAP * LS")
        assert line.startswith(":hubbub.chat CAP * LS :")
        assert "sasl" in line.partition(" LS :")[2].split()
        assert len(line.encode()) <= 510
    client = await sends(server, b"CAP LS 302\r\n")
    assert " sasl=PLAIN" in " ".join(await client.until("CAP * LS :"))


async def test_what_302_turns_on_may_be_asked_for_once_more(server: Server) -> None:
    """ircv3 #217: a request for cap-notify was refused, with all that was asked for beside it."""
    client = await sends(server, b"CAP LS 302\r\nCAP REQ :cap-notify multi-prefix\r\n")
    assert (await client.until("CAP * ACK"))[-1].endswith("ACK :cap-notify multi-prefix")


async def test_who_has_logged_in_is_not_told_to_have_failed(server: Server) -> None:
    """elemental-ircd #11, HexChat #1202: 904 and 906 at the end of the negotiation, for who was
    in.
    """
    ada = await IrcClient.come(server, "ada")
    await ada.asks(f"REGISTER * * :{PASSWORD}")
    client = await sends(server, b"CAP REQ :sasl\r\nNICK ada\r\nUSER ada 0 * :Ada\r\n")
    await client.log_in("ada", PASSWORD)
    client.says("CAP END", "CAP END")
    lines = await client.until(" 422 ")
    assert not [line for line in client.read if line.split()[1] in ("904", "906")]
    assert any(" 001 ada " in line for line in lines)


async def test_a_nick_that_begins_with_a_digit_is_one(server: Server) -> None:
    """InspIRCd #1745: the server took it for an id of its own, and fell apart."""
    ada, ben = await together(server, "ada", "ben")
    assert words(await ada.asks("NICK 1ada")) == ["ada NICK 1ada"]
    assert words(await ben.hears()) == ["ada NICK :1ada"]
    await ben.asks("PRIVMSG 1ada :hello")
    assert words(await ada.hears()) == ["ben PRIVMSG 1ada :hello"]


# Labels


async def test_an_echo_has_the_label_and_what_comes_to_oneself_has_not(server: Server) -> None:
    """InspIRCd #1851, ircv3 #379: no label, or one on both, which cannot be told apart."""
    ada, ben = await together(server, "ada", "ben", caps=ALL)
    for target in ("#t", "ben", "ada"):
        lines = await ada.asks(f"@label=x PRIVMSG {target} :hi there")
        texts = [line for line in lines if " PRIVMSG " in line]
        assert len([line for line in texts if "label=x" in line.split(" ")[0]]) == 1, lines
        assert len(texts) == (2 if target == "ada" else 1)
    assert not [line for line in await ben.hears() if "label=" in line]


async def test_of_many_lines_the_first_has_the_label_and_the_others_the_batch(
    server: Server,
) -> None:
    """InspIRCd #1710: each line had the label."""
    ada, _ = await together(server, "ada", "ben", caps="labeled-response batch")
    first, *inner, last = await ada.asks("@label=x WHOIS ben")
    id = first.split()[3].removeprefix("+")
    assert first == f"@label=x :hubbub.chat BATCH +{id} labeled-response"
    assert last == f":hubbub.chat BATCH -{id}"
    assert inner
    assert all(line.startswith(f"@batch={id} :hubbub.chat 3") for line in inner)


# Rooms


async def test_a_key_with_a_comma_is_refused_and_none_is_set(server: Server) -> None:
    """InspIRCd #1231: it was set, and nobody could come in, as JOIN parts keys by commas."""
    ada, _ = await together(server, "ada", "ben")
    for key in ("secret,word", ",,,,,,", "::secret"):
        [line] = await ada.asks(f"MODE #t +k {key}")
        assert " 696 ada #t k " in line or " 461 " in line
    zoe = await IrcClient.come(server, "zoe")
    assert words(await zoe.asks("JOIN #t"))[0] == "zoe JOIN #t"


async def test_who_takes_a_name_that_is_banned_is_put_out_as_who_comes_with_it() -> None:
    """newserv #23, srvx #8: they stayed, and were put out at the next JOIN of somebody."""
    settings = HubSettings(rate_limit=0, leave_grace_seconds=0)
    async with serving(settings=settings, passwords=CheapPasswords()) as server:
        ada, ben = await together(server, "ada", "ben")
        await ada.asks("MODE #t +b spam*!*@*")
        await ben.hears()
        told = words(await ben.asks("NICK spammer"))
        assert told[0] == "ben NICK spammer"
        assert told[-1].startswith("spammer PART #t :")
        assert words(await ada.until(" PART "))[-1].startswith("ben PART #t")
        assert words(await ada.asks("NAMES #t"))[0].endswith(" :@ada")
        assert " 404 " in (await ben.asks("PRIVMSG #t :buy"))[0]


async def test_who_is_killed_is_gone_at_once_though_they_say_nothing(server: Server) -> None:
    """robustirc #105, #104, anope #63: at their next word, or when the ping timed out; and others
    were shown nothing.
    """
    root = await IrcClient.come(server, "root")
    await root.asks(f"REGISTER * * :{PASSWORD}")
    async with server.web() as web:
        await web.send(f'{{"type":"hello","user":"root","password":"{PASSWORD}"}}')
        await web.send(f'{{"type":"own","code":"{server.hub.owner_code}"}}')
        await web.send('{"type":"ping","id":1}')
        while '"pong"' not in str(await web.recv()):
            pass
    ben, eve = await together(server, "ben", "eve")
    async with asyncio.timeout(PATIENCE_SECONDS):
        await root.asks("KILL ben :enough")
        while not (await ben.line()).startswith("ERROR :"):
            pass
        assert await ben.line() == ""
    quits = [line for line in words(await eve.hears()) if " QUIT" in line]
    assert len(quits) == 1
    assert "ben" not in " ".join(await eve.asks("NAMES #t"))
    again = await IrcClient.come(server, "ben")
    assert words(await again.asks("JOIN #t"))[0] == "ben JOIN #t"


# The past


async def test_what_cannot_be_shown_of_the_past_is_told_with_the_command_and_the_target(
    server: Server,
) -> None:
    """Ergo #1731, sable #108, UnrealIRCd #150: without the subcommand, or not at all."""
    ada = await IrcClient.come(server, "ada", ALL)
    for command, rest in (
        ("LATEST", "* 10"),
        ("BEFORE", "timestamp=2030-01-01T00:00:00.000Z 10"),
        ("AROUND", "msgid=t/1 10"),
    ):
        [line] = await ada.asks(f"CHATHISTORY {command} #nowhere {rest}")
        start = f"hubbub.chat FAIL CHATHISTORY INVALID_TARGET {command} #nowhere :"
        assert words([line])[0].startswith(start)
