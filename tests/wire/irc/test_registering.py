"""How a client comes, as the wire alone sees it: CAP, NICK, USER, and all that goes wrong."""

from __future__ import annotations

import pytest

from hubbub.domain.commands import Bye, Command, Hello, Join, Ping, SetProfile
from hubbub.domain.errors import AlreadyNamed, NameTaken, NeedPassword
from hubbub.domain.events import Joined
from hubbub.domain.ids import UserId
from hubbub.domain.names import UserName
from hubbub.domain.replies import Goodbye, Pong, RoomJoined
from hubbub.domain.rules import Role, Status
from hubbub.wire.irc.capabilities import Cap
from hubbub.wire.irc.showing import show
from tests.wire.irc.played import GENERAL, NOW, Client, Newcomer, one, welcome

ADA = UserName.parse("ada")


def numbers(lines: list[str]) -> list[str]:
    return [line.split()[1] for line in lines]


@pytest.mark.parametrize("first", ["NICK ada", "USER a 0 * :Ada"])
def test_nick_and_user_register_in_any_order(first: str) -> None:
    other = "USER a 0 * :Ada" if first.startswith("NICK") else "NICK ada"
    client = Newcomer()
    assert client.sends(first) == []
    assert isinstance(one(client.sends(other), Hello), Hello)
    client.answered(welcome("ada"))
    told = numbers(client.lines())
    assert told[:4] == ["001", "002", "003", "004"]
    assert told[-1] == "422"
    assert client.wire.registration is None


def test_a_registration_waits_for_the_end_of_the_negotiation() -> None:
    client = Newcomer()
    client.sends("CAP LS 302")
    client.sends("NICK ada")
    assert client.sends("USER a 0 * :Ada") == []
    assert [type(one) for one in client.sends("CAP END")] == [Hello]


def test_a_registration_may_come_byte_by_byte() -> None:
    client = Newcomer()
    found: list[Command] = []
    for byte in b"CAP REQ :batch\nNICK ada\r\nUSER a 0 * :Ada\nCAP END\r":
        client.wire.receive(bytes((byte,)))
        found = client._commands()
    assert [type(one) for one in found] == [Hello]
    assert client.lines() == [":hub.chat CAP * ACK batch"]


def test_who_cannot_have_a_name_may_try_another_one() -> None:
    client = Newcomer()
    client.sends("NICK ada")
    client.sends("USER a 0 * :Ada")
    client.answered(NameTaken("ada is in use."))
    assert client.lines() == [":hub.chat 433 * ada :ada is in use."]
    assert client.wire.asked_for_another_name
    assert one(client.sends("NICK ada_"), Hello) == Hello(user=UserName.parse("ada_"), client="IRC")


def test_the_name_of_an_account_is_in_use() -> None:
    client = Newcomer()
    client.sends("NICK ada")
    client.sends("USER a 0 * :Ada")
    client.answered(NeedPassword("There is a password for ada."))
    assert "433" in numbers(client.lines())


@pytest.mark.parametrize(
    "line, number",
    [
        ("NICK", "431"),
        ("NICK :", "431"),
        ("NICK a!da", "432"),
        ("NICK :a da", "432"),
        ("USER a 0 *", "461"),
        ("USER a 0 * :", "461"),
        ("USER a 0 * :  ", "461"),
        ("USER :", "461"),
        ("USER \x01 0 * :Ada", "468"),
        ("JOIN #x", "451"),
        ("WHATEVER", "451"),
        ("CAP", "461"),
        ("CAP FOO", "410"),
        ("PING", "409"),
        ("STARTTLS", "691"),
        ("AWAY :out", "451"),
        ("ISUPPORT", "451"),
    ],
)
def test_what_is_wrong_before_a_registration_is_told(line: str, number: str) -> None:
    client = Newcomer()
    assert client.sends(line) == []
    assert numbers(client.lines()) == [number]


@pytest.mark.parametrize("line", ["USER a 0 * :Ada", "PASS x"])
def test_who_is_registered_does_not_register_again(line: str) -> None:
    client = Client()
    client.sends(line)
    assert numbers(client.lines()) == ["462"]


# CAP


def test_values_are_told_from_version_302_on() -> None:
    old, new = Newcomer(), Newcomer()
    old.sends("CAP LS")
    new.sends("CAP LS 302")
    assert "sasl=" not in old.lines()[0]
    assert "sasl=PLAIN" in " ".join(new.lines())


