"""People, as the wire alone tells of them: WHOIS, WHO, WHOX, WHOWAS, USERHOST, ISON, modes."""

from __future__ import annotations

import pytest

from hubbub.domain.commands import Accept, Here, Operate, SetProfile, Who
from hubbub.domain.errors import NeedAccount, NoSuchRoom, NoSuchUser
from hubbub.domain.names import UserName
from hubbub.domain.replies import Done, Members, PeopleHere, ProfileChanged
from hubbub.domain.rules import Profile, Role, Status
from hubbub.wire.irc import usermodes
from hubbub.wire.irc.capabilities import NONE, Cap
from hubbub.wire.irc.directory import Known
from hubbub.wire.irc.names import fits
from tests.wire.irc.played import GENERAL, NOW, Client, Newcomer, welcome

BEN = UserName.parse("ben")


def numbers(lines: list[str]) -> list[str]:
    return [line.split()[1] for line in lines]


def with_ben(caps: Cap = NONE) -> Client:
    """ada, and ben, who speaks IRC, too."""
    client = Client(caps)
    client.wire.host.arrives("ben", Known("benny", "Ben B.", NOW - 60_000, NOW - 5_000, "Bwx"))
    return client


# WHOIS


def test_somebody_is_told_with_all_that_is_known() -> None:
    client = with_ben()
    client.world.accounts.add("ben")
    client.world.absent["ben"] = "at lunch"
    client.world.roles["ben"] = Role.OWNER
    client.sends("WHOIS ben")
    assert client.lines() == [
        ":hub.chat 311 ada ben ~benny user/ben * :Ben B.",
        ":hub.chat 319 ada ben #General",
        ":hub.chat 312 ada ben hub.chat Hub",
        ":hub.chat 313 ada ben :administers this server",
        ":hub.chat 330 ada ben ben :is logged in as",
        ":hub.chat 335 ada ben :is a bot",
        ":hub.chat 301 ada ben :at lunch",
        f":hub.chat 317 ada ben 5 {NOW // 1000 - 60} :seconds idle, signon time",
        ":hub.chat 318 ada ben :End of /WHOIS list",
    ]


def test_a_guest_of_another_wire_is_told_without_what_nobody_knows() -> None:
    client = Client()
    client.sends("WHOIS eve")
    assert numbers(client.lines()) == ["311", "319", "312", "318"]


def test_nobody_s_address_is_told() -> None:
    client = with_ben()
    client.sends("WHOIS ben")
    client.sends("WHO ben %ih")
    told = client.lines()
    assert "378" not in numbers(told)
    assert "338" not in numbers(told)
    assert ":hub.chat 354 ada 255.255.255.255 " in told[-2]


@pytest.mark.parametrize(
    "address, told", [("198.51.100.7", "198.51.100.7"), ("::1", "0::1"), ("", None)]
)
def test_one_s_own_address_is_told_to_oneself_alone(address: str, told: str | None) -> None:
    client = with_ben()
    client.wire.address = address
    client.sends("WHOIS ben")
    assert "338" not in numbers(client.lines())
    client.sends("WHOIS ada")
    words = "is your address, as the server sees it"
    expected = [] if told is None else [f":hub.chat 338 ada ada ~ada@{told} {told} :{words}"]
    assert [line for line in client.lines() if line.split()[1] == "338"] == expected


@pytest.mark.parametrize("asked", ["WHOIS hub.chat ben", "WHOIS ben ben"])
def test_a_server_may_be_named_before_whom_one_asks_about(asked: str) -> None:
    client = with_ben()
    client.sends(asked)
    assert client.lines()[0].startswith(":hub.chat 311 ada ben ")


@pytest.mark.parametrize("name", ["zoe", "z!e", "be*"])
def test_who_is_not_here_is_not_told(name: str) -> None:
    client = Client()
    client.sends(f"WHOIS {name}")
    assert numbers(client.lines()) == ["401", "318"]


def test_whois_needs_a_name() -> None:
    client = Client()
    client.sends("WHOIS")
    assert numbers(client.lines()) == ["431"]


def test_who_is_invisible_tells_their_rooms_only_to_those_who_are_there() -> None:
    client = with_ben()
    known = client.wire.host.known("ben")
    assert known is not None
    client.wire.host.set_modes("ben", known, "i")
    client.sends("WHOIS ben")
    assert "319" in numbers(client.lines())
    client.world.in_room.discard("ada")
    client.sends("WHOIS ben")
    assert "319" not in numbers(client.lines())


