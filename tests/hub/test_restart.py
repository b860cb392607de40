"""The hub starts again from its log: after a crash, and after a proper end."""

from __future__ import annotations

import pytest

from hubbub.domain.names import RoomName
from hubbub.domain.rules import RoomAccess
from hubbub.domain.state import RoomFacts, RoomSummary
from hubbub.hub.access import ANYBODY
from hubbub.hub.ports import MakeRoom, RoomRecord
from hubbub.hub.settings import HubSettings
from tests.hub.chat import Chat, chatting
from tests.memorylog.log import Disk, MemoryLog

GRACE = HubSettings().leave_grace_seconds
HOLD = HubSettings().hold_seconds


async def test_an_empty_log_begins_with_a_room(chat: Chat) -> None:
    assert [room.name for room in await chat.log.rooms()] == ["General"]
    async with chatting(disk=chat.log.disk) as after:
        assert [room.name for room in after.hub.room_list(ANYBODY).rooms] == ["General"]


async def test_no_room_is_made_where_the_setting_says_so() -> None:
    async with chatting(HubSettings(first_room="")) as chat:
        assert chat.hub.room_list(ANYBODY).rooms == []


async def test_the_first_room_is_not_made_beside_others() -> None:
    disk = Disk()
    async with chatting(disk=disk) as chat:
        chat.log.append(MakeRoom(RoomName.parse("Kitchen")))
        chat.commit()
    async with chatting(HubSettings(first_room="Lobby"), disk=disk) as after:
        assert sorted(room.name for room in after.hub.room_list(ANYBODY).rooms) == [
            "General",
            "Kitchen",
        ]


async def test_rooms_come_back_with_their_heads_and_times(chat: Chat) -> None:
    chat.enter("ada", "General", "Kitchen").say("hello")
    chat.commit()
    before = {room.name: (room.head, room.at) for room in chat.hub.room_list(ANYBODY).rooms}
    async with chatting(disk=chat.log.disk) as after:
        assert {
            room.name: (room.head, room.at) for room in after.hub.room_list(ANYBODY).rooms
        } == before
        eve = after.enter("eve", "General")
        await after.quiet()
        assert eve.story() == ["1 ada joined", "2 ada: hello", "3 eve joined"]


async def test_a_room_that_only_members_may_read_comes_back_as_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    hidden = RoomSummary(facts=RoomFacts(access=RoomAccess.MEMBERS))

    async def rooms(_: MemoryLog) -> list[RoomRecord]:
        return [RoomRecord(RoomName.parse("General"), hidden)]

    monkeypatch.setattr(MemoryLog, "rooms", rooms)
    async with chatting() as chat:
        assert chat.hub.rooms["general"].access is RoomAccess.MEMBERS
        assert chat.hub.room_list(ANYBODY).rooms == []


async def test_line_clients_of_before_have_left_at_once(chat: Chat) -> None:
    chat.enter("ben", "General", line=True)
    async with chatting(disk=chat.log.disk) as after:
        assert after.story() == ["1 ben joined", "2 ben left"]
        assert after.members() == []


async def test_guests_of_before_leave_when_the_grace_is_over(chat: Chat) -> None:
    chat.enter("ada", "General")
    async with chatting(disk=chat.log.disk) as after:
        assert after.members() == ["ada"]
        after.pass_time(GRACE)
        after.commit()
        assert after.story() == ["1 ada joined", "2 ada left"]


async def test_guests_who_come_back_in_time_never_left(chat: Chat) -> None:
    ada = chat.enter("ada", "General")
    async with chatting(disk=chat.log.disk) as after:
        again = after.connect().hello("ada", ada.token).join(after=1)
        after.pass_time(GRACE)
        assert after.drafts == 0
        again.say("back")
        after.commit()
        assert again.story() == ["2 ada: back"]


async def test_tokens_and_names_hold_over_a_restart(chat: Chat) -> None:
    ada = chat.enter("ada", "General")
    chat.commit()
    async with chatting(disk=chat.log.disk) as after:
        assert after.connect().hello("ada").news() == ["error name-taken"]
        assert after.connect().hello("ada", ada.token).news() == ["welcome ada"]


async def test_a_crash_before_the_welcome_locks_nobody_out(chat: Chat) -> None:
    """The name is saved before the token is told: who never heard of it comes without one."""
    lost = chat.enter("ada")
    async with chatting(disk=chat.log.disk) as after:
        ada = after.connect().hello("ada")
        after.commit()
        assert ada.news() == ["welcome ada"]
        assert ada.token not in (None, lost.token)
        assert after.connect().hello("ada", lost.token).news() == ["error name-taken"]
        after.commit()
        async with chatting(disk=after.log.disk) as later:
            assert later.connect().hello("ada", ada.token).news() == ["welcome ada"]


async def test_a_token_that_was_told_holds_where_nobody_has_taken_the_name(chat: Chat) -> None:
    ada = chat.enter("ada")
    async with chatting(disk=chat.log.disk) as after:
        assert after.connect().hello("ada", ada.token).news() == ["welcome ada"]
        assert after.connect().hello("ada").news() == ["error name-taken"]


async def test_names_of_before_are_free_when_the_hold_is_over(chat: Chat) -> None:
    chat.enter("ada")
    async with chatting(disk=chat.log.disk) as after:
        after.pass_time(HOLD)
        after.commit()
        assert await after.log.guests() == []
        assert after.enter("ada").token


async def test_a_guest_whom_the_log_does_not_know_any_more_has_left_at_once(chat: Chat) -> None:
    """The disk was full at the hello, and had room at the join."""
    ada = chat.connect().hello("ada")
    chat.fail()
    ada.join()
    chat.commit()
    async with chatting(disk=chat.log.disk) as after:
        assert after.story() == ["1 ada joined", "2 ada left"]


async def test_what_was_not_committed_at_a_crash_is_nowhere(chat: Chat) -> None:
    ada = chat.enter("ada", "General")
    ada.say("saved")
    chat.commit()
    ada.say("not saved", nonce="n")
    async with chatting(disk=chat.log.disk) as after:
        again = after.connect().hello("ada", ada.token).join(after=2).say("not saved", nonce="n")
        after.commit()
        await after.quiet()
        assert again.story() == ["3 ada: not saved"]


async def test_a_crash_right_after_the_start_loses_no_leave(chat: Chat) -> None:
    chat.enter("ben", "General", line=True)
    halfway = Chat(disk=chat.log.disk)
    await halfway.start()
    await halfway.crash()
    async with chatting(disk=chat.log.disk) as after:
        assert after.story() == ["1 ben joined", "2 ben left"]
