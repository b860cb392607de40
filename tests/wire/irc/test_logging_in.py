"""Logging in by SASL and PASS, for the wire alone: whole, and cut at every byte."""

from __future__ import annotations

from base64 import b64encode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hubbub.domain.commands import (
    Command,
    Hello,
    HelloByCertificate,
    HelloByProof,
    Join,
    Register,
)
from hubbub.domain.errors import (
    Forbidden,
    InvalidName,
    NeedCode,
    NotAllowed,
    WeakPassword,
    WrongPassword,
)
from hubbub.domain.ids import UserId
from hubbub.domain.names import UserName
from hubbub.domain.replies import Challenge, Goodbye, Invitation, Welcome
from hubbub.domain.replies import Limits as Told
from hubbub.wire.irc.commands.logins import Login, given_at_once, parse_login
from hubbub.wire.irc.got import reader_of
from hubbub.wire.irc.registration import Registration
from tests.wire.irc.played import Client

ADA, BEN = UserName.parse("ada"), UserName.parse("ben")
LIMITS = Told(text=1, line=1, rate=1, burst=1, rooms=1, history=1, lines=1, edit=1)
WELCOME = Welcome(user=ADA, user_id=UserId("1"), account=True, server="Hub", log="x", limits=LIMITS)


class Stranger(Client):
    """A client that is not registered yet."""

    def __init__(self, *, secure: bool = False) -> None:
        super().__init__(rooms=())
        self.wire.registration = Registration(negotiating=True)
        self.wire.nick, self.wire.user_id, self.wire.known = "", None, None
        self.wire.secure = secure
        self.world.accounts = {"ada"}


def told(text: str) -> str:
    return b64encode(text.encode()).decode()


def plain(name: str, password: str, as_whom: str = "") -> str:
    return "AUTHENTICATE " + told("\0".join((as_whom, name, password)))


def by_sasl(user: UserName = ADA, **fields: object) -> Hello:
    return Hello(user=user, client="IRC", **fields)  # type: ignore[arg-type]


def numbers(lines: list[str]) -> list[str]:
    return [line.split()[1] for line in lines]


def test_a_name_and_a_password_are_asked_for_and_the_client_is_in() -> None:
    client = Stranger()
    assert client.sends("AUTHENTICATE plain") == []
    assert client.lines() == [":hub.chat AUTHENTICATE +"]
    assert client.sends(plain("ada", "secret", "ada")) == [by_sasl(password="secret")]
    client.answered(WELCOME)
    assert client.lines() == [
        ":hub.chat 900 * *!*@user/ada ada :You are now logged in as ada",
        ":hub.chat 903 * :You are logged in.",
    ]
    assert client.wire.registration is not None
    assert client.wire.registration.welcome is not None
    assert client.wire.account


def test_it_is_the_same_wherever_it_is_cut() -> None:
    long = told(f"\0ada\0{'secret ' * 50}")
    said = (
        f"AUTHENTICATE PLAIN\r\nAUTHENTICATE {long[:400]}\nAUTHENTICATE {long[400:]}\r\n".encode()
    )

    def commands(cut: int) -> tuple[list[Command], list[str]]:
        client = Stranger()
        found = []
        for part in (said[:cut], said[cut:]):
            client.wire.receive(part)
            found += client.goes_on()
        return found, client.lines()

    whole = commands(0)
    assert [type(one) for one in whole[0]] == [Hello]
    for cut in range(1, len(said)):
        assert commands(cut) == whole


def test_who_is_refused_is_told_why_and_may_begin_again() -> None:
    client = Stranger()
    for error, number in (
        (WrongPassword("No."), "904"),
        (NeedCode("A code."), "904"),
        (Forbidden("You are banned."), "902"),
    ):
        client.sends("AUTHENTICATE PLAIN")
        client.sends(plain("ada", "secret"))
        client.lines()
        client.answered(error)
        (line,) = client.lines()
        assert line.startswith(f":hub.chat {number} * ")
        assert error.message in line
    assert client.sends("AUTHENTICATE PLAIN") == []
    assert client.lines() == [":hub.chat AUTHENTICATE +"]


