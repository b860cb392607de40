"""Readers that stop: they fall behind at the right place, and get everything later, once."""

from __future__ import annotations

import pytest

from hubbub.domain import commands as ask
from hubbub.domain.events import AnyEvent
from hubbub.domain.names import RoomName
from hubbub.domain.replies import Events
from hubbub.hub import catchup
from hubbub.hub.pages import PAGE_BYTES, PAGE_EVENTS, weigh
from hubbub.hub.settings import ALL_HISTORY, HubSettings
from hubbub.hub.tail import TAIL_EVENTS
from tests.hub.chat import Chat, Person, chatting

MUCH = 5 * TAIL_EVENTS  # more than a room keeps in memory


async def test_a_reader_that_stops_falls_behind_and_catches_up_with_every_line_once(
    chat: Chat,
) -> None:
    ada, ben = chat.enter("ada", "General"), chat.enter("ben", "General")
    ben.stop_reading()
    seen = ben.story()
    talk(chat, ada, MUCH)
    assert ben.story() == seen
    ben.read_on()
    await chat.quiet()
    assert ben.story() == ada.story() == chat.story()
    talk(chat, ada, 1)
    assert ben.story() == chat.story(), "live again"


async def test_a_reader_may_stop_in_the_middle_of_a_batch(chat: Chat) -> None:
    ada = chat.enter("ada", "General", "Kitchen")
    people = [chat.enter(name, "General", "Kitchen") for name in ("ben", "eve", "zoe")]
    people[1].stalls_at = 1
    talk(chat, ada, 3)
    talk(chat, ada, 3)
    talk(chat, ada, 3, "Kitchen")
    assert len(people[1].story()) == len(people[0].story()) - 3
    people[1].read_on()
    await chat.quiet()
    for person in people:
        assert person.story() == chat.story()[1:] or person.story() == chat.story()
        assert person.story("Kitchen") == people[0].story("Kitchen")


async def test_a_reader_that_stops_keeps_its_place_in_each_room(chat: Chat) -> None:
    rooms = ("General", "Kitchen", "Garden")
    ada, ben = chat.enter("ada", *rooms), chat.enter("ben", *rooms)
    talk(chat, ada, 2, "Kitchen")
    ben.stop_reading()
    for place, room in enumerate(rooms):
        talk(chat, ada, MUCH * place + 1, room)
    ben.read_on()
    await chat.quiet()
    for room in rooms:
        assert ben.story(room) == chat.story(room)


@pytest.mark.parametrize("writes", [1, 2, 3, 7])
async def test_a_reader_may_stop_again_and_again_while_it_catches_up(
    chat: Chat, writes: int
) -> None:
    ada, ben = chat.enter("ada", "General"), chat.enter("ben", "General")
    ben.stop_reading()
    talk(chat, ada, MUCH)
    rounds = 0
    while ben.story() != chat.story():
        ben.stalls_at = writes
        ben.read_on()
        await chat.quiet()
        if rounds % 3 == 0:
            talk(chat, ada, 1)
        rounds += 1
    assert rounds >= MUCH / PAGE_EVENTS / writes - 1
    ben.read_on()
    talk(chat, ada, 1)
    assert ben.story() == chat.story()


async def test_a_reader_that_is_behind_costs_nothing_until_it_reads(chat: Chat) -> None:
    ada, ben = chat.enter("ada", "General"), chat.enter("ben", "General")
    ben.stop_reading()
    heard = len(ben.received)
    talk(chat, ada, 3000)
    await chat.quiet()
    assert len(ben.received) == heard
    assert chat.hub.stats()["pages_read"] == 0


async def test_many_readers_of_the_same_past_share_the_pages(chat: Chat) -> None:
    ada = chat.enter("ada", "General")
    crowd = [chat.enter(f"reader{number}", "General") for number in range(50)]
    for reader in crowd:
        reader.stop_reading()
    talk(chat, ada, MUCH)
    for reader in crowd:
        reader.read_on()
    await chat.quiet()
    for reader in crowd:
        assert reader.shown()[-1].seq == len(chat.story())
        assert [event.seq for event in reader.shown()] == list(
            range(reader.shown()[0].seq, len(chat.story()) + 1)
        )
    assert chat.hub.stats()["pages_read"] <= 3 * MUCH / PAGE_EVENTS


async def test_pages_are_small_even_when_texts_are_long(chat: Chat) -> None:
    ada, ben = chat.enter("ada", "General"), chat.enter("ben", "General")
    ben.stop_reading()
    for _ in range(200):
        ada.say("é" * 4000)
    chat.commit()
    ben.read_on()
    await chat.quiet()
    assert ben.story() == chat.story()
    assert all(sum(map(weigh, page.events)) <= PAGE_BYTES for page in ben.all(Events))
    assert all(sum(map(weigh, page.events)) <= PAGE_BYTES for page in ada.all(Events))


async def test_history_on_join_may_be_longer_than_the_outbox_takes_at_once() -> None:
    async with chatting(HubSettings(rate_limit=0, history_on_join=ALL_HISTORY)) as chat:
        ada = chat.enter("ada", "General")
        talk(chat, ada, MUCH)
        ben = chat.enter("ben")
        ben.stalls_at = 2
        ben.join()
        chat.commit()
        await chat.quiet()
        assert ben.session.stalled
        talk(chat, ada, 5)
        ben.read_on()
        await chat.quiet()
        assert ben.story() == chat.story()


async def test_the_outbox_may_be_full_at_the_very_answer_to_the_join(chat: Chat) -> None:
    ada, ben = chat.enter("ada", "General"), chat.enter("ben")
    ben.stalls_at = 1
    ben.join()
    chat.commit()
    talk(chat, ada, 3)
    ben.read_on()
    await chat.quiet()
    assert ben.story() == chat.story()


