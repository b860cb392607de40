from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager

import pytest

from hubbub.domain import commands as ask
from hubbub.domain import replies as told
from hubbub.domain.names import RoomName
from hubbub.hub import clients, joining
from hubbub.hub.clients import LOOPBACK, SITE_TIMES, Clients, client_key, site_key
from hubbub.hub.limits import PATIENCE_SECONDS
from hubbub.hub.ports import DiskState
from hubbub.hub.reading import AT_ONCE
from hubbub.hub.settings import HubSettings
from tests.hub.chat import Chat, Person, chatting

GENERAL = RoomName.parse("General")


@pytest.mark.parametrize(
    "address, key",
    [
        ("192.0.2.1", "192.0.2.1"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("127.0.0.1", LOOPBACK),
        ("127.9.9.9", LOOPBACK),
        ("::1", LOOPBACK),
        ("::ffff:127.0.0.1", LOOPBACK),
        ("", LOOPBACK),
        ("/run/hubbub.sock", LOOPBACK),
    ],
)
def test_an_address_tells_the_client(address: str, key: str) -> None:
    assert client_key(address) == key


def test_a_client_is_remembered_until_its_budgets_are_full_again() -> None:
    now = 0.0
    known = Clients(HubSettings(client_rate_limit=1, client_rate_burst=10), lambda: now)
    client = known.at("192.0.2.1")
    for _ in range(10):
        assert client.command(now, 0) == 0
    client.connections = 0
    now = 9.0
    known.tick()
    assert known.at("192.0.2.1") is client
    assert client.command(now, 0) == 0
    now = 30.0
    known.tick()
    assert len(known) == 0


def test_a_client_that_is_connected_is_never_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clients, "MOST_REMEMBERED", 10)
    known = Clients(HubSettings(), lambda: 0.0)
    here = known.at("192.0.2.1")
    here.connections = 1
    for number in range(100):
        known.at(f"198.51.100.{number}").room(0.0)
    known.tick()
    assert len(known) == 10, "the oldest were forgotten"
    assert known.at("192.0.2.1") is here


def healthy(chat: Chat) -> bool:
    return chat.hub.healthy


async def test_where_addresses_tell_nobody_apart_each_session_has_its_own_share() -> None:
    async with chatting(HubSettings(sessions_per_address=0)) as chat:
        ada, ben = chat.connect(), chat.connect()
        ada.session.share.charge(1.0, 0.0)
        assert not ada.session.share.is_light(0.0)
        assert ben.session.share.is_light(0.0)
        assert all(ada.session.client.command(0.0, 0.0) == 0.0 for _ in range(1000))


SETTINGS = HubSettings(rate_limit=1000, rate_burst=1000, client_rate_limit=10, client_rate_burst=20)


def flood(person: Person, texts: int) -> None:
    for number in range(texts):
        person.say(str(number))


async def settled(chat: Chat) -> None:
    """Until nobody has anything more to do at this time."""
    for _ in range(10):
        chat.commit()
        await chat.quiet()


async def test_connections_of_one_client_share_its_budget_and_others_do_not_notice() -> None:
    async with chatting(SETTINGS) as chat:
        crowd = [chat.enter(f"eve{number}", "General") for number in range(5)]
        for person in crowd:
            flood(person, 100)
        await settled(chat)
        assert sum(len(person.all(told.Ack)) for person in crowd) < 20
        ada = chat.connect("198.51.100.7").hello("ada")
        chat.commit()
        ada.join()
        chat.commit()
        ada.say("hello")
        chat.commit()
        assert ada.last(told.Ack).room == "General"


async def test_who_comes_again_does_not_find_the_budget_full() -> None:
    async with chatting(SETTINGS) as chat:
        saved = 0
        for number in range(10):
            eve = chat.connect().hello(f"eve{number}")
            chat.commit()
            eve.join()
            flood(eve, 20)
            await settled(chat)
            saved += len(eve.all(told.Ack))
            eve.lose_connection()
        assert saved < 20


