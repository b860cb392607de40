"""What is older than a room keeps is gone: from view at once, and from the log step by step."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from hubbub.domain import commands as ask
from hubbub.domain import replies as told
from hubbub.domain.directory import DIRECTORY
from hubbub.domain.events import RulesSet, Said, Trimmed
from hubbub.domain.names import RoomName
from hubbub.domain.rules import HistoryFor, RoomAccess
from hubbub.hub import retention
from hubbub.hub.access import ANYBODY
from hubbub.hub.settings import ALL_HISTORY, HubSettings
from tests.hub.chat import NOON, Chat, Person, chatting, words
from tests.hub.people import account, do, log_in, server_owner, settle

ALL = HubSettings(rate_limit=0, history_on_join=ALL_HISTORY)
DAY = 86_400


@pytest.fixture(autouse=True)
def no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retention, "MIN_PAUSE_SECONDS", 0.0)
    monkeypatch.setattr(retention, "DELETED_AT_ONCE", 2)


async def look(chat: Chat) -> None:
    """One look at all rooms, and all that follows from it."""
    chat.hub.spawn(_look(chat))
    for _ in range(12):
        await settle(chat)


async def _look(chat: Chat) -> None:
    await chat.hub.retention.look()


async def days_pass(chat: Chat, days: float) -> None:
    chat.pass_time(days * DAY)
    await settle(chat)


def texts(person: Person, room: str = "Lab") -> list[str]:
    return [event.text for event in person.shown(room) if isinstance(event, Said)]


def young(chat: Chat) -> int:
    """The number of a text that is kept."""
    (text,) = [
        one for one in chat.log.disk.events["lab"] if isinstance(one, Said) and one.text == "young"
    ]
    return text.seq


async def two_days(chat: Chat) -> Person:
    """Ada's room has texts of two days, of which the older one is too old."""
    ada = await account(chat, "ada", "Lab")
    ada.say("oldest", "Lab").say("old one", "Lab").say("old two", "Lab")
    await settle(chat)
    await do(ada, ask.SetRules, keep_days=30)
    await days_pass(chat, 29)
    ada = await log_in(chat, "ada", "Lab")
    ada.say("why?", "Lab", reply_to=3).say("young", "Lab")
    await settle(chat)
    await days_pass(chat, 2)
    return await log_in(chat, "ada", "Lab")


async def test_it_is_shown_to_nobody_from_memory_nor_from_the_log() -> None:
    async with chatting(ALL) as chat:
        ada = await two_days(chat)
        assert "old one" in texts(ada)
        await look(chat)
        assert isinstance(ada.shown("Lab")[-1], Trimmed)
        for in_memory in (True, False):
            if not in_memory:
                chat.hub.rooms["lab"].forget()
            again = await log_in(chat, "ada", "Lab")
            assert texts(again) == ["why?", "young"]
            answers = [one for one in again.shown("Lab") if isinstance(one, Said)]
            assert answers[0].quote is None
            for kind in (ask.History, ask.Timeline):
                again = await log_in(chat, "ada")
                await do(again, kind)
                page = again.last(told.Page)
                assert [one.text for one in page.events if isinstance(one, Said)] == [
                    "why?",
                    "young",
                ]
        found = await chat.hub.find(ANYBODY, "old")
        assert [one.room for one in found.results] == []
        assert chat.log.disk.gone["lab"] == chat.hub.rooms["lab"].floor


async def test_a_client_that_has_seen_less_than_is_gone_goes_on_behind_it() -> None:
    async with chatting(ALL) as chat:
        await two_days(chat)
        await look(chat)
        floor = chat.hub.rooms["lab"].floor
        late = await log_in(chat, "ada")
        late.join("Lab", after=2, at=chat.log.disk.events["lab"][1].at)
        await settle(chat)
        assert late.last(told.RoomJoined).after == floor
        assert late.shown("Lab")[0].seq == floor + 1


