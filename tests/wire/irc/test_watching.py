"""MONITOR, and what administrators do: OPER, KILL, WALLOPS, REHASH, STATS."""

from __future__ import annotations

import pytest

from hubbub.domain.commands import MAX_WATCHED, Announce, Here, Kick, Operate, Watch
from hubbub.domain.directory import DIRECTORY
from hubbub.domain.errors import ChatError, NoSuchRoom, NoSuchUser, NotAllowed, WrongPassword
from hubbub.domain.names import UserName
from hubbub.domain.replies import Announced, Done, PeopleHere, PersonHere
from hubbub.domain.rules import Role, Status
from hubbub.wire.irc.capabilities import NONE, Cap
from tests.wire.irc.played import Client

BEN, EVE = UserName.parse("ben"), UserName.parse("eve")


def numbers(lines: list[str]) -> list[str]:
    return [line.split()[1] for line in lines]


def watching(caps: Cap = NONE) -> Client:
    """ada, who watches ben, who is here, and eve, who is not."""
    client = Client(caps)
    client.world.gone.add("eve")
    assert client.sends("MONITOR + ben,eve") == [Watch(users=(BEN, EVE))]
    client.answered(here(client, "ben", "eve"))
    return client


def here(client: Client, *names: str) -> PeopleHere:
    return PeopleHere(people=[client.world.person("ada", name) for name in names])


def test_who_is_watched_is_told_at_once() -> None:
    client = watching()
    source = client.wire.host.source("ben", "2")
    assert client.lines() == [f":hub.chat 730 ada {source}", ":hub.chat 731 ada eve"]


def test_who_comes_and_goes_is_told_once() -> None:
    client = watching()
    client.lines()
    client.world.gone = {"ben"}
    client.told(here(client, "eve"))
    client.told(here(client, "ben"))
    client.told(here(client, "ben"))
    assert numbers(client.lines()) == ["730", "731"]


def test_who_is_watched_already_is_not_asked_for_again() -> None:
    client = watching()
    client.lines()
    assert client.sends("MONITOR + Ben") == []
    assert client.lines() == []


def test_what_cannot_be_a_name_is_nobody_s() -> None:
    client = Client()
    assert client.sends("MONITOR + *!u@h") == []
    assert client.lines() == [":hub.chat 731 ada *!u@h"]


def test_the_list_is_shown_and_emptied() -> None:
    client = watching()
    client.lines()
    client.sends("MONITOR L")
    assert client.lines() == [":hub.chat 732 ada ben,eve", ":hub.chat 733 ada :End of MONITOR list"]
    assert client.sends("MONITOR - ben,zoe") == [Watch(users=(BEN,), on=False)]
    client.answered(PeopleHere(people=[]))
    assert client.sends("MONITOR C") == [Watch(users=(EVE,), on=False)]
    client.answered(PeopleHere(people=[]))
    client.sends("MONITOR L")
    assert numbers(client.lines()) == ["733"]
    assert client.sends("MONITOR C") == []


def test_the_state_of_all_is_asked_for() -> None:
    client = watching()
    client.lines()
    assert client.sends("MONITOR S") == [Here(users=(BEN, EVE))]
    client.answered(here(client, "ben", "eve"))
    assert numbers(client.lines()) == ["730", "731"]


def test_the_list_has_an_end() -> None:
    client = Client()
    names = [f"guest{number}" for number in range(MAX_WATCHED + 2)]
    for start in range(0, len(names), 40):
        asked = client.sends(f"MONITOR + {','.join(names[start : start + 40])}")
        if asked:
            users = asked[0].users  # type: ignore[attr-defined]
            client.answered(PeopleHere(people=[PersonHere(user=u, here=False) for u in users]))
    told = client.lines()
    assert told[-2].startswith(":hub.chat 734 ada 200 guest200,guest201 :") or any(
        line.startswith(":hub.chat 734 ada 200 guest200,guest201 :") for line in told
    )