async def test_a_command_over_the_budget_waits_a_moment_before_it_is_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    waits: list[float] = []
    async with chatting(SETTINGS) as chat:
        loop = asyncio.get_running_loop()
        ada, ben = chat.enter("ada", "General"), chat.enter("ben", "General")
        call_later = loop.call_later

        def soon(delay: float, *work: object) -> asyncio.TimerHandle:
            waits.append(delay)
            return call_later(0, *work)  # type: ignore[arg-type]

        monkeypatch.setattr(loop, "call_later", soon)
        flood(ada, 30)
        await settled(chat)
        assert len(ada.all(told.Ack)) == 30, "all are said, some a little later"
        assert waits == sorted(waits)
        assert max(waits) <= PATIENCE_SECONDS
        flood(ben, 100)
        await settled(chat)
        refused = ben.last(told.Refused)
        assert refused.code == "rate-limited"
        assert "from your address" in refused.message
        assert refused.retry_after is not None
        assert refused.retry_after > PATIENCE_SECONDS


async def test_visits_of_one_room_are_held_back_and_do_not_bury_it() -> None:
    async with chatting(
        HubSettings(rate_limit=1000, rate_burst=1000, visit_rate_burst=5, visit_rate_limit=0.1)
    ) as chat:
        refused = 0
        for number in range(50):
            eve = chat.connect(line=True).hello(f"eve{number}")
            chat.commit()
            eve.join()
            chat.commit()
            refused += sum(reply.code == "rate-limited" for reply in eve.all(told.Refused))
            eve.bye()
            await chat.quiet()  # the history that she had asked for comes before that
            chat.commit()
        assert refused == 45
        assert len(chat.story()) == 10, "five came and went"
        other = chat.connect("198.51.100.7").hello("ada")
        chat.commit()
        other.join()
        chat.commit()
        assert other.all(told.RoomJoined)


async def test_coming_back_in_time_is_no_visit() -> None:
    async with chatting(
        HubSettings(rate_limit=1000, rate_burst=1000, visit_rate_burst=1, visit_rate_limit=0.1)
    ) as chat:
        ada = chat.enter("ada", "General")
        for _ in range(10):
            ada.lose_connection()
            token = ada.token
            ada = chat.connect().hello("ada", token)
            ada.join()
            chat.commit()
            assert ada.all(told.RoomJoined)
        assert chat.story() == ["1 ada joined"]


async def test_a_client_makes_so_many_rooms_a_day_and_no_more() -> None:
    async with chatting(HubSettings(rate_limit=0, client_rooms_per_day=3)) as chat:
        eve = chat.enter("eve")
        for number in range(10):
            eve.join(f"room{number}")
            chat.commit()
        assert len(chat.hub.rooms) == 1 + 3
        refused = eve.last(told.Refused)
        assert refused.code == "rate-limited"
        assert "3 rooms were made" in refused.message
        ada = chat.connect("198.51.100.7").hello("ada")
        chat.commit()
        ada.join("ours")
        chat.commit()
        assert len(chat.hub.rooms) == 1 + 4
        chat.pass_time(86_400 / 3)
        eve.join("more")
        chat.commit()
        assert len(chat.hub.rooms) == 1 + 5


async def test_a_client_fills_so_much_of_the_disk_a_day_and_no_more() -> None:
    async with chatting(HubSettings(rate_limit=0, client_bytes_per_day=1000)) as chat:
        eve = chat.enter("eve", "General")
        eve.say("é" * 400)
        eve.say("é" * 400)
        chat.commit()
        assert eve.last(told.Refused).code == "rate-limited"
        assert len(chat.story()) == 2
        chat.pass_time(86_400)
        eve.say("é" * 400)
        chat.commit()
        assert len(chat.story()) == 3


async def test_all_that_is_kept_of_a_text_counts_and_not_its_characters_alone() -> None:
    async with chatting(HubSettings(rate_limit=0, client_bytes_per_day=2000)) as chat:
        eve = chat.enter("eve", "General")
        for number in range(20):
            eve.say("x", nonce=f"{number:->64}")
        chat.commit()
        assert eve.last(told.Refused).code == "rate-limited"
        assert 10 < len(chat.story()) < 20


async def test_coming_and_going_counts_for_the_disk_too() -> None:
    async with chatting(
        HubSettings(rate_limit=0, visit_rate_limit=0, client_bytes_per_day=2000)
    ) as chat:
        eve = chat.enter("eve", "General")
        for _ in range(50):
            eve.leave("General")
            chat.commit()
            await chat.quiet()
            eve.join("General")
            chat.commit()
            await chat.quiet()
        refused = eve.last(told.Refused)
        assert refused.code == "rate-limited"
        assert "MiB of the disk" in refused.message
        assert 20 < len(chat.story()) < 50


