"""Coming into a room: what one is shown, and what the others see of it."""

from __future__ import annotations

import pytest

from hubbub.domain.replies import RoomJoined
from hubbub.hub.access import ANYBODY
from hubbub.hub.settings import ALL_HISTORY, HubSettings
from tests.hub.chat import NOON, Chat, chatting


@pytest.mark.parametrize(
    "history, shown", [(0, 0), (5, 5), (100, 100), (150, 150), (300, 200), (ALL_HISTORY, 200)]
)
async def test_who_joins_is_shown_the_last_events_then_the_own_join_then_what_comes(
    history: int, shown: int
) -> None:
    async with chatting(HubSettings(rate_limit=0, history_on_join=history)) as chat:
        ada = chat.enter("ada", "General")
        for number in range(199):
            ada.say(f"text {number}")
        chat.commit()
        before = chat.story()
        assert len(before) == 200
        ben = chat.enter("ben")
        ben.join()
        chat.commit()
        await chat.quiet()
        ada.say("hello ben")
        chat.commit()
        await chat.quiet()
        assert ben.received[1] == RoomJoined(
            room="General",
            users=["ada", "ben"],
            head=201,
            after=200 - shown,
            read=201,
            unread=0,
            mentions=0,
            made=NOON,
        )
        past = before[len(before) - shown :]
        assert ben.story() == [*past, "201 ben joined", "202 ada: hello ben"]


async def test_a_join_is_seen_by_those_who_are_there(chat: Chat) -> None:
    ada = chat.enter("ada", "General")
    chat.enter("ben", "General")
    assert ada.news() == ["General 2 ben joined"]


async def test_nobody_sees_a_join_that_is_not_on_disk(chat: Chat) -> None:
    ada = chat.enter("ada", "General")
    ben = chat.enter("ben")
    ben.join()
    assert ben.news() == ada.news() == []
    assert chat.members() == ["ada"]
    chat.commit()
    assert ben.news()[0] == "joined General after 0 with ada, ben"
    assert ada.news() == ["General 2 ben joined"]


async def test_joining_a_room_that_nobody_made_makes_it(chat: Chat) -> None:
    ada = chat.enter("ada", "Kitchen")
    assert ada.story("Kitchen") == ["1 ada joined"]
    assert [(room.name, room.users) for room in chat.hub.room_list(ANYBODY).rooms] == [
        ("Kitchen", 1),
        ("General", 0),
    ]


async def test_a_room_is_one_whatever_the_case_of_its_name(chat: Chat) -> None:
    chat.enter("ada", "Kitchen")
    ben = chat.enter("ben", "kitchen")
    assert ben.last(RoomJoined).room == "Kitchen"
    assert chat.members("KITCHEN") == ["ada", "ben"]


async def test_a_room_that_everybody_left_stays_with_its_history(chat: Chat) -> None:
    chat.enter("ada", "Kitchen").say("soup is ready").leave("Kitchen")
    chat.commit()
    assert [(room.name, room.users, room.head) for room in chat.hub.room_list(ANYBODY).rooms] == [
        ("General", 0, 0),
        ("Kitchen", 0, 2),
    ]


async def test_the_past_of_a_room_that_everybody_left_is_read_from_the_log(chat: Chat) -> None:
    ada = chat.enter("ada", "Kitchen").say("soup", "Kitchen")
    chat.commit()
    ada.leave("Kitchen")
    chat.commit()
    ben = chat.enter("ben", "Kitchen")
    await chat.quiet()
    assert ben.story("Kitchen") == ["1 ada joined", "2 ada: soup", "3 ada left", "4 ben joined"]


async def test_two_who_join_in_one_commit_see_each_other_once(chat: Chat) -> None:
    ada, ben = chat.enter("ada"), chat.enter("ben")
    ada.join()
    ben.join()
    chat.commit()
    await chat.quiet()
    assert ada.story() == ben.story() == ["1 ada joined", "2 ben joined"]