async def test_who_is_behind_when_it_goes_is_given_what_is_left() -> None:
    async with chatting(ALL) as chat:
        ada = await two_days(chat)
        slow = chat.connect().hello("ben")
        await settle(chat)
        slow.stop_reading()
        slow.read_on()
        slow.stalls_at = 1
        slow.join("Lab")
        await settle(chat)
        await look(chat)
        slow.read_on()
        await settle(chat)
        assert texts(slow)[-2:] == ["why?", "young"]
        assert [one.seq for one in slow.shown("Lab")][-1] == ada.shown("Lab")[-1].seq


@pytest.mark.parametrize("kind, method", [(ask.History, "read"), (ask.Timeline, "timeline")])
async def test_a_page_that_is_read_while_it_goes_covers_that_as_nothing(
    kind: type[ask.History | ask.Timeline], method: str
) -> None:
    async with chatting(ALL) as chat:
        ada = await two_days(chat)
        chat.hub.rooms["lab"].forget()
        go, usual = asyncio.Event(), getattr(chat.log, method)

        async def slow(*words: Any) -> Any:
            await go.wait()
            return await usual(*words)

        setattr(chat.log, method, slow)
        ada.send(kind(room=RoomName.parse("Lab"), after=0))
        await chat.quiet()
        await look(chat)
        go.set()
        await settle(chat)
        page, floor = ada.last(told.Page), chat.hub.rooms["lab"].floor
        assert floor
        assert page.first == 1
        assert page.events[0].seq > floor


async def test_nothing_that_is_gone_is_answered_reported_or_unread() -> None:
    async with chatting(ALL) as chat:
        await two_days(chat)
        ben = await account(chat, "ben", "Lab")
        ben.leave("Lab")
        await settle(chat)
        await look(chat)
        ben = await log_in(chat, "ben", "Lab")
        assert await do(ben, ask.Say, text="no", reply_to=3) == ["error bad-message"]
        assert await do(ben, ask.Report, seq=3) == ["error bad-message"]
        assert "error" not in " ".join(await do(ben, ask.Say, text="yes", reply_to=young(chat)))


async def test_the_servers_rule_holds_where_a_room_has_none_or_keeps_more() -> None:
    async with chatting(ALL) as chat:
        root = await server_owner(chat)
        ada = await account(chat, "ada", "Lab", "Long", "Short")
        await do(ada, ask.SetRules, "Long", keep_days=100)
        await do(ada, ask.SetRules, "Short", keep_days=5)
        assert "error" not in " ".join(await do(root, ask.SetRules, "/server", keep_days=10))
        rooms = chat.hub.rooms
        assert [chat.hub.retention.days(rooms[key]) for key in ("lab", "long", "short")] == [
            10,
            10,
            5,
        ]
        again = await log_in(chat, "ada", "Lab")
        standing = again.last(told.RoomJoined).standing
        assert standing is not None
        assert standing.keep_days == 10
        refused = await do(root, ask.SetRules, "/server", keep_days=10, slow=5)
        assert refused == ["error bad-message"]
        assert await do(ada, ask.SetRules, "/server", keep_days=10) == ["error no-such-room"]


async def test_the_servers_own_record_stays() -> None:
    async with chatting(ALL) as chat:
        root = await server_owner(chat)
        await do(root, ask.SetRules, "/server", keep_days=1)
        await days_pass(chat, 3)
        await look(chat)
        kept = await chat.log.read(DIRECTORY.key, 0, 10)
        assert any(isinstance(event, RulesSet) for event in kept)


async def test_a_quiet_room_is_not_trimmed_again_and_again() -> None:
    async with chatting(ALL) as chat:
        await two_days(chat)
        for _ in range(4):
            await days_pass(chat, 40)
            await look(chat)
        events = chat.log.disk.events["lab"]
        assert sum(isinstance(event, Trimmed) for event in events) <= 2
        assert chat.hub.rooms["lab"].head == len(events)


