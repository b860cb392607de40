"""METADATA: what a client sets, asks for and is told by itself."""

from __future__ import annotations

import pytest

from hubbub.domain.commands import Join, SetProfile, SetRules, Watch, Who
from hubbub.domain.errors import Filtered, NoSuchRoom, NotAllowed, RateLimited, TooMany
from hubbub.domain.events import AnyEvent, Joined, RulesSet
from hubbub.domain.ids import UserId
from hubbub.domain.labels import MAX_LABELS, MAX_VALUE_BYTES
from hubbub.domain.names import RoomName, UserName
from hubbub.domain.replies import (
    Ack,
    Done,
    Labelled,
    Members,
    Page,
    PeopleHere,
    RoomJoined,
    Standing,
)
from hubbub.domain.state import RoomFacts
from hubbub.wire.irc.capabilities import MAX_KEYS, Cap
from hubbub.wire.irc.showing import show
from hubbub.wire.irc.subscribed import MOST_AT_ONCE
from tests.wire.irc.played import GENERAL, Client, Newcomer, welcome

CAPS = Cap.METADATA | Cap.BATCH
LAB = RoomName.parse("Lab")
MEMBERS = Members(room="General", users=("ada", "ben"), standing=Standing(labels={"avatar": "a"}))


def subscribed(*keys: str) -> Client:
    client = Client(CAPS)
    assert client.sends(f"METADATA * SUB {' '.join(keys)}") == []
    assert client.lines() == [f":hub.chat 770 ada {' '.join(keys)}"]
    return client


def batched(lines: list[str], target: str) -> list[str]:
    """What is in the batch about ``target`` that these lines are."""
    first, *inner, last = lines
    id = first.split()[2].removeprefix("+")
    assert (first, last) == (
        f":hub.chat BATCH +{id} metadata {target}",
        f":hub.chat BATCH -{id}",
    )
    assert all(line.startswith(f"@batch={id} ") for line in inner)
    return [line.removeprefix(f"@batch={id} :hub.chat ") for line in inner]


# One's own, and others'


@pytest.mark.parametrize("target", ["*", "ada", "Ada"])
def test_one_s_own_is_set_when_the_hub_says_so(target: str) -> None:
    client = Client(CAPS)
    assert client.sends(f"METADATA {target} SET color :a b") == [
        SetProfile(labels={"color": "a b"})
    ]
    assert client.lines() == []
    client.answered(Done())
    assert client.lines() == [":hub.chat 761 ada ada color * :a b"]
    assert client.sends(f"METADATA {target} SET color") == [SetProfile(labels={"color": None})]
    client.answered(Done())
    assert client.lines() == [":hub.chat 766 ada ada color :is not set"]


def test_an_empty_value_is_one() -> None:
    client = Client(CAPS)
    assert client.sends("METADATA * SET color :") == [SetProfile(labels={"color": ""})]


def test_what_is_asked_for_is_told_in_order_in_a_batch() -> None:
    client = Client(CAPS)
    client.world.labelled["ben"] = {"color": "red", "url": "x"}
    client.sends("METADATA ben GET url Bad avatar")
    assert batched(client.lines(), "ben") == [
        "761 ada ben url * x",
        "FAIL METADATA INVALID_KEY Bad :That is no key.",
        "766 ada ben avatar :is not set",
    ]
    client.sends("METADATA Ben LIST")
    assert batched(client.lines(), "Ben") == ["761 ada Ben color * red", "761 ada Ben url * x"]
    client.sends("METADATA * LIST")
    assert batched(client.lines(), "ada") == []


def test_all_that_is_one_s_own_can_be_taken_away() -> None:
    client = Client(CAPS)
    client.world.labelled["ada"] = {"color": "red", "url": "x"}
    assert client.sends("METADATA * CLEAR") == [SetProfile(labels={"color": None, "url": None})]
    client.answered(Done())
    assert batched(client.lines(), "ada") == [
        "766 ada ada color :is not set",
        "766 ada ada url :is not set",
    ]


@pytest.mark.parametrize(
    "line, told",
    [
        ("METADATA zoe LIST", "INVALID_TARGET zoe"),
        ("METADATA a!b LIST", "INVALID_TARGET a!b"),
        ("METADATA # LIST", "INVALID_TARGET #"),
        ("METADATA ben SET color red", "KEY_NO_PERMISSION ben color"),
        ("METADATA ben CLEAR", "KEY_NO_PERMISSION ben *"),
        ("METADATA * SET Color red", "INVALID_KEY Color"),
        ("METADATA * SET :two words", "INVALID_KEY two"),
        (f"METADATA * SET color :{'a' * (MAX_VALUE_BYTES + 1)}", "INVALID_VALUE color"),
        ("METADATA * SET color :a\x01b", "INVALID_VALUE color"),
        ("METADATA * DANCE", "INVALID_SUBCOMMAND DANCE"),
    ],
)
def test_what_cannot_be_is_said_without_asking(line: str, told: str) -> None:
    client = Client(CAPS)
    assert client.sends(line) == []
    [fail] = client.lines()
    assert fail.startswith(f":hub.chat FAIL METADATA {told} :")


