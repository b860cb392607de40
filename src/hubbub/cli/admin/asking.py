"""Has a task done: by the server that runs on the data folder, else on the folder itself."""

from __future__ import annotations

import os
import re
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import App, Parameter

from hubbub.cli.failing import Failed
from hubbub.config import FromEnvironment, FromFile, Settings

if TYPE_CHECKING:
    from hubbub.admin.questions import Progress

WAIT_SECONDS = 10.0  # for a server that starts or stops just now
RETRY_SECONDS = 0.2
MOST_SHOWN_CHARS = 60  # of what a task does now: a line that is wrapped is not overwritten
AFTERMATH_SECONDS = 30.0  # for what follows from a task: a closed account is forgotten in all rooms

BEGINS = frozenset({"add-user", "make-room", "import"})
"""Tasks that may be the first thing that is ever done in a folder."""


@Parameter(name="*")
@dataclass(frozen=True, kw_only=True)
class Where:
    """Which server, and how the answer is shown."""

    data: Annotated[
        Path | None,
        Parameter(
            help="The server's data folder. Without it, it is found as the server finds it: in the "
            "environment, in the settings file, or where it is by default.",
            metavar="FOLDER",
            show_default=False,
        ),
    ] = None
    config: Annotated[
        Path | None,
        Parameter(help="The server's settings file.", metavar="FILE", show_default=False),
    ] = None
    json: Annotated[
        bool,
        Parameter(help="Print the answer as JSON, for a script.", negative=(), show_default=False),
    ] = False

    def settings(self) -> Settings:
        """The settings as a server that is started here would have them."""
        words = []
        if self.data is not None:
            words += ["--data", str(self.data)]
        if self.config is not None:
            words += ["--config", str(self.config)]
        read = App(
            config=(FromEnvironment(os.environ), FromFile()),
            default_command=_itself,
            result_action="return_value",
            exit_on_error=False,
            print_error=False,
        )
        settings: Settings = read(words)
        return settings

    def folder(self) -> Path:
        """The data folder; raises `Failed`."""
        return _folder(self.settings())


HERE = Where()


def _itself(settings: Settings | None = None) -> Settings:
    return settings or Settings()


def _folder(settings: Settings) -> Path:
    if settings.data is None:
        raise Failed("You have no home folder, so say where the data is: --data FOLDER.")
    return settings.data


def ask(where: Where, task: str, /, **arguments: Any) -> Any:
    """What comes of a task, as JSON is in Python. Raises `Failed`.

    Arguments that are None are left out.
    """
    import asyncio

    import msgspec

    given = {name: typed(value) for name, value in arguments.items() if value is not None}
    settings = where.settings()
    asked = msgspec.json.encode(given)
    with asyncio.Runner() as runner:
        answer = runner.run(_ask(settings, _folder(settings), task, asked, teller()))
    return msgspec.json.decode(answer)


