"""Names: in use, held, proven by a token, freed."""

from __future__ import annotations

import pytest

from hubbub.domain.replies import Refused, Welcome
from hubbub.hub.settings import HubSettings
from hubbub.hub.users import hash_token
from hubbub.server.admission import LOOPBACK_SHARE
from hubbub.server.options import Options
from tests.hub.chat import Chat, chatting

HOLD = HubSettings().hold_seconds


async def test_a_name_can_be_used_once(chat: Chat) -> None:
    chat.enter("ada")
    other = chat.connect().hello("ada")
    refused = other.last(Refused)
    assert refused.code == "name-taken"
    assert refused.suggestion == "ada2"
    assert "ada2" in refused.message


async def test_who_finds_a_name_taken_is_told_that_it_may_be_theirs_and_when_it_is_free(
    chat: Chat,
) -> None:
    ada = chat.enter("ada")
    assert chat.connect().hello("ada").last(Refused).message == (
        'The name "ada" is in use, maybe by you on another device. '
        'It will be free after signing out there. "ada2" is free now.'
    )
    ada.lose_connection()
    for seconds, told in ((0, "10 minutes"), (61, "9 minutes"), (HOLD - 62, "1 minute")):
        chat.pass_time(seconds)
        message = chat.connect().hello("ada").last(Refused).message
        assert "maybe you on another device" in message
        assert f"It will be free in {told}." in message


@pytest.mark.parametrize("spelling", ["ADA", "Ada", "ａｄａ"])
async def test_a_name_is_one_in_every_spelling(chat: Chat, spelling: str) -> None:
    chat.enter("ada")
    assert chat.connect().hello(spelling).news() == ["error name-taken"]


async def test_the_suggestion_is_free_itself(chat: Chat) -> None:
    for name in ("ada", "ada2", "ada3"):
        chat.enter(name)
    assert chat.connect().hello("ada").last(Refused).suggestion == "ada4"


async def test_whom_a_name_was_refused_may_try_another(chat: Chat) -> None:
    chat.enter("ada")
    ben = chat.connect().hello("ada").hello("ben")
    chat.commit()
    assert ben.news() == ["error name-taken", "welcome ben"]


async def test_the_welcome_comes_when_the_guest_is_on_disk(chat: Chat) -> None:
    ada = chat.connect().hello("ada")
    assert ada.news() == []
    chat.commit()
    welcome = ada.last(Welcome)
    assert welcome.user == "ada"
    assert welcome.log == chat.log.id
    (guest,) = await chat.log.guests()
    assert guest.name == "ada"
    assert guest.token_hash == hash_token(welcome.token or "")
    assert (welcome.token or "").encode() not in guest.token_hash, "the token itself is not kept"


async def test_what_was_sent_behind_the_hello_waits_for_the_welcome(chat: Chat) -> None:
    ada = chat.connect().hello("ada").join().say("all in one go").ping()
    chat.commit()
    await chat.quiet()
    assert ada.news() == [
        "welcome ada",
        "joined General after 0 with ada",
        "General 1 ada joined",
        "General 2 ada: all in one go",
        "ack General 2",
        "pong",
    ]


async def test_a_second_hello_is_refused(chat: Chat) -> None:
    ada = chat.enter("ada")
    assert ada.hello("eve").news() == ["error already-named"]
    assert chat.connect().hello("eve").news() == []


async def test_nothing_is_done_for_those_without_a_name(chat: Chat) -> None:
    nobody = chat.connect()
    nobody.join().leave().say("hello")
    assert nobody.news() == ["error need-name"] * 3
    assert nobody.ping().news() == ["pong"]


async def test_a_token_makes_the_next_connection_the_same_user(chat: Chat) -> None:
    ada = chat.enter("ada")
    again = chat.connect().hello("ADA", ada.token)
    assert again.last(Welcome).user == "ada", "the name is shown as it was first given"
    assert again.token == ada.token


@pytest.mark.parametrize("token", [None, "", "guess", "\ud800"])
async def test_without_the_token_a_held_name_is_refused(chat: Chat, token: str | None) -> None:
    ada = chat.enter("ada")
    ada.lose_connection()
    chat.pass_time(HOLD - 1)
    assert chat.connect().hello("ada", token).news() == ["error name-taken"]
    assert chat.connect().hello("ada", ada.token).news() == ["welcome ada"]


async def test_a_name_is_held_for_a_while_after_a_lost_connection(chat: Chat) -> None:
    ada = chat.enter("ada")
    ada.lose_connection()
    chat.pass_time(HOLD)
    stranger = chat.connect().hello("ada")
    chat.commit()
    assert stranger.news() == ["welcome ada"]
    assert stranger.token != ada.token
    assert chat.connect().hello("ada", ada.token).news() == ["error name-taken"]


async def test_the_hold_begins_anew_with_each_loss(chat: Chat) -> None:
    ada = chat.enter("ada")
    ada.lose_connection()
    chat.pass_time(HOLD - 1)
    again = chat.connect().hello("ada", ada.token)
    again.lose_connection()
    chat.pass_time(HOLD - 1)
    assert chat.connect().hello("ada").news() == ["error name-taken"]
    chat.pass_time(1)
    chat.commit()
    assert await chat.log.guests() == []