# WHO


def members(**more: object) -> Members:
    return Members(room="General", users=["ada", "ben"], roles={"ada": Role.OWNER}, **more)  # type: ignore[arg-type]


def test_who_is_in_a_room_is_told_with_flags() -> None:
    client = with_ben()
    client.world.absent["ben"] = "out"
    assert client.sends("WHO #General") == [Who(room=GENERAL)]
    client.answered(members())
    source = client.wire.host.host("ada", None)
    bens = client.wire.host.host("ben", None)
    assert client.lines() == [
        f":hub.chat 352 ada #General ~ada {source} hub.chat ada H@ :0 Ada",
        f":hub.chat 352 ada #General ~benny {bens} hub.chat ben GB :0 Ben B.",
        ":hub.chat 315 ada #General :End of /WHO list",
    ]


def test_all_prefixes_are_told_to_who_knows_of_several() -> None:
    client = with_ben(Cap.MULTI_PREFIX)
    client.sends("WHO #General")
    client.answered(members())
    assert " ada H@+ " in client.lines()[0]


def test_a_member_who_is_not_here_is_away() -> None:
    client = Client()
    client.world.gone.add("ben")
    client.sends("WHO #General")
    client.answered(members())
    assert " ben G " in client.lines()[1]


def test_nobody_is_in_a_room_that_is_not_there() -> None:
    client = Client()
    client.sends("WHO #nowhere")
    client.answered(NoSuchRoom("There is none."))
    assert numbers(client.lines()) == ["315"]


def test_fields_come_in_the_order_of_the_specification() -> None:
    client = with_ben()
    client.world.accounts.add("ben")
    client.sends("WHO ben %racfhutdnoils,42")
    assert client.lines()[0] == (
        ":hub.chat 354 ada 42 #General ~benny 255.255.255.255 user/ben hub.chat ben HB 0 5 ben "
        "n/a :Ben B."
    )


@pytest.mark.parametrize("token", ["", ",", ",!!"])
def test_fields_are_where_they_belong_without_a_token_too(token: str) -> None:
    client = with_ben()
    client.sends(f"WHO ben %tn{token}")
    assert client.lines()[0] == ":hub.chat 354 ada 0 ben"


def test_who_has_no_account_has_0_for_it() -> None:
    client = with_ben()
    client.sends("WHO ben %na")
    assert client.lines()[0] == ":hub.chat 354 ada ben 0"


@pytest.mark.parametrize("mask", ["be*", "?en", "Be*", "*", "0", "*!~benny@*", "Ben*", ""])
def test_a_mask_finds_those_who_are_in_the_same_rooms(mask: str) -> None:
    client = with_ben()
    client.sends(f"WHO {mask}")
    assert any(" ben HB" in line for line in client.lines())


def test_a_mask_finds_nobody_whom_one_does_not_meet() -> None:
    client = with_ben()
    client.world.in_room.discard("ben")
    client.sends("WHO be*")
    assert numbers(client.lines()) == ["315"]


def test_only_administrators_are_asked_for() -> None:
    client = with_ben()
    client.world.roles["eve"] = Role.MODERATOR
    client.sends("WHO * o")
    assert [line.split()[7] for line in client.lines()[:-1]] == ["eve"]


@pytest.mark.parametrize(
    "mask, text, hit",
    [("a*c", "abbc", True), ("a*c", "ab", False), ("?", "ab", False), ("*a*b*", "xaxbx", True)],
)
def test_masks_fit_whole_words(mask: str, text: str, hit: bool) -> None:
    assert fits(text, mask) is hit


# WHOWAS, USERHOST, ISON


def test_who_is_gone_is_told_the_last_one_first() -> None:
    client = with_ben()
    host = client.wire.host
    host.departs("ben", "2")
    host.arrives("ben", Known("other", "Ben", NOW, NOW))
    host.departs("ben", "2")
    client.sends("WHOWAS ben")
    first, _, second, _, end = client.lines()
    assert " 314 ada ben ~other guest/" in first
    assert " 314 ada ben ~benny guest/" in second
    assert end == ":hub.chat 369 ada ben :End of WHOWAS"
    client.sends("WHOWAS b* 1")
    assert numbers(client.lines()) == ["314", "312", "369"]
    client.sends("WHOWAS eve")
    assert numbers(client.lines()) == ["406", "369"]


