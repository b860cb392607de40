"""Mistakes with IRC that other servers, bouncers and gateways were known for, tried on a server.

Each names the public reports that it comes from.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Sequence

import pytest

from tests.passwords import CheapPasswords
from tests.server.irc_client import IrcClient
from tests.server.serving import Server, serving

ALL = (
    "echo-message batch labeled-response message-tags server-time draft/chathistory "
    "draft/multiline draft/read-marker multi-prefix away-notify extended-monitor"
)
PASSWORD = "sesame and more"


@pytest.fixture
async def server() -> AsyncIterator[Server]:
    async with serving(passwords=CheapPasswords()) as server:
        yield server


async def sends(server: Server, data: bytes) -> IrcClient:
    """A connection that begins with these bytes."""
    client = await IrcClient.connect(server)
    client.sends(data)
    return client


async def together(
    server: Server, *names: str, room: str = "#t", caps: str = ""
) -> list[IrcClient]:
    """People in a room, who have read what there was."""
    clients = [await IrcClient.come(server, name, caps) for name in names]
    for client in clients:
        await client.asks(f"JOIN {room}")
    for client in clients:
        await client.hears()
    return clients


def words(lines: Sequence[str]) -> list[str]:
    """The lines without tags and hosts; of two ways to write one word of AWAY, the shorter one."""
    lines = [re.sub(r"!\S+", "", re.sub(r"^@\S+ ", "", line)).removeprefix(":") for line in lines]
    return [line.replace(" AWAY :", " AWAY ") for line in lines]


# The beginning


@pytest.mark.parametrize(
    "first", [b"\r\n", b"\r\n\r\n\r\n"], ids=["one empty line", "several empty lines"]
)
@pytest.mark.parametrize("end", [b"\r\n", b"\n", b"\r"], ids=["CRLF", "LF", "CR"])
async def test_empty_lines_and_other_line_ends_do_not_matter(
    server: Server, first: bytes, end: bytes
) -> None:
    """darkfi #280, irc-slack #56, ggircd #22: an empty line ended the connection; LF or CR alone
    was no end.
    """
    ada = await sends(server, first + b"NICK ada" + end + end + b"USER ada 0 * :Ada" + end)
    await ada.until(" 422 ")


async def test_the_address_of_a_server_may_begin_with_a_colon(server: Server) -> None:
    """HexChat #2399: ``::1`` before the real name made three parameters of four."""
    ada = await sends(server, b"NICK ada\r\nUSER ada ada ::1 :Ada L.\r\n")
    await ada.until(" 422 ")
    ada.says("WHOIS ada")
    assert (await ada.until(" 311 "))[-1].endswith(":Ada L.")


async def test_registration_waits_for_the_end_of_the_negotiation_and_not_for_more(
    server: Server,
) -> None:
    """matrix-appservice-irc #1253, HexChat #1616, irssi #370, InspIRCd #1120, #2078: a name other
    than ``*``, a request in front of which a space stands, an empty list, a second CAP END.
    """
    ada = await sends(server, b"CAP LS\r\nCAP LIST\r\nCAP REQ : multi-prefix\r\nNICK ada\r\n")
    ada.says("CAP REQ :no-such-thing multi-prefix", "USER ada 0 * :Ada", "PING 1")
    lines = words(await ada.until("PONG"))
    assert lines[-4:-1] == [
        "hubbub.chat CAP * LIST :",
        "hubbub.chat CAP * ACK multi-prefix",
        "hubbub.chat CAP * NAK :no-such-thing multi-prefix",
    ]
    ada.says("CAP END", "CAP END")
    await ada.until(" 422 ")
    assert (await ada.asks("CAP LIST", "CAP END"))[-1].endswith("CAP ada LIST multi-prefix")


async def test_a_nick_that_is_only_written_otherwise_is_told_with_the_label(server: Server) -> None:
    """sable #55, unrealircd-modules #16: it was refused, not labelled, or told as somebody who goes
    and comes.
    """
    ada, ben = await together(server, "ada", "ben", caps=ALL)
    await ben.asks("MONITOR + ada")
    assert (await ada.asks("@label=1 NICK Ada"))[0].startswith("@label=1 :ada!")
    assert words(await ben.hears()) == ["ada NICK Ada"]
    assert words(await ben.asks("MONITOR L"))[0] == "hubbub.chat 732 ben ada"


