"""Starts the plain client: chooses the console, connects, and closes the chat at the end."""

from __future__ import annotations

import asyncio
import contextlib
import sys
from typing import TYPE_CHECKING

from msgspec.structs import replace

from hubbub.client import (
    Address,
    CertificateChanged,
    Chat,
    ChatError,
    NeedPassword,
    UnknownCertificate,
    Unreachable,
    connect,
)
from hubbub.client.trust import Trust
from hubbub.terminal.choice import on_terminal, only_goes_forward
from hubbub.terminal.hangup import is_gone, until_gone
from hubbub.terminal.passwords import NO_PASSWORD, given_password
from hubbub.terminal.plain.accounts import Draw
from hubbub.terminal.plain.asking import Leave
from hubbub.terminal.plain.console import Console
from hubbub.terminal.plain.dialogue import SAVE_SECONDS, Dialogue, LetOut
from hubbub.terminal.plain.pipe import DumbConsole, PipeConsole
from hubbub.terminal.running import FAILED
from hubbub.terminal.running import run as run_to_its_end
from hubbub.terminal.safe import safe
from hubbub.terminal.signalled import HUNG_UP

if TYPE_CHECKING:
    from hubbub.client.cache import Cache

EXIT_SECONDS = 5.0  # as `SAVE_SECONDS`, for a person who leaves
NOTICED_SECONDS = 0.5  # after an error, for the terminal to report that it was closed


def _undrawn(text: str) -> list[str]:
    return []


def main(
    address: Address,
    user: str | None = None,
    room: str | None = None,
    *,
    draw: Draw = _undrawn,
    trust: Trust | None = None,
) -> int:
    """Chats until the person leaves; the exit code. ``draw`` makes a QR code of a text; ``trust``:
    which servers are known.

    0: all texts are saved. 1: not all, or the server could not be reached.
    """
    return run_to_its_end(_main(address, user, room, draw, trust))


async def run(
    address: Address,
    user: str | None,
    room: str | None,
    console: Console,
    cache: Cache | None = None,
    password: str | None = None,
    draw: Draw = _undrawn,
    trust: Trust | None = None,
) -> int:
    """As `main`, with a given console; ``cache`` keeps the read markers, and an account's token."""
    try:
        # Without the user: the dialogue introduces us, and asks again for a refused name.
        async with connect(replace(address, user=None), trust=trust) as chat:
            try:
                dialogue = Dialogue(chat, console, cache=cache, draw=draw)
                return await _chat(chat, (user, password), room, console, dialogue)
            finally:  # the dialogue has waited for unsaved lines, and listed those that remain
                await chat.close(patience=0)
    except (CertificateChanged, UnknownCertificate) as error:
        await console.warn([safe(str(error))])
        return FAILED
    except Unreachable as error:
        await console.warn([safe(str(error)), _what_to_do(address)])
        return FAILED


async def _chat(
    chat: Chat,
    who: tuple[str | None, str | None],
    room: str | None,
    console: Console,
    dialogue: Dialogue,
) -> int:
    code = FAILED
    try:
        async with asyncio.TaskGroup() as tasks:
            others = [
                tasks.create_task(dialogue.listen()),
                tasks.create_task(dialogue.report_refusals()),
                tasks.create_task(dialogue.until_let_out()),
            ]
            code = await _converse(dialogue, who, room, console)
            for task in others:
                task.cancel()
    except* (BrokenPipeError, LetOut):
        code = FAILED  # the reader of our output has ended, or the server our login
    finally:
        with contextlib.suppress(OSError):
            await dialogue.list_unsaved()
    not_all_said = bool(dialogue.refused) and not console.interactive
    return FAILED if chat.unsent or not_all_said else code


async def _converse(
    dialogue: Dialogue, who: tuple[str | None, str | None], room: str | None, console: Console
) -> int:
    try:
        await dialogue.introduce(*who)
        await dialogue.choose_room(room)
    except Leave:
        if console.interactive:
            return 0
        await console.warn(
            ["The input ended too early: its first line is your name, its second one the room."]
        )
        return FAILED
    except (ChatError, Unreachable) as error:
        hint = [NO_PASSWORD] if isinstance(error, NeedPassword) else []
        await console.warn([safe(str(error)), *hint])
        return FAILED
    await dialogue.talk()
    await dialogue.finish(EXIT_SECONDS if console.interactive else SAVE_SECONDS)
    return 0


def _what_to_do(address: Address) -> str:
    if address.host in ("127.0.0.1", "::1", "localhost"):
        return "Is the server running? Start it with: python server.py"
    return "Is the server running there, and is the address right?"


async def _main(
    address: Address, user: str | None, room: str | None, draw: Draw, trust: Trust | None
) -> int:
    console = _console()
    password = given_password(None)
    if not on_terminal():
        return await run(address, user, room, console, None, password, draw, trust)
    code = HUNG_UP
    with until_gone(sys.stdout.fileno()) as gone:
        try:
            # Imported here: a pipe needs no cache.
            from hubbub.client.cache import Cache

            with Cache.open(address) as cache:
                code = await run(address, user, room, console, cache, password, draw, trust)
        except Exception:
            # A closed terminal causes errors in many places, perhaps before it is noticed.
            if not (gone() or is_gone(sys.stdout.fileno(), within=NOTICED_SECONDS)):
                raise
    return HUNG_UP if gone() else code


def _console() -> Console:
    if not on_terminal():
        return PipeConsole(sys.stdin.fileno(), sys.stdout.fileno(), sys.stderr.fileno())
    if only_goes_forward():
        return DumbConsole(sys.stdin.fileno(), sys.stdout.fileno())
    # Imported here: it loads slowly, and a pipe does not need it.
    from hubbub.terminal.plain.editor import EditorConsole

    return EditorConsole()
