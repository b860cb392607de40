"""Files that a person sends, and pictures that they want to see: the same in both clients."""

from __future__ import annotations

import asyncio
import os
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple, Protocol

import hubbub
from hubbub.client.errors import Unreachable
from hubbub.domain.errors import BadMessage, ChatError
from hubbub.domain.filenames import spoken_size
from hubbub.domain.files import MAX_FILES, File
from hubbub.domain.kinds import is_message
from hubbub.domain.replies import Ack, Page
from hubbub.terminal.draw import cell_size, way
from hubbub.terminal.paths import paths
from hubbub.terminal.safe import safe

ROOT = str(Path(hubbub.__file__).resolve().parent.parent)
LOOKED_AT = 100  # messages, for a file
DRAW_SECONDS = 15.0
AGAIN_SECONDS = 0.5  # between two reports of how far it is
NO_PICTURE = "There is no picture here that could be shown."


class FilesPort(Protocol):
    """Files of a chat: `hubbub.client.attachments.Attachments`."""

    async def upload(
        self, path: Path, *, told: Callable[[int, int], None] | None = None
    ) -> File: ...
    async def link(self, file: File) -> str: ...
    async def link_to(self, path: str) -> str: ...
    async def thumbnail(self, file: File) -> bytes: ...


class SayingPort(Protocol):
    """A chat that says texts with files: `hubbub.client.Chat`."""

    @property
    def attachments(self) -> FilesPort: ...
    async def say(
        self, room: str, text: str, *, reply_to: int | None = None, files: Sequence[str] = ()
    ) -> Ack: ...
    async def timeline(self, room: str, *, limit: int = 50) -> Page: ...


async def send_files(
    chat: SayingPort,
    room: str,
    typed: str,
    told: Callable[[str], None],
    *,
    reply_to: int | None = None,
) -> None:
    """Uploads the files whose paths were typed, and says them as one message.

    ``told`` shows how far that is. Raises what `Attachments.upload` and `Chat.say` raise, with
    what to do, and `BadMessage` for files that cannot be sent.
    """
    wanted = await asyncio.to_thread(_readable, typed)
    ids: list[str] = []
    for path in wanted:
        try:
            file = await chat.attachments.upload(path, told=_progress(path, told))
        except (ChatError, Unreachable) as error:
            raise BadMessage(f"{safe(path.name)} was not sent. {error} {_again(typed)}") from error
        except OSError as error:
            raise BadMessage(_unreadable(path, error)) from error
        ids.append(file.id)
    await chat.say(room, "", reply_to=reply_to, files=ids)


async def newest_file(chat: SayingPort, room: str, name: str = "") -> File:
    """The newest picture in a room, or by ``name``; the newest file, if there is no picture.

    Raises `BadMessage` if there is neither, and what `Chat.timeline` raises.
    """
    key = name.removeprefix("@").casefold()
    page = await chat.timeline(room, limit=LOOKED_AT)
    files = [
        file
        for said in reversed(page.events)
        if is_message(said) and (not key or said.by.casefold() == key)
        for file in said.files
    ]
    found = next((file for file in files if file.thumbnail), next(iter(files), None))
    if found is None:
        who = f"{safe(name)} has sent no" if name else "Nobody has sent a"
        raise BadMessage(f"{who} file here lately.")
    return found


class Drawn(NamedTuple):
    """A picture as a terminal is sent it: of so many columns and rows, by which way."""

    how: str
    columns: int
    rows: int
    sequence: str

    @property
    def below(self) -> str:
        """The sequence, which leaves the cursor behind it, at the beginning of a row."""
        if self.how == "kitty":  # which leaves the cursor where it is: room is made for it first
            return f"{chr(10) * self.rows}\x1b[{self.rows}A{self.sequence}\x1b[{self.rows}B\r"
        return self.sequence


async def drawn(picture: bytes, columns: int, rows: int) -> Drawn:
    """A picture, drawn by a process of its own, in at most so many columns and rows.

    Raises `BadMessage` if it cannot be drawn.
    """
    how = way(os.environ)
    wide, high = cell_size()
    file, name = tempfile.mkstemp(suffix=".webp")
    try:
        with os.fdopen(file, "wb") as out:
            out.write(picture)
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-P", "-m", "hubbub.terminal.draw", name, how),
            *(str(columns), str(rows)),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
            env={
                **os.environ,
                "PYTHONPATH": ROOT,
                "PYTHONUTF8": "1",
                "HUBBUB_CELL": f"{wide}x{high}",
                "TEXTUAL_CELL_WIDTH": str(wide),
                "TEXTUAL_CELL_HEIGHT": str(high),
            },
            start_new_session=True,
        )
        try:
            async with asyncio.timeout(DRAW_SECONDS):
                said, _ = await process.communicate()
        finally:
            if process.returncode is None:
                process.kill()
        size, _, sequence = said.decode(errors="replace").partition("\n")
        wide, high = map(int, size.split())
    except (OSError, TimeoutError, ValueError) as error:
        raise BadMessage(NO_PICTURE) from error
    finally:
        os.unlink(name)  # noqa: PTH108 - it is as quick
    return Drawn(how, min(wide, columns), min(high, rows), sequence)


def _readable(typed: str) -> list[Path]:
    found = paths(typed)
    if len(found) > MAX_FILES:
        raise BadMessage(
            f"A message may bring {MAX_FILES} files. Send the others with another one."
        )
    for path in found:
        try:
            if not path.is_file():
                why = "is a folder" if path.is_dir() else "is not there"
                several = " A name with spaces in it stands in quotes." if len(found) > 1 else ""
                raise BadMessage(f"{safe(path.name)} {why}. Nothing was sent.{several}")
            path.open("rb").close()
        except OSError as error:
            raise BadMessage(_unreadable(path, error)) from error
    return found


def _unreadable(path: Path, error: OSError) -> str:
    return f"{safe(path.name)} cannot be read: {error.strerror or error}. Nothing was sent."


def _again(typed: str) -> str:
    return f"To try again: /send {typed}"


def _progress(path: Path, told: Callable[[str], None]) -> Callable[[int, int], None]:
    last = 0.0

    def tell(done: int, size: int) -> None:
        nonlocal last
        now = time.monotonic()
        if now - last >= AGAIN_SECONDS:
            last = now
            told(
                f"Sending {safe(path.name)}: {100 * done // max(size, 1)} % of {spoken_size(size)}"
            )

    return tell
