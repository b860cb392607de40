from __future__ import annotations

from hubbub.domain import replies as told
from hubbub.hub.access import ANYBODY
from hubbub.hub.settings import HubSettings
from tests.hub.chat import Chat, chatting

SETTINGS = HubSettings(rate_limit=0, silent_room_seconds=600)


def visit(chat: Chat, room: str, text: str | None = None) -> None:
    """Ada comes, says something or nothing, and goes."""
    ada = chat.enter("ada", room)
    if text is not None:
        ada.say(text, room)
    ada.bye()
    chat.commit()


def names(chat: Chat) -> list[str]:
    return [room.name for room in chat.hub.room_list(ANYBODY).rooms]


async def test_a_room_in_which_nothing_was_said_goes_after_a_while() -> None:
    async with chatting(SETTINGS) as chat:
        visit(chat, "silence")
        visit(chat, "talk", "hello")
        chat.pass_time(599)
        assert names(chat) == ["General", "silence", "talk"]
        chat.pass_time(61)
        chat.commit()
        assert names(chat) == ["General", "talk"]
        assert chat.hub.stats()["rooms_forgotten"] == 1
        assert [str(room.name) for room in await chat.log.rooms()] == ["General", "talk"]


async def test_a_room_somebody_is_in_stays_and_so_does_the_first_one() -> None:
    async with chatting(SETTINGS) as chat:
        visit(chat, "General")
        chat.enter("ben", "silence")
        chat.pass_time(3600)
        chat.commit()
        assert names(chat) == ["silence", "General"]


async def test_a_room_made_anew_begins_a_log_of_its_own() -> None:
    async with chatting(SETTINGS) as chat:
        visit(chat, "silence")
        ben = chat.enter("ben")
        chat.pass_time(3600)
        ben.join("silence")  # before the disk knows
        chat.commit()
        assert ben.last(told.RoomJoined).after == 0
        assert ben.story("silence") == ["1 ben joined"]


async def test_a_room_that_could_not_be_forgotten_is_there_again() -> None:
    async with chatting(SETTINGS) as chat:
        visit(chat, "silence")
        chat.pass_time(3600)
        chat.fail()
        assert names(chat) == ["General", "silence"]
        ben = chat.enter("ben", "silence")
        await chat.quiet()
        assert ben.story("silence") == ["1 ada joined", "2 ada left", "3 ben joined"]


async def test_a_room_that_was_joined_while_it_could_not_be_forgotten_has_no_hole() -> None:
    async with chatting(SETTINGS) as chat:
        visit(chat, "silence")
        ben = chat.enter("ben")
        chat.pass_time(3600)
        ben.join("silence")
        chat.log.fail_next(1)
        chat.commit()
        await chat.quiet()
        assert ben.story("silence")[-1] == "3 ben joined"
        ben.say("hello", "silence")
        chat.commit()
        assert ben.story("silence")[-1] == "4 ben: hello"


async def test_after_a_restart_it_is_known_where_something_was_said() -> None:
    async with chatting(SETTINGS) as chat:
        visit(chat, "silence")
        visit(chat, "talk", "hello")
        disk = chat.log.disk
    async with chatting(SETTINGS, disk=disk) as chat:
        chat.pass_time(61)
        chat.commit()
        assert names(chat) == ["General", "silence", "talk"]
        chat.pass_time(3600)
        chat.commit()
        assert names(chat) == ["General", "talk"]
