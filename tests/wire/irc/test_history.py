"""CHATHISTORY: what is asked for, what the hub is asked for it, and how it is shown."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from hubbub.domain.commands import MAX_HISTORY, Rooms, Timeline
from hubbub.domain.errors import LogUnavailable, NoSuchRoom
from hubbub.domain.events import AnyEvent, Joined, Said
from hubbub.domain.ids import UserId
from hubbub.domain.names import RoomName, UserName
from hubbub.domain.replies import Page, RoomInfo, RoomList
from hubbub.domain.rules import RoomAccess
from hubbub.wire.irc.capabilities import Cap
from hubbub.wire.irc.gone import NEWEST
from hubbub.wire.irc.times import time_in, time_of
from tests.wire.irc.played import GENERAL, Client

BEN = UserName.parse("ben")
ASKS = Cap.CHATHISTORY | Cap.MESSAGE_TAGS | Cap.SERVER_TIME | Cap.BATCH
SECOND = 1000


def at(seq: int) -> int:
    return seq * SECOND


def said(seq: int) -> Said:
    return Said(seq, at(seq), BEN, f"text {seq}", by_id=UserId("2"))


def came(seq: int) -> Joined:
    return Joined(seq, at(seq), BEN, by_id=UserId("2"))


def page(*events: AnyEvent, head: int = 100, first: int = 1, last: int | None = None) -> Page:
    end = last if last is not None else (events[-1].seq if events else first - 1)
    return Page(room=GENERAL, events=events, head=head, first=first, last=end)


def texts(client: Client) -> list[str]:
    return [line.split(" :text ")[1] for line in client.lines() if " PRIVMSG " in line]


def asks(client: Client, question: str, *pages: Page) -> Sequence[object]:
    """What the hub is asked, one page after the other."""
    asked = list(client.sends(f"CHATHISTORY {question}"))
    for one in pages:
        asked += client.answered(one)
    return asked


@pytest.fixture
def ada() -> Client:
    return Client(ASKS)


def test_a_page_is_one_batch_of_messages_with_ids_and_times(ada: Client) -> None:
    asked = asks(ada, "LATEST #General * 2", page(said(1), said(2)))
    assert asked == [Timeline(room=GENERAL, limit=MAX_HISTORY)]
    begin, one, two, end = ada.lines()
    batch = begin.split("+")[1].split()[0]
    assert begin == f":hub.chat BATCH +{batch} chathistory #General"
    assert one.startswith(f"@batch={batch};time=1970-01-01T00:00:01.000Z;msgid=general/1 :ben!")
    assert two.endswith(" PRIVMSG #General :text 2")
    assert end == f":hub.chat BATCH -{batch}"


def test_nothing_is_an_empty_batch(ada: Client) -> None:
    asks(ada, "LATEST #General * 0", page(said(1)))
    begin, end = ada.lines()
    assert (" BATCH +" in begin, " BATCH -" in end) == (True, True)


def test_pages_are_read_until_there_are_enough_messages(ada: Client) -> None:
    first = page(*(came(seq) for seq in range(50, 99)), said(99), first=50, last=100)
    asked = asks(ada, "LATEST #General * 2", first, page(said(1), came(2), first=1, last=49))
    assert asked == [
        Timeline(room=GENERAL, limit=MAX_HISTORY),
        Timeline(room=GENERAL, before=50, limit=MAX_HISTORY),
    ]
    assert texts(ada) == ["1", "99"]


def test_who_plays_events_back_is_shown_who_came_and_went() -> None:
    ada = Client(ASKS | Cap.EVENT_PLAYBACK)
    asks(ada, "LATEST #General * 2", page(came(1), said(2)))
    assert [line.split()[2] for line in ada.lines()[1:-1]] == ["JOIN", "PRIVMSG"]


@pytest.mark.parametrize(
    "question, place",
    [
        ("BEFORE #General msgid=general/7 2", {"before": 7}),
        ("BEFORE #General timestamp=1970-01-01T00:00:07.000Z 2", {"before_at": 7000}),
        ("AFTER #General msgid=general/7 2", {"after": 7}),
        ("AFTER #general timestamp=1970-01-01T00:00:07.000Z 2", {"after_at": 7000}),
        ("AROUND #General msgid=general/7 2", {"around": 7}),
        ("AROUND #General timestamp=1970-01-01T00:00:07.000Z 2", {"around_at": 7000}),
    ],
)
def test_places_are_ids_or_times(ada: Client, question: str, place: dict[str, int]) -> None:
    assert asks(ada, question) == [Timeline(room=GENERAL, limit=MAX_HISTORY, **place)]


def test_before_a_place_the_newest_are_shown_and_behind_it_the_oldest(ada: Client) -> None:
    four = page(said(3), said(4), said(5), said(6), head=6)
    asks(ada, "BEFORE #General msgid=general/7 2", four)
    assert texts(ada) == ["5", "6"]
    asks(ada, "AFTER #General msgid=general/2 2", four)
    assert texts(ada) == ["3", "4"]


@pytest.mark.parametrize(
    "limit, shown", [(1, "5"), (2, "45"), (3, "456"), (4, "3456"), (9, "123456789")]
)
def test_around_a_message_are_those_on_both_sides(ada: Client, limit: int, shown: str) -> None:
    asks(ada, f"AROUND #General msgid=general/5 {limit}", page(*map(said, range(1, 10))))
    assert "".join(texts(ada)) == shown


def test_latest_ends_at_the_place_it_was_given(ada: Client) -> None:
    asks(ada, "LATEST #General msgid=general/2 9", page(*map(said, range(1, 5))))
    assert texts(ada) == ["3", "4"]
    time = time_of(at(3))
    asks(ada, f"LATEST #General timestamp={time} 9", page(*map(said, range(1, 5))))
    assert texts(ada) == ["4"]


def test_between_two_places_of_any_kind_and_order(ada: Client) -> None:
    behind = page(said(3), said(4), said(5), first=3, head=9)
    time = time_of(at(5))
    asked = asks(ada, f"BETWEEN #General msgid=general/2 timestamp={time} 9", page(said(2)), behind)
    assert asked[-1] == Timeline(room=GENERAL, after=2, limit=MAX_HISTORY)
    assert texts(ada) == ["3", "4"]
    before = page(said(3), said(4), first=3, last=4, head=9)
    asked = asks(ada, f"BETWEEN #General timestamp={time} msgid=general/3 1", page(said(3)), before)
    assert asked[-1] == Timeline(room=GENERAL, before_at=at(5), limit=MAX_HISTORY)
    assert texts(ada) == ["4"]


@pytest.mark.parametrize(
    "question, fail",
    [
        ("", "INVALID_PARAMS *"),
        ("NEWEST #General * 5", "INVALID_PARAMS NEWEST"),
        ("LATEST #General *", "INVALID_PARAMS LATEST"),
        ("BETWEEN #General msgid=general/1 5", "INVALID_PARAMS BETWEEN"),
        ("LATEST #General * many", "INVALID_PARAMS LATEST"),
        ("LATEST #General timestamp=now 5", "INVALID_PARAMS LATEST"),
        ("LATEST #General msgid=tea/5 5", "INVALID_PARAMS LATEST"),
        ("LATEST #General msgid=5 5", "INVALID_PARAMS LATEST"),
        ("LATEST #General seq=5 5", "INVALID_MSGREFTYPE LATEST #General"),
        ("LATEST #Tea * 5", "INVALID_TARGET LATEST #Tea"),
        ("LATEST eve * 5", "INVALID_TARGET LATEST eve"),
        ("LATEST #, * 5", "INVALID_TARGET LATEST #,"),
        ("TARGETS now timestamp=1970-01-01T00:00:07.000Z 5", "INVALID_PARAMS TARGETS"),
        ("TARGETS", "INVALID_PARAMS TARGETS"),
    ],
)
def test_what_cannot_be_is_told(ada: Client, question: str, fail: str) -> None:
    assert asks(ada, question) == []
    (line,) = ada.lines()
    assert line.startswith(f":hub.chat FAIL CHATHISTORY {fail} :")


def test_what_the_hub_refuses_is_told_as_well(ada: Client) -> None:
    ada.sends("CHATHISTORY LATEST #General * 5")
    ada.answered(NoSuchRoom("There is no such room."))
    assert ada.lines()[0].startswith(":hub.chat FAIL CHATHISTORY INVALID_TARGET LATEST #General :")
    ada.sends("CHATHISTORY LATEST #General * 5")
    ada.answered(LogUnavailable("Not now."))
    assert ada.lines() == [":hub.chat FAIL CHATHISTORY MESSAGE_ERROR LATEST #General :Not now."]


def test_targets_are_rooms_and_people_with_something_new(ada: Client) -> None:
    times = f"timestamp={time_of(at(9))} timestamp={time_of(at(2))}"
    assert ada.sends(f"CHATHISTORY TARGETS {times} 5") == [Rooms(limit=1)]
    talk = RoomInfo("@x1", 2, 9, at=at(7), access=RoomAccess.DIRECT, people=["ben"])
    old = RoomInfo("@x2", 2, 9, at=at(1), access=RoomAccess.DIRECT, people=["eve"])
    other = RoomInfo("Tea", 2, 9, at=at(5))
    asked = ada.answered(RoomList(rooms=[talk, old, other]))
    assert [getattr(one, "room", "") for one in asked] == ["General"]
    asked = ada.answered(page(said(6)))
    assert [getattr(one, "room", "") for one in asked] == ["@x1"]
    ada.answered(page(said(5)))
    begin, one, two, end = ada.lines()
    assert begin.endswith("draft/chathistory-targets")
    assert one.endswith(f"CHATHISTORY TARGETS ben {time_of(at(5))}")
    assert two.endswith(f"CHATHISTORY TARGETS #General {time_of(at(6))}")
    assert " BATCH -" in end


def by_mallory(seq: int) -> Said:
    return Said(seq, at(seq), UserName.parse("mallory"), f"text {seq}", by_id=UserId("9"))


def talks_with_gone(client: Client, *keys: str) -> RoomList:
    """Conversations with guests who are gone; the first one is the oldest."""
    client.world.ids["somebody who is gone"] = "9"
    for key in keys:
        client.world.talks[key] = ("ada", "somebody who is gone")
    return RoomList(
        rooms=[
            RoomInfo(key, 1, 9, at=at(place), access=RoomAccess.DIRECT)
            for place, key in enumerate(keys, 5)
        ]
    )


def test_what_a_guest_has_said_who_is_gone_is_asked_for_by_the_name_they_had(ada: Client) -> None:
    assert ada.sends("CHATHISTORY LATEST Mallory * 5") == [Rooms(limit=1)]
    assert ada.answered(talks_with_gone(ada, "@x1", "@x2")) == [
        Timeline(room=RoomName.recall("@x2"), limit=NEWEST)
    ]
    (asked,) = ada.answered(page(said(1)))  # of another guest
    assert asked == Timeline(room=RoomName.recall("@x1"), limit=NEWEST)
    (asked,) = ada.answered(page(by_mallory(5)))
    assert asked == Timeline(room=RoomName.recall("@x1"), limit=MAX_HISTORY)
    own = Said(6, at(6), UserName.parse("ada"), "text 6", by_id=UserId("1"))
    ada.answered(page(by_mallory(5), own))
    begin, one, two, _ = ada.lines()
    assert begin.endswith(" chathistory Mallory")
    assert " :mallory!" in one
    assert one.endswith(" PRIVMSG ada :text 5")
    assert two.endswith(" PRIVMSG Mallory :text 6")


def test_what_one_has_said_oneself_is_to_the_other_one_as_they_write_their_name(
    ada: Client,
) -> None:
    ada.world.talks["@x1"] = ("ada", "ben")
    own = Said(6, at(6), UserName.parse("ada"), "text 6", by_id=UserId("1"))
    asks(ada, "LATEST BEN * 5", page(said(5), own))
    _, one, two, _ = ada.lines()
    assert one.endswith(" PRIVMSG ada :text 5")
    assert two.endswith(" PRIVMSG ben :text 6")


def test_what_a_guest_has_said_who_is_gone_is_among_the_targets(ada: Client) -> None:
    times = f"timestamp={time_of(at(9))} timestamp={time_of(at(5))}"
    ada.sends(f"CHATHISTORY TARGETS {times} 5")
    (asked,) = ada.answered(talks_with_gone(ada, "@x1", "@x2", "@x3"))  # the first is too old
    assert asked == Timeline(room=RoomName.recall("@x3"), limit=NEWEST)
    (asked,) = ada.answered(page(by_mallory(7)))
    assert asked == Timeline(room=RoomName.recall("@x2"), limit=NEWEST)
    ada.answered(page(by_mallory(6)))  # one who had the same name before
    ada.answered(page())  # of the room in which ada is
    ada.answered(page(by_mallory(7)))
    _, one, _ = ada.lines()
    assert one.endswith(f"CHATHISTORY TARGETS mallory {time_of(at(7))}")


def test_a_name_that_is_somebodys_is_no_former_guests(ada: Client) -> None:
    assert ada.sends("CHATHISTORY LATEST ben * 5") == []
    assert " FAIL CHATHISTORY INVALID_TARGET LATEST ben :" in ada.lines()[0]
    ada.sends("CHATHISTORY LATEST mallory * 5")
    ada.answered(talks_with_gone(ada, "@x1"))
    ada.answered(page(said(5)))  # by a guest who was called like ben, who is here
    assert " FAIL CHATHISTORY INVALID_TARGET LATEST mallory :" in ada.lines()[0]


def test_where_the_log_cannot_be_read_no_target_is_left_out(ada: Client) -> None:
    times = f"timestamp={time_of(at(9))} timestamp={time_of(at(2))}"
    for list_of_rooms in (RoomList(rooms=[]), talks_with_gone(ada, "@x1")):
        ada.sends(f"CHATHISTORY TARGETS {times} 5")
        ada.answered(list_of_rooms)
        ada.answered(LogUnavailable("Not now."))
        (line,) = ada.lines()
        assert " FAIL CHATHISTORY MESSAGE_ERROR TARGETS " in line


def test_times_are_read_as_they_are_written() -> None:
    for moment in (0, 1, 999, 1_700_000_000_123):
        assert time_in(time_of(moment)) == moment
    assert time_in("2023-01-01") is None
