"""The log refuses (a full disk): nothing is shown or changed, and it works again later."""

from __future__ import annotations

from hubbub.domain import commands as ask
from hubbub.domain.names import RoomName
from hubbub.domain.replies import Refused
from hubbub.hub.access import ANYBODY
from hubbub.hub.presence import RETRY_SECONDS
from hubbub.hub.settings import HubSettings
from tests.hub.chat import Chat

GRACE = HubSettings().leave_grace_seconds


async def test_a_text_that_cannot_be_saved_is_refused_and_nobody_sees_it(chat: Chat) -> None:
    ada, ben = chat.enter("ada", "General"), chat.enter("ben", "General")
    ada.news()
    ada.say("lost", nonce="n")
    chat.fail()
    assert ada.news() == ["error log-unavailable n"]
    assert ada.last(Refused).room == "General"
    assert healthy(chat) is False
    ada.say("saved")
    chat.commit()
    assert healthy(chat) is True
    assert ben.story()[-1] == "3 ada: saved"


async def test_some_of_a_group_may_be_refused_and_the_rest_has_no_hole(chat: Chat) -> None:
    ada, ben = chat.enter("ada", "General"), chat.enter("ben", "General")
    for number in range(4):
        ada.say(f"text {number}", nonce=str(number))
    chat.log.fail_next(2)
    chat.commit()
    assert ben.story() == chat.story()
    assert chat.story()[2:] == ["3 ada: text 2", "4 ada: text 3"]
    assert [word for word in ada.news() if word.startswith("error")] == [
        "error log-unavailable 0",
        "error log-unavailable 1",
    ]


async def test_a_join_that_cannot_be_saved_is_refused_and_changes_nothing(chat: Chat) -> None:
    ada, ben = chat.enter("ada", "General"), chat.enter("ben")
    ben.join()
    chat.fail()
    assert ben.news() == ["error log-unavailable"]
    assert chat.members() == ["ada"]
    assert ada.news() == []
    ben.say("am I in?")
    assert ben.news() == ["error not-in-room"]
    ben.join()
    chat.commit()
    await chat.quiet()
    assert ben.story() == ["1 ada joined", "2 ben joined"]


async def test_a_room_whose_first_join_was_refused_never_was(chat: Chat) -> None:
    ada = chat.enter("ada").join("Kitchen")
    chat.fail()
    assert ada.news() == ["error log-unavailable"]
    assert [room.name for room in chat.hub.room_list(ANYBODY).rooms] == ["General"]
    ada.join("Kitchen")
    chat.commit()
    assert chat.members("Kitchen") == ["ada"]


async def test_both_sessions_of_a_user_are_told_when_their_join_was_refused(chat: Chat) -> None:
    tab = chat.enter("ada")
    phone = chat.connect().hello("ada", tab.token)
    phone.news()
    tab.join()
    phone.join()
    chat.fail()
    assert tab.news() == phone.news() == ["error log-unavailable"]
    tab.join()
    phone.join()
    chat.commit()
    await chat.quiet()
    assert tab.story() == phone.story() == ["1 ada joined"]


async def test_a_leave_that_cannot_be_saved_is_owed_and_logged_later(chat: Chat) -> None:
    ada, ben = chat.enter("ada", "General"), chat.enter("ben", "General", line=True)
    ada.news()
    ben.bye()
    chat.fail()
    assert ada.news() == []
    assert chat.members() == ["ada", "ben"], "by the log"
    assert chat.drafts == 0, "it is not tried again at once"
    chat.pass_time(RETRY_SECONDS)
    chat.fail()
    chat.pass_time(RETRY_SECONDS)
    chat.commit()
    assert ada.news() == ["General 3 ben left"]
    chat.pass_time(RETRY_SECONDS * 10)
    assert chat.drafts == 0, "one leave line"


async def test_who_comes_back_while_a_leave_is_owed_never_left(chat: Chat) -> None:
    ada = chat.enter("ada", "General")
    ada.leave()
    chat.fail()
    ada.join()
    await chat.quiet()
    assert ada.news() == ["left General", "joined General after 0 with ada", "General 1 ada joined"]
    chat.pass_time(RETRY_SECONDS * 10)
    assert chat.drafts == 0
    ada.say("still here")
    chat.commit()
    assert chat.story() == ["1 ada joined", "2 ada: still here"]


async def test_who_came_back_before_the_leave_was_refused_never_left(chat: Chat) -> None:
    ada = chat.enter("ada", "General")
    ada.leave().join()
    chat.fail()
    await chat.quiet()
    assert ada.news() == ["left General", "joined General after 0 with ada", "General 1 ada joined"]


async def test_a_namesake_is_not_let_in_while_the_leave_of_the_former_one_is_owed(
    chat: Chat,
) -> None:
    ben = chat.enter("ben", "General", line=True)
    ben.bye()
    other = chat.connect(line=True).hello("Ben").join()
    chat.fail()
    assert other.news() == ["welcome Ben", "error log-unavailable"]
    chat.pass_time(RETRY_SECONDS)
    chat.commit()
    other.join()
    chat.commit()
    assert chat.story() == ["1 ben joined", "2 ben left", "3 Ben joined"]


async def test_a_refused_join_of_someone_who_was_lost_is_forgotten(chat: Chat) -> None:
    ada = chat.enter("ada").join("Kitchen")
    ada.lose_connection()
    chat.fail()
    assert chat.drafts == 0, "it is not tried for as long as the grace lasts"
    assert "kitchen" not in chat.hub.rooms
    chat.pass_time(GRACE)
    chat.commit()
    assert chat.story("Kitchen") == []


async def test_the_next_command_goes_on_after_a_refused_join(chat: Chat) -> None:
    ada = chat.enter("ada").join("Kitchen").join("Garden").ping()
    chat.fail()
    chat.commit()
    news = ada.news()
    assert news[0] == "error log-unavailable"
    assert news[-1] == "pong"
    assert chat.members("Garden") == ["ada"]


async def test_history_that_cannot_be_read_is_refused_and_the_session_goes_on(chat: Chat) -> None:
    ada = chat.enter("ada", "General").leave()
    chat.commit()
    ada.news()
    chat.log.readable = False
    ada.send(ask.History(room=RoomName.parse("General"), id=7)).ping()
    await chat.quiet()
    assert ada.news() == ["error log-unavailable", "pong"]
    assert ada.last(Refused).re == 7


def healthy(chat: Chat) -> bool:
    return chat.hub.healthy