async def test_a_name_is_free_at_once_after_goodbye(chat: Chat) -> None:
    ada = chat.enter("ada")
    ada.bye()
    stranger = chat.connect().hello("ada")
    chat.commit()
    assert stranger.news() == ["welcome ada"]
    assert [guest.token_hash for guest in await chat.log.guests()] == [
        hash_token(stranger.token or "")
    ]


async def test_a_name_is_in_use_while_one_session_of_several_is_left(chat: Chat) -> None:
    tab = chat.enter("ada")
    phone = chat.connect().hello("ada", tab.token)
    tab.bye()
    assert chat.connect().hello("ada").news() == ["error name-taken"]
    phone.bye()
    stranger = chat.connect().hello("ada")
    chat.commit()
    assert stranger.news() == ["welcome ada"]


async def test_a_line_client_has_its_name_while_it_is_connected_no_longer(chat: Chat) -> None:
    ben = chat.enter("ben", line=True)
    assert ben.token is None
    assert chat.connect().hello("ben").news() == ["error name-taken"]
    ben.lose_connection()
    stranger = chat.connect().hello("ben")
    chat.commit()
    assert stranger.news() == ["welcome ben"]
    assert len(await chat.log.guests()) == 1


async def test_no_token_opens_the_name_of_a_line_client(chat: Chat) -> None:
    ada = chat.enter("ada")
    ada.bye()
    chat.enter("ada", line=True)
    assert chat.connect().hello("ada", ada.token).news() == ["error name-taken"]


async def test_who_never_heard_the_token_does_not_block_the_name(chat: Chat) -> None:
    """The connection broke before the welcome: nobody could prove to be that guest."""
    chat.connect().hello("ada").lose_connection()
    again = chat.connect().hello("ada")
    chat.commit()
    assert again.news() == ["welcome ada"]
    assert [guest.token_hash for guest in await chat.log.guests()] == [
        hash_token(again.token or "")
    ]


async def test_one_client_holds_so_many_names_and_no_more() -> None:
    async with chatting(HubSettings(rate_limit=0, held_per_address=2)) as chat:
        people = []
        for name in ("ada", "ben", "eve"):
            people.append(chat.enter(name))
            chat.pass_time(10)
        neighbour = chat.connect("198.51.100.7").hello("zoe")
        chat.commit()
        for person in [*people, neighbour]:
            person.lose_connection()
        chat.commit()
        assert [str(guest.name) for guest in await chat.log.guests()] == ["ada", "ben", "zoe"]
        assert chat.connect().hello("ben").news() == ["error name-taken"]
        assert chat.connect().hello("eve").news() == []


async def test_a_held_name_cannot_be_pushed_out_by_names_in_use_for_a_moment() -> None:
    async with chatting(HubSettings(rate_limit=0, held_per_address=5)) as chat:
        vera = chat.enter("Vera")
        chat.pass_time(60)
        for number in range(20):
            chat.enter(f"early{number}").lose_connection()
        vera.lose_connection()
        for number in range(20):
            chat.enter(f"late{number}").lose_connection()
            assert chat.connect().hello("Vera").news() == ["error name-taken"]
        assert chat.connect().hello("Vera", vera.token).news() == ["welcome Vera"]


async def test_nor_by_names_that_as_many_connections_as_there_may_be_keep_for_longer() -> None:
    others = LOOPBACK_SHARE * Options().sessions_per_address - 1
    async with chatting(HubSettings(rate_limit=0)) as chat:
        crowd = [chat.connect().hello(f"eve{n}") for n in range(others)]
        chat.pass_time(1)
        vera = chat.connect().hello("Vera")
        chat.commit()
        chat.pass_time(HOLD + 1)
        for one in (vera, *crowd, chat.enter("late")):
            one.lose_connection()
        chat.commit()
        assert chat.connect().hello("Vera").news() == ["error name-taken"]


async def test_a_whole_address_that_loses_the_network_keeps_its_names() -> None:
    async with chatting(HubSettings(rate_limit=0)) as chat:
        people = [chat.connect().hello(f"p{n}") for n in range(Options().sessions_per_address)]
        chat.commit()
        for person in people:
            person.lose_connection()
        chat.commit()
        for n, person in enumerate(people):
            assert chat.connect().hello(f"p{n}", person.token).news() == [f"welcome p{n}"]


async def test_coming_back_gives_the_place_among_the_held_names_back() -> None:
    async with chatting(HubSettings(rate_limit=0, held_per_address=2)) as chat:
        ada, ben = chat.enter("ada"), chat.enter("ben")
        ada.lose_connection()
        ben.lose_connection()
        back = chat.connect().hello("ada", ada.token)
        chat.enter("eve").lose_connection()
        chat.commit()
        assert back.news() == ["welcome ada"]
        assert sorted(str(guest.name) for guest in await chat.log.guests()) == ["ada", "ben", "eve"]


async def test_nothing_is_held_where_the_setting_says_so() -> None:
    async with chatting(HubSettings(rate_limit=0, hold_seconds=0)) as chat:
        ada = chat.enter("ada")
        ada.lose_connection()
        chat.commit()
        assert await chat.log.guests() == []
        assert chat.connect().hello("ada", ada.token).news() == []


async def test_a_guest_whom_the_log_could_not_save_is_welcome_all_the_same(chat: Chat) -> None:
    ada = chat.connect().hello("ada")
    chat.fail()
    assert ada.news() == ["welcome ada"]
    ada.join()
    chat.commit()
    assert chat.members() == ["ada"]
    again = chat.connect().hello("ada", ada.token)
    assert again.news() == ["welcome ada"]
