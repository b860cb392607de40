"""A program on the client library that keeps all in a cache, as the terminal client does.

It says lines without end, prints what it was shown and what was saved, and is killed at any
moment. The next run goes on where that one ended. Its arguments: the server's address, the user,
the folder of the cache, and the number of this run. After SIGTERM it says no more, and ends when
all is saved and shown.
"""

from __future__ import annotations

import asyncio
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

from hubbub.client import Address, Connected, Happened, NameRefused, Resume, RoomReset
from hubbub.client.backoff import Backoff
from hubbub.client.cache import Bounds, Cache
from hubbub.client.chat import Chat
from hubbub.client.line import Line

ROOM = "General"
WAITING = 10  # lines at once
PAUSE_SECONDS = 0.002  # so that the log of a thousand runs can be read in the end


def main(arguments: Sequence[str]) -> None:
    """See above."""
    address, user, folder, run = arguments
    asyncio.run(talk(Address.parse(address), user, Path(folder), int(run)))


def tell(*words: object) -> None:
    """Prints at once: after this it was shown."""
    sys.stdout.write(" ".join(map(str, words)) + "\n")
    sys.stdout.flush()


class Talker:
    """One run."""

    def __init__(self, chat: Chat, cache: Cache, user: str, run: int) -> None:
        self.chat = chat
        self.cache = cache
        self.user = user
        self.run = run
        self.number = 0
        self.talking = True

    async def take(self) -> None:
        """Takes updates: first what is new is kept, then it is shown."""
        async for update in self.chat:
            match update:
                case Connected(log=log):
                    self.cache.log = log
                    self.keep()
                case Happened(room=room, event=event):
                    self.cache.add(room, [event])
                    tell("shown", event.seq, event.by, getattr(event, "text", ""))
                case RoomReset() | NameRefused():
                    tell("wrong", update)

    def keep(self) -> None:
        self.cache.keep_resume(self.chat.resume())

    def watch(self, line: Line) -> None:
        """Tells when a line is saved, of this run or of one that was killed."""

        def settled() -> None:
            self.cache.keep_lines(self.chat.resume().unsent)
            if line.ack is None:
                tell("wrong", line.error)
            else:
                tell("saved", line.ack.seq, self.user, line.text)

        line.result.then(settled)

    async def say(self) -> None:
        """Says lines until it is told to end."""
        while self.talking:
            text = f"{self.user} {self.run} {self.number}"
            line = self.chat.send(ROOM, text)
            self.cache.keep_lines(self.chat.resume().unsent)
            tell("said", 0, self.user, text)
            self.watch(line)
            self.number += 1
            await asyncio.sleep(PAUSE_SECONDS)
            await self.chat.drain(below=WAITING)


async def talk(address: Address, user: str, folder: Path, run: int) -> None:
    cache = Cache.open(address, folder, bounds=Bounds(events=10**9))
    assert cache.problem is None, cache.problem
    resume = cache.resume(user) or Resume(log=cache.log)
    chat = Chat(address, resume=resume, persistent=True, backoff=Backoff(lambda low, high: 0.05))
    talker = Talker(chat, cache, user, run)
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop, talker)
    await chat.start(None)
    for line in chat.unsent:
        talker.watch(line)
    taking = asyncio.create_task(talker.take())
    await chat.hello(user)
    talker.keep()
    if ROOM not in resume.cursors:
        span = cache.span(ROOM)
        await chat.join(ROOM, after=span[1] if span else None)
        talker.keep()
    tell("here", 0, user)
    await talker.say()
    await chat.drain()
    await chat.ping()  # all that was for us is here
    while chat.has_updates:  # noqa: ASYNC110 - the other task takes them
        await asyncio.sleep(0)
    talker.keep()
    events = cache.page(ROOM, limit=10**9).events
    for event in events:
        tell("kept", event.seq, event.by, getattr(event, "text", ""))
    taking.cancel()
    cache.close()


def stop(talker: Talker) -> None:
    talker.talking = False
