"""Who is in a room: several sessions of one user, lost connections, grace periods."""

from __future__ import annotations

from hubbub.hub.settings import HubSettings
from tests.hub.chat import Chat, chatting

GRACE = HubSettings().leave_grace_seconds


async def test_two_sessions_of_one_user_are_one_member_with_one_join_line_and_one_leave_line(
    chat: Chat,
) -> None:
    eve = chat.enter("eve", "General")
    tab = chat.enter("ada", "General")
    phone = chat.connect().hello("ada", tab.token).join()
    chat.commit()
    assert chat.members() == ["ada", "eve"]
    tab.leave()
    chat.commit()
    assert chat.members() == ["ada", "eve"]
    phone.leave()
    chat.commit()
    assert chat.members() == ["eve"]
    assert eve.story() == ["1 eve joined", "2 ada joined", "3 ada left"]


async def test_a_ping_behind_a_leave_is_answered_when_the_others_have_seen_it(chat: Chat) -> None:
    eve, ada = chat.enter("eve", "General"), chat.enter("ada", "General")
    ada.leave().ping()
    assert ada.news() == ["left General"]
    chat.commit()
    assert eve.story()[-1] == "3 ada left"
    assert ada.news() == ["pong"]
    ada.ping()
    assert ada.news() == ["pong"]


async def test_a_ping_behind_a_leave_does_not_wait_for_ever(chat: Chat) -> None:
    ada = chat.enter("ada", "General")
    ada.leave().ping()
    chat.pass_time(2)
    assert ada.news() == ["left General", "pong"]


async def test_both_sessions_of_a_user_see_what_either_says(chat: Chat) -> None:
    tab = chat.enter("ada", "General")
    phone = chat.connect().hello("ada", tab.token).join()
    await chat.quiet()
    tab.say("from the tab")
    phone.say("from the phone")
    chat.commit()
    assert tab.story() == phone.story() == chat.story()
    assert [ack for ack in phone.news() if ack.startswith("ack")] == ["ack General 3"]


async def test_both_sessions_may_join_while_the_first_join_is_on_its_way(chat: Chat) -> None:
    tab = chat.enter("ada")
    phone = chat.connect().hello("ada", tab.token)
    tab.join()
    phone.join()
    chat.commit()
    await chat.quiet()
    assert tab.story() == phone.story() == ["1 ada joined"]


async def test_a_guest_who_was_cut_off_leaves_when_the_grace_is_over(chat: Chat) -> None:
    eve, ada = chat.enter("eve", "General"), chat.enter("ada", "General")
    ada.lose_connection()
    chat.pass_time(GRACE - 0.1)
    assert chat.drafts == 0
    assert chat.members() == ["ada", "eve"]
    chat.pass_time(0.2)
    chat.commit()
    assert eve.story() == ["1 eve joined", "2 ada joined", "3 ada left"]
    chat.pass_time(GRACE * 2)
    assert chat.drafts == 0, "one leave line"


async def test_a_guest_who_comes_back_in_time_never_left(chat: Chat) -> None:
    eve, ada = chat.enter("eve", "General"), chat.enter("ada", "General")
    ada.lose_connection()
    chat.pass_time(GRACE - 1)
    eve.say("are you there?")
    chat.commit()
    again = chat.connect().hello("ada", ada.token).join(after=2)
    await chat.quiet()
    chat.pass_time(GRACE * 2)
    chat.commit()
    assert again.story() == ["3 eve: are you there?"]
    assert chat.story() == ["1 eve joined", "2 ada joined", "3 eve: are you there?"]


async def test_who_came_back_and_leaves_has_left_at_once(chat: Chat) -> None:
    ada = chat.enter("ada", "General")
    ada.lose_connection()
    chat.connect().hello("ada", ada.token).join(after=1).leave()
    chat.commit()
    assert chat.story() == ["1 ada joined", "2 ada left"]


async def test_a_session_that_was_lost_beside_another_keeps_no_seat(chat: Chat) -> None:
    lost = chat.enter("ada", "General")
    other = chat.connect().hello("ada", lost.token).join(after=1)
    lost.lose_connection()
    other.leave()
    chat.commit()
    assert chat.story() == ["1 ada joined", "2 ada left"]


async def test_coming_back_without_joining_does_not_keep_the_seat(chat: Chat) -> None:
    ada = chat.enter("ada", "General")
    ada.lose_connection()
    chat.connect().hello("ada", ada.token)
    chat.pass_time(GRACE)
    chat.commit()
    assert chat.story() == ["1 ada joined", "2 ada left"]


async def test_the_grace_begins_anew_with_each_loss(chat: Chat) -> None:
    ada = chat.enter("ada", "General")
    for _ in range(3):
        ada.lose_connection()
        chat.pass_time(GRACE - 1)
        assert chat.drafts == 0
        ada = chat.connect().hello("ada", ada.token).join(after=1)
    chat.pass_time(GRACE * 3)
    assert chat.drafts == 0
    ada.lose_connection()
    chat.pass_time(GRACE)
    chat.commit()
    assert chat.story() == ["1 ada joined", "2 ada left"]


