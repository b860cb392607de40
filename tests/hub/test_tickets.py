"""Tickets: links that let people come in, make an account, or choose a new password."""

from __future__ import annotations

import dataclasses

import pytest

from hubbub.domain import commands as ask
from hubbub.domain import replies as told
from hubbub.domain.directory import DIRECTORY
from hubbub.domain.names import RoomName, UserName
from hubbub.domain.rules import MAX_TICKETS, Role, RoomAccess
from hubbub.domain.tickets import is_code
from hubbub.hub.tickets import MAX_BY_ONE
from tests.hub.chat import UNHURRIED, Chat, Person, chatting
from tests.hub.members import (
    ELSEWHERE,
    OTHER,
    PASSWORD,
    ask_for,
    id_of,
    log_in,
    private_room,
    register,
    settle,
)
from tests.hub.people import server_owner
from tests.hub.test_factors import with_factor
from tests.hub.test_two_hubs import pair, tell

CELLAR = RoomName.parse("Cellar")
INVITED = dataclasses.replace(UNHURRIED, registration="invite")
BEN = UserName.parse("ben")


async def ticket(chat: Chat, person: Person, room: RoomName = CELLAR, **more: object) -> str:
    """The code of a new ticket."""
    told_now = await ask_for(chat, person, ask.MakeTicket(room=room, **more))  # type: ignore[arg-type]
    assert told_now[-1] == f"ticket of {room}", told_now
    return person.last(told.TicketGiven).code


async def owner(chat: Chat) -> Person:
    """Who owns the server, where one needs an invitation."""
    code = chat.hub.owner_code
    assert code is not None
    ada = chat.connect()
    ada.send(ask.Register(user=UserName.parse("ada"), password=PASSWORD, invite=code))
    await settle(chat)
    await ask_for(chat, ada, ask.Own(code=code))
    return ada


def join(code: str | None) -> ask.Join:
    return ask.Join(room=CELLAR, invite=code)


# Rooms


async def test_a_link_lets_into_a_private_room_so_many_times() -> None:
    async with chatting() as chat:
        ada = await register(chat, "ada")
        await private_room(chat, ada, "Cellar")
        code = await ticket(chat, ada, uses=2)
        people = [await register(chat, name) for name in ("ben", "cleo", "dan")]
        heard = [await ask_for(chat, person, join(code)) for person in people]
        assert [any(word.startswith("joined") for word in one) for one in heard] == [
            True,
            True,
            False,
        ]
        assert heard[2] == ["error no-such-room"]
        assert chat.members("Cellar") == ["ada", "ben", "cleo"]
        assert (await ask_for(chat, people[2], join(None)))[-1] == "error no-such-room"
        assert code not in str(chat.log.disk.events)


async def test_two_who_come_at_once_by_a_link_for_one() -> None:
    async with chatting() as chat:
        ada = await register(chat, "ada")
        await private_room(chat, ada, "Cellar")
        code = await ticket(chat, ada)
        ben, eve = await register(chat, "ben"), await register(chat, "eve")
        ben.send(join(code))
        eve.send(join(code))
        await settle(chat, 6)
        assert chat.members("Cellar") == ["ada", "ben"]
        assert eve.news()[-1] == "error bad-ticket"


async def test_a_link_is_over_at_its_time() -> None:
    async with chatting() as chat:
        ada, ben = await register(chat, "ada"), await register(chat, "ben")
        await private_room(chat, ada, "Cellar")
        code = await ticket(chat, ada, seconds=60)
        chat.pass_time(61)
        assert (await ask_for(chat, ben, join(code)))[-1] == "error no-such-room"
        assert await ask_for(chat, ada, ask.Tickets(room=CELLAR)) == ["0 tickets"]


async def test_a_link_lets_in_without_the_password_of_a_room() -> None:
    async with chatting() as chat:
        ada, ben = await register(chat, "ada"), await register(chat, "ben")
        await private_room(chat, ada, "Cellar")
        lock = ask.SetRules(room=CELLAR, access=RoomAccess.LOCKED, password="open sesame 7")
        await ask_for(chat, ada, lock)
        code = await ticket(chat, ada)
        assert (await ask_for(chat, ben, join("nonsense")))[-1] == "error need-password"
        await ask_for(chat, ben, join(code))
        assert chat.members("Cellar") == ["ada", "ben"]