def test_who_has_set_as_many_as_may_be_is_told_so() -> None:
    client = Client(CAPS)
    client.world.labelled["ada"] = {f"key-{number}": "x" for number in range(MAX_LABELS)}
    assert client.sends("METADATA * SET color red") == []
    assert client.lines()[0].startswith(":hub.chat FAIL METADATA LIMIT_REACHED ada :")


@pytest.mark.parametrize(
    "error, told",
    [
        (TooMany("so many"), "LIMIT_REACHED ada :so many"),
        (Filtered("a word"), "INVALID_VALUE color :a word"),
        (RateLimited("a moment"), "RATE_LIMITED ada color * :a moment"),
        (NotAllowed("not you"), "KEY_NO_PERMISSION ada color :not you"),
    ],
)
def test_what_the_hub_refuses_is_told_by_its_code(error: Exception, told: str) -> None:
    client = Client(CAPS)
    client.sends("METADATA * SET color red")
    client.answered(error)  # type: ignore[arg-type]
    assert client.lines() == [f":hub.chat FAIL METADATA {told}"]


# Rooms


def test_of_a_room_the_hub_is_asked_who_may_read_it() -> None:
    client = Client(CAPS)
    assert client.sends("METADATA #general GET avatar") == [Who(room=RoomName.parse("general"))]
    client.answered(MEMBERS)
    assert batched(client.lines(), "#General") == ["761 ada #General avatar * a"]
    client.sends("METADATA #lab SYNC")
    client.answered(NoSuchRoom("There is none."))
    assert client.lines() == [":hub.chat FAIL METADATA INVALID_TARGET #lab :There is none."]


def test_a_room_s_is_set_by_its_rules() -> None:
    client = Client(CAPS)
    client.sends("METADATA #General SET url x")
    assert client.answered(MEMBERS) == [SetRules(room=GENERAL, labels={"url": "x"})]
    client.answered(Ack(room="General", seq=3, at=7))
    assert client.lines() == [":hub.chat 761 ada #General url * x"]
    client.sends("METADATA #General CLEAR")
    assert client.answered(MEMBERS) == [SetRules(room=GENERAL, labels={"avatar": None})]
    client.answered(NotAllowed("Only ben may."))
    assert client.lines() == [":hub.chat FAIL METADATA KEY_NO_PERMISSION #General * :Only ben may."]


# What is told by itself


def test_the_keys_of_a_client_are_in_its_order_and_so_many() -> None:
    client = subscribed("url", "avatar")
    client.sends("METADATA * SUB avatar Bad color")
    assert client.lines() == [
        ":hub.chat FAIL METADATA INVALID_KEY Bad :That is no key.",
        ":hub.chat 770 ada avatar color",
    ]
    client.sends("METADATA * UNSUB url other Bad")
    assert client.lines() == [
        ":hub.chat FAIL METADATA INVALID_KEY Bad :That is no key.",
        ":hub.chat 771 ada url other",
    ]
    client.sends("METADATA * SUBS")
    first, told, _ = client.lines()
    assert first.endswith(" metadata-subs")
    assert told.endswith(":hub.chat 772 ada avatar color")
    for place in range(MAX_KEYS):
        client.sends(f"METADATA * SUB key-{place}")
    assert client.lines()[-1].startswith(
        f":hub.chat FAIL METADATA TOO_MANY_SUBS key-{MAX_KEYS - 1} :"
    )


def test_who_wants_new_keys_is_told_of_the_rooms_in_which_it_is() -> None:
    client = Client(CAPS)
    client.world.holds = RoomFacts(labels={"avatar": "a", "url": "x"})
    client.world.labelled["ben"] = {"color": "red", "url": "y"}
    client.sends("METADATA * SUB color avatar")
    ok, *batch = client.lines()
    assert ok == ":hub.chat 770 ada color avatar"
    assert batched(batch, "#General") == ["761 ada #General avatar * a", "761 ada ben color * red"]
    client.sends("METADATA * SUB color url")
    ok, *batch = client.lines()
    assert batched(batch, "#General") == ["761 ada #General url * x", "761 ada ben url * y"]