def test_capabilities_are_told_in_lines_that_fit() -> None:
    client = Newcomer()
    client.sends("CAP LS 302")
    lines = client.lines()
    assert len(lines) > 1
    assert all(len(line.encode()) <= 510 for line in lines)
    assert all(" LS * :" in line for line in lines[:-1])
    assert " LS * " not in lines[-1]


def test_all_of_a_request_is_granted_or_nothing() -> None:
    client = Newcomer()
    client.sends("CAP REQ :batch nonsense")
    assert client.lines() == [":hub.chat CAP * NAK :batch nonsense"]
    assert client.wire.caps == Cap(0)
    client.sends("CAP REQ :batch setname -batch")
    assert client.lines() == [":hub.chat CAP * ACK :batch setname -batch"]
    assert client.wire.caps == Cap.SETNAME
    client.sends("CAP LIST")
    assert client.lines() == [":hub.chat CAP * LIST setname"]


def test_nothing_may_be_asked_for() -> None:
    client = Newcomer()
    client.sends("CAP REQ :")
    assert client.lines() == [":hub.chat CAP * ACK :"]


def test_who_knows_version_302_hears_of_changes_for_good() -> None:
    old, new = Newcomer(), Newcomer()
    new.sends("CAP LS 302")
    new.lines()
    new.sends("CAP REQ -cap-notify")
    assert new.lines() == [":hub.chat CAP * NAK -cap-notify"]
    old.sends("CAP REQ cap-notify")
    old.sends("CAP REQ -cap-notify")
    assert old.lines()[-1] == ":hub.chat CAP * ACK -cap-notify"


def test_a_policy_is_told_and_cannot_be_asked_for() -> None:
    client = Newcomer(sts_seconds=86400, sts_port=6697)
    client.sends("CAP LS 302")
    assert "sts=port=6697" in " ".join(client.lines())
    client.sends("CAP REQ sts")
    assert client.lines() == [":hub.chat CAP * NAK sts"]
    client.wire.secure = True
    client.sends("CAP LS 302")
    assert "sts=duration=86400" in " ".join(client.lines())
    client.sends("CAP LIST")
    old = Newcomer(sts_seconds=86400, sts_port=6697)
    old.sends("CAP LS")
    assert "sts" not in old.lines()[0]


def test_capabilities_may_change_after_a_registration() -> None:
    client = Client()
    client.sends("CAP LS 302")
    client.sends("CAP REQ server-time")
    client.sends("CAP END")
    assert client.lines()[-1] == ":hub.chat CAP ada ACK server-time"


def test_isupport_is_told_before_a_registration_to_who_asks_so() -> None:
    client = Newcomer()
    client.sends("CAP REQ :draft/extended-isupport batch")
    client.lines()
    client.sends("ISUPPORT")
    lines = client.lines()
    assert lines[0].startswith(":hub.chat BATCH +")
    assert lines[0].endswith(" draft/isupport")
    assert all(" 005 * " in line for line in lines[1:-1])
    assert all(line.startswith("@batch=") for line in lines[1:-1])


def test_isupport_has_at_most_thirteen_words_a_line_and_no_second_equals_sign() -> None:
    told = [line for line in Newcomer().enters() if " 005 " in line]
    for line in told:
        words = line.partition(" ada ")[2].partition(" :")[0].split()
        assert 0 < len(words) <= 13
        assert all(word.count("=") <= 1 for word in words)
    assert len(told) > 1


# AWAY before the registration (draft/pre-away)


def test_who_comes_may_be_away_from_the_beginning() -> None:
    client = Newcomer()
    client.sends("CAP REQ :draft/pre-away")
    client.sends("AWAY :at lunch")
    assert numbers(client.lines())[-1] == "306"
    client.sends("NICK ada")
    client.sends("USER a 0 * :Ada")
    client.sends("CAP END")
    assert client.answered(welcome("ada")) == [SetProfile(status=Status.AWAY, note="at lunch")]


# Another name


