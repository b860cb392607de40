"""Runs a transcript: who types what, and what each of them then sees, line by line.

    ada → Alice                   ada types it
    ada ← Available rooms:        and this is the next line that she sees
    ada ← (nothing more)          her connection is over
    ada ⇇ one | another           she sees these two, in any order
    ada ✂                         her connection is cut
    ada ↺                         and she comes back, from where she was
    ada ⏏                         she types no more, and still looks (the end of a pipe)

A person comes in with their first line. Times are written […].
"""

from __future__ import annotations

import asyncio
import contextlib

from tests.patience import PATIENCE_SECONDS
from tests.scenarios.voices import VOICES, Place, Voice

THE_END = "(nothing more)"


MAYBE_YOU = "maybe by you on another device. It will be free after signing out there."


async def perform(server: Place, script: str, **speaks: str) -> None:
    """Plays ``script``; ``speaks`` says how each person talks (a key of `VOICES`)."""
    voices: dict[str, Voice] = {}
    async with contextlib.AsyncExitStack() as stack:
        for step in filter(None, map(str.strip, script.splitlines())):
            name, arrow, text = f"{step} ".split(" ", 2)
            if name not in voices:
                voices[name] = await VOICES[speaks[name]].connect(server)
                stack.push_async_callback(voices[name].close)
            if arrow == "→":
                await voices[name].say(text.strip())
                continue
            if arrow == "✂":
                await voices[name].cut()
                continue
            if arrow == "↺":
                await voices[name].come_back(server)
                continue
            if arrow == "⏏":
                await voices[name].end_input()
                continue
            if arrow == "⇇":
                lines = sorted(map(str.strip, text.split("|")))
                async with asyncio.timeout(PATIENCE_SECONDS):
                    told = sorted([(await voices[name].hear()).strip() for _ in lines])
                assert told == lines, f"{step!r}, but {name} saw {told!r}"
                continue
            assert arrow == "←", step
            async with asyncio.timeout(PATIENCE_SECONDS):
                heard = await voices[name].hear()
            expected = "" if text.strip() == THE_END else text.strip()
            assert heard.strip() == expected, f"{step!r}, but {name} saw {heard!r}"
