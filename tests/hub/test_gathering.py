"""Where many read, reactions and joins gather for a moment before they are shown; texts do not."""

from __future__ import annotations

import pytest

from hubbub.domain import commands as ask
from hubbub.domain import replies as told
from hubbub.domain.names import RoomName
from hubbub.hub import journal
from tests.hub.chat import Chat, Person

GENERAL = RoomName.parse("General")


@pytest.fixture
def crowd(chat: Chat, monkeypatch: pytest.MonkeyPatch) -> list[Person]:
    """Three people, who are many; reactions gather until something else comes."""
    monkeypatch.setattr(journal, "MANY_READERS", 3)
    monkeypatch.setattr(journal, "READER_PAUSE_SECONDS", 1000.0)
    monkeypatch.setattr(journal, "MAX_PAUSE_SECONDS", 1000.0)
    people = [chat.enter(name, "General") for name in ("ada", "ben", "eve")]
    people[0].say("hello")
    chat.commit()
    for person in people:
        person.news()
    return people


def react(person: Person, nonce: str, emoji: str = "👍") -> None:
    person.send(ask.React(room=GENERAL, target=4, emoji=emoji, nonce=nonce))


async def test_reactions_are_shown_together_with_the_next_text(
    chat: Chat, crowd: list[Person]
) -> None:
    ada, ben, eve = crowd
    for number, person in enumerate((ada, ben)):
        react(person, f"{number}")
        chat.commit()
    assert [person.news() for person in crowd] == [[], [], []]
    eve.say("a text", nonce="2")
    chat.commit()
    shown = ["General 5 ada +👍 4", "General 6 ben +👍 4", "General 7 eve: a text"]
    assert ada.news() == [*shown, "ack General 5 0"]
    assert ben.news() == [*shown, "ack General 6 1"]
    assert eve.news() == [*shown, "ack General 7 2"]
    assert len(eve.all(told.Events)[-1].events) == 3


async def test_a_ping_comes_behind_what_gathers_whatever_is_said_in_other_rooms_meanwhile(
    chat: Chat, crowd: list[Person]
) -> None:
    ada, ben, eve = crowd
    zoe = chat.enter("zoe", "Lab")
    react(ada, "0")
    chat.commit()
    ben.ping()
    zoe.say("elsewhere", "Lab")
    chat.commit()
    assert ben.news() == []
    eve.say("a text")
    chat.commit()
    assert ben.news() == ["General 5 ada +👍 4", "General 6 eve: a text", "pong"]


async def test_they_are_shown_after_a_moment_if_nothing_else_comes(
    chat: Chat, crowd: list[Person], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(journal, "MAX_PAUSE_SECONDS", 1e-6)
    ada = crowd[0]
    react(ada, "0")
    chat.commit()
    await chat.quiet()
    assert ada.news() == ["General 5 ada +👍 4", "ack General 5 0"]


async def test_a_resend_while_they_gather_is_answered_once_they_are_shown(
    chat: Chat, crowd: list[Person]
) -> None:
    ada, _, eve = crowd
    react(ada, "0")
    chat.commit()
    react(ada, "0")
    chat.commit()
    react(eve, "1")
    chat.commit()
    eve.say("a text", nonce="2")
    chat.commit()
    await chat.quiet()
    chat.commit()
    shown = ["General 5 ada +👍 4", "General 6 eve +👍 4", "General 7 eve: a text"]
    assert ada.news() == [*shown, "ack General 5 0", "ack General 5 0"]
    assert [one for one in eve.news() if "ack" not in one] == shown


async def test_in_a_small_room_nothing_waits(
    chat: Chat, crowd: list[Person], monkeypatch: pytest.MonkeyPatch
) -> None:
    ada = crowd[0]
    crowd[2].bye()
    await chat.quiet()
    chat.commit()
    ada.news()
    react(ada, "0")
    chat.commit()
    assert ada.news() == ["General 6 ada +👍 4", "ack General 6 0"]


async def test_the_server_stops_when_what_gathers_is_shown(
    chat: Chat, crowd: list[Person], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(journal, "MAX_PAUSE_SECONDS", 1e-6)
    ada = crowd[0]
    react(ada, "0")
    chat.commit()
    await chat.hub.close()
    assert "ack General 5 0" in ada.news()


def begin_to_come(chat: Chat, *names: str) -> list[Person]:
    """People who say who they are; their joins are on their way to the log."""
    people = [chat.connect().hello(name) for name in names]
    chat.commit()
    for person in people:
        person.news()
        person.join("General")
    return people


async def test_a_crowd_that_comes_is_shown_together(chat: Chat, crowd: list[Person]) -> None:
    ada = crowd[0]
    dan, fay, gus = begin_to_come(chat, "dan", "fay", "gus")
    for _ in range(2):
        chat.commit(1)
        assert [person.news() for person in (ada, dan, fay)] == [[], [], []]
    chat.commit()
    assert ada.news() == [
        f"General {5 + n} {who} joined" for n, who in enumerate(["dan", "fay", "gus"])
    ]
    assert len(crowd[1].all(told.Events)[-1].events) == 3
    for newcomer in (dan, fay, gus):
        joined = newcomer.last(told.RoomJoined)
        assert list(joined.users) == ["ada", "ben", "dan", "eve", "fay", "gus"]
    ada.say("hello all")
    chat.commit()
    assert [one.story() for one in (dan, fay, gus)] == [dan.story()] * 3
    assert [event.seq for event in dan.shown()] == [*range(1, 9)]


async def test_who_comes_alone_does_not_wait(chat: Chat, crowd: list[Person]) -> None:
    (dan,) = begin_to_come(chat, "dan")
    chat.commit()
    assert crowd[0].news() == ["General 5 dan joined"]
    assert dan.last(told.RoomJoined).head == 5


async def test_no_more_gather_than_are_let_in_at_once(
    chat: Chat, crowd: list[Person], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(journal, "MOST_LET_IN", 2)
    begin_to_come(chat, "dan", "fay", "gus")
    chat.commit(1)
    assert crowd[0].news() == []
    chat.commit(1)
    assert crowd[0].news() == ["General 5 dan joined", "General 6 fay joined"]


async def test_a_crowd_is_let_in_after_a_moment_if_the_others_take_long(
    chat: Chat, crowd: list[Person], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(journal, "MAX_PAUSE_SECONDS", 1e-6)
    dan, _ = begin_to_come(chat, "dan", "fay")
    chat.commit(1)
    await chat.quiet()
    assert crowd[0].news() == ["General 5 dan joined"]
    assert dan.last(told.RoomJoined).head == 5


async def test_those_are_not_waited_for_long_whose_joins_the_log_refuses(
    chat: Chat, crowd: list[Person], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(journal, "MAX_PAUSE_SECONDS", 1e-6)
    dan, fay = begin_to_come(chat, "dan", "fay")
    chat.commit(1)
    chat.fail()
    await chat.quiet()
    assert crowd[0].news() == ["General 5 dan joined"]
    assert dan.last(told.RoomJoined).head == 5
    assert fay.last(told.Refused).code == "log-unavailable"