def test_several_who_are_gone_are_asked_for_at_once() -> None:
    client = with_ben()
    host = client.wire.host
    host.arrives("eve", Known("evie", "Eve", NOW, NOW))
    for name, id in (("ben", "2"), ("eve", "3")):
        host.departs(name, id)
    client.sends("WHOWAS ben,eve")
    first, _, second, _, end = client.lines()
    assert " 314 ada eve ~evie " in first
    assert " 314 ada ben ~benny " in second
    assert end == ":hub.chat 369 ada ben,eve :End of WHOWAS"


def test_of_an_account_it_is_not_told_when_it_went() -> None:
    client = with_ben()
    client.world.accounts.add("ben")
    client.wire.host.departs("ben", "2")
    client.sends("WHOWAS ben")
    assert numbers(client.lines()) == ["314", "330", "369"]


def test_who_does_not_want_that_told_was_never_here() -> None:
    client = with_ben()
    client.world.hiding.add("2")
    client.wire.host.departs("ben", "2")
    client.sends("WHOWAS ben")
    assert numbers(client.lines()) == ["406", "369"]


def test_the_memory_of_who_is_gone_has_an_end() -> None:
    client = Client()
    for number in range(1500):
        client.wire.host.arrives(f"guest{number}", Known("u", "U", NOW, NOW))
        client.wire.host.departs(f"guest{number}", None)
    assert len(list(client.wire.host.past())) == 1000
    client.sends("WHOWAS *")
    assert len(client.lines()) == 20 * 2 + 1


def test_a_few_are_asked_for_at_once() -> None:
    client = with_ben()
    assert client.sends("USERHOST ben z!e") == [Here(users=(BEN,))]
    person = client.world.person("ada", "ben")
    client.answered(PeopleHere(people=[person]))
    host = client.wire.host.host("ben", "2")
    assert client.lines() == [f":hub.chat 302 ada ben=+~benny@{host}"]


def test_who_of_some_is_here() -> None:
    client = with_ben()
    client.world.gone.add("eve")
    assert client.sends("ISON :ben eve") == [Here(users=(BEN, UserName.parse("eve")))]
    client.answered(PeopleHere(people=[client.world.person("", n) for n in ("ben", "eve")]))
    assert client.lines() == [":hub.chat 303 ada ben"]


# How one appears


@pytest.mark.parametrize(
    "line, asked, number",
    [
        ("AWAY :at lunch", SetProfile(status=Status.AWAY, note="at lunch"), "306"),
        ("AWAY :\x02at\x02 lunch", SetProfile(status=Status.AWAY, note="at lunch"), "306"),
        ("AWAY *", SetProfile(status=Status.AWAY, note=""), "306"),
        ("AWAY", SetProfile(status=Status.HERE, note=""), "305"),
        ("AWAY :", SetProfile(status=Status.HERE, note=""), "305"),
        (f"AWAY :{'a' * 150}", SetProfile(status=Status.AWAY, note="a" * 100), "306"),
    ],
)
def test_who_is_away_says_so(line: str, asked: SetProfile, number: str) -> None:
    client = Client()
    assert client.sends(line) == [asked]
    client.answered(Done())
    assert numbers(client.lines()) == [number]


def test_another_real_name_is_told_to_those_who_know_of_it() -> None:
    client = Client(Cap.SETNAME)
    client.sends("SETNAME :Ada  Lovelace")
    (line,) = client.lines()
    assert line == f":{client.wire.me} SETNAME :Ada Lovelace"
    assert client.world.spoken == [f"{line}\r\n"]
    client.sends("WHOIS ada")
    assert client.lines()[0].endswith(" * :Ada Lovelace")


@pytest.mark.parametrize("name", ["", " ", "a" * 151])
def test_a_real_name_has_something_in_it_and_an_end(name: str) -> None:
    client = Client()
    client.sends(f"SETNAME :{name}")
    assert client.lines()[0].startswith(":hub.chat FAIL SETNAME INVALID_REALNAME")


# Modes