def typed(value: Any) -> Any:
    """``value`` with what was typed as UTF-8, whatever the system says that people type.

    Without a locale (as cron has none), or with another one than the terminal's, Python has such
    bytes as halves of signs, which cannot be sent. Raises `Failed` for what is no UTF-8.
    """
    if isinstance(value, dict):
        return {typed(name): typed(one) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [typed(one) for one in value]
    if not isinstance(value, str):
        return value
    try:
        value.encode()
    except UnicodeEncodeError:
        try:
            return os.fsencode(value).decode()
        except UnicodeError:
            raise Failed(f"{value!a} is not written in UTF-8.") from None
    return value


def ask_running(where: Where, task: str, **arguments: object) -> Any:
    """What comes of a task of a server that runs; None if none does. Raises `Failed`."""
    import asyncio

    import msgspec

    from hubbub.admin.calling import NotOurs, NotRunning, TaskFailed
    from hubbub.admin.calling import ask as ask_socket

    folder = where.folder()
    asked = msgspec.json.encode(arguments)
    try:
        return msgspec.json.decode(asyncio.run(ask_socket(folder, task, asked, teller())))
    except NotRunning:
        return None
    except TaskFailed as error:
        raise Failed(str(error)) from None
    except NotOurs:
        raise Failed(_of_another(folder)) from None


async def _ask(
    settings: Settings,
    folder: Path,
    task: str,
    arguments: bytes,
    tell: Callable[[Progress], None],
) -> bytes:
    import asyncio

    from hubbub.admin.calling import NotOurs, NotRunning, TaskFailed
    from hubbub.admin.calling import ask as ask_socket
    from hubbub.storage.errors import FolderInUse, StorageError

    deadline = time.monotonic() + WAIT_SECONDS
    while True:
        try:
            return await ask_socket(folder, task, arguments, tell)
        except TaskFailed as error:
            raise Failed(_in_words(str(error))) from None
        except NotOurs:
            raise Failed(_of_another(folder)) from None
        except NotRunning:
            pass
        try:
            return await _ask_itself(settings, folder, task, arguments, tell)
        except FolderInUse as error:  # it has started since; or it stops, or is about to listen
            if time.monotonic() > deadline:
                raise Failed(f"{error} It takes no questions from hubbub admin.") from None
        except StorageError as error:
            raise Failed(str(error)) from None
        await asyncio.sleep(RETRY_SECONDS)


async def _ask_itself(
    settings: Settings,
    folder: Path,
    task: str,
    arguments: bytes,
    tell: Callable[[Progress], None],
) -> bytes:
    """Does it on the folder, which no server uses. Raises `StorageError`, `Failed`."""
    import asyncio

    from hubbub.admin.running import Administration, encode
    from hubbub.admin.tasks import Desk
    from hubbub.cli.admin.owning import become_owner
    from hubbub.cli.assembling import assembled
    from hubbub.cli.keeping import known_url
    from hubbub.domain.errors import ChatError
    from hubbub.storage.log import DATABASE

    if settings.database:
        raise Failed(
            f"No server runs on the data folder {folder}, and others may use the database: start "
            "this one, or ask one that runs, on its computer."
        )
    try:
        there = (folder / DATABASE).exists()
    except PermissionError:
        raise Failed(_of_another(folder)) from None
    if not there and task not in BEGINS:
        raise Failed(
            f"There is no server's data in {folder}. Which folder is it? --data FOLDER. A server "
            "says it when it starts."
        )
    become_owner(folder)

    async with assembled(settings, folder) as hub:
        try:
            await hub.start()
            desk = Desk(
                hub, settings, folder=folder, url=lambda: known_url(settings, ()), serving=False
            )
            result = await Administration(desk).at_hand(task, arguments, tell)
            if hub.tasks:
                await asyncio.wait(tuple(hub.tasks), timeout=AFTERMATH_SECONDS)
            return encode(result)
        except ChatError as error:
            raise Failed(_in_words(error.message)) from None
        finally:
            await hub.close()
            for one in tuple(hub.tasks):
                one.cancel()


_BOUND = re.compile(r"Expected `(?:int|float|str)`( of length)? (>=|<=) (-?\d+) - at `\$.*?(\w+)`")


_INSTEAD = {
    "Joining it would make it.": "To make it: hubbub admin make-room NAME",
    "To see all of them: /bans": "To see all of them: hubbub admin bans",
}
"""Hints for who chats, and what they are for who is on the command line."""


def _in_words(message: str) -> str:
    """The refusal of an argument that is too small or too large, for who has typed it.

    It speaks of JSON, in which a command is asked for here, but not where it is written.
    """
    for hint, here in _INSTEAD.items():
        message = message.replace(hint, here)
    found = _BOUND.search(message)
    if found is None:
        return message
    length, bound, number, field = found.groups()
    how = "less" if bound == ">=" else "more"
    of = f"{int(number):,} characters" if length else f"{int(number):,}"
    verb = "have" if length else "be"
    return f"{field.replace('_', '-')} cannot {verb} {how} than {of}."


def _of_another(folder: Path) -> str:
    from hubbub import private

    try:
        owner = private.owner(folder.stat())
    except OSError:
        return f"You may not look into {folder}. Only who runs the server may do that."
    return (
        f"{folder} belongs to {owner}, and only {owner} may do that: sudo -u {owner} hubbub admin …"
    )


def teller() -> Callable[[Progress], None]:
    """Shows progress on one line of the terminal, if there is one."""
    if sys.stderr is None or not sys.stderr.isatty():
        return lambda progress: None
    from hubbub.terminal.safe import safe

    def tell(progress: Progress) -> None:
        share = f" {100 * progress.done // progress.of} %" if progress.of else ""
        count = f" {progress.done:,}" if progress.done and not progress.of else ""
        what = safe(progress.what[:MOST_SHOWN_CHARS])
        sys.stderr.write(f"\r\x1b[K{what}{share or count} …\r")
        sys.stderr.flush()

    return tell