@pytest.mark.parametrize("caps", [NONE, Cap.AWAY_NOTIFY, Cap.EXTENDED_MONITOR])
def test_how_somebody_appears_is_told_to_who_asks_for_both(caps: Cap) -> None:
    client = watching(caps)
    client.lines()
    client.world.in_room.discard("ben")
    client.world.absent["ben"] = "out"
    client.told(here(client, "ben"))
    assert client.lines() == []


def test_how_somebody_appears_whom_one_watches() -> None:
    client = watching(Cap.AWAY_NOTIFY | Cap.EXTENDED_MONITOR | Cap.ACCOUNT_NOTIFY)
    client.lines()
    client.world.in_room.discard("ben")
    client.world.absent["ben"] = "out"
    client.world.accounts.add("ben")
    client.told(here(client, "ben"))
    assert [line.split(" ", 1)[1] for line in client.lines()] == ["AWAY out", "ACCOUNT ben"]
    client.told(PeopleHere(people=[PersonHere(user="ben", here=True, status=Status.HERE)]))
    assert [line.split(" ", 1)[1] for line in client.lines()] == ["AWAY", "ACCOUNT *"]


# Administrators


def test_rights_are_lent_by_the_name_of_an_account() -> None:
    client = Client()
    assert client.sends("OPER root secret 123456") == [
        Operate(user=UserName.parse("root"), password="secret", code="123456")
    ]
    client.answered(Done())
    told = client.lines()
    assert numbers(told) == ["381", "MODE"]
    assert told[1].endswith(" MODE ada +o")


@pytest.mark.parametrize("error", [WrongPassword("No."), NotAllowed("No."), NoSuchUser("No.")])
def test_why_rights_are_not_lent_is_told_alike(error: ChatError) -> None:
    client = Client()
    client.sends("OPER root secret")
    client.answered(error)
    assert client.lines() == [":hub.chat 491 ada No."]


def test_somebody_is_put_out_of_the_server() -> None:
    client = Client()
    assert client.sends("KILL ben :enough") == [Kick(room=DIRECTORY, user=BEN, reason="enough")]
    client.answered(NoSuchRoom("There is no such room."))
    assert numbers(client.lines()) == ["481"]
    client.sends("KILL zoe")
    client.answered(NoSuchUser("There is nobody of that name."))
    client.sends("KILL z!e")
    assert numbers(client.lines()) == ["401", "401"]


def test_everybody_is_told_something() -> None:
    client = Client()
    assert client.sends("WALLOPS :tea at four") == [Announce(text="tea at four")]
    client.answered(NotAllowed("Only who administers this server may do that."))
    assert numbers(client.lines()) == ["481"]


def test_who_does_not_want_to_hear_it_does_not() -> None:
    client = Client()
    known = client.wire.known
    assert known is not None
    client.told(Announced(by="eve", text="tea at four"))
    assert client.lines() == []
    client.wire.host.set_modes("ada", known, "w")
    client.told(Announced(by="eve", text="tea\nat four"))
    assert [line.partition(" ")[2] for line in client.lines()] == [
        "WALLOPS tea",
        "WALLOPS :at four",
    ]


def test_the_certificate_is_read_again_by_who_administers_the_server() -> None:
    client = Client()
    client.sends("REHASH")
    assert numbers(client.lines()) == ["481"]
    client.world.roles["ada"] = Role.OWNER
    client.sends("REHASH")
    assert numbers(client.lines()) == ["382"]
    assert client.world.read_again == 1


def test_statistics_are_few_and_some_of_them_private() -> None:
    client = Client()
    for letter in "umo":
        client.sends(f"STATS {letter}")
    assert numbers(client.lines()) == ["242", "219", "481", "219", "481", "219"]
    client.world.roles["ada"] = Role.OWNER
    client.sends("STATS m")
    assert client.lines()[0] == ":hub.chat 212 ada STATS 4 0 0"
    client.sends("STATS o")
    assert client.lines()[0] == ":hub.chat 243 ada O * * ada"
