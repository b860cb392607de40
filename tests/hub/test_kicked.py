"""Membership is not presence: who is put out of a room stays out of it, and is not "repaired"."""

from __future__ import annotations

import pytest

from hubbub.domain import replies as told
from hubbub.domain.events import UNSEQUENCED, Kicked
from hubbub.domain.names import RoomName
from hubbub.hub.ports import Draft
from hubbub.hub.settings import HubSettings
from tests.hub.chat import NOON, Chat, chatting

GENERAL = RoomName.parse("General")
GRACE = HubSettings().leave_grace_seconds


def kick(chat: Chat, user: str, *, commit: bool = True) -> None:
    """Somebody with the right to do so puts ``user`` out."""
    chat.hub.log.append(Draft(GENERAL, Kicked(UNSEQUENCED, NOON, "mod", user)))
    if commit:
        chat.commit()


async def test_all_connections_of_who_is_put_out_are_out_and_none_is_let_in_again(
    chat: Chat,
) -> None:
    eve = chat.enter("eve", "General")
    tab = chat.enter("ada", "General")
    phone = chat.connect().hello("ada", tab.token).join()
    chat.commit()
    await chat.quiet()
    kick(chat, "Ada")
    await chat.quiet()
    chat.pass_time(60)
    chat.commit()
    assert eve.story() == ["1 eve joined", "2 ada joined", "3 mod put Ada out"]
    for ada in (tab, phone):
        assert ada.story() == eve.story() or ada.story() == eve.story()[1:]
        assert ada.news()[-1] == "put out of General"
    assert chat.members() == ["eve"]


async def test_who_is_put_out_may_not_speak_and_may_ask_to_come_in(chat: Chat) -> None:
    ada = chat.enter("ada", "General")
    kick(chat, "ada")
    ada.news()
    ada.say("hello?")
    chat.commit()
    assert ada.news() == ["error not-in-room"]
    ada.join()
    chat.commit()
    await chat.quiet()
    assert chat.story() == ["1 ada joined", "2 mod put ada out", "3 ada joined"]
    assert chat.members() == ["ada"]


async def test_who_is_put_out_while_they_leave_does_not_leave_as_well(chat: Chat) -> None:
    eve = chat.enter("eve", "General")
    ada = chat.enter("ada", "General")
    kick(chat, "ada", commit=False)
    ada.leave()
    chat.commit()
    await chat.quiet()
    assert eve.story() == ["1 eve joined", "2 ada joined", "3 mod put ada out"]
    assert chat.members() == ["eve"]
    ada.join()
    chat.commit()
    ada.leave()
    chat.commit()
    assert eve.story()[3:] == ["4 ada joined", "5 ada left"]


async def test_a_text_on_its_way_is_saved_before_and_told(chat: Chat) -> None:
    ada = chat.enter("ada", "General")
    ada.say("first")
    kick(chat, "ada", commit=False)
    ada.say("second")
    chat.commit()
    assert chat.story()[1:] == ["2 ada: first", "3 mod put ada out", "4 ada: second"]
    assert ada.news()[-1] != "error not-in-room", "both were sent while being a member"


async def test_nobody_who_was_cut_off_and_put_out_leaves_as_well() -> None:
    async with chatting() as chat:
        eve, ada = chat.enter("eve", "General"), chat.enter("ada", "General")
        ada.lose_connection()
        kick(chat, "ada")
        chat.pass_time(GRACE + 1)
        chat.commit()
        assert eve.story() == ["1 eve joined", "2 ada joined", "3 mod put ada out"]
        again = chat.connect().hello("ada", ada.token)
        chat.commit()
        assert chat.members() == ["eve"], "coming back does not make one a member"
        again.join()
        chat.commit()
        assert chat.members() == ["ada", "eve"]


async def test_a_join_behind_it_counts(chat: Chat) -> None:
    eve, ada = chat.enter("eve", "General"), chat.enter("ada")
    kick(chat, "ada", commit=False)
    ada.join()
    chat.commit()
    await chat.quiet()
    assert eve.story() == ["1 eve joined", "2 mod put ada out", "3 ada joined"]
    assert chat.members() == ["ada", "eve"]
    assert told.RoomJoined in map(type, ada.received)


async def test_who_is_put_out_while_being_let_in_is_refused(
    chat: Chat, monkeypatch: pytest.MonkeyPatch
) -> None:
    eve = chat.enter("eve", "General")
    ada = chat.enter("ada")
    ada.join()
    monkeypatch.setattr(chat.hub.reading, "count_at_once", lambda *_: False)
    chat.commit()  # what is unread has to be counted first
    kick(chat, "ada")
    await chat.quiet()
    assert ada.news()[-1] == "error not-in-room"
    assert eve.story() == ["1 eve joined", "2 ada joined", "3 mod put ada out"]
    assert chat.members() == ["eve"]
    ada.say("hello?")
    chat.commit()
    assert ada.news() == ["error not-in-room"]
