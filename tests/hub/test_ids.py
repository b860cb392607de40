"""Who somebody is goes by id: a freed name takes nothing along, a new name loses nothing."""

from __future__ import annotations

from hubbub.domain import commands as ask
from hubbub.domain.events import Said
from hubbub.domain.ids import UserId
from hubbub.domain.names import RoomName, UserName
from hubbub.domain.replies import Ack, Page, Pong, ReadUpTo, Refused, RoomJoined, Welcome
from hubbub.domain.rules import RoomAccess
from hubbub.hub.tail import TAIL_EVENTS
from tests.hub.chat import NOON, Chat, Person, chatting
from tests.hub.people import SECRET, account, do, server_owner, settle

GENERAL = RoomName.parse("General")


def id_of(person: Person) -> UserId:
    id = person.last(Welcome).user_id
    assert id is not None
    return id


def authors(person: Person) -> dict[int, UserId | None]:
    return {event.seq: event.by_id for event in person.shown()}


def renamed(chat: Chat, person: Person, name: str) -> Person:
    """The same person under another name, on a second connection, as clients do it."""
    former = person.last(Welcome)
    assert former.token is not None
    new = chat.connect().hello(name)
    chat.commit()
    new.send(ask.Formerly(user=UserName.parse(former.user), token=former.token))
    chat.commit()
    return new


async def unread(chat: Chat, person: Person, after: int) -> int | None:
    """How much is unread behind ``after``, where the marker is put."""
    person.read(after, at=NOON + after - 1)  # the second of that time is a ms later
    await chat.quiet()
    return person.last(ReadUpTo).unread


async def test_events_tell_who_did_it_and_a_welcome_who_one_is(chat: Chat) -> None:
    ada = chat.enter("ada", "General")
    ben = chat.enter("ben", "General", line=True)
    ben.say("hello")
    ben.leave()
    chat.commit()
    by = authors(ada)
    assert by[1] == id_of(ada)
    assert by[2] == by[3] == by[4] == id_of(ben)
    assert id_of(ada) != id_of(ben)


async def test_a_freed_name_is_somebody_else(chat: Chat) -> None:
    ben = chat.enter("ben", "General")
    ada = chat.enter("ada", "General")
    ada.say("it was me", nonce="n")
    chat.commit()
    former = id_of(ada)
    ada.bye()
    chat.commit()
    other = chat.enter("ada", "General")
    assert id_of(other) != former
    assert other.last(RoomJoined).unread == 0
    other.say("it was me", nonce="n")
    chat.commit()
    assert other.last(Ack).seq == 6, "and not the number of what the former one said"
    ben.send(ask.Say(room=GENERAL, text="which one?", reply_to=3))
    chat.commit()
    answer = other.shown()[-1]
    assert isinstance(answer, Said)
    assert answer.quote is not None
    assert answer.quote.by_id == former
    assert authors(ben)[6] == id_of(other)
    other.bye()
    chat.commit()
    assert await unread(chat, chat.enter("ada"), 2) == 3, "of two who had the name, and ben's"


async def test_a_freed_name_is_somebody_else_in_what_is_only_on_disk(chat: Chat) -> None:
    ada = chat.enter("ada", "General")
    for number in range(2 * TAIL_EVENTS + 10):
        ada.say(str(number))
        chat.commit()
    ada.bye()
    chat.commit()
    other = chat.enter("ada")
    assert await unread(chat, other, 1) == 2 * TAIL_EVENTS + 10


async def test_who_takes_another_name_is_still_the_same(chat: Chat) -> None:
    ben = chat.enter("ben", "General")
    ada = chat.enter("ada", "General")
    ada.say("mine", nonce="n")
    chat.commit()
    ben.say("ada, eve: hello")
    chat.commit()
    eve = renamed(chat, ada, "eve")
    assert eve.last(Pong).user_id == id_of(ada)
    eve.join()
    chat.commit()
    eve.say("mine", nonce="n")
    chat.commit()
    assert eve.last(Ack).seq == 3, "what was sent again is not said again"
    assert eve.last(RoomJoined).read == 2
    assert eve.last(RoomJoined).unread == 1, "ben's, and not one's own"
    ada.bye()
    chat.commit()
    eve.say("still me")
    chat.commit()
    by = authors(ben)
    assert [by[seq] for seq in (2, 3, 5, 6, 7)] == [id_of(ada)] * 5
    stranger = chat.enter("ada")
    assert id_of(stranger) != id_of(ada)
    assert await unread(chat, stranger, 2) == 3


