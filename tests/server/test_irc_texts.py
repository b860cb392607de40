"""Texts between clients of IRC, programs of other protocols, and people with netcat."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator

import pytest

from hubbub.hub import letters
from hubbub.hub.settings import HubSettings
from tests.memorylog.log import MemoryLog
from tests.passwords import CheapPasswords
from tests.server.irc_client import IrcClient
from tests.server.serving import Chatter, Server, eventually, serving

MODERN = "message-tags echo-message batch labeled-response server-time draft/multiline"
SOURCE = re.compile(r":([^ !]+)!\S+ ")
TIME = re.compile(r"time=[0-9TZ.:-]+;")


@pytest.fixture
async def server() -> AsyncIterator[Server]:
    async with serving(http=True) as server:
        yield server


class HeldLog(MemoryLog):
    """A log that commits by itself, unless it is held."""

    def __init__(self) -> None:
        super().__init__(auto=True)

    def hold(self) -> None:
        """From now on it commits when it is told to."""
        self._auto = False

    def release(self) -> None:
        """It commits what waits, and by itself again."""
        self._auto = True
        self.commit()


def is_waiting(server: Server, name: str) -> bool:
    """Whether somebody's only connection waits for an answer."""
    user = server.hub.users.get(name)
    assert user is not None
    return user.sessions[0].busy


async def come(server: Server, nick: str, caps: str = "", room: str = "#General") -> IrcClient:
    client = await IrcClient.come(server, nick, caps)
    if room:
        await client.asks(f"JOIN {room}")
    return client


def plain(lines: list[str]) -> list[str]:
    """Without hosts and times."""
    return [TIME.sub("", SOURCE.sub(r":\1 ", line)) for line in lines]


async def test_a_text_is_the_same_in_all_protocols(server: Server) -> None:
    ada = await come(server, "ada")
    eve = await server.enter("eve")
    async with server.web() as socket:
        ben = Chatter(socket)
        await ben.enter("ben")
        await ada.hears()
        await eve.until("ben has joined the chat!")
        ada.says("PRIVMSG #general :\x02hello\x02 all", "PRIVMSG #General :\x01ACTION waves\x01")
        await ada.hears()
        assert await eve.lines(2) == ["[…] ada: *hello* all", "[…] ada: *ada waves*"]
        await ben.ask("ack", type="say", room="General", text="*ben waves*\nand `runs`")
        assert plain(await ada.hears()) == [
            ":ben PRIVMSG #General :*ben waves*".replace("*ben waves*", "\x02ben waves\x02"),
            ":ben PRIVMSG #General :and `runs`",
        ]
        assert [event["text"] for event in ben.events if event["kind"] == "said"][:2] == [
            "*hello* all",
            "*ada waves*",
        ]


async def test_two_write_to_each_other_and_nobody_else_hears(server: Server) -> None:
    ada, ben, eve = [await come(server, name, room="") for name in ("ada", "ben", "eve")]
    assert plain(await ada.asks("PRIVMSG ben :hi")) == []
    assert plain(await ben.hears()) == [":ada PRIVMSG ben :hi"]
    assert plain(await ben.asks("PRIVMSG ada :hello", "PRIVMSG ada :you")) == []
    assert plain(await ada.hears()) == [":ben PRIVMSG ada :hello", ":ben PRIVMSG ada :you"]
    assert await eve.hears() == []
    assert (await ada.asks("PRIVMSG nobody :hi"))[0].startswith(":hubbub.chat 401 ada nobody ")


async def test_who_is_written_to_reads_it_before_the_answer_to_a_ping(server: Server) -> None:
    for verb in ("PRIVMSG", "NOTICE"):
        ada, ben = [await come(server, name + verb, room="") for name in ("ada", "ben")]
        for author, reader, to in ((ada, ben, "ben"), (ben, ada, "ada"), (ada, ben, "ben")):
            assert await author.asks(f"{verb} {to}{verb} :hi") == []
            assert [line.partition(" ")[2] for line in await reader.hears()] == [
                f"{verb} {to}{verb} :hi"
            ]


