"""A ping is a barrier also for what others have said, in rooms and to one person alone."""

from __future__ import annotations

import gc

import pytest

from hubbub.domain import commands as ask
from hubbub.domain import replies as told
from hubbub.domain.ids import UserId
from hubbub.domain.names import RoomName, UserName
from hubbub.domain.replies import Reply
from hubbub.hub import letters
from hubbub.hub.settings import HubSettings
from tests.hub.chat import Chat, Person, chatting
from tests.hub.members import id_of
from tests.hub.people import settle

WORDS: dict[type[Reply], str] = {told.Ack: "ack", told.Pong: "pong", told.DirectRoom: "direct"}


class Listener(Person):
    """Somebody whose client listens to each conversation that it is told of, when it has a turn."""

    def reply(self, reply: Reply) -> None:
        super().reply(reply)
        if isinstance(reply, told.DirectRoom) and reply.re is None:
            self._commands.append(ask.Join(room=RoomName.recall(reply.room), after=reply.head))


class Recorded(list[Reply]):
    """What somebody is told, and in ``order`` with what others are."""

    def __init__(self, person: Person, order: list[str]) -> None:
        super().__init__(person.received)
        user = person.session.user
        self._name = "" if user is None else str(user.name)
        self._order = order

    def append(self, reply: Reply) -> None:
        """Somebody hears it."""
        super().append(reply)
        texts = [f"{one.by}: {one.text}" for one in getattr(reply, "events", ())]
        words = texts or [WORDS.get(type(reply), "")]
        self._order += [f"{self._name} {word}" for word in words if word]


def told_in_order(*people: Person) -> list[str]:
    """Fills with who is told what from now on, as it is told."""
    order: list[str] = []
    for person in people:
        person.received = Recorded(person, order)
    return order


def listener(chat: Chat, name: str) -> Listener:
    person = Listener(chat, "192.0.2.1", resumable=True).hello(name)
    chat.commit()
    return person


async def conversation(chat: Chat, author: Person, name: str) -> RoomName:
    """The conversation of ``author`` with somebody, in which nothing was said yet."""
    author.send(ask.Direct(users=(UserName.parse(name),), id=9))
    await settle(chat)
    room = author.last(told.DirectRoom).room
    author.join(room)
    await settle(chat)
    return RoomName.recall(room)


async def test_who_listens_is_shown_the_first_text_before_its_author_hears_that_it_is_saved(
    chat: Chat,
) -> None:
    ada, ben = chat.enter("ada"), listener(chat, "ben")
    room = await conversation(chat, ada, "ben")
    order = told_in_order(ada, ben)
    ada.send(ask.Say(room=room, text="hi"), ask.Ping())
    assert order == [], "nobody is told of what is not on disk"
    chat.commit()
    assert order == ["ada ada: hi", "ben direct", "ben ada: hi", "ada ack", "ada pong"]
    ada.send(ask.Say(room=room, text="again"), ask.Ping())
    chat.commit()
    assert sorted(order[5:7]) == ["ada ada: again", "ben ada: again"]
    assert order[7:] == ["ada ack", "ada pong"]


async def test_all_connections_of_who_is_written_to_are_told_before_the_author(chat: Chat) -> None:
    """A client that joins by itself, as one of JSON does, is told that it may."""
    ada, ben = chat.enter("ada"), chat.enter("ben")
    phone = chat.connect().hello("ben", ben.token)
    chat.commit()
    room = await conversation(chat, ada, "ben")
    order = told_in_order(ada, ben, phone)
    ada.send(ask.Say(room=room, text="hi"), ask.Ping())
    chat.commit()
    assert order == ["ada ada: hi", "ben direct", "ben direct", "ada ack", "ada pong"]


async def test_who_waits_for_an_answer_listens_behind_it(chat: Chat) -> None:
    ada, ben = chat.enter("ada"), listener(chat, "ben")
    room = await conversation(chat, ada, "ben")
    ada.send(ask.Say(room=room, text="hi"))
    ben.join("Lab")  # which is on its way to the disk behind the text
    chat.commit(1)
    assert ben.last(told.DirectRoom).room == room
    assert ben.story(room) == []
    await settle(chat)
    assert [event.text for event in ben.shown(room) if hasattr(event, "text")] == ["hi"]


