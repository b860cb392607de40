"""Where a program begins: `connect`."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import ExitStack, asynccontextmanager, suppress
from pathlib import Path

from hubbub.client.address import Address
from hubbub.client.chat import SAVE_SECONDS, Chat
from hubbub.client.errors import ChatClosed, ChatFailed
from hubbub.client.resume import Resume
from hubbub.client.sendqueue import MAX_UNSENT
from hubbub.client.statefile import in_use

HURRIED_SECONDS = 1.0  # for lines that wait, when the program was told to stop

ORDINARY = (Exception, SystemExit)
"""What ends a block by itself; a cancel or Ctrl+C comes from somebody who waits for its end."""

log = logging.getLogger("hubbub.client")


@asynccontextmanager
async def connect(
    address: Address | str,
    *,
    user: str | None = None,
    resume: Resume | None = None,
    state: Path | str | None = None,
    persistent: bool = False,
    max_unsent: int = MAX_UNSENT,
) -> AsyncIterator[Chat]:
    """A chat with the server at ``address``: ``async with connect("localhost:8080", user="Ada")``.

    Without a ``user`` (here or in the address), `Chat.hello` is to be called. ``resume`` goes on
    where an earlier run ended: its rooms are joined, its lines sent. ``state`` is a file in which
    that is kept all the while: the next run goes on there, even if this one is killed (see
    docs/client.md). ``persistent`` does not wait for the server: the chat begins offline if need
    be, and all that happens comes as updates.

    However the block ends, lines that wait get five seconds to be saved (one, if it is cancelled),
    a warning in the log tells of those that were not, and the name is freed.

    Raises `BadAddress`; `OSError` and `ValueError` for a ``state`` that cannot be used; and unless
    ``persistent``: `Unreachable`, and for the user `InvalidName`, `NameTaken` and other refusals.
    `ChatFailed` if the chat is ended by an error of our own.
    """
    if isinstance(address, str):
        address = Address.parse(address)
    path = Path(state) if state is not None else None
    with ExitStack() as kept:
        if path is not None:
            if resume is not None:
                raise ValueError("Give either a resume or the file of a state.")
            resume = kept.enter_context(in_use(path))
        chat = Chat(
            address, resume=resume, state=path, persistent=persistent, max_unsent=max_unsent
        )
        async with _started(chat, user or address.user or (resume.user if resume else None)):
            yield chat


@asynccontextmanager
async def _started(chat: Chat, user: str | None) -> AsyncIterator[None]:
    """Starts ``chat``, and ends it with the block."""
    try:
        await chat.start(user)
    except BaseException:
        with suppress(ChatFailed):  # what is raised here already is that, or is more to the point
            await chat.close(patience=0)
        raise
    try:
        yield
    except BaseException as error:
        with suppress(ChatFailed):
            try:
                await _end(chat, SAVE_SECONDS if isinstance(error, ORDINARY) else HURRIED_SECONDS)
            finally:
                chat.keep_state(done=False)
        raise
    try:
        await _end(chat, SAVE_SECONDS)
    finally:
        chat.keep_state(done=True)


async def _end(chat: Chat, patience: float) -> None:
    """Closes it, unless the program has; lines that wait get so many seconds to be saved."""
    if chat.closed:
        await chat.close()
        return
    try:
        if chat.unsent:
            chat.reconnect_now()  # if it is lost just now
            await _wait_for_lines(chat, patience)
    finally:
        await _close_and_tell(chat)


async def _wait_for_lines(chat: Chat, seconds: float) -> None:
    async def saved() -> None:
        with suppress(ChatClosed):
            await chat.drain()

    # No `timeout`: in a task that was cancelled, it takes itself for a cancel before Python 3.11.5.
    waiting = asyncio.ensure_future(saved())
    try:
        await asyncio.wait((waiting,), timeout=seconds)
    finally:
        waiting.cancel()


async def _close_and_tell(chat: Chat) -> None:
    try:
        await chat.close(patience=0)
    finally:
        if unsent := chat.unsent:
            log.warning(
                "%s not saved when the chat was closed, beginning with the one in %s: %.60r",
                "One line was" if len(unsent) == 1 else f"{len(unsent):,} lines were",
                unsent[0].room,
                unsent[0].text,
            )
