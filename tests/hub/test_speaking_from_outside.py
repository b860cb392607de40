"""Texts that are said without being in the room."""

from __future__ import annotations

from hubbub.domain import commands as ask
from hubbub.domain import replies as told
from hubbub.domain.names import RoomName
from hubbub.hub.access import ANYBODY
from hubbub.hub.settings import HubSettings
from tests.hub.chat import Chat, Person, chatting

KITCHEN = RoomName.parse("Kitchen")


def call(
    person: Person,
    text: str,
    room: str = "General",
    nonce: str | None = None,
    reply_to: int | None = None,
) -> None:
    name = RoomName.parse(room)
    person.send(ask.Say(room=name, text=text, nonce=nonce, reply_to=reply_to, outside=True))


def names(chat: Chat) -> list[str]:
    return [room.name for room in chat.hub.room_list(ANYBODY).rooms]


async def test_a_text_is_said_without_coming_and_going() -> None:
    async with chatting() as chat:
        ada, build = chat.enter("ada", "General"), chat.enter("build")
        call(build, "all is green", nonce="n1")
        chat.commit()
        assert build.news()[-1] == "ack General 2 n1"
        build.bye()
        chat.commit()
        assert ada.story() == ["1 ada joined", "2 build: all is green"]
        assert chat.members() == ["ada"]


async def test_without_the_word_one_has_to_be_in_the_room() -> None:
    async with chatting() as chat:
        build = chat.enter("build")
        build.say("hello")
        assert build.news()[-1] == "error not-in-room"


async def test_a_room_that_is_not_there_is_made() -> None:
    async with chatting() as chat:
        build = chat.enter("build")
        call(build, "hello", "Kitchen")
        chat.commit()
        assert build.news()[-1] == "ack Kitchen 1"
        assert build.last(told.Ack).new
        call(build, "again", "Kitchen")
        call(build, "the first of all", "General")
        chat.commit()
        acks = build.all(told.Ack)
        assert [(one.room, one.seq, one.new) for one in acks[1:]] == [
            ("Kitchen", 2, False),
            ("General", 1, False),  # the server made that one
        ]
        assert chat.story("Kitchen") == ["1 build: hello", "2 build: again"]
        assert not chat.enter("ada", "Kitchen").last(told.RoomJoined).new


async def test_no_room_is_made_for_what_is_refused() -> None:
    async with chatting() as chat:
        build = chat.enter("build")
        call(build, "  ", "Kitchen")
        call(build, "indeed", "Kitchen", reply_to=1)
        nobody = chat.connect()
        call(nobody, "hello", "Kitchen")
        assert build.news()[-2:] == ["error empty-text", "error no-such-room"]
        assert nobody.news() == ["error need-name"]
        assert names(chat) == ["General"]


async def test_a_room_whose_first_text_the_disk_refuses_never_was() -> None:
    async with chatting() as chat:
        build = chat.enter("build")
        call(build, "hello", "Kitchen")
        call(build, "hello again", "Kitchen")
        chat.fail()
        assert build.news()[-2:] == ["error log-unavailable", "error log-unavailable"]
        assert names(chat) == ["General"]
        call(build, "hello", "Kitchen")
        chat.commit()
        assert chat.story("Kitchen") == ["1 build: hello"]


async def test_a_room_is_not_forgotten_while_a_text_is_on_its_way_to_it() -> None:
    async with chatting(HubSettings(rate_limit=0, silent_room_seconds=600)) as chat:
        ada = chat.enter("ada", "Kitchen").leave("Kitchen")
        chat.commit()
        chat.pass_time(599)
        call(ada, "hello", "Kitchen")
        chat.pass_time(61)
        chat.commit()
        assert chat.story("Kitchen") == ["1 ada joined", "2 ada left", "3 ada: hello"]


async def test_a_resend_is_saved_once() -> None:
    async with chatting() as chat:
        build = chat.enter("build")
        call(build, "hello", nonce="n1")
        call(build, "hello", nonce="n1")
        chat.commit()
        assert build.news()[-2:] == ["ack General 1 n1", "ack General 1 n1"]
        assert chat.story() == ["1 build: hello"]


async def test_a_text_from_outside_may_answer_another_one() -> None:
    async with chatting() as chat:
        ada, build = chat.enter("ada", "General").say("is it green?"), chat.enter("build")
        chat.commit()
        call(build, "it is", reply_to=2)
        call(build, "indeed", reply_to=9)
        chat.commit()
        assert ada.story()[-1] == "3 build to 2: it is"
        assert "error bad-message" in build.news()


async def test_the_limits_are_those_of_everybody() -> None:
    async with chatting(
        HubSettings(rate_limit=1, rate_burst=3, client_rooms_per_day=1, rooms=3)
    ) as chat:
        build = chat.enter("build")
        call(build, "hello", "Kitchen")
        call(build, "hello", "Garden")
        chat.commit()
        refused = build.last(told.Refused)
        assert (refused.code, "rooms were made" in refused.message) == ("rate-limited", True)
        call(build, "hello")
        assert "too fast" in build.last(told.Refused).message


async def test_in_a_room_that_one_is_in_it_changes_nothing() -> None:
    async with chatting() as chat:
        ada = chat.enter("ada", "General")
        call(ada, "hello")
        chat.commit()
        assert ada.story() == ["1 ada joined", "2 ada: hello"]
