"""What is done with messages: changed, taken back, reacted to, pinned; and what is typed for it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Protocol

from hubbub.client.change import Change, Does
from hubbub.domain import commands as ask
from hubbub.domain.deeds import deed
from hubbub.domain.emoji import parse_emoji
from hubbub.domain.events import Event, Said
from hubbub.domain.kinds import is_message
from hubbub.domain.names import RoomName
from hubbub.domain.orders import Order
from hubbub.domain.replies import Ack, Version
from hubbub.terminal.full.answers import answer
from hubbub.terminal.full.conversation import Conversation
from hubbub.terminal.full.loading import Loading
from hubbub.terminal.full.model.below import is_ours
from hubbub.terminal.full.model.changing import newest
from hubbub.terminal.full.model.commands import VOCABULARY
from hubbub.terminal.full.model.display import shown
from hubbub.terminal.full.model.room import Room

MOST_RECENT = 8  # emoji, offered first


class Showing(Protocol):
    """The screen around: it asks and shows."""

    @property
    def recent_emoji(self) -> Sequence[str]: ...
    def keep_emoji(self, recent: Sequence[str]) -> None: ...
    async def confirm(self, title: str, text: str, yes: str) -> bool: ...
    async def choose_emoji(self, title: str, said: Said) -> str | None: ...
    async def choose_message(
        self, title: str, messages: Sequence[Said], *, at: int, more: bool
    ) -> Said | None: ...
    async def show_versions(self, title: str, versions: Sequence[Version]) -> None: ...


class MessageOrders:
    """``table`` has what is done for each typed command. All raise the server's refusal.

    A change of a message waits for a connection, if there is none, as a text does.
    """

    def __init__(self, conversation: Conversation, loading: Loading, around: Showing) -> None:
        self._conversation = conversation
        self._loading = loading
        self._around = around
        names = ("edit", "undo", "react", "unreact", "pin", "unpin")
        self.table: dict[str, Callable[[Room, str], Awaitable[None]]] = {
            **{name: self._typed(name) for name in names},
            "pins": self._pins,
        }

    def edit(self, room: Room, said: Said, text: str) -> None:
        """Our message says ``text`` from now on."""
        if text.rstrip() != said.text:
            self._change(room, Change(does=Does.EDIT, target=said.seq, text=text))

    async def take_back(self, room: Room, said: Said) -> None:
        """Asks, and takes a message back."""
        ours = self._conversation.me.did(said)
        title = (
            "Take this message back?" if ours else f"Take back this message of {shown(said.by)}?"
        )
        text = said.text or ", ".join(file.name for file in said.files)
        if await self._around.confirm(title, text, "take it back, for everybody"):
            self._change(room, Change(does=Does.REDACT, target=said.seq))

    async def react(self, room: Room, said: Said) -> None:
        """Asks with what, and reacts so; or no more, if we do already."""
        emoji = await self._around.choose_emoji(f"React to {shown(said.by)}", said)
        if emoji is not None:
            self._react(room, room.timeline.shown(said.seq) or said, emoji, on=None)

    def _react(self, room: Room, said: Said, emoji: str, *, on: bool | None) -> None:
        if on is None:
            me = self._conversation.me
            on = not any(one.emoji == emoji and is_ours(one, me) for one in said.reactions)
        if on:
            recent = [emoji, *(one for one in self._around.recent_emoji if one != emoji)]
            self._around.keep_emoji(recent[:MOST_RECENT])
        self._change(room, Change(does=Does.REACT, target=said.seq, emoji=emoji, on=on))

    def pin(self, room: Room, said: Said) -> None:
        """Pins a message, or unpins it if it is pinned."""
        on = said.seq not in room.standing.pins
        self._change(room, Change(does=Does.PIN, target=said.seq, on=on))

    async def versions(self, room: Room, said: Said) -> None:
        """Shows what a message has said."""
        found = await self._conversation.chat.versions(room.name, said.seq)
        await self._around.show_versions(f"What this message of {shown(said.by)} said", found)

    async def talk(self, room: Room, said: Said) -> None:
        """Shows the conversation around a message, and goes to the one that is chosen."""
        found = await self._conversation.chat.conversation(room.name, said.seq)
        messages = _messages(found.events)
        place = next((n for n, one in enumerate(messages) if one.seq == said.seq), 0)
        await self._go(room, "The conversation around it", messages, at=place, more=found.more)

    # What is typed

    def _typed(self, name: str) -> Callable[[Room, str], Awaitable[None]]:
        async def do(room: Room, argument: str) -> None:
            command = deed(VOCABULARY, Order(name, argument), RoomName.parse(room.name))
            assert isinstance(command, ask.Amend)
            mine = isinstance(command, (ask.Edit, ask.Redact)) and command.user is None
            user = None if command.user is None else str(command.user)
            said = newest(room, self._conversation.me, of=user, ours=mine)
            if said is None:  # not loaded: the server knows which one it is
                await answer(self._conversation.chat, command, Ack)
                return
            await self._do(room, said, command)

        return do

    async def _do(self, room: Room, said: Said, command: ask.Amend) -> None:
        match command:
            case ask.Edit(text=text):
                self.edit(room, said, text)
            case ask.Redact():
                self._change(room, Change(does=Does.REDACT, target=said.seq))
            case ask.React(emoji=emoji, on=on):
                self._react(room, said, parse_emoji(emoji), on=on)
            case ask.Pin(on=on):
                self._change(room, Change(does=Does.PIN, target=said.seq, on=on))

    async def _pins(self, room: Room, _: str) -> None:
        found = await self._conversation.chat.pins(room.name)
        messages = _messages(found.events)
        if messages:
            title = f"Pinned in {shown(room.label)}"
            await self._go(room, title, messages, at=0, more=found.more)
        else:
            self._conversation.listener.told("Nothing is pinned in this room.")

    async def _go(
        self, room: Room, title: str, messages: Sequence[Said], *, at: int, more: bool
    ) -> None:
        said = await self._around.choose_message(title, messages, at=at, more=more)
        if said is not None:
            self._conversation.open(room)
            room.timeline.point(said.seq, ())
            await self._loading.to(room, said.seq)

    def _change(self, room: Room, change: Change) -> None:
        self._conversation.change(room, change)


def _messages(events: Sequence[Event]) -> list[Said]:
    return [event for event in events if is_message(event)]
