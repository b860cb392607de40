"""The typed commands of accounts: registering, passwords, devices, another name, the end."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Protocol

from hubbub.domain import commands as ask
from hubbub.domain.deeds import deed
from hubbub.domain.errors import BadMessage, NeedInvitation
from hubbub.domain.names import RoomName, UserName
from hubbub.domain.orders import Order
from hubbub.domain.replies import Device, Done
from hubbub.domain.tickets import invitation_code
from hubbub.terminal.full.answers import answer
from hubbub.terminal.full.asking import AGAIN, Asked, Asking, log_in, same
from hubbub.terminal.full.conversation import Conversation
from hubbub.terminal.full.model import clock
from hubbub.terminal.full.model.acts import Act
from hubbub.terminal.full.model.commands import VOCABULARY
from hubbub.terminal.full.model.display import shown
from hubbub.terminal.full.model.room import Room
from hubbub.terminal.full.ports import OpenChat
from hubbub.terminal.full.renaming import rename


class Around(Asking, Protocol):
    """The screen around: it asks, and has a list of rooms to choose from."""

    def switch(self) -> None: ...


class AccountOrders:
    """``table`` has what is done for each. Each raises the server's refusal."""

    def __init__(self, conversation: Conversation, open_chat: OpenChat, asking: Around) -> None:
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
        lacking: NeedInvitation | None = None
        if password:
            try:
                await account.register(password)
            except NeedInvitation as error:
                lacking = error
        else:

            async def register(answers: Sequence[str]) -> None:
                nonlocal password, lacking
                password = same(*answers)
                try:
                    await account.register(password)
                except NeedInvitation as error:
                    lacking = error

            name = shown(self._conversation.user or "")
            about = f"From then on {name} is your name alone, with this password."
            asked = [Asked("Password:", hidden=True), Asked(AGAIN, hidden=True)]
            if not await self._asking.ask("An account of your own", asked, register, about=about):
                return
        if lacking is not None:

            async def register_by(answers: Sequence[str]) -> None:
                await account.register(password, invite=invitation_code(answers[0]))

            asked = [Asked("The link or the code of your invitation:")]
            title, about = "An account of your own", lacking.message
            if not await self._asking.ask(title, asked, register_by, about=about):
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
            if conversation.rooms.current is None:
                self._asking.switch()  # all rooms were private, and are not this user's
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
                await account.change_password(old, same(*new))

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

    async def _close(self, room: Room, argument: str) -> None:
        chat = self._conversation.chat
        if not chat.account.exists:
            raise BadMessage("You have no account. /quit ends.")
        if argument.lower() not in ("", "empty"):
            raise BadMessage(
                "Type /close-account to end your account, or /close-account empty to empty all "
                "that you have said, too."
            )
        empty = bool(argument)

        async def close(answers: Sequence[str]) -> None:
            await answer(chat, ask.CloseAccount(password=answers[0], empty=empty), Done)

        what = "All that you said is emptied" if empty else "What you said stays"
        about = (
            f"{what}, under the name of a former member. Rooms that you alone own are owned by "
            "nobody: give the role to somebody first. This cannot be undone."
        )
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