@pytest.mark.parametrize("access", [RoomAccess.MEMBERS, RoomAccess.LOCKED])
async def test_a_code_that_is_typed_in_the_place_of_a_password_lets_in(access: RoomAccess) -> None:
    async with chatting() as chat:
        ada, ben = await register(chat, "ada"), await register(chat, "ben")
        eve = await register(chat, "eve")
        await private_room(chat, ada, "Cellar")
        secret = "a-password-of-24-letters"
        assert is_code(secret)
        await ask_for(chat, ada, ask.SetRules(room=CELLAR, access=access, password=secret))
        code = await ticket(chat, ada)
        await ask_for(chat, ben, ask.Join(room=CELLAR, password=code))
        assert chat.members("Cellar") == ["ada", "ben"]
        used = await ask_for(chat, eve, ask.Join(room=CELLAR, password=code))
        hidden = access is RoomAccess.MEMBERS
        assert used[-1] == f"error {'no-such-room' if hidden else 'wrong-password'}"
        await ask_for(chat, eve, ask.Join(room=CELLAR, password=secret))
        assert chat.members("Cellar") == ["ada", "ben", *([] if hidden else ["eve"])]


async def test_a_link_does_not_end_a_ban_and_is_not_used_up_by_trying() -> None:
    async with chatting() as chat:
        ada, ben = await register(chat, "ada"), await register(chat, "ben")
        await private_room(chat, ada, "Cellar", ben)
        await ask_for(chat, ada, ask.Ban(room=CELLAR, user=BEN))
        code = await ticket(chat, ada)
        assert (await ask_for(chat, ben, join(code)))[-1] == "error banned"
        await ask_for(chat, ada, ask.SetRules(room=CELLAR, guests=False))
        eve = chat.enter("eve")
        assert (await ask_for(chat, eve, join(code)))[-1] == "error need-account"
        assert (await ask_for(chat, ada, ask.Tickets(room=CELLAR)))[-1] == "1 tickets"


async def test_who_is_in_already_uses_nothing_up() -> None:
    async with chatting() as chat:
        ada = await register(chat, "ada")
        await private_room(chat, ada, "Cellar")
        code = await ticket(chat, ada)
        await ask_for(chat, ada, join(code))
        assert (await ask_for(chat, ada, ask.Tickets(room=CELLAR)))[-1] == "1 tickets"


async def test_who_does_not_moderate_sees_and_ends_ones_own_links_only() -> None:
    async with chatting() as chat:
        ada, ben = await register(chat, "ada"), await register(chat, "ben")
        await private_room(chat, ada, "Cellar", ben)
        code = await ticket(chat, ada)
        await ticket(chat, ben)
        assert (await ask_for(chat, ada, ask.Tickets(room=CELLAR)))[-1] == "2 tickets"
        assert (await ask_for(chat, ben, ask.Tickets(room=CELLAR)))[-1] == "1 tickets"
        adas = next(one for one in ada.last(told.TicketList).tickets if one.by == "ada")
        end = ask.EndTicket(room=CELLAR, ticket=adas.id)
        assert (await ask_for(chat, ben, end))[-1] == "error bad-ticket"
        assert (await ask_for(chat, ada, end))[-1] == "done"
        eve = await register(chat, "eve")
        assert (await ask_for(chat, eve, join(code)))[-1] == "error no-such-room"
        assert (await ask_for(chat, eve, ask.Tickets(room=CELLAR)))[-1] == "error no-such-room"


async def test_there_are_only_so_many_links() -> None:
    async with chatting() as chat:
        ada = await register(chat, "ada")
        await private_room(chat, ada, "Cellar")
        for _ in range(MAX_TICKETS):
            await ticket(chat, ada, seconds=10)
        make = ask.MakeTicket(room=CELLAR)
        assert (await ask_for(chat, ada, make))[-1] == "error too-many"
        chat.pass_time(11)
        await ticket(chat, ada)
        assert len(chat.hub.rooms["cellar"].state.facts.tickets) == 1


async def test_nobody_takes_all_links_of_a_room_from_those_who_moderate_it() -> None:
    async with chatting() as chat:
        ada, ben = await register(chat, "ada"), await register(chat, "ben")
        await private_room(chat, ada, "Cellar")
        await ask_for(chat, ada, ask.Invite(room=CELLAR, user=BEN))
        ben.join("Cellar")
        await settle(chat)
        for _ in range(MAX_BY_ONE):
            await ticket(chat, ben, seconds=10)
        make = ask.MakeTicket(room=CELLAR)
        assert (await ask_for(chat, ben, make))[-1] == "error too-many"
        await ticket(chat, ada)
        chat.pass_time(11)
        await ticket(chat, ben)


async def test_a_link_that_the_log_refuses_is_none() -> None:
    async with chatting() as chat:
        ada = await register(chat, "ada")
        await private_room(chat, ada, "Cellar")
        ada.send(ask.MakeTicket(room=CELLAR))
        await chat.quiet()
        chat.fail()
        await chat.quiet()
        assert ada.news() == ["error log-unavailable"]
        assert chat.hub.rooms["cellar"].state.facts.tickets == ()