async def test_texts_in_the_same_commit_as_a_join_come_once(chat: Chat) -> None:
    ada, ben = chat.enter("ada", "General"), chat.enter("ben")
    ada.say("before")
    ben.join()
    ada.say("after")
    chat.commit()
    await chat.quiet()
    assert ben.story() == ["1 ada joined", "2 ada: before", "3 ben joined", "4 ada: after"]
    assert ada.story() == ben.story()


async def test_joining_twice_moves_nothing_when_no_cursor_is_given(chat: Chat) -> None:
    ada = chat.enter("ada", "General")
    ada.join()
    assert ada.news() == ["joined General after 1 with ada"]
    ada.say("once")
    chat.commit()
    assert ada.story() == ["1 ada joined", "2 ada: once"]
    assert chat.story() == ["1 ada joined", "2 ada: once"]


async def test_joining_again_with_a_cursor_shows_again_what_is_behind_it(chat: Chat) -> None:
    ada = chat.enter("ada", "General")
    ada.say("one").say("two")
    chat.commit()
    ada.news()
    ada.join(after=1)
    await chat.quiet()
    assert ada.news() == [
        "joined General after 1 with ada",
        "General 2 ada: one",
        "General 3 ada: two",
    ]


async def test_joining_with_a_cursor_shows_everything_behind_it_and_nothing_before(
    chat: Chat,
) -> None:
    ada = chat.enter("ada", "General")
    for number in range(400):
        ada.say(f"text {number}")
    chat.commit()
    ben = chat.enter("ben").join(after=50)
    chat.commit()
    await chat.quiet()
    assert ben.story() == chat.story()[50:]
    assert ben.last(RoomJoined).after == 50


async def test_a_cursor_beyond_the_log_is_refused(chat: Chat) -> None:
    ada = chat.enter("ada", "General")
    ben = chat.enter("ben")
    ben.join(after=2)
    ben.join("Kitchen", after=1)
    ada.join(after=99)
    assert ben.news() == ["error bad-cursor", "error no-such-room"]
    assert ada.news() == ["error bad-cursor"]
    assert chat.log.waiting == 0
    assert "kitchen" not in chat.hub.rooms
    ben.join(after=1)
    chat.commit()
    await chat.quiet()
    assert ben.story() == ["2 ben joined"]
    assert ada.shown()[-1].by == "ben", "a refused cursor leaves her live"


async def test_leaving_is_told_to_those_who_stay_and_to_oneself(chat: Chat) -> None:
    ada, ben = chat.enter("ada", "General"), chat.enter("ben", "General")
    ada.news()
    ben.leave()
    assert ben.news() == ["left General"]
    chat.commit()
    assert ada.news() == ["General 3 ben left"]
    assert ben.news() == []
    assert chat.members() == ["ada"]


async def test_leaving_and_coming_back_at_once_leaves_both_lines_in_order(chat: Chat) -> None:
    ada, ben = chat.enter("ada", "General"), chat.enter("ben", "General")
    ben.leave().join().say("I am back")
    chat.commit()
    await chat.quiet()
    assert ada.story()[1:] == ["2 ben joined", "3 ben left", "4 ben joined", "5 ben: I am back"]
    assert chat.members() == ["ada", "ben"]


async def test_who_is_in_no_room_cannot_speak_leave_or_type_there(chat: Chat) -> None:
    ada = chat.enter("ada")
    ada.say("hello?", nonce="n").leave()
    await chat.quiet()
    assert ada.news() == ["error not-in-room n", "error not-in-room"]
    assert chat.story() == []


async def test_the_list_of_names_is_kept_until_a_crowd_is_in(chat: Chat) -> None:
    people = [chat.enter(f"guest{number}", "General") for number in range(32)]
    for person in people:
        seen = [seq for seq, *_ in map(str.split, person.story())]
        assert seen == [str(seq) for seq in range(1, 33)]
    room = chat.hub.rooms["general"]
    assert len(room.names()) == 32
    chat.hub.tick()
    names: list[object] = [room._names]
    assert names[0], "there may be more of them"
    chat.hub.tick()
    names.append(room._names)
    assert names[1] is None
    late = chat.enter("late", "General")
    assert late.story()[-1] == "33 late joined"
