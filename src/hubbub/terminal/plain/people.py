"""Accounts, rights and moderation as typed commands: asks for secrets, and tells the answers."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from hubbub.client import Ack, BanList, Chat, NeedCode, Page
from hubbub.domain.commands import Command, Write
from hubbub.domain.deeds import deed, people_and_text
from hubbub.domain.directory import is_directory
from hubbub.domain.names import RoomName
from hubbub.domain.orders import Order, Vocabulary
from hubbub.domain.replies import DeviceList, Reply
from hubbub.terminal.plain.console import Console
from hubbub.terminal.plain.entrance import ANSWER_SECONDS
from hubbub.terminal.plain.lines import direct_lines, event_lines, stamp
from hubbub.terminal.safe import safe
from hubbub.wire.line.asking import UNCHANGED, Ask, Question
from hubbub.wire.line.shown import bans_lines, devices_lines, standing_lines

DIRECT_LINES = 10  # of a conversation that is looked at: half a screen
DONE = {
    "register": "Your name is yours now: your password is asked for whoever comes with it.",
    "password": "Your password is changed. All other devices are logged out.",
    "logout": "It is logged out.",
    "own": "You own this server now. What you may do: /help server",
}

Tell = Callable[..., Awaitable[None]]


class People:
    """Does what is typed of accounts, rights and moderation; ``tell`` shows lines."""

    def __init__(self, chat: Chat, console: Console, vocabulary: Vocabulary, tell: Tell) -> None:
        self._chat = chat
        self._console = console
        self._vocabulary = vocabulary
        self._tell = tell

    async def do(self, order: Order, room: str | None) -> None:
        """Does what was typed in ``room``. Raises `ChatError` and `TimeoutError`."""
        special = {
            "register": self._register,
            "password": self._password,
            "login": self._login,
            "logout": self._logout,
            "close-account": self._close_account,
            "msg": self._msg,
        }.get(order.name)
        if special is not None:
            await special(order.argument)
        elif order.name == "rules":
            lines = standing_lines(room or "", self._chat.standing(room or ""))
            await self._tell(*map(safe, lines))
        else:
            await self._send(order, room)

    async def password_of(self, user: str) -> str | None:
        """Asks for the password of ``user``; None if none is given."""
        return await self._secret(Question(Ask.LOGIN, user))

    async def code_of(self, user: str) -> str | None:
        """Asks for a code of the second factor of ``user``; None if none is given."""
        return await self._secret(Question(Ask.CODE, user))

    async def _send(self, order: Order, room: str | None) -> None:
        await self._do(order.name, deed(self._vocabulary, order, RoomName.recall(room or "")))

    async def _do(self, name: str, command: Command) -> None:
        async with asyncio.timeout(ANSWER_SECONDS):
            reply = await self._chat.do(command)
        lines = _answer(name, command, reply)
        await self._tell(*map(safe, lines))

    async def _register(self, password: str) -> None:
        secret = password or await self._secret(Question(Ask.REGISTER))
        if not secret:
            await self._tell("You are a guest, as before.")
            return
        await self._do("register", deed(self._vocabulary, Order("register", secret), _ANY))

    async def _password(self, argument: str) -> None:
        if argument:
            await self._send(Order("password", argument), None)
            return
        old = await self._secret(Question(Ask.OLD))
        new = await self._secret(Question(Ask.NEW)) if old else None
        if not (old and new):
            await self._tell(UNCHANGED)
            return
        async with asyncio.timeout(ANSWER_SECONDS):
            await self._chat.account.change_password(old, new)
        await self._tell(DONE["password"])

    async def _login(self, user: str) -> None:
        name = user or self._chat.user or ""
        if self._chat.online:
            await self._tell(f"You are {self._chat.user} already. To come as another: exit first.")
            return
        secret = password = await self.password_of(name)
        code: str | None = None
        while secret:
            try:
                async with asyncio.timeout(ANSWER_SECONDS):
                    await self._chat.hello(name, password=password, code=code)
            except NeedCode as refusal:
                await self._tell(refusal.message)
                secret = code = await self.code_of(name)
            else:
                return
        await self._tell(UNCHANGED)

    async def _logout(self, device: str) -> None:
        if device:
            await self._send(Order("logout", device), None)
            return
        async with asyncio.timeout(ANSWER_SECONDS):
            current = [one.id for one in await self._chat.account.devices() if one.current]
            for id in current:
                await self._chat.account.revoke(id)

    async def _close_account(self, _: str) -> None:
        password = await self._secret(Question(Ask.CLOSE))
        if not password:
            await self._tell(UNCHANGED)
            return
        async with asyncio.timeout(ANSWER_SECONDS):
            await self._chat.account.close(password)

    async def _msg(self, argument: str) -> None:
        users, text = people_and_text(argument)
        async with asyncio.timeout(ANSWER_SECONDS):
            found = await self._chat.direct(*users)
            if text:
                await self._chat.say(found.room, text)
                return
            page = await self._chat.timeline(found.room, limit=DIRECT_LINES)
        people = self._chat.people(found.room)
        lines = [
            line
            for event in page.events
            for line in direct_lines(event, people, mine=self._chat.me.did(event))
        ]
        await self._tell(*(lines or [f"Nothing was said yet with {safe(', '.join(people))}."]))

    async def _secret(self, question: Question) -> str | None:
        return await self._console.ask(safe(question.text), secret=True)


_ANY = RoomName.recall("")


def _answer(name: str, command: Command, reply: Reply) -> list[str]:
    """The lines for an answer; what the room is told as an event needs none."""
    match reply:
        case DeviceList():
            return devices_lines(reply, stamp)
        case BanList():
            return bans_lines(reply, stamp)
        case Page(events=events):
            lines = [line for event in events for line in event_lines(event)]
            return lines or ["Nothing was done here by those who moderate."]
        case Ack() if isinstance(command, Write) and is_directory(command.room):
            return ["Done."]  # nobody is told by an event here
        case _:
            return [DONE[name]] if name in DONE else []