async def test_guests_make_no_links() -> None:
    async with chatting() as chat:
        eve = chat.enter("eve", "General")
        make = ask.MakeTicket(room=RoomName.parse("General"))
        assert (await ask_for(chat, eve, make))[-1] == "error need-account"


# Accounts


async def test_where_one_needs_an_invitation_a_link_is_one() -> None:
    async with chatting(INVITED) as chat:
        ada = await owner(chat)
        code = await ticket(chat, ada, DIRECTORY)
        ben = chat.enter("ben")
        asked = ask.Register(password=PASSWORD)
        assert await ask_for(chat, ben, asked) == ["error need-invitation"]
        wrong = ask.Register(password=PASSWORD, invite="nonsense")
        assert await ask_for(chat, ben, wrong) == ["error bad-ticket"]
        right = ask.Register(password=PASSWORD, invite=code)
        assert await ask_for(chat, ben, right) == ["welcome ben"]
        eve = chat.enter("eve")
        assert await ask_for(chat, eve, right) == ["error bad-ticket"]


async def test_two_who_register_at_once_by_a_link_for_one() -> None:
    async with chatting(INVITED) as chat:
        code = await ticket(chat, await owner(chat), DIRECTORY)
        ben, eve = chat.enter("ben"), chat.enter("eve")
        for person in (ben, eve):
            person.send(ask.Register(password=PASSWORD, invite=code))
        await settle(chat, 6)
        assert [ben.news(), eve.news()] == [["welcome ben"], ["error bad-ticket"]]
        assert not [one for kind, one in chat.log.disk.secrets if one == id_of(eve)]


async def test_only_administrators_invite_to_the_server() -> None:
    async with chatting(INVITED) as chat:
        ada = await owner(chat)
        ben = chat.enter("ben")
        code = await ticket(chat, ada, DIRECTORY, uses=5)
        await ask_for(chat, ben, ask.Register(password=PASSWORD, invite=code))
        make = ask.MakeTicket(room=DIRECTORY)
        assert await ask_for(chat, ben, make) == ["error no-such-room"]
        await ask_for(chat, ada, ask.GiveRole(room=DIRECTORY, user=BEN, role=Role.MODERATOR))
        await ticket(chat, ben, DIRECTORY)
        assert await ask_for(chat, ben, ask.Invite(room=DIRECTORY, user=BEN)) == [
            "error not-allowed"
        ]


async def test_wrong_owner_codes_as_invitations_are_limited() -> None:
    async with chatting(INVITED) as chat:
        eve = chat.enter("eve")
        wrong = ask.Register(password=PASSWORD, invite="ABCD1234")
        heard = [(await ask_for(chat, eve, wrong))[-1] for _ in range(4)]
        assert heard == ["error bad-ticket"] * 3 + ["error rate-limited"]


# Passwords


async def test_a_link_gives_an_account_a_new_password_once() -> None:
    async with chatting() as chat:
        ada, ben = await register(chat, "ada"), await register(chat, "ben")
        await ask_for(chat, ada, ask.Own(code=chat.hub.owner_code or ""))
        code = await ticket(chat, ada, DIRECTORY, user=BEN)
        reset = ask.ResetPassword(user=BEN, code=code, password=OTHER)
        stranger = chat.connect(ELSEWHERE)
        weak = ask.ResetPassword(user=BEN, code=code, password="12345678")
        assert await ask_for(chat, stranger, weak) == ["error weak-password"]
        other = ask.ResetPassword(user=UserName.parse("ada"), code=code, password=OTHER)
        assert await ask_for(chat, stranger, other) == ["error bad-ticket"]
        assert await ask_for(chat, stranger, reset) == ["done"]
        assert ben.hung_up
        assert await ask_for(chat, stranger, reset) == ["error bad-ticket"]
        assert (await log_in(chat, "ben")).news() == ["error wrong-password"]
        assert (await log_in(chat, "ben", password=OTHER)).news() == ["welcome ben"]


@pytest.mark.parametrize("factor", [True, False])
async def test_a_second_factor_stays_unless_the_link_is_for_that_too(*, factor: bool) -> None:
    async with chatting() as chat:
        ada, ben = await register(chat, "ada"), await register(chat, "ben")
        await with_factor(chat, ben)
        await ask_for(chat, ada, ask.Own(code=chat.hub.owner_code or ""))
        code = await ticket(chat, ada, DIRECTORY, user=BEN, factor=factor)
        reset = ask.ResetPassword(user=BEN, code=code, password=OTHER)
        assert await ask_for(chat, chat.connect(), reset) == ["done"]
        back = await log_in(chat, "ben", password=OTHER)
        assert back.news() == ["welcome ben"] if factor else ["error need-code"]


