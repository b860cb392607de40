from __future__ import annotations

import asyncio

import pytest

from hubbub.domain import commands as ask
from hubbub.domain import replies as told
from hubbub.domain.events import AnyEvent
from hubbub.domain.names import RoomName
from hubbub.hub.access import ANYBODY
from hubbub.hub.ports import Lines, Passage
from hubbub.hub.settings import HubSettings
from tests.hub.chat import Chat, Person, chatting
from tests.memorylog.log import MemoryLog

LUNHC = RoomName.parse("lunhc")


def delete(person: Person, room: str = "lunhc") -> None:
    person.send(ask.Delete(room=RoomName.parse(room), id=7))


class SlowToRead(MemoryLog):
    """Reads when it is told to."""

    def __init__(self) -> None:
        super().__init__()
        self.asked, self.answers = asyncio.Event(), asyncio.Event()

    async def read(self, room: int | str, after: int, upto: int) -> list[AnyEvent]:
        self.asked.set()
        await self.answers.wait()
        return await super().read(room, after, upto)

    async def timeline(self, room: int | str, passage: Passage) -> Lines:
        self.asked.set()
        await self.answers.wait()
        return await super().timeline(room, passage)


def names(chat: Chat) -> list[str]:
    return [room.name for room in chat.hub.room_list(ANYBODY).rooms]


async def test_who_makes_a_room_is_told_so_and_nobody_else() -> None:
    async with chatting() as chat:
        ada, ben = chat.enter("ada", "lunhc"), chat.enter("ben", "lunhc")
        assert [one.new for one in (*ada.all(told.RoomJoined), *ben.all(told.RoomJoined))] == [
            True,
            False,
        ]


async def test_the_room_with_which_the_server_begins_was_made_by_nobody() -> None:
    async with chatting() as chat:
        assert not chat.enter("ada", "General").last(told.RoomJoined).new


async def test_a_room_that_was_mistyped_is_deleted_by_who_is_in_it() -> None:
    async with chatting() as chat:
        ada = chat.enter("ada", "lunhc")
        delete(ada)
        chat.commit()
        assert ada.last(told.RoomDeleted) == told.RoomDeleted(re=7, room="lunhc")
        assert names(chat) == ["General"]
        assert [str(room.name) for room in await chat.log.rooms()] == ["General"]
        assert await chat.log.members() == []


async def test_a_room_is_deleted_by_whoever_finds_it_empty() -> None:
    async with chatting() as chat:
        chat.enter("ada", "lunhc").leave("lunhc")
        ben = chat.enter("ben")
        chat.commit()
        delete(ben, "LUNHC")
        chat.commit()
        assert ben.news()[-1] == "deleted lunhc"


async def test_after_a_deletion_one_is_in_the_room_no_longer() -> None:
    async with chatting() as chat:
        ada = chat.enter("ada", "lunhc")
        delete(ada)
        ada.say("hello", "lunhc")
        chat.commit()
        assert ada.news()[-2:] == ["deleted lunhc", "error not-in-room"]
        ada.bye()
        chat.commit()
        assert names(chat) == ["General"]


async def test_ones_other_devices_are_told_and_are_out_too() -> None:
    async with chatting() as chat:
        ada = chat.enter("ada", "lunhc")
        token = ada.last(told.Welcome).token
        phone = chat.connect().hello("ada", token).join("lunhc")
        delete(ada)
        chat.commit()
        assert phone.last(told.RoomDeleted) == told.RoomDeleted(room="lunhc")
        phone.say("hello", "lunhc")
        assert phone.news()[-1] == "error not-in-room"


async def test_a_room_in_which_something_was_said_stays() -> None:
    async with chatting() as chat:
        ada = chat.enter("ada", "lunhc").say("hello", "lunhc")
        chat.commit()
        delete(ada)
        refused = ada.last(told.Refused)
        assert (refused.re, refused.code, refused.room) == (7, "room-has-texts", "lunhc")
        await chat.crash()
        ben = chat.enter("ben")
        delete(ben)
        assert ben.last(told.Refused).code == "room-has-texts"