@pytest.mark.parametrize("commits", [1, 2])
async def test_a_ping_waits_for_a_text_that_is_on_its_way_to_who_pings(commits: int) -> None:
    """The first one has to begin the conversation: it may be before or behind that."""
    log = HeldLog()
    async with serving(log=log) as server:
        ada, ben = [await come(server, name, room="") for name in ("ada", "ben")]
        log.hold()
        ada.says("PRIVMSG ben :hi")
        for _ in range(commits - 1):
            await eventually(lambda: log.waiting > 0)
            log.commit()
        await eventually(lambda: log.waiting > 0)
        ben.says("PING one")
        await eventually(lambda: is_waiting(server, "ben"))
        log.release()
        assert plain(await ben.until(" one")) == [
            ":ada PRIVMSG ben :hi",
            ":hubbub.chat PONG hubbub.chat one",
        ]


async def test_two_who_ask_each_others_programs_at_once_do_not_wait_for_each_other(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(letters, "WAIT_SECONDS", 1e6)
    log = HeldLog()
    async with serving(log=log) as server:
        ada, ben = [await come(server, name, room="") for name in ("ada", "ben")]
        log.hold()
        ada.says("PRIVMSG ben :\x01PING 1\x01")
        ben.says("PRIVMSG ada :\x01PING 2\x01")
        await eventually(lambda: log.waiting > 1)
        log.release()
        assert plain(await ada.until("PING 2")) == [":ben PRIVMSG ada :\x01PING 2\x01"]
        assert plain(await ben.until("PING 1")) == [":ada PRIVMSG ben :\x01PING 1\x01"]
        assert await ada.hears() == await ben.hears() == []


async def test_a_ping_waits_for_no_text_of_who_may_not_write_to_who_pings() -> None:
    """Else a guest who is refused again and again would hold them up."""
    settings = HubSettings(rate_limit=0.3, rate_burst=20)
    async with serving(settings=settings, passwords=CheapPasswords()) as server:
        ada, ben = [await come(server, name, room="") for name in ("ada", "ben")]
        await ben.asks('NS REGISTER "correct horse battery"', "MODE ben +R")
        ada.says(*["PRIVMSG ben :hi"] * 21)
        await eventually(lambda: is_waiting(server, "ada"))
        ben.says("PING one")
        await ben.until(" one")
        assert is_waiting(server, "ada")
        user = server.hub.users.get("ben")
        assert user is not None
        assert not server.hub.letters.coming(user.id)


async def test_a_ping_waits_for_what_others_have_said_in_the_channel() -> None:
    log = HeldLog()
    async with serving(log=log) as server:
        ada, ben = [await come(server, name) for name in ("ada", "ben")]
        await ada.hears()
        log.hold()
        ada.says("PRIVMSG #General :hello")
        await eventually(lambda: log.waiting > 0)
        ben.says("PING one")
        await eventually(lambda: is_waiting(server, "ben"))
        log.release()
        assert plain(await ben.until(" one")) == [
            ":ada PRIVMSG #General :hello",
            ":hubbub.chat PONG hubbub.chat one",
        ]


async def test_two_go_on_writing_when_one_has_another_name(server: Server) -> None:
    ada, ben = await come(server, "ada"), await come(server, "ben")
    await ada.asks("PRIVMSG ben :hi")
    await ben.hears()
    await ada.asks("NICK ann")
    await ben.hears()
    await ben.asks("PRIVMSG ann :hello")
    assert plain(await ada.hears()) == [":ben PRIVMSG ann :hello"]
    await ada.asks("PRIVMSG ben :yes?")
    assert plain(await ben.hears()) == [":ann PRIVMSG ben :yes?"]


async def test_an_own_text_is_shown_when_it_is_saved_with_its_label(server: Server) -> None:
    ada = await come(server, "ada", MODERN)
    ben = await come(server, "ben", "message-tags")
    await ada.hears()
    (echo,) = plain(await ada.asks("@label=x;+draft/reply=none PRIVMSG #General :hi"))
    (got,) = plain(await ben.hears())
    assert echo == f"@label=x;{got[1:]}"
    assert re.fullmatch(r"@msgid=general/\d+;\+draft/reply=none :ada PRIVMSG #General :hi", got)
    (echo,) = plain(await ada.asks("@label=y PRIVMSG ben :only you"))
    assert echo.startswith("@label=y;")
    assert echo.endswith(":ada PRIVMSG ben :only you")


async def test_an_answer_and_a_reaction_are_that_in_all_protocols(server: Server) -> None:
    ada = await come(server, "ada", MODERN)
    old = await come(server, "eve")
    async with server.web() as socket:
        ben = Chatter(socket)
        await ben.enter("ben")
        ack = await ben.ask("ack", type="say", room="General", text="tea?")
        msgid = f"general/{ack['seq']}"
        assert msgid in (await ada.hears())[-1]
        await ada.asks(f"@+draft/reply={msgid} PRIVMSG #General :yes")
        (echo,) = plain(
            await ada.asks(f"@label=r;+draft/react=👍;+draft/reply={msgid} TAGMSG #General")
        )
        assert echo.startswith("@label=r;msgid=general/")
        assert echo.endswith(f";+draft/react=👍;+draft/reply={msgid} :ada TAGMSG #General")
        await ben.ask("pong", type="ping")
        answer, reaction = ben.events[-2:]
        assert (answer["text"], answer["reply_to"]) == ("yes", ack["seq"])
        assert (reaction["kind"], reaction["emoji"]) == ("reacted", "👍")
        await ben.ask("ack", type="react", room="General", target=answer["seq"], emoji="🍵")
        assert f"+draft/react=🍵;+draft/reply=general/{answer['seq']}" in (await ada.hears())[-1]
    assert ":hubbub.chat NOTICE #General :ben reacts with 🍵 to ada: yes" in await old.hears()


async def test_what_is_taken_back_is_gone_for_all(server: Server) -> None:
    ada = await come(server, "ada", f"{MODERN} draft/message-redaction")
    ben = await come(server, "ben", "message-tags draft/message-redaction")
    old = await come(server, "eve")
    await ada.hears()
    (echo,) = await ada.asks("PRIVMSG #General :oops")
    found = re.search(r"msgid=(general/\d+)", echo)
    assert found is not None
    await ben.hears()
    await old.hears()
    (told,) = plain(await ada.asks(f"@label=x REDACT #General {found[1]}"))
    assert told.startswith("@label=x;")
    assert told.endswith(f":ada REDACT #General {found[1]}")
    assert plain(await ben.hears())[0].endswith(f":ada REDACT #General {found[1]}")
    assert await old.hears() == [":hubbub.chat NOTICE #General :ada has taken back a message."]
    (failed,) = await ben.asks(f"REDACT #General {found[1]}")
    assert " FAIL REDACT " in failed


async def test_several_lines_are_one_text(server: Server) -> None:
    ada = await come(server, "ada", MODERN)
    ben = await come(server, "ben", MODERN)
    eve = await server.enter("eve")
    await ada.hears()
    ada.says("@label=x BATCH +1 draft/multiline #General")
    ada.says("@batch=1 PRIVMSG #General :one", "@batch=1 PRIVMSG #General :two", "BATCH -1")
    start, *lines, _ = plain(await ada.hears())
    assert re.fullmatch(
        r"@label=x;msgid=general/\d+ :ada BATCH \+m\d+ draft/multiline #General", start
    )
    assert [line.rpartition(" :")[2] for line in lines] == ["one", "two"]
    assert len(await ben.hears()) >= 4
    assert (await eve.until(": two"))[-2:] == ["[…] ada: one", "[…] ada: two"]


async def test_programs_ask_programs_and_nothing_of_it_is_kept(server: Server) -> None:
    ada, ben = await come(server, "ada", MODERN), await come(server, "ben")
    await ada.hears()
    assert plain(await ada.asks("PRIVMSG ben :\x01VERSION\x01"))[-1].endswith("\x01VERSION\x01")
    assert plain(await ben.hears()) == [":ada PRIVMSG ben :\x01VERSION\x01"]
    await ben.asks("NOTICE ada :\x01VERSION sic\x01")
    assert plain(await ada.hears())[-1].endswith(":ben NOTICE ada :\x01VERSION sic\x01")
    await ada.asks("@+typing=active TAGMSG #General", "@+x=y TAGMSG #General")
    assert await ben.hears() == []
    assert [room.head for room in server.hub.rooms if room.name == "General"] == [2]


async def test_a_client_that_learns_more_is_shown_more(server: Server) -> None:
    ada, ben = await come(server, "ada"), await come(server, "ben")
    await ada.asks("PRIVMSG #General :one")
    await ben.asks("CAP REQ :message-tags")
    await ada.asks("PRIVMSG #General :two")
    one, two = [line for line in ben.read if " PRIVMSG #" in line] + plain(await ben.hears())
    assert not one.startswith("@")
    assert two.startswith("@msgid=")


async def test_what_is_too_much_is_told(server: Server) -> None:
    ada = await come(server, "ada")
    (long,) = await ada.asks(f"PRIVMSG #General :{'x' * 600}")
    assert " 417 ada " in long
    (many,) = await ada.asks(f"PRIVMSG {','.join('#a' + str(n) for n in range(20))} :hi")
    assert " 407 ada " in many