async def test_an_administrator_makes_no_link_for_who_is_as_much() -> None:
    async with chatting() as chat:
        ada, ben, _ = [await register(chat, name) for name in ("ada", "ben", "cleo")]
        await ask_for(chat, ada, ask.Own(code=chat.hub.owner_code or ""))
        await ask_for(chat, ada, ask.GiveRole(room=DIRECTORY, user=BEN, role=Role.MODERATOR))
        for name, heard in (
            ("ada", "error not-allowed"),
            ("ben", "error not-allowed"),
            ("nobody", "error no-such-user"),
            ("cleo", "ticket of /server"),
        ):
            make = ask.MakeTicket(room=DIRECTORY, user=UserName.parse(name))
            assert await ask_for(chat, ben, make) == [heard]


async def test_a_link_for_a_password_is_none_to_register() -> None:
    async with chatting(INVITED) as chat:
        ada = await owner(chat)
        code = await ticket(chat, ada, DIRECTORY, user=UserName.parse("ada"))
        eve = chat.enter("eve")
        asked = ask.Register(password=PASSWORD, invite=code)
        assert await ask_for(chat, eve, asked) == ["error bad-ticket"]


@pytest.mark.parametrize(
    "make",
    [
        ask.MakeTicket(room=DIRECTORY, factor=True),
        ask.MakeTicket(room=DIRECTORY, user=BEN, uses=2),
        ask.MakeTicket(room=CELLAR, user=BEN),
    ],
)
async def test_what_makes_no_sense_is_refused_kindly(make: ask.MakeTicket) -> None:
    async with chatting() as chat:
        ada, _ = await register(chat, "ada"), await register(chat, "ben")
        await private_room(chat, ada, "Cellar")
        await ask_for(chat, ada, ask.Own(code=chat.hub.owner_code or ""))
        assert await ask_for(chat, ada, make) == ["error bad-message"]


async def test_tickets_hold_after_a_restart() -> None:
    async with chatting() as chat:
        ada = await register(chat, "ada")
        await register(chat, "ben")
        await private_room(chat, ada, "Cellar")
        code = await ticket(chat, ada)
        await chat.crash()
        again = Chat(disk=chat.log.disk)
        await again.start()
        ben = await log_in(again, "ben")
        await ask_for(again, ben, join(code))
        await settle(again)
        assert "ben" in again.members("Cellar")
        await again.crash()


async def test_two_servers_take_a_ticket_for_one_once() -> None:
    async with pair() as both:
        ada = await register(both.one, "ada")
        ben, cleo = await register(both.one, "ben"), await register(both.one, "cleo")
        await private_room(both.one, ada, "Cellar")
        code = await ticket(both.one, ada)
        await tell(both)
        ben.news()
        other = await log_in(both.other, "cleo")
        cleo.lose_connection()
        ben.send(join(code))
        other.send(join(code))
        await both.one.quiet()
        await both.other.quiet()
        await settle(both.one, 6)
        await settle(both.other, 6)
        await tell(both)
        assert both.one.members("Cellar") == both.other.members("Cellar") == ["ada", "ben"]
        assert other.news()[-1] == "error bad-ticket"


async def test_a_link_for_a_password_ends_when_its_user_gets_a_role() -> None:
    async with chatting() as chat:
        ada = await server_owner(chat, "ada")
        root, ben = await register(chat, "root"), await register(chat, "ben")
        give = ask.GiveRole(room=DIRECTORY, user=UserName.parse("root"), role=Role.MODERATOR)
        await ask_for(chat, ada, give)
        code = await ticket(chat, root, DIRECTORY, user=BEN)
        await ask_for(chat, ada, ask.GiveRole(room=DIRECTORY, user=BEN, role=Role.OWNER))
        reset = ask.ResetPassword(user=BEN, code=code, password=OTHER)
        assert await ask_for(chat, chat.connect(), reset) == ["error bad-ticket"]
        assert not ben.hung_up


@pytest.mark.parametrize("kind", [ask.Kick, ask.Ban])
async def test_who_is_put_out_does_not_come_back_by_a_link_of_their_own(
    kind: type[ask.Kick | ask.Ban],
) -> None:
    async with chatting() as chat:
        ada, ben = await register(chat, "ada"), await register(chat, "ben")
        await private_room(chat, ada, "Cellar")
        others = await ticket(chat, ada, uses=2)
        await ask_for(chat, ben, join(others))
        code = await ticket(chat, ben, uses=5)
        await ask_for(chat, ada, kind(room=CELLAR, user=BEN))
        cleo = await register(chat, "cleo")
        for person in (ben, cleo):
            assert "error" in (await ask_for(chat, person, join(code)))[-1]
        await ask_for(chat, cleo, join(others))
        assert chat.members("Cellar") == ["ada", "cleo"]
