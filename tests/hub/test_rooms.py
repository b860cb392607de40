from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hubbub.domain import commands as ask
from hubbub.domain import replies as told
from hubbub.domain.errors import BadMessage
from hubbub.domain.events import Joined, Left
from hubbub.domain.names import RoomName, UserName
from hubbub.hub.rooms import Rooms
from hubbub.hub.tails import Tails
from tests.hub.chat import chatting


def made(*names: str) -> Rooms:
    rooms = Rooms(Tails(1 << 20))
    for name in names:
        rooms.make(RoomName.parse(name))
    return rooms


def come(rooms: Rooms, room: str, user: str, *, leave: bool = False) -> None:
    place = rooms[RoomName.parse(room).key]
    kind = Left if leave else Joined
    place.publish([kind(place.head + 1, 0, UserName.parse(user))])


def listed(rooms: Rooms, limit: int = 1000, query: str | None = None) -> list[str]:
    """All pages, one behind the other."""
    names: list[str] = []
    after = None
    while True:
        found, after = rooms.page(query=query, after=after, limit=limit)
        assert len(found) <= limit
        names += [str(room.name) for room in found]
        if after is None:
            return names


def test_rooms_with_more_users_come_first() -> None:
    rooms = made("a", "B", "c")
    assert listed(rooms) == ["a", "B", "c"]
    come(rooms, "c", "ada")
    assert listed(rooms) == ["c", "a", "B"]
    come(rooms, "c", "ada", leave=True)
    assert listed(rooms) == ["a", "B", "c"]


@given(
    st.lists(
        st.tuples(st.sampled_from("abcdefgh"), st.sampled_from(("ada", "ben", "eve", "gone"))),
        max_size=60,
    ),
    st.integers(1, 9),
)
def test_the_order_is_always_that_of_a_list_sorted_anew(
    steps: list[tuple[str, str]], limit: int
) -> None:
    rooms = made()
    for name, user in steps:
        room = rooms.get(name)
        if user == "gone":
            if room is not None:
                rooms.drop(room)
            continue
        if room is None:
            room = rooms.make(RoomName.parse(name))
        come(rooms, name, user, leave=user in room.state.members)
        here = sorted(rooms, key=lambda room: (-len(room.state.members), str(room.name)))
        assert listed(rooms, limit) == [str(room.name) for room in here]


def test_all_words_are_looked_for_anywhere_in_the_name() -> None:
    rooms = made("team-lambda", "team-mu", "Lamb")
    assert listed(rooms, query="lam TEAM") == ["team-lambda"]
    assert listed(rooms, 1, query="lam") == ["Lamb", "team-lambda"]
    assert listed(rooms, query="nothing") == []


def test_a_search_among_very_many_rooms_goes_on_in_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hubbub.hub.rooms.MOST_LOOKED_AT", 10)
    rooms = made(*(f"room{number:03}" for number in range(100)))
    found, after = rooms.page(query="099", limit=5)
    assert found == []
    assert after is not None
    assert listed(rooms, query="099") == ["room099"]


def test_many_words_look_at_fewer_rooms_in_a_step(monkeypatch: pytest.MonkeyPatch) -> None:
    """Words that are in every name, and one that is in none, cost the most."""
    monkeypatch.setattr("hubbub.hub.rooms.MOST_COMPARED", 40)
    rooms = made(*(f"room{number:03}" for number in range(100)))
    looked = [rooms.page(query=query, limit=5)[1] for query in ("z", "o o o z", "r o m z")]
    assert looked == ["0 room039", "0 room019", "0 room009"]
    assert listed(rooms, query="r o m 099") == ["room099"]


@pytest.mark.parametrize("after", ["", "x", "-1 a", "٣ a", "1", "99999999999 a"])
def test_a_place_that_no_list_told_is_refused(after: str) -> None:
    with pytest.raises(BadMessage):
        made("a").page(after=after, limit=1)


async def test_a_list_ends_with_the_rooms_where_one_was_before() -> None:
    async with chatting() as chat:
        ada, ben = chat.enter("ada", "zoo"), chat.enter("ben", "General", "pub")
        ada.leave("zoo")
        chat.commit()
        ada.news()
        ada.send(ask.Rooms(limit=1))
        await chat.quiet()
        assert ada.news() == ["rooms: General 1, zoo 0"]
        found = ada.last(told.RoomList)
        assert (found.next, found.total) == ("1 general", 3)
        ada.send(ask.Rooms(limit=1, after=found.next))
        await chat.quiet()
        assert ada.news() == ["rooms: pub 1"]
        ben.send(ask.Rooms(query="ZO"))
        await chat.quiet()
        assert ben.news()[-1] == "rooms: zoo 0"


async def test_a_wrong_place_is_refused_with_a_sentence() -> None:
    async with chatting() as chat:
        ada = chat.enter("ada")
        ada.send(ask.Rooms(after="nowhere"))
        assert ada.last(told.Refused).code == "bad-message"


def test_names_are_looked_through_in_less_than_a_moment() -> None:
    """Ten thousand, for words that are in all or none of them: at once, on the event loop."""
    rooms = made(*(f"room{number}" for number in range(10_000)))
    listed(rooms)
    for query in ("zz", "room zz", "room oo r o m zz", "r"):
        took = []
        for _ in range(5):
            began = time.thread_time()
            rooms.page(query=query, limit=200)
            took.append(time.thread_time() - began)
        assert min(took) < 0.002, query


def test_what_could_not_be_deleted_is_not_held_for_gone_beside_another_of_its_name() -> None:
    rooms = Rooms(Tails(1 << 20))
    name = RoomName.parse("Tea")
    room = rooms.make(name, id=7)
    rooms.delete(room)
    assert 7 in rooms.going
    rooms.make(name, id=2)  # what another server has told of too late
    rooms.put_back(room)
    assert 7 not in rooms.going