async def test_a_text_on_its_way_to_the_disk_counts() -> None:
    async with chatting() as chat:
        ada = chat.enter("ada", "lunhc")
        ada.leave("lunhc")
        chat.commit()
        chat.enter("eve").send(ask.Say(room=LUNHC, text="hello", outside=True))
        ben = chat.connect().hello("ben")
        delete(ada)
        assert ada.last(told.Refused).code == "room-has-texts"
        chat.commit()
        assert ben.news()[-1] == "welcome ben"
        assert "lunhc" in names(chat)


@pytest.mark.parametrize("how", ["is here", "was cut off a moment ago"])
async def test_a_room_in_which_somebody_else_is_stays(how: str) -> None:
    async with chatting(HubSettings(rate_limit=0, leave_grace_seconds=5)) as chat:
        ada, ben = chat.enter("ada", "lunhc"), chat.enter("ben", "lunhc")
        if how != "is here":
            ben.lose_connection()
        delete(ada)
        assert ada.last(told.Refused).code == "room-in-use"
        assert ada.last(told.Refused).message.startswith("lunhc was not deleted: ben is in it.")
        ada.say("hello", "lunhc")
        chat.commit()
        assert ada.story("lunhc")[-1] == "3 ada: hello"


async def test_somebody_who_is_just_coming_in_is_in_it() -> None:
    async with chatting() as chat:
        ada = chat.enter("ada", "lunhc")
        chat.enter("ben").join("lunhc")  # not on disk yet
        delete(ada)
        assert ada.last(told.Refused).code == "room-in-use"


async def test_somebody_who_has_just_left_is_not_in_it_and_soon_in_nobodys_way() -> None:
    async with chatting() as chat:
        ada, ben = chat.enter("ada", "lunhc"), chat.enter("ben", "lunhc")
        ben.send(ask.Leave(room=LUNHC))
        delete(ada)
        refused = ada.last(told.Refused)
        assert (refused.code, refused.retry_after) == ("room-in-use", 1.0)
        assert "ben is in it" not in refused.message
        chat.commit()
        delete(ada)
        chat.commit()
        assert ada.last(told.RoomDeleted).room == "lunhc"


async def test_ones_own_device_that_is_just_coming_in_is_not_left_waiting() -> None:
    async with chatting() as chat:
        ada = chat.enter("ada")
        token = ada.last(told.Welcome).token
        phone = chat.connect().hello("ada", token).join("lunhc")
        delete(ada)
        refused = ada.last(told.Refused)
        assert (refused.code, refused.retry_after) == ("room-in-use", 1.0)
        chat.commit()
        assert phone.last(told.RoomJoined).room == "lunhc"
        delete(ada)
        chat.commit()
        assert ada.news()[-1] == phone.news()[-1] == "deleted lunhc"


async def test_the_first_room_stays_and_one_that_is_not_there_cannot_go() -> None:
    async with chatting() as chat:
        ada = chat.enter("ada")
        delete(ada, "General")
        delete(ada, "Kitchen")
        assert ada.news()[-2:] == ["error room-stays", "error no-such-room"]


async def test_only_who_has_a_name_deletes() -> None:
    async with chatting() as chat:
        chat.enter("ada", "lunhc").leave("lunhc")
        chat.commit()
        nobody = chat.connect()
        delete(nobody)
        assert nobody.news() == ["error need-name"]
        assert "lunhc" in names(chat)


async def test_a_room_that_the_disk_does_not_forget_is_there_again_and_empty() -> None:
    async with chatting() as chat:
        ada = chat.enter("ada", "lunhc")
        delete(ada)
        chat.fail()
        chat.commit()
        assert ada.news()[-2:] == ["left lunhc", "error log-unavailable"]
        assert names(chat) == ["General", "lunhc"]
        ben = chat.enter("ben", "lunhc")
        await chat.quiet()
        assert ben.story("lunhc") == ["1 ada joined", "2 ada left", "3 ben joined"]


