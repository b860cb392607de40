"""Getting an account, logging in to it, and ending it."""

from __future__ import annotations

import dataclasses

import pytest
from msgspec.structs import replace

from hubbub.domain import commands as ask
from hubbub.domain import replies as told
from hubbub.domain.directory import DIRECTORY
from hubbub.domain.events import FORMER_MEMBER, Said
from hubbub.domain.ids import THE_SERVER
from hubbub.domain.names import RoomName, UserName
from hubbub.domain.rules import Role
from hubbub.hub.ports import ForgetGuest, KeepDevice, SecretKind, Turn
from tests.hub.chat import UNHURRIED, Chat, chatting
from tests.hub.members import (
    ELSEWHERE,
    OTHER,
    PASSWORD,
    ask_for,
    devices_of,
    id_of,
    log_in,
    private_room,
    register,
    settle,
)
from tests.passwords import CheapPasswords

ADA = UserName.parse("ada")
REGISTER = ask.Register(password=PASSWORD)


def errors(*codes: str) -> list[str]:
    return [f"error {code}" for code in codes]


# Registering


async def test_a_guest_who_registers_stays_who_they_are() -> None:
    async with chatting() as chat:
        ada = chat.enter("ada", "General", "Kitchen")
        ben = chat.enter("ben", "General")
        ada.say("before").read(1)
        chat.commit()
        id, guest_token = id_of(ada), ada.token
        assert await ask_for(chat, ada, REGISTER) == ["welcome ada"]
        welcome = ada.last(told.Welcome)
        assert (welcome.account, welcome.user_id) == (True, id)
        assert ada.token not in (None, guest_token)
        assert await ask_for(chat, ada, ask.Say(room=RoomName.parse("General"), text="after"))
        assert [(e.by, e.by_id) for e in ben.shown() if e.by == "ada"] == [("ada", id)] * 3
        assert chat.members("General") == ["ada", "ben"]
        assert chat.story(DIRECTORY) == ["1 ada has made an account."]
        assert not [one for one in chat.log.disk.guests.values() if one.name == "ada"]
        assert ada.session.user is not None
        place = ada.session.user.place("general")
        assert place is not None
        assert place.seq == 1


async def test_other_sessions_of_the_guest_have_the_account_too() -> None:
    async with chatting() as chat:
        ada = chat.enter("ada", "General")
        phone = chat.connect().hello("ada", ada.token).join()
        await settle(chat)
        await ask_for(chat, ada, REGISTER)
        assert await ask_for(chat, phone, ask.Devices()) == ["devices: "]
        assert await ask_for(chat, phone, REGISTER) == errors("bad-message")
        assert chat.story() == ["1 ada joined"]


async def test_two_sessions_of_a_guest_that_register_at_once_make_one_account() -> None:
    async with chatting() as chat:
        ada = chat.enter("ada", "General")
        phone = chat.connect().hello("ada", ada.token)
        await settle(chat)
        ada.send(REGISTER)
        phone.send(ask.Register(password=OTHER))
        await settle(chat)
        assert chat.story(DIRECTORY) == ["1 ada has made an account."]
        assert phone.news()[-1:] == errors("bad-message")
        assert (await log_in(chat, "ada")).news() == ["welcome ada"]


async def test_an_account_can_be_made_without_having_been_a_guest() -> None:
    async with chatting(dataclasses.replace(UNHURRIED, guests="off")) as chat:
        ada = chat.connect()
        assert await ask_for(chat, ada, REGISTER) == errors("need-name")
        assert await ask_for(chat, ada, ask.Hello(user=ADA)) == errors("guests-off")
        assert await ask_for(chat, ada, replace(REGISTER, user=ADA)) == ["welcome ada"]
        assert (await log_in(chat, "ada")).news() == ["welcome ada"]


async def test_a_name_that_could_not_be_registered_is_free_again() -> None:
    async with chatting() as chat:
        ada = chat.connect().send(replace(REGISTER, user=ADA))
        await chat.quiet()
        chat.fail()
        await chat.quiet()
        assert ada.news() == errors("log-unavailable")
        assert chat.enter("ada").session.user is not None
        assert await ask_for(chat, ada, ask.Devices()) == errors("need-name")