async def test_who_has_taken_another_name_is_still_the_same_after_a_restart(chat: Chat) -> None:
    ada = chat.enter("ada", "General")
    ada.say("mine")
    chat.commit()
    eve = renamed(chat, ada, "eve")
    ada.bye()
    eve.read(2)
    chat.pass_time(5)
    chat.commit()
    assert [guest.name for guest in await chat.log.guests()] == ["eve"]
    await chat.crash()
    async with chatting(disk=chat.log.disk) as later:
        again = later.connect().hello("eve", eve.token).join()
        later.commit()
        await later.quiet()
        assert id_of(again) == id_of(ada)
        assert again.last(RoomJoined).read == 2
        assert id_of(later.enter("ada")) != id_of(ada)


async def test_another_device_under_the_former_name_stays_the_same_user(chat: Chat) -> None:
    ada = chat.enter("ada", "General")
    phone = chat.connect().hello("ada", ada.token).join()
    chat.commit()
    eve = renamed(chat, ada, "eve").join()
    chat.commit()
    ada.bye()
    chat.commit()
    phone.say("from the phone")
    eve.say("and from here")
    chat.commit()
    assert {event.by_id for event in phone.shown()} == {id_of(ada)}
    phone.bye()
    chat.commit()
    assert [guest.name for guest in await chat.log.guests()] == ["eve"]
    eve.read(4)
    chat.pass_time(5)
    chat.commit()
    assert [marker.seq for marker in await chat.log.markers()] == [4]


async def test_who_was_somewhere_under_the_new_name_is_two_users(chat: Chat) -> None:
    ada, eve = chat.enter("ada", "General"), chat.enter("eve", "General")
    assert ada.token is not None
    before = id_of(eve)
    again = chat.connect().hello("eve", eve.token)
    again.send(ask.Formerly(user=UserName.parse("ada"), token=ada.token))
    chat.commit()
    assert again.last(Pong).user_id == before


async def test_nobody_is_somebody_else_without_the_token(chat: Chat) -> None:
    ada = chat.enter("ada", "General")
    eve = chat.connect().hello("eve")
    chat.commit()
    eve.send(ask.Formerly(user=UserName.parse("ada"), token="a guess"))
    assert eve.last(Pong).user_id == id_of(eve) != id_of(ada)


async def test_a_freed_name_opens_no_room_of_its_former_owner(chat: Chat) -> None:
    ben, ada = chat.enter("ben", "General"), chat.enter("ada", "General")
    room = chat.hub.rooms["general"]
    room.access = RoomAccess.MEMBERS
    ada.say("among us")
    chat.commit()
    ada.bye()
    other = chat.connect(line=True).hello("ada")
    assert "ada" in room.names(), "the leave is not on disk yet"
    other.send(ask.History(room=GENERAL)).join()
    chat.commit()
    assert [refused.code for refused in other.all(Refused)] == ["no-such-room"] * 2
    assert other.all(Page) == []
    ben.send(ask.History(room=GENERAL, limit=1))
    assert len(ben.all(Page)) == 1


async def test_an_account_stays_who_it_is(chat: Chat) -> None:
    guest, ada = chat.enter("guest"), await account(chat, "ada")
    assert guest.token is not None
    id = id_of(ada)
    ada.send(ask.Formerly(user=UserName.parse("guest"), token=guest.token))
    assert ada.last(Pong).user_id == id
    root = await server_owner(chat)
    await do(root, ask.Ban, "/server", user="ada")
    assert ada.hung_up


async def test_the_former_name_of_a_guest_is_no_way_into_their_account(chat: Chat) -> None:
    guest = chat.enter("guest")
    ada, token = renamed(chat, guest, "ada"), guest.token
    guest.lose_connection()
    ada.send(ask.Register(password=SECRET))
    await settle(chat)
    assert id_of(ada) == id_of(guest)
    assert not chat.log.disk.guests
    again = chat.connect().hello("guest", token)
    await settle(chat)
    assert id_of(again) != id_of(ada)


async def test_who_is_connected_by_a_former_name_is_out_when_they_register(chat: Chat) -> None:
    guest = chat.enter("guest")
    renamed(chat, guest, "ada").send(ask.Register(password=SECRET))
    await settle(chat)
    assert guest.hung_up


async def test_a_guest_who_is_banned_does_not_come_by_another_of_their_names(chat: Chat) -> None:
    eve = chat.enter("eve")
    other = renamed(chat, eve, "other")
    other.lose_connection()
    eve.lose_connection()
    root = await server_owner(chat)
    await do(root, ask.Ban, "/server", user="eve")
    for name, token in (("eve", eve.token), ("other", other.token)):
        back = chat.connect().hello(name, token)
        await settle(chat)
        assert back.news() == ["error banned"]
    third = chat.connect().hello("third")
    await settle(chat)
    assert other.token is not None
    third.send(ask.Formerly(user=UserName.parse("other"), token=other.token))
    assert third.last(Pong).user_id == id_of(third) != id_of(eve)
