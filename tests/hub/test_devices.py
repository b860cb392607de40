"""Where an account is logged in, and how it is logged out."""

from __future__ import annotations

import pytest

from hubbub.domain import commands as ask
from hubbub.domain import replies as told
from hubbub.domain.directory import DIRECTORY
from hubbub.domain.names import UserName
from hubbub.domain.replies import Device
from hubbub.hub.ports import MAX_DEVICES, SecretKind
from tests.hub.chat import NOON, Chat, Person, chatting
from tests.hub.members import (
    ELSEWHERE,
    OTHER,
    PASSWORD,
    ask_for,
    devices_of,
    log_in,
    register,
    settle,
)

ADA = UserName.parse("ada")
NEW_PASSWORD = ask.ChangePassword(old=PASSWORD, new=OTHER)


async def devices(chat: Chat, person: Person) -> list[Device]:
    await ask_for(chat, person, ask.Devices())
    return list(person.last(told.DeviceList).devices)


def device(person: Person) -> str:
    assert person.session.device is not None
    return person.session.device


async def another_tab(chat: Chat, person: Person) -> Person:
    """Another connection by the same device."""
    return await log_in(chat, "ada", "General", token=person.token, password=None)


async def test_each_login_is_a_device_and_each_connection_of_it_counts() -> None:
    async with chatting() as chat:
        ada = chat.connect()
        ada.send(ask.Hello(user=ADA, client="page 3"), ask.Register(password=PASSWORD))
        await settle(chat)
        chat.pass_time(100)
        phone = await log_in(chat, "ada", address=ELSEWHERE)
        await another_tab(chat, phone)
        chat.pass_time(10)
        assert await devices(chat, ada) == [
            Device(device(phone), "test 1", ELSEWHERE, NOON + 100_000, NOON + 110_000, False, 2),
            Device(device(ada), "page 3", "192.0.2.1", NOON, NOON + 110_000, True, 1),
        ]


async def test_a_device_of_this_computer_is_told_as_people_say_it() -> None:
    async with chatting() as chat:
        await register(chat, "ada")
        here = await log_in(chat, "ada", address="127.0.0.1")
        (address,) = [one.address for one in await devices(chat, here) if one.current]
        assert address == "the server's computer"


async def test_when_a_device_was_here_last_is_noted_when_it_goes() -> None:
    async with chatting() as chat:
        ada = await register(chat, "ada")
        phone = await log_in(chat, "ada")
        chat.pass_time(1000)
        phone.lose_connection()
        await settle(chat)
        chat.pass_time(1000)
        (seen,) = [one.seen for one in await devices(chat, ada) if one.id == device(phone)]
        assert seen == NOON + 1_000_000


async def test_a_revoked_device_is_out_at_once_on_all_its_connections() -> None:
    async with chatting() as chat:
        ada = await register(chat, "ada", "General")
        phone = await log_in(chat, "ada", "General")
        tab = await another_tab(chat, phone)
        assert await ask_for(chat, ada, ask.Revoke(device=device(phone))) == ["done"]
        assert phone.news()[-1] == tab.news()[-1] == "goodbye logged-out"
        assert (phone.hung_up, tab.hung_up, ada.hung_up) == (True, True, False)
        assert chat.members() == ["ada"]
        again = await another_tab(chat, phone)
        assert again.news()[0] == "error need-password"
        assert chat.story(DIRECTORY)[-1] == "2 ada has logged out a device."


async def test_all_others_can_be_logged_out_and_this_device_stays_on_all_its_connections() -> None:
    async with chatting() as chat:
        ada = await register(chat, "ada", "General")
        tab = await another_tab(chat, ada)
        phone = await log_in(chat, "ada")
        nc = await log_in(chat, "ada", line=True)
        assert await ask_for(chat, ada, ask.Revoke()) == ["done"]
        assert [one.hung_up for one in (ada, tab, phone, nc)] == [False, False, True, True]
        assert len(await devices(chat, ada)) == 1


async def test_who_keeps_no_token_logs_all_others_out_and_stays() -> None:
    async with chatting() as chat:
        ada = await register(chat, "ada")
        nc, other = await log_in(chat, "ada", line=True), await log_in(chat, "ada", line=True)
        assert await ask_for(chat, nc, ask.Revoke()) == ["done"]
        assert [one.hung_up for one in (nc, ada, other)] == [False, True, True]
        assert devices_of(chat, "ada") == []


async def test_who_logs_all_others_out_is_out_by_what_another_one_does_just_then() -> None:
    async with chatting() as chat:
        await register(chat, "ada", "General")
        phone, laptop, eve = [await log_in(chat, "ada", "General", line=True) for _ in range(3)]
        phone.send(ask.Revoke())
        await chat.quiet()
        chat.pass_time(1)
        laptop.send(ask.Revoke())
        await settle(chat)
        assert (phone.hung_up, laptop.hung_up, eve.hung_up) == (True, True, True)