@pytest.mark.parametrize(
    "command, code",
    [
        (ask.Register(password="short"), "weak-password"),
        (ask.Register(password="password12"), "weak-password"),
        (ask.Register(password=PASSWORD, user=UserName.parse("ben")), "bad-message"),
        (ask.Devices(), "need-account"),
        (ask.Revoke(), "need-account"),
        (ask.Rename(user=UserName.parse("ben")), "need-account"),
        (ask.ChangePassword(old="", new=PASSWORD), "need-account"),
        (ask.CloseAccount(password=""), "need-account"),
        (ask.Own(code="1234"), "need-account"),
    ],
)
async def test_what_a_guest_cannot_do(command: ask.Command, code: str) -> None:
    async with chatting() as chat:
        ada = chat.enter("ada", "General")
        assert await ask_for(chat, ada, command) == errors(code)
        assert DIRECTORY.key not in chat.log.disk.events


async def test_where_registration_is_closed_nobody_registers() -> None:
    async with chatting(dataclasses.replace(UNHURRIED, registration="closed")) as chat:
        assert await ask_for(chat, chat.enter("ada"), REGISTER) == errors("registration-closed")


async def test_a_registration_that_the_log_refuses_changes_nothing() -> None:
    async with chatting() as chat:
        ada = chat.enter("ada", "General")
        ada.send(REGISTER)
        await chat.quiet()
        chat.fail()
        await chat.quiet()
        assert ada.news() == errors("log-unavailable")
        assert {kind for kind, _ in chat.log.disk.secrets} == {SecretKind.CURSORS}
        assert await ask_for(chat, ada, ask.Devices()) == errors("need-account")
        assert await ask_for(chat, ada, REGISTER) == ["welcome ada"]


async def test_a_registration_of_who_is_gone_is_not_made() -> None:
    async with chatting() as chat:
        ada = chat.enter("ada", "General")
        ada.send(REGISTER)
        ada.lose_connection()
        await settle(chat)
        assert DIRECTORY.key not in chat.log.disk.events


async def test_what_is_asked_while_the_password_is_hashed_waits() -> None:
    async with chatting() as chat:
        ada = chat.enter("ada", "General")
        ada.send(REGISTER).say("hello").ping()
        await settle(chat, 6)
        assert ada.news() == ["welcome ada", "General 2 ada: hello", "ack General 2", "pong"]


async def test_after_a_restart_the_account_is_there_with_all_that_it_had() -> None:
    async with chatting() as chat:
        ada = await register(chat, "ada", "General")
        ada.read(1)
        chat.pass_time(60)
        chat.commit()
        await chat.crash()
        again = Chat(disk=chat.log.disk)
        await again.start()
        again.commit()
        back = await log_in(again, "ada", token=ada.token, password=None)
        assert back.news() == ["welcome ada"]
        assert back.last(told.Welcome).user_id == id_of(ada)
        assert back.session.user is not None
        place = back.session.user.place("general")
        assert place is not None
        assert place.seq == 1
        assert await ask_for(again, again.connect(), ask.Hello(user=ADA)) == errors("need-password")
        await again.crash()


async def test_a_former_name_that_is_freed_takes_nothing_from_the_account() -> None:
    async with chatting() as chat:
        ada = chat.enter("ada", "General").read(1)
        await settle(chat)
        countess = chat.connect().hello("countess")
        await settle(chat)
        countess.send(ask.Formerly(user=ADA, token=ada.token or ""))
        ada.lose_connection()
        await settle(chat)
        assert await ask_for(chat, countess, REGISTER) == ["welcome countess"]
        chat.pass_time(UNHURRIED.hold_seconds + 1)
        await settle(chat)
        assert chat.hub.users.get("ada") is None
        assert chat.log.disk.markers
        assert countess.session.user is not None
        assert countess.session.user.places


# Names


@pytest.mark.parametrize("name", ["ada", "ADA", "Ａｄａ"])
async def test_the_name_of_an_account_is_its_owners_in_any_writing(name: str) -> None:
    async with chatting() as chat:
        (await register(chat, "ada")).bye()
        await settle(chat)
        chat.pass_time(2 * UNHURRIED.hold_seconds)
        eve = chat.connect(ELSEWHERE)
        assert await ask_for(chat, eve, ask.Hello(user=UserName.parse(name))) == errors(
            "need-password"
        )
        registering = replace(REGISTER, user=UserName.parse(name))
        assert await ask_for(chat, eve, registering) == errors("name-taken")
        assert (await log_in(chat, name)).news() == ["welcome ada"]


async def test_no_name_of_an_account_is_suggested() -> None:
    async with chatting() as chat:
        (await register(chat, "ada2")).bye()
        await settle(chat)
        chat.enter("ada")
        eve = chat.connect(ELSEWHERE).hello("ada")
        assert eve.last(told.Refused).suggestion == "ada3"