async def test_a_line_client_who_was_cut_off_leaves_at_once(chat: Chat) -> None:
    ben = chat.enter("ben", "General", line=True)
    ben.lose_connection()
    chat.commit()
    assert chat.story() == ["1 ben joined", "2 ben left"]


async def test_saying_goodbye_leaves_all_rooms_at_once(chat: Chat) -> None:
    eve = chat.enter("eve", "General", "Kitchen")
    ada = chat.enter("ada", "General", "Kitchen")
    ada.bye()
    chat.commit()
    assert ada.news() == ["goodbye bye"]
    assert ada.hung_up
    assert eve.story()[-1] == "3 ada left"
    assert eve.story("Kitchen")[-1] == "3 ada left"


async def test_a_reconnect_beside_the_dead_connection_is_no_second_member(chat: Chat) -> None:
    eve, dead = chat.enter("eve", "General"), chat.enter("ada", "General")
    alive = chat.connect().hello("ada", dead.token).join(after=2)
    dead.lose_connection()
    chat.pass_time(GRACE * 2)
    chat.commit()
    assert chat.members() == ["ada", "eve"]
    alive.say("still here")
    chat.commit()
    assert eve.story() == ["1 eve joined", "2 ada joined", "3 ada: still here"]


async def test_a_guest_who_is_lost_before_the_join_is_on_disk_leaves_after_the_grace(
    chat: Chat,
) -> None:
    ada = chat.enter("ada").join()
    ada.lose_connection()
    chat.commit()
    assert chat.members() == ["ada"]
    chat.pass_time(GRACE)
    chat.commit()
    assert chat.story() == ["1 ada joined", "2 ada left"]


async def test_a_line_client_who_is_lost_before_the_join_is_on_disk_leaves_right_after_it(
    chat: Chat,
) -> None:
    ben = chat.enter("ben", line=True).join()
    ben.lose_connection()
    chat.commit()
    assert chat.story() == ["1 ben joined", "2 ben left"]
    assert chat.members() == []


async def test_one_of_two_joining_sessions_may_be_lost_on_the_way(chat: Chat) -> None:
    tab = chat.enter("ada")
    phone = chat.connect().hello("ada", tab.token)
    tab.join()
    phone.join()
    tab.lose_connection()
    chat.commit()
    chat.pass_time(GRACE * 2)
    chat.commit()
    assert phone.story() == chat.story() == ["1 ada joined"]


async def test_sessions_may_sit_in_different_rooms(chat: Chat) -> None:
    tab = chat.enter("ada", "General")
    phone = chat.connect().hello("ada", tab.token).join("Kitchen")
    chat.commit()
    tab.lose_connection()
    chat.pass_time(GRACE)
    chat.commit()
    assert chat.members() == []
    assert chat.members("Kitchen") == ["ada"]
    assert phone.story("Kitchen") == ["1 ada joined"]


async def test_who_comes_back_while_the_leave_is_on_its_way_joins_anew(chat: Chat) -> None:
    eve, ada = chat.enter("eve", "General"), chat.enter("ada", "General")
    ada.lose_connection()
    chat.pass_time(GRACE)
    again = chat.connect().hello("ada", ada.token).join(after=2)
    chat.commit()
    await chat.quiet()
    assert again.story() == ["3 ada left", "4 ada joined"]
    assert eve.story() == chat.story()
    assert chat.members() == ["ada", "eve"]


async def test_a_new_person_of_the_name_never_sits_down_in_the_seat_of_the_former_one() -> None:
    """A name that was freed while its seat was held: by another session's goodbye, say."""
    async with chatting() as chat:
        eve = chat.enter("eve", "General")
        tab = chat.enter("ada", "General")
        phone = chat.connect().hello("ada", tab.token)
        tab.lose_connection()
        phone.bye()
        stranger = chat.connect("198.51.100.7").hello("Ada").join()
        chat.commit()
        await chat.quiet()
        assert eve.story() == ["1 eve joined", "2 ada joined", "3 ada left", "4 Ada joined"]
        assert stranger.story()[-1] == "4 Ada joined"
        assert chat.members() == ["Ada", "eve"]
        chat.pass_time(GRACE * 2)
        assert chat.drafts == 0


async def test_a_new_person_does_not_take_over_a_join_that_was_on_its_way(chat: Chat) -> None:
    chat.enter("ben", line=True).join().lose_connection()
    chat.connect(line=True).hello("BEN").join()
    chat.commit()
    assert chat.story() == ["1 ben joined", "2 ben left", "3 BEN joined"]


async def test_a_new_person_waits_for_a_leave_that_is_on_its_way(chat: Chat) -> None:
    ben = chat.enter("ben", "General", line=True)
    ben.bye()
    other = chat.connect(line=True).hello("Ben").join()
    chat.commit()
    await chat.quiet()
    assert chat.story() == other.story() == ["1 ben joined", "2 ben left", "3 Ben joined"]