async def test_a_ping_is_answered_behind_what_others_have_said_in_the_room(chat: Chat) -> None:
    ada, ben = chat.enter("ada", "General"), chat.enter("ben", "General")
    ada.say("hello")
    ben.ping()
    ada.say("later")
    assert ben.news() == []
    chat.commit(1)
    assert ben.news() == ["General 3 ada: hello", "pong"]
    chat.commit()
    assert ben.news() == ["General 4 ada: later"]


async def test_a_ping_waits_for_nothing_that_is_said_in_other_rooms(chat: Chat) -> None:
    ada, ben = chat.enter("ada", "Lab"), chat.enter("ben", "General")
    ada.say("hello", "Lab")
    assert ben.ping().news() == ["pong"]


async def test_what_is_refused_is_not_waited_for_any_more(chat: Chat) -> None:
    ada, ben = chat.enter("ada", "General"), chat.enter("ben", "General")
    ada.say("hello")
    ben.ping()
    chat.fail()
    assert ben.news() == ["pong"]


async def test_a_log_that_is_behind_keeps_no_pings_waiting() -> None:
    async with chatting(HubSettings(rate_limit=0, queue_events=2)) as chat:
        ada, ben = chat.enter("ada", "General"), chat.enter("ben", "General")
        ada.say("one").say("two")
        assert ben.ping().news() == ["pong"]


async def test_no_ping_is_kept_waiting_for_long(
    chat: Chat, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(letters, "WAIT_SECONDS", 0)
    ada, ben = chat.enter("ada", "General"), chat.enter("ben", "General")
    ada.say("hello")
    ben.ping().ping()
    assert ben.news() == []
    await chat.quiet()
    assert ben.news() == ["pong", "pong"]
    chat.commit()
    assert ben.news() == ["General 3 ada: hello"]


async def test_pings_that_have_waited_long_enough_do_not_pile_up(
    chat: Chat, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While the disk stands still, say: each of them would be kept until it goes on."""
    monkeypatch.setattr(letters, "WAIT_SECONDS", 0)
    ada, ben = chat.enter("ada", "General"), chat.enter("ben", "General")
    ada.say("hello")
    with chat.hub.letters.write(UserId(id_of(ben))):
        for _ in range(20):
            ben.ping()
            await chat.quiet()
        gc.collect()
        waits = [one for one in gc.get_objects() if type(one) is letters.Wait]
        assert ben.news() == ["pong"] * 20
        assert len(waits) <= 2


async def test_who_is_gone_meanwhile_is_told_nothing(chat: Chat) -> None:
    ada, ben = chat.enter("ada", "General"), chat.enter("ben", "General")
    ada.say("hello")
    ben.ping().lose_connection()
    chat.commit()
    assert chat.lost_words == 0
    assert ada.news()[-2:] == ["General 3 ada: hello", "ack General 3"]


async def test_who_leaves_and_pings_waits_for_the_leave_too(chat: Chat) -> None:
    ada, ben = chat.enter("ada", "General", "Lab"), chat.enter("ben", "General", "Lab")
    ada.say("hello")
    ben.leave("Lab").ping()
    chat.commit(1)
    assert ben.news() == ["left Lab", "General 3 ada: hello"]
    chat.commit()
    assert ben.news() == ["pong"]


async def test_a_ping_of_whoever_is_written_to_waits_for_every_letter(chat: Chat) -> None:
    ben, eve = chat.enter("ben"), chat.enter("eve")
    id = UserId(id_of(ben))
    with chat.hub.letters.write(id):
        with chat.hub.letters.write(id):
            ben.ping()
            assert eve.ping().news() == ["pong"]
        await chat.quiet()
        assert ben.news() == []
    assert ben.news() == [], "not in the midst of what the author's connection does"
    await chat.quiet()
    assert ben.news() == ["pong"]
    assert ben.ping().news() == ["pong"]


async def test_a_busy_client_too_is_shown_a_conversation_before_what_it_asks_next(
    chat: Chat,
) -> None:
    ada, ben = chat.enter("ada"), chat.enter("ben")
    room = await conversation(chat, ada, "ben")
    ada.say("hi", room)
    await settle(chat)
    ben.session.share.charge(1.0, chat.seconds)  # so that its turns come when nobody else has one
    order = told_in_order(ben)
    ben.send(ask.Join(room=room, after=1), ask.Ping())
    await settle(chat)
    assert order == ["ben ada: hi", "ben pong"]