# What is said


async def test_a_character_is_never_cut_and_nothing_of_a_text_is_lost(server: Server) -> None:
    """matrix-appservice-irc #706, WeeChat #508, node-irc #507, Dis4IRC #64."""
    ada, ben = await together(server, "ada", "ben")
    for text in ("é" * 247, "👩‍👩‍👧" * 27, "wörter mit lücken " * 23 + "!"):
        await ada.asks(f"PRIVMSG #t :{text}")
        lines = await ben.hears()
        assert "".join(line.partition(" :")[2] for line in lines) == text
        assert all(len(line.encode()) <= 510 for line in lines)


async def test_what_services_are_told_is_echoed(server: Server) -> None:
    """Ergo #1204: what somebody has said to NickServ was shown nowhere."""
    ada = await IrcClient.come(server, "ada", ALL)
    lines = await ada.asks("@label=1 PRIVMSG NickServ :INFO ada")
    assert lines[0].startswith("@label=1 ")
    assert lines[0].endswith(" labeled-response")
    assert words(lines)[1] == "ada PRIVMSG NickServ :INFO ada"
    assert len(await ada.asks("NOTICE NickServ :hello")) == 1
    ben = await IrcClient.come(server, "ben")
    assert all(" NOTICE ben :" in line for line in await ben.asks("PRIVMSG NickServ :INFO ada"))


async def test_each_labelled_command_is_answered_once(server: Server) -> None:
    """Ergo #391, #628, #994, #2402: unknown commands, such that say nothing, and QUIT."""
    ada = await IrcClient.come(server, "ada", "labeled-response batch message-tags")
    asked = ["nonsense", "PONG x", "CAP END", "JOIN #t", "PRIVMSG #t :hi", "PRIVMSG nobody :hi"]
    for number, line in enumerate(asked):
        lines = await ada.asks(f"@label=l{number} {line}")
        assert len([line for line in lines if f"label=l{number}" in line]) == 1, lines
    ada.says("@label=q QUIT :see you")
    assert await ada.until("ERROR") == ["@label=q ERROR :Closing link: Goodbye."]


async def test_what_a_client_has_sent_does_not_break_the_answer(server: Server) -> None:
    """Ergo #994, #33, #165: ``:source :command``, modes that there are not."""
    ada = await IrcClient.come(server, "ada")
    lines = await ada.asks(":x :nonsense", "WHOIS ::x", "MODE ada =", "MODE #nope b", "NICK ::x")
    assert lines
    assert not [line for line in lines if re.match(r":\S+ \d+ ada :\S+ :", line)], lines


async def test_no_error_answers_a_notice(server: Server) -> None:
    """InspIRCd #1849, ZNC #556: two programs that answer each other go on for ever."""
    ada, ben = await together(server, "ada", "ben")
    await ben.asks("AWAY :lunch")
    asked = ("NOTICE nobody :x", "NOTICE #nope :x", "NOTICE ben :x", "NOTICE ada,nobody :x")
    assert words(await ada.asks(*asked)) == ["ada NOTICE ada :x"]


async def test_tags_are_what_they_were_and_nobody_makes_those_of_the_server(
    server: Server,
) -> None:
    r"""jaraco/irc #205, pircbotx #329: ``\\s`` became a space, ``=`` ended a value."""
    ada, ben = await together(server, "ada", "ben", caps="message-tags server-time")
    (eve,) = await together(server, "eve")
    ada.says(r"@+a=x\\s\:\sy\z\;+b=1=2;time=2001-01-01T00:00:00.000Z;msgid=x PRIVMSG #t :hi")
    line = (await ben.until("PRIVMSG #t"))[-1]
    tags = dict(part.partition("=")[::2] for part in line[1:].split(" ")[0].split(";"))
    assert tags["+a"] == r"x\\s\:\syz"
    assert tags["+b"] == "1=2"
    assert "2001" not in tags["time"]
    assert tags["msgid"] != "x"
    await ada.asks("@+a=1 TAGMSG #t")
    assert words(await ben.hears()) == ["ada TAGMSG #t"]
    assert [line for line in await eve.hears() if "TAGMSG" in line or "@" in line[:1]] == []


