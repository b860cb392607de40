"""What those do who moderate a room: what holds in it, roles, invitations, putting out, banning."""

from __future__ import annotations

import os
from typing import Any, TypeVar

from msgspec.structs import replace

from hubbub.client.asking import Ask
from hubbub.domain import commands as ask
from hubbub.domain.directory import DIRECTORY
from hubbub.domain.names import RoomName, UserName
from hubbub.domain.replies import Ack, BanList, Page
from hubbub.domain.rules import Role, RoomAccess, Speakers

SERVER = str(DIRECTORY)
"""The name of the room to give for the whole server: to ban somebody from it, say."""

W = TypeVar("W", bound=ask.Write)


class Moderation:
    """``chat.moderation``. Made by `Chat`.

    What changes something takes a ``nonce``: with the same one it is done once, however often it is
    asked for. All raise `NoSuchRoom`, `NotAllowed` with a sentence that says who may, and
    `NoSuchUser`.
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
        nonce: str | None = None,
    ) -> Ack:
        """Changes what holds in a room; None leaves it as it is. ``slow`` is in seconds.

        ``password``: what a room with `RoomAccess.LOCKED` asks for.
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
        )

    async def rename_room(self, room: str, name: str, *, nonce: str | None = None) -> Ack:
        """Gives a room another name; `RoomMoved` follows. Raises `NameTaken`, `RoomStays`."""
        return await self._write(ask.RenameRoom, room, nonce, name=RoomName.parse(name))

    async def invite(self, room: str, user: str, *, nonce: str | None = None) -> Ack:
        """Lets somebody come in."""
        return await self._write(ask.Invite, room, nonce, user=UserName.parse(user))

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

    async def bans(self, room: str) -> BanList:
        """Who is banned from a room, and who may say nothing in it."""
        return await self._ask(ask.Bans(room=RoomName.parse(room)), BanList)

    async def audit(self, room: str, *, before: int | None = None, limit: int = 50) -> Page:
        """What was done in a room by those who moderate it, newest last.

        ``before`` is the ``first`` of the page that comes behind it.
        """
        return await self._ask(
            ask.Audit(room=RoomName.parse(room), before=before, limit=limit), Page
        )

    async def _write(self, command: type[W], room: str, nonce: str | None, **values: Any) -> Ack:
        return await self.do(command(room=RoomName.parse(room), nonce=nonce, **values))


def new_nonce() -> str:
    """An idempotency key that nobody else has."""
    return os.urandom(12).hex()
