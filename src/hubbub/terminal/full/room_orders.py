"""The typed commands of people and rooms: direct conversations, rules, roles, moderation."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Protocol

from hubbub.domain import commands as ask
from hubbub.domain.deeds import deed, people_and_text
from hubbub.domain.directory import DIRECTORY
from hubbub.domain.durations import left, parse_duration
from hubbub.domain.errors import BadMessage
from hubbub.domain.names import RoomName, UserName
from hubbub.domain.orders import Order
from hubbub.domain.replies import BanList, Done, Page
from hubbub.domain.sentences import EXEMPT_FROM, sentence
from hubbub.terminal.full.answers import answer
from hubbub.terminal.full.asking import Asked, Asking
from hubbub.terminal.full.conversation import Conversation
from hubbub.terminal.full.link_orders import Links
from hubbub.terminal.full.loading import Loading
from hubbub.terminal.full.model import clock
from hubbub.terminal.full.model.acts import Act
from hubbub.terminal.full.model.commands import VOCABULARY
from hubbub.terminal.full.model.display import shown
from hubbub.terminal.full.model.room import Room
from hubbub.terminal.full.model.ruling import rules_in_words
from hubbub.terminal.full.queue_orders import QueueOrders, Showing

_WHY = Asked("Why? Everybody here reads it. Empty: no reason.", needed=False)
_HOW_LONG = Asked("How long? 10m, 2h, 3d; empty: for good.", needed=False)
_UNTIL = Asked("How long? 10m, 2h, 3d; empty: until you allow it again.", needed=False)

FORMS: dict[str, Sequence[Asked]] = {
    "kick": [_WHY],
    "ban": [_HOW_LONG, _WHY],
    "mute": [_UNTIL, _WHY],
    "invite": [Asked("Whom do you invite?")],
    "rename-room": [Asked("What should it be called?")],
    "slow": [Asked("How long must everybody wait between two messages? 10s, 1m")],
    "keep": [Asked("How long do messages stay here? 30d, 52w, or forever")],
    "filter": [Asked("Which word? spam* stands for all that begin so, /a|b/ is a pattern.")],
    "link": [Asked("For how many people, and how long? 10 7d; empty: one.", needed=False)],
    "report": [Asked("What is bad about it? Who moderates here reads that.", needed=False)],
    "access": [Asked("Which password should it ask for?", hidden=True)],
}
"""What is asked before a command is done that was chosen from a menu."""


KNOCKED = "If there is such a room, who moderates {} is asked to let you in."

UNSEEN = (ask.Unban, ask.EndInvitation, ask.SetFilter)
"""What is done without a line in the room that tells what it was about."""


class Around(Asking, Showing, Protocol):
    """The screen around: it asks, shows what waits, and knows links for browsers."""

    def link_to(self, room: str, code: str, user: str | None) -> str: ...


class RoomOrders:
    """``table`` has what is done for each. Each raises the server's refusal."""

    def __init__(self, conversation: Conversation, loading: Loading, around: Around) -> None:
        self._conversation = conversation
        self._asking = around
        self._links = Links(conversation, around, around.link_to)
        self._queue = QueueOrders(conversation, loading, around, self.ask_first)
        deeds = (
            *("speak", "slow", "guests", "archive", "rename-room", "invite", "uninvite", "role"),
            *("kick", "ban", "ban-network", "unban", "mute", "unmute", "bans", "audit", "server"),
            *(
                "past",
                "newcomers",
                "topics",
                "outside",
                "most",
                "exempt",
                "unexempt",
                "keep",
                "filter",
                "unfilter",
                "approve",
                "refuse",
                "report",
                "knock",
            ),
            *("link", "links", "unlink", "reset-link"),
        )
        self.table: dict[str, Callable[[Room, str], Awaitable[None]]] = {
            **{name: self._deed(name) for name in deeds},
            "msg": self._msg,
            "rules": self._rules,
            "queue": self._queue.show,
            "access": self._access,
        }

    async def ask_first(self, act: Act, order: Order, room: Room) -> None:
        """Asks for what is lacking of an action that was chosen from a menu, and does it."""

        async def do(answers: Sequence[str]) -> None:
            answers = [answer.strip() for answer in answers]
            await self._do(_asked_for(order, answers, _name_of(room), act.about), room)

        await self._asking.ask(act.label.removesuffix("…"), FORMS[order.name], do)

    def _deed(self, name: str) -> Callable[[Room, str], Awaitable[None]]:
        async def do(room: Room, argument: str) -> None:
            await self._do(deed(VOCABULARY, Order(name, argument), _name_of(room)), room)

        return do

    async def _msg(self, room: Room, argument: str) -> None:
        people, text = people_and_text(argument)
        talk = await self._conversation.talk_to(*people)
        if text:
            self._conversation.say(talk, text)

    async def _rules(self, room: Room, _: str) -> None:
        self._conversation.note(room, rules_in_words(room.label, room.standing))

    async def _access(self, room: Room, argument: str) -> None:
        if argument.lower() in ("password", "locked"):
            order = Order("access", argument)
            await self.ask_first(Act("A password for this room", ""), order, room)
        else:
            order = Order("access", argument)
            await self._do(deed(VOCABULARY, order, _name_of(room)), room)

    async def _do(self, command: ask.Command, room: Room) -> None:
        chat, told = self._conversation.chat, self._conversation.listener.told
        match command:
            case ask.Bans(room=name):
                await self._show_bans(await chat.moderation.bans(name), name, room)
            case ask.Audit(room=name):
                page = await chat.moderation.audit(name, limit=command.limit)
                self._conversation.note(room, _told(page))
            case ask.MakeTicket():
                await self._links.make(command)
            case ask.Tickets(room=name):
                await self._links.show(name, room)
            case ask.EndTicket():
                await self._links.end(command)
            case ask.Knock(room=name):
                await answer(chat, command, Done)
                told(KNOCKED.format(name))
            case ask.Report():
                await answer(chat, command, Done)
                told("Who moderates this room is told.")
            case ask.Settle():
                await answer(chat, command, Done)
                told("Done.")
            case ask.Write(room=name):
                await chat.moderation.do(command)
                if name == DIRECTORY or isinstance(command, UNSEEN):
                    told("Done.")
            case _:
                raise BadMessage(f"There is no {type(command).__name__} here.")

    async def _show_bans(self, found: BanList, name: RoomName, room: Room) -> None:
        """Shows who is banned, muted or exempt; the one that is chosen is so no more."""
        now = int(self._conversation.clock() * 1000)
        prefix = "/server " if name == DIRECTORY else "/"
        acts = [
            Act(
                f"{ban.user}: banned{left(ban.until, now)} by {ban.by}"
                + (f": {ban.reason}" if ban.reason else ""),
                f"{prefix}unban {ban.user}",
            )
            for ban in found.bans
        ] + [
            Act(f"{user}: muted{left(until, now)}", f"/unmute {user}")
            for user, until in found.muted.items()
        ]
        acts += [
            Act(
                f"{one.user}: {EXEMPT_FROM[one.of]}, by {one.by}",
                f"/unexempt {one.user} {one.of.value}",
            )
            for one in found.exemptions
        ]
        acts += [Act(f"{user}: invited", f"/uninvite {user}") for user in found.invited]
        acts += [
            Act(f"{pattern}: may not be said", f"{prefix}unfilter {pattern}")
            for pattern in found.filters
        ]
        where = "this server" if name == DIRECTORY else shown(room.label)
        if not acts:
            text = f"Nobody is banned from {where}, muted or invited, and no word is forbidden."
            self._conversation.note(room, text)
            return
        act = await self._asking.choose(f"In force in {where}: Enter ends it", acts)
        asked = VOCABULARY.read(act.typed) if act is not None else None
        if isinstance(asked, Order):
            await self._do(deed(VOCABULARY, asked, _name_of(room)), room)


