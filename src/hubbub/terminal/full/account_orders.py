"""The typed commands of accounts: registering, passwords, devices, another name, the end."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence

from hubbub.domain import commands as ask
from hubbub.domain.deeds import deed
from hubbub.domain.errors import BadMessage
from hubbub.domain.names import RoomName, UserName
from hubbub.domain.orders import Order
from hubbub.domain.replies import Device
from hubbub.terminal.full.asking import Asked, Asking, log_in
from hubbub.terminal.full.conversation import Conversation
from hubbub.terminal.full.model import clock
from hubbub.terminal.full.model.acts import Act
from hubbub.terminal.full.model.commands import VOCABULARY
from hubbub.terminal.full.model.display import shown
from hubbub.terminal.full.model.room import Room
from hubbub.terminal.full.ports import OpenChat
from hubbub.terminal.full.renaming import rename

AGAIN = "Once more:"


class AccountOrders:
    """``table`` has what is done for each. Each raises the server's refusal."""

    def __init__(self, conversation: Conversation, open_chat: OpenChat, asking: Asking) -> None:
        self._conversation = conversation
        self._open_chat = open_chat
        self._asking = asking
        self.table: dict[str, Callable[[Room, str], Awaitable[None]]] = {
            "register": self._register,
            "login": self._login,
            "password": self._password,
            "devices": self._devices,
            "logout": self._logout,
            "close-account": self._close,
            "own": self._own,
            "nick": self._nick,
        }

    async def _register(self, room: Room, password: str) -> None:
        account = self._conversation.chat.account
        if account.exists:
            raise BadMessage("You have an account already. /password changes its password.")
        if password:
            await account.register(password)
        else:

            async def register(answers: Sequence[str]) -> None:
                await account.register(_same(*answers))

            name = shown(self._conversation.user or "")
            about = f"From then on {name} is your name alone, with this password."
            asked = [Asked("Password:", hidden=True), Asked(AGAIN, hidden=True)]
            if not await self._asking.ask("An account of your own", asked, register, about=about):
                return
        self._conversation.keep()
        self._conversation.note(room, "You have an account now: your name is yours.")

    async def _login(self, room: Room, name: str) -> None:
        conversation = self._conversation
        wanted = UserName.parse(name or conversation.user or "")
        if conversation.chat.online and conversation.user == wanted:
            raise BadMessage(f"You are {wanted} already.")

        async def come_in(password: str, code: str | None) -> None:
            if conversation.chat.online:
                await rename(conversation, self._open_chat, wanted, password=password, code=code)
            else:
                await conversation.go_on_as(wanted, password=password, code=code)

        if await log_in(self._asking, wanted, come_in):
            conversation.note_everywhere(f"You are {shown(conversation.user or wanted)} now.")

    async def _password(self, room: Room, argument: str) -> None:
        account = self._conversation.chat.account
        if argument:
            change = deed(VOCABULARY, Order("password", argument), RoomName.parse(room.name))
            assert isinstance(change, ask.ChangePassword)
            await account.change_password(change.old, change.new)
        else:

            async def change_password(answers: Sequence[str]) -> None:
                old, *new = answers
                await account.change_password(old, _same(*new))

            asked = [
                Asked("The password that you have now:", hidden=True),
                Asked("The new one:", hidden=True),
                Asked(AGAIN, hidden=True),
            ]
            about = "All your other devices are logged out by it."
            if not await self._asking.ask("Another password", asked, change_password, about=about):
                return
        self._conversation.note(
            room, "Your password is another one now, and your other devices are logged out."
        )

    async def _devices(self, room: Room, _: str) -> None:
        while True:
            devices = await self._conversation.chat.account.devices()
            now = self._conversation.clock()
            acts = [_act_of(device, now) for device in devices]
            if len(devices) > 1:
                acts.append(Act("Log out all but this one", "/logout all"))
            title = "Where you are logged in: Enter logs one out"
            act = await self._asking.choose(title, acts)
            if act is None:
                return
            await self._logout(room, act.typed.removeprefix("/logout").strip())
            if act.typed == "/logout":
                return

    async def _logout(self, room: Room, device: str) -> None:
        account = self._conversation.chat.account
        if device == "all":
            await account.revoke()
            self._conversation.note(room, "All your other devices are logged out.")
        elif device:
            await account.revoke(device)
            self._conversation.note(room, "That device is logged out.")
        else:
            here = next((one for one in await account.devices() if one.current), None)
            if here is None:
                raise BadMessage("You have no account to log out of. /quit ends.")
            await account.revoke(here.id)

    async def _close(self, room: Room, _: str) -> None:
        account = self._conversation.chat.account
        if not account.exists:
            raise BadMessage("You have no account. /quit ends.")

        async def close(answers: Sequence[str]) -> None:
            await account.close(answers[0])

        about = "What you said stays, and nobody gets your name. This cannot be undone."
        asked = [Asked("Your password:", hidden=True)]
        await self._asking.ask("The end of your account", asked, close, about=about)

    async def _own(self, room: Room, code: str) -> None:
        account = self._conversation.chat.account
        if code:
            await account.own(code)
        else:

            async def own(answers: Sequence[str]) -> None:
                await account.own(answers[0])

            asked = [Asked("The code that the server showed when it started:", hidden=True)]
            if not await self._asking.ask("The owner of this server", asked, own):
                return
        self._conversation.note(room, "You are the owner of this server now.")

    async def _nick(self, room: Room, name: str) -> None:
        conversation = self._conversation
        if conversation.chat.online and conversation.chat.account.exists:
            await conversation.chat.account.rename(name)
            return
        before = conversation.user
        user = await rename(conversation, self._open_chat, name)
        room = conversation.rooms.get(room.name) or room  # it may have been made anew
        conversation.note(room, f"Your name is {shown(user)} now. It was {before} before.")


def _same(password: str, again: str) -> str:
    """The password, if both are the same."""
    if password != again:
        raise BadMessage("These are not the same. Type it once more, twice.")
    return password


def _act_of(device: Device, now: float) -> Act:
    """A device, with the command that logs it out."""
    if device.current:
        seen = "this one"
    elif device.connected:
        seen = "here now"
    else:
        seen = f"seen {clock.ago(device.seen, now)}"
    label = f"{device.client or 'A client'} at {device.address}: {seen}"
    return Act(label, "/logout" if device.current else f"/logout {device.id}")