async def test_an_empty_line_within_a_text_is_kept_where_there_can_be_one(server: Server) -> None:
    """gamja and Ergo, draft/multiline: blank lines and pieces that go on, for those who know of it
    and for those who do not.
    """
    ada, ben = await together(server, "ada", "ben", caps=ALL)
    (eve,) = await together(server, "eve")
    sent = ["PRIVMSG #t :one", "PRIVMSG #t :", "PRIVMSG #t :two "]
    lines = [f"@batch=1 {line}" for line in sent]
    last = "@batch=1;draft/multiline-concat PRIVMSG #t :three"
    await ada.asks("BATCH +1 draft/multiline #t", *lines, last, "BATCH -1")
    texts = [line.partition(" :")[2] for line in words(await ben.hears()) if " PRIVMSG " in line]
    assert texts == ["one", "", "two ", "three"]
    assert "".join(line.partition(" :")[2] for line in await eve.hears()) == "onetwo three"


# Rooms and people


async def test_a_room_in_which_one_is_already_is_not_joined_again(server: Server) -> None:
    """mammon #19, ircd.js #12, ngIRCd #42: everything came twice; keys belong to rooms in order."""
    ada, ben = await together(server, "ada", "ben")
    assert await ben.asks("JOIN #t", "JOIN #T,#t") == []
    await ada.asks("PRIVMSG #t :hi")
    assert words(await ben.hears()) == ["ada PRIVMSG #t :hi"]
    await ada.asks("JOIN #x,#y,#z", "MODE #y +k first-key-of-two", "MODE #z +k second-key-of-two")
    keys = await ben.asks("JOIN #x,#y,#z minds-no-key,first-key-of-two,second-key-of-two")
    assert [line for line in words(keys) if " JOIN " in line] == [
        f"ben JOIN {room}" for room in ("#x", "#y", "#z")
    ]


async def test_who_is_in_several_rooms_is_renamed_once_and_quits_once(server: Server) -> None:
    """ngIRCd #194, discord-irc #213, matterbridge #781, quIRC #2."""
    ada, ben = await together(server, "ada", "ben", room="#a,#b,#c")
    assert words(await ben.asks("NICK bob")) == ["ben NICK bob"]
    assert words(await ada.hears()) == ["ben NICK :bob"]
    ben.says("QUIT :" + "bye " * 110)
    await ben.until("ERROR")
    (line,) = await ada.hears()
    assert " QUIT :bye bye" in line
    assert len(line.encode()) <= 510


async def test_a_role_goes_with_who_has_another_name_and_not_to_who_takes_the_former_one(
    server: Server,
) -> None:
    """sopel #82, ircd.js #13, #23: an operator was none, or was one for ever."""
    ada, ben = await together(server, "ada", "ben")
    await ada.asks("MODE #t +o ben")
    await ben.asks("NICK benny")
    other = await IrcClient.come(server, "ben")
    assert " 353 ben = #t :@ada ben @benny" in (await other.asks("JOIN #t"))[1]
    await ada.asks("KICK #t benny :out")
    assert words(await ben.hears())[-1] == "ada KICK #t benny :out"
    assert (await ben.asks("JOIN #t"))[1].endswith(" 353 benny = #t :@ada ben benny")


async def test_several_are_put_out_by_one_command_and_each_hears_of_all(server: Server) -> None:
    """ngIRCd #75, #93: lists of names, and rooms with a dot."""
    ada, ben, eve = await together(server, "ada", "ben", "eve", room="#foo.bar")
    await ada.asks("KICK #foo.bar ben,eve,nobody :out")
    assert words(await eve.hears()) == [f"ada KICK #foo.bar {one} :out" for one in ("ben", "eve")]
    assert words(await ben.hears()) == ["ada KICK #foo.bar ben :out"]


