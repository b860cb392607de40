"""Changes our name: only if the new one is free, and without losing or doubling a line."""

from __future__ import annotations

import asyncio
from contextlib import suppress

from hubbub.client.errors import ChatClosed, Unreachable
from hubbub.client.resume import Resume
from hubbub.domain.errors import ChatError, NeedPassword
from hubbub.domain.names import UserName
from hubbub.terminal.full.conversation import Conversation
from hubbub.terminal.full.ports import OpenChat

SAVE_SECONDS = 5.0  # for unsaved lines, which are sent under the old name


class CannotRename(Exception):
    """The name was not changed; the message says why."""


async def rename(
    conversation: Conversation,
    open_chat: OpenChat,
    name: str,
    *,
    password: str | None = None,
    code: str | None = None,
) -> str:
    """Returns the new name as the server writes it. Raises `CannotRename`, and, with a
    ``password``, the server's refusal: then it may be corrected.

    A second connection asks for the new name. When it has it, it enters our rooms with the cursors
    of the first one, which then says goodbye.
    """
    old = conversation.chat
    try:
        wanted = UserName.parse(name)
        if not old.online:
            if conversation.status.lost or conversation.status.met:
                return await conversation.go_on_as(wanted)
            raise CannotRename("You are not connected now. Try again when you are.")
        if old.user is not None and wanted == old.user:
            raise CannotRename(f"You are {wanted} already.")
        token = conversation.cache.token(wanted)
        new = open_chat(Resume(user=wanted, token=token, log=conversation.cache.log))
        await new.start(None)
        try:
            user = await new.hello(name, password=password, code=code)
        except BaseException:
            await new.close(patience=0)
            raise
    except (ChatError, ChatClosed, Unreachable) as error:
        if password is not None:
            raise
        hint = f" To come in as {name}: /login {name}" if isinstance(error, NeedPassword) else ""
        raise CannotRename(f"{error}{hint}") from None
    try:
        async with asyncio.timeout(SAVE_SECONDS):
            for line in old.unsent:
                await line.saved()
    except (TimeoutError, ChatError, ChatClosed):
        await new.close(patience=0)
        raise CannotRename(
            "Some of your messages are still being sent. Try again in a moment."
        ) from None
    await conversation.stop_reading()
    before = old.resume()
    # Who has logged in to an account was somebody else before.
    if password is None and before.user is not None and before.token is not None:
        with suppress(ChatError, ChatClosed):  # it only tells others of the new name
            await new.formerly(before.user, before.token)
    current = conversation.rooms.current
    for room in conversation.rooms:
        another = password is not None and room.private
        if room.shut or room.is_direct or another:
            conversation.rooms.remove(room)  # not the new user's
        if room.shut or room.is_direct:
            continue
        try:
            await new.join(room.name, after=None if another else room.shown or None)
        except ChatError as error:
            room.inside, room.shut = False, error.message
        else:
            if another:  # who has logged in is a member, too, and begins anew
                added = conversation.rooms.add(room.name)
                if room is current:
                    conversation.rooms.open(added)
    conversation.use(new)
    await old.close(patience=0)
    return user
