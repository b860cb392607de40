"""The life of a chat: the task that runs its connections, from the first one to the end."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable

from hubbub.client.connection import Connection
from hubbub.client.errors import ChatClosed, ChatFailed
from hubbub.client.inbox import Inbox
from hubbub.client.protocol import Protocol
from hubbub.client.session import Session

BYE_SECONDS = 0.8  # for the server's goodbye; texts that were sent before are on their way anyway


class Lifetime:
    """``closed``: the chat has ended or is ending. ``failure``: the error that ended it, if any."""

    def __init__(self, session: Session, protocol: Protocol, inbox: Inbox) -> None:
        self.closed = False
        self.failure: ChatFailed | None = None
        self._session = session
        self._protocol = protocol
        self._inbox = inbox
        self._task: asyncio.Task[None] | None = None

    def check_open(self) -> None:
        """Raises `ChatClosed` when the chat is over; `ChatFailed` if an error has ended it."""
        if self.closed:
            raise self.failure or ChatClosed("The chat was closed.")

    async def begin(self, connection: Connection | None) -> None:
        """Starts the task, with a first connection if there is one already."""
        self._task = asyncio.create_task(self._run(connection))
        # A task that is cancelled before its first step never closes what it was given.
        await asyncio.sleep(0)

    async def end(self, drain: Callable[[], Awaitable[None]], patience: float) -> None:
        """Says goodbye and ends the task, after ``drain`` or ``patience`` seconds.

        Raises `ChatFailed` if that is how the chat has ended.
        """
        if self.closed and self.failure is None:
            return
        task = self._task
        try:
            if self._protocol.online and patience > 0:
                with contextlib.suppress(TimeoutError, ChatClosed):
                    async with asyncio.timeout(patience):
                        await drain()
            self.closed = True
            if self._protocol.online and task is not None:
                self._session.end()
                await asyncio.wait((task,), timeout=BYE_SECONDS)
        finally:
            self.closed = True
            if task is not None:
                if not task.done():
                    self._session.abandon()
                task.cancel()
                await asyncio.wait((task,))
        if self.failure is not None:
            raise self.failure

    async def _run(self, connection: Connection | None) -> None:
        """Runs the session. However it ends, all who wait for something are given an error."""
        try:
            await self._session.run(connection)
        except asyncio.CancelledError:
            raise
        except BaseException as error:
            self.failure = ChatFailed(error)
            if isinstance(error, (SystemExit, KeyboardInterrupt)):
                raise
        finally:
            self.closed = True
            end = self.failure or ChatClosed("The chat was closed.")
            self._session.give_up(end)
            self._protocol.close(end)
            self._inbox.end(self.failure)