async def test_markers_in_rooms_where_one_never_was_count_for_the_disk_too() -> None:
    async with chatting(
        HubSettings(rate_limit=0, client_bytes_per_day=3000, rooms_per_session=0)
    ) as chat:
        ada = chat.connect("198.51.100.1").hello("ada")
        eve = chat.enter("eve")
        for number in range(100):
            room = RoomName.parse(f"room-{number}")
            chat.hub.rooms.make(room)
            eve.read(0, room, at=0)
        await chat.quiet()
        refused = eve.last(told.Refused)
        assert refused.code == "rate-limited"
        assert "MiB of the disk" in refused.message
        user = chat.hub.users.get("eve")
        assert user is not None
        assert 20 < len(user.places or ()) < 80
        ada.read(0, "room-1", at=0)
        assert ada.last(told.ReadUpTo).room == "room-1", "others have budgets of their own"


async def test_a_site_has_one_turn_at_counting_what_is_unread(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with chatting(HubSettings(rate_limit=0)) as chat:
        ada = chat.enter("ada", "General")
        neighbours = [
            chat.connect(f"2001:db8:1:{number}::1").hello(f"eve{number}") for number in range(3)
        ]
        chat.commit()
        for eve in neighbours:
            eve.join()
        chat.commit()
        for number in range(AT_ONCE + 10):
            ada.say(str(number))
        chat.commit()
        queue, askers = chat.hub.reading._queue, []
        turn = queue.turn

        def noted(client: str, wanted: Callable[[], bool]) -> AbstractAsyncContextManager[None]:
            askers.append(client)
            return turn(client, wanted)

        monkeypatch.setattr(queue, "turn", noted)
        for eve in neighbours:
            eve.read(2)
        await chat.quiet()
        assert askers == ["2001:db8:1::/48"] * 3


async def test_with_a_nearly_full_disk_nothing_is_taken_and_all_is_read() -> None:
    async with chatting(HubSettings(rate_limit=0, free_disk_bytes=1000)) as chat:
        ada = chat.enter("ada", "General")
        ada.say("before")
        chat.commit()
        chat.log.free = 999
        chat.pass_time(2)
        await chat.quiet()
        assert healthy(chat) is False
        ada.say("now")
        assert ada.last(told.Refused).code == "log-unavailable"
        ben = chat.connect().hello("ben")
        assert ben.all(told.Welcome)
        ben.join("another")
        assert ben.last(told.Refused).code == "log-unavailable"
        ada.send(ask.History(room=GENERAL))
        assert [event.seq for event in ada.last(told.Page).events] == [1, 2]
        chat.log.free = 1000
        chat.pass_time(2)
        await chat.quiet()
        assert healthy(chat) is True
        ada.say("after")
        chat.commit()
        assert chat.story()[-1] == "3 ada: after"


async def test_when_the_files_are_lost_nothing_is_taken_and_the_operator_is_told_once(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async with chatting(HubSettings(rate_limit=0, hold_seconds=1, leave_grace_seconds=1)) as chat:
        ada = chat.enter("ada", "General")
        chat.log.lost = "hubbub.db was removed."
        for _ in range(3):
            chat.pass_time(2)
            await chat.quiet()
        assert healthy(chat) is False
        ada.say("now")
        refusal = ada.last(told.Refused)
        assert refusal.code == "log-unavailable"
        assert refusal.retry_after
        ben = chat.connect().hello("ben")
        ben.join("General")
        assert ben.last(told.Refused).code == "log-unavailable"
        assert [record.levelname for record in caplog.records] == ["CRITICAL"]
        assert "Nothing is taken from anybody: hubbub.db was removed." in caplog.text
        chat.log.lost = None
        chat.pass_time(2)
        await chat.quiet()
        assert healthy(chat) is True
        ada.say("after")
        chat.commit()
        assert chat.story()[-1] == "2 ada: after"


async def test_a_disk_that_does_not_answer_is_asked_once(monkeypatch: pytest.MonkeyPatch) -> None:
    async with chatting() as chat:
        asked, answer = [], asyncio.Event()

        async def look_at_disk() -> DiskState:
            asked.append(1)
            await answer.wait()
            return DiskState()

        monkeypatch.setattr(chat.log, "look_at_disk", look_at_disk)
        for _ in range(5):
            chat.pass_time(2)
            await chat.quiet()
        assert len(asked) == 1
        answer.set()
        await chat.quiet()
        chat.pass_time(2)
        await chat.quiet()
        assert len(asked) == 2


async def test_a_leave_is_logged_on_a_nearly_full_disk() -> None:
    async with chatting(HubSettings(rate_limit=0, free_disk_bytes=1000)) as chat:
        ada = chat.enter("ada", "General")
        chat.log.free = 0
        chat.pass_time(2)
        await chat.quiet()
        ada.bye()
        chat.commit()
        assert chat.story()[-1] == "2 ada left"


async def test_typing_in_a_crowd_is_told_a_few_times_a_second() -> None:
    async with chatting() as chat:
        ben = chat.enter("ben", "General")
        crowd = [chat.enter(f"ada{number}", "General") for number in range(50)]
        for person in crowd:
            person.send(ask.Typing(room=GENERAL))
        assert 1 <= len(ben.all(told.SomeoneTyping)) <= 5
        chat.pass_time(1)
        crowd[0].send(ask.Typing(room=GENERAL))
        assert ben.last(told.SomeoneTyping).by == "ada0"


@pytest.mark.parametrize(
    "key, site",
    [
        ("2001:db8:1:2::/64", "2001:db8:1::/48"),
        ("2001:db8:1:ffff::/64", "2001:db8:1::/48"),
        ("192.0.2.1", "192.0.2.1"),
        (LOOPBACK, LOOPBACK),
    ],
)
def test_networks_of_one_customer_are_one_site(key: str, site: str) -> None:
    assert site_key(key) == site


SITE = [f"2001:db8:1:{number:x}::1" for number in range(100)]
NEXT_DOOR = "2001:db8:2::1"


def test_a_site_has_the_budgets_of_ten_clients() -> None:
    known = Clients(
        HubSettings(client_rate_limit=1, client_rate_burst=10, client_rooms_per_day=3), lambda: 0.0
    )
    clients_there = [known.at(address) for address in SITE]
    taken = sum(client.command(0.0, 0) == 0 for client in clients_there for _ in range(20))
    assert taken == SITE_TIMES * 10
    made = sum(client.room(0.0) == 0 for client in clients_there for _ in range(5))
    assert made == SITE_TIMES * 3
    assert known.at(NEXT_DOOR).command(0.0, 0) == 0
    assert known.at(NEXT_DOOR).room(0.0) == 0


def test_what_a_client_is_refused_costs_its_neighbours_nothing() -> None:
    known = Clients(HubSettings(client_rate_limit=1, client_rate_burst=10), lambda: 0.0)
    greedy, neighbour = known.at(SITE[0]), known.at(SITE[1])
    taken = sum(greedy.command(0.0, 0) == 0 for _ in range(1000))
    assert taken == 10
    assert neighbour.command(0.0, 0) == 0


def test_a_site_with_a_connection_is_not_forgotten() -> None:
    known = Clients(HubSettings(), lambda: 0.0)
    client = known.at(SITE[0])
    client.opened()
    known.tick()
    assert len(known) == 2
    client.closed()
    known.tick()
    assert len(known) == 0


async def test_a_site_buries_no_room_under_visits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(joining, "PATIENCE_SECONDS", 0.0)
    async with chatting(HubSettings(visit_rate_limit=1, visit_rate_burst=1)) as chat:
        people = [chat.connect(address).hello(f"eve{n}") for n, address in enumerate(SITE)]
        chat.commit()
        for person in people:
            person.join()
        chat.commit()
        assert sum(bool(person.session.rooms) for person in people) == SITE_TIMES


async def test_a_site_holds_the_names_of_ten_clients() -> None:
    async with chatting(HubSettings(held_per_address=2)) as chat:
        for number, address in enumerate(SITE):
            for twin in "ab":
                person = chat.connect(address).hello(f"eve{number}{twin}")
                chat.commit()
                person.lose_connection()
        assert len(chat.hub.users) == SITE_TIMES * 2


async def test_a_site_takes_turns_as_one() -> None:
    async with chatting() as chat:
        one, other = chat.connect(SITE[0]), chat.connect(SITE[1])
        assert one.session.share is other.session.share
        assert chat.connect(NEXT_DOOR).session.share is not one.session.share