async def test_who_is_behind_may_leave_and_come_back(chat: Chat) -> None:
    ada, ben = chat.enter("ada", "General"), chat.enter("ben", "General")
    ben.stop_reading()
    talk(chat, ada, MUCH)
    ben.lose_connection()
    again = chat.connect().hello("ben", ben.token).join(after=2)
    await chat.quiet()
    talk(chat, ada, 2)
    assert again.story() == chat.story()[2:]


async def test_who_is_behind_is_not_shown_that_somebody_types(chat: Chat) -> None:
    ada, ben = chat.enter("ada", "General"), chat.enter("ben", "General")
    ben.stop_reading()
    ben.news()
    ada.send(typing())
    assert ben.news() == []


async def test_a_notice_may_fill_the_outbox_of_who_reads_it(chat: Chat) -> None:
    ada = chat.enter("ada", "General")
    people = [chat.enter(name, "General") for name in ("ben", "eve", "zoe")]
    for person in people[:2]:
        person.stalls_at = 1
    ada.send(typing())
    assert people[2].news()[-1] == "ada is typing in General"
    talk(chat, ada, 2)
    for person in people:
        person.read_on()
    await chat.quiet()
    for person in people:
        assert person.story()[-1] == chat.story()[-1]
        assert [event.seq for event in person.shown()] == list(
            range(person.shown()[0].seq, len(chat.story()) + 1)
        )


async def test_the_last_live_reader_may_stop_in_the_middle_of_a_notice(chat: Chat) -> None:
    ada, ben = chat.enter("ada", "General", line=True), chat.enter("ben", "General")
    ben.stalls_at = 1
    ada.send(typing())
    talk(chat, ada, 1)
    ben.read_on()
    await chat.quiet()
    assert ben.story() == chat.story()


async def test_an_ack_may_fill_the_outbox(chat: Chat) -> None:
    ada, ben = chat.enter("ada", "General"), chat.enter("ben", "General")
    ada.stalls_at = 3  # the batch and two acks
    for number in range(5):
        ada.say(f"text {number}", nonce=str(number))
    chat.commit()
    assert ada.session.stalled
    talk(chat, ben, 2)
    ada.read_on()
    await chat.quiet()
    assert ada.story() == chat.story()
    assert len([word for word in ada.news() if word.startswith("ack")]) == 5


async def test_a_page_that_cannot_be_read_is_tried_again(
    chat: Chat, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(catchup, "RETRY_SECONDS", 0.0)
    ada, ben = chat.enter("ada", "General"), chat.enter("ben", "General")
    ben.stop_reading()
    talk(chat, ada, MUCH)
    chat.log.readable = False
    ben.read_on()
    await chat.quiet()
    assert ben.story() != chat.story()
    chat.log.readable = True
    await chat.quiet()
    assert ben.story() == chat.story()


async def test_a_reader_that_leaves_while_its_page_is_being_read_is_shown_no_more(
    chat: Chat,
) -> None:
    ada, ben = chat.enter("ada", "General"), chat.enter("ben", "General")
    ben.stop_reading()
    talk(chat, ada, MUCH)
    ben.read_on()
    ben.leave()
    heard = len(ben.received)
    await chat.quiet()
    assert len(ben.received) == heard
    assert ben.session not in chat.hub.rooms["general"].live.get(ben.format, {})


async def test_a_reader_that_moves_its_cursor_while_a_page_is_read_gets_no_line_twice(
    chat: Chat,
) -> None:
    ada, ben = chat.enter("ada", "General"), chat.enter("ben", "General")
    ben.stop_reading()
    talk(chat, ada, MUCH)
    ben.read_on()
    behind = len(ben.shown())
    ben.join(after=MUCH)
    await chat.quiet()
    assert [event.seq for event in ben.shown()[behind:]] == [MUCH + 1, MUCH + 2]


def elsewhere(chat: Chat, address: str, name: str, room: str) -> Person:
    """Somebody in ``room`` who came from ``address``."""
    person = chat.connect(address).hello(name).join(room)
    chat.commit()
    return person


def talk(chat: Chat, person: Person, texts: int, room: str = "General") -> None:
    """``person`` says ``texts``, one commit each hundred."""
    for number in range(texts):
        person.say(f"text {number}", room)
        if number % 100 == 99:
            chat.commit()
    chat.commit()


def typing() -> ask.Typing:
    return ask.Typing(room=RoomName.parse("General"))


async def test_nobody_waits_for_all_rooms_of_somebody_who_fell_behind_in_many(
    chat: Chat, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Pages are read from the log in turns: one for each client, not one for each session."""
    monkeypatch.setattr(catchup, "WORKERS", 1)
    rooms = [f"room{number}" for number in range(8)]
    ada = chat.enter("ada", "General", *rooms)
    eves = [elsewhere(chat, "192.0.2.9", f"eve{room}", room) for room in rooms]
    ben = elsewhere(chat, "192.0.2.8", "ben", "General")
    for reader in (*eves, ben):
        reader.stop_reading()
    for room in ("General", *rooms):
        talk(chat, ada, 2 * TAIL_EVENTS, room)
    read, asked = chat.hub.log.read, []

    async def noted(room: int | str, after: int, upto: int) -> list[AnyEvent]:
        asked.append(room)
        return await read(room, after, upto)

    monkeypatch.setattr(chat.hub.log, "read", noted)
    for reader in (*eves, ben):
        reader.read_on()
    await chat.quiet()
    assert ben.story() == chat.story()
    assert asked.index(chat.hub.rooms["general"].which) <= 2
