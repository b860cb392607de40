"""Connections of IRC from socket to socket: how they begin, are slowed, are lost and end."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from hubbub import __version__
from hubbub.hub.settings import HubSettings
from hubbub.server import irc
from hubbub.server.irc import IrcConnection
from tests.server.irc_client import IrcClient
from tests.server.serving import Server, eventually, serving


@pytest.fixture
async def server() -> AsyncIterator[Server]:
    async with serving() as server:
        yield server


async def together(server: Server, caps: str = "") -> tuple[IrcClient, IrcClient]:
    """ada and ben, who are in a room, and have read all of it."""
    ada, ben = await IrcClient.come(server, "ada", caps), await IrcClient.come(server, "ben")
    await ada.asks("JOIN #tea")
    await ben.asks("JOIN #tea")
    await ada.until("ben!~ben@")
    return ada, ben


async def the_end(client: IrcClient) -> list[str]:
    """All lines up to the end of the connection."""
    lines = []
    while line := await client.line():
        lines.append(line)
    return lines


async def test_others_see_who_quits_before_the_connection_ends(server: Server) -> None:
    ada, ben = await together(server)
    ben.says("QUIT :see you")
    assert await the_end(ben) == ["ERROR :Closing link: Goodbye."]
    assert any(line.endswith(" QUIT :see you") for line in await ada.hears())


async def test_what_was_sent_is_done_when_the_input_ends(server: Server) -> None:
    ada, _ = await together(server)
    eve = await IrcClient.connect(server)
    eve.says("NICK eve", "USER e * * :Eve", "JOIN #tea", "PRIVMSG #tea :one", "PRIVMSG #tea :two")
    eve._client.writer.write(b"PRIVMSG #tea :half")
    eve._client.writer.write_eof()
    assert (await the_end(eve))[-1] == "ERROR :Closing link: Goodbye."
    said = [line.partition(" ")[2] for line in await ada.hears()]
    assert said[-3:] == ["PRIVMSG #tea :one", "PRIVMSG #tea :two", "QUIT :"]


async def test_the_server_says_its_version_and_since_when_it_runs(server: Server) -> None:
    server.listener.context.since = 1_700_000_000_000
    ada = await IrcClient.come(server, "ada")
    assert f" 351 ada hubbub-{__version__}. " in (await ada.asks("VERSION"))[0]
    told = await ada.asks("INFO")
    assert any(line.endswith("This server was started 2023-11-14 22:13:20 UTC") for line in told)


async def test_a_server_that_stops_says_so(server: Server) -> None:
    ada = await IrcClient.come(server, "ada")
    server.stop.set()
    assert (await the_end(ada))[-1].startswith("ERROR :Closing link: ")


async def test_a_name_in_use_is_told_and_another_one_taken(server: Server) -> None:
    await IrcClient.come(server, "ada")
    other = await IrcClient.connect(server)
    other.says("NICK ada", "USER a * * :A")
    assert " 433 * ada :" in (await other.until(" 433 "))[-1]
    other.says("NICK ada_")
    await other.until(" 001 ada_ ")


async def test_a_flood_is_slowed_and_not_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = HubSettings(rate_limit=100, rate_burst=3, client_rate_limit=1000)
    async with serving(settings=settings) as server:
        ada, ben = await together(server)
        # For the budgets all of it comes at once: a busy machine may take longer than they give.
        now = server.hub.monotonic()
        monkeypatch.setattr(server.hub, "monotonic", lambda: now)
        ada.says(*(f"PRIVMSG #tea :{number}" for number in range(12)))
        await ada.hears()
        said = [line.rpartition(":")[2] for line in await ben.until("PRIVMSG #tea :11")]
        assert said[-12:] == [str(number) for number in range(12)]
        assert server.hub.counts.delayed >= 8
        assert not [line for line in ada.read if " 404 " in line]


async def test_a_guest_who_changes_the_name_stays_in_the_rooms(server: Server) -> None:
    ada, ben = await together(server)
    assert [line.partition(" ")[2] for line in await ben.asks("NICK benny")] == ["NICK benny"]
    told = await ada.asks("PRIVMSG #tea :hello")
    assert [line.partition(" ")[2] for line in told] == ["NICK :benny"]
    assert (await ben.hears())[-1].endswith(" PRIVMSG #tea :hello")
    assert " 353 ada = #tea :@ada benny" in (await ada.asks("NAMES #tea"))[0]


async def test_the_case_of_a_name_changes_for_all(server: Server) -> None:
    ada, ben = await together(server)
    assert [line.partition(" ")[2] for line in await ben.asks("NICK BEN")] == ["NICK BEN"]
    assert [line.partition(" ")[2] for line in await ada.hears()] == ["NICK BEN"]


async def test_who_says_no_name_is_asked_to_come_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(irc, "NAME_SECONDS", 0.05)
    async with serving() as server:
        client = await IrcClient.connect(server)
        client.says("CAP LS 302")
        assert (await the_end(client))[-1].startswith("ERROR :Closing link: No name came within ")


async def test_who_has_to_choose_another_name_has_longer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(irc, "NAME_SECONDS", 0.05)
    async with serving() as server:
        await IrcClient.come(server, "ada")
        client = await IrcClient.connect(server)
        client.says("NICK ada", "USER a * * :A")
        await client.until(" 433 ")
        loop = asyncio.get_running_loop()
        connection = next(one.outlet for one in server.hub.sessions if one.user is None)
        assert isinstance(connection, IrcConnection)
        await eventually(
            lambda: (
                connection._name_timer is not None
                and connection._name_timer.when() > loop.time() + 60
            )
        )
        client.says("NICK eve")
        await client.until(" 001 eve ")


async def test_who_is_silent_is_pinged_and_then_lost(server: Server) -> None:
    ada, ben = await together(server)
    now = asyncio.get_running_loop().time()
    options = server.context.options
    connections = {
        str(one.user.name): one.outlet for one in server.hub.sessions if one.user is not None
    }
    bens = connections["ben"]
    assert isinstance(bens, IrcConnection)
    bens.beat(now + irc.CALM * options.ping_seconds + 1)
    await ben.until("PING :hubbub.chat")
    bens.beat(now + irc.CALM * options.idle_seconds + 1)
    assert (await the_end(ben))[-1] == "ERROR :Closing link: Ping timeout: 180 seconds"
    told = await ada.until(" QUIT ")
    assert told[-1].endswith(" QUIT :nothing heard for 180 seconds")


async def test_capabilities_that_are_asked_for_later_hold_from_then_on(server: Server) -> None:
    ada, ben = await together(server)
    assert (await ben.asks("CAP REQ server-time"))[-1].endswith(" ACK server-time")
    await ada.asks("PRIVMSG #tea :hello")
    assert (await ben.hears())[-1].startswith("@time=")
    await ben.asks("CAP REQ -server-time", "PART #tea", "JOIN #tea")
    await ada.asks("PRIVMSG #tea :again")
    assert (await ben.hears())[-1].startswith(":ada!")


async def test_who_is_watched_is_told_when_they_come_and_go(server: Server) -> None:
    ada = await IrcClient.come(server, "ada")
    assert (await ada.asks("MONITOR + ben")) == [":hubbub.chat 731 ada ben"]
    ben = await IrcClient.come(server, "ben")
    assert " 730 ada ben!~ben@guest/" in (await ada.hears())[-1]
    ben.says("QUIT")
    await the_end(ben)
    assert (await ada.hears()) == [":hubbub.chat 731 ada ben"]


async def test_who_is_away_is_told_to_those_in_the_same_rooms(server: Server) -> None:
    ada, ben = await together(server, "away-notify")
    await ben.asks("AWAY :at lunch")
    assert (await ada.until(" AWAY "))[-1].endswith(" AWAY :at lunch")
    await ben.asks("PART #tea", "JOIN #tea")
    assert [line.partition(" ")[2] for line in await ada.hears()][-2:] == [
        "JOIN #tea",
        "AWAY :at lunch",
    ]


async def test_another_real_name_is_told_to_clients_that_know_of_it(server: Server) -> None:
    ada, ben = await together(server, "setname")
    await ben.asks("SETNAME :Ben the Second")
    assert (await ada.hears())[-1].endswith(" SETNAME :Ben the Second")
    assert (await ada.asks("WHOIS ben"))[0].endswith(" * :Ben the Second")


async def test_rooms_that_are_not_for_everybody_are_told_to_nobody_else(server: Server) -> None:
    ada, ben = await IrcClient.come(server, "ada"), await IrcClient.come(server, "ben")
    await ada.asks("JOIN #cellar", "MODE #cellar +s")
    assert " 319 " not in " ".join(await ben.asks("WHOIS ada"))
    assert " 352 ben * ~ada " in (await ben.asks("WHO ada"))[0]
    assert (await ben.asks("WHO ad*"))[0].split()[1] == "315"
    await ben.asks("JOIN #cellar")
    assert (await ben.asks("WHOIS ada"))[1].endswith(" 319 ben ada @#cellar")
    assert " 352 ben #cellar ~ada " in (await ben.asks("WHO ad*"))[0]


async def test_who_asks_for_a_lot_at_once_takes_turns_with_others(server: Server) -> None:
    ada, eve = await together(server)
    before = server.hub.turns.queued_ever
    eve._client.send("WHO\r\n" * 3000)
    await ada.hears()
    await eve.hears()
    assert server.hub.turns.queued_ever > before


async def test_nothing_is_kept_for_who_does_not_read_but_what_is_saved(server: Server) -> None:
    ada, ben = await together(server, "setname message-tags")
    await ben.asks("PRIVMSG ada :hello", "CAP REQ :message-tags")
    await ada.until(" PRIVMSG ada :hello")
    (session,) = (one for one in server.hub.sessions if one.user and one.user.name == "ada")
    connection = session.outlet
    assert isinstance(connection, IrcConnection)
    connection.pause_writing()
    await ben.asks(*("SETNAME :Ben", "@+x=y TAGMSG ada", "@+x=y TAGMSG #tea") * 20)
    eve = await IrcClient.come(server, "eve")
    said = [f"PRIVMSG ada :{number}" for number in range(20)]
    await eve.asks(*said)
    assert len(connection._wire._later) == 1
    await ben.asks("PRIVMSG #tea :that is saved")
    connection.resume_writing()
    heard = await ada.hears()
    assert [line for line in heard if "SETNAME" in line or "TAGMSG" in line] == []
    heard += await ada.hears()
    texts = [line[line.index("PRIVMSG") :] for line in heard if "PRIVMSG" in line]
    assert sorted(texts) == sorted([*said, "PRIVMSG #tea :that is saved"])
