"""What programs say of people and rooms: who says it, who is told, and how long it holds."""

from __future__ import annotations

from typing import Any

from hubbub.domain import commands as ask
from hubbub.domain import replies as told
from hubbub.domain.ids import UserId
from hubbub.domain.labels import MAX_LABELS
from hubbub.domain.names import UserName
from hubbub.domain.rules import RoomAccess, Status
from hubbub.hub.guestsay import MOST_CHARS, MOST_GUESTS, parts_of
from hubbub.hub.ports import GuestSays
from hubbub.hub.settings import HubSettings
from tests.hub.chat import Chat, Person, chatting
from tests.hub.people import account, do, log_in, settle
from tests.hub.several import several


def listening(person: Person) -> Person:
    """Their client asks to be told of labels."""
    person.tells_labels = True
    person.news()
    return person


async def labels_of(person: Person, name: str) -> dict[str, str]:
    await do(person, ask.Whois, user=name)
    return person.last(told.Person).labels


# People


async def test_an_account_s_labels_stay_and_everybody_may_see_them(chat: Chat) -> None:
    ada = await account(chat, "ada")
    await do(ada, ask.SetProfile, labels={"avatar": "a", "color": "red"})
    assert ada.last(told.ProfileChanged).profile.labels == {"avatar": "a", "color": "red"}
    await do(ada, ask.SetProfile, labels={"color": None, "url": ""}, about="I count")
    ben = chat.enter("ben")
    assert await labels_of(ben, "ada") == {"avatar": "a", "url": ""}
    ada.bye()
    await settle(chat)
    assert await labels_of(ben, "ada") == {"avatar": "a", "url": ""}
    ada = await log_in(chat, "ada")
    profile = ada.last(told.Welcome).profile
    assert profile is not None
    assert profile.labels == {"avatar": "a", "url": ""}


async def test_a_guest_s_labels_are_gone_when_they_are(chat: Chat) -> None:
    ben, eve = chat.enter("ben", line=True), chat.enter("eve")
    assert await do(ben, ask.SetProfile, labels={"color": "red"}) == ["done"]
    assert await labels_of(eve, "ben") == {"color": "red"}
    ben.bye()
    chat.commit()
    chat.enter("ben", line=True)
    assert await labels_of(eve, "ben") == {}


async def test_there_are_only_so_many_and_none_with_what_may_not_be_said(chat: Chat) -> None:
    ben = chat.enter("ben", line=True)
    full = {f"label-{number}": "x" for number in range(MAX_LABELS)}
    assert await do(ben, ask.SetProfile, labels=full) == ["done"]
    assert await do(ben, ask.SetProfile, labels={"more": "x"}) == ["error too-many"]
    assert await do(ben, ask.SetProfile, labels={"label-1": "a\rb"}) == ["error bad-message"]
    assert await labels_of(ben, "ben") == full


async def test_those_are_told_who_see_somebody_and_whose_clients_ask_for_it(chat: Chat) -> None:
    ada, ben = await account(chat, "ada", "Lab", "Kitchen"), chat.enter("ben", "Lab", line=True)
    eve, pal, kim = chat.enter("eve", "Lab", "Kitchen"), chat.enter("pal"), chat.enter("kim")
    zoe = chat.enter("zoe", "Lab")
    pal.send(ask.Watch(users=(UserName.parse("ada"), UserName.parse("ben"))))
    for one in (eve, pal, kim):
        listening(one)
    zoe.news()
    await do(ada, ask.SetProfile, labels={"color": "red"})
    assert eve.news() == pal.news() == ["ada is labelled {'color': 'red'}"]
    await do(ada, ask.SetProfile, labels={"color": "red", "url": "x"})
    await do(ada, ask.SetProfile, about="I count", labels={"color": None})
    assert eve.news() == ["ada is labelled {'url': 'x'}", "ada is labelled {'color': None}"]
    pal.news()
    ben.send(ask.SetProfile(labels={"color": "blue"}))
    assert eve.news() == pal.news() == ["ben is labelled {'color': 'blue'}"]
    assert kim.news() == zoe.news() == []
    await do(ada, ask.SetProfile, hides_seen=True)
    assert pal.news() == ["ada gone"]
    await do(ada, ask.SetProfile, labels={"url": None})
    assert eve.news() == ["ada is labelled {'url': None}"]
    assert pal.news() == [], "who watches would see that ada is there"


async def test_who_does_not_read_is_told_nothing_meanwhile(chat: Chat) -> None:
    ben, eve = chat.enter("ben", "Lab"), listening(chat.enter("eve", "Lab"))
    eve.stop_reading()
    ben.send(ask.SetProfile(labels={"color": "red"}))
    eve.read_on()
    ben.send(ask.SetProfile(labels={"color": "blue"}))
    assert eve.all(told.Labelled)[0].labels == {"color": "blue"}