def test_what_others_change_is_told_and_not_what_one_sets_oneself() -> None:
    client = subscribed("color")
    client.told(Labelled(user="ben", user_id=UserId("2"), labels={"color": "red", "url": "x"}))
    client.told(Labelled(user="ben", user_id=UserId("2"), labels={"color": None}))
    assert client.lines() == [
        ":hub.chat 761 ada ben color * red",
        ":hub.chat 766 ada ben color :is not set",
    ]
    client.sends("METADATA * SET color blue")
    client.told(Labelled(user="ada", user_id=UserId("1"), labels={"color": "blue"}))
    client.answered(Done())
    assert client.lines() == [":hub.chat 761 ada ada color * blue"]
    client.told(Labelled(user="ada", user_id=UserId("1"), labels={"color": "red"}))
    assert client.lines() == [":hub.chat 761 ada ada color * red"]


def shown(client: Client, *events: AnyEvent, own: tuple[int, ...] = ()) -> list[str]:
    assert client.wire.format.differ(events)
    return show(client.wire, GENERAL, events, own).decode().split("\r\n")[:-1]


def test_a_room_s_changes_are_told_to_those_who_want_to_know_and_to_others_nothing() -> None:
    event = RulesSet(5, 7, "ben", labels={"color": "red", "url": None}, by_id=UserId("2"))
    assert shown(subscribed("url"), event) == [":hub.chat 766 ada #General url :is not set"]
    assert shown(subscribed("url"), event, own=(5,)) == []
    assert shown(Client(CAPS), event) == []
    assert Client().shown(event) == []


def test_of_who_comes_in_it_is_told_what_their_programs_say() -> None:
    client = subscribed("color")
    client.world.labelled["ben"] = {"color": "red", "url": "x"}
    came = Joined(5, 7, "ben", by_id=UserId("2"))
    assert [line.split(" ", 1)[1] for line in shown(client, came)] == [
        "JOIN #General",
        "761 ada ben color * red",
    ]


def test_who_comes_into_a_room_is_told_what_it_wants_to_know_and_what_was_said() -> None:
    client = subscribed("color", "avatar")
    client.wire.host.lines = 5
    client.world.labelled["ben"] = {"color": "red"}
    [command] = client.sends("JOIN #lab")
    assert isinstance(command, Join)
    standing = Standing(labels={"avatar": "a", "url": "x"})
    users = ("ada", "ben")
    re = client.asked[-1].id
    client.told(RoomJoined(room="Lab", users=users, head=0, after=0, standing=standing, re=re))
    assert client.lines() == [], "the past belongs to the answer"
    client.told(Page(room="Lab", events=(), head=0, re=re))
    told = client.lines()[-4:]
    assert batched(told, "#Lab") == ["761 ada #Lab avatar * a", "761 ada ben color * red"]


def test_of_very_many_people_a_client_is_told_when_it_asks() -> None:
    client = subscribed("color")
    users = tuple(f"pal{number}" for number in range(MOST_AT_ONCE + 1))
    client.sends("JOIN #lab")
    client.answered(RoomJoined(room="Lab", users=users, head=0, after=0))
    assert ":hub.chat 774 ada #Lab" in client.lines()


def test_who_monitors_somebody_is_told_when_they_are_there() -> None:
    client = subscribed("color")
    client.world.labelled["ben"] = {"color": "red"}
    assert client.sends("MONITOR + ben") == [Watch(users=(UserName.parse("ben"),))]
    client.answered(PeopleHere(people=(client.world.person("ada", "ben"),)))
    assert client.lines()[-1] == ":hub.chat 761 ada ben color * red"
    for gone in ({"ben"}, set[str]()):
        client.world.gone = gone
        client.told(PeopleHere(people=(client.world.person("ada", "ben"),)))
    assert client.lines()[-1] == ":hub.chat 761 ada ben color * red"


# Before registration


def test_what_is_set_before_registration_holds_behind_it() -> None:
    client = Newcomer()
    client.sends("CAP REQ :draft/metadata-3 batch")
    client.sends("METADATA * SET color red")
    client.sends("METADATA * GET color")
    client.sends("METADATA #lab LIST")
    _, set_, *got, fail = client.lines()
    assert set_ == ":hub.chat 761 * * color * red"
    assert batched(got, "*") == ["761 * * color * red"]
    assert fail.startswith(":hub.chat FAIL METADATA INVALID_TARGET #lab :")
    client.sends("NICK ada")
    client.sends("USER ada 0 * :Ada")
    client.sends("CAP END")
    assert client.answered(welcome("ada")) == [SetProfile(labels={"color": "red"})]
    client.world.labelled["ada"] = {"color": "red"}
    client.answered(Done())
    assert batched(client.lines()[-3:], "ada") == ["761 ada ada color * red"]