async def test_a_guest_whose_name_is_held_can_come_back_and_register() -> None:
    async with chatting() as chat:
        ada = chat.enter("ada", "General")
        ada.lose_connection()
        eve = chat.connect(ELSEWHERE)
        assert await ask_for(chat, eve, replace(REGISTER, user=ADA)) == errors("name-taken")
        back = chat.connect().hello("ada", ada.token)
        assert await ask_for(chat, back, REGISTER) == ["welcome ada"]


async def test_nobody_takes_a_name_while_it_is_being_registered() -> None:
    async with chatting() as chat:
        ada = chat.connect(line=True).hello("ada").send(REGISTER)
        await chat.quiet()
        ada.lose_connection()
        eve = chat.connect(ELSEWHERE).hello("ada")
        assert eve.last(told.Refused).code == "name-taken"
        await settle(chat)
        assert (await log_in(chat, "ada")).news() == ["welcome ada"]


# Logging in


async def test_a_password_lets_in_and_gives_a_token_that_does_so_too() -> None:
    async with chatting() as chat:
        ada = await register(chat, "ada")
        phone = await log_in(chat, "ada", "General", address=ELSEWHERE)
        assert phone.news()[0] == "welcome ada"
        assert phone.last(told.Welcome).user_id == id_of(ada)
        assert sorted(devices_of(chat, "ada")) == ["", "test 1"]
        phone.lose_connection()
        again = await log_in(chat, "ada", token=phone.token, password=None)
        assert again.token == phone.token
        assert len(devices_of(chat, "ada")) == 2


async def test_lines_keep_no_token_and_are_no_device() -> None:
    async with chatting() as chat:
        await register(chat, "ada", line=True)
        nc = await log_in(chat, "ada", line=True)
        assert nc.news() == ["welcome ada"]
        assert nc.token is None
        assert devices_of(chat, "ada") == []


async def test_a_wrong_password_and_an_unknown_name_are_told_in_the_same_words() -> None:
    async with chatting() as chat:
        await register(chat, "ada")
        said = []
        for name in ("ada", "bob"):
            eve = await log_in(chat, name, password=OTHER, address=ELSEWHERE)
            refused = eve.last(told.Refused)
            said.append((refused.code, refused.message.replace(name, "NAME")))
        assert said[0] == said[1]
        assert said[0][0] == "wrong-password"


class Counted(CheapPasswords):
    """Counts what is asked of it."""

    verified = 0

    async def verify(self, password: str, hashed: str | None, turn: Turn) -> bool:
        self.verified += 1
        return await super().verify(password, hashed, turn)


