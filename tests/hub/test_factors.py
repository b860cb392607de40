"""The second factor of an account: turned on, asked for, used up, turned off."""

from __future__ import annotations

from pyotp import TOTP

from hubbub.domain import commands as ask
from hubbub.domain import replies as told
from hubbub.domain.directory import DIRECTORY
from hubbub.domain.names import UserName
from hubbub.hub.ports import SecretKind, SwapSecret
from tests.hub.chat import NOON, Chat, Person, chatting
from tests.hub.members import ELSEWHERE, OTHER, PASSWORD, ask_for, id_of, log_in, register, settle

ADA = UserName.parse("ada")
BEGIN = ask.BeginFactor(password=PASSWORD)
END = ask.EndFactor(password=PASSWORD)


class Phone:
    """A device that shows codes."""

    def __init__(self, chat: Chat, secret: str) -> None:
        self._chat = chat
        self.secret = secret
        self._totp = TOTP(secret)

    @property
    def code(self) -> str:
        """The one of this moment."""
        return self._totp.at(NOON // 1000 + int(self._chat.seconds))

    def next_code(self) -> str:
        """One that was not used before."""
        self._chat.pass_time(30)
        return self.code


async def with_factor(chat: Chat, person: Person) -> Phone:
    assert await ask_for(chat, person, BEGIN) == ["factor"]
    phone = Phone(chat, person.last(told.FactorOffered).secret)
    confirmed = await ask_for(chat, person, ask.ConfirmFactor(code=phone.code))
    assert confirmed == ["10 recovery codes"]
    return phone


async def test_a_second_factor_is_asked_for_at_a_login_by_password() -> None:
    async with chatting() as chat:
        ada = await register(chat, "ada")
        phone = await with_factor(chat, ada)
        assert (await log_in(chat, "ada")).news() == ["error need-code"]
        assert (await log_in(chat, "ada", code="000000")).news() == ["error need-code"]
        code = phone.next_code()
        back = await log_in(chat, "ada", code=code)
        assert back.news() == ["welcome ada"]
        by_token = await log_in(chat, "ada", token=back.token, password=None)
        assert by_token.news() == ["welcome ada"]
        assert chat.story(DIRECTORY)[-1] == "2 ada has turned their second factor on."


async def test_who_missed_that_it_is_on_is_told_how_to_get_recovery_codes() -> None:
    async with chatting() as chat:
        ada = await register(chat, "ada")
        phone = await with_factor(chat, ada)
        again = await ask_for(chat, ada, ask.ConfirmFactor(code=phone.next_code()))
        assert again == ["error bad-message"]
        assert "on already" in ada.last(told.Refused).message
        assert await ask_for(chat, ada, BEGIN) == ["error bad-message"]
        assert "recovery codes" in ada.last(told.Refused).message


async def test_a_wrong_password_says_nothing_of_the_factor() -> None:
    async with chatting() as chat:
        phone = await with_factor(chat, await register(chat, "ada"))
        for code in (None, phone.next_code()):
            eve = await log_in(chat, "ada", password=OTHER, code=code)
            assert eve.news() == ["error wrong-password"]


async def test_a_code_is_good_once_also_for_two_logins_at_once() -> None:
    async with chatting() as chat:
        phone = await with_factor(chat, await register(chat, "ada"))
        assert (await log_in(chat, "ada", code=phone.code)).news() == ["error need-code"]
        code = phone.next_code()
        people = [chat.connect(), chat.connect(ELSEWHERE)]
        for person in people:
            person.send(ask.Hello(user=ADA, password=PASSWORD, code=code))
        await settle(chat, 9)
        assert sorted(person.news()[0] for person in people) == ["error need-code", "welcome ada"]


async def test_a_recovery_code_lets_in_once() -> None:
    async with chatting() as chat:
        ada = await register(chat, "ada")
        await with_factor(chat, ada)
        code = ada.last(told.RecoveryCodes).codes[3]
        kept = chat.log.disk.secrets[SecretKind.FACTOR, id_of(ada)]
        assert code not in kept
        typed = code.upper().replace("-", " ")
        assert (await log_in(chat, "ada", code=typed)).news() == ["welcome ada"]
        assert (await log_in(chat, "ada", code=typed)).news() == ["error need-code"]
        other = ada.last(told.RecoveryCodes).codes[0]
        assert (await log_in(chat, "ada", code=other)).news() == ["welcome ada"]


async def test_wrong_codes_are_limited() -> None:
    async with chatting() as chat:
        phone = await with_factor(chat, await register(chat, "ada"))
        for _ in range(3):
            wrong = await log_in(chat, "ada", code="nonsense", address=ELSEWHERE)
            assert wrong.news() == ["error need-code"]
        limited = await log_in(chat, "ada", code=phone.next_code(), address=ELSEWHERE)
        assert limited.news() == ["welcome ada"]
        eve = chat.connect()
        for _ in range(9):
            eve = await log_in(chat, "ada", code="nonsense", address="203.0.113.9")
        assert eve.last(told.Refused).code == "rate-limited"


async def test_a_login_waits_for_the_disk_so_that_no_code_is_good_twice() -> None:
    async with chatting() as chat:
        ada = await register(chat, "ada")
        phone = await with_factor(chat, ada)
        back = chat.connect()
        back.send(ask.Hello(user=ADA, password=PASSWORD, code=phone.next_code()))
        await chat.quiet()
        assert any(isinstance(entry, SwapSecret) for entry in chat.log.queued)
        assert back.news() == []
        chat.fail()
        await chat.quiet()
        assert back.news() == ["error log-unavailable"]


async def test_nothing_changes_before_a_code_is_right() -> None:
    async with chatting() as chat:
        ada = await register(chat, "ada")
        assert await ask_for(chat, ada, ask.ConfirmFactor(code="1")) == ["error bad-message"]
        wrong = ask.BeginFactor(password=OTHER)
        assert await ask_for(chat, ada, wrong) == ["error wrong-password"]
        assert await ask_for(chat, ada, BEGIN) == ["factor"]
        offered = ada.last(told.FactorOffered)
        assert "otpauth://totp/Hubbub:ada?" in offered.uri
        assert await ask_for(chat, ada, ask.ConfirmFactor(code="1")) == ["error need-code"]
        assert (await log_in(chat, "ada")).news() == ["welcome ada"]
        code = Phone(chat, offered.secret).code
        assert await ask_for(chat, ada, ask.ConfirmFactor(code=code)) == ["10 recovery codes"]
        assert await ask_for(chat, ada, BEGIN) == ["error bad-message"]


async def test_a_factor_that_the_log_refuses_is_none() -> None:
    async with chatting() as chat:
        ada = await register(chat, "ada")
        await ask_for(chat, ada, BEGIN)
        phone = Phone(chat, ada.last(told.FactorOffered).secret)
        ada.send(ask.ConfirmFactor(code=phone.code))
        await chat.quiet()
        chat.fail()
        await chat.quiet()
        assert ada.news() == ["error log-unavailable"]
        assert (await log_in(chat, "ada")).news() == ["welcome ada"]
        assert await ask_for(chat, ada, ask.ConfirmFactor(code=phone.code)) == ["10 recovery codes"]


async def test_it_is_turned_off_by_the_password_alone() -> None:
    async with chatting() as chat:
        ada = await register(chat, "ada")
        assert await ask_for(chat, ada, END) == ["error bad-message"]
        await with_factor(chat, ada)
        assert await ask_for(chat, ada, ask.EndFactor(password=OTHER)) == ["error wrong-password"]
        assert await ask_for(chat, ada, END) == ["done"]
        assert (await log_in(chat, "ada")).news() == ["welcome ada"]
        assert chat.story(DIRECTORY)[-1] == "3 ada has turned their second factor off."


async def test_it_holds_after_a_restart() -> None:
    async with chatting() as chat:
        phone = await with_factor(chat, await register(chat, "ada"))
        code = phone.code
        await chat.crash()
        again = Chat(disk=chat.log.disk)
        await again.start()
        assert (await log_in(again, "ada", code=code)).news() == ["error need-code"]
        again.seconds = chat.seconds + 60
        assert (await log_in(again, "ada", code=Phone(again, phone.secret).code)).news() == [
            "welcome ada"
        ]
        await again.crash()
