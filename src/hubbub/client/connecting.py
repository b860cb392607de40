"""Where a program begins: `connect`."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from hubbub.client.address import Address
from hubbub.client.chat import Chat
from hubbub.client.errors import ChatFailed
from hubbub.client.resume import Resume
from hubbub.client.sendqueue import MAX_UNSENT


@asynccontextmanager
async def connect(
    address: Address | str,
    *,
    user: str | None = None,
    resume: Resume | None = None,
    persistent: bool = False,
    max_unsent: int = MAX_UNSENT,
) -> AsyncIterator[Chat]:
    """A chat with the server at ``address``: ``async with connect("localhost:8080", user="Ada")``.

    Without a ``user`` (here or in the address), `Chat.hello` is to be called. ``resume`` goes on
    where an earlier run ended: its rooms are joined, its lines sent. ``persistent`` does not wait
    for the server: the chat begins offline if need be, and all that happens comes as updates.

    At the end, lines that wait are saved if that can be done quickly, and the name is freed.

    Raises `BadAddress`, and unless ``persistent``: `Unreachable`, and for the user `InvalidName`,
    `NameTaken` and other refusals. `ChatFailed` if the chat is ended by an error of our own.
    """
    if isinstance(address, str):
        address = Address.parse(address)
    chat = Chat(address, resume=resume, persistent=persistent, max_unsent=max_unsent)
    try:
        await chat.start(user or address.user or (resume.user if resume else None))
        yield chat
    except BaseException:
        with suppress(ChatFailed):  # what is raised here already is that, or is more to the point
            await chat.close(patience=0)
        raise
    await chat.close()