async def test_guests_labels_are_known_at_the_other_servers() -> None:
    async with several(2) as servers:
        one, other = servers
        ada = one.connect(line=True).hello("ada").join()
        await servers.tell()
        pals = [other.connect(line=True).hello(name).join() for name in ("ben", "eve", "kim")]
        await servers.tell()
        await servers.pass_time(1)
        listening(ada)
        ada.send(ask.Watch(users=(UserName.parse("ben"),)))
        await servers.tell()
        ada.news()
        pals[0].send(ask.SetProfile(labels={"color": "red"}))
        await servers.tell()
        await servers.pass_time(1)
        assert ada.news() == ["ben is labelled {'color': 'red'}"]
        pals[0].send(ask.SetProfile(labels={"color": None}))
        await servers.tell()
        await servers.pass_time(1)
        assert ada.news() == ["ben is labelled {'color': None}"]


# Rooms


async def test_a_room_s_labels_are_its_owner_s_to_say(chat: Chat) -> None:
    ada, ben = await account(chat, "ada", "Lab"), chat.enter("ben", "Lab")
    assert "error" not in str(await do(ada, ask.SetRules, labels={"avatar": "a", "url": "x"}))
    assert "error" not in str(await do(ada, ask.SetRules, labels={"url": None}))
    assert ben.last(told.RoomStanding).standing.labels == {"avatar": "a"}
    assert await do(ben, ask.SetRules, labels={"avatar": "b"}) == ["error not-allowed"]
    eve = chat.enter("eve", "Lab")
    standing = eve.last(told.RoomJoined).standing
    assert standing is not None
    assert standing.labels == {"avatar": "a"}
    more = {f"label-{number}": "x" for number in range(MAX_LABELS)}
    assert await do(ada, ask.SetRules, labels=more) == ["error too-many"]
    assert await do(ada, ask.SetRules, labels={}) == ["error bad-message"]


async def test_who_may_not_read_a_room_is_told_nothing_of_it(chat: Chat) -> None:
    ada, ben = await account(chat, "ada", "Lab"), listening(chat.enter("ben"))
    await do(ada, ask.SetRules, access=RoomAccess.MEMBERS)
    await do(ada, ask.SetRules, labels={"avatar": "secret"})
    assert await do(ben, ask.Who) == ["error no-such-room"]
    assert "secret" not in str(ben.received)


def test_what_is_told_of_guests_at_once_is_bounded() -> None:
    labels = {f"label-{number}": "x" * 300 for number in range(MAX_LABELS)}
    many = [GuestSays(UserId(str(n)), str(n), Status.HERE, "", labels) for n in range(500)]
    few = [GuestSays(UserId(str(n)), str(n), Status.AWAY, "") for n in range(2 * MOST_GUESTS)]
    parts = list(parts_of([*many, *few]))
    assert [one for part in parts for one in part] == [*many, *few]
    assert max(map(len, parts)) == MOST_GUESTS
    chars = [sum(len(v) for one in part for v in one.labels.values()) for part in parts]
    assert MOST_CHARS / 2 < max(chars) < MOST_CHARS
    assert list(parts_of([])) == []


# Floods


async def test_what_labels_take_of_the_disk_counts_for_who_says_them() -> None:
    labels = {f"label-{number}": "x" * 300 for number in range(MAX_LABELS)}
    none = dict.fromkeys(labels)
    for say in ("a room", "a room with a password", "an account"):
        async with chatting(HubSettings(rate_limit=0, client_bytes_per_day=20_000)) as chat:
            ada = await account(chat, "ada", "Lab")
            fields: dict[str, Any] = {}
            if say == "a room with a password":
                fields = {"access": RoomAccess.LOCKED, "password": "correct horse"}
            heard: list[str] = []
            for _ in range(9):
                for value in (labels, none):
                    if say == "an account":
                        heard += await do(ada, ask.SetProfile, labels=value)
                    else:
                        heard += await do(ada, ask.SetRules, labels=value, **fields)
            assert "error rate-limited" in heard, say
            assert sum("error" in one for one in heard) < len(heard)


async def test_a_guest_s_labels_are_kept_once_however_often_they_change(chat: Chat) -> None:
    ben = chat.enter("ben", line=True)
    for number in range(300):
        await do(ben, ask.SetProfile, labels={"color": f"{number}"})
        await do(ben, ask.SetProfile, labels={f"key-{number}": "x"})
        await do(ben, ask.SetProfile, labels={f"key-{number}": None})
    assert await labels_of(ben, "ben") == {"color": "299"}
    assert chat.log.waiting == 0
    ben.lose_connection()
    chat.commit()
    assert not list(chat.hub.access.said_by_guests.here())