@pytest.mark.parametrize("token", [None, "wrong"])
async def test_a_wrong_password_and_an_unknown_name_cost_the_same(
    token: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with chatting() as chat:
        await register(chat, "ada")
        passwords = Counted()
        chat.hub.passwords = passwords
        reads: list[str] = []
        for name in ("secret", "devices", "markers"):
            read = getattr(chat.log, name)

            async def counted(*args: object, read: object = read, name: str = name) -> object:
                reads.append(name)
                return await read(*args)  # type: ignore[operator]

            monkeypatch.setattr(chat.log, name, counted)
        costs = []
        for name in ("ada", "bob"):
            reads.clear()
            passwords.verified = 0
            await log_in(chat, name, password=OTHER, token=token, address=ELSEWHERE)
            costs.append((*reads, passwords.verified))
        assert costs[0] == costs[1]
        assert costs[0] == (*(["devices"] if token else []), "secret", 1)


async def test_after_too_many_tries_nothing_is_read_and_nothing_hashed() -> None:
    async with chatting() as chat:
        await register(chat, "ada")
        passwords = chat.hub.passwords = Counted()
        for _ in range(3):
            await log_in(chat, "ada", password=OTHER, address=ELSEWHERE)
        eve = await log_in(chat, "ada", address=ELSEWHERE)
        assert eve.last(told.Refused).code == "rate-limited"
        assert passwords.verified == 3
        assert (await log_in(chat, "ada")).news() == ["welcome ada"]


async def test_a_password_that_cannot_be_one_is_a_wrong_one() -> None:
    async with chatting() as chat:
        await register(chat, "ada")
        eve = await log_in(chat, "ada", password="\ud800bad\x00")
        assert eve.last(told.Refused).code == "wrong-password"


async def test_a_login_by_token_makes_the_address_known() -> None:
    async with chatting() as chat:
        ada = await register(chat, "ada")
        await log_in(chat, "ada", token=ada.token, password=None, address=ELSEWHERE)
        for number in range(4000):
            address = f"2001:db8:{number:x}::1"
            client = chat.hub.clients.at(address).key
            try:
                chat.hub.attempts.begin("ada", client, 0)
            except Exception:  # noqa: BLE001 - the crowd is out of tries by now
                break
        assert (await log_in(chat, "ada", address=ELSEWHERE)).news() == ["welcome ada"]


async def test_a_hash_of_former_times_is_made_anew_when_the_password_comes() -> None:
    async with chatting() as chat:
        await register(chat, "ada")
        chat.hub.passwords = CheapPasswords(2)
        await log_in(chat, "ada")
        kept = next(
            value
            for (kind, _), value in chat.log.disk.secrets.items()
            if kind is SecretKind.PASSWORD
        )
        assert kept.startswith("2$")
        assert (await log_in(chat, "ada")).news() == ["welcome ada"]


async def test_an_old_hash_never_replaces_a_new_password() -> None:
    async with chatting() as chat:
        ada = await register(chat, "ada")
        chat.hub.passwords = CheapPasswords(2)
        phone = chat.connect()
        ada.send(ask.ChangePassword(old=PASSWORD, new=OTHER))
        phone.send(ask.Hello(user=ADA, password=PASSWORD))
        await settle(chat, 6)
        assert (await log_in(chat, "ada", password=OTHER)).news() == ["welcome ada"]
        assert phone.session.user is None or phone.hung_up


async def test_a_login_is_possible_when_the_log_takes_nothing() -> None:
    async with chatting() as chat:
        await register(chat, "ada")
        phone = chat.connect().send(ask.Hello(user=ADA, password=PASSWORD))
        await chat.quiet()
        assert any(isinstance(entry, KeepDevice) for entry in chat.log.queued)
        chat.fail()
        await chat.quiet()
        assert phone.news() == ["welcome ada"]
        assert phone.token is None


async def test_a_login_fails_kindly_when_the_log_cannot_be_read() -> None:
    async with chatting() as chat:
        await register(chat, "ada")
        chat.log.readable = False
        phone = await log_in(chat, "ada")
        assert phone.news() == errors("log-unavailable")
        chat.log.readable = True
        phone.send(ask.Hello(user=ADA, password=PASSWORD))
        await settle(chat)
        assert phone.news() == ["welcome ada"]


async def test_who_is_gone_before_the_password_is_checked_leaves_no_device() -> None:
    async with chatting() as chat:
        await register(chat, "ada")
        phone = chat.connect().send(ask.Hello(user=ADA, password=PASSWORD))
        phone.lose_connection()
        await settle(chat)
        assert devices_of(chat, "ada") == [""]


async def test_who_is_banned_from_the_server_leaves_no_device() -> None:
    async with chatting() as chat:
        ada = await register(chat, "ada")
        assert chat.hub.owner_code is not None
        await ask_for(chat, ada, ask.Own(code=chat.hub.owner_code))
        (await register(chat, "ben")).bye()
        await settle(chat)
        await ask_for(chat, ada, ask.Ban(room=DIRECTORY, user=UserName.parse("ben")))
        before = devices_of(chat, "ben")
        ben = await log_in(chat, "ben")
        assert ben.news() == errors("banned")
        assert devices_of(chat, "ben") == before


# Closing


async def test_a_closed_account_leaves_its_texts_and_nothing_else() -> None:
    async with chatting() as chat:
        ada = await register(chat, "ada", "General")
        ben = await register(chat, "ben", "General")
        await private_room(chat, ada, "Cellar", ben)
        ada.send(ask.Direct(users=(UserName.parse("ben"),)))
        await settle(chat)
        ben.say("something").say("in the cellar", "Cellar")
        await settle(chat)
        phone = await log_in(chat, "ben", "Cellar")
        id = id_of(ben)
        close = ask.CloseAccount(password=PASSWORD)
        assert await ask_for(chat, ben, replace(close, password=OTHER)) == errors("wrong-password")
        assert (await ask_for(chat, ben, close))[-1] == "goodbye logged-out"
        assert phone.hung_up
        assert ben.hung_up
        assert chat.members("General") == chat.members("Cellar") == ["ada"]
        assert not [one for one in chat.log.disk.devices.values() if one.user == id]
        assert (SecretKind.PASSWORD, id) not in chat.log.disk.secrets
        texts = [e for e in chat.log.disk.events["cellar"] if isinstance(e, Said)]
        assert [(e.by, e.text) for e in texts] == [(FORMER_MEMBER, "in the cellar")]
        assert not list(
            chat.hub.belonging.of(ben.session.user.id if ben.session.user else THE_SERVER)
        )
        other = chat.connect(ELSEWHERE).hello("ben")
        await settle(chat)
        assert other.news() == ["welcome ben"]
        assert other.last(told.Welcome).user_id != id
        other.join("Cellar")
        await settle(chat)
        assert other.news() == errors("no-such-room")


async def test_a_closed_account_owns_no_room_any_more() -> None:
    async with chatting() as chat:
        ada = await register(chat, "ada", "General")
        await ask_for(chat, ada, ask.Join(room=RoomName.parse("Kitchen")))
        assert chat.hub.rooms["kitchen"].state.facts.roles == {id_of(ada): Role.OWNER}
        await ask_for(chat, ada, ask.CloseAccount(password=PASSWORD))
        await settle(chat)
        assert chat.hub.rooms["kitchen"].state.facts.roles == {}


async def test_the_only_owner_of_the_server_cannot_close_the_account() -> None:
    async with chatting() as chat:
        ada = await register(chat, "ada", "General")
        await register(chat, "ben", "General")
        await ask_for(chat, ada, ask.Own(code=chat.hub.owner_code or ""))
        close = ask.CloseAccount(password=PASSWORD)
        assert await ask_for(chat, ada, close) == errors("bad-message")
        role = ask.GiveRole(room=DIRECTORY, user=UserName.parse("ben"), role=Role.OWNER)
        await ask_for(chat, ada, role)
        await ask_for(chat, ada, close)
        assert ada.hung_up
        assert Role.OWNER in chat.hub.access.directory.state.facts.roles.values()


async def test_two_owners_who_close_their_accounts_at_once_leave_one() -> None:
    async with chatting() as chat:
        ada, ben = await register(chat, "ada"), await register(chat, "ben")
        await ask_for(chat, ada, ask.Own(code=chat.hub.owner_code or ""))
        role = ask.GiveRole(room=DIRECTORY, user=UserName.parse("ben"), role=Role.OWNER)
        await ask_for(chat, ada, role)
        for owner in (ada, ben):
            owner.send(ask.CloseAccount(password=PASSWORD))
        await settle(chat)
        assert sorted((ada.hung_up, ben.hung_up)) == [False, True]
        stays = ben if ada.hung_up else ada
        assert stays.news()[-1] == "error bad-message"
        roles = chat.hub.access.directory.state.facts.roles
        assert roles == {id_of(stays): Role.OWNER}
        await log_in(chat, str(stays.session.user and stays.session.user.name))


async def test_a_restart_after_the_closing_ends_what_was_left() -> None:
    async with chatting() as chat:
        ada, ben = await register(chat, "ada"), await register(chat, "ben")
        await private_room(chat, ada, "Cellar", ben)
        ben.send(ask.CloseAccount(password=PASSWORD))
        await chat.quiet()
        chat.commit(1)
        await chat.crash()
        again = Chat(disk=chat.log.disk)
        await again.start()
        await settle(again)
        assert again.members("Cellar") == ["ada"]
        await again.crash()


# Owning


async def test_the_code_makes_an_owner_once() -> None:
    async with chatting() as chat:
        ada, ben = await register(chat, "ada"), await register(chat, "ben")
        code = chat.hub.owner_code
        assert code is not None
        own = ask.Own(code=f" {code.lower()}")
        assert await ask_for(chat, ada, own) == ["profile", "done"]
        assert await ask_for(chat, ben, own) == errors("bad-message")
        assert chat.hub.access.server_role(ada.session.user) is Role.OWNER
        assert chat.hub.access.server_role(ben.session.user) is Role.MEMBER


async def test_wrong_owner_codes_are_limited() -> None:
    async with chatting() as chat:
        ada = await register(chat, "ada")
        for _ in range(3):
            assert await ask_for(chat, ada, ask.Own(code="nonsense")) == errors("bad-message")
        assert await ask_for(chat, ada, ask.Own(code="nonsense")) == errors("rate-limited")


async def test_the_owner_code_holds_on_when_the_log_refuses() -> None:
    async with chatting() as chat:
        ada = await register(chat, "ada")
        own = ask.Own(code=chat.hub.owner_code or "")
        ada.send(own)
        await chat.quiet()
        chat.fail()
        await chat.quiet()
        assert ada.news() == errors("log-unavailable")
        assert await ask_for(chat, ada, own) == ["profile", "done"]


async def test_the_name_of_a_guest_who_registers_is_not_forgotten_with_the_guest() -> None:
    async with chatting() as chat:
        ada = chat.enter("ada", "General")
        ada.send(REGISTER)
        await settle(chat)
        ada.lose_connection()
        chat.pass_time(2 * UNHURRIED.hold_seconds)
        assert not any(isinstance(entry, ForgetGuest) for entry in chat.log.queued)
        await settle(chat)
        assert (await log_in(chat, "ada")).last(told.Welcome).user_id == id_of(ada)