def test_a_code_behind_the_password_is_tried_first_and_then_the_whole() -> None:
    client = Stranger()
    client.sends("AUTHENTICATE PLAIN")
    (first,) = client.sends(plain("ada", "my secret 123456"))
    assert first == by_sasl(password="my secret", code="123456")
    (second,) = client.answered(WrongPassword("No."))
    assert second == by_sasl(password="my secret 123456")


@pytest.mark.parametrize("password", ["12345678", "secret 1234567", "k3vt-2mzq-7xbn-hdw5", "a  b"])
def test_what_is_no_code_is_a_part_of_the_password(password: str) -> None:
    client = Stranger()
    client.sends("AUTHENTICATE PLAIN")
    assert client.sends(plain("ada", password)) == [by_sasl(password=password)]


def test_a_recovery_code_is_a_code() -> None:
    client = Stranger()
    client.sends("AUTHENTICATE PLAIN")
    sent = client.sends(plain("ada", "secret k3vt-2mzq-7xbn-hdw5"))
    assert sent == [by_sasl(password="secret", code="k3vt-2mzq-7xbn-hdw5")]


def test_a_guest_who_logs_in_is_somebody_else_from_now_on() -> None:
    client = Client()
    client.world.accounts = {"ben"}
    client.sends("AUTHENTICATE PLAIN")
    client.lines()
    assert client.sends(plain("ben", "secret")) == [by_sasl(BEN, password="secret", again=True)]
    welcome = Welcome(
        user=BEN, user_id=UserId("2"), account=True, server="Hub", log="x", limits=LIMITS
    )
    (again,) = client.answered(welcome)
    assert isinstance(again, Join), "its room, again"
    client.answered(NotAllowed("No guests."))
    # The ben who is there already goes, as there would be two of one name.
    assert numbers(client.lines()) == ["900", "903", "PART", "NICK", "473", "PART"]
    assert (client.wire.nick, client.wire.user_id, client.wire.account) == ("ben", "2", True)


@pytest.mark.parametrize("name", ["ada/laptop", "ada@laptop"])
def test_which_program_it_is_is_kept(name: str) -> None:
    client = Stranger()
    client.sends("AUTHENTICATE PLAIN")
    assert client.sends(plain(name, "secret", "ada")) == [by_sasl(password="secret")]
    assert reader_of(client.wire) is None, "not before it is in"
    client.answered(WELCOME)
    assert reader_of(client.wire) == "laptop"


def test_a_certificate_is_only_asked_for_over_tls() -> None:
    client = Stranger()
    client.sends("AUTHENTICATE EXTERNAL")
    assert numbers(client.lines()) == ["908", "904"]
    client = Stranger(secure=True)
    client.sends("CAP LS 302")
    assert " sasl=PLAIN,SCRAM-SHA-256,EXTERNAL " in client.lines()[0]
    client.sends("AUTHENTICATE EXTERNAL")
    (asked,) = client.sends("AUTHENTICATE +")
    assert isinstance(asked, HelloByCertificate)
    assert not asked.named
    client.answered(WELCOME)
    assert numbers(client.lines()) == ["AUTHENTICATE", "900", "903"]


def test_whose_certificate_it_is_may_be_said() -> None:
    client = Stranger(secure=True)
    client.sends("AUTHENTICATE EXTERNAL")
    (asked,) = client.sends(f"AUTHENTICATE {told('ada/phone')}")
    assert asked == HelloByCertificate(user=ADA, named=True, client="IRC")


def test_scram_is_said_in_three_steps() -> None:
    client = Stranger()
    client.sends("AUTHENTICATE SCRAM-SHA-256")
    client.lines()
    first = "n,,n=ada,r=x"
    assert client.sends(f"AUTHENTICATE {told(first)}") == [
        HelloByProof(user=ADA, message=first, client="IRC")
    ]
    client.answered(Challenge(message="r=xy,s=c2FsdA==,i=4096"))
    assert client.lines() == [f":hub.chat AUTHENTICATE {told('r=xy,s=c2FsdA==,i=4096')}"]
    client.sends(f"AUTHENTICATE {told('c=biws,r=xy,p=cHJvb2Y=')}")
    client.answered(Challenge(message="v=eA=="))
    client.answered(WELCOME)
    assert client.lines() == [f":hub.chat AUTHENTICATE {told('v=eA==')}"]
    client.sends("AUTHENTICATE +")
    assert numbers(client.lines()) == ["900", "903"]


