"""What the commands for scripts have in common: their user name, their start and their end."""

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
from hubbub.client.trust import Trust
from hubbub.domain.errors import InvalidName, NameTaken, NeedPassword
from hubbub.domain.names import MAX_USER_CHARS, RoomName, UserName
from hubbub.terminal.passwords import NO_PASSWORD
from hubbub.terminal.running import complain

USER_VARIABLE = "HUBBUB_USER"

RETRY_SECONDS = 0.2  # for another client of ours with the same name to save its token, or to end
RETRIES = 6  # scripts with one name may run at the same moment
NOTE_SECONDS = 1.0  # of waiting, before a person at the terminal is told the reason


Place = RoomName | tuple[UserName, ...]
"""A room, or the people of a direct conversation."""


class Failure(Exception):
    """A command cannot do its work; the message tells the person why."""


class Who(Struct, frozen=True):
    """A script's user name. ``chosen``: it was given explicitly, and no other one may be used.

    ``password``: of the account of that name, if it has one.
    """

    name: UserName
    chosen: bool
    password: str | None = None

    @classmethod
    def of(cls, given: str | None, address: Address, password: str | None = None) -> Who:
        """The name from the command line, the address or ``$HUBBUB_USER``; otherwise that of the
        user of this computer. Raises `InvalidName`.
        """
        chosen = given or address.user or os.environ.get(USER_VARIABLE)
        if chosen:
            return cls(UserName.parse(chosen), True, password)
        try:
            return cls(UserName.parse(getpass.getuser()), False)
        except (OSError, KeyError, ImportError):  # depending on Python and the system
            pass
        except InvalidName as error:
            if error.suggestion is not None:
                return cls(UserName.parse(error.suggestion), False)
        raise InvalidName("This computer does not say who you are: give a name with --user.")


@contextlib.asynccontextmanager
async def chat_as(
    who: Who,
    address: Address,
    *,
    ending: str,
    patience: float | None = None,
    trust: Trust | None = None,
) -> AsyncIterator[Chat]:
    """A chat with the server, which has accepted our name.

    If another client of ours has the name, its cached token makes us the same user. If somebody
    else has it, and it was not chosen, the name with ``ending`` is tried. ``patience`` is how many
    seconds to wait for a server that cannot be reached; None: not at all. ``trust``: which servers
    are known; nobody is asked for another one. At the end the name is
    freed, and unsaved lines are dropped.

    Raises `Failure`, also for each `ChatError` and `ChatClosed` that is raised inside.
    """
    # The cache is used for tokens only: that it cannot be written is not worth a warning.
    logging.getLogger("hubbub.client").addHandler(logging.NullHandler())
    with Cache.open(address) as cache:
        async with contextlib.AsyncExitStack() as stack:
            try:
                chat = await _introduced(stack, who, address, cache, ending, patience, trust)
                now = chat.resume()
                if now.user is not None and now.token is not None:
                    cache.keep_token(now.user, now.token)
                yield chat
            except (ChatError, Unreachable, ChatClosed) as error:
                raise Failure(str(error)) from error


async def be_another(chat: Chat, who: Who, ending: str, taken: ChatError) -> bool:
    """Takes a name similar to ``who``, whose name is taken; whether that succeeded.

    A chosen name is never replaced.
    """
    near = f"{who.name[: MAX_USER_CHARS - len(ending)]}{ending}"
    for other in () if who.chosen else (near, taken.suggestion or ""):
        with contextlib.suppress(InvalidName, NameTaken, NeedPassword):
            await chat.hello(other)
            return True
    return False


def remark(line: str) -> None:
    """Prints a remark for a person at a terminal; scripts do not get any."""
    if sys.stderr is not None and sys.stderr.isatty():
        complain(line)


@contextlib.asynccontextmanager
async def meanwhile(work: Coroutine[None, None, None]) -> AsyncIterator[None]:
    """Runs ``work`` concurrently with the block, and cancels it at the block's end.

    An error of ``work`` cancels the block, and is raised.
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


async def place_of(chat: Chat, place: Place) -> RoomName:
    """The room to speak in or to read: for people, their direct conversation, which is entered.

    Raises `NoSuchUser` and other refusals.
    """
    if isinstance(place, RoomName):
        return place
    return RoomName.parse((await chat.direct(*place)).room)


async def _close(chat: Chat) -> None:
    with contextlib.suppress(ChatFailed):  # raised by a call of the chat before
        await chat.close(patience=0)


async def _introduced(
    stack: contextlib.AsyncExitStack,
    who: Who,
    address: Address,
    cache: Cache,
    ending: str,
    patience: float | None,
    trust: Trust | None,
) -> Chat:
    """A chat whose name the server has accepted; the stack closes it."""
    refusals = 0
    while True:
        resume = Resume(user=who.name, token=cache.token(who.name))
        chat = Chat(address, resume=resume, persistent=patience is not None, trust=trust)
        stack.push_async_callback(_close, chat)
        await chat.start(None)
        try:
            await _patiently(chat, chat.hello(who.name, password=who.password), patience)
            return chat
        except NeedPassword as refused:
            # The name of the computer's user may be anybody's account here: then another will do.
            if await be_another(chat, who, ending, refused):
                return chat
            raise Failure(f"{refused} {NO_PASSWORD}") from None
        except NameTaken as taken:
            refusals += 1
            if refusals > 1 and await be_another(chat, who, ending, taken):
                return chat
            if refusals == RETRIES:
                raise
        await _close(chat)
        await asyncio.sleep(RETRY_SECONDS)


async def _patiently(chat: Chat, hello: Coroutine[None, None, str], patience: float | None) -> None:
    """Waits for ``hello``, at most ``patience`` seconds; tells a person what it waits for."""
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