def _name_of(room: Room) -> RoomName:
    return RoomName.parse(room.name)


def _asked_for(order: Order, answers: Sequence[str], room: RoomName, about: int) -> ask.Command:
    """The command for an order from a menu, with the answers to the questions of its form.

    ``about``: the message that it is about.
    """
    if order.name == "report":
        user = None if about else UserName.parse(order.argument)
        return ask.Report(room=room, seq=about or None, user=user, reason=answers[0] or None)
    if order.name not in ("kick", "ban", "mute"):
        return deed(
            VOCABULARY, Order(order.name, " ".join((order.argument, *answers)).strip()), room
        )
    user, why = UserName.parse(order.argument), answers[-1] or None
    if order.name == "kick":
        return ask.Kick(room=room, user=user, reason=why)
    seconds = parse_duration(answers[0]) if answers[0] else None
    kind = ask.Ban if order.name == "ban" else ask.Mute
    return kind(room=room, user=user, seconds=seconds, reason=why)


def _told(page: Page) -> str:
    """What was done, each with its time."""
    lines = [
        f"  {clock.day_and_time(event.at)}  {shown(str(told))}"
        for event in page.events
        if (told := sentence(event)) is not None
    ]
    return (
        "\n".join(["What those who moderate have done:", *lines])
        if lines
        else ("Nobody had to moderate anything yet.")
    )
