"""The second factor of our account, and a new password by a link."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence

from hubbub.domain import commands as ask
from hubbub.domain.errors import BadMessage
from hubbub.domain.names import UserName
from hubbub.domain.replies import Done, FactorOffered, RecoveryCodes
from hubbub.terminal.full.answers import answer
from hubbub.terminal.full.asking import AGAIN, Asked, Asking, same
from hubbub.terminal.full.conversation import Conversation
from hubbub.terminal.full.model.room import Room

Draw = Callable[[str], Sequence[str]]
"""The QR code of a text, in rows of half-blocks that are light on dark ground."""

MAX_DRAWN_CHARS = 500  # of an address for an app; that of a longer one would fit no screen
MAX_SECRET_CHARS = 200  # six times what apps use
GROUP = 4  # letters of a secret that are shown together

_PASSWORD = Asked("Your password:", hidden=True)


class FactorOrders:
    """``table`` has what is done for each. Each raises the server's refusal."""

    def __init__(self, conversation: Conversation, asking: Asking, draw: Draw) -> None:
        self._conversation = conversation
        self._asking = asking
        self._draw = draw
        self.table: dict[str, Callable[[Room, str], Awaitable[None]]] = {
            "factor": self._factor,
            "reset": self._reset,
        }

    async def _factor(self, room: Room, argument: str) -> None:
        chat = self._conversation.chat
        if not chat.account.exists:
            raise BadMessage("You have no account: /register makes one.")
        if argument.lower() in ("off", "none", "-"):
            await self._end(room)
            return
        if argument:
            raise BadMessage("Type /factor to turn it on, or /factor off.")
        offered: list[FactorOffered] = []
        codes: list[str] = []

        async def begin(answers: Sequence[str]) -> None:
            offered[:] = [await answer(chat, ask.BeginFactor(password=answers[0]), FactorOffered)]

        async def confirm(answers: Sequence[str]) -> None:
            command = ask.ConfirmFactor(code=answers[0])
            codes[:] = (await answer(chat, command, RecoveryCodes)).codes

        about = "From then on a code of your phone is asked for, too, whenever you log in."
        if not await self._asking.ask("A second factor", [_PASSWORD], begin, about=about):
            return
        secret, uri = offered[0].secret, offered[0].uri
        about = (
            "Scan this with an app for codes on your phone, or type into it this secret: "
            f"{_grouped(secret)}"
        )
        picture = self._draw(uri) if len(uri) <= MAX_DRAWN_CHARS else ()
        asked = [Asked("The code that it shows:")]
        title = "A second factor"
        if not await self._asking.ask(title, asked, confirm, about=about, picture=picture):
            return
        about = (
            "Keep these codes: each lets you in once without the phone. They are shown only now."
        )
        await self._asking.give("The second factor is on", about, codes)
        self._conversation.note(room, "Whenever you log in, a code is asked for, too.")

    async def _end(self, room: Room) -> None:
        async def end(answers: Sequence[str]) -> None:
            await answer(self._conversation.chat, ask.EndFactor(password=answers[0]), Done)

        if await self._asking.ask("The end of the second factor", [_PASSWORD], end):
            self._conversation.note(room, "Your password alone lets you in again.")

    async def _reset(self, room: Room, argument: str) -> None:
        name, _, code = argument.partition(" ")
        user = UserName.parse(name)

        async def reset(answers: Sequence[str]) -> None:
            password = same(*answers)
            command = ask.ResetPassword(user=user, code=code.strip(), password=password)
            await answer(self._conversation.chat, command, Done)

        asked = [Asked("The new password:", hidden=True), Asked(AGAIN, hidden=True)]
        if await self._asking.ask(f"A new password for {user}", asked, reset):
            self._conversation.note(
                room, f"{user} has another password now. To come in: /login {user}"
            )


def _grouped(secret: str) -> str:
    secret = secret[:MAX_SECRET_CHARS]
    return " ".join(secret[at : at + GROUP] for at in range(0, len(secret), GROUP))