async def test_what_was_not_deleted_is_after_a_restart() -> None:
    async with chatting(ALL) as chat:
        await two_days(chat)
        chat.hub.spawn(_look(chat))
        await chat.quiet()
        chat.commit(1)  # the event, and nothing after it
        disk = chat.log.disk
    async with chatting(ALL, disk=disk) as chat:
        await days_pass(chat, 31)
        floor = chat.hub.rooms["lab"].floor
        assert floor
        assert disk.gone.get("lab", 0) < floor
        await look(chat)
        assert disk.gone["lab"] == floor


async def test_a_log_that_fails_loses_nothing_and_is_asked_again() -> None:
    async with chatting(ALL) as chat:
        await two_days(chat)
        done: list[bool] = []

        async def once() -> None:
            done.append(await chat.hub.retention.look())

        chat.hub.spawn(once())
        await chat.quiet()
        chat.fail()
        await settle(chat)
        assert done == [False]
        assert chat.hub.rooms["lab"].floor == 0
        chat.log.readable = False
        chat.hub.spawn(once())
        await settle(chat)
        chat.log.readable = True
        assert done == [False, False]
        await look(chat)
        assert chat.hub.rooms["lab"].floor > 0


@pytest.mark.parametrize(
    "days, pause",
    [(0.5, retention.FIRST_SECONDS), (2, retention.PASS_SECONDS), (-9, retention.FIRST_SECONDS)],
)
async def test_a_server_that_starts_with_a_strange_clock_waits_before_it_deletes(
    days: float, pause: float, caplog: pytest.LogCaptureFixture
) -> None:
    async with chatting(ALL) as chat:
        await account(chat, "ada", "Lab")
        chat.hub.clock = lambda: NOON + int(days * DAY * 1000)
        with caplog.at_level("INFO"):
            assert chat.hub.retention.first_pause() == pause
        assert ("clock is wrong" in caplog.text) is (pause == retention.PASS_SECONDS)


async def test_a_room_that_is_renamed_meanwhile_is_asked_again_by_its_new_name() -> None:
    async with chatting(ALL) as chat:
        ada = await two_days(chat)
        done: list[bool] = []

        async def once() -> None:
            done.append(await chat.hub.retention.look())

        chat.hub.spawn(once())
        await chat.quiet()
        chat.commit(1)  # the event that says so
        await chat.quiet()
        ada.send(ask.RenameRoom(room=RoomName.parse("Lab"), name=RoomName.parse("Kitchen")))
        chat.commit(1)  # some of it is deleted, and the rest is asked for behind the renaming
        for _ in range(4):
            await settle(chat)
        assert chat.log.disk.gone.get("kitchen", 0) < chat.hub.rooms["kitchen"].floor
        assert done == [False]
        await look(chat)
        assert chat.log.disk.gone["kitchen"] == chat.hub.rooms["kitchen"].floor


async def test_a_private_room_and_its_newcomers_past_go_together() -> None:
    async with chatting(ALL) as chat:
        ada = await two_days(chat)
        await do(ada, ask.SetRules, access=RoomAccess.MEMBERS, history=HistoryFor.SINCE)
        await look(chat)
        ben = await account(chat, "ben")
        await do(ada, ask.Invite, user="ben")
        ben.join("Lab")
        await settle(chat)
        assert texts(ben) == []
        ada.say("hello", "Lab", reply_to=young(chat))
        await settle(chat)
        assert texts(ben) == ["hello"]


async def test_the_moderators_are_told_who_has_said_so() -> None:
    async with chatting(ALL) as chat:
        ada = await account(chat, "ada", "Lab")
        heard = await do(ada, ask.SetRules, keep_days=7)
        assert any("ack" in word for word in heard)
        said = [word for reply in ada.received for word in words(reply)]
        assert "let messages go after 1 week" in str(said)