async def test_a_room_of_that_name_made_again_is_another_one() -> None:
    async with chatting() as chat:
        ada = chat.enter("ada", "lunhc")
        ben = chat.enter("ben")
        delete(ada)
        ben.join("lunhc")  # before the disk knows
        chat.commit()
        assert ben.story("lunhc") == ["1 ben joined"]
        assert ben.last(told.RoomJoined).new
        ada.join("lunhc")
        chat.commit()
        ben.say("hello", "lunhc")
        chat.commit()
        ada.send(ask.Rooms())
        (info,) = [one for one in ada.last(told.RoomList).rooms if one.name == "lunhc"]
        assert (info.read, info.unread) == (2, 1)


async def test_nothing_of_a_deletion_is_owed_after_a_crash() -> None:
    async with chatting() as chat:
        ada = chat.enter("ada", "lunhc")
        delete(ada)
        chat.commit()
        await chat.crash()
        chat.pass_time(3600)
        chat.commit()
        assert names(chat) == ["General"]


async def test_a_room_is_deleted_while_its_past_is_read_and_others_go_on_being_fed() -> None:
    log = SlowToRead()
    async with chatting(log=lambda _: log) as chat:
        ada = chat.enter("ada", "lunhc").leave("lunhc")
        chat.commit()
        ada.join("lunhc", after=0)
        chat.commit()
        await log.asked.wait()
        delete(ada)
        chat.commit()
        log.answers.set()
        await chat.quiet()
        ben = chat.enter("ben", "General").leave()
        chat.commit()
        ben.join(after=0)
        chat.commit()
        await chat.quiet()
        assert ben.story()[-3:] == ["1 ben joined", "2 ben left", "3 ben joined"]


@pytest.mark.parametrize(
    "asks, answer",
    [
        (ask.Say(room=LUNHC, text="Who?", reply_to=1, outside=True), "error no-such-room"),
        (ask.History(room=LUNHC), "error no-such-room"),
        (ask.Join(room=LUNHC, after=1, after_at=1), "error bad-cursor"),
    ],
)
async def test_what_waits_for_the_past_of_a_room_that_is_deleted_is_answered(
    asks: ask.Command, answer: str
) -> None:
    log = SlowToRead()
    async with chatting(log=lambda _: log) as chat:
        ada = chat.enter("ada", "lunhc").leave("lunhc")
        ben = chat.enter("ben").send(asks).ping()
        chat.commit()
        await log.asked.wait()
        delete(ada)
        chat.commit()
        log.answers.set()
        await chat.quiet()
        assert ben.news() == [answer, "pong"]


async def test_nobody_is_shown_the_past_of_a_former_room_of_that_name() -> None:
    async with chatting() as chat:
        stories = []
        for name in ("ada", "ben"):
            person = chat.enter(name, "lunhc").leave("lunhc")
            chat.commit()
            person.join("lunhc", after=0)  # nobody was there: what was before is on disk alone
            chat.commit()
            await chat.quiet()
            stories.append(person.story("lunhc")[-3:])
            delete(person)
            chat.commit()
        assert stories == [
            ["1 ada joined", "2 ada left", "3 ada joined"],
            ["1 ben joined", "2 ben left", "3 ben joined"],
        ]


@pytest.mark.parametrize(
    "comes",
    [ask.Join(room=LUNHC), ask.Say(room=LUNHC, text="Here?", outside=True)],
)
async def test_a_room_stays_when_neither_its_end_nor_a_new_beginning_could_be_saved(
    comes: ask.Command,
) -> None:
    async with chatting() as chat:
        ada, ben = chat.enter("ada", "lunhc"), chat.enter("ben")
        delete(ada)
        ben.send(comes)
        chat.fail()
        assert ada.news() == ["left lunhc", "error log-unavailable"]
        assert ben.news() == ["error log-unavailable"]
        assert names(chat) == ["lunhc", "General"]
        chat.commit()
        assert chat.story("lunhc") == ["1 ada joined", "2 ada left"]
        delete(ben)
        chat.commit()
        assert names(chat) == ["General"]
