"""What commands for scripts have in common: who they are, and how they begin and end."""

from __future__ import annotations

import asyncio
import contextlib
import getpass
import logging
import os
import sys
from collections.abc import AsyncIterator, Coroutine

from msgspec import Struct

from hubbub.client import (
    Address,
    Chat,
    ChatClosed,
    ChatError,
    ChatFailed,
    Disconnected,
    Resume,
    Unreachable,
)
from hubbub.client.cache import Cache
from hubbub.domain.errors import InvalidName, NameTaken
from hubbub.domain.names import MAX_USER_CHARS, UserName
from hubbub.terminal.running import complain

USER_VARIABLE = "HUBBUB_USER"

NEIGHBOUR_SECONDS = 0.2  # for another client of ours, which has the name, to write down its token,
NEIGHBOUR_TRIES = 6  # or to be done: scripts of one name may run at the same moment
NOTE_SECONDS = 1.0  # after which a person at the terminal is told what we wait for


class Failure(Exception):
    """Why a command cannot do its work; the message is for the person who gave it."""


class Who(Struct, frozen=True):
    """The name a script goes by. ``chosen``: somebody said so, and no other one will do."""

    name: UserName
    chosen: bool

    @classmethod
    def of(cls, given: str | None, address: Address) -> Who:
        """Who was named on the command line, in the address or in ``$HUBBUB_USER``; else the user
        of this computer. Raises `InvalidName`.
        """
        chosen = given or address.user or os.environ.get(USER_VARIABLE)
        if chosen:
            return cls(UserName.parse(chosen), True)
        try:
            return cls(UserName.parse(getpass.getuser()), False)
        except (OSError, KeyError, ImportError):  # which one, depends on Python and the system
            pass
        except InvalidName as error:
            if error.suggestion is not None:
                return cls(UserName.parse(error.suggestion), False)
        raise InvalidName("This computer does not say who you are: give a name with --user.")


@contextlib.asynccontextmanager
async def chat_as(
    who: Who, address: Address, *, ending: str, patience: float | None = None
) -> AsyncIterator[Chat]:
    """A chat with the server, which knows us by then.

    If another client of ours has the name, we are the same user, by the token in its cache. If
    somebody else has it and nobody chose it, the name with ``ending`` is tried. ``patience`` is how
    many seconds a server that is not there is waited for; None: not at all. At the end the name is
    freed, and what is not saved by then is not sent any more.

    Raises `Failure`, also for each `ChatError` and `ChatClosed` that is raised inside.
    """
    # Only the tokens are of interest here: no script has to be told that they cannot be kept.
    logging.getLogger("hubbub.client").addHandler(logging.NullHandler())
    with Cache.open(address) as cache:
        async with contextlib.AsyncExitStack() as stack:
            try:
                chat = await _introduced(stack, who, address, cache, ending, patience)
                now = chat.resume()
                if now.user is not None and now.token is not None:
                    cache.keep_token(now.user, now.token)
                yield chat
            except (ChatError, Unreachable, ChatClosed) as error:
                raise Failure(str(error)) from error


async def be_another(chat: Chat, who: Who, ending: str, taken: ChatError) -> bool:
    """Takes a name near that of ``who``, which somebody else has; whether that went well.

    It does not if the name was chosen: nobody may speak, or be, under another one then.
    """
    near = f"{who.name[: MAX_USER_CHARS - len(ending)]}{ending}"
    for other in () if who.chosen else (near, taken.suggestion or ""):
        with contextlib.suppress(InvalidName, NameTaken):
            await chat.hello(other)
            return True
    return False


def remark(line: str) -> None:
    """Tells a person at a terminal what is going on; scripts are not bothered."""
    if sys.stderr is not None and sys.stderr.isatty():
        complain(line)


@contextlib.asynccontextmanager
async def meanwhile(work: Coroutine[None, None, None]) -> AsyncIterator[None]:
    """Runs ``work`` beside the block, and ends it with the block.

    An error of ``work`` ends the block, and is raised.
    """
    owner = asyncio.current_task()
    assert owner is not None
    inside, interrupted = True, False

    def ended(task: asyncio.Task[None]) -> None:
        nonlocal interrupted
        if inside and not task.cancelled() and task.exception() is not None:
            interrupted = True
            owner.cancel()

    task = asyncio.create_task(work)
    task.add_done_callback(ended)
    try:
        yield
    except asyncio.CancelledError:
        if not interrupted or owner.uncancel() > 0:
            raise
    finally:
        inside = False
        task.cancel()
        await asyncio.wait((task,))
        if not task.cancelled() and (defect := task.exception()):
            raise defect


async def _close(chat: Chat) -> None:
    with contextlib.suppress(ChatFailed):  # whoever waited for something has heard of it
        await chat.close(patience=0)


async def _introduced(
    stack: contextlib.AsyncExitStack,
    who: Who,
    address: Address,
    cache: Cache,
    ending: str,
    patience: float | None,
) -> Chat:
    """A chat that has said hello; it is closed with the stack."""
    refusals = 0
    while True:
        resume = Resume(user=who.name, token=cache.token(who.name))
        chat = Chat(address, resume=resume, persistent=patience is not None)
        stack.push_async_callback(_close, chat)
        await chat.start(None)
        try:
            await _patiently(chat, chat.hello(who.name), patience)
            return chat
        except NameTaken as taken:
            refusals += 1
            if refusals > 1 and await be_another(chat, who, ending, taken):
                return chat
            if refusals == NEIGHBOUR_TRIES:
                raise
        await _close(chat)
        await asyncio.sleep(NEIGHBOUR_SECONDS)


async def _patiently(chat: Chat, hello: Coroutine[None, None, str], patience: float | None) -> None:
    """Waits so long for ``hello``; a person is told what we wait for."""
    task = asyncio.create_task(hello)
    try:
        if patience is not None and patience > NOTE_SECONDS:
            await asyncio.wait((task,), timeout=NOTE_SECONDS)
            patience -= NOTE_SECONDS
            if not task.done():
                remark(f"{await _trouble(chat)} Trying for {patience + NOTE_SECONDS:g} seconds.")
        await asyncio.wait((task,), timeout=patience)
        if not task.done():
            raise Failure(await _trouble(chat))
        task.result()
    finally:
        task.cancel()
        await asyncio.wait((task,))


async def _trouble(chat: Chat) -> str:
    """Why there is no connection yet."""
    trouble = "The server does not answer."
    while chat.has_updates:
        update = await anext(chat)
        if isinstance(update, Disconnected):
            trouble = update.reason
    return trouble
