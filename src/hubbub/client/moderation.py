"""What those do who moderate a room: what holds in it, roles, links, putting out, banning, and
what others ask of them.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Any, TypeVar

from msgspec.structs import replace

from hubbub.client.asking import Ask
from hubbub.domain import commands as ask
from hubbub.domain.directory import DIRECTORY
from hubbub.domain.names import RoomName, UserName
from hubbub.domain.replies import Ack, BanList, Done, Page, QueueList, TicketGiven, TicketList
from hubbub.domain.rules import (
    Exemption,
    HistoryFor,
    Newcomers,
    QueueItem,
    Role,
    RoomAccess,
    Speakers,
    Ticket,
    Topics,
)

SERVER = str(DIRECTORY)
"""The name of the room to give for the whole server: to ban somebody from it, say."""

W = TypeVar("W", bound=ask.Write)


class Moderation:
    """``chat.moderation``. Made by `Chat`.

    What changes something takes a ``nonce``: with the same one it is done once, however often it is
    asked for; what takes none raises `InDoubt` if the connection is lost before it is answered.
    All raise `NoSuchRoom`, `NotAllowed` with a sentence that says who may, and `NoSuchUser`.
    """

    def __init__(self, ask: Ask) -> None:
        self._ask = ask

    async def do(self, command: ask.Write) -> Ack:
        """Asks for what ``command`` says; one without a nonce gets its own."""
        return await self._ask(replace(command, nonce=command.nonce or new_nonce()), Ack)

    async def set_rules(
        self,
        room: str,
        *,
        access: RoomAccess | None = None,
        speak: Speakers | None = None,
        slow: int | None = None,
        guests: bool | None = None,
        archived: bool | None = None,
        password: str | None = None,
        history: HistoryFor | None = None,
        newcomers: Newcomers | None = None,
        keep_days: int | None = None,
        topics: Topics | None = None,
        outside: bool | None = None,
        most: int | None = None,
        signals: bool | None = None,
        labels: dict[str, str | None] | None = None,
        nonce: str | None = None,
    ) -> Ack:
        """Changes what holds in a room; None leaves it as it is. ``slow`` is in seconds.

        ``password``: what a room with `RoomAccess.LOCKED` asks for. ``history``: which messages
        newcomers read; ``newcomers``: what holds for theirs. ``keep_days``: for how many days
        messages stay; 0: for good. ``topics``: who may set the topic. ``outside``: whether who is
        not in the room may say something in it. ``most``: so many people may be in it; 0: any
        number. ``signals``: whether programs may tell programs something there. ``labels``: what
        programs say of the room; None takes one away.
        """
        return await self._write(
            ask.SetRules,
            room,
            nonce,
            access=access,
            speak=speak,
            slow=slow,
            guests=guests,
            archived=archived,
            password=password,
            history=history,
            newcomers=newcomers,
            keep_days=keep_days,
            topics=topics,
            outside=outside,
            most=most,
            signals=signals,
            labels=labels,
        )

    async def rename_room(self, room: str, name: str, *, nonce: str | None = None) -> Ack:
        """Gives a room another name; `RoomMoved` follows. Raises `NameTaken`, `RoomStays`."""
        return await self._write(ask.RenameRoom, room, nonce, name=RoomName.parse(name))

    async def invite(self, room: str, user: str, *, nonce: str | None = None) -> Ack:
        """Lets somebody come in."""
        return await self._write(ask.Invite, room, nonce, user=UserName.parse(user))

    async def uninvite(self, room: str, user: str, *, nonce: str | None = None) -> Ack:
        """Takes back an invitation of somebody who has not come in yet."""
        return await self._write(ask.EndInvitation, room, nonce, user=UserName.parse(user))

    async def give_role(self, room: str, user: str, role: Role, *, nonce: str | None = None) -> Ack:
        """Gives somebody a role; `Role.MEMBER` takes any other one away."""
        return await self._write(ask.GiveRole, room, nonce, user=UserName.parse(user), role=role)

    async def kick(
        self, room: str, user: str, *, reason: str | None = None, nonce: str | None = None
    ) -> Ack:
        """Puts somebody out."""
        return await self._write(ask.Kick, room, nonce, user=UserName.parse(user), reason=reason)

    async def mute(
        self,
        room: str,
        user: str,
        *,
        seconds: int | None = None,
        reason: str | None = None,
        nonce: str | None = None,
    ) -> Ack:
        """Lets somebody say nothing, for so many ``seconds`` or until `unmute`."""
        about = UserName.parse(user)
        return await self._write(ask.Mute, room, nonce, user=about, seconds=seconds, reason=reason)

    async def unmute(self, room: str, user: str, *, nonce: str | None = None) -> Ack:
        """Lets somebody speak again."""
        return await self._write(ask.Unmute, room, nonce, user=UserName.parse(user))

    async def ban(
        self,
        room: str,
        user: str | None = None,
        *,
        pattern: str | None = None,
        network: bool = False,
        seconds: int | None = None,
        reason: str | None = None,
        nonce: str | None = None,
    ) -> Ack:
        """Keeps somebody out, or guests whose names fit ``pattern``: as a `Ban` command says."""
        return await self._write(
            ask.Ban,
            room,
            nonce,
            user=None if user is None else UserName.parse(user),
            pattern=pattern,
            network=network,
            seconds=seconds,
            reason=reason,
        )

    async def unban(
        self,
        room: str,
        user: str | None = None,
        *,
        ban: int | None = None,
        nonce: str | None = None,
    ) -> Ack:
        """Ends a ban: by the name or pattern that it is about, or by its ``seq``."""
        return await self._write(ask.Unban, room, nonce, user=user, ban=ban)

    async def exempt(
        self,
        room: str,
        user: str | None = None,
        *,
        pattern: str | None = None,
        of: Exemption = Exemption.BANS,
        on: bool = True,
        nonce: str | None = None,
    ) -> Ack:
        """Lets bans not hold for somebody, or lets them in without an invitation; or no more.

        For guests whose names fit ``pattern``: as an `Exempt` command says.
        """
        about = None if user is None else UserName.parse(user)
        return await self._write(ask.Exempt, room, nonce, user=about, pattern=pattern, of=of, on=on)

    async def bans(self, room: str) -> BanList:
        """Who is banned from a room, and who may say nothing in it; who is invited; filters."""
        return await self._ask(ask.Bans(room=RoomName.parse(room)), BanList)

    async def audit(self, room: str, *, before: int | None = None, limit: int = 50) -> Page:
        """What was done in a room by those who moderate it, newest last.

        ``before`` is the ``first`` of the page that comes behind it.
        """
        return await self._ask(
            ask.Audit(room=RoomName.parse(room), before=before, limit=limit), Page
        )

    async def set_filter(
        self, room: str, pattern: str, *, on: bool = True, nonce: str | None = None
    ) -> Ack:
        """Lets nobody say what fits ``pattern``; if not ``on``, lets them again.

        A pattern is a word, or words, in which ``*`` stands for any characters, or ``/RE2/``.
        `bans` has all of them. Raises `BadMessage` for one that is none, `TooMany`.
        """
        return await self._write(ask.SetFilter, room, nonce, pattern=pattern, on=on)

    # Links

    async def make_link(
        self, room: str, *, uses: int = 1, seconds: int | None = None
    ) -> TicketGiven:
        """Makes a link into a room, or to the server, by which somebody makes an account there.

        It is good for so many ``uses``, and ``seconds``; None: without an end. The ``code`` is told
        only now; `Chat.join` and `Account.register` take it. Raises `NeedAccount`, `TooMany`.
        """
        command = ask.MakeTicket(room=RoomName.parse(room), uses=uses, seconds=seconds)
        return await self._ask(command, TicketGiven, repeat=False)

    async def make_reset_link(self, user: str, *, factor: bool = False) -> TicketGiven:
        """Makes a link by which ``user`` chooses a new password, with `Account.reset`.

        ``factor``: the second factor ends by it, too.
        """
        command = ask.MakeTicket(room=DIRECTORY, user=UserName.parse(user), factor=factor)
        return await self._ask(command, TicketGiven, repeat=False)

    async def links(self, room: str) -> Sequence[Ticket]:
        """The links that are good: all for who moderates, else our own."""
        return (await self._ask(ask.Tickets(room=RoomName.parse(room)), TicketList)).tickets

    async def end_link(self, room: str, link: str) -> None:
        """Ends a link, by its id. Raises `BadTicket` for one that is not there."""
        command = ask.EndTicket(room=RoomName.parse(room), ticket=link)
        await self._ask(command, Done, repeat=False)

    # What others ask of who moderates

    async def queue(self, room: str) -> Sequence[QueueItem]:
        """What waits: reports, texts of newcomers, and who wants to come in; the oldest first."""
        return (await self._ask(ask.Queue(room=RoomName.parse(room)), QueueList)).items

    async def settle(self, room: str, item: int, *, approve: bool) -> None:
        """Decides what waits, by its ``seq``: a text is said, and who knocks invited, or not."""
        command = ask.Settle(room=RoomName.parse(room), item=item, approve=approve)
        await self._ask(command, Done, repeat=False)

    async def report(
        self,
        room: str,
        *,
        seq: int | None = None,
        user: str | None = None,
        reason: str | None = None,
    ) -> None:
        """Tells who moderates the room that a text is bad: that one, or the newest of ``user``."""
        command = ask.Report(
            room=RoomName.parse(room),
            seq=seq,
            user=None if user is None else UserName.parse(user),
            reason=reason,
        )
        await self._ask(command, Done, repeat=False)

    async def knock(self, room: str, text: str | None = None) -> None:
        """Asks who moderates a private room to let us in; `Invited` follows when somebody does.

        It is not told whether there is such a room.
        """
        await self._ask(ask.Knock(room=RoomName.parse(room), text=text), Done, repeat=False)

    async def _write(self, command: type[W], room: str, nonce: str | None, **values: Any) -> Ack:
        return await self.do(command(room=RoomName.parse(room), nonce=nonce, **values))


def new_nonce() -> str:
    """An idempotency key that nobody else has."""
    return os.urandom(12).hex()
