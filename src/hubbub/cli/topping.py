"""`hubbub top`: how busy the server is, and who costs most."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from hubbub.cli.admin.asking import HERE, Where
from hubbub.cli.failing import Failed

if TYPE_CHECKING:
    from hubbub.terminal.top.model import Snapshot

BETWEEN_SECONDS = 1.0  # two looks, of which one prints what there was between them
PIPED_COLUMNS = 100

Flag = Parameter(negative=(), show_default=False)


def top(
    *,
    once: Annotated[bool, Flag] = False,
    json: Annotated[bool, Flag] = False,
    where: Where = HERE,
) -> None:
    """Watch the server: who is there, what it costs, how quick it is.

    Parameters
    ----------
    once
        Print it once and end; so it is where the output is no terminal.
    json
        Print it once as JSON.
    """
    import asyncio

    folder = where.folder()
    with asyncio.Runner() as runner:
        if json:
            print(runner.run(_whole(folder)))
        elif once or not (sys.stdin.isatty() and sys.stdout.isatty()):
            print(runner.run(_once(folder)))
        else:
            runner.run(_live(folder))


async def _live(folder: Path) -> None:
    from hubbub.terminal.top.screen import Screen, Unanswered

    await _asked(folder)  # what is wrong from the beginning is told in the shell

    async def ask() -> Snapshot:
        try:
            return _decoded(await _asked(folder))
        except Failed as error:
            raise Unanswered(str(error)) from None

    await Screen(ask).run()


async def _once(folder: Path) -> str:
    import shutil

    from hubbub.terminal.top.layout import text_of
    from hubbub.terminal.top.model import History

    history = History()
    for answer in await _twice(folder):
        history.add(_decoded(answer))
    view = history.view()
    assert view is not None, "two were added"
    return text_of(view, shutil.get_terminal_size((PIPED_COLUMNS, 24)).columns)


async def _whole(folder: Path) -> str:
    from hubbub.cli.admin.showing import json_line

    return json_line((await _twice(folder))[-1])


async def _twice(folder: Path) -> tuple[bytes, bytes]:
    import asyncio

    first = await _asked(folder)
    await asyncio.sleep(BETWEEN_SECONDS)
    return first, await _asked(folder)


def _decoded(answer: bytes) -> Snapshot:
    import msgspec

    from hubbub.terminal.top.model import decode

    try:
        return decode(answer)
    except msgspec.DecodeError as error:
        raise Failed(
            f"The server is another version, whose answer is not known: {error}."
        ) from None


async def _asked(folder: Path) -> bytes:
    from hubbub.admin.calling import NotOurs, NotRunning, TaskFailed, ask

    try:
        return await ask(folder, "top", b"{}", lambda progress: None)
    except NotRunning:
        raise Failed(
            f"No server runs on {folder}. Which folder is its data in? --data FOLDER. A server "
            "says it when it starts."
        ) from None
    except NotOurs:
        raise Failed(
            f"The server on {folder} is another user's. Run this as that user, or as root."
        ) from None
    except TaskFailed as error:
        raise Failed(str(error)) from None