@pytest.mark.parametrize(
    "asked, lines",
    [
        ("", [":hub.chat 221 ada +wx"]),
        (" +B", [":{me} MODE ada +B"]),
        (" +iB-w", [":{me} MODE ada +Bi-w"]),
        (" -x", []),
        (" +o", []),
        (" +w", []),
        (" +Z", [":hub.chat 501 ada :There is no mode Z of people here."]),
    ],
)
def test_modes_are_one_s_own_to_change(asked: str, lines: list[str]) -> None:
    client = Client()
    known = client.wire.known
    assert known is not None
    client.wire.host.set_modes("ada", known, usermodes.DEFAULT)
    client.sends(f"MODE ada{asked}")
    assert client.lines() == [line.format(me=client.wire.me) for line in lines]


def test_modes_of_others_are_theirs() -> None:
    client = with_ben()
    client.sends("MODE ben +i")
    client.sends("MODE zoe")
    assert numbers(client.lines()) == ["502", "401"]


def test_what_a_bot_says_is_marked() -> None:
    client = with_ben(Cap.MESSAGE_TAGS)
    host = client.wire.host
    assert host.is_bot("Ben")
    assert not host.is_bot("ada")
    known = host.known("ben")
    assert known is not None
    host.set_modes("ben", known, "x")
    assert not host.is_bot("ben")


def test_who_gives_rights_back_is_no_operator_any_more() -> None:
    client = Client()
    client.told(ProfileChanged(profile=Profile(), role=Role.OWNER))
    assert client.lines() == [f":{client.wire.me} MODE ada +o"]
    assert client.sends("MODE ada -o") == [Operate(on=False)]
    client.answered(Done())
    assert client.lines() == [f":{client.wire.me} MODE ada -o"]


# Whom a client lets write


def test_who_takes_messages_of_accounts_only_says_so_to_the_hub() -> None:
    client = Client()
    assert client.sends("MODE ada +BR") == [SetProfile(accounts_only=True)]
    client.told(ProfileChanged(profile=Profile(accounts_only=True)))  # from all its connections
    client.answered(Done())
    me = client.wire.me
    assert client.lines() == [f":{me} MODE ada +R", f":{me} MODE ada +B"]
    assert client.sends("MODE ada +R") == []
    client.told(ProfileChanged(profile=Profile()))
    assert client.lines() == [f":{me} MODE ada -R"]


def test_a_guest_takes_messages_of_everybody() -> None:
    client = Client()
    client.sends("MODE ada +R")
    client.answered(NeedAccount("You are a guest here."))
    assert client.lines() == [":hub.chat 477 ada ada :You are a guest here."]
    client.sends("MODE ada")
    assert client.lines() == [":hub.chat 221 ada +"]


def test_who_comes_with_an_account_has_the_mode_of_the_account() -> None:
    client = Newcomer()
    client.sends("NICK ada")
    client.sends("USER ada 0 * :Ada")
    client.answered(welcome("ada", account=True, profile=Profile(accounts_only=True)))
    client.lines()
    assert client.wire.known is not None
    assert client.wire.known.modes == "Rwx"


def test_guests_are_accepted_and_listed() -> None:
    client = Client()
    assert client.sends("ACCEPT ben,-eve,-zoe,,!") == [Accept(user=BEN)]
    assert client.answered(Done()) == []
    assert numbers(client.lines()) == ["458", "458", "401"]
    client.world.accepting = {"2": "ben", "9": "zoe"}
    assert client.sends("ACCEPT -zoe,ben,eve") == [Accept(user=UserName.parse("zoe"), on=False)]
    assert client.answered(Done()) == [Accept(user=UserName.parse("eve"))]
    client.answered(NoSuchUser("There is nobody."))
    assert client.lines() == [
        ":hub.chat 457 ada ben :is on your accept list already",
        ":hub.chat 401 ada eve :There is nobody.",
    ]
    client.sends("ACCEPT *")
    assert client.lines() == [
        ":hub.chat 281 ada :ben zoe",
        ":hub.chat 282 ada :End of /ACCEPT list.",
    ]


def test_another_guest_of_a_name_that_is_listed_can_be_accepted() -> None:
    client = Client()
    client.world.accepting = {"9": "ben"}  # of that time
    assert client.sends("ACCEPT ben") == [Accept(user=BEN)]


def test_a_text_to_who_takes_those_of_accounts_only_is_refused_with_a_number_of_its_own() -> None:
    client = Client()
    client.sends("PRIVMSG ben :hi")
    client.answered(NeedAccount("ben takes messages from people with an account."))
    assert numbers(client.lines()) == ["477"]
