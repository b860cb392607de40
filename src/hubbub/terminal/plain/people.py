"""What is typed of accounts, people, rights and moderation: asks the server, tells the answers."""

from __future__ import annotations

import asyncio

from hubbub.client import Ack, BanList, Chat, Page, Person, TicketGiven
from hubbub.domain.commands import Command, Write
from hubbub.domain.deeds import deed, people_and_text
from hubbub.domain.directory import is_directory
from hubbub.domain.names import RoomName
from hubbub.domain.orders import Order, Vocabulary
from hubbub.domain.replies import DeviceList, Messages, QueueList, Reply, TicketList
from hubbub.terminal.plain.accounts import Accounts, Tell
from hubbub.terminal.plain.entrance import ANSWER_SECONDS
from hubbub.terminal.plain.lines import direct_lines, event_lines, stamp
from hubbub.terminal.safe import safe
from hubbub.wire.line.asking import CHANGED
from hubbub.wire.line.shown import bans_lines, devices_lines, filters_lines, standing_lines
from hubbub.wire.line.told import (
    DONE,
    link_lines,
    links_lines,
    person_lines,
    pinned,
    queue_lines,
    seen_line,
    strangers_line,
)

DIRECT_LINES = 10  # of a conversation that is looked at: half a screen
TOLD = {
    **DONE,
    "password": CHANGED,
    "logout": "It is logged out.",
    "own": "You own this server now. What you may do: /help room",
}


class People:
    """Does what is typed of accounts, people, rights and moderation; ``tell`` shows lines."""

    def __init__(self, chat: Chat, accounts: Accounts, vocabulary: Vocabulary, tell: Tell) -> None:
        self._chat = chat
        self._accounts = accounts
        self._vocabulary = vocabulary
        self._tell = tell
        self.aside: str | None = None  # the direct conversation in which we have spoken last

    async def do(self, order: Order, room: str | None) -> None:
        """Does what was typed in ``room``. Raises `ChatError` and `TimeoutError`."""
        mine = self._accounts
        match order:
            case Order("register", password):
                await mine.register(password)
            case Order("password", ""):
                await mine.change_password()
            case Order("login", user):
                await mine.login(user)
            case Order("logout", ""):
                await mine.logout()
            case Order("close-account", what):
                await mine.close(what)
            case Order("factor", what):
                await mine.factor(what)
            case Order("reset", argument):
                await mine.reset(argument)
            case Order("msg", argument):
                await self._msg(argument)
            case Order("about", ""):
                about = self._chat.account.profile.about
                await self._tell(safe(about) or "You say nothing about yourself yet.")
            case Order("rules"):
                lines = standing_lines(room or "", self._chat.standing(room or ""))
                await self._tell(*map(safe, lines))
            case _:
                await self._send(order, room)

    async def _send(self, order: Order, room: str | None) -> None:
        if order.name == "edit" or order == Order("undo"):
            room = self.aside or room  # where our newest text is
        command = deed(self._vocabulary, order, RoomName.recall(room or ""))
        async with asyncio.timeout(ANSWER_SECONDS):
            reply = await self._chat.do(command)
        lines = _answer(order, command, reply, self._chat.address.site)
        await self._tell(*map(safe, lines))

    async def _msg(self, argument: str) -> None:
        users, text = people_and_text(argument)
        async with asyncio.timeout(ANSWER_SECONDS):
            found = await self._chat.direct(*users)
            if text:
                self.aside = found.room
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


def _answer(order: Order, command: Command, reply: Reply, page: str) -> list[str]:
    """The lines for an answer; what the room is told as an event needs none."""
    match reply:
        case DeviceList():
            return devices_lines(reply, stamp)
        case BanList() if order.name == "filter":
            return filters_lines(reply, stamp)
        case BanList():
            return bans_lines(reply, stamp)
        case QueueList():
            return queue_lines(reply, stamp)
        case TicketGiven():
            return link_lines(reply, stamp, page)
        case TicketList():
            return links_lines(reply, stamp)
        case Person():
            return person_lines(reply, stamp)
        case Messages(room=room, events=events):
            lines = [line for event in events for line in event_lines(event)]
            return [pinned(room, bool(lines)), *lines]
        case Page(events=events):
            lines = [line for event in events for line in event_lines(event)]
            return lines or ["Nothing was done here by those who moderate."]
        case Ack() if isinstance(command, Write) and is_directory(command.room):
            return ["Done."]  # nobody is told by an event here
        case _ if order.name == "server":
            return ["Done."]
        case _ if order.name == "seen":
            return [seen_line(order.argument)]
        case _ if order.name == "strangers":
            return [strangers_line(order.argument)]
        case _:
            return [TOLD[order.name]] if order.name in TOLD else []
