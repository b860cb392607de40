"""The typed commands of files: they are sent, and pictures are shown."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Protocol

from hubbub.domain.events import Said
from hubbub.domain.files import File
from hubbub.terminal.attaching import newest_file, send_files
from hubbub.terminal.full.conversation import Conversation
from hubbub.terminal.full.model.room import Room


class Showing(Protocol):
    """The screen that shows pictures, and opens links."""

    async def show_picture(self, file: File, picture: bytes) -> None: ...
    def open_link(self, url: str) -> None: ...


class FileOrders:
    """``table`` has what is done for each. Each raises the server's refusal."""

    def __init__(self, conversation: Conversation, around: Showing) -> None:
        self._conversation = conversation
        self._around = around
        self.table: dict[str, Callable[[Room, str], Awaitable[None]]] = {
            "send": self._send,
            "show": self._show,
        }

    async def _send(self, room: Room, typed: str) -> None:
        told = self._conversation.listener.told
        answered, room.answers = room.answers, None
        reply_to = None if answered is None else answered.seq
        await send_files(self._conversation.chat, room.name, typed, told, reply_to=reply_to)
        told("It is sent.")

    async def _show(self, room: Room, name: str) -> None:
        await self.open(await newest_file(self._conversation.chat, room.name, name))

    async def show(self, room: Room, said: Said) -> None:
        """Shows the first picture of a message."""
        await self.open(next(file for file in said.files if file.thumbnail))

    async def open(self, file: File) -> None:
        """Shows a picture; gives any other file to the browser."""
        attachments = self._conversation.chat.attachments
        if file.thumbnail:
            await self._around.show_picture(file, await attachments.thumbnail(file))
        else:
            self._around.open_link(await attachments.link(file))
