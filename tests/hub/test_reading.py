"""How far somebody has read: shared among sessions, never backwards, kept, and counted exactly."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from hubbub.domain import commands as ask
from hubbub.domain.ids import UserId
from hubbub.domain.mentions import mentions
from hubbub.domain.names import RoomName, UserName
from hubbub.domain.replies import MOST_UNREAD, Refused, RoomInfo, RoomJoined, RoomList
from hubbub.hub import reading
from hubbub.hub.hub import TICK_SECONDS
from hubbub.hub.ports import Stretch
from hubbub.hub.reading import AT_ONCE, CHARS_AT_ONCE, GROUP, LOOKED_AT, SAVE_SECONDS
from hubbub.hub.settings import HubSettings
from hubbub.hub.tail import TAIL_EVENTS
from tests.hub.chat import NOON, Chat, Person, chatting
from tests.hub.people import SECRET, account, do, log_in, settle

GENERAL = RoomName.parse("General")
Counts = tuple[int | None, int | None, int | None]


def listed(person: Person, room: str = "General") -> Counts:
    """What the latest list of rooms says: read, unread, mentions."""
    (info,) = [info for info in person.last(RoomList).rooms if info.name == room]
    return counts(info)


def counts(info: RoomInfo | RoomJoined) -> Counts:
    return info.read, info.unread, info.mentions


async def rooms(chat: Chat, person: Person, room: str = "General") -> Counts:
    person.send(ask.Rooms())
    await chat.quiet()
    return listed(person, room)


def fill(chat: Chat, person: Person, texts: int) -> None:
    for number in range(texts):
        person.say(f"filler {number}")
    chat.commit()


async def test_what_was_before_one_came_is_not_unread(chat: Chat) -> None:
    ben = chat.enter("ben", "General")
    fill(chat, ben, 3)
    ada = chat.enter("ada", "General")
    assert counts(ada.last(RoomJoined)) == (5, 0, 0)


async def test_texts_of_others_behind_the_marker_are_unread_and_ones_own_are_not(
    chat: Chat,
) -> None:
    ada, ben = chat.enter("ada", "General"), chat.enter("ben", "General")
    ben.say("hello").say("Ada?").say("@ada, are you there?").say("Adam was here.")
    ada.say("yes, ada is here")
    chat.commit()
    assert await rooms(chat, ada) == (1, 4, 2)
    assert await rooms(chat, ben) == (2, 1, 0)
    ada.read(4)
    assert ada.news()[-1] == "General read to 4, unread 2, mentions 1"
    ada.read(7)
    assert ada.news()[-1] == "General read to 7, unread 0, mentions 0"


async def test_a_marker_never_goes_back_nor_beyond_the_head(chat: Chat) -> None:
    ada, ben = chat.enter("ada", "General"), chat.enter("ben", "General")
    fill(chat, ben, 4)
    ada.read(5).read(2).read(0)
    assert ada.news()[-3:] == ["General read to 5, unread 1, mentions 0"] * 3
    ada.read(1000)
    assert ada.news()[-1:] == ["General read to 6, unread 0, mentions 0"]


async def test_the_other_sessions_of_the_user_are_told_and_nobody_else(chat: Chat) -> None:
    ada, ben = chat.enter("ada", "General"), chat.enter("ben", "General")
    phone = chat.connect().hello("ada", ada.token)
    fill(chat, ben, 2)
    ben.news(), phone.news()
    ada.read(3).read(3)
    assert phone.news() == ["General read to 3, unread 1, mentions 0"]
    assert ben.news() == []
    assert await rooms(chat, phone) == (3, 1, 0)


async def test_who_was_never_in_a_room_has_read_nothing_of_it(chat: Chat) -> None:
    chat.enter("ben", "Kitchen")
    ada = chat.enter("ada", "General")
    ada.read(1, "Kitchen").read(1, "nowhere")
    assert ada.news() == ["error not-in-room", "error no-such-room"]
    assert await rooms(chat, ada, "Kitchen") == (None, None, None)
    stranger = chat.connect()
    assert (await rooms(chat, stranger))[0] is None


async def test_a_guest_whom_the_server_forgot_can_tell_how_far_a_room_was_read(
    chat: Chat,
) -> None:
    """Next day: the name was free, the token is another one, and what was said since is unread."""
    ada, ben = chat.enter("ada", "General"), chat.enter("ben", "General")
    chat.enter("eve", "Kitchen").say("the last one that she read", "Kitchen")
    chat.commit()
    seen = {room: chat.log.disk.events[room][1] for room in ("general", "kitchen")}
    ada.bye()
    chat.commit()
    chat.seconds += 86_400
    ben.say("good morning").say("Ada, are you there?")
    chat.commit()
    again = chat.connect().hello("ada")
    chat.commit()
    again.read(seen["general"].seq, at=seen["general"].at)
    again.read(seen["kitchen"].seq, "Kitchen", at=seen["kitchen"].at)
    assert await rooms(chat, again, "Kitchen") == (2, 0, 0), "where she is not at the moment"
    again.join()
    chat.commit()
    assert counts(again.last(RoomJoined)) == (2, 2, 1)
    again.read(1, at=ada.shown()[0].at)
    assert await rooms(chat, again) == (2, 2, 1), "it never goes back"


async def test_a_marker_of_a_room_that_was_made_anew_begins_anew() -> None:
    async with chatting(HubSettings(rate_limit=0, silent_room_seconds=60)) as chat:
        ada = chat.enter("ada", "Tea")
        for _ in range(3):
            ada.leave("Tea").join("Tea")
            chat.commit()
        ada.leave("Tea")
        chat.commit()
        for _ in range(3):
            chat.pass_time(120)
            chat.commit()
        assert "tea" not in chat.hub.rooms
        chat.enter("ben", "Tea")
        ada.join("Tea")
        chat.commit()
        assert counts(ada.last(RoomJoined)) == (2, 0, 0)


async def test_who_left_a_room_still_has_a_marker_there(chat: Chat) -> None:
    ada, ben = chat.enter("ada", "General"), chat.enter("ben", "General")
    ada.leave()
    chat.commit()
    ben.say("bye, ada")
    chat.commit()
    assert await rooms(chat, ada) == (1, 1, 1)
    ada.join()
    chat.commit()
    assert counts(ada.last(RoomJoined)) == (1, 1, 1)


async def test_what_is_only_on_disk_is_counted_there_and_once(
    chat: Chat, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[Stretch] = []
    count = chat.log.count

    async def watched(stretches: list[Stretch], user: UserId, *more: Any) -> object:
        asked.extend(stretches)
        return await count(stretches, user, *more)

    monkeypatch.setattr(chat.log, "count", watched)
    ada, ben = chat.enter("ada", "General"), chat.enter("ben", "General")
    fill(chat, ben, TAIL_EVENTS)
    fill(chat, ben, TAIL_EVENTS)
    ben.say("ada!")
    chat.commit()
    expected = (1, 2 * TAIL_EVENTS + 1, 1)
    assert await rooms(chat, ada) == expected
    assert await rooms(chat, ada) == expected
    ben.say("ada!!")
    chat.commit()
    assert await rooms(chat, ada) == (1, 2 * TAIL_EVENTS + 2, 2)
    assert asked == [Stretch(chat.hub.rooms["general"].which, 1, 2 * TAIL_EVENTS + 3)]
    assert AT_ONCE <= TAIL_EVENTS


async def test_what_comes_while_it_is_counted_is_counted_too(chat: Chat) -> None:
    ada, ben = chat.enter("ada", "General"), chat.enter("ben", "General")
    fill(chat, ben, 2 * TAIL_EVENTS)
    ada.send(ask.Rooms())
    ben.say("one more")
    chat.commit()
    await chat.quiet()
    assert listed(ada) == (1, 2 * TAIL_EVENTS + 1, 0)


async def test_more_than_a_thousand_are_not_counted(chat: Chat) -> None:
    ada, ben = chat.enter("ada", "General"), chat.enter("ben", "General")
    fill(chat, ben, LOOKED_AT + 2000)
    assert await rooms(chat, ada) == (1, MOST_UNREAD, 0)
    fill(chat, ben, 1)
    assert await rooms(chat, ada) == (1, MOST_UNREAD, 0)
    ada.read(LOOKED_AT + 2002)
    await chat.quiet()
    assert ada.news()[-1] == f"General read to {LOOKED_AT + 2002}, unread 1, mentions 0"


async def test_a_log_that_cannot_be_read_keeps_nobody_out(chat: Chat) -> None:
    ada, ben = chat.enter("ada", "General"), chat.enter("ben", "General")
    ada.leave()
    fill(chat, ben, 2 * TAIL_EVENTS)
    chat.log.readable = False
    ada.join()
    chat.commit()
    await chat.quiet()
    assert counts(ada.last(RoomJoined)) == (1, None, None)
    assert await rooms(chat, ada) == (1, None, None)
    chat.log.readable = True
    assert (await rooms(chat, ada))[1] == 2 * TAIL_EVENTS


async def test_who_is_gone_while_it_is_counted_leaves_no_trace(chat: Chat) -> None:
    ada, ben = chat.enter("ada", "General"), chat.enter("ben", "General")
    fill(chat, ben, 2 * TAIL_EVENTS)
    phone = chat.connect().hello("ada", ada.token).join()
    phone.lose_connection()
    ada.send(ask.Rooms())
    ada.lose_connection()
    await chat.quiet()
    chat.pass_time(HubSettings().leave_grace_seconds + 1)
    chat.commit()
    assert chat.members() == ["ben"]


@pytest.mark.parametrize("text", ["a" * 3999 + "b", "a ab " * 800, "é" * 4000, "い" * 4000])
async def test_long_odd_texts_are_counted_off_the_loop(
    chat: Chat, monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    looked_at: list[str] = []

    def watched(text: str, name: str) -> bool:
        looked_at.append(text)
        return mentions(text, name)

    monkeypatch.setattr(reading, "mentions", watched)
    a, ben = chat.enter("a", "General"), chat.enter("ben", "General")
    for _ in range(48):
        ben.say(text)
    ben.say("a, are you there?")
    chat.commit()
    named = 49 if mentions(text, "a") else 1
    assert await rooms(chat, a) == (1, 49, named)
    assert sum(map(len, looked_at)) <= 2 * CHARS_AT_ONCE


async def test_texts_of_usual_length_are_counted_at_once(chat: Chat) -> None:
    ada, ben = chat.enter("ada", "General"), chat.enter("ben", "General")
    for number in range(AT_ONCE - 10):
        ben.say(f"Привет, это сообщение номер {number}")
    chat.commit()
    ada.send(ask.Rooms())
    assert listed(ada) == (1, AT_ONCE - 10, 0)


@pytest.mark.parametrize("at_once", [True, False])
async def test_whom_one_has_blocked_makes_nothing_unread(chat: Chat, at_once: bool) -> None:
    ada, ben = await account(chat, "ada", "General"), await account(chat, "ben", "General")
    eve = await account(chat, "eve", "General")
    ada.read(3)
    if not at_once:  # so much that it is counted in the log
        fill(chat, ada, 2 * TAIL_EVENTS)
    ben.say("hello").say("Ada!")
    eve.say("@ada, look!").say("look!").say("LOOK!")
    await settle(chat)
    assert (await rooms(chat, ada))[1:] == (5, 2)
    await do(ada, ask.Block, user="eve")
    assert (await rooms(chat, ada))[1:] == (2, 1), "what was counted is counted anew"
    eve.say("ada, ada, ada")
    await settle(chat)
    ada.news()
    ada.read(3)
    await settle(chat)
    assert ada.news() == ["General read to 3, unread 2, mentions 1"]
    phone = await log_in(chat, "ada", "General")
    assert counts(phone.last(RoomJoined))[1:] == (2, 1)
    await do(ada, ask.Block, user="eve", on=False)
    assert (await rooms(chat, ada))[1:] == (6, 3)


async def test_what_a_line_client_was_shown_is_read_when_it_goes_to_another_room(
    chat: Chat,
) -> None:
    await account(chat, "ada", "General")
    nc = chat.connect(line=True)
    nc.send(ask.Hello(user=UserName.parse("ada"), password=SECRET))
    await settle(chat)
    ben = chat.enter("ben", "General")
    nc.join()
    await settle(chat)
    ben.say("hello").say("ada?")
    await settle(chat)
    nc.leave()
    ben.say("gone?")
    await settle(chat)
    page = await log_in(chat, "ada")
    assert (await rooms(chat, page))[1:] == (1, 0)


async def test_clients_take_turns_at_what_is_counted_in_the_log(
    chat: Chat, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    count, may_go = chat.log.count, asyncio.Event()

    async def watched(stretches: list[Stretch], user: UserId, *more: Any) -> object:
        asked.append(more[0])
        await may_go.wait()
        return await count(stretches, user, *more)

    monkeypatch.setattr(chat.log, "count", watched)
    ada, ben = chat.enter("ada", "General"), chat.enter("ben", "General")
    fill(chat, ben, 2 * TAIL_EVENTS)
    eve = chat.connect(address="other").hello("eve").join()
    chat.commit()
    fill(chat, ben, 2 * TAIL_EVENTS)
    phone = chat.connect().hello("ada", ada.token)
    for person in (ada, phone, eve):
        person.send(ask.Rooms())
    await chat.quiet()
    assert asked == ["ada"]
    phone.lose_connection()
    may_go.set()
    await chat.quiet()
    assert asked[:2] == ["ada", "eve"]
    assert listed(ada)[1] == MOST_UNREAD
    assert listed(eve)[1] == 2 * TAIL_EVENTS


# Over restarts


async def test_markers_are_saved_together_and_come_back_after_a_restart(chat: Chat) -> None:
    ada, ben = chat.enter("ada", "General", "Kitchen"), chat.enter("ben", "General")
    fill(chat, ben, 5)
    for seq in range(2, 6):
        ada.read(seq)
    assert chat.log.waiting == 0, "reading does not write at once"
    chat.pass_time(SAVE_SECONDS)
    assert chat.log.waiting == 1
    chat.commit()
    await chat.crash()
    async with chatting(disk=chat.log.disk) as again:
        back = again.connect().hello("ada", ada.token)
        assert await rooms(again, back) == (5, 2, 0)
        assert (await rooms(again, back, "Kitchen"))[:2] == (1, 0)


async def test_a_marker_of_a_log_that_was_cut_off_is_at_its_end(chat: Chat) -> None:
    ada, ben = chat.enter("ada", "General"), chat.enter("ben", "General")
    fill(chat, ben, 3)
    ada.read(5)
    chat.pass_time(SAVE_SECONDS)
    chat.commit()
    await chat.crash()
    del chat.log.disk.events["general"][2:]
    async with chatting(disk=chat.log.disk) as again:
        back = again.connect().hello("ada", ada.token)
        assert await rooms(again, back) == (2, 0, 0)


async def test_markers_that_cannot_be_saved_are_saved_later(chat: Chat) -> None:
    ada = chat.enter("ada", "General")
    chat.pass_time(SAVE_SECONDS)
    chat.fail()
    assert not chat.log.disk.markers
    chat.pass_time(SAVE_SECONDS)
    chat.commit()
    assert list(chat.log.disk.markers.values()) == [1]
    assert ada.session.user is not None


async def test_a_name_that_is_free_again_takes_its_markers_along(chat: Chat) -> None:
    ada = chat.enter("ada", "General")
    chat.pass_time(SAVE_SECONDS)
    chat.commit()
    assert len(chat.log.disk.markers) == 1
    ada.bye()
    chat.commit()
    chat.pass_time(SAVE_SECONDS)
    chat.commit()
    assert chat.log.disk.markers == {}


async def test_nothing_is_kept_for_who_has_no_token(chat: Chat) -> None:
    """Line clients cannot ask for it, and there may be thousands."""
    ada, ben = chat.enter("ada", "General", line=True), chat.enter("ben", "General")
    fill(chat, ben, 1)
    chat.pass_time(SAVE_SECONDS)
    chat.commit()
    assert ada.session.user is not None
    assert ada.session.user.places == {}
    assert len(chat.log.disk.markers) == 1, "ben's"
    assert await rooms(chat, ada) == (None, None, None)
    ada.read(1)
    assert ada.last(Refused).code == "not-in-room"


async def test_what_was_read_last_is_saved_when_the_server_stops(chat: Chat) -> None:
    ada, ben = chat.enter("ada", "General"), chat.enter("ben", "General")
    fill(chat, ben, 1)
    ada.read(3)
    await chat.hub.close()
    chat.commit()
    assert sorted(chat.log.disk.markers.values()) == [2, 3]


async def test_more_markers_than_one_group_are_saved_one_group_after_the_other() -> None:
    async with chatting(HubSettings(rate_limit=0, client_rooms_per_day=0)) as chat:
        ada, eve = chat.enter("ada"), chat.enter("eve")
        many = [f"room{number}" for number in range(GROUP // 2 + 1)]
        for person in (ada, eve):
            for room in many:
                person.send(ask.Say(room=RoomName.parse(room), text="hello", outside=True))
        chat.commit()
        for person in (ada, eve):
            for room in many:
                person.read(1, room, at=NOON)
        assert not await chat.log.markers()
        chat.pass_time(SAVE_SECONDS)
        chat.commit()
        assert len(await chat.log.markers()) == GROUP
        chat.pass_time(TICK_SECONDS)
        chat.commit()
        assert len(await chat.log.markers()) == 2 * len(many)