async def test_a_topic_that_was_taken_away_is_none(server: Server) -> None:
    """InspIRCd #1091, irssi #888, ngIRCd #339: an empty topic was told to who came in; a long one
    was cut within a character.
    """
    ada, ben = await together(server, "ada", "ben")
    await ada.asks("TOPIC #t :\x0304red\x0f and \x02bold", "TOPIC #t :")
    coloured, none = words(await ben.hears())
    assert coloured.startswith("ada TOPIC #t :")
    assert none == "ada TOPIC #t :"
    await ben.asks("PART #t")
    assert not [line for line in await ben.asks("JOIN #t") if re.search(" 33[123] ", line)]
    await ada.asks("TOPIC #t :" + "é" * 230)
    assert all("\N{REPLACEMENT CHARACTER}" not in line for line in await ben.hears())


async def test_part_says_nothing_that_was_not_said(server: Server) -> None:
    """ngIRCd #185: the nickname was told for a reason."""
    ada, ben = await together(server, "ada", "ben")
    await ben.asks("PART #t")
    assert words(await ada.hears()) == ["ben PART #t"]


async def test_who_comes_in_is_shown_as_away_and_not_again_at_another_name(server: Server) -> None:
    """Ergo #1198, juno #86, bitlbee #59, #68, ircv3 #397: not at all, before the JOIN, an old
    reason, or twice.
    """
    (ada,) = await together(server, "ada", caps="away-notify")
    ben = await IrcClient.come(server, "ben", "away-notify")
    await ben.asks("AWAY :one", "JOIN #t", "AWAY :two", "AWAY :two", "NICK bob", "AWAY")
    assert words(await ada.hears()) == [
        "ben JOIN #t",
        "ben AWAY one",
        "ben AWAY two",
        "ben NICK :bob",
        "bob AWAY",
    ]
    assert not [line for line in ben.read if " AWAY" in line and "ben!" in line]


async def test_who_is_away_is_told_once_whatever_rooms_are_shared(server: Server) -> None:
    """ircv3 #531: in each room, and to oneself."""
    ada, ben = await together(server, "ada", "ben", room="#a,#b,#c", caps="away-notify")
    await ada.asks("PART #a")
    await ben.hears()
    assert [line for line in words(await ben.asks("AWAY :lunch")) if " AWAY" in line] == []
    assert words(await ada.hears()) == ["ben AWAY lunch"]


async def test_a_watched_name_goes_and_comes_when_it_is_changed(server: Server) -> None:
    """Ergo #1076, #1083: nobody was told; names were listed in small letters."""
    ada = await IrcClient.come(server, "ada")
    await ada.asks("MONITOR + Ben,EVE")
    ben = await IrcClient.come(server, "ben")
    await ben.asks("NICK eve")
    ben.close()
    await server.connections(1)
    told = [re.sub(r"!\S+", "", line.partition(" ada ")[2]) for line in await ada.hears()]
    assert sorted(told[1:3]) == ["ben", "eve"], "one is gone, the other one is here"
    assert (told[0], told[3]) == ("ben", "eve")
    assert words(await ada.asks("MONITOR L"))[0] == "hubbub.chat 732 ada Ben,EVE"


async def test_fields_of_who_are_in_one_order_and_all_there(server: Server) -> None:
    """eggdrop #741, WeeChat #376, ircv3 #557: clients count them."""
    (ada,) = await together(server, "ada")
    asked = ("WHO #t %rosnlihfducat,42", "WHO #t %tn", "WHO #t %i")
    found = [line.split(" ", 3)[3] for line in await ada.asks(*asked) if " 354 " in line]
    full, short, address = found
    assert full.split(" ")[:3] == ["42", "#t", "~ada"]
    assert full.endswith(" hubbub.chat ada H@ 0 0 0 n/a Ada")
    assert (short, address) == ("0 ada", "255.255.255.255")


# The past, and several clients


