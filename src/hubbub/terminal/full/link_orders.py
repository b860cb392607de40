"""Links that let people in: made, listed and ended."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from hubbub.domain import commands as ask
from hubbub.domain.directory import DIRECTORY
from hubbub.domain.durations import left
from hubbub.domain.errors import BadMessage
from hubbub.domain.names import RoomName
from hubbub.domain.replies import Done, TicketGiven, TicketList
from hubbub.domain.rules import Ticket
from hubbub.terminal.full.answers import answer
from hubbub.terminal.full.asking import Asking
from hubbub.terminal.full.conversation import Conversation
from hubbub.terminal.full.model.acts import Act
from hubbub.terminal.full.model.display import shown
from hubbub.terminal.full.model.room import Room

SHORT = 8  # characters of an id: enough for as many links as there may be

LinkTo = Callable[[str, str, str | None], str]
"""The link for a browser, of a room, a code, and whose password is chosen by it."""


class Links:
    """Raises the server's refusals."""

    def __init__(self, conversation: Conversation, asking: Asking, link_to: LinkTo) -> None:
        self._conversation = conversation
        self._asking = asking
        self._link_to = link_to

    async def make(self, command: ask.MakeTicket) -> None:
        """Makes a link, which is shown once, to be copied."""
        given = await answer(self._conversation.chat, command, TicketGiven)
        user = None if command.user is None else str(command.user)
        link = self._link_to(str(command.room), given.code, user)
        if user is not None:
            typed = f"/reset {user} {given.code}"
        elif command.room == DIRECTORY:
            typed = f"/register, with the code {given.code}"
        else:
            typed = f"/join {command.room} {given.code}"
        about = (
            f"{self._purpose(given.ticket, command.room)} It is shown only now. "
            "First it is for a browser, then for a terminal."
        )
        await self._asking.give("A link", about, [link, typed])

    async def show(self, name: RoomName, room: Room) -> None:
        """Shows the links of a room, or of the server; those that are chosen end."""
        while True:
            chat = self._conversation.chat
            found = (await answer(chat, ask.Tickets(room=name), TicketList)).tickets
            where = "this server" if name == DIRECTORY else shown(room.label)
            if not found:
                self._conversation.note(room, f"There is no link to {where}.")
                return
            acts = self._acts(found)
            act = await self._asking.choose(f"Links to {where}: Enter ends one", acts)
            if act is None:
                return
            await self._end(name, found[acts.index(act)])

    async def end(self, command: ask.EndTicket) -> None:
        """Ends the link whose id begins so."""
        listed = await answer(self._conversation.chat, ask.Tickets(room=command.room), TicketList)
        found = [one for one in listed.tickets if one.id.startswith(command.ticket)]
        if len(found) != 1:
            raise BadMessage("There is no such link, or more than one. /links lists them.")
        await self._end(command.room, found[0])

    async def _end(self, room: RoomName, ticket: Ticket) -> None:
        command = ask.EndTicket(room=room, ticket=ticket.id)
        await answer(self._conversation.chat, command, Done)
        self._conversation.listener.told("That link is good no more.")

    def _acts(self, tickets: Sequence[Ticket]) -> list[Act]:
        now = int(self._conversation.clock() * 1000)
        return [
            Act(
                f"By {one.by}: "
                + (f"a new password for {one.user}" if one.user else f"for {_uses(one)}")
                + left(one.until, now),
                f"/unlink {one.id[:SHORT]}",
            )
            for one in tickets
        ]

    def _purpose(self, ticket: Ticket, room: RoomName) -> str:
        until = left(ticket.until, int(self._conversation.clock() * 1000))
        if ticket.user is not None:
            return f"By it {shown(ticket.user)} chooses a new password{until}."
        what = "make an account" if room == DIRECTORY else "come in"
        return f"By it {_uses(ticket)} may {what}{until}."


def _uses(ticket: Ticket) -> str:
    return "one person" if ticket.uses == 1 else f"{ticket.uses:,} people"