async def test_an_account_that_is_closed_is_out_also_where_it_logs_others_out() -> None:
    async with chatting() as chat:
        ada = await register(chat, "ada", "General")
        phone = await log_in(chat, "ada", "General")
        ada.send(ask.CloseAccount(password=PASSWORD))
        phone.send(ask.Revoke())
        await settle(chat)
        assert (ada.hung_up, phone.hung_up) == (True, True)
        assert chat.members() == []


async def test_a_device_that_logs_itself_out_is_gone() -> None:
    async with chatting() as chat:
        ada = await register(chat, "ada")
        assert await ask_for(chat, ada, ask.Revoke(device=device(ada))) == ["goodbye logged-out"]
        assert devices_of(chat, "ada") == []


async def test_only_ones_own_devices_can_be_revoked() -> None:
    async with chatting() as chat:
        ada, eve = await register(chat, "ada"), await register(chat, "eve")
        revoke = ask.Revoke(device=device(ada))
        assert await ask_for(chat, eve, revoke) == ["error bad-message"]
        assert not ada.hung_up


async def test_a_new_password_logs_the_others_out() -> None:
    async with chatting() as chat:
        ada = await register(chat, "ada")
        tab, phone = await another_tab(chat, ada), await log_in(chat, "ada")
        assert await ask_for(chat, ada, NEW_PASSWORD) == ["done"]
        assert [one.hung_up for one in (ada, tab, phone)] == [False, False, True]
        assert (await log_in(chat, "ada")).news() == ["error wrong-password"]
        assert (await log_in(chat, "ada", password=OTHER)).news() == ["welcome ada"]
        assert (await another_tab(chat, ada)).news()[0] == "welcome ada"


@pytest.mark.parametrize(
    "command, code",
    [
        (ask.ChangePassword(old=OTHER, new=OTHER), "wrong-password"),
        (ask.ChangePassword(old=PASSWORD, new="12345678"), "weak-password"),
        (ask.Revoke(device="nonsense"), "bad-message"),
    ],
)
async def test_what_is_refused_changes_nothing(command: ask.Command, code: str) -> None:
    async with chatting() as chat:
        ada = await register(chat, "ada")
        phone = await log_in(chat, "ada")
        assert await ask_for(chat, ada, command) == [f"error {code}"]
        assert not phone.hung_up
        assert (await log_in(chat, "ada")).news() == ["welcome ada"]


@pytest.mark.parametrize("command", [NEW_PASSWORD, ask.Revoke()])
async def test_what_the_log_refuses_changes_nothing(command: ask.Command) -> None:
    async with chatting() as chat:
        ada = await register(chat, "ada")
        phone = await log_in(chat, "ada")
        ada.send(command)
        await chat.quiet()
        chat.fail()
        await chat.quiet()
        assert ada.news()[-1] == "error log-unavailable"
        assert not phone.hung_up
        assert (await log_in(chat, "ada")).news() == ["welcome ada"]
        assert (await another_tab(chat, phone)).news()[0] == "welcome ada"


async def test_who_is_revoked_while_coming_in_stays_out(monkeypatch: pytest.MonkeyPatch) -> None:
    async with chatting() as chat:
        ada = await register(chat, "ada")
        phone = await log_in(chat, "ada")
        phone.lose_connection()
        chat.pass_time(1000)
        markers = chat.log.markers

        async def slow(user: object) -> object:
            ada.send(ask.Revoke())
            await settle(chat)
            return await markers(user)  # type: ignore[arg-type]

        monkeypatch.setattr(chat.log, "markers", slow)
        back = chat.connect().hello("ada", phone.token)
        await settle(chat, 9)
        assert back.news() == ["error need-password"]
        assert devices_of(chat, "ada") == [""]


async def test_the_devices_that_were_here_the_longest_time_ago_are_forgotten() -> None:
    async with chatting() as chat:
        ada = await register(chat, "ada")
        first = await log_in(chat, "ada")
        first.lose_connection()
        for _ in range(MAX_DEVICES):
            chat.pass_time(1)
            (await log_in(chat, "ada")).lose_connection()
            await settle(chat)
        assert len(devices_of(chat, "ada")) == MAX_DEVICES
        assert (await another_tab(chat, first)).news()[0] == "error need-password"
        assert not ada.hung_up


async def test_a_command_about_an_account_that_was_closed_meanwhile_is_refused() -> None:
    async with chatting() as chat:
        ada = await register(chat, "ada")
        phone = await log_in(chat, "ada")
        ada.send(ask.CloseAccount(password=PASSWORD))
        phone.send(NEW_PASSWORD)
        await settle(chat, 9)
        assert ada.hung_up
        assert phone.hung_up
        assert {kind for kind, _ in chat.log.disk.secrets} == {SecretKind.CURSORS}
        assert not chat.log.disk.devices
        assert len(chat.story(DIRECTORY)) == 2
