"""A guest says hello again, by another name: the session stays, the rooms hear of one person."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from hubbub.domain import commands as ask
from hubbub.domain import replies as told
from hubbub.domain.events import UNSEQUENCED, Joined, Left, Said
from hubbub.domain.names import RoomName, UserName
from hubbub.domain.rules import RoomAccess
from hubbub.hub.session import User
from hubbub.hub.tail import TAIL_EVENTS
from tests.hub.chat import SILENT, Chat, Person
from tests.hub.members import PASSWORD, log_in, register
from tests.hub.people import do, server_owner, settle
from tests.hub.several import Server, Several, several


def again(person: Person, name: str, *, password: str | None = None) -> Person:
    user = UserName.parse(name)
    return person.send(ask.Hello(user=user, password=password, again=True))


def comings(person: Person, room: str = "General") -> list[str]:
    """Who came, went and took another name, as ``person`` was told."""
    found = []
    for event in person.shown(room):
        if isinstance(event, Joined):
            found.append(f"{event.by} joined" + (f", was {event.was}" if event.was else ""))
        elif isinstance(event, Left):
            more = f", now {event.now}" if event.now else ", gone" if event.gone else ""
            found.append(f"{event.by} left{more}")
    return found


RENAMED = ["countess joined, was ada", "ada left, now countess"]


@pytest.mark.parametrize("line", [True, False])
async def test_rooms_are_told_of_another_name_of_who_comes_in_again(chat: Chat, line: bool) -> None:
    eve = chat.enter("eve", "General", "Kitchen")
    ada = chat.enter("ada", "General", "Kitchen", line=line)
    id = ada.last(told.Welcome).user_id
    again(ada, "countess")
    chat.commit()
    assert ada.news() == ["welcome countess"], "nothing of the rooms that it is out of"
    assert ada.last(told.Welcome).user_id == id, "who they are stays"
    head = chat.hub.rooms["general"].head
    ada.join(after=head).join("Kitchen")
    chat.commit()
    assert ada.shown()[-2:] == eve.shown()[-2:], "they are told like others"
    assert comings(eve)[-2:] == comings(eve, "Kitchen")[-2:] == RENAMED
    assert chat.members() == chat.members("Kitchen") == ["countess", "eve"]
    ada.say("hello")
    chat.commit()
    assert chat.story()[-1].endswith("countess: hello")


async def test_who_does_not_come_in_again_has_left_after_the_grace_period(chat: Chat) -> None:
    eve = chat.enter("eve", "General", "Kitchen")
    ada = again(chat.enter("ada", "General", "Kitchen", line=True), "countess").join()
    chat.commit()
    assert comings(eve, "Kitchen")[-1] == "ada joined"
    chat.pass_time(chat.settings.leave_grace_seconds)
    chat.commit()
    assert comings(eve, "Kitchen")[-1] == "ada left", "and is here yet"
    ada.join("Kitchen")
    chat.commit()
    assert comings(eve, "Kitchen")[-1] == "countess joined"


async def test_the_former_name_is_free_at_once(chat: Chat) -> None:
    eve = chat.enter("eve", "General")
    ada = again(chat.enter("ada", "General", line=True), "countess")
    chat.commit()
    other = chat.connect(line=True).hello("ada").join()
    chat.commit()
    ada.join()
    chat.commit()
    assert comings(eve)[-3:] == ["ada left", "ada joined", "countess joined"]
    assert other.last(told.Welcome).user_id != ada.last(told.Welcome).user_id


async def test_who_is_gone_before_coming_in_again_has_left_at_once(chat: Chat) -> None:
    eve = chat.enter("eve", "General")
    ada = again(chat.enter("ada", "General", line=True), "countess")
    chat.commit()
    ada.lose_connection()
    chat.commit()
    assert comings(eve)[-1] == "ada left, gone"
    assert chat.members() == ["eve"]


async def test_names_may_change_many_times_before_anybody_comes_in(chat: Chat) -> None:
    eve = chat.enter("eve", "General")
    ada = chat.enter("ada", "General", line=True)
    again(ada, "countess")
    again(ada, "lady").join()
    chat.commit()
    assert comings(eve)[-2:] == ["ada left", "lady joined"]
    again(ada, "ada").join()
    chat.commit()
    assert comings(eve)[-2:] == ["ada joined, was lady", "lady left, now ada"]
    assert chat.members() == ["ada", "eve"]


async def test_nothing_changes_when_the_name_is_somebody_elses(chat: Chat) -> None:
    eve = chat.enter("eve", "General")
    ada = chat.enter("ada", "General", line=True)
    assert again(ada, "eve").news() == ["error name-taken"]
    ada.say("I am here")
    chat.commit()
    assert eve.news()[-1].endswith("ada: I am here")
    assert comings(eve)[-1] == "ada joined"


async def test_the_same_name_in_another_spelling_changes_the_spelling_alone(chat: Chat) -> None:
    eve = chat.enter("eve", "General")
    ada = again(chat.enter("ada", "General", line=True), "ADA")
    assert ada.news() == ["welcome ADA"]
    ada.say("I am here")
    chat.commit()
    assert eve.news()[-1].endswith("ADA: I am here")


async def test_a_guest_becomes_an_account_with_its_password(chat: Chat) -> None:
    await register(chat, "countess")
    eve = chat.enter("eve", "General")
    ada = chat.enter("ada", "General", line=True)
    again(ada, "countess", password="wrong-but-long")
    await settle(chat)
    assert ada.news() == ["error wrong-password"]
    ada.say("still ada")
    chat.commit()
    assert eve.news()[-1].endswith("ada: still ada")
    again(ada, "countess", password=PASSWORD)
    await settle(chat)
    assert ada.last(told.Welcome).account
    ada.join()
    await settle(chat)
    assert comings(eve)[-2:] == RENAMED


async def test_a_guest_who_becomes_an_account_that_is_there_already_has_left(chat: Chat) -> None:
    await register(chat, "countess")
    eve = chat.enter("eve", "General")
    countess = await log_in(chat, "countess")
    countess.join()
    await settle(chat)
    ada = chat.enter("ada", "General", line=True)
    again(ada, "countess", password=PASSWORD)
    await settle(chat)
    ada.join()
    await settle(chat)
    assert comings(eve)[-1] == "ada left"
    assert chat.members() == ["countess", "eve"]
    again(ada, "lady")
    await settle(chat)
    assert ada.last(told.Refused).code == "already-named"
    assert "/rename" in ada.last(told.Refused).message


async def test_who_has_an_account_logs_in_to_another_one_on_the_same_connection(
    chat: Chat,
) -> None:
    await register(chat, "countess")
    eve = chat.enter("eve", "General")
    ada = await register(chat, "ada", "General")
    device, id = ada.session.device, ada.session.user and ada.session.user.id
    again(ada, "countess", password="wrong-but-long")
    again(ada, "nobody", password=PASSWORD)
    await settle(chat)
    assert ada.news() == ["error wrong-password", "error wrong-password"]
    again(ada, "ada", password=PASSWORD)
    await settle(chat)
    assert ada.news() == ["error already-named"], "that is who they are"
    ada.say("still ada")
    chat.commit()
    assert eve.news()[-1].endswith("ada: still ada")
    again(ada, "countess", password=PASSWORD)
    await settle(chat)
    assert comings(eve)[-1] == "ada left, gone", "that is no new name of ada"
    assert ada.session.device not in (None, device), "by a device of its own"
    ada.join()
    await settle(chat)
    assert comings(eve)[-1] == "countess joined"
    ada.say("it is me")
    chat.commit()
    said = eve.shown()[-1]
    assert isinstance(said, Said)
    assert (said.by, said.by_id != id) == ("countess", True)
    assert chat.hub.users.get("ada") is None


async def test_an_account_that_logs_in_to_another_one_stays_what_it_was_in_its_rooms(
    chat: Chat,
) -> None:
    await register(chat, "countess")
    eve, ada = chat.enter("eve"), await register(chat, "ada")
    await do(eve, ask.Direct, users=("ada",))
    talk = eve.last(told.DirectRoom).room
    eve.join(talk).say("hello", talk)
    ada.join(talk).join("Kitchen")
    await do(ada, ask.SetRules, "Kitchen", access=RoomAccess.MEMBERS)
    await settle(chat)
    again(ada, "countess", password=PASSWORD)
    await settle(chat)
    ada.news()
    ada.join(talk).join("Kitchen")
    await settle(chat)
    assert ada.news() == ["error no-such-room", "error no-such-room"]
    assert "ada" in chat.members(talk)
    assert chat.members("Kitchen") == ["ada"]
    back = await log_in(chat, "ada", talk, "Kitchen")
    assert [one.room for one in back.received if isinstance(one, told.RoomJoined)] == [
        talk,
        "Kitchen",
    ]


async def test_another_connection_of_the_account_stays_in_the_room(chat: Chat) -> None:
    await register(chat, "countess")
    eve = chat.enter("eve", "General")
    ada = await register(chat, "ada", "General")
    tab = await log_in(chat, "ada", "General")
    await settle(chat)
    again(tab, "countess", password=PASSWORD)
    await settle(chat)
    tab.join()
    await settle(chat)
    assert comings(eve)[-2:] == ["ada joined", "countess joined"]
    ada.say("I am here")
    tab.say("and so is she")
    chat.commit()
    assert [line.split(": ", 1)[1] for line in chat.story()[-2:]] == ["I am here", "and so is she"]
    assert chat.members() == ["ada", "countess", "eve"]


async def test_another_tab_of_the_guest_stays_who_it_was(chat: Chat) -> None:
    eve = chat.enter("eve", "General")
    ada = chat.enter("ada", "General")
    tab = chat.connect().hello("ada", ada.token).join()
    chat.commit()
    again(tab, "countess").join()
    chat.commit()
    assert comings(eve)[-2:] == ["ada joined", "countess joined"]
    assert tab.last(told.Welcome).user_id != ada.last(told.Welcome).user_id
    assert chat.members() == ["ada", "countess", "eve"]


async def test_a_new_name_keeps_what_was_read_and_comes_back_by_its_token(chat: Chat) -> None:
    eve = chat.enter("eve", "General")
    ada = chat.enter("ada", "General")
    eve.say("one").say("two")
    chat.commit()
    again(ada, "countess")
    chat.commit()
    ada.lose_connection()
    back = chat.connect().hello("countess", ada.token).join()
    chat.commit()
    assert back.last(told.RoomJoined).unread == 2
    refused = chat.connect().hello("ada", ada.token)
    chat.commit()
    assert refused.last(told.Welcome).user_id != back.last(told.Welcome).user_id


async def test_a_private_conversation_stays_theirs(chat: Chat) -> None:
    eve = chat.enter("eve")
    ada = chat.enter("ada", line=True)
    await do(eve, ask.Direct, users=("ada",))
    room = eve.last(told.DirectRoom).room
    eve.join(room).say("hello", room)
    await settle(chat)
    again(ada, "countess")
    await settle(chat)
    ada.join(room)
    await settle(chat)
    assert comings(eve, room) == RENAMED
    ada.say("it is me", room)
    await settle(chat)
    assert eve.news()[-1].endswith("countess: it is me")


async def test_what_others_are_told_when_somebody_leaves_or_is_gone(chat: Chat) -> None:
    eve = chat.enter("eve", "General", "Kitchen")
    ada = chat.enter("ada", "General", "Kitchen", line=True)
    ada.send(ask.Leave(room=RoomName.parse("Kitchen"), reason="  too hot \n here "))
    chat.commit()
    assert [(one.gone, one.reason) for one in left(eve, "Kitchen")] == [(False, "too hot here")]
    ada.send(ask.Bye(reason="see you"))
    chat.commit()
    assert [(one.gone, one.reason) for one in left(eve)] == [(True, "see you")]


async def test_who_is_here_by_another_connection_is_not_gone(chat: Chat) -> None:
    eve = chat.enter("eve", "General")
    ada = chat.enter("ada", "General")
    chat.connect().hello("ada", ada.token)
    ada.send(ask.Bye(reason="see you"))
    chat.commit()
    assert [(one.gone, one.reason) for one in left(eve)] == [(False, "see you")]


async def test_who_lost_the_connection_is_gone_after_the_grace_period(chat: Chat) -> None:
    eve = chat.enter("eve", "General")
    chat.enter("ada", "General").lose_connection()
    chat.pass_time(chat.settings.leave_grace_seconds)
    chat.commit()
    assert [(one.gone, one.reason) for one in left(eve)] == [(True, None)]


async def test_what_may_not_be_said_is_no_reason_either(chat: Chat) -> None:
    root = await server_owner(chat, "root", "General")
    await do(root, ask.SetFilter, "General", pattern="spam")
    for reason in ("buy spam", "spa"):
        chat.enter("ada", "General", line=True).send(ask.Bye(reason=reason))
        chat.commit()
    assert [one.reason for one in left(root)] == [None, "spa"]


def left(person: Person, room: str = "General") -> list[Left]:
    return [event for event in person.shown(room) if isinstance(event, Left)]


# Several servers


@pytest.fixture
async def both() -> AsyncIterator[tuple[Several, Server, Server]]:
    async with several(2) as servers:
        one, other = servers
        yield servers, one, other


async def test_another_server_tells_of_the_other_name(
    both: tuple[Several, Server, Server],
) -> None:
    servers, one, other = both
    eve = other.connect().hello("eve")
    ada = one.connect(line=True).hello("ada")
    await servers.tell()
    eve.join()
    ada.join()
    await servers.tell()
    again(ada, "countess")
    await servers.tell()
    ada.join()
    await servers.tell()
    assert comings(eve)[-2:] == RENAMED
    assert other.members() == ["countess", "eve"]
    taken = other.connect(line=True).hello("countess")
    free = other.connect(line=True).hello("ada")
    await servers.tell()
    assert taken.news() == ["error name-taken"]
    assert free.news() == ["welcome ada"]
    ada.send(ask.Bye(reason="see you"))
    await servers.tell()
    assert [(one.gone, one.reason) for one in left(eve)][-1] == (True, "see you")


async def test_another_server_sees_one_account_go_and_the_other_come(
    both: tuple[Several, Server, Server],
) -> None:
    servers, one, other = both
    eve = other.connect().hello("eve")
    countess = one.connect().hello("countess").send(ask.Register(password=PASSWORD))
    ada = one.connect().hello("ada").send(ask.Register(password=PASSWORD))
    await servers.tell()
    countess.send(ask.Bye())
    eve.join().send(ask.Watch(users=(UserName.parse("ada"), UserName.parse("countess"))))
    ada.join()
    await servers.tell()
    again(ada, "countess", password=PASSWORD)
    await servers.tell()
    ada.join()
    await servers.pass_time(1)
    assert comings(eve)[-2:] == ["ada left, gone", "countess joined"]
    assert other.members() == one.members() == ["countess", "eve"]
    here = {
        one.user: one.here
        for told_ in eve.received
        if isinstance(told_, told.PeopleHere)
        for one in told_.people
    }
    assert here == {"ada": False, "countess": True}


@pytest.mark.parametrize("does", ["takes another name", "is no member any more"])
async def test_a_conversation_is_not_told_of_a_name_that_it_does_not_have_any_more(
    both: tuple[Several, Server, Server], does: str
) -> None:
    """The guest does something at another server, of which this one has not heard yet."""
    servers, one, other = both
    eve, ada = other.connect().hello("eve"), one.connect().hello("ada")
    await servers.tell()
    tab = other.connect().hello("ada", ada.token)
    await servers.tell()
    eve.send(ask.Direct(users=(UserName.parse("ada"),)))
    await servers.tell()
    room = eve.last(told.DirectRoom).room
    eve.join(room)
    tab.join(room)
    await servers.tell()
    assert other.members(room) == one.members(room) == ["ada", "eve"]
    if does == "takes another name":
        tab.leave("General")
        again(tab, "lady").join(room)
    else:
        id = ada.last(told.Welcome).user_id
        gone = Left(UNSEQUENCED, 0, UserName.parse("ada"), by_id=id)
        other.hub.log.append(other.hub.rooms[room.lower()].draft(gone))
    await settle(other)
    assert "ada" not in other.members(room)
    assert "ada" in one.members(room), "it has not heard of it"
    before = servers.story(room)
    again(ada, "countess")
    await settle(one)
    await servers.tell()
    assert ada.last(told.Welcome).user == "countess"
    assert servers.story(room) == before


async def test_who_was_at_a_server_that_is_dead_is_gone(
    both: tuple[Several, Server, Server],
) -> None:
    servers, one, other = both
    eve = other.connect().hello("eve")
    one.connect(line=True).hello("ada").join()
    await servers.tell()
    eve.join()
    one.connect(line=True).hello("ben").join()
    await servers.pass_time(15)
    assert other.hub.is_connected(User(UserName.parse("ada"), None))
    servers.kill(one)
    await servers.pass_time(60)
    assert {one.by: one.gone for one in left(eve)} == {"ada": True, "ben": True}


async def test_a_name_that_is_anothers_elsewhere_changes_nothing(
    both: tuple[Several, Server, Server],
) -> None:
    servers, one, other = both
    eve = other.connect(line=True).hello("eve")
    ada = one.connect(line=True).hello("ada")
    await servers.tell()
    eve.join()
    ada.join()
    await servers.tell()
    again(ada, "eve")
    await servers.tell()
    assert ada.last(told.Refused).code == "name-taken"
    ada.say("still ada")
    await servers.tell()
    assert other.members() == ["ada", "eve"]
    assert one.members() == ["ada", "eve"]


async def test_who_is_behind_at_another_name_goes_on_where_they_were(chat: Chat) -> None:
    """A slow client does not know what it was not given yet: it joins again at the head."""
    eve = chat.enter("eve", "General")
    ada = chat.enter("ada", "General", line=True)
    ada.stop_reading()
    for number in range(5 * TAIL_EVENTS):  # more than there is in memory
        eve.say(str(number))
        chat.commit()
    ada.read_on()
    again(ada, "countess")
    chat.commit()
    assert len(ada.story()) < len(chat.story()), "it is behind yet"
    ada.join(after=chat.hub.rooms["general"].head)
    await settle(chat)
    assert ada.story() == chat.story()


async def test_an_own_text_is_not_shown_again_after_another_name(chat: Chat) -> None:
    eve = chat.enter("eve", "General")
    ada = chat.connect(line=True).hello("ada")
    ada.format = SILENT
    ada.send(ask.Join(room=RoomName.parse("General"), page=0))
    chat.commit()
    ada.stop_reading()
    for number in range(5 * TAIL_EVENTS):
        eve.say(str(number))
        chat.commit()
    ada.read_on()
    ada.say("mine")
    again(ada, "countess")
    chat.commit()
    ada.join(after=chat.hub.rooms["general"].head)
    await settle(chat)
    expected = [line for line in chat.story() if not line.endswith("ada: mine")]
    assert ada.story() == expected[2:], "of which the first two were before"


async def test_what_a_page_asks_for_anew_it_is_shown_in_full(chat: Chat) -> None:
    """Who joins again without a cursor wants the past, and not to go on."""
    ada = chat.enter("ada", "General", line=True)
    ada.say("hello")
    chat.commit()
    again(ada, "countess").join()
    chat.commit()
    assert [line.endswith("ada: hello") for line in ada.story()].count(True) == 2