async def test_a_text_from_the_future_keeps_nothing_that_is_older() -> None:
    async with chatting(ALL) as chat:
        ada = await account(chat, "ada", "Lab")
        ada.say("old", "Lab")
        await do(ada, ask.SetRules, keep_days=30)
        clock = chat.hub.clock
        chat.hub.clock = lambda: clock() + 400 * DAY * 1000
        ada.say("from the future", "Lab")
        await settle(chat)
        chat.hub.clock = clock
        await days_pass(chat, 31)
        await look(chat)
        assert chat.hub.rooms["lab"].floor > 0
        assert texts(await log_in(chat, "ada", "Lab")) == ["from the future"]


@pytest.mark.parametrize("back", [0, 3600])
async def test_what_is_said_while_it_is_looked_or_the_clock_is_put_back_stays(back: int) -> None:
    async with chatting(ALL) as chat:
        ada = await account(chat, "ada", "Lab")
        ada.say("old", "Lab")
        await do(ada, ask.SetRules, keep_days=30)
        await days_pass(chat, 31)
        ada = await log_in(chat, "ada")
        expired, clock = chat.log.expired, chat.hub.clock

        async def slow(*words: Any) -> int:
            chat.log.expired = expired  # type: ignore[method-assign]
            chat.pass_time(0.5)
            ada.join("Lab").say("new", "Lab")
            await settle(chat)
            return await expired(*words)

        if back:
            ada.join("Lab").say("new", "Lab")
            await settle(chat)
            chat.hub.clock = lambda: clock() - back * 1000
        else:
            chat.log.expired = slow  # type: ignore[method-assign, assignment]
        await look(chat)
        assert chat.hub.rooms["lab"].floor > 0
        assert texts(await log_in(chat, "ada", "Lab")) == ["new"]


async def remade(chat: Chat, ada: Person) -> None:
    """Lab is deleted, and there is another one, in which more was said than in the first."""
    await do(ada, ask.Delete)
    ada.join("Lab")
    for number in range(12):
        ada.say(f"new {number}", "Lab")
    await settle(chat)


@pytest.mark.parametrize("renamed", [False, True])
async def test_a_room_that_gets_the_name_of_another_one_meanwhile_loses_nothing(
    renamed: bool,
) -> None:
    async with chatting(ALL) as chat:
        ada = await two_days(chat)
        looking, go = asyncio.Event(), asyncio.Event()
        expired = chat.log.expired

        async def slow(*words: Any) -> int:
            found = await expired(*words)
            looking.set()
            await go.wait()
            return found

        chat.log.expired = slow  # type: ignore[method-assign, assignment]
        chat.hub.spawn(_look(chat))
        await looking.wait()
        if renamed:
            await do(ada, ask.RenameRoom, name=RoomName.parse("Den"))
        else:
            await remade(chat, ada)
        go.set()
        for _ in range(12):
            await settle(chat)
        assert chat.hub.rooms["den" if renamed else "lab"].floor == 0
        if renamed:
            assert "lab" not in chat.log.disk.rooms
        else:
            assert len(texts(await log_in(chat, "ada", "Lab"))) == 12


async def test_what_is_deleted_step_by_step_is_not_of_a_room_that_is_made_meanwhile() -> None:
    async with chatting(ALL) as chat:
        ada = await two_days(chat)
        chat.hub.spawn(_look(chat))
        await chat.quiet()
        chat.commit(1)  # the event
        await chat.quiet()
        chat.commit(1)  # the first step
        await chat.quiet()
        await remade(chat, ada)
        for _ in range(12):
            await settle(chat)
        assert chat.log.disk.gone.get("lab", 0) == 0
        assert len(texts(await log_in(chat, "ada", "Lab"))) == 12


@pytest.mark.parametrize("days", [-40, 400])
async def test_a_clock_that_jumps_deletes_nothing_at_once(days: int) -> None:
    async with chatting(ALL) as chat:
        ada = await account(chat, "ada", "Lab")
        ada.say("hello", "Lab")
        await do(ada, ask.SetRules, keep_days=30)
        chat.hub.clock = lambda: NOON + days * DAY * 1000
        await look(chat)
        assert chat.hub.rooms["lab"].floor == 0
