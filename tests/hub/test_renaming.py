"""A new name of somebody who was here: the rooms are told of it, not of a stranger and a leave."""

from __future__ import annotations

from hubbub.domain import commands as ask
from hubbub.domain.events import Joined, Left
from hubbub.domain.names import UserName
from hubbub.hub.limits import EVENT_BYTES
from hubbub.hub.settings import HubSettings
from tests.hub.chat import Chat, Person, chatting

ADA = UserName.parse("ada")


def renamed(chat: Chat, ada: Person, *rooms: str, token: str | None = None) -> Person:
    """``ada`` comes back as countess."""
    ada.lose_connection()
    again = chat.connect().hello("countess")
    chat.commit()
    again.send(ask.Formerly(user=ADA, token=token or ada.token or ""))
    for room in rooms:
        again.join(room)
    chat.commit()
    return again


def told(person: Person, room: str = "General") -> list[tuple[str, str, str | None]]:
    """What ``person`` was told of who came and went there."""
    return [
        ("joined", event.by, event.was)
        if isinstance(event, Joined)
        else ("left", event.by, event.now)
        for event in person.shown(room)
        if isinstance(event, Joined | Left)
    ]


async def test_others_are_told_who_it_was(chat: Chat) -> None:
    eve = chat.enter("eve", "General", "Kitchen")
    ada = chat.enter("ada", "General")
    again = renamed(chat, ada, "General", "Kitchen")
    chat.connect().hello("ada", ada.token).bye()
    chat.pass_time(chat.settings.leave_grace_seconds)
    chat.commit()
    assert told(eve)[-2:] == [("joined", "countess", "ada"), ("left", "ada", "countess")]
    assert told(eve, "Kitchen")[-1] == ("joined", "countess", None), "ada was not there"
    assert chat.members() == ["countess", "eve"]
    again.leave("General").join("General")
    chat.commit()
    assert told(eve)[-2:] == [("left", "countess", None), ("joined", "countess", None)]


async def test_the_former_name_is_in_no_room_any_more_once_it_is_given_up(chat: Chat) -> None:
    eve = chat.enter("eve", "General")
    ada = chat.enter("ada", "General")
    renamed(chat, ada, "General")
    assert chat.members() == ["ada", "countess", "eve"]
    chat.connect().hello("ada", ada.token).bye()
    chat.commit()
    assert chat.members() == ["countess", "eve"]
    assert told(eve)[-1] == ("left", "ada", "countess")


async def test_nobody_can_be_somebody_elses_new_name(chat: Chat) -> None:
    eve = chat.enter("eve", "General")
    ada = chat.enter("ada", "General")
    again = renamed(chat, ada, "General", token="guessed")
    assert again.news()[-1].startswith("General")
    chat.connect().hello("ada", ada.token).bye()
    chat.pass_time(chat.settings.leave_grace_seconds)
    chat.commit()
    assert told(eve)[-2:] == [("joined", "countess", None), ("left", "ada", None)]


async def test_who_takes_the_former_name_up_again_leaves_as_anybody_does(chat: Chat) -> None:
    eve = chat.enter("eve", "General")
    ada = chat.enter("ada", "General")
    renamed(chat, ada, "General")
    back = chat.connect().hello("ada", ada.token).join()
    chat.commit()
    back.bye()
    chat.commit()
    assert told(eve)[-1] == ("left", "ada", None)


async def test_who_leaves_is_not_somebody_who_took_their_former_new_name(chat: Chat) -> None:
    eve = chat.enter("eve", "General")
    ada = chat.enter("ada", "General")
    renamed_once = chat.enter("countess")
    renamed_once.send(ask.Formerly(user=ADA, token=ada.token or "")).join().bye()
    chat.commit()
    chat.enter("countess", "General")  # another one
    ada.bye()
    chat.commit()
    assert told(eve)[-1] == ("left", "ada", None)


async def test_who_has_taken_a_name_after_its_owner_is_nobodys_former_self(chat: Chat) -> None:
    eve = chat.enter("eve", "General")
    ada = chat.enter("ada", "General")
    countess = chat.enter("countess").send(ask.Formerly(user=ADA, token=ada.token or ""))
    ada.bye()
    chat.commit()
    chat.enter("ada", "General")  # another one
    countess.join()
    chat.commit()
    assert told(eve)[-3:] == [
        ("left", "ada", None),
        ("joined", "ada", None),
        ("joined", "countess", None),
    ]


async def test_who_is_in_another_room_by_a_new_name_has_left_this_one(chat: Chat) -> None:
    eve = chat.enter("eve", "General")
    ada = chat.enter("ada", "General")
    chat.enter("countess").send(ask.Formerly(user=ADA, token=ada.token or "")).join("Kitchen")
    ada.bye()
    chat.commit()
    assert told(eve)[-1] == ("left", "ada", None)


async def test_the_names_of_a_rename_count_as_bytes_on_the_disk() -> None:
    names = 2 * len("countess") + len("ada") + len("countess")
    for spare, answer in ((-1, "error rate-limited"), (0, "General 2 countess joined")):
        size = 2 * EVENT_BYTES + names + spare
        async with chatting(HubSettings(rate_limit=0, client_bytes_per_day=size)) as chat:
            ada = chat.connect("192.0.2.2").hello("ada")
            chat.commit()
            ada.join()
            countess = chat.connect().hello("countess")
            chat.commit()
            countess.send(ask.Formerly(user=ADA, token=ada.token or "")).join()
            chat.commit()
            assert answer in countess.news()
