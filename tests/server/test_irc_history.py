"""What clients of IRC are shown of what was said before, whatever they can ask for."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from hubbub.server import ircgot
from hubbub.server.ircdirectory import GONE
from hubbub.wire.irc.commands import coming
from hubbub.wire.irc.names import spelled
from tests.passwords import CheapPasswords
from tests.server.irc_client import IrcClient
from tests.server.serving import UNHURRIED, Chatter, Server, serving

PASSWORD = "correct horse battery"
TIMED = "server-time batch"
ASKS = f"{TIMED} message-tags draft/chathistory"


@pytest.fixture
async def server(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Server]:
    monkeypatch.setattr(ircgot, "ASK_SECONDS", 0.0)
    monkeypatch.setattr(ircgot, "REST_SECONDS", 0.0)
    async with serving(passwords=CheapPasswords()) as server:
        yield server


async def register(server: Server, name: str) -> None:
    """Somebody makes an account, and goes."""
    client = await IrcClient.come(server, name)
    client.says(f'NS REGISTER "{PASSWORD}"')
    await client.until(" 900 ")
    await leave(client)


async def leave(client: IrcClient) -> None:
    client.says("QUIT")
    await client.until("ERROR")
    client.close()


class Program(IrcClient):
    """A program of an account, which answers each PING, as programs do."""

    async def line(self) -> str:
        line = await super().line()
        if " PING " in line:
            self.says(f"PONG {line.split()[-1]}")
        return line


async def log_in(server: Server, name: str, caps: str = "") -> Program:
    """``name`` may be ``ada/laptop``."""
    client = Program(await server.line())
    client.says(f"CAP REQ :sasl {caps}")
    await client.until("ACK")
    await client.log_in(name, PASSWORD)
    client.says("NICK x", "USER x 0 * :X", "CAP END")
    await client.until(" 422 ")
    return client


async def talk(server: Server, room: str, *texts: str) -> None:
    """ben says something in a room, and goes."""
    ben = await IrcClient.come(server, "ben")
    await ben.asks(f"JOIN #{room}", *(f"PRIVMSG #{room} :{text}" for text in texts))
    await leave(ben)


def texts(lines: list[str]) -> list[str]:
    """What is said in lines, to whom, without tags and sources."""
    said = (re.search(r" (?:PRIVMSG|NOTICE) (\S+) :(.*)", line) for line in lines)
    return [f"{found[1]} {found[2]}" for found in said if found]


async def gets(server: Server, client: Program, *rooms: str, reader: str = "laptop") -> None:
    """A client reads on, until the server knows that it has got all that there is."""
    for name in rooms:
        room, user = server.hub.rooms[name], server.hub.users.get("ada")
        assert user is not None
        while await server.hub.readers.read_by(user, reader, room) != room.head:
            await client.hears()


# Guests


async def test_a_guest_is_shown_the_newest_messages_in_a_batch(server: Server) -> None:
    await talk(server, "tea", "one", "two")
    ada = await IrcClient.come(server, "ada", TIMED)
    lines = await ada.asks("JOIN #tea")
    (begin,) = (line for line in lines if "BATCH +" in line)
    batch = begin.split("BATCH +")[1].split()[0]
    assert begin.endswith(" chathistory #tea")
    said = [line for line in lines if " PRIVMSG " in line]
    assert all(line.startswith(f"@batch={batch};time=2") for line in said)
    assert texts(said) == ["#tea one", "#tea two"]
    assert lines[-1].endswith(f"BATCH -{batch}")
    assert lines.index(begin) > next(at for at, line in enumerate(lines) if " 366 " in line)


async def test_without_batches_messages_have_their_time_alone(server: Server) -> None:
    await talk(server, "tea", "one")
    ada = await IrcClient.come(server, "ada", "server-time")
    lines = await ada.asks("JOIN #tea")
    assert re.fullmatch(r"@time=\S+Z :ben!\S+ PRIVMSG #tea :one", lines[-1])


async def test_without_times_the_past_is_calm_lines_with_the_time_in_words(server: Server) -> None:
    ben = await IrcClient.come(server, "ben")
    await ben.asks("JOIN #tea", "PRIVMSG #tea :one", "PRIVMSG #tea :\1ACTION waves\1")
    await leave(ben)
    ada = await IrcClient.come(server, "ada")
    lines = await ada.asks("JOIN #tea")
    assert not [line for line in lines if " PRIVMSG " in line]
    assert texts(lines) == ["#tea […] <ben> one", "#tea […] * ben waves"]


async def test_long_lines_of_the_past_fit(server: Server) -> None:
    await talk(server, "tea", "word " * 80)
    ada = await IrcClient.come(server, "ada")
    lines = await ada.asks("JOIN #tea")
    assert " ".join(" ".join(t.split("<ben> ")[1] for t in texts(lines)).split()) == " ".join(
        ["word"] * 80
    )
    assert max(len(line) for line in lines) <= 510


async def test_who_comes_and_goes_is_none_of_it_and_the_newest_are_counted() -> None:
    settings = replace(UNHURRIED, history_on_join=2)
    async with serving(settings=settings) as server:
        await talk(server, "tea", "one", "two", "three")
        for _ in range(3):
            await talk(server, "tea")
        ada = await IrcClient.come(server, "ada", "server-time")
        assert texts(await ada.asks("JOIN #tea")) == ["#tea two", "#tea three"]


async def test_who_can_ask_is_shown_nothing(server: Server) -> None:
    await talk(server, "tea", "one")
    ada = await IrcClient.come(server, "ada", ASKS)
    assert texts(await ada.asks("JOIN #tea")) == []
    assert texts(await ada.asks("CHATHISTORY LATEST #tea * 10")) == ["#tea one"]


@pytest.mark.parametrize("account", [False, True])
async def test_who_is_there_already_is_shown_nothing_again(server: Server, account: bool) -> None:
    await register(server, "ada")
    ada = await (log_in(server, "ada") if account else IrcClient.come(server, "eve"))
    await ada.asks("JOIN #tea", "PRIVMSG #tea :one", "RENAME #tea #cake")
    ben = await IrcClient.come(server, "ben")
    await ben.asks("JOIN #cake", "PRIVMSG #cake :two")
    await ada.until("two")
    lines = await ada.asks("JOIN #tea")
    assert any(" 403 " in line for line in lines)
    assert texts(lines) == []
    await ben.asks("PRIVMSG #cake :three")
    assert texts(await ada.until("three")) == ["#cake three"]


# Accounts


async def test_a_program_is_shown_what_it_has_not_got_and_nothing_twice(server: Server) -> None:
    await register(server, "ada")
    await talk(server, "tea", "one", "two")
    ada = await log_in(server, "ada/laptop", TIMED)
    assert texts(await ada.asks("JOIN #tea")) == ["#tea one", "#tea two"]
    await gets(server, ada, "tea")
    ada.close()
    await server.connections(0)
    await talk(server, "tea", "three", "four")
    ada = await log_in(server, "ada/laptop", TIMED)
    assert texts(await ada.asks("JOIN #tea")) == ["#tea three", "#tea four"]
    await gets(server, ada, "tea")
    ada.close()
    ada = await log_in(server, "ada/laptop", TIMED)
    assert texts(await ada.asks("JOIN #tea")) == []


async def test_where_much_is_said_a_program_is_asked_now_and_then(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    await register(server, "ada")
    ada = await log_in(server, "ada/laptop", TIMED)
    await ada.asks("JOIN #tea")
    await gets(server, ada, "tea")
    monkeypatch.setattr(ircgot, "REST_SECONDS", 3600.0)
    ben = await IrcClient.come(server, "ben")
    await ben.asks("JOIN #tea", "PRIVMSG #tea :one")
    await ada.until("PING got-")
    await ada.hears()
    for text in ("two", "three"):
        await ben.asks(f"PRIVMSG #tea :{text}")
        lines = await ada.until(text) + await ada.hears() + await ada.hears()
        assert not [line for line in lines if "PING got-" in line]


async def test_each_program_is_shown_what_it_has_not_got_itself(server: Server) -> None:
    await register(server, "ada")
    await talk(server, "tea", "one")
    laptop = await log_in(server, "ada/laptop", TIMED)
    assert texts(await laptop.asks("JOIN #tea")) == ["#tea one"]
    phone = await log_in(server, "ada/phone", TIMED)
    assert texts(await phone.asks("JOIN #tea")) == ["#tea one"], "the newest, at its first time"
    await gets(server, phone, "tea", reader="phone")
    phone.close()
    await talk(server, "tea", "two")
    await gets(server, laptop, "tea")
    laptop.close()
    phone = await log_in(server, "ada/phone", TIMED)
    assert texts(await phone.asks("JOIN #tea")) == ["#tea two"]


async def test_what_was_not_confirmed_is_shown_again(server: Server) -> None:
    await register(server, "ada")
    ada = await log_in(server, "ada/laptop", TIMED)
    await ada.asks("JOIN #tea")
    await gets(server, ada, "tea")
    await talk(server, "tea", "one")
    ada.close()  # which does not say that it was read
    ada = await log_in(server, "ada/laptop", TIMED)
    assert texts(await ada.asks("JOIN #tea")) == ["#tea one"]


async def test_what_one_has_said_oneself_is_not_missed(server: Server) -> None:
    await register(server, "ada")
    ada = await log_in(server, "ada/laptop", TIMED)
    await ada.asks("JOIN #tea", "PRIVMSG #tea :one")
    await gets(server, ada, "tea")
    ada.close()
    await talk(server, "tea", "two")
    ada = await log_in(server, "ada/laptop", TIMED)
    assert texts(await ada.asks("JOIN #tea")) == ["#tea two"]


async def test_what_was_missed_comes_before_what_is_said_meanwhile(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(coming, "MAX_HISTORY", 7)
    await register(server, "ada")
    ada = await log_in(server, "ada/laptop", TIMED)
    await ada.asks("JOIN #tea")
    await gets(server, ada, "tea")
    ada.close()
    await server.connections(0)
    ben = await IrcClient.come(server, "ben")
    await ben.asks("JOIN #tea", *(f"PRIVMSG #tea :{number}" for number in range(100)))
    ada = await log_in(server, "ada/laptop", TIMED)
    ada.says("JOIN #tea")
    ben.says(*(f"PRIVMSG #tea :{number}" for number in range(100, 200)))
    await ben.hears()
    read = await ada.until("PRIVMSG #tea :199")
    assert texts(read) == [f"#tea {number}" for number in range(200)]


async def test_of_very_much_the_newest_is_shown_and_how_much_is_left_out(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(coming, "MOST_MISSED", 10)
    await register(server, "ada")
    ada = await log_in(server, "ada/laptop", TIMED)
    await ada.asks("JOIN #tea")
    await gets(server, ada, "tea")
    ada.close()
    await server.connections(0)
    ben = await IrcClient.come(server, "ben")
    await ben.asks("JOIN #tea", *(f"PRIVMSG #tea :{number}" for number in range(30)))
    ada = await log_in(server, "ada/laptop", TIMED)
    said = texts(await ada.asks("JOIN #tea"))
    assert "left out" in said[0]
    assert said[-1] == "#tea 29"
    assert 9 <= len(said[1:]) <= 10, "and one's own coming, if one had gone"


async def test_a_program_that_does_not_know_times_is_shown_calm_lines(server: Server) -> None:
    await register(server, "ada")
    await talk(server, "tea", "one")
    ada = await log_in(server, "ada")
    assert texts(await ada.asks("JOIN #tea")) == ["#tea […] <ben> one"]
    await gets(server, ada, "tea", reader="irc")


async def test_what_a_program_has_not_got_is_unread_when_it_is_gone(server: Server) -> None:
    await register(server, "ada")
    ada = await log_in(server, "ada/laptop", TIMED)
    await ada.asks("JOIN #tea")
    await talk(server, "tea", "one")
    await gets(server, ada, "tea")
    await talk(server, "tea", "two")
    ada.close()
    await server.connections(0)
    phone = await log_in(server, "ada/phone", TIMED)
    assert texts(await phone.asks("JOIN #tea")) == ["#tea two"]


# Direct conversations, and rooms in which accounts stay


async def test_what_was_said_to_an_account_alone_is_there_when_it_comes(server: Server) -> None:
    await register(server, "ada")
    ben = await IrcClient.come(server, "ben")
    await ben.asks("PRIVMSG ada :one", "PRIVMSG ada :two")
    ada = await log_in(server, "ada/laptop", TIMED)
    assert texts(await ada.hears()) == ["ada one", "ada two"]
    await ada.asks("PRIVMSG ben :three")
    await ben.until("PRIVMSG ben :three")
    (talk,) = (room.name.key for room in server.hub.rooms if room.state.facts.direct)
    await gets(server, ada, talk)
    phone = await log_in(server, "ada/phone", TIMED)
    lines = await phone.hears()
    assert texts(lines) == ["ada one", "ada two", "ben three"]
    (own,) = (line for line in lines if "three" in line)
    assert " :ada!" in own, "what one has said oneself, elsewhere"
    ada.close()
    await server.connections(2)
    await ben.asks("PRIVMSG ada :four")
    again = await log_in(server, "ada/laptop", TIMED)
    assert texts(await again.hears()) == ["ada four"]
    await ben.asks("PRIVMSG ada :five")
    for program in (again, phone):
        assert texts(await program.until("five"))[-1] == "ada five"


async def test_what_a_guest_has_said_who_is_gone_is_a_query_as_well(server: Server) -> None:
    await register(server, "ada")
    ben = await IrcClient.come(server, "ben")
    await ben.asks("PRIVMSG ada :one")
    await leave(ben)
    await server.connections(0)
    ada = await log_in(server, "ada/laptop", TIMED)
    lines = await ada.hears()
    assert texts(lines) == ["ada one"]
    assert not [line for line in lines if " JOIN " in line]


async def test_what_one_says_elsewhere_to_a_guest_who_is_gone_is_to_the_name_they_had(
    server: Server,
) -> None:
    await register(server, "ada")
    ada = await log_in(server, "ada/laptop", TIMED)
    ben = await IrcClient.come(server, "ben")
    await ben.asks("PRIVMSG ada :one")
    await ada.until("one")
    await leave(ben)
    async with server.web() as socket:
        page = Chatter(socket)
        await page.ask("welcome", type="hello", user="ada", password=PASSWORD)
        rooms = await page.ask("rooms", type="rooms")
        (talk,) = (room["name"] for room in rooms["rooms"] if room["name"].startswith("@"))
        await page.ask("joined", type="join", room=talk)
        await page.ask("ack", type="say", room=talk, text="two", nonce="1")
        assert texts(await ada.until("two"))[-1] == "ben two"
        await IrcClient.come(server, "ben")  # somebody else, to whom that was not said
        await page.ask("ack", type="say", room=talk, text="three", nonce="2")
        assert f" PRIVMSG {spelled(GONE)} :three" in (await ada.until("three"))[-1]


async def test_who_can_ask_is_told_what_a_guest_has_said_who_is_gone(server: Server) -> None:
    await register(server, "ada")
    for text in ("one", "two"):
        eve = await IrcClient.come(server, "eve")
        await eve.asks(f"PRIVMSG ada :{text}")
        await leave(eve)
        await server.connections(0)
    ada = await log_in(server, "ada", ASKS)
    times = "timestamp=2000-01-01T00:00:00.000Z timestamp=3000-01-01T00:00:00.000Z"
    targets = await ada.asks(f"CHATHISTORY TARGETS {times} 50")
    assert [line.split()[4] for line in targets if "CHATHISTORY TARGETS" in line] == ["eve"]
    assert texts(await ada.asks("CHATHISTORY LATEST eve * 50")) == ["ada two"]
    eve = await IrcClient.come(server, "eve")  # somebody else, of whom there is nothing
    (refused,) = await ada.asks("CHATHISTORY LATEST eve * 50")
    assert " FAIL CHATHISTORY INVALID_TARGET LATEST eve :" in refused


async def test_who_is_in_many_rooms_hears_of_what_is_said_to_them_alone() -> None:
    settings = replace(UNHURRIED, rooms_per_session=3)
    async with serving(settings=settings, passwords=CheapPasswords()) as server:
        await register(server, "ada")
        others = [await IrcClient.come(server, name) for name in ("ben", "cleo", "dan", "eve")]
        for number, other in enumerate(others):
            await other.asks(f"PRIVMSG ada :text {number}")
        ada = await log_in(server, "ada/laptop", TIMED)
        assert texts(await ada.hears()) == [f"ada text {number}" for number in range(4)]
        for number, other in enumerate(others):
            await other.asks(f"PRIVMSG ada :again {number}")
            assert texts(await ada.until("again"))[-1] == f"ada again {number}"


async def test_without_times_what_was_said_to_one_alone_begins_with_the_time(
    server: Server,
) -> None:
    await register(server, "ada")
    ben = await IrcClient.come(server, "ben")
    await ben.asks("PRIVMSG ada :one")
    ada = await log_in(server, "ada")
    lines = [line for line in await ada.hears() if " PRIVMSG " in line]
    assert texts(lines) == ["ada […] one"]
    assert lines[0].startswith(":ben!")


async def test_an_account_is_in_the_rooms_again_where_it_is_a_member_while_away(
    server: Server,
) -> None:
    await register(server, "ada")
    ada = await log_in(server, "ada", TIMED)
    await ada.asks("JOIN #den", "JOIN #tea", "MODE #den +i")
    ada.close()
    await server.connections(0)
    for caps in (TIMED, ASKS):
        ada = await log_in(server, "ada", caps)
        joins = [line for line in await ada.hears() if " JOIN " in line]
        assert [line.split()[-1] for line in joins] == ["#den"]


# Read markers


MARKS = "server-time message-tags draft/read-marker"


async def test_a_marker_of_a_client_counts_for_all_clients(server: Server) -> None:
    await register(server, "ada")
    ada = await log_in(server, "ada", MARKS)
    lines = await ada.asks("JOIN #tea")
    mark = next(at for at, line in enumerate(lines) if "MARKREAD #tea *" in line)
    assert " 366 " in lines[mark + 1] or " 353 " in lines[mark + 1]
    ben = await IrcClient.come(server, "ben")
    await ben.asks("JOIN #tea", "PRIVMSG #tea :one", "PRIVMSG #tea :two")
    said = [line for line in await ada.until(":two") if "PRIVMSG" in line]
    at = said[0].split("time=")[1].split(";")[0]
    other = await log_in(server, "ada", MARKS)
    assert (await ada.asks(f"MARKREAD #tea timestamp={at}"))[-1].endswith(
        f"MARKREAD #tea timestamp={at}"
    )
    await other.until(f"MARKREAD #tea timestamp={at}")
    user = server.hub.users.get("ada")
    assert user is not None
    place = user.place("tea")
    assert place is not None
    await server.hub.reading.count(user, [server.hub.rooms["tea"]])
    assert place.unread == 1, "the second one"


async def test_what_was_read_in_a_page_is_told_with_its_time(server: Server) -> None:
    await register(server, "ada")
    ada = await log_in(server, "ada", MARKS)
    await ada.asks("JOIN #tea")
    ben = await IrcClient.come(server, "ben")
    await ben.asks("JOIN #tea", "PRIVMSG #tea :one", "PRIVMSG #tea :two")
    said = [line for line in await ada.until(":two") if "PRIVMSG" in line]
    at = said[0].split("time=")[1].split(";")[0]
    seq = int(said[0].split("msgid=tea/")[1].split()[0])
    async with server.web() as socket:
        page = Chatter(socket)
        await page.ask("welcome", type="hello", user="ada", password=PASSWORD)
        await page.ask("joined", type="join", room="tea")
        await page.ask("read", type="read", room="tea", seq=seq)
    assert (await ada.until("MARKREAD"))[-1].endswith(f"MARKREAD #tea timestamp={at}")


async def test_a_marker_is_the_same_when_the_client_comes_back(server: Server) -> None:
    ada = await IrcClient.come(server, "ada", MARKS)
    await ada.asks("JOIN #tea", "MARKREAD #tea timestamp=2021-01-01T00:00:00.000Z")
    lines = await ada.asks("PART #tea", "JOIN #tea")
    assert any("MARKREAD #tea timestamp=2021-01-01T00:00:00.000Z" in line for line in lines)
    lines = await ada.asks("MARKREAD #tea timestamp=2020-01-01T00:00:00.000Z")
    assert lines[-1].endswith("timestamp=2021-01-01T00:00:00.000Z"), "it never goes back"


@pytest.mark.parametrize(
    "line, answer",
    [
        ("MARKREAD", "FAIL MARKREAD NEED_MORE_PARAMS :"),
        ("MARKREAD #tea *", "FAIL MARKREAD INVALID_PARAMS #tea :"),
        ("MARKREAD #tea timestamp=now", "FAIL MARKREAD INVALID_PARAMS #tea :"),
        ("MARKREAD #nowhere", "MARKREAD #nowhere *"),
    ],
)
async def test_markers_that_cannot_be(server: Server, line: str, answer: str) -> None:
    ada = await IrcClient.come(server, "ada", MARKS)
    assert answer in (await ada.asks(line))[-1]
