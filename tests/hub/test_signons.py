"""Who signs on elsewhere has an account here: found again, made, linked, and never another's."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import replace
from typing import Any, TypeVar

import pytest

from hubbub.domain import commands as ask
from hubbub.domain import replies as told
from hubbub.domain.directory import DIRECTORY
from hubbub.domain.errors import (
    BadMessage,
    BadTicket,
    ChatError,
    Forbidden,
    NameTaken,
    NeedInvitation,
    RateLimited,
    RegistrationClosed,
    SignOnFailed,
    WrongPassword,
)
from hubbub.domain.ids import UserId
from hubbub.domain.names import RoomName, UserName
from hubbub.hub.ports import Identity, SignOn
from hubbub.hub.settings import HubSettings
from hubbub.hub.signoncodes import Purpose
from hubbub.hub.signons import SignedOn, SignOns
from tests.hub.chat import UNHURRIED, Chat, chatting
from tests.hub.members import OTHER, PASSWORD, ask_for, id_of, log_in, register, settle
from tests.hub.test_factors import with_factor

T = TypeVar("T")

HERE = "192.0.2.1 1234"
ISSUER = "https://id.example.org"
ADA = Identity(ISSUER, "ada-1", "ada")
CONFIGURED = replace(UNHURRIED, sign_on_issuer=ISSUER, public_url="https://chat.example.org")
INVITE = replace(UNHURRIED, registration="invite")
CLOSED = replace(UNHURRIED, registration="closed")


class Believing:
    """A provider that knows everybody, and ``fails`` on demand."""

    def __init__(self) -> None:
        self.fails = False

    async def begin(self, redirect: str) -> SignOn:
        return SignOn(ISSUER, "state", "nonce", "verifier", redirect)

    async def finish(self, sign_on: SignOn, answer: Mapping[str, str]) -> Identity:
        if self.fails:
            raise SignOnFailed("By order of the test.")
        return Identity(ISSUER, answer["sub"], answer["name"])


def talking(settings: HubSettings = UNHURRIED, **more: Any) -> AbstractAsyncContextManager[Chat]:
    return chatting(settings, provider=Believing(), **more)


def desk(chat: Chat) -> SignOns:
    assert chat.hub.sign_ons is not None
    return chat.hub.sign_ons


async def outcome(chat: Chat, work: Coroutine[Any, Any, T]) -> T:
    """What comes of ``work``, whose words the log takes meanwhile."""
    task = asyncio.ensure_future(work)
    while not task.done():
        await settle(chat)
    return await task


async def sign_on(
    chat: Chat, identity: Identity = ADA, invite: str | None = None, address: str = HERE
) -> SignedOn:
    return await outcome(chat, desk(chat).account_for(identity, invite, address))


def directory(chat: Chat) -> list[str]:
    return chat.story(DIRECTORY)


async def test_the_first_sign_on_makes_an_account_and_the_next_one_finds_it() -> None:
    async with talking() as chat:
        first = await sign_on(chat)
        assert (first.name, directory(chat)) == (
            "ada",
            ["1 ada has made an account by single sign-on."],
        )
        again = await sign_on(chat, Identity(ISSUER, "ada-1", "another name"))
        assert again == first
        other = await sign_on(chat, Identity("https://id.example.com", "ada-1", "ada"))
        assert other.user != first.user
        assert other.name == "ada2"


@pytest.mark.parametrize(
    "wish, name",
    [
        ("Ada Lovelace", "Ada-Lovelace"),
        ("ada@example.org", "ada"),
        ("", "member"),
        ("<script>alert(1)</script>", "scriptalert1-script"),
        ("x" * 100, "x" * 32),
        ("\u202e\u200b", "member"),
        ("José", "José"),
    ],
)
async def test_the_name_is_made_of_what_the_provider_says(wish: str, name: str) -> None:
    async with talking() as chat:
        assert (await sign_on(chat, Identity(ISSUER, "1", wish))).name == name


async def test_nobody_takes_over_an_account_or_a_guest_by_a_name() -> None:
    async with talking() as chat:
        ada = await register(chat, "ada")
        ben = chat.enter("ben", "General")
        for name in ("ada", "ADA", "ben"):
            made = await sign_on(chat, Identity(ISSUER, name, name))
            assert made.user not in (id_of(ada), id_of(ben))
            assert made.name.key not in ("ada", "ben")
        assert str(ben.session.user.name) == "ben"  # type: ignore[union-attr]


async def test_many_of_one_name_all_get_in() -> None:
    async with talking() as chat:
        names = {(await sign_on(chat, Identity(ISSUER, str(n), "ada"))).name for n in range(102)}
        assert len(names) == 102


async def test_two_answers_at_once_make_one_account() -> None:
    async with talking() as chat:
        both = [asyncio.ensure_future(desk(chat).account_for(ADA, None, HERE)) for _ in range(2)]
        while not all(one.done() for one in both):
            await settle(chat)
        first, second = [await one for one in both]
        assert first == second
        assert len(directory(chat)) == 1


async def test_a_full_disk_makes_no_account() -> None:
    async with talking() as chat:
        chat.log.fail_next(1)
        with pytest.raises(ChatError, match="Not saved"):
            await sign_on(chat)
        assert chat.log.disk.identities == {}
        assert (await sign_on(chat)).name == "ada"


# Who may


async def test_where_registration_is_closed_only_who_has_an_account_comes_in() -> None:
    async with talking() as chat:
        signed = await sign_on(chat)
        disk = chat.log.disk
    async with talking(CLOSED, disk=disk) as chat:
        assert await sign_on(chat) == signed
        with pytest.raises(RegistrationClosed):
            await sign_on(chat, Identity(ISSUER, "eve", "eve"))
        assert len(directory(chat)) == 1


async def test_where_one_is_invited_the_invitation_is_needed_and_used_up() -> None:
    async with talking(INVITE) as chat:
        assert chat.hub.owner_code is not None
        ada = await sign_on(chat, invite=chat.hub.owner_code)
        person = await log_in(
            chat, "ada", password=await outcome(chat, desk(chat).code(Purpose.TYPED, ada.user))
        )
        await ask_for(chat, person, ask.Own(code=chat.hub.owner_code))
        await ask_for(chat, person, ask.MakeTicket(room=RoomName.parse("/server")))
        code = person.last(told.TicketGiven).code
        ben = Identity(ISSUER, "ben", "ben")
        with pytest.raises(NeedInvitation):
            await sign_on(chat, ben)
        with pytest.raises(BadTicket):
            await sign_on(chat, ben, "nonsense")
        assert (await sign_on(chat, ben, code)).name == "ben"
        with pytest.raises(BadTicket):
            await sign_on(chat, Identity(ISSUER, "eve", "eve"), code)
        assert (await sign_on(chat, ben, code)).name == "ben"


async def test_who_is_banned_from_the_server_does_not_come_in() -> None:
    async with talking() as chat:
        root = await register(chat, "root")
        assert chat.hub.owner_code is not None
        await ask_for(chat, root, ask.Own(code=chat.hub.owner_code))
        eve = await sign_on(chat, Identity(ISSUER, "eve", "eve"))
        ban = ask.Ban(room=RoomName.parse("/server"), user=UserName.parse("eve"))
        assert await ask_for(chat, root, ban) != []
        with pytest.raises(Forbidden):
            await sign_on(chat, Identity(ISSUER, "eve", "eve"))
        code = await outcome(chat, desk(chat).code(Purpose.TYPED, eve.user))
        assert (await log_in(chat, "eve", password=code)).news()[0].startswith("error ")


# Codes


async def test_a_code_is_a_password_for_two_minutes_and_once() -> None:
    async with talking() as chat:
        ada = await sign_on(chat)
        code = await outcome(chat, desk(chat).code(Purpose.TYPED, ada.user))
        assert len(code) == 14
        assert (await log_in(chat, "ada", password=code.lower().replace("-", " "))).news() == [
            "welcome ada"
        ]
        assert (await log_in(chat, "ada", password=code)).news() == ["error wrong-password"]
        late = await outcome(chat, desk(chat).code(Purpose.TYPED, ada.user))
        chat.pass_time(121)
        assert (await log_in(chat, "ada", password=late)).news() == ["error wrong-password"]


async def test_a_code_is_good_for_one_account_alone() -> None:
    async with talking() as chat:
        ada = await sign_on(chat)
        await register(chat, "ben")
        code = await outcome(chat, desk(chat).code(Purpose.TYPED, ada.user))
        assert (await log_in(chat, "ben", password=code)).news() == ["error wrong-password"]
        link = await outcome(chat, desk(chat).code(Purpose.LINK, ada.user))
        assert (await log_in(chat, "ada", password=link)).news() == ["error wrong-password"]
        assert (await log_in(chat, "ada", password=code)).news() == ["welcome ada"]


async def test_who_signs_on_needs_no_second_factor_and_who_gives_a_password_does() -> None:
    async with talking() as chat:
        ada = await register(chat, "ada")
        await with_factor(chat, ada)
        code = await outcome(chat, desk(chat).code(Purpose.TYPED, UserId(id_of(ada))))
        assert (await log_in(chat, "ada", password=code)).news() == ["welcome ada"]
        assert (await log_in(chat, "ada")).news() == ["error need-code"]


async def test_who_has_no_password_chooses_one_by_a_code() -> None:
    async with talking() as chat:
        ada = await sign_on(chat)
        person = await log_in(
            chat, "ada", password=await outcome(chat, desk(chat).code(Purpose.TYPED, ada.user))
        )
        person.news()
        code = await outcome(chat, desk(chat).code(Purpose.TYPED, ada.user))
        assert await ask_for(chat, person, ask.ChangePassword(old="", new=PASSWORD)) == [
            "error wrong-password"
        ]
        assert await ask_for(chat, person, ask.ChangePassword(old=code, new=PASSWORD)) == ["done"]
        assert (await log_in(chat, "ada")).news() == ["welcome ada"]


async def test_as_many_codes_are_good_as_there_are_places(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hubbub.hub.signoncodes.PLACES", 1)
    async with talking() as chat:
        ada = await sign_on(chat)
        code = await outcome(chat, desk(chat).code(Purpose.TYPED, ada.user))
        with pytest.raises(SignOnFailed, match="Too many people"):
            await outcome(chat, desk(chat).code(Purpose.TYPED, ada.user))
        assert (await log_in(chat, "ada", password=code)).news() == ["welcome ada"]
        await outcome(chat, desk(chat).code(Purpose.TYPED, ada.user))
        chat.pass_time(121)
        await outcome(chat, desk(chat).code(Purpose.BROWSER, ada.user))


async def test_the_code_that_a_browser_keeps_is_good_once_and_for_a_minute() -> None:
    async with talking() as chat:
        ada = await sign_on(chat)
        code = await outcome(chat, desk(chat).code(Purpose.BROWSER, ada.user))
        assert await desk(chat).whose(code) == ada
        assert (await log_in(chat, "ada", password=code)).news() == ["welcome ada"]
        typed = await outcome(chat, desk(chat).code(Purpose.TYPED, ada.user))
        for used in (code, "nonsense", typed):
            with pytest.raises(SignOnFailed, match="begin again"):
                await desk(chat).whose(used)
        late = await outcome(chat, desk(chat).code(Purpose.BROWSER, ada.user))
        chat.pass_time(61)
        with pytest.raises(SignOnFailed):
            await desk(chat).whose(late)


async def test_a_refusal_says_where_to_sign_on_and_the_same_for_names_that_nobody_has() -> None:
    async with talking(CONFIGURED) as chat:
        await sign_on(chat)
        heard = []
        for name, password in (("ada", None), ("ada", OTHER), ("nobody", OTHER)):
            refused = (await log_in(chat, name, password=password)).last(told.Refused)
            assert refused.sign_on == "https://chat.example.org/sign-on"
            heard.append(refused.message.replace(name, "NAME"))
        assert heard[1] == heard[2]
    async with talking() as chat:
        await register(chat, "ada")
        assert (await log_in(chat, "ada", password=OTHER)).last(told.Refused).sign_on is None


# Linking


async def link_code(chat: Chat, token: str | None, password: str = PASSWORD) -> str:
    assert token is not None
    return await outcome(chat, desk(chat).begin_link(token, password, HERE))


async def test_an_account_with_a_password_is_linked_and_logs_in_by_either() -> None:
    async with talking() as chat:
        ada = await register(chat, "ada")
        token = ada.token
        code = await link_code(chat, token)
        signed = await outcome(chat, desk(chat).link(code, ADA, HERE))
        assert signed == SignedOn(UserId(id_of(ada)), UserName.parse("ada"))
        assert directory(chat)[-1] == "2 ada logs in by single sign-on, too."
        assert await sign_on(chat) == signed
        assert (await log_in(chat, "ada")).news() == ["welcome ada"]
        assert await outcome(chat, desk(chat).has_link(token or "", HERE))
        with pytest.raises(SignOnFailed):
            await outcome(chat, desk(chat).link(code, ADA, HERE))


async def test_to_link_one_needs_the_password() -> None:
    async with talking() as chat:
        ada = await register(chat, "ada")
        with pytest.raises(WrongPassword):
            await link_code(chat, ada.token, OTHER)


async def test_who_has_an_account_elsewhere_here_is_not_linked_to_another() -> None:
    async with talking() as chat:
        await sign_on(chat)
        ben = await register(chat, "ben")
        code = await link_code(chat, ben.token)
        with pytest.raises(NameTaken, match="of their own"):
            await outcome(chat, desk(chat).link(code, ADA, HERE))
        assert (await sign_on(chat)).name == "ada"


async def test_a_link_is_ended_with_the_password_and_only_if_there_is_one() -> None:
    async with talking() as chat:
        ada = await register(chat, "ada")
        await outcome(chat, desk(chat).link(await link_code(chat, ada.token), ADA, HERE))
        assert ada.token is not None
        await outcome(chat, desk(chat).unlink(ada.token, PASSWORD, HERE))
        assert directory(chat)[-1] == "3 ada logs in by single sign-on no more."
        assert (await sign_on(chat)).user != id_of(ada)
        with pytest.raises(BadMessage):
            await outcome(chat, desk(chat).unlink(ada.token, PASSWORD, HERE))

        ben = await sign_on(chat, Identity(ISSUER, "ben", "ben"))
        person = await log_in(
            chat, "ben", password=await outcome(chat, desk(chat).code(Purpose.TYPED, ben.user))
        )
        assert person.token is not None
        code = await outcome(chat, desk(chat).code(Purpose.TYPED, ben.user))
        with pytest.raises(BadMessage, match="Choose a password first"):
            await outcome(chat, desk(chat).unlink(person.token, code, HERE))


async def test_a_closed_account_is_linked_no_more() -> None:
    async with talking() as chat:
        ada = await sign_on(chat)
        person = await log_in(
            chat, "ada", password=await outcome(chat, desk(chat).code(Purpose.TYPED, ada.user))
        )
        code = await outcome(chat, desk(chat).code(Purpose.TYPED, ada.user))
        await ask_for(chat, person, ask.CloseAccount(password=code))
        assert chat.log.disk.identities == {}
        chat.pass_time(3600)
        assert (await sign_on(chat)).user != ada.user


# The provider


async def test_who_brings_wrong_answers_again_and_again_has_to_wait() -> None:
    async with talking() as chat:
        provider = desk(chat)._provider
        assert isinstance(provider, Believing)
        provider.fails = True
        begun = await desk(chat).begin("https://chat.example.org/", HERE)
        for _ in range(3):
            with pytest.raises(SignOnFailed):
                await desk(chat).finish(begun, {}, HERE)
        with pytest.raises(RateLimited):
            await desk(chat).finish(begun, {}, HERE)
        provider.fails = False
        answer = {"sub": "ada-1", "name": "ada"}
        assert await desk(chat).finish(begun, answer, "198.51.100.7 1234") == ADA