def test_who_stops_when_it_has_proved_all_is_in() -> None:
    client = Stranger()
    client.sends("AUTHENTICATE SCRAM-SHA-256")
    client.sends(f"AUTHENTICATE {told('n,,n=ada,r=x')}")
    client.answered(Challenge(message="r=xy,s=c2FsdA==,i=4096"))
    client.sends(f"AUTHENTICATE {told('c=biws,r=xy,p=cHJvb2Y=')}")
    client.answered(Challenge(message="v=eA=="))
    client.answered(WELCOME)
    client.lines()
    client.sends("AUTHENTICATE *")
    assert numbers(client.lines()) == ["900", "903"]


@given(st.lists(st.text(st.characters(codec="utf-8", exclude_characters="\r\n\0")), max_size=4))
def test_whatever_is_said_the_wire_goes_on(words: list[str]) -> None:
    for mechanism in ("PLAIN", "EXTERNAL", "SCRAM-SHA-256"):
        client = Stranger(secure=True)
        client.sends(f"AUTHENTICATE {mechanism}")
        for word in words:
            for line in (f"AUTHENTICATE {word}", f"AUTHENTICATE {told(word)}"):
                if client.sends(line):
                    client.answered(WrongPassword("No."))
        client.lines()
        client.sends("CAP LIST")
        assert " CAP * LIST " in client.lines()[-1]


def test_who_has_logged_in_and_not_come_yet_is_told_nothing_of_others() -> None:
    client = Stranger()
    client.sends("AUTHENTICATE PLAIN")
    client.sends(plain("ada", "secret"))
    client.answered(WELCOME)
    client.lines()
    client.told(Invitation(room="Tea", by="ben"))
    assert client.lines() == []
    client.told(Goodbye(reason="logged-out", message="You were logged out."))
    assert client.lines() == ["ERROR :Closing link: You were logged out."]


# PASS


@pytest.mark.parametrize(
    "given, login",
    [
        ("ada:secret", (Login(ADA), "secret")),
        ("ada/phone:secret", (Login(ADA, "phone"), "secret")),
        ("ada:se:cret", (Login(ADA), "se:cret")),
        ("secret", (Login(ADA), "secret")),
        ("ben:secret", (Login(ADA), "ben:secret")),
        ("not a name:secret", (Login(ADA), "not a name:secret")),
    ],
)
def test_a_password_is_of_the_account_before_it_or_of_the_nick(
    given: str, login: tuple[Login, str]
) -> None:
    assert given_at_once(Stranger().wire, "ada", given) == login


def test_a_password_of_no_account_is_none() -> None:
    assert given_at_once(Stranger().wire, "ben", "secret") is None
    assert given_at_once(Stranger().wire, "ben", "eve:secret") is None


def test_no_name_is_no_login() -> None:
    with pytest.raises(InvalidName):
        parse_login("/laptop")


# REGISTER


def test_an_account_is_made_of_the_nick_that_was_said() -> None:
    client = Stranger()
    client.world.accounts = set()
    client.sends("NICK ada")
    (asked,) = client.sends("REGISTER * abc :a good password")
    assert asked == Register(user=ADA, password="a good password", invite="abc")
    client.answered(WELCOME)
    assert client.lines()[0] == ":hub.chat REGISTER SUCCESS ada :This name is yours from now on."
    assert client.wire.account


def test_a_password_that_is_too_easy_is_refused_by_a_word_that_programs_know() -> None:
    client = Stranger()
    client.sends("NICK ben")
    client.sends("REGISTER * * 1234")
    client.answered(WeakPassword("Too easy."))
    assert client.lines() == [":hub.chat FAIL REGISTER WEAK_PASSWORD ben :Too easy."]
