"""What waits for who moderates a room: shown, decided, and gone to."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Protocol

from hubbub.domain import commands as ask
from hubbub.domain.names import RoomName
from hubbub.domain.orders import Order
from hubbub.domain.replies import Done, QueueList
from hubbub.domain.rules import QueueItem
from hubbub.terminal.full.answers import answer
from hubbub.terminal.full.conversation import Conversation
from hubbub.terminal.full.loading import Loading
from hubbub.terminal.full.model.acts import Act
from hubbub.terminal.full.model.display import shown
from hubbub.terminal.full.model.queued import Chosen, Deed, whose
from hubbub.terminal.full.model.room import Room


class Showing(Protocol):
    """The screen that shows what waits."""

    async def choose_queued(
        self, title: str, items: Sequence[QueueItem], at: int
    ) -> Chosen | None: ...


AskFirst = Callable[[Act, Order, Room], Awaitable[None]]


class QueueOrders:
    """``ask_first`` does what is to be asked about. Raises the server's refusals."""

    def __init__(
        self,
        conversation: Conversation,
        loading: Loading,
        showing: Showing,
        ask_first: AskFirst,
    ) -> None:
        self._conversation = conversation
        self._loading = loading
        self._showing = showing
        self._ask_first = ask_first

    async def show(self, room: Room, _: str = "") -> None:
        """Shows what waits, until nothing does or the person has seen enough."""
        name, at = RoomName.parse(room.name), 0
        while True:
            found = await answer(self._conversation.chat, ask.Queue(room=name), QueueList)
            if not found.items:
                self._conversation.note(room, f"Nothing waits in {shown(room.label)}.")
                return
            title = f"What waits in {shown(room.label)}"
            chosen = await self._showing.choose_queued(title, found.items, at)
            if chosen is None:
                return
            at = [one.seq for one in found.items].index(chosen.item.seq)
            if chosen.deed is Deed.GO:
                await self._loading.to(room, chosen.item.about or room.shown)
                return
            await self._do(chosen, room)

    async def _do(self, chosen: Chosen, room: Room) -> None:
        item, deed, user = chosen.item, chosen.deed, whose(chosen.item)
        if deed in (Deed.MUTE, Deed.BAN):
            label = f"{'Mute' if deed is Deed.MUTE else 'Ban'} {user}…"
            act = Act(label, f"/{deed.value} {user}", asks=True)
            await self._ask_first(act, Order(deed.value, user), room)
            return
        name = RoomName.parse(room.name)
        settle = ask.Settle(room=name, item=item.seq, approve=deed is Deed.APPROVE)
        await answer(self._conversation.chat, settle, Done)
        self._conversation.listener.told("Done.")