def test_a_guest_takes_another_name_and_is_in_the_same_rooms() -> None:
    client = Client()
    client.world.shown = 7
    before = client.wire.me
    assert client.sends("NICK Eva") == [Hello(user=UserName.parse("Eva"), again=True, client="IRC")]
    assert client.answered(welcome("Eva")) == [Join(room=GENERAL, after=7)]
    client.answered(RoomJoined(room="General", users=["ben"], head=8, after=7))
    assert client.lines() == [f":{before} NICK Eva"]
    assert client.wire.rooms == (GENERAL,)
    joined = Joined(8, NOW, UserName.parse("Eva"), UserName.parse("ada"), by_id=UserId("9"))
    assert show(client.wire, GENERAL, [joined], ()) == b""


def test_who_cannot_be_in_a_room_by_another_name_has_left_it() -> None:
    client = Client()
    client.sends("NICK eve_")
    client.answered(welcome("eve_"))
    client.answered(NeedPassword("General asks for a password."))
    lines = client.lines()
    assert "475" in numbers(lines)
    assert lines[-1].startswith(":eve_!~ada@guest/")
    assert " PART #General " in lines[-1]
    assert client.wire.rooms == ()


def test_only_the_case_of_a_name_changes() -> None:
    client = Client()
    client.sends("NICK Ada")
    assert client.answered(welcome("Ada")) == []
    line = client.lines()[-1]
    assert line.endswith(" NICK Ada")
    assert client.world.spoken == [f"{line}\r\n"]
    assert client.sends("NICK Ada") == []
    assert client.lines() == []


def test_who_has_an_account_keeps_its_name() -> None:
    client = Client()
    client.sends("NICK eva")
    client.answered(AlreadyNamed("You are ada, who has an account."))
    assert numbers(client.lines()) == ["447"]
    assert client.wire.nick == "ada"


def test_another_program_of_an_account_may_rename_it() -> None:
    client = Client()
    joined = Joined(8, NOW, UserName.parse("eva"), UserName.parse("ada"), by_id=UserId("1"))
    assert b" NICK :eva\r\n" in show(client.wire, GENERAL, [joined], ())
    assert client.wire.nick == "eva"
    assert show(client.wire, GENERAL, [joined], ()) == b""


# The end


def test_a_ping_comes_back_when_all_before_is_saved() -> None:
    client = Client()
    assert client.sends("PING :a b") == [Ping()]
    assert client.lines() == []
    client.answered(Pong())
    assert client.lines() == [":hub.chat PONG hub.chat :a b"]


def test_who_quits_hears_that_it_was_understood() -> None:
    client = Client()
    assert client.sends("QUIT :see you") == [Bye(reason="see you")]
    client.answered(Goodbye(reason="bye", message="Goodbye."))
    assert client.lines() == ["ERROR :Closing link: Goodbye."]


def test_the_end_of_the_input_is_a_quit_and_half_a_line_is_none() -> None:
    client = Client()
    client.wire.receive(b"PRIVMSG #Gen")
    client.wire.end()
    assert client._commands() == [Bye()]


def test_a_line_without_an_end_is_told_once_and_then_cut_off() -> None:
    client = Client()
    client.wire.receive(b"PRIVMSG #General :" + b"a" * 6000)
    assert client._commands() == []
    client.wire.receive(b"a" * 8000)
    assert client._commands() == [Bye()]
    assert numbers(client.lines()) == ["417"]


@pytest.mark.parametrize("line", [b"PRIVMSG #a :" + b"a" * 500, b"@+a=" + b"b" * 4100 + b" PING x"])
def test_a_line_that_is_too_long_is_not_done(line: bytes) -> None:
    client = Client()
    client.wire.receive(line + b"\r\nPING x\r\n")
    assert client._commands() == [Ping()]
    assert numbers(client.lines()) == ["417"]


def test_what_is_no_utf_8_is_not_done() -> None:
    client = Client(Cap.LABELED_RESPONSE)
    client.wire.receive(b"@label=7 :ada PRIVMSG #General :caf\xe9\r\n")
    assert client._commands() == []
    assert client.lines()[0].startswith("@label=7 :hub.chat FAIL PRIVMSG INVALID_UTF8 :")


def test_who_administers_the_server_is_an_operator() -> None:
    client = Newcomer()
    client.sends("NICK ada")
    client.sends("USER a 0 * :Ada")
    client.answered(welcome("ada", role=Role.OWNER))
    client.lines()
    client.sends("MODE ada")
    assert client.lines() == [":hub.chat 221 ada +owx"]
