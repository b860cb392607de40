"""Our account as typed commands: passwords, codes, links and a second factor, asked for unseen."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager

from hubbub.client import (
    BadTicket,
    Chat,
    NeedCode,
    NeedInvitation,
    RateLimited,
    WeakPassword,
    WrongPassword,
)
from hubbub.domain.errors import BadMessage
from hubbub.domain.names import UserName
from hubbub.domain.orders import name_and_text
from hubbub.domain.tickets import invitation_code
from hubbub.terminal.plain.console import Console
from hubbub.terminal.plain.entrance import ANSWER_SECONDS
from hubbub.terminal.safe import safe
from hubbub.wire.line.asking import CHANGED, FACTOR_OFF, UNCHANGED, UNLIKE, Ask, Question
from hubbub.wire.line.told import codes_lines, offer_lines

Tell = Callable[..., Awaitable[None]]
Draw = Callable[[str], list[str]]
"""A text as a QR code, in lines."""

REGISTERED = "Your name is yours now: whoever comes with it is asked for your password."
GUEST_STILL = "You are a guest, as before."
RESET = "The new password is set. All devices of that account are logged out."


class Accounts:
    """``tell`` shows lines. All raise `ChatError` and `TimeoutError`."""

    def __init__(self, chat: Chat, console: Console, tell: Tell, draw: Draw) -> None:
        self._chat = chat
        self._console = console
        self._tell = tell
        self._draw = draw

    async def secret(self, ask: Ask, about: str = "") -> str | None:
        """Asks for something that is not shown; None at the end of the input."""
        return await self._console.ask(safe(Question(ask, about).text), secret=True)

    async def register(self, password: str) -> None:
        """Makes us an account. Asks for the password, and for an invitation if one is needed."""
        secret = password or await self.secret(Ask.REGISTER)
        invite: str | None = None
        while secret:
            try:
                async with self._in_time():
                    await self._chat.account.register(secret, invite=invite)
            except (NeedInvitation, BadTicket) as refusal:
                await self._tell(refusal.message)
                invite = invitation_code(await self.secret(Ask.INVITATION) or "")
                if not invite:
                    break
            except (WeakPassword, RateLimited) as refusal:
                await self._tell(refusal.message)
                secret = await self.secret(Ask.REGISTER)
            else:
                await self._tell(REGISTERED)
                return
        await self._tell(GUEST_STILL)

    async def register_at_the_door(self, name: str) -> bool:
        """Makes an account where guests are not let in; whether we are in."""
        password = await self.secret(Ask.NEWCOMER, name)
        invite: str | None = None
        while password:
            try:
                await self._chat.hello(name, password=password, register=True, invite=invite)
            except (NeedInvitation, BadTicket) as refusal:
                await self._tell(refusal.message)
                invite = invitation_code(await self.secret(Ask.INVITATION) or "")
                if not invite:
                    return False
            except WeakPassword as refusal:
                await self._tell(refusal.message)
                password = await self.secret(Ask.NEWCOMER, name)
            else:
                return True
        return False

    async def change_password(self) -> None:
        """Asks for the old password and the new one."""
        old = await self.secret(Ask.OLD)
        while old and (new := await self.secret(Ask.NEW)):
            try:
                async with self._in_time():
                    await self._chat.account.change_password(old, new)
            except WeakPassword as refusal:
                await self._tell(refusal.message)
            except (WrongPassword, RateLimited) as refusal:
                await self._tell(refusal.message)
                old = await self.secret(Ask.OLD)
            else:
                await self._tell(CHANGED)
                return
        await self._tell(UNCHANGED)

    async def login(self, user: str) -> None:
        """Comes in again, after a logout."""
        name = user or self._chat.user or ""
        if self._chat.online:
            await self._tell(f"You are {self._chat.user} already. To come as another: exit first.")
            return
        secret = password = await self.secret(Ask.LOGIN, name)
        code: str | None = None
        while secret:
            try:
                async with self._in_time():
                    await self._chat.hello(name, password=password, code=code)
            except NeedCode as refusal:
                await self._tell(refusal.message)
                secret = code = await self.secret(Ask.CODE, name)
            else:
                return
        await self._tell(UNCHANGED)

    async def logout(self) -> None:
        """Logs this device out."""
        async with self._in_time():
            current = [one.id for one in await self._chat.account.devices() if one.current]
            for id in current:
                await self._chat.account.revoke(id)

    async def close(self, what: str) -> None:
        """Ends the account; ``empty``: with what was said."""
        if what.lower() not in ("", "empty"):
            raise BadMessage(
                "Type /close-account to end your account, or /close-account empty to take away "
                "all that you said, too."
            )
        account = self._chat.account
        if not await self._with_password(
            Ask.EMPTY if what else Ask.CLOSE,
            lambda password: account.close(password, empty=bool(what)),
        ):
            await self._tell(UNCHANGED)

    async def factor(self, what: str) -> None:
        """Turns a second factor on, or off."""
        if what.lower() not in ("", "off"):
            raise BadMessage("Type /factor to turn your second factor on, /factor off to end it.")
        account = self._chat.account
        if not what:
            await self._begin_factor()
        elif await self._with_password(Ask.FACTOR_OFF, account.end_factor):
            await self._tell(FACTOR_OFF)
        else:
            await self._tell(UNCHANGED)

    async def _begin_factor(self) -> None:
        async def offer(password: str) -> None:
            offered = await self._chat.account.begin_factor(password)
            await self._tell(*offer_lines(offered, self._draw(offered.uri)))

        if not await self._with_password(Ask.FACTOR, offer):
            await self._tell(UNCHANGED)
            return
        while code := await self.secret(Ask.CONFIRM):
            try:
                async with self._in_time():
                    codes = await self._chat.account.confirm_factor(code)
            except (NeedCode, RateLimited) as refusal:
                await self._tell(refusal.message)
            else:
                await self._tell(*codes_lines(codes))
                return
        await self._tell(UNCHANGED)

    async def reset(self, argument: str) -> bool:
        """Chooses a new password by a link, the name and code of which are ``argument``.

        Who is not connected under any name yet is in by it. Whether it is done.
        """
        name, code = name_and_text(argument)
        user = UserName.parse(name.removeprefix("@"))
        named = self._chat.user is not None
        while password := await self._twice(user):
            try:
                if named:
                    async with self._in_time():
                        await self._chat.account.reset(user, code, password)
                    await self._tell(RESET)
                else:
                    await self._chat.hello(user, password=password, reset=code)
            except WeakPassword as refusal:
                await self._tell(refusal.message)
            except NeedCode as refusal:  # the password is chosen, and the second factor stays
                await self._tell(refusal.message)
                return await self._with_code(user, password)
            else:
                return True
        await self._tell(UNCHANGED)
        return False

    async def _with_password(self, ask: Ask, do: Callable[[str], Awaitable[object]]) -> bool:
        """Does what needs the password, which is asked for until it is right; whether it is done.

        Who has mistyped it types it again at once: not where everybody reads it.
        """
        while password := await self.secret(ask):
            try:
                async with self._in_time():
                    await do(password)
            except (WrongPassword, RateLimited) as refusal:
                await self._tell(refusal.message)
            else:
                return True
        return False

    async def _with_code(self, user: UserName, password: str) -> bool:
        while code := await self.secret(Ask.CODE, user):
            try:
                await self._chat.hello(user, password=password, code=code)
            except NeedCode as refusal:
                await self._tell(refusal.message)
            else:
                return True
        return False

    async def _twice(self, user: UserName) -> str | None:
        """A new password, typed twice alike; None if none is given."""
        while first := await self.secret(Ask.RESET, user):
            if await self.secret(Ask.RESET_AGAIN) == first:
                return first
            await self._tell(UNLIKE)
        return None

    def _in_time(self) -> AbstractAsyncContextManager[object]:
        return asyncio.timeout(ANSWER_SECONDS)