async def test_a_page_of_the_past_is_full_whatever_is_not_shown_of_it(server: Server) -> None:
    """Ergo #1676, #2249, irctest #207: pages with fewer lines than were asked for, or none, so that
    clients took them for the last; limits below zero; the name of a batch.
    """
    ada, ben = await together(server, "ada", "ben", caps=ALL)
    for number in range(4):
        await ada.asks(f"PRIVMSG #t :{number}", f"TOPIC #t :{number}", "MODE #t +v ben")
        await ben.asks("PART #t", "JOIN #t", "@+typing=active TAGMSG #t")
    await ada.hears()
    pages, place = [], "LATEST #T *"
    while True:
        lines = await ada.asks(f"CHATHISTORY {place} 2")
        assert lines[0].endswith(" chathistory #t")
        said = [line for line in lines if " PRIVMSG " in line]
        if not said:
            break
        pages.append([line[-1] for line in said])
        id = re.search(r"msgid=([^; ]+)", said[0])
        assert id is not None
        place = f"BEFORE #t msgid={id[1]}"
    assert pages == [["2", "3"], ["0", "1"]]
    assert words(await ada.asks("CHATHISTORY LATEST #t * -1"))[0].startswith("hubbub.chat FAIL")


async def test_a_marker_never_goes_back_nor_into_the_future(server: Server) -> None:
    """ircv3 #489: a client that is late, or whose clock is ahead, takes nobody's unread texts."""
    (ada,) = await together(server, "ada", caps=ALL)
    await ada.asks(f'PRIVMSG NickServ :REGISTER "{PASSWORD}"', "PRIVMSG #t :1")
    now = (await ada.asks("MARKREAD #t timestamp=2999-01-01T00:00:00.000Z"))[0].split(" ")[-1]
    assert not now.startswith("timestamp=2999")
    back = await ada.asks("MARKREAD #t timestamp=2001-01-01T00:00:00.000Z")
    assert back[0].split(" ")[-1] == now
    await ada.asks("PRIVMSG #t :2")
    time = re.search("time=([^; ]+)", [line for line in ada.read if ":2" in line[-2:]][-1])
    assert time is not None
    later = await ada.asks(f"MARKREAD #t timestamp={time[1]}")
    assert later[0].endswith(time[1])


async def test_what_one_client_of_an_account_says_the_others_show_once(server: Server) -> None:
    """The Lounge #74, ZNC #1302, Ergo #2246, HexChat #1306: not at all, or twice."""
    first = await IrcClient.come(server, "ada", ALL)
    await first.asks(f'PRIVMSG NickServ :REGISTER "{PASSWORD}"', "JOIN #t")
    ben = await IrcClient.come(server, "ben")
    second = await IrcClient.connect(server)
    second.says("CAP REQ :sasl message-tags", "NICK ada", "USER ada 0 * :Ada")
    await second.log_in("ada", PASSWORD)
    second.says("CAP END")
    await second.until(" 422 ")
    await second.asks("JOIN #t")
    await first.asks("PRIVMSG #t :to all", "PRIVMSG ben :to one")
    assert [line for line in words(await first.hears()) if "PRIVMSG" in line] == []
    assert words(await ben.hears()) == ["ada PRIVMSG ben :to one"]
    said = [line for line in words(await second.hears()) if " PRIVMSG " in line]
    assert said == ["ada PRIVMSG #t :to all", "ada PRIVMSG ben :to one"]
    second.says("QUIT :bye")
    await second.until("ERROR")
    assert await first.hears() == [], "ada is here"


async def test_the_first_text_of_a_query_comes_once_and_in_order(server: Server) -> None:
    """Ergo #2246, The Lounge #4965."""
    ada = await IrcClient.come(server, "ada")
    ben = await IrcClient.come(server, "ben")
    ada.says(*(f"PRIVMSG ben :{number}" for number in range(20)))
    assert await ada.hears() == []
    told = [line.rpartition(":")[2] for line in await ben.hears()]
    assert told == [str(number) for number in range(20)]


async def test_a_flood_is_taken_in_order_and_nothing_of_it_is_lost(server: Server) -> None:
    """matrix-appservice-irc #1835, irc-message-action #10: cut off for what was pasted."""
    ada, ben = await together(server, "ada", "ben")
    async with asyncio.timeout(30):
        ada.says(*(f"PRIVMSG #t :{number}" for number in range(300)))
        await ada.hears()
        told = [line.rpartition(":")[2] for line in await ben.hears()]
    assert told == [str(number) for number in range(300)]
