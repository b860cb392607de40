"""The typed commands of people: what they say of themselves, who is known how, who is ignored."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from hubbub.domain import commands as ask
from hubbub.domain.deeds import deed
from hubbub.domain.errors import BadMessage, ChatError
from hubbub.domain.names import RoomName, UserName
from hubbub.domain.orders import Order
from hubbub.domain.replies import Done, Person
from hubbub.domain.rules import Status
from hubbub.terminal.full.answers import answer
from hubbub.terminal.full.conversation import Conversation
from hubbub.terminal.full.model.commands import VOCABULARY
from hubbub.terminal.full.model.display import shown
from hubbub.terminal.full.model.people import people
from hubbub.terminal.full.model.person import card
from hubbub.terminal.full.model.room import Room
from hubbub.terminal.full.quiet import Quiet
from hubbub.wire.line.told import seen_line, strangers_line

_SEEN_AS = {
    Status.HERE: "You are shown as here.",
    Status.AWAY: "You are shown as away. /back ends it.",
    Status.BUSY: "You are shown as busy, and nothing alerts you. /back ends it.",
}
_TOLD = {"seen": seen_line, "strangers": strangers_line}


class PeopleOrders:
    """``table`` has what is done for each. Each raises the server's refusal."""

    def __init__(self, conversation: Conversation, quiet: Quiet) -> None:
        self._conversation = conversation
        self._quiet = quiet
        self.table: dict[str, Callable[[Room, str], Awaitable[None]]] = {
            "about": self._about,
            "seen": self._profile("seen"),
            "strangers": self._profile("strangers"),
            "away": self._profile("away"),
            "busy": self._profile("busy"),
            "back": self._profile("back"),
            "whois": self._whois,
            "ignore": self._ignore,
            "unignore": self._unignore,
        }

    async def known_of(self, name: str) -> list[str]:
        """What is known of somebody, a line for each thing."""
        command = ask.Whois(user=UserName.parse(name))
        person = await answer(self._conversation.chat, command, Person)
        return card(person, self._conversation.clock())

    async def _whois(self, room: Room, name: str) -> None:
        lines = await self.known_of(name)
        self._conversation.note(
            room, "\n".join([f"{shown(name)}:", *(f"  {one}" for one in lines)])
        )

    async def _about(self, room: Room, text: str) -> None:
        if text:
            await self._set(room, "about", text)
        elif about := self._conversation.profile.about:
            self._conversation.note(room, f"You say about yourself: {shown(about)}")
        else:
            self._conversation.note(room, "You say nothing about yourself: /about TEXT does.")

    def _profile(self, name: str) -> Callable[[Room, str], Awaitable[None]]:
        async def do(room: Room, argument: str) -> None:
            await self._set(room, name, argument)

        return do

    async def _set(self, room: Room, name: str, argument: str) -> None:
        if not self._conversation.chat.account.exists:
            raise BadMessage("Only who has an account can say that: /register makes one.")
        command = deed(VOCABULARY, Order(name, argument), RoomName.parse(room.name))
        assert isinstance(command, ask.SetProfile)
        await answer(self._conversation.chat, command, Done)
        if name in _TOLD:
            done = _TOLD[name](argument)
        else:
            done = "Done." if command.status is None else _SEEN_AS[command.status]
        self._conversation.listener.told(done)

    # Ignoring

    async def _ignore(self, room: Room, name: str) -> None:
        ignored = ", ".join(map(shown, self._quiet.ignored))
        seen = self._was_seen(name)
        if not name:
            text = f"You ignore {ignored}." if ignored else "You ignore nobody."
        elif UserName.recall(name).key == UserName.recall(self._conversation.user or "").key:
            text = "That is you. You cannot ignore yourself."
        elif await self._block(name, on=True):
            text = (
                f"What {shown(name)} writes is hidden now, whatever the name, and they cannot "
                f"write to you alone any more. /unignore {shown(name)} ends it."
            )
        elif self._quiet.ignore(str(UserName.parse(name))):
            self._conversation.recount_all()
            text = f"What {shown(name)} writes is hidden now. /unignore {shown(name)} shows it."
            if not seen:
                text += " Nobody of that name was seen so far."
        else:
            text = f"You ignore {shown(name)} already."
        self._conversation.note(room, text)

    async def _block(self, name: str, *, on: bool) -> bool:
        """Blocks an account, which the server knows whatever it is called; False for a guest."""
        chat = self._conversation.chat
        if not (chat.online and chat.account.exists):
            return False
        try:
            await answer(chat, ask.Block(user=UserName.parse(name), on=on), Done)
        except ChatError:
            return False  # they have no account, or the server is an older one
        return True

    async def _unignore(self, room: Room, name: str) -> None:
        blocked = self._quiet.blocks and await self._block(name, on=False)
        if self._quiet.unignore(name) or blocked:
            self._conversation.recount_all()
            self._conversation.note(room, f"What {shown(name)} writes is shown again.")
        else:
            self._conversation.listener.told(f"You do not ignore {shown(name)}.", bad=True)

    def _was_seen(self, name: str) -> bool:
        key = UserName.recall(name).key
        return any(
            UserName.recall(one).key == key
            for room in self._conversation.rooms
            for one in people(room.members, room.timeline)
        )
